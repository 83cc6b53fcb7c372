//! What a segment may send, and to whom. Two nftables tables of ours; nothing else is touched.
//!
//! `inet carina` says which doors of the host are open to segments and what of the world behind it,
//! `bridge carina` that a segment speaks with its own addresses only. The rules are the same for
//! all; a segment's own part is its elements in their sets, there from before its start until
//! after its end.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::fs::FlockOperation;
use wire::HostRules;

use super::domain::Domain;
use super::place::Place;
use super::{HookError, Trying};

const RULES: &str = include_str!("firewall.nft");
const LINKS: &str = include_str!("link.nft");
/// Stands for the limit in the text.
const CONNECTIONS: &str = "CONNECTIONS";

/// `nft` at work.
pub struct Applying {
    nft: Child,
    /// What to apply where the kernel cannot tell links apart.
    without_links: String,
}

/// Starts applying the rules, with the segment's own addresses and door among them.
pub fn begin(domain: &Domain, rules: &HostRules) -> Result<Applying, HookError> {
    let without_links = format!("{}{}", host(rules), own(domain, "add"));
    let all = format!("{without_links}{LINKS}{}", own_link(domain, "add")?);
    let nft = start(&all)?;
    Ok(Applying { nft, without_links })
}

/// Lets traffic pass within the segment's own bridge.
pub fn join_bridge(domain: &Domain) -> Result<(), HookError> {
    let Some(bridge) = domain.bridge() else {
        return Ok(());
    };
    let _one_at_a_time = lock()?;
    apply(&format!(
        "add element inet carina bridges {{ \"{bridge}\" . \"{bridge}\" }}\n"
    ))
}

/// Takes back what [`begin`] and [`join_bridge`] added for this segment.
pub fn leave(domain: &Domain) -> Result<(), HookError> {
    // An element that is not there cannot be deleted, and would stop the rest.
    let own = |verb| own(domain, verb);
    let mut result = apply(&format!("{}{}", own("add"), own("delete")));
    if has_links() {
        let link = |verb| own_link(domain, verb);
        result = result.and(apply(&format!("{}{}", link("add")?, link("delete")?)));
    }
    // The kernel made it when the segment first connected anywhere, if it did.
    let counted = format!(
        "delete element inet carina connections {{ {} }}\n",
        domain.mark.address
    );
    let _ = apply(&counted);
    result.and(bridges_purge())
}

fn host(rules: &HostRules) -> String {
    let mut text = RULES.replace(CONNECTIONS, &rules.connections.to_string());
    for (set, networks) in [
        ("egress_allow", &rules.egress_allow),
        ("egress_deny", &rules.egress_deny),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "flush set inet carina {set}");
        if !networks.is_empty() {
            let networks: Vec<_> = networks.iter().map(|net| net.trunc().to_string()).collect();
            let networks = networks.join(", ");
            let _ = writeln!(text, "add element inet carina {set} {{ {networks} }}");
        }
    }
    text
}

fn own(domain: &Domain, verb: &str) -> String {
    let (address, port) = (domain.mark.address, domain.mark.discovery_port);
    format!("{verb} element inet carina doors {{ {address} . {port} }}\n")
}

fn own_link(domain: &Domain, verb: &str) -> Result<String, HookError> {
    let (link, mac) = (domain.mark.link(), domain.mac()?);
    let address = domain.mark.address;
    Ok(format!(
        "{verb} element bridge carina sources {{ \"{link}\" . {mac} . {address} }}\n"
    ))
}

/// Takes out the bridges that have no segment any more.
fn bridges_purge() -> Result<(), HookError> {
    let _one_at_a_time = lock()?;
    let output = Command::new(NFT)
        .args(["-j", "list", "set", "inet", "carina", "bridges"])
        .output()
        .trying(|| "asking nft for the bridges".into())?;
    let empty: String = bridges_in(&output.stdout)
        .iter()
        .filter(|bridge| {
            let ports = std::fs::read_dir(format!("/sys/class/net/{bridge}/brif"));
            ports.is_ok_and(|mut ports| ports.next().is_none())
                || !Path::new("/sys/class/net").join(bridge).exists()
        })
        .map(|bridge| {
            format!("delete element inet carina bridges {{ \"{bridge}\" . \"{bridge}\" }}\n")
        })
        .collect();
    if empty.is_empty() {
        return Ok(());
    }
    apply(&empty)
}

/// Names in `nft`'s JSON that can be bridges of ours.
fn bridges_in(json: &[u8]) -> Vec<String> {
    let found: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let sets = found["nftables"].as_array().map_or(&[][..], Vec::as_slice);
    let elements = sets.iter().filter_map(|one| one["set"]["elem"].as_array());
    elements
        .flatten()
        .filter_map(|element| element["concat"][0].as_str())
        .filter(|name| super::domain::is_bridge(name))
        .map(str::to_owned)
        .collect()
}

/// A segment that joins a bridge while another leaves it must not lose it again.
fn lock() -> Result<std::fs::File, HookError> {
    let state = Place::state()?;
    let what = || "waiting for another segment's rules".to_owned();
    let dir = state
        .open("segments", rustix::fs::OFlags::DIRECTORY)
        .trying(what)?;
    rustix::fs::flock(&dir, FlockOperation::LockExclusive).trying(what)?;
    Ok(dir)
}

/// Whether the table of links is there, which not every kernel can have.
fn has_links() -> bool {
    let output = Command::new(NFT)
        .args(["list", "set", "bridge", "carina", "sources"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    output.is_ok_and(|status| status.success())
}

const NFT: &str = "/usr/sbin/nft";

fn apply(rules: &str) -> Result<(), HookError> {
    end(start(rules)?)
}

fn start(rules: &str) -> Result<Child, HookError> {
    let what = || "running nft (package nftables)".to_owned();
    let mut child = Command::new(NFT)
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .trying(what)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(rules.as_bytes()).trying(what)?;
    }
    Ok(child)
}

fn end(nft: Child) -> Result<(), HookError> {
    let what = || "closing the host's doors to segments".to_owned();
    let output = nft.wait_with_output().trying(what)?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(why).trying(what)
}

impl Applying {
    pub fn end(self) -> Result<(), HookError> {
        // Without nf_tables for bridges the rest still holds; `host doctor` says what is missing.
        end(self.nft).or_else(|why| apply(&self.without_links).map_err(|_| why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_carry_the_hosts_numbers() {
        let rules = HostRules {
            connections: 77,
            egress_allow: vec!["192.168.1.9/24".parse().unwrap()],
            egress_deny: Vec::new(),
            ..HostRules::default()
        };
        let text = host(&rules);
        assert!(!text.contains(CONNECTIONS));
        assert_eq!(text.matches("ct count over 77 ").count(), 2);
        assert!(text.contains("add element inet carina egress_allow { 192.168.1.0/24 }\n"));
        // An empty list is no element: nft has no words for none.
        assert!(!text.contains("add element inet carina egress_deny"));
        assert!(text.contains("flush set inet carina egress_deny\n"));
    }

    #[test]
    fn only_our_bridges_are_read_from_nft() {
        let json = br#"{"nftables": [{"metainfo": {}}, {"set": {"name": "bridges", "elem": [
            {"concat": ["crn0a540300", "crn0a540300"]}, {"concat": ["crn/../x", "y"]}, "virbr0"]}}]}"#;
        assert_eq!(bridges_in(json), ["crn0a540300"]);
        assert!(bridges_in(b"no JSON").is_empty());
    }
}
