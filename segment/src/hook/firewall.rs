//! The host's own doors, closed to segments. One nftables table of ours; nothing else is touched.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::domain::Domain;
use super::{HookError, Trying};

const RULES: &str = include_str!("firewall.nft");

/// `nft` at work.
pub struct Applying(Child);

/// Starts applying the rules, with the segment's discovery port among them.
pub fn begin(domain: &Domain) -> Result<Applying, HookError> {
    let mut rules = RULES.to_owned();
    let port = domain.mark.discovery_port;
    // Writing to a string cannot fail.
    let _ = writeln!(rules, "add element inet carina discovery {{ {port} }}");
    apply(&rules)
}

/// Lets traffic pass within the segment's own bridge.
pub fn join_bridge(domain: &Domain) -> Result<(), HookError> {
    let Some(bridge) = domain.bridge() else {
        return Ok(());
    };
    apply(&format!(
        "add element inet carina bridges {{ \"{bridge}\" . \"{bridge}\" }}\n"
    ))?
    .end()
}

fn apply(rules: &str) -> Result<Applying, HookError> {
    let what = || "running nft (package nftables)".to_owned();
    let mut child = Command::new("/usr/sbin/nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .trying(what)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(rules.as_bytes()).trying(what)?;
    }
    Ok(Applying(child))
}

impl Applying {
    pub fn end(self) -> Result<(), HookError> {
        let what = || "closing the host's doors to segments".to_owned();
        let output = self.0.wait_with_output().trying(what)?;
        if output.status.success() {
            return Ok(());
        }
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(why).trying(what)
    }
}
