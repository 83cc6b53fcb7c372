//! What may be mounted: volumes and memory, never the host's paths.

use super::names::{clean, is_kernel_path, labels, placing_labels};
use super::{Known, Verdict};
use crate::api::host_config::{Driver, HostConfig, Mount, TmpfsOptions};
use crate::api::query::{is_name, is_qualified_name};
use crate::api::{Code, ContainerCreate, Refusal, VolumeCreate};
use crate::schedule::facts::VolumeFacts;

/// Options of a bind's third part that mean nothing on a named volume, or only tighten it.
const BIND_OPTIONS: [&str; 9] = [
    "",
    "rw",
    "ro",
    "z",
    "Z",
    "nocopy",
    "consistent",
    "cached",
    "delegated",
];
/// Flags of a tmpfs that take nothing away from the container's walls.
const TMPFS_FLAGS: [&str; 10] = [
    "rw",
    "ro",
    "nosuid",
    "nodev",
    "noexec",
    "noatime",
    "relatime",
    "strictatime",
    "nodiratime",
    "sync",
];
const TMPFS_VALUES: [&str; 5] = ["size", "mode", "uid", "gid", "nr_inodes"];

/// All of HostConfig that mounts something.
pub fn check(host: &HostConfig, known: &dyn Known) -> Verdict {
    let binds = host.binds.iter().flatten();
    let mounts = || host.mounts.iter().flatten();
    let from_binds = binds.clone().filter_map(|text| host_path_of_bind(text));
    let from_mounts = mounts()
        .filter(|mount| mount.kind.as_deref() == Some("bind"))
        .map(|mount| mount.source.as_deref().unwrap_or("/"));
    let paths: Vec<&str> = from_binds.chain(from_mounts).collect();
    if !paths.is_empty() {
        return Err(host_mount(&paths));
    }
    driver(host.volume_driver.as_deref())?;
    binds.into_iter().try_for_each(|text| bind(text, known))?;
    mounts().try_for_each(|one| mount(one, known))?;
    for (destination, options) in host.tmpfs.iter().flatten() {
        target(destination)?;
        tmpfs(options)?;
    }
    Ok(())
}

/// A service's, templates in them already settled.
pub fn of_service(mounts: &[Mount], known: &dyn Known) -> Verdict {
    let paths: Vec<&str> = mounts
        .iter()
        .filter(|mount| mount.kind.as_deref() == Some("bind"))
        .map(|mount| mount.source.as_deref().unwrap_or("/"))
        .collect();
    if !paths.is_empty() {
        return Err(host_mount(&paths));
    }
    mounts.iter().try_for_each(|one| mount(one, known))
}

fn host_mount(paths: &[&str]) -> Refusal {
    Refusal::policy(
        Code::HostMount,
        format!(
            "Host mount path(s) not allowed by policy: {}",
            paths.join(", ")
        ),
    )
}

/// `Config.Volumes`: anonymous volumes, by destination.
pub fn config(config: &ContainerCreate) -> Verdict {
    config
        .volumes
        .iter()
        .flatten()
        .try_for_each(|(destination, _)| target(destination))
}

pub fn volume_create(volume: &VolumeCreate) -> Verdict {
    driver(volume.driver.as_deref())?;
    if volume
        .driver_opts
        .as_ref()
        .is_some_and(|options| !options.is_empty())
    {
        return Err(volume_options());
    }
    if volume.cluster_volume_spec.is_some() {
        return Err(Refusal::policy(
            Code::VolumeDriver,
            "Cluster volumes not allowed by policy",
        ));
    }
    if let Some(name) = volume.name.as_deref().filter(|name| !name.is_empty()) {
        let bare = name.split_once('/').map_or(name, |(_, bare)| bare);
        if !is_qualified_name(name) {
            return Err(Refusal::bad_request(format!(
                "{name} is not a volume's name"
            )));
        }
        volume_name(bare)?;
    }
    placing_labels(volume.labels.iter().flatten().map(|(key, _)| key.as_str()))
}

/// A volume by name: not one of the cluster's own.
pub fn volume_name(name: &str) -> Verdict {
    if wire::SYSTEM_CONTAINERS.contains(&name) {
        return Err(Refusal::policy(
            Code::System,
            format!("The volume {name} belongs to Carina's infrastructure"),
        ));
    }
    Ok(())
}

/// The source when it is not a volume's name. `/path` alone is an anonymous volume there.
fn host_path_of_bind(text: &str) -> Option<&str> {
    match text.split_once(':') {
        Some((source, _)) => (!is_name(source)).then_some(source),
        None => (!text.starts_with('/')).then_some(text),
    }
}

fn bind(text: &str, known: &dyn Known) -> Verdict {
    let mut parts = text.split(':');
    let (source, destination, options) =
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(destination), None, ..) => return target(destination),
            (Some(source), Some(destination), None, _) => (source, destination, ""),
            (Some(source), Some(destination), Some(options), None) => {
                (source, destination, options)
            }
            _ => {
                return Err(Refusal::bad_request(format!(
                    "invalid volume specification: '{text}'"
                )));
            }
        };
    named_volume(source, known)?;
    target(destination)?;
    match options
        .split(',')
        .find(|option| !BIND_OPTIONS.contains(option))
    {
        Some(option) => Err(option_refused(option)),
        None => Ok(()),
    }
}

