//! Makes this machine a host: libvirt running, the hook in place, the storage pool, the image.
//!
//! Safe to repeat; done in well under a second when there is nothing to do. Installs no packages.
//! Blocking: call it off the async threads.

pub(crate) mod daemon;
mod image;
pub(crate) mod system;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use wire::xml::Element;
use wire::{HostRules, RULES_FILE, STATE_DIR};

use crate::{POOL, existing, xml};

/// The hook's place. libvirt calls everything in this directory, and looks whether there is
/// anything when it starts.
pub const HOOK: &str = "/etc/libvirt/hooks/lxc.d/carina";

#[derive(Debug, Clone)]
pub struct PrepareOptions {
    /// libvirt's URI, `lxc:///`.
    pub uri: String,
    /// Where `segment-hook`, `segment-init` and `swarm` (static programs) lie.
    pub programs_dir: PathBuf,
    /// What the hook is to hold all segments of this machine to.
    pub rules: HostRules,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The image's name under `images/`, for `SegmentSpec::mark`.
    pub image: String,
    /// A line for each thing that was not as it should be and now is.
    pub changes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct PrepareError {
    /// What was tried.
    pub what: String,
    /// What came of it, with the way out where one is known.
    pub why: String,
}

/// Says what was tried when it failed.
pub(crate) trait Trying<T> {
    fn trying(self, what: &str) -> Result<T, PrepareError>;
}

impl<T, E: std::fmt::Display> Trying<T> for Result<T, E> {
    fn trying(self, what: &str) -> Result<T, PrepareError> {
        self.map_err(|why| PrepareError {
            what: what.to_owned(),
            why: why.to_string(),
        })
    }
}

/// What was done, and where to tell of it while it happens.
pub(crate) struct Report<'a> {
    changes: Vec<String>,
    progress: &'a mut dyn FnMut(&str),
}

impl Report<'_> {
    /// Something that takes time begins.
    fn begins(&mut self, what: &str) {
        (self.progress)(what);
    }

    fn changed(&mut self, what: String) {
        self.changes.push(what);
    }
}

/// `progress` hears of each step that takes time before it begins.
pub fn prepare(
    options: &PrepareOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<Prepared, PrepareError> {
    if !rustix::process::geteuid().is_root() {
        return Err("it needs root").trying("preparing the host");
    }
    virt::error::clear_error_callback();
    let mut report = Report {
        changes: Vec::new(),
        progress,
    };
    for (dir, mode) in [
        ("", 0o711),
        ("images", 0o711),
        ("pool", 0o700),
        ("segments", 0o711),
    ] {
        ensure_dir(&Path::new(STATE_DIR).join(dir), mode, &mut report)?;
    }
    rules_ensure(&options.rules, &mut report)?;
    let is_hook_new = hook_ensure(&options.programs_dir, &mut report)?;
    system::ensure(&mut report)?;
    daemon::ensure(is_hook_new, &mut report)?;
    let connect = daemon::connect(&options.uri)?;
    pool_ensure(&connect, &mut report)?;
    let image = image::ensure(&options.programs_dir, &mut report)?;
    image::remove_unused(&connect, &image, &mut report)?;
    Ok(Prepared {
        image,
        changes: report.changes,
    })
}

/// The image that [`prepare`] made of these programs: what a panel without root's rights begins with.
pub fn prepared(programs_dir: &Path) -> Result<String, PrepareError> {
    let name = image::digest(programs_dir)?;
    if image::is_made(&name) {
        return Ok(name);
    }
    Err("run `carina host prepare` as root").trying(&format!("looking for the image {name}"))
}

/// The image that [`prepare`] would make of these programs.
pub fn image_digest(programs_dir: &Path) -> Result<String, PrepareError> {
    image::digest(programs_dir)
}

fn ensure_dir(dir: &Path, mode: u32, report: &mut Report) -> Result<(), PrepareError> {
    let what = format!("making {}", dir.display());
    if !dir.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(dir)
            .trying(&what)?;
        report.changed(format!("made {}", dir.display()));
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(mode)).trying(&what)
}

/// A segment that runs is held to them from its next start on.
fn rules_ensure(rules: &HostRules, report: &mut Report) -> Result<(), PrepareError> {
    let path = Path::new(STATE_DIR).join(RULES_FILE);
    let text = serde_json::to_vec_pretty(rules).trying("writing down the rules")?;
    if write_if_changed(&path, &text, 0o600)? {
        report.changed(format!("wrote the segments' rules to {}", path.display()));
    }
    Ok(())
}

/// True when there was no hook before: libvirt has to look again.
fn hook_ensure(programs_dir: &Path, report: &mut Report) -> Result<bool, PrepareError> {
    let from = programs_dir.join("segment-hook");
    let hook = fs::read(&from).trying(&format!("reading {}", from.display()))?;
    let is_new = !Path::new(HOOK).exists();
    if write_if_changed(Path::new(HOOK), &hook, 0o755)? {
        report.changed(format!("put the hook at {HOOK}"));
    }
    Ok(is_new)
}

fn pool_ensure(connect: &Connect, report: &mut Report) -> Result<(), PrepareError> {
    const WHAT: &str = "making the storage pool";
    let pool = match existing(StoragePool::lookup_by_name(connect, POOL), WHAT).trying(WHAT)? {
        Some(pool) => pool,
        None => {
            report.changed(format!("defined the storage pool {POOL}"));
            StoragePool::define_xml(connect, &xml::pool(POOL), 0).trying(WHAT)?
        }
    };
    let text = pool.get_xml_desc(0).trying(WHAT)?;
    let path = Element::parse(&text).ok().and_then(|pool| {
        let path = pool.at(&["target", "path"])?;
        Some(path.text.clone())
    });
    if path != Some(format!("{STATE_DIR}/pool")) {
        return Err(format!("a pool named {POOL} exists elsewhere")).trying(WHAT);
    }
    if !pool.is_active().trying(WHAT)? {
        pool.create(0).trying(WHAT)?;
        report.changed(format!("started the storage pool {POOL}"));
    }
    if !pool.get_autostart().trying(WHAT)? {
        pool.set_autostart(true).trying(WHAT)?;
    }
    Ok(())
}

/// Writes a file of root's by moving a new one into place; true when it was not the same already.
fn write_if_changed(path: &Path, content: &[u8], mode: u32) -> Result<bool, PrepareError> {
    let what = format!("writing {}", path.display());
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(false);
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).trying(&what)?;
    }
    // In a directory where every executable is run, no half-written file may be one.
    let fresh = path.with_extension("new");
    fs::write(&fresh, content).trying(&what)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600)).trying(&what)?;
    fs::rename(&fresh, path).trying(&what)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).trying(&what)?;
    Ok(true)
}

/// Runs a program to its end; its standard error is the reason of a failure.
fn run(program: &str, arguments: &[&str]) -> Result<(), PrepareError> {
    let what = format!("running {program} {}", arguments.join(" "));
    let output = std::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .trying(&what)?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim()).trying(&what)
}
