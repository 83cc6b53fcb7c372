//! Where a container's words go: to the engine's own disk and nowhere else.

use std::collections::BTreeMap;

use super::Verdict;
use crate::api::{Code, Refusal};

/// Log drivers that write to the engine's own disk and nowhere else.
const LOG_DRIVERS: [&str; 4] = ["", "json-file", "local", "none"];
const LOG_OPTIONS: [&str; 10] = [
    "compress",
    "env",
    "env-regex",
    "labels",
    "labels-regex",
    "max-buffer-size",
    "max-file",
    "max-size",
    "mode",
    "tag",
];
pub fn check(driver: Option<&str>, options: Option<&BTreeMap<String, String>>) -> Verdict {
    let driver = driver.unwrap_or_default();
    if !LOG_DRIVERS.contains(&driver) {
        return Err(Refusal::policy(
            Code::LogDriver,
            format!("Log driver {driver} not allowed by policy"),
        ));
    }
    match options
        .into_iter()
        .flatten()
        .find(|(key, _)| !LOG_OPTIONS.contains(&key.as_str()))
    {
        Some((key, _)) => Err(Refusal::policy(
            Code::LogDriver,
            format!("Log option {key} not allowed by policy"),
        )),
        None => Ok(()),
    }
}
