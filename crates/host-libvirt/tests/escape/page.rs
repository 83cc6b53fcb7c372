//! docs/isolation.md, written from what came of the attempts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::probe::{From, Outcome};

/// One attempt from one place.
pub struct Row {
    pub group: &'static str,
    pub what: String,
    pub from: From,
    /// How it ended, in words.
    pub how: String,
    /// Whether it had to work, so that the others mean something.
    pub is_control: bool,
    /// Whether it ended as it must.
    pub holds: bool,
}

impl Row {
    /// For the test's output.
    pub fn line(&self) -> String {
        let mark = if self.holds { "" } else { "OPEN " };
        format!(
            "{mark}{}: {:?}: {}: {}",
            self.group, self.from, self.what, self.how
        )
    }
}

pub fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "works".into(),
        Outcome::Saw(what) if what == "a-refusal" => "works".into(),
        Outcome::Saw(what) => format!("saw {what}"),
        Outcome::Killed(signal) if *signal == libc::SIGSYS => "killed".into(),
        Outcome::Killed(signal) => format!("killed by signal {signal}"),
        Outcome::Refused(errno) => match *errno {
            libc::EPERM => "not permitted".into(),
            libc::EACCES => "denied".into(),
            libc::EROFS => "read-only".into(),
            libc::ENOENT => "not there".into(),
            libc::ENODATA => "empty".into(),
            libc::ENOSYS => "unknown call".into(),
            libc::ENODEV => "unknown type".into(),
            libc::ESRCH => "no such process".into(),
            libc::EINVAL => "invalid".into(),
            libc::ETIMEDOUT => "no answer".into(),
            other => std::io::Error::from_raw_os_error(other).to_string(),
        },
    }
}

/// Writes the page when asked to; else holds that it knows every attempt. How one is refused may
/// differ between kernels, that it is refused may not.
pub fn keep(rows: &[Row]) {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/isolation.md"
    ));
    if std::env::var("CARINA_WRITE_DOCS").as_deref() == Ok("1") {
        std::fs::write(&path, page(rows)).expect("docs/isolation.md");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let missing: Vec<&str> = rows
        .iter()
        .map(|row| row.what.as_str())
        // This machine has as many addresses as it has.
        .filter(|what| !what.contains("the host's address "))
        .filter(|what| !found.contains(&format!("| {what} |")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/isolation.md lacks {missing:?}: CARINA_WRITE_DOCS=1 CARINA_TEST_LIBVIRT=1 \
         cargo test -p host-libvirt --test escape"
    );
}

fn page(rows: &[Row]) -> String {
    let mut text = format!(
        "# Nobody gets out of a segment\n\n\
         What leads out of a container or takes more than its share elsewhere, tried on a real\n\
         segment by `CARINA_TEST_LIBVIRT=1 cargo test -p host-libvirt --test escape` (part of\n\
         `make test`), once by root of an ordinary container and once by root of the segment\n\
         itself, as if the policy and the engine had both fallen. {} attempts failed, {} things\n\
         that must work did. Written by that run with `CARINA_WRITE_DOCS=1`; do not edit.\n",
        rows.iter()
            .filter(|row| !row.is_control && row.holds)
            .count(),
        rows.iter()
            .filter(|row| row.is_control && row.holds)
            .count(),
    );
    let mut groups: Vec<&str> = Vec::new();
    for row in rows {
        if !groups.contains(&row.group) {
            groups.push(row.group);
        }
    }
    for group in groups {
        text.push_str(&format!(
            "\n## {group}\n\n| | in a container | root of the segment |\n|---|---|---|\n"
        ));
        let mut attempts: Vec<(&str, BTreeMap<From, &str>)> = Vec::new();
        // The addresses of the machine that wrote this are nobody's business.
        let of_group = rows.iter().filter(|row| {
            row.group == group
                && (!row.what.contains("the host's address ") || row.what.contains("address 1"))
        });
        for row in of_group {
            match attempts.iter_mut().find(|(what, _)| *what == row.what) {
                Some((_, ends)) => drop(ends.insert(row.from, &row.how)),
                None => attempts.push((&row.what, [(row.from, &*row.how)].into())),
            }
        }
        for (what, ends) in attempts {
            let end = |from| ends.get(&from).copied().unwrap_or("");
            text.push_str(&format!(
                "| {what} | {} | {} |\n",
                end(From::Container),
                end(From::Segment)
            ));
        }
    }
    text.push_str(LIMITS);
    text
}

const LIMITS: &str = "\n## What this does not promise\n\n\
    * One kernel serves all segments. A hole in the part of it that an engine needs (mounts,\n  \
    namespaces, overlay, netfilter) is a way out; for people you do not trust at all, give each a\n  \
    machine.\n\
    * Terminals are counted for the whole machine. A segment can take all that are for segments; the\n  \
    host keeps 1024 of its own, and containers without a terminal do not need one.\n\
    * `no_new_privs` is not set for a segment: set-uid programs in containers would lose their\n  \
    meaning, and AppArmor could not enter a container's own profile.\n\
    * Programs of another architecture than the machine's (32-bit ones on x86-64, too) are ended.\n\
    * A disk's speed is limited for reading and for writing past the cache; on cgroup v1 writing\n  \
    through the cache is not.\n";
