//! Whom a segment can reach.

use super::{Attempt, BOTH, Group, Must, World};

/// Dropped, or no way there.
const NO_WAY: &[i32] = &[libc::ETIMEDOUT, libc::ENETUNREACH, libc::EHOSTUNREACH];

pub fn add(world: &World, all: &mut Vec<Attempt>) {
    let mut group = Group("The network (C15, J1, L1, L2)", all);
    let gateway = &world.gateway;
    let to = |address: &str, port: u16| format!("connect {address}:{port}");
    let works = [
        ("its discovery port", to(gateway, world.discovery_port)),
        ("DNS at its gateway", to(gateway, 53)),
        ("the internet", to(&world.internet, 80)),
    ];
    for (what, line) in works {
        group.add(BOTH, &format!("reach {what}"), &line, Must::Work);
    }
    let (port, others) = (world.open_port, &world.neighbour_gateway);
    let mut refused = vec![
        ("the host's SSH at its gateway".to_owned(), to(gateway, 22)),
        ("the panel at its gateway".to_owned(), to(gateway, port)),
        ("libvirt at its gateway".to_owned(), to(gateway, 16_509)),
        (
            "another cluster's agent".to_owned(),
            to(&world.neighbour, 42_376),
        ),
        (
            "another cluster's manager".to_owned(),
            to(&world.neighbour, 2376),
        ),
        ("another cluster's gateway".to_owned(), to(others, 53)),
        (
            "the panel at another cluster's gateway".to_owned(),
            to(others, port),
        ),
        (
            "discovery at another cluster's gateway".to_owned(),
            to(others, world.discovery_port),
        ),
        ("the host's own network".to_owned(), to(&world.private, 80)),
        ("a cloud's metadata".to_owned(), to("169.254.169.254", 80)),
        ("Azure's metadata".to_owned(), to("168.63.129.16", 80)),
        ("Alibaba's metadata".to_owned(), to("100.100.100.200", 80)),
    ];
    for (number, address) in world.host_addresses.iter().enumerate() {
        let number = number + 1;
        refused.push((
            format!("the panel at the host's address {number}"),
            to(address, port),
        ));
        refused.push((
            format!("the host's address {number} by UDP"),
            format!("datagram {address}:{port}"),
        ));
    }
    for (what, line) in refused {
        group.add(BOTH, &format!("reach {what}"), &line, Must::Fail(NO_WAY));
    }
}
