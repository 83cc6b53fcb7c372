//! A manager as people of classic Swarm start it: flags, lists of engines, no cluster of Carina's.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::lab::{Lab, Plain, Relay};

const SOON: Duration = Duration::from_secs(20);

pub fn ranges_name_engines(lab: &mut Lab) {
    let first = Relay::start_at(
        (Ipv4Addr::new(127, 0, 0, 2), 0).into(),
        lab.nodes[0].socket(),
    );
    let port = first.address.port();
    let more: Vec<Relay> = [3, 4]
        .iter()
        .zip(&lab.nodes[1..])
        .map(|(last, node)| {
            let address = (Ipv4Addr::new(127, 0, 0, *last), port);
            Relay::start_at(address.into(), node.socket())
        })
        .collect();
    for list in [
        format!("nodes://127.0.0.[2:4]:{port}"),
        format!("127.0.0.[2:4]:{port}"),
        format!("127.0.0.[2:3]:{port},{}", more[1].address),
    ] {
        let plain = lab.plain(&[], &list);
        plain.wait_status("Healthy", 3);
        let info = plain.ok(&["info"]);
        assert!(info.contains("Nodes: 3"), "{info}");
        for relay in more.iter().chain([&first]) {
            assert!(info.contains(&relay.address.to_string()), "{info}");
        }
        let listed = lab.swarm(&["list", &list]);
        assert_eq!(listed.out.lines().count(), 3, "{}", listed.err);
    }
    for wrong in ["127.0.0.[4:2]:1", "nodes://127.0.0.[2:x]:1"] {
        let said = lab.swarm(&["manage", wrong]);
        assert!(!said.ok && said.err.contains("invalid"), "{}", said.err);
    }
}

/// The whole answer to a request without a body.
fn asked(plain: &Plain, request: &str, headers: &str) -> String {
    let address = plain.host.trim_start_matches("tcp://");
    let mut stream = TcpStream::connect(address).expect("a manager");
    stream.set_read_timeout(Some(SOON)).expect("a limit");
    let head = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).expect("it takes it");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.to_ascii_lowercase()
}

pub fn pages_of_others_may_ask_when_told_so(lab: &mut Lab) {
    let relay = [lab.relay(0)];
    let discovery = crate::lab::nodes_url(&relay);
    let origin = "Origin: https://elsewhere.example\r\n";
    let allowed = "access-control-allow-origin: *\r\n";
    for flags in [&["--cors"][..], &["--api-enable-cors"]] {
        let plain = lab.plain(flags, &discovery);
        let version = asked(&plain, "GET /version", origin);
        assert!(
            version.starts_with("http/1.1 20") && version.contains(allowed),
            "{version}"
        );
        let preflight = format!("{origin}Access-Control-Request-Method: DELETE\r\n");
        let options = asked(&plain, "OPTIONS /containers/x", &preflight);
        assert!(
            options.starts_with("http/1.1 20") && options.contains(allowed),
            "{options}"
        );
        assert!(options.contains("access-control-allow-methods: head, get, post, delete, put"));
        // A refusal is a page's to read as well.
        let missing = asked(&plain, "GET /containers/none/json", origin);
        assert!(
            missing.starts_with("http/1.1 404") && missing.contains(allowed),
            "{missing}"
        );
    }
    let plain = lab.plain(&[], &discovery);
    for request in ["GET /version", "OPTIONS /containers/x"] {
        let answer = asked(&plain, request, origin);
        assert!(!answer.contains("access-control"), "{answer}");
    }
}

pub fn a_moved_container_stays_on_its_overlay(lab: &mut Lab) {
    let flags = [
        "--cluster-opt=swarm.rescheduledelay=0s",
        "--engine-failure-retry=2",
    ];
    let (plain, mut relays) = lab.plain_cluster(&[0, 1], &flags);
    let network = [
        "network",
        "create",
        "-d",
        "overlay",
        "--attachable",
        "moving",
    ];
    plain.ok(&network);
    let run = |name: &str, k: usize, flags: &[&str]| {
        let there = format!("constraint:node==~{}", lab.nodes[k].name);
        let run = ["run", "-d", "--net=moving", "--name", name, "-e", &there];
        plain.ok(&[&run[..], flags, &["busybox", "sleep", "300"]].concat());
        assert_eq!(plain.node_of(name), lab.nodes[k].name);
    };
    run("peer", 1, &[]);
    let moves = ["-e", "reschedule:on-node-failure", "--net-alias=found"];
    run("moves", 0, &moves);
    let first = plain.ok(&["inspect", "-f", "{{.Id}}", "moves"]);
    relays[0].cut();
    plain.wait("it has moved", SOON, |plain| {
        let said = plain.docker(&[
            "inspect",
            "-f",
            "{{.Node.Name}} {{.State.Running}}",
            "moves",
        ]);
        said.out == format!("{} true", lab.nodes[1].name)
    });
    // The old one, which nobody could reach, is not in the new one's way for long.
    relays[0].mend();
    lab.wait_until("the old one is gone", SOON, |lab| {
        !lab.engine_ok(0, &["ps", "-aq", "--no-trunc"])
            .contains(&first)
    });
    for name in ["moves", "found"] {
        plain.wait(&format!("{name} answers"), SOON, |plain| {
            let ping = ["exec", "peer", "ping", "-c1", "-W2", name];
            plain.docker(&ping).ok
        });
    }
    plain.ok(&["rm", "-f", "moves", "peer"]);
    plain.wait("the network is free", SOON, |plain| {
        plain.docker(&["network", "rm", "moving"]).ok
    });
}
