//! Real segments as the host's root sees them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub const SWITCH: &str = "CARINA_TEST_LIBVIRT";
pub const BOOTS_WITHIN: Duration = Duration::from_secs(30);

/// The newest image on this machine.
pub fn image() -> String {
    let images = std::fs::read_dir(format!("{}/images", wire::STATE_DIR))
        .expect("a prepared host: run carina host prepare");
    let newest = images
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .max_by_key(|entry| entry.metadata().and_then(|m| m.modified()).ok())
        .expect("an image: run carina host prepare");
    newest.file_name().into_string().expect("hex digits")
}

/// The segment's root as the host's root sees it.
pub fn inside(node: &str) -> PathBuf {
    wait_for(BOOTS_WITHIN, || {
        let processes = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
        processes
            .filter(|process| is_init_of(&process.path(), node))
            .map(|process| process.path().join("root"))
            .next()
    })
}

/// Its PID 1 has a parent that libvirt started for the domain.
fn is_init_of(process: &Path, node: &str) -> bool {
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let status = read(process.join("status"));
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    let parent = parent.map_or("", str::trim);
    read(process.join("cmdline")).starts_with("/usr/lib/carina/segment-init")
        && read(PathBuf::from(format!("/proc/{parent}/cmdline"))).contains(node)
}

/// Looks until there is something to see.
pub fn wait_for<T>(within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "not within {within:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
