//! Kernel settings that segments need of their host: kept for the next boot, and made now.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{PrepareError, Report, run, write_if_changed};
use crate::xml::PROFILE;

pub const SYSCTL_FILE: &str = "/etc/sysctl.d/60-carina.conf";
pub const MODULES_FILE: &str = "/etc/modules-load.d/carina.conf";

/// The hook loads the same text for each segment; libvirt wants it to be there at all times.
const PROFILE_TEXT: &str = include_str!("../../../../segment/src/hook/apparmor.profile");
pub const PROFILE_FILE: &str = "/etc/apparmor.d/carina-segment";

/// Debian confines libvirtd, and its hooks with it, which then could not mount anything. Its profile
/// includes this file for what a machine adds.
const LIBVIRTD_PROFILE: &str = "/etc/apparmor.d/usr.sbin.libvirtd";
const LIBVIRTD_LOCAL: &str = "/etc/apparmor.d/local/usr.sbin.libvirtd";
/// One line, so that it can be found and taken out again among somebody else's. An exact name
/// goes before the profile's own rule for all hooks; the environment is cleared.
const LIBVIRTD_RULE: &str = "/etc/libvirt/hooks/lxc.d/carina Ux, # made by carina host prepare";

/// New network namespaces, Swarm's among them, inherit forwarding from the host; every container
/// takes a key of the segment's user. The table of neighbours is one for all namespaces: with the
/// kernel's own 1024 a single container that scans its network leaves everybody without ARP.
pub const SYSCTLS: [(&str, u64); 5] = [
    ("net/ipv4/ip_forward", 1),
    ("kernel/keys/maxkeys", 20_000),
    ("kernel/keys/maxbytes", 2_000_000),
    ("net/ipv4/neigh/default/gc_thresh2", 32_768),
    ("net/ipv4/neigh/default/gc_thresh3", 65_536),
];

/// Where a package puts the same two files. What is there need not be in /etc as well.
const PACKAGED: [&str; 2] = ["/usr/lib", "/usr/local/lib"];

/// A container cannot load what it needs.
const MODULES_TEXT: &str = include_str!("../../../../packaging/modules-load.d/carina.conf");

pub fn ensure(report: &mut Report) -> Result<(), PrepareError> {
    sysctls(report)?;
    modules(report)?;
    profile(report)?;
    libvirtd_rule(report)
}

fn sysctls(report: &mut Report) -> Result<(), PrepareError> {
    for (name, value) in SYSCTLS {
        let path = format!("/proc/sys/{name}");
        let found = fs::read_to_string(&path)
            .ok()
            .and_then(|found| found.trim().parse::<u64>().ok());
        // More is as good, and somebody else's wish.
        if found.is_some_and(|found| found < value) && fs::write(&path, value.to_string()).is_ok() {
            report.changed(format!("set {path} to {value}"));
        }
    }
    let text = sysctls_text();
    if !is_packaged("sysctl.d/60-carina.conf", &text) {
        write_if_changed(Path::new(SYSCTL_FILE), text.as_bytes(), 0o644)?;
    }
    Ok(())
}

fn sysctls_text() -> String {
    let lines = SYSCTLS.map(|(name, value)| format!("{} = {value}\n", name.replace('/', ".")));
    format!("# Made by carina host prepare.\n{}", lines.concat())
}

fn is_packaged(file: &str, text: &str) -> bool {
    PACKAGED
        .iter()
        .any(|dir| fs::read_to_string(Path::new(dir).join(file)).is_ok_and(|found| found == text))
}

/// Where the kernel has everything built in, there is nothing to load.
fn modules(report: &mut Report) -> Result<(), PrepareError> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    if !Path::new("/lib/modules").join(release.trim()).exists() {
        return Ok(());
    }
    if is_packaged("modules-load.d/carina.conf", MODULES_TEXT) {
        return Ok(());
    }
    if write_if_changed(Path::new(MODULES_FILE), MODULES_TEXT.as_bytes(), 0o644)? {
        for module in MODULES_TEXT.lines().filter(|line| !line.starts_with('#')) {
            // A kernel without one of them still runs segments; doctor says what is missing.
            let _ = Command::new("modprobe").args(["-q", module]).status();
        }
        report.changed("loaded kernel modules".into());
    }
    Ok(())
}

pub fn has_apparmor() -> bool {
    fs::read_to_string("/sys/module/apparmor/parameters/enabled")
        .is_ok_and(|enabled| enabled.trim() == "Y")
}

/// Whether the kernel knows the segments' profile.
pub fn is_profile_loaded() -> bool {
    fs::read_to_string("/sys/kernel/security/apparmor/profiles").is_ok_and(|profiles| {
        profiles
            .lines()
            .any(|line| line.split(' ').next() == Some(PROFILE))
    })
}

fn profile(report: &mut Report) -> Result<(), PrepareError> {
    if !has_apparmor() {
        return Ok(());
    }
    let text = PROFILE_TEXT.replace("CARINA_PROFILE", PROFILE);
    let is_changed = write_if_changed(Path::new(PROFILE_FILE), text.as_bytes(), 0o644)?;
    if is_changed || !is_profile_loaded() {
        run("apparmor_parser", &["--replace", PROFILE_FILE])?;
        report.changed("loaded the segments' AppArmor profile".into());
    }
    Ok(())
}

fn libvirtd_rule(report: &mut Report) -> Result<(), PrepareError> {
    if !has_apparmor() || !Path::new(LIBVIRTD_PROFILE).exists() || has_libvirtd_rule() {
        return Ok(());
    }
    let found = fs::read_to_string(LIBVIRTD_LOCAL).unwrap_or_default();
    let text = format!("{}{LIBVIRTD_RULE}\n", without_rule(&found));
    write_if_changed(Path::new(LIBVIRTD_LOCAL), text.as_bytes(), 0o644)?;
    run("apparmor_parser", &["--replace", LIBVIRTD_PROFILE])?;
    report.changed("allowed libvirtd to run the hook".into());
    Ok(())
}

/// True as well where libvirtd is not confined.
pub fn has_libvirtd_rule() -> bool {
    !Path::new(LIBVIRTD_PROFILE).exists()
        || fs::read_to_string(LIBVIRTD_LOCAL)
            .is_ok_and(|found| found.lines().any(|line| line == LIBVIRTD_RULE))
}

/// True when there was something to take away.
pub fn libvirtd_rule_remove() -> bool {
    let found = fs::read_to_string(LIBVIRTD_LOCAL).unwrap_or_default();
    let kept = without_rule(&found);
    if kept == found || write_if_changed(Path::new(LIBVIRTD_LOCAL), kept.as_bytes(), 0o644).is_err()
    {
        return false;
    }
    let _ = run("apparmor_parser", &["--replace", LIBVIRTD_PROFILE]);
    true
}

fn without_rule(text: &str) -> String {
    text.lines()
        .filter(|line| !line.contains("lxc.d/carina "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewrite the file with `CARINA_BLESS=1 cargo test -p host-libvirt`.
    #[test]
    fn a_package_sets_what_prepare_sets() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../packaging/sysctl.d/60-carina.conf"
        );
        if std::env::var_os("CARINA_BLESS").is_some() {
            fs::write(path, sysctls_text()).unwrap();
        }
        assert_eq!(fs::read_to_string(path).unwrap(), sysctls_text(), "{path}");
    }

    #[test]
    fn the_rule_of_others_is_kept() {
        let others = "# mine\n/x r,\n";
        assert_eq!(without_rule(&format!("{others}{LIBVIRTD_RULE}\n")), others);
        assert_eq!(without_rule(others), others);
    }
}
