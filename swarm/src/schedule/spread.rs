//! `spread`: the emptiest node first, by the archived formula.

use super::Settings;
use super::facts::NodeView;
use super::filter::Candidate;
use super::request::{Asks, Request};

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
) -> Result<Vec<&'c Candidate<'a>>, Vec<(&'a NodeView, String)>> {
    let mut ranked = Vec::new();
    let mut reasons = Vec::new();
    for candidate in candidates {
        match weight(candidate, request, settings) {
            Ok(weight) => {
                let count = candidate.containers().count();
                // Volumes that are made by themselves spread, too; containers go by the archive.
                let volumes = match request.asks {
                    Asks::Volume => candidate.node.volumes.len(),
                    Asks::Work | Asks::Container => 0,
                };
                ranked.push((weight, count, volumes, candidate));
            }
            Err(reason) => reasons.push((candidate.node, reason)),
        }
    }
    if ranked.is_empty() {
        return Err(reasons);
    }
    ranked.sort_by(|a, b| (a.0, a.1, a.2, &a.3.node.name).cmp(&(b.0, b.1, b.2, &b.3.node.name)));
    Ok(ranked
        .into_iter()
        .map(|(_, _, _, candidate)| candidate)
        .collect())
}

fn weight(
    candidate: &Candidate<'_>,
    request: &Request,
    settings: &Settings,
) -> Result<i64, String> {
    let capacity = Capacity::of(candidate, settings);
    let cpu = score(
        |cpus| format!("{cpus} CPUs"),
        request.cpus,
        capacity.used_cpus,
        capacity.total_cpus,
    )?;
    let memory = score(
        |bytes| format!("{} of memory", bytes_size(bytes)),
        request.memory,
        capacity.used_memory,
        capacity.total_memory,
    )?;
    Ok(cpu + memory - 10 * candidate.node.health)
}

/// Per cent used with the request in it; 100 when nothing is asked, so that such containers go by
/// the number of containers alone.
fn score(shown: impl Fn(i64) -> String, wanted: i64, used: i64, total: i64) -> Result<i64, String> {
    if wanted <= 0 {
        return Ok(100);
    }
    let no_room = || {
        format!(
            "{} asked for, {} left of {}",
            shown(wanted),
            shown((total - used).max(0)),
            shown(total)
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

/// go-units' BytesSize: four significant digits.
#[expect(clippy::cast_precision_loss, reason = "four digits are shown")]
pub fn bytes_size(bytes: i64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let digits = match size {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{size:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} {}", UNITS[unit])
}
