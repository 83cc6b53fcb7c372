//! The segment's AppArmor profile, where the host has AppArmor.
//!
//! libvirt defines a domain with a static label only when a profile of that name is loaded
//! (`carina host prepare` loads it), and then enters another one, `libvirt-<uuid>`, before it runs
//! the init. So the same text is loaded under that name before the start, and unloaded after the
//! end. The segment cannot change it: it is never read from the segment's own files.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::domain::Domain;
use super::{HookError, Trying};

const TEXT: &str = include_str!("apparmor.profile");
/// Stands for the profile's name in the text.
const NAME: &str = "CARINA_PROFILE";
/// The static label of all segments.
const LABEL: &str = "carina-segment";
const PARSER: &str = "/usr/sbin/apparmor_parser";

pub fn load(domain: &Domain) -> Result<(), HookError> {
    if !is_enabled() {
        return Ok(());
    }
    let profile = domain.profile()?;
    if !domain.is_confined_by(LABEL) {
        return Err(HookError::Refused(format!(
            "{}: the host has AppArmor and the domain does not use it",
            domain.node
        )));
    }
    parse("--replace", &profile)
}

/// Nothing runs under it any more.
pub fn unload(domain: &Domain) -> Result<(), HookError> {
    let profile = domain.profile()?;
    if is_enabled() && is_loaded(&profile) {
        parse("--remove", &profile)?;
    }
    Ok(())
}

fn is_enabled() -> bool {
    std::fs::read_to_string("/sys/module/apparmor/parameters/enabled")
        .is_ok_and(|enabled| enabled.trim() == "Y")
        && Path::new("/sys/kernel/security/apparmor").exists()
}

fn is_loaded(profile: &str) -> bool {
    std::fs::read_to_string("/sys/kernel/security/apparmor/profiles").is_ok_and(|profiles| {
        profiles
            .lines()
            .any(|line| line.split(' ').next() == Some(profile))
    })
}

fn parse(verb: &str, profile: &str) -> Result<(), HookError> {
    let what = || format!("apparmor_parser {verb} (package apparmor)");
    let mut child = Command::new(PARSER)
        .args([verb, "--skip-cache"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .trying(what)?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = TEXT.replace(NAME, profile);
        stdin.write_all(text.as_bytes()).trying(what)?;
    }
    let output = child.wait_with_output().trying(what)?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()).trying(what)
}
