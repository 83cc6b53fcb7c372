//! `spread`: the emptiest node first, by the archived formula.

use super::Settings;
use super::filter::Candidate;
use super::request::Request;

/// What a node has and has given away, as `docker info` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    pub total_cpus: i64,
    pub used_cpus: i64,
    pub total_memory: i64,
    pub used_memory: i64,
}

impl Capacity {
    /// With overcommit; stopped containers count, and those on their way. The system's do not:
    /// their limits keep them small and reserve nothing.
    pub fn of(candidate: &Candidate<'_>, settings: &Settings) -> Self {
        let mut capacity = Self {
            total_cpus: settings.overcommitted(candidate.node.cpus),
            used_cpus: 0,
            total_memory: settings.overcommitted(candidate.node.memory),
            used_memory: 0,
        };
        for container in candidate
            .containers()
            .filter(|container| !container.is_system())
        {
            capacity.used_cpus = capacity.used_cpus.saturating_add(container.cpus);
            capacity.used_memory = capacity.used_memory.saturating_add(container.memory);
        }
        capacity
    }
}

/// The nodes that have room, best first, or for each of them why it has none.
pub fn rank<'a, 'c>(
    candidates: &'c [Candidate<'a>],
    request: &Request,
    settings: &Settings,
) -> Result<Vec<&'c Candidate<'a>>, Vec<(&'a str, String)>> {
    let mut ranked = Vec::new();
    let mut reasons = Vec::new();
    for candidate in candidates {
        match weight(candidate, request, settings) {
            Ok(weight) => ranked.push((weight, candidate.containers().count(), candidate)),
            Err(reason) => reasons.push((candidate.node.name.as_str(), reason)),
        }
    }
    if ranked.is_empty() {
        return Err(reasons);
    }
    ranked.sort_by(|(a_weight, a_count, a), (b_weight, b_count, b)| {
        (a_weight, a_count, &a.node.name).cmp(&(b_weight, b_count, &b.node.name))
    });
    Ok(ranked
        .into_iter()
        .map(|(_, _, candidate)| candidate)
        .collect())
}

fn weight(
    candidate: &Candidate<'_>,
    request: &Request,
    settings: &Settings,
) -> Result<i64, String> {
    let capacity = Capacity::of(candidate, settings);
    let cpu = score(
        "CPUs",
        request.cpus,
        capacity.used_cpus,
        capacity.total_cpus,
    )?;
    let memory = score(
        "bytes of memory",
        request.memory,
        capacity.used_memory,
        capacity.total_memory,
    )?;
    Ok(cpu + memory - 10 * candidate.node.health)
}

/// Per cent used with the request in it; 100 when nothing is asked, so that such containers go by
/// the number of containers alone.
fn score(what: &str, wanted: i64, used: i64, total: i64) -> Result<i64, String> {
    if wanted <= 0 {
        return Ok(100);
    }
    let no_room = || {
        format!(
            "has {} of {total} {what} left, {wanted} are asked for",
            (total - used).max(0)
        )
    };
    if total < wanted {
        return Err(no_room());
    }
    let percent = used.saturating_add(wanted).saturating_mul(100) / total;
    if percent > 100 {
        Err(no_room())
    } else {
        Ok(percent)
    }
}
