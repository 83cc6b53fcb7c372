//! A docker client: a program, or one inside a Debian tree of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lab::{Lab, Said, run};

/// In a mount namespace of its own: the tree under a layer that goes with it, the lab's folder at
/// its place. Arguments: tree, folder, program.
const ENTER: &str = "mount -t tmpfs layer \"$0/mnt\" && cd \"$0/mnt\" && mkdir upper work root && \
    mount -t overlay root -o \"lowerdir=$0,upperdir=upper,workdir=work\" root && \
    mkdir -p \"root$1\" && mount --bind \"$1\" \"root$1\" && mount --rbind /proc root/proc && \
    mount --rbind /dev root/dev && shift && exec chroot root \"$@\"";

pub struct Docker<'a> {
    lab: &'a Lab,
    words: Vec<String>,
    /// DOCKER_BUILDKIT, as far as it is set.
    buildkit: Option<&'static str>,
}

impl<'a> Docker<'a> {
    pub fn installed(lab: &'a Lab, program: &str) -> Self {
        Self {
            lab,
            words: vec![program.to_owned()],
            buildkit: Some("0"),
        }
    }

    pub fn of_tree(lab: &'a Lab, tree: &Path) -> Self {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let words = ["unshare", "--mount", "--propagation", "private", "sh", "-c"];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        let within = [text(tree.to_owned()), text(lab.path("")), "docker".into()];
        words.push(ENTER.to_owned());
        words.extend(within);
        Self {
            lab,
            words,
            buildkit: Some("0"),
        }
    }

    /// As it builds when nobody tells it otherwise.
    pub fn with_buildkit(mut self) -> Self {
        self.buildkit = None;
        self
    }

    /// With BuildKit, which a client of Debian 12 must be told.
    pub fn with_buildkit_asked(mut self) -> Self {
        self.buildkit = Some("1");
        self
    }

    pub fn says(&self, args: &[&str]) -> Said {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args(args);
        command.envs(self.lab.client_environment());
        if let Some(buildkit) = self.buildkit {
            command.env("DOCKER_BUILDKIT", buildkit);
        }
        run(command).into()
    }

    /// A command that must succeed; gives back what it printed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> String {
        let said = self.says(args);
        assert!(
            said.ok,
            "docker {args:?} failed: {}\n{}",
            said.err, said.out
        );
        said.out
    }

    #[track_caller]
    pub fn fails(&self, args: &[&str]) -> String {
        let said = self.says(args);
        assert!(!said.ok, "docker {args:?} should fail: {}", said.out);
        said.err
    }
}
