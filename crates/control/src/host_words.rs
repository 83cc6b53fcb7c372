//! What a host or an engine did not do, in words for people: what was wanted, and what it says itself.

use host::{EngineError, HostError};

use crate::error::chain;

/// By these words a machine says that what segments start from is missing; the hook of segments and the
/// simulator use them.
const NO_IMAGE: &str = "there is no image ";

pub(crate) fn host_words(error: &HostError) -> String {
    let HostError::Failed { verb, why } = error else {
        return chain(error);
    };
    // Around it stands who told whom.
    let missing = why.split_once(NO_IMAGE);
    if let Some(image) = missing.and_then(|(_, rest)| rest.split_whitespace().next()) {
        return format!(
            "The machine has nothing to make segments from: the image {image} is missing there"
        );
    }
    match *verb {
        "network_ensure" => format!("The machine could not make the cluster's network: {why}"),
        "network_ensure_gone" => {
            format!("The machine could not remove the cluster's network: {why}")
        }
        "segment_ensure_defined" | "disk_ensure" | "seed_ensure" => {
            format!("The machine could not make the segment: {why}")
        }
        "segment_ensure_running" => format!("The machine could not start the segment: {why}"),
        "segment_ensure_stopped" => format!("The machine could not stop the segment: {why}"),
        "segment_ensure_gone" | "volume_ensure_gone" => {
            format!("The machine could not remove the segment: {why}")
        }
        _ => format!("The machine did not do a step: {why}"),
    }
}

pub(crate) fn engine_words(error: &EngineError) -> String {
    match error {
        EngineError::Unreachable { why, .. } => {
            format!("Docker in the segment does not answer: {why}")
        }
        EngineError::Refused { why, .. } => format!("Docker in the segment refused: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(verb: &'static str, why: &str) -> String {
        let why = why.to_owned();
        host_words(&HostError::Failed { verb, why })
    }

    #[test]
    fn people_read_no_names_of_ours() {
        assert_eq!(
            words("segment_ensure_running", "no space left on device"),
            "The machine could not start the segment: no space left on device"
        );
        for verb in [
            "network_ensure",
            "network_ensure_gone",
            "segment_ensure_defined",
            "seed_ensure",
            "segment_ensure_stopped",
            "segment_ensure_gone",
            "usage",
        ] {
            let said = words(verb, "no");
            assert!(
                said.starts_with("The machine ") && !said.contains('_'),
                "{said}"
            );
        }
    }

    #[test]
    fn a_missing_image_has_words_of_its_own() {
        let hook = "Hook script execution failed: status 1: there is no image 0a1b on this host\n";
        assert_eq!(
            words("segment_ensure_running", hook),
            "The machine has nothing to make segments from: the image 0a1b is missing there"
        );
    }
}
