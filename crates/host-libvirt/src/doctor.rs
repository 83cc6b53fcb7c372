//! Looks at everything a segment needs, changes nothing, and says how to mend what is wrong.
//!
//! Blocking: call it off the async threads.

mod kernel;
mod libvirt;
mod protection;

use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct DoctorOptions {
    pub uri: String,
    /// As in [`crate::prepare::PrepareOptions`]; `None` leaves the image's freshness unchecked.
    pub programs_dir: Option<PathBuf>,
    /// First host id that segments take, and how many, from the configuration.
    pub id_base: u32,
    pub id_count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub level: Level,
    /// What is there.
    pub found: String,
    /// How to mend it; `None` when all is well.
    pub mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// Segments work, something is worse than it could be.
    Warn,
    /// Segments cannot work.
    Fail,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Ok,
            found: found.into(),
            mend: None,
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            level: Level::Warn,
            mend: Some(mend.into()),
            ..Self::ok(name, found)
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            mend: Some(mend.into()),
            ..Self::ok(name, found)
        }
    }
}

const PREPARE: &str = "run `carina host prepare`";

pub fn doctor(options: &DoctorOptions) -> Vec<Check> {
    virt::error::clear_error_callback();
    let mut checks = kernel::checks(options);
    checks.extend(protection::checks());
    checks.extend(libvirt::checks(options));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_wrong_comes_with_a_way_out() {
        let options = DoctorOptions {
            uri: "lxc+unix:///?socket=/nonexistent".into(),
            programs_dir: None,
            id_base: 2_000_027_648,
            id_count: 65_536,
        };
        let checks = doctor(&options);
        assert!(checks.len() > 10);
        for check in &checks {
            assert_eq!(check.level == Level::Ok, check.mend.is_none(), "{check:?}");
        }
        let libvirt = checks.iter().find(|check| check.name == "libvirt");
        assert_eq!(libvirt.map(|check| check.level), Some(Level::Fail));
    }
}
