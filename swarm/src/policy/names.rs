//! Names, labels and paths that belong to the cluster itself.

use super::Verdict;
use crate::api::{Code, ContainerCreate, Refusal};

/// Labels under these are the cluster's own…
const RESERVED_LABELS: [&str; 2] = ["carina.", "com.docker.swarm."];
/// …but for those in which people say where a container or volume goes.
const OPEN_LABELS: [&str; 4] = [
    "com.docker.swarm.affinities",
    "com.docker.swarm.constraints",
    "com.docker.swarm.reschedule-policies",
    "com.docker.swarm.whitelists",
];

/// A container's new name.
pub fn name(name: &str) -> Verdict {
    let name = name.rsplit('/').next().unwrap_or(name);
    if wire::SYSTEM_CONTAINERS.contains(&name) {
        return Err(Refusal::policy(
            Code::ReservedName,
            format!("The name {name} is reserved for Carina's infrastructure"),
        ));
    }
    Ok(())
}

/// The parts of a Config that are not about how it is run.
pub fn config(config: &ContainerCreate) -> Verdict {
    placing_labels(config.labels.iter().flatten().map(|(key, _)| key.as_str()))?;
    working_dir(config.working_dir.as_deref())
}

/// Of what the manager itself places: there people may also say on which segment.
pub fn placing_labels<'a>(keys: impl IntoIterator<Item = &'a str>) -> Verdict {
    labels(keys.into_iter().filter(|key| *key != wire::SEGMENT_LABEL))
}

pub fn labels<'a>(keys: impl IntoIterator<Item = &'a str>) -> Verdict {
    for key in keys {
        let is_reserved = RESERVED_LABELS.iter().any(|prefix| key.starts_with(prefix))
            && !OPEN_LABELS.contains(&key);
        if is_reserved {
            return Err(Refusal::policy(
                Code::ReservedLabel,
                format!("The label {key} is reserved for Carina's infrastructure"),
            ));
        }
    }
    Ok(())
}

/// Absolute and not in /proc: runc enters it with descriptors of the host still open
/// (CVE-2024-21626).
pub fn working_dir(path: Option<&str>) -> Verdict {
    match path {
        None | Some("") => Ok(()),
        Some(path) if path.starts_with('/') && !is_kernel_path(path) => Ok(()),
        Some(path) => Err(Refusal::policy(
            Code::Exec,
            format!("Working directory {path} not allowed by policy"),
        )),
    }
}

/// A path that `docker cp` reads or writes.
pub fn inner_path(path: &str) -> Verdict {
    if path.is_empty() || path.contains('\0') {
        return Err(Refusal::bad_request("a path is missing"));
    }
    if is_kernel_path(path) {
        return Err(Refusal::policy(
            Code::Exec,
            format!("Copying to or from {path} not allowed by policy"),
        ));
    }
    Ok(())
}

/// Engines unpack what is compressed with programs that they look for inside the container, as the
/// engine's root (CVE-2026-41567): a plain tar needs none. `first` are its first six bytes.
pub fn plain_archive(first: &[u8]) -> Verdict {
    const COMPRESSED: [&[u8]; 5] = [
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"\x5d\0\0",
    ];
    let is_skippable =
        first.len() >= 4 && first[0] & 0xf0 == 0x50 && first[1..4] == *b"\x2a\x4d\x18";
    if is_skippable || COMPRESSED.iter().any(|mark| first.starts_with(mark)) {
        return Err(Refusal::policy(
            Code::Exec,
            "Copying a compressed archive into a container not allowed by policy, send it unpacked",
        ));
    }
    Ok(())
}

/// Where the kernel shows itself, whichever way the path is spelled.
pub fn is_kernel_path(path: &str) -> bool {
    let clean = clean(path);
    ["/proc", "/sys"]
        .iter()
        .any(|root| clean == *root || clean.strip_prefix(root).is_some_and(|r| r.starts_with('/')))
}

/// Lexically, as Go's `path.Clean`, always absolute.
pub fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The image of the system containers must stay what it is.
pub fn image(reference: &str) -> Verdict {
    let repository = match reference.split_once('@') {
        Some((repository, _)) => repository,
        None => crate::schedule::filter::repository(reference),
    };
    let repository = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"]
        .iter()
        .find_map(|registry| repository.strip_prefix(registry))
        .unwrap_or(repository);
    let repository = repository.strip_prefix("library/").unwrap_or(repository);
    let system = crate::schedule::filter::repository(wire::SYSTEM_IMAGE);
    if repository == system {
        return Err(Refusal::policy(
            Code::System,
            format!("The image name {system} is reserved for Carina's infrastructure"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_reserved_labels_one_is_open_where_the_manager_places() {
        assert!(placing_labels(["carina.segment", "a"]).is_ok());
        for key in [
            "carina.system",
            "carina.segments",
            "carina.",
            "com.docker.swarm.id",
        ] {
            assert!(placing_labels(["carina.segment", key]).is_err(), "{key}");
            assert!(labels([key]).is_err(), "{key}");
        }
        // A service or a network would not heed it.
        assert!(labels(["carina.segment"]).is_err());
    }
}
