//! libvirt's daemon: running, and knowing of the hook.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use virt::connect::Connect;

use super::{PrepareError, Report, Trying, run};
use crate::{connection, local};

/// Where systemd mounts cgroup v2 on hosts whose controllers are v1's.
pub const HYBRID: &str = "/sys/fs/cgroup/unified";
/// The mount namespace of a libvirtd that has one of its own, kept beyond its life: the next one
/// enters it again and finds the mounts of the segments that run.
pub const NAMESPACE: &str = "/run/carina/libvirtd-mounts";
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

pub fn has_systemd() -> bool {
    Path::new("/run/systemd/system").exists()
}

/// On such a host libvirt's LXC driver fails on the second hierarchy.
pub fn is_hybrid() -> bool {
    fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| {
        mounts
            .lines()
            .any(|line| line.split(' ').nth(1) == Some(HYBRID))
    })
}

pub fn ensure(is_hook_new: bool, report: &mut Report) -> Result<(), PrepareError> {
    if has_systemd() {
        return ensure_by_systemd(is_hook_new, report);
    }
    let running = local::libvirtd();
    if let Some(pid) = running.filter(|_| is_hook_new) {
        report.begins("starting libvirtd again, so that it sees the hook");
        stop(pid)?;
    }
    if running.is_some() && !is_hook_new {
        return Ok(());
    }
    start(report)
}

/// Socket activation may have it stopped between two calls; that is well.
fn ensure_by_systemd(is_hook_new: bool, report: &mut Report) -> Result<(), PrepareError> {
    let is_running = local::libvirtd().is_some();
    if is_running && !is_hook_new {
        return Ok(());
    }
    report.begins("starting libvirtd");
    run("systemctl", &["enable", "--quiet", "libvirtd"])?;
    run("systemctl", &["restart", "libvirtd"])?;
    report.changed("started libvirtd".into());
    Ok(())
}

/// Running domains do not notice that it stops.
fn stop(pid: u32) -> Result<(), PrepareError> {
    const WHAT: &str = "stopping libvirtd";
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .ok_or("it has no PID")
        .trying(WHAT)?;
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).trying(WHAT)?;
    let until = Instant::now() + ANSWERS_WITHIN;
    while rustix::process::test_kill_process(pid).is_ok() {
        if Instant::now() > until {
            return Err("it does not stop").trying(WHAT);
        }
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Without systemd nobody else starts it. On a hybrid host it gets a mount namespace without the
/// second hierarchy; within that, mounts are shared, so that unmounts reach the segments'
/// controllers.
fn start(report: &mut Report) -> Result<(), PrepareError> {
    report.begins("starting libvirtd");
    if local::process(&["virtlogd"]).is_none() {
        run("/usr/sbin/virtlogd", &["--daemon"])?;
    }
    if is_hybrid() {
        start_apart()?;
    } else {
        run("/usr/sbin/libvirtd", &["--daemon"])?;
    }
    report.changed("started libvirtd".into());
    Ok(())
}

fn start_apart() -> Result<(), PrepareError> {
    const WHAT: &str = "keeping libvirtd's mount namespace";
    if is_namespace_kept() {
        let namespace = format!("--mount={NAMESPACE}");
        return run("nsenter", &[&namespace, "libvirtd", "--daemon"]);
    }
    if let Some(dir) = Path::new(NAMESPACE).parent() {
        fs::create_dir_all(dir).trying(WHAT)?;
    }
    fs::write(NAMESPACE, "").trying(WHAT)?;
    let namespace = format!("--mount={NAMESPACE}");
    let script = format!("mount --make-rshared / && umount {HYBRID} && exec libvirtd --daemon");
    let arguments = [&namespace, "--propagation", "private", "sh", "-ec", &script];
    run("unshare", &arguments)
}

pub fn is_namespace_kept() -> bool {
    fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| {
        mounts.lines().any(|line| {
            let mut fields = line.split(' ').skip(1);
            (fields.next(), fields.next()) == (Some(NAMESPACE), Some("nsfs"))
        })
    })
}

/// A daemon that has just started takes a moment to listen.
pub fn connect(uri: &str) -> Result<Connect, PrepareError> {
    let until = Instant::now() + ANSWERS_WITHIN;
    loop {
        match connection::open(uri) {
            Ok(connect) => return Ok(connect),
            Err(why) if Instant::now() > until => {
                return Err(why).trying(&format!("connecting to libvirt at {uri}"));
            }
            Err(_) => sleep(Duration::from_millis(20)),
        }
    }
}
