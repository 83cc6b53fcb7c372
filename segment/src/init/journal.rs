//! Where the init and the daemons write what they have to say: bounded files on the segment's disk.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::OnceLock;

const DIR: &str = "/var/log/carina";
/// A file that is longer at a start begins anew.
const MAX_BYTES: u64 = 1024 * 1024;

static JOURNAL: OnceLock<Option<File>> = OnceLock::new();

pub fn open() {
    // A segment without a journal is still a segment.
    let _ = std::fs::create_dir_all(DIR);
    JOURNAL.get_or_init(|| file("init").ok());
}

/// A file of a daemon's own.
pub fn file(name: &str) -> std::io::Result<File> {
    let path = format!("{DIR}/{name}.log");
    let is_long = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > MAX_BYTES);
    OpenOptions::new()
        .create(true)
        .append(!is_long)
        .write(true)
        .truncate(is_long)
        .open(path)
}

pub fn log(line: &str) {
    if let Some(Some(mut journal)) = JOURNAL.get().map(Option::as_ref) {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let _ = writeln!(
            journal,
            "{}.{:03} {line}",
            now.as_secs(),
            now.subsec_millis()
        );
    }
}
