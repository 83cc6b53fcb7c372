//! Certificates and keys, written so that no container can turn the writing against the segment.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use wire::SegmentSeed;

pub const AGENT_DIR: &str = "/run/carina-agent";
pub const MANAGER_DIR: &str = "/run/carina-manager";
/// Where the manager keeps what it knows over a start of the segment.
pub const MEMORY_DIR: &str = "/var/lib/carina-manager";
pub const DOOR_DIR: &str = "/run/carina";
const HELD_DIR: &str = "/var/lib/carina";

/// The agent's and the manager's own directories, which no container of a user's can mount.
pub fn write_identities(seed: &SegmentSeed) -> io::Result<()> {
    let engine = &seed.engine;
    for (dir, cert, key) in [
        (AGENT_DIR, &engine.agent_cert_pem, &engine.agent_key_pem),
        (
            MANAGER_DIR,
            &engine.manager_cert_pem,
            &engine.manager_key_pem,
        ),
    ] {
        private_dir(dir)?;
        let dir = Path::new(dir);
        write_secret(dir, "engine-ca.pem", engine.ca_pem.as_bytes())?;
        write_secret(dir, "panel-ca.pem", seed.panel_ca_pem.as_bytes())?;
        write_secret(dir, "cert.pem", cert.as_bytes())?;
        write_secret(dir, "key.pem", key.0.as_bytes())?;
    }
    private_dir(MEMORY_DIR)?;
    private_dir(DOOR_DIR)
}

/// What `swarm-data` shows in /etc/docker: here containers of users may have written, too.
pub fn write_manager_volume(dir: &Path, seed: &SegmentSeed) -> io::Result<()> {
    let manager = &seed.manager;
    write(dir, "ca.pem", manager.ca_pem.as_bytes(), 0o644)?;
    write(
        dir,
        "server-cert.pem",
        manager.server_cert_pem.as_bytes(),
        0o644,
    )?;
    write(
        dir,
        "server-key.pem",
        manager.server_key_pem.0.as_bytes(),
        0o600,
    )
}

pub fn write_secret(dir: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    write(dir, name, content, 0o600)
}

/// Where a file of the segment's own lies, on its disk; no container can mount it.
pub fn held(name: &str) -> PathBuf {
    Path::new(HELD_DIR).join(name)
}

/// Keeps `content` beyond a restart, for root alone.
pub fn hold(name: &str, content: &[u8]) -> io::Result<()> {
    private_dir(HELD_DIR)?;
    write_secret(HELD_DIR.as_ref(), name, content)
}

/// Writes a new file and moves it into place: a link that lies there is replaced, not followed.
fn write(dir: &Path, name: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let fresh = dir.join(format!(".{name}.new"));
    match fs::remove_file(&fresh) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&fresh)?
        .write_all(content)?;
    fs::rename(&fresh, dir.join(name))
}

fn private_dir(dir: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_link_in_the_volume_is_replaced_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        fs::write(&victim, "untouched").unwrap();
        let volume = dir.path().join("volume");
        fs::create_dir(&volume).unwrap();
        symlink(&victim, volume.join("server-key.pem")).unwrap();
        symlink(&victim, volume.join(".server-key.pem.new")).unwrap();
        let seed = serde_json::from_str(&crate::init::test_seed(1, "a-n1")).unwrap();
        write_manager_volume(&volume, &seed).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        let key = volume.join("server-key.pem");
        assert_eq!(fs::read_to_string(&key).unwrap(), "key");
        assert_eq!(fs::symlink_metadata(&key).unwrap().mode() & 0o7777, 0o600);
    }
}
