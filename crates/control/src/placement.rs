//! Where things go: pure choices out of what is free. The caller holds the writing transaction.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;
use wire::ID_RANGE;

/// Length of a cluster's subnet.
const SUBNET: u8 = 24;
/// Segment 1 has the address after this one.
const FIRST_ADDRESS: u32 = 10;

/// The lowest free /24 of the pool.
pub(crate) fn free_subnet(pool: Ipv4Net, taken: &BTreeSet<Ipv4Net>) -> Option<Ipv4Net> {
    pool.subnets(SUBNET)
        .ok()?
        .find(|subnet| !taken.contains(subnet))
}

pub(crate) fn free_port(range: RangeInclusive<u16>, taken: &BTreeSet<u16>) -> Option<u16> {
    range.into_iter().find(|port| !taken.contains(port))
}

/// The lowest `count` free id ranges from `base` on.
pub(crate) fn free_id_bases(base: u32, taken: &BTreeSet<u32>, count: usize) -> Option<Vec<u32>> {
    let most = u32::MAX - 2 * ID_RANGE;
    let free: Vec<u32> = (base..=most)
        .step_by(ID_RANGE as usize)
        .filter(|id_base| !taken.contains(id_base))
        .take(count)
        .collect();
    (free.len() == count).then_some(free)
}

/// Few segments first; among equals, the first name.
pub(crate) fn host_with_room<'a>(
    hosts: impl Iterator<Item = &'a str>,
    segments: impl Fn(&str) -> i64,
) -> Option<&'a str> {
    hosts.min_by_key(|name| (segments(name), *name))
}

pub(crate) fn gateway(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 1)
}

pub(crate) fn address(subnet: Ipv4Net, ordinal: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + FIRST_ADDRESS + ordinal)
}

/// One MAC per address: locally administered, no vendor's.
pub(crate) fn mac(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:ca:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// The subnet in the bridge's name: unique because subnets are.
pub(crate) fn bridge(subnet: Ipv4Net) -> String {
    format!("crn{:08x}", u32::from(subnet.network()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_thing_is_taken() {
        let pool: Ipv4Net = "10.84.0.0/16".parse().unwrap();
        let taken = BTreeSet::from(["10.84.0.0/24".parse().unwrap()]);
        assert_eq!(
            free_subnet(pool, &taken).unwrap().to_string(),
            "10.84.1.0/24"
        );
        assert_eq!(free_port(5..=6, &BTreeSet::from([5])), Some(6));
        let base = 16_000 * ID_RANGE;
        let taken = BTreeSet::from([base + ID_RANGE]);
        assert_eq!(
            free_id_bases(base, &taken, 2),
            Some(vec![base, base + 2 * ID_RANGE])
        );
        let count = |name: &str| if name == "a" { 2 } else { 1 };
        assert_eq!(
            host_with_room(["a", "c", "b"].into_iter(), count),
            Some("b")
        );
    }

    #[test]
    fn nothing_free_is_none_and_not_a_wrong_value() {
        let pool: Ipv4Net = "10.84.0.0/24".parse().unwrap();
        assert_eq!(free_subnet(pool, &BTreeSet::from([pool])), None);
        assert_eq!(free_port(5..=5, &BTreeSet::from([5])), None);
        let last = (u32::MAX / ID_RANGE - 2) * ID_RANGE;
        assert_eq!(free_id_bases(last, &BTreeSet::new(), 3), None);
    }

    #[test]
    fn everything_of_a_segment_follows_from_its_subnet_and_ordinal() {
        let subnet: Ipv4Net = "10.84.3.0/24".parse().unwrap();
        assert_eq!(gateway(subnet).to_string(), "10.84.3.1");
        assert_eq!(address(subnet, 1).to_string(), "10.84.3.11");
        assert_eq!(mac(address(subnet, 1)), "02:ca:0a:54:03:0b");
        assert_eq!(bridge(subnet), "crn0a540300");
    }
}
