//! The commented file, made from the same lines that are read.

use std::fmt::Write as _;

use super::keys::{
    Config, Discovery, FrontDoor, Hosts, Http, Log, Metrics, Network, Oidc, Quota, Segment, Session,
};
use super::section::{Key, Section};

const HEAD: &str = "\
# Carina's configuration. Every key is here with the value it has when it is left out; keys that
# have none are commented out. Unknown keys are refused. Check it with `carina config --check`.
# The environment overrides the file: CARINA_DATA_DIR, CARINA_HTTP_LISTEN, and so on.
";

/// What `carina config --example` prints.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    let all = Config::keys();
    let sections = sections();
    let is_section = |key: &&Key| sections.iter().any(|(name, _)| *name == key.name);
    for key in all.iter().filter(|key| !is_section(key)) {
        write_key(&mut text, key);
    }
    for (name, keys) in &sections {
        text.push('\n');
        for key in all.iter().filter(|key| key.name == *name) {
            write_doc(&mut text, key.doc);
        }
        let brackets = if *name == "hosts" {
            ("[[", "]]")
        } else {
            ("[", "]")
        };
        let _ = writeln!(text, "{}{name}{}", brackets.0, brackets.1);
        for key in keys {
            write_key(&mut text, key);
        }
    }
    text
}

/// The tables, in the order of the file. A key that is missing here would be found by the test
/// that compares the example with the defaults.
pub(super) fn sections() -> Vec<(&'static str, Vec<Key>)> {
    vec![
        ("http", Http::keys()),
        ("session", Session::keys()),
        ("oidc", Oidc::keys()),
        ("discovery", Discovery::keys()),
        ("front_door", FrontDoor::keys()),
        ("network", Network::keys()),
        ("segment", Segment::keys()),
        ("quota", Quota::keys()),
        ("log", Log::keys()),
        ("metrics", Metrics::keys()),
        ("hosts", Hosts::keys()),
    ]
}

fn write_doc(text: &mut String, doc: &[&str]) {
    for line in doc {
        let _ = writeln!(text, "#{line}");
    }
}

fn write_key(text: &mut String, key: &Key) {
    text.push('\n');
    write_doc(text, key.doc);
    let off = if key.is_set { "" } else { "# " };
    let _ = writeln!(text, "{off}{} = {}", key.name, key.value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_the_defaults() {
        let read = Config::parse(&example(), &[]).expect("the example is good");
        assert_eq!(read, Config::default());
    }

    #[test]
    fn the_example_with_everything_on_is_good() {
        let text: String = example()
            .lines()
            .map(|line| {
                let line = match line.strip_prefix("# ") {
                    // A key that is commented out: a word, then a value.
                    Some(rest)
                        if rest
                            .split_once(" = ")
                            .is_some_and(|(key, _)| !key.contains([' ', '{'])) =>
                    {
                        rest
                    }
                    _ => line,
                };
                format!("{line}\n")
            })
            .collect();
        let read = Config::parse(&text, &[]).expect("every example is a good value");
        assert!(read.database.is_some() && read.site_dir.is_some() && read.programs_dir.is_some());
        assert!(read.oidc.issuer.is_some() && read.oidc.client_secret_file.is_some());
        assert!(read.oidc.ca_file.is_some());
        assert!(read.http.public_origin.is_some() && read.front_door.public_name.is_some());
    }

    #[test]
    fn every_key_has_words() {
        let keys = Config::keys()
            .into_iter()
            .chain(sections().into_iter().flat_map(|(_, keys)| keys));
        for key in keys {
            assert!(key.doc.iter().any(|line| line.len() > 10), "{}", key.name);
        }
    }
}