fn mount(mount: &Mount, known: &dyn Known) -> Verdict {
    if mount.cluster_options.is_some() || mount.image_options.is_some() {
        return Err(kind_refused("this"));
    }
    if mount
        .bind_options
        .as_ref()
        .is_some_and(|options| *options != Default::default())
    {
        return Err(option_refused("BindOptions"));
    }
    target(mount.target.as_deref().unwrap_or_default())?;
    // Of whatever kind the mount says it is.
    if let Some(options) = &mount.tmpfs_options {
        tmpfs_options(options)?;
    }
    if let Some(options) = &mount.volume_options {
        if options
            .subpath
            .as_deref()
            .is_some_and(|path| !path.is_empty())
        {
            return Err(option_refused("Subpath"));
        }
        inline_driver(options.driver_config.as_ref())?;
        labels(options.labels.iter().flatten().map(|(key, _)| key.as_str()))?;
    }
    let source = mount.source.as_deref().unwrap_or_default();
    match mount.kind.as_deref().unwrap_or_default() {
        "volume" => {
            if !source.is_empty() {
                if !is_name(source) {
                    return Err(host_mount(&[source]));
                }
                named_volume(source, known)?;
            }
        }
        "tmpfs" => {}
        kind => return Err(kind_refused(kind)),
    }
    Ok(())
}

fn inline_driver(config: Option<&Driver>) -> Verdict {
    let Some(config) = config else { return Ok(()) };
    driver(config.name.as_deref())?;
    match &config.options {
        Some(options) if !options.is_empty() => Err(volume_options()),
        _ => Ok(()),
    }
}

fn named_volume(name: &str, known: &dyn Known) -> Verdict {
    volume_name(name)?;
    // The name may have been given to something else before there was a policy.
    known.volumes(name).into_iter().try_for_each(volume_plain)
}

/// A volume that is there is a directory of the engine's own.
pub fn volume_plain(volume: &VolumeFacts) -> Verdict {
    driver(Some(&volume.driver))?;
    if volume.options.is_empty() {
        Ok(())
    } else {
        Err(volume_options())
    }
}

fn driver(name: Option<&str>) -> Verdict {
    match name {
        None | Some("" | "local") => Ok(()),
        Some(name) => Err(Refusal::policy(
            Code::VolumeDriver,
            format!("Volume driver {name} not allowed by policy"),
        )),
    }
}

/// Where something is mounted inside: nothing may cover the kernel's own directories or the root.
pub fn target(path: &str) -> Verdict {
    if !path.starts_with('/') {
        return Err(Refusal::bad_request(format!(
            "invalid mount path: '{path}' mount path must be absolute"
        )));
    }
    let clean = clean(path);
    let is_device = (clean == "/dev" || clean.starts_with("/dev/")) && clean != "/dev/shm";
    if clean == "/" || is_device || is_kernel_path(path) {
        return Err(Refusal::policy(
            Code::MountOption,
            format!("Mounting over {path} not allowed by policy"),
        ));
    }
    Ok(())
}

fn tmpfs(options: &str) -> Verdict {
    for option in options.split(',').filter(|option| !option.is_empty()) {
        let is_fine = match option.split_once('=') {
            Some(("size", size)) => is_bounded_size(size),
            Some((key, value)) => {
                TMPFS_VALUES.contains(&key) && value.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            None => TMPFS_FLAGS.contains(&option),
        };
        if !is_fine {
            return Err(option_refused(option));
        }
    }
    Ok(())
}

/// A size that limits: neither 0 (which is "no limit") nor something else than a number.
fn is_bounded_size(size: &str) -> bool {
    let digits = size.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G', '%']);
    size.len() - digits.len() <= 1 && digits.parse::<u64>().is_ok_and(|number| number > 0)
}

fn tmpfs_options(options: &TmpfsOptions) -> Verdict {
    if options.size_bytes.is_some_and(|size| size < 0) {
        return Err(option_refused("size"));
    }
    // 07000 are setuid, setgid and the sticky bit; of these only the last is anyone's business.
    if options
        .mode
        .is_some_and(|mode| mode > 0o7777 || mode & 0o6000 != 0)
    {
        return Err(option_refused("mode"));
    }
    for option in options.options.iter().flatten() {
        let text = option.join("=");
        tmpfs(&text)?;
    }
    Ok(())
}

fn volume_options() -> Refusal {
    Refusal::policy(
        Code::VolumeDriver,
        "Volume driver options not allowed by policy",
    )
}

pub fn option_refused(option: &str) -> Refusal {
    Refusal::policy(
        Code::MountOption,
        format!("Mount option {option} not allowed by policy"),
    )
}

fn kind_refused(kind: &str) -> Refusal {
    Refusal::policy(
        Code::MountOption,
        format!("Mounts of type {kind:?} not allowed by policy"),
    )
}
