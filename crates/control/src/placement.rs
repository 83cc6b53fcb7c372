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

/// A host that segments may be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate<'a> {
    pub name: &'a str,
    /// That are on it already.
    pub segments: u64,
    /// How many more fit; None when it could not be asked.
    pub room: Option<u64>,
    /// An administrator wants nothing new on it.
    pub is_drained: bool,
}

/// Why no host takes a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoHost {
    /// The configuration names none.
    None,
    Drained,
    Full,
}

/// The host for so many new segments. Few segments first; among equals, the first name. One that
/// cannot be asked only where no other will do: what is wished of it waits until it is back.
pub(crate) fn host_choose<'a>(hosts: &[Candidate<'a>], wanted: u64) -> Result<&'a str, NoHost> {
    let open = || hosts.iter().filter(|host| !host.is_drained);
    let fits = |host: &&Candidate<'_>| host.room.is_none_or(|room| room >= wanted);
    let best = open()
        .filter(fits)
        .min_by_key(|host| (host.room.is_none(), host.segments, host.name));
    match best {
        Some(host) => Ok(host.name),
        None if hosts.is_empty() => Err(NoHost::None),
        None if open().next().is_none() => Err(NoHost::Drained),
        None => Err(NoHost::Full),
    }
}

/// Why the host that somebody chose does not take what they want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotThere {
    Unknown,
    Drained,
    /// So many more segments would fit.
    Full(u64),
}

/// The host of this name for so many new segments. Somebody chose it, so one that cannot be asked is
/// waited for.
pub(crate) fn host_take<'a>(
    hosts: &[Candidate<'a>],
    name: &str,
    wanted: u64,
) -> Result<&'a str, NotThere> {
    let host = hosts.iter().find(|host| host.name == name);
    let host = host.ok_or(NotThere::Unknown)?;
    match host.room {
        _ if host.is_drained => Err(NotThere::Drained),
        Some(room) if room < wanted => Err(NotThere::Full(room)),
        _ => Ok(host.name),
    }
}

pub(crate) fn gateway(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 1)
}

pub(crate) fn address(subnet: Ipv4Net, ordinal: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + FIRST_ADDRESS + ordinal)
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
    }

    const fn host(name: &str, segments: u64, room: Option<u64>) -> Candidate<'_> {
        Candidate {
            name,
            segments,
            room,
            is_drained: false,
        }
    }

    #[test]
    fn a_host_with_room_and_few_segments_is_chosen() {
        let (full, busy, away) = (
            host("a", 0, Some(2)),
            host("b", 9, Some(5)),
            host("d", 0, None),
        );
        assert_eq!(host_choose(&[full, busy, away], 3), Ok("b"));
        assert_eq!(host_choose(&[full, busy, away], 2), Ok("a"));
        // One that is away may be back; one that is full is full.
        assert_eq!(host_choose(&[full, away], 3), Ok("d"));
        assert_eq!(
            host_choose(&[host("c", 1, Some(9)), host("b", 1, Some(9))], 1),
            Ok("b")
        );
    }

    #[test]
    fn no_host_is_said_with_its_reason() {
        let full = host("a", 0, Some(2));
        let drained = Candidate {
            is_drained: true,
            ..host("b", 0, Some(9))
        };
        assert_eq!(host_choose(&[], 1), Err(NoHost::None));
        assert_eq!(host_choose(&[drained], 1), Err(NoHost::Drained));
        assert_eq!(host_choose(&[full, drained], 3), Err(NoHost::Full));
    }

    #[test]
    fn a_host_that_was_chosen_is_taken_or_said_to_be_unfit() {
        let drained = Candidate {
            is_drained: true,
            ..host("c", 0, Some(9))
        };
        let hosts = [host("a", 9, Some(2)), host("b", 0, None), drained];
        for (name, wanted, expect) in [
            ("a", 2, Ok("a")),
            ("a", 3, Err(NotThere::Full(2))),
            ("b", 3, Ok("b")),
            ("c", 1, Err(NotThere::Drained)),
            ("d", 1, Err(NotThere::Unknown)),
            ("", 1, Err(NotThere::Unknown)),
        ] {
            assert_eq!(host_take(&hosts, name, wanted), expect, "{name} {wanted}");
        }
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
        assert_eq!(bridge(subnet), "crn0a540300");
    }
}
