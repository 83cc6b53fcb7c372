//! The libvirt hook: what a segment needs of its host, made when libvirt starts the domain.
//!
//! libvirt calls it as the host's root, in its own mount namespace, with the domain's XML on
//! standard input: `NAME prepare begin -` before the domain starts, `NAME started begin -` when
//! its first process runs, `NAME release end -` when it is over or never came to be. So a segment
//! starts by `virsh start`, by autostart after a reboot and with the panel gone.
//!
//! What must not happen: that it touches a domain without our mark; that it follows a link, or
//! enters a directory a segment can write; that a failed start leaves a mount behind.

mod cgroup;
mod confinement;
mod disk;
mod domain;
mod firewall;
mod idmap;
mod limits;
mod mounts;
mod place;
mod rules;
mod seed;

use std::io::Read;
use std::process::ExitCode;

use domain::Domain;
use wire::xml::Element;

/// Why the hook refuses. libvirt shows it to whoever started the domain.
#[derive(Debug, thiserror::Error)]
enum HookError {
    #[error("{0}")]
    Refused(String),
    #[error("{what}: {why}")]
    Failed { what: String, why: String },
}

/// Says what was tried when it failed.
trait Trying<T> {
    fn trying(self, what: impl FnOnce() -> String) -> Result<T, HookError>;
}

impl<T, E: std::fmt::Display> Trying<T> for Result<T, E> {
    fn trying(self, what: impl FnOnce() -> String) -> Result<T, HookError> {
        self.map_err(|why| HookError::Failed {
            what: what(),
            why: why.to_string(),
        })
    }
}

/// Longest XML that is read; a domain of ours has 3 kB.
const MAX_XML: u64 = 256 * 1024;

pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments == [idmap::HOLD] {
        return idmap::hold();
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("carina: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), HookError> {
    let [name, operation, phase, _] = arguments else {
        return Err(HookError::Refused(
            "this is libvirt's hook for segments; libvirt calls it".into(),
        ));
    };
    // The others ("start", "stopped", "reconnect", "migrate") change nothing here.
    if !matches!(
        (*operation, *phase),
        ("prepare" | "started", "begin") | ("release", "end")
    ) {
        return Ok(());
    }
    let mut text = String::new();
    std::io::stdin()
        .take(MAX_XML)
        .read_to_string(&mut text)
        .trying(|| "reading the domain's XML".into())?;
    let Some(domain) = domain_of(name, &text)? else {
        return Ok(());
    };
    match *operation {
        "prepare" => prepare(&domain),
        "started" => started(&domain),
        _ => release(&domain),
    }
}

/// The domain when it is ours. XML that cannot be read is somebody else's as long as our
/// namespace does not occur in it: another hook's domain must not fail because of us.
fn domain_of(name: &str, text: &str) -> Result<Option<Domain>, HookError> {
    if !text.contains(wire::METADATA_NAMESPACE) {
        return Ok(None);
    }
    let xml = Element::parse(text).trying(|| format!("reading the XML of {name}"))?;
    let mark = xml
        .domain_mark()
        .trying(|| format!("reading the mark of {name}"))?;
    match mark {
        Some(mark) => Domain::check(name, mark, xml).map(Some),
        None => Ok(None),
    }
}

fn prepare(domain: &Domain) -> Result<(), HookError> {
    domain.check_limits()?;
    let rules = rules::read()?;
    // Beside the mounts: it is another program, and they wait for the disk.
    let firewall = firewall::begin(domain, &rules)?;
    let made = mounts::make(domain, rules.segment).and_then(|()| confinement::load(domain));
    // Waited for in any case.
    let result = made.and(firewall.end());
    if result.is_err() {
        // Whatever could not be undone is found by the next start and by `host doctor`.
        let _ = mounts::undo(domain);
        let _ = confinement::unload(domain);
        let _ = firewall::leave(domain);
    }
    result
}

fn started(domain: &Domain) -> Result<(), HookError> {
    firewall::join_bridge(domain)?;
    cgroup::give(domain, &rules::read()?)
}

fn release(domain: &Domain) -> Result<(), HookError> {
    let mounts = mounts::undo(domain);
    let cgroup = cgroup::take_back(domain);
    let confinement = confinement::unload(domain);
    let firewall = firewall::leave(domain);
    mounts.and(cgroup).and(confinement).and(firewall)
}
