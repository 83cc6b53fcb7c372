//! Tar archives, as clients carry files in them.

use std::process::Command;

use super::process::run_fed;
use super::{Lab, run};

impl Lab {
    /// An archive of these files, by name.
    pub fn tar_make(&self, files: &[(&str, &[u8])]) -> Vec<u8> {
        let dir = tempfile::tempdir_in(self.path("")).expect("a directory");
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(dir.path()).args(["-cf", "-"]);
        for (name, content) in files {
            std::fs::write(dir.path().join(name), content).expect("a file");
            tar.arg(name);
        }
        let made = run(tar);
        assert!(made.status.success(), "{made:?}");
        made.stdout
    }

    /// One file's content out of an archive.
    pub fn tar_read(&self, archive: &[u8], name: &str) -> Vec<u8> {
        let mut tar = Command::new("tar");
        tar.args(["-xOf", "-", name]);
        let read = run_fed(tar, archive);
        assert!(read.status.success(), "{name} is not in it");
        read.stdout
    }
}
