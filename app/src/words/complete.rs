//! The catalogues are complete, and hold nothing that is not said any more: the sources of the
//! pages, of `control`, of `model` and of the server's other routes are read for what they say.

use std::collections::{BTreeSet, HashMap};

use model::{Phase, SegmentPhase};

use super::literal::sources;
use super::{Piece, catalogue, pieces, said};

const PAGES: &str = include_str!("../../words/de.toml");
const SAID: &str = include_str!("../../words/said.de.toml");

/// Names and code are the same in every language.
const SAME: [&str; 7] = [
    "Carina",
    "CSV",
    "JSON",
    "carina admin setup-link",
    "carina config --example",
    "source $UNZIP_PATH/docker.env",
    "$UNZIP_PATH",
];

/// Attributes that are read out, shown, or handed on to a part that shows them.
const SHOWN: [&str; 14] = [
    "alt",
    "aria-label",
    "data-done",
    "data-label",
    "data-late",
    "data-pending",
    "document_title",
    "hint",
    "label",
    "lead",
    "legend",
    "pending",
    "placeholder",
    "title",
];

fn has_words(text: &str) -> bool {
    let bare: String = pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(text),
            Piece::Hole(_) => None,
        })
        .collect();
    bare.chars().any(char::is_alphabetic)
}

/// With nameless holes, as `format!` and the catalogue have it in common.
fn shape(text: &str) -> String {
    let shape = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Hole(_) => "{}",
    };
    pieces(text).into_iter().map(shape).collect()
}

fn report(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn every_text_of_the_pages_has_its_line() {
    let (german, said) = (catalogue(PAGES), catalogue(SAID));
    let mut missing = BTreeSet::new();
    for literal in sources("app/src").into_values().flatten() {
        let is_key = match literal.within.as_str() {
            "t" | "tf" | "tv" => literal.is_first,
            "tn" => true,
            _ => false,
        };
        let has_line = german.contains_key(&literal.text) || said.contains_key(&literal.text);
        if is_key && !has_line {
            missing.insert(format!("{:?} = \"\"", literal.text));
        }
    }
    let missing: Vec<_> = missing.into_iter().collect();
    report("add to app/words/de.toml", &missing);
}

#[test]
fn every_line_of_the_pages_is_used() {
    let used: BTreeSet<String> = sources("app/src")
        .into_values()
        .flatten()
        .map(|literal| literal.text)
        .collect();
    let unused: Vec<_> = catalogue(PAGES)
        .into_keys()
        .filter(|text| !used.contains(text))
        .collect();
    report(
        "no page says these any more: remove them from app/words/de.toml",
        &unused,
    );
}

#[test]
fn pages_show_no_text_that_is_in_english_only() {
    let mut bare = Vec::new();
    for dir in ["app/src/page", "app/src/ui"] {
        for (file, found) in sources(dir) {
            for literal in found {
                if literal.within != "view!"
                    || !has_words(&literal.text)
                    || SAME.contains(&literal.text.trim())
                {
                    continue;
                }
                let is_text = match literal.before.strip_suffix('=') {
                    None => true,
                    Some(rest) => {
                        let is_name = |c: char| c.is_alphanumeric() || "-_:".contains(c);
                        let start = rest.trim_end_matches(is_name).len();
                        SHOWN.contains(&&rest[start..])
                    }
                };
                if is_text {
                    bare.push(format!("{file}: {:?}", literal.text));
                }
            }
        }
    }
    report("say these with t(), tf(), tn() or tv()", &bare);
}

/// What looks like a sentence or a heading in `control`, `model` and the server's routes is told to
/// people. What only agents, programs and logs are told is written in small letters, or stands in
/// these files.
#[test]
fn every_text_told_at_run_time_has_its_line() {
    const NOT_FOR_PEOPLE: [&str; 6] = [
        "/server/src/http/api.rs",
        "/server/src/http/api/problem.rs",
        "/control/src/refusals.rs",
        "/control/src/discovery.rs",
        "/control/src/material.rs",
        "/control/src/desired.rs",
    ];
    let known: BTreeSet<String> = catalogue(SAID).keys().map(|text| shape(text)).collect();
    let mut missing = BTreeSet::new();
    for dir in ["crates/control/src", "crates/model/src", "server/src/http"] {
        for (file, found) in sources(dir) {
            if NOT_FOR_PEOPLE.iter().any(|end| file.ends_with(end)) {
                continue;
            }
            for literal in found {
                let text = match literal.within.as_str() {
                    "not_found" => format!("There is no such {}.", literal.text),
                    _ if literal.before.ends_with("NotFound { what:") => {
                        format!("There is no such {}.", literal.text)
                    }
                    // The name on a certificate, and not a person's to read.
                    "make" => continue,
                    _ => literal.text,
                };
                let begins = |c: char| c.is_uppercase() || c == '“';
                let is_told = text.contains(' ')
                    && has_words(&text)
                    && (text.starts_with(begins) || text.starts_with('{') && text.ends_with('.'));
                if is_told && !known.contains(&shape(&text)) {
                    missing.insert(format!("{text:?} = \"\""));
                }
            }
        }
    }
    let missing: Vec<_> = missing.into_iter().collect();
    report("add to app/words/said.de.toml", &missing);
    let states = Phase::ALL.iter().map(|phase| phase.as_str());
    let states = states.chain(SegmentPhase::ALL.iter().map(|phase| phase.as_str()));
    for state in states {
        assert!(said::german(state).is_some(), "{state}");
    }
}

/// What the doctor of hosts found is read on a page, too.
#[test]
fn every_finding_has_its_line() {
    /// A command is the same in every language.
    const COMMANDS: [&str; 3] = ["apt install ", "modprobe ", "sysctl "];
    let known: BTreeSet<String> = catalogue(SAID).keys().map(|text| shape(text)).collect();
    let mut missing = BTreeSet::new();
    for (file, found) in sources("crates/host-libvirt/src") {
        if !file.contains("/doctor") {
            continue;
        }
        for literal in found {
            let text = literal.text;
            let is_told = match literal.within.as_str() {
                "ok" | "warn" | "fail" => has_words(&text),
                "format!" => text.contains(' ') && has_words(&text),
                _ => text.starts_with("run `"),
            };
            let is_command = COMMANDS.iter().any(|begin| text.starts_with(begin));
            if is_told && !is_command && !known.contains(&shape(&text)) {
                missing.insert(format!("{text:?} = \"\""));
            }
        }
    }
    let missing: Vec<_> = missing.into_iter().collect();
    report("add to app/words/said.de.toml", &missing);
}

#[test]
fn every_line_told_at_run_time_is_used() {
    let mut used = BTreeSet::new();
    for dir in [
        "crates/control/src",
        "crates/model/src",
        "crates/host/src",
        "crates/host-libvirt/src",
        "server/src/http",
        "app/src",
    ] {
        for literal in sources(dir).into_values().flatten() {
            used.insert(shape(&format!("There is no such {}.", literal.text)));
            used.insert(shape(&literal.text));
        }
    }
    let unused: Vec<_> = catalogue(SAID)
        .into_keys()
        .filter(|text| !used.contains(&shape(text)))
        .collect();
    report(
        "nothing says these any more: remove them from app/words/said.de.toml",
        &unused,
    );
}

/// Holes of a text, sorted.
fn holes(text: &str) -> Vec<&str> {
    let hole = |piece| match piece {
        Piece::Hole(name) => Some(name),
        Piece::Text(_) => None,
    };
    let mut found: Vec<_> = pieces(text).into_iter().filter_map(hole).collect();
    found.sort_unstable();
    found
}

#[test]
fn every_line_can_be_read_and_fills_what_its_text_has() {
    for file in [PAGES, SAID] {
        let mut lines = HashMap::new();
        for line in file.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read: Result<HashMap<String, String>, _> = toml::from_str(line);
            let (english, german) = read.expect(line).into_iter().next().expect(line);
            assert!(!german.trim().is_empty(), "{line}");
            let before = lines.insert(english, german.clone());
            assert!(
                before.is_none_or(|b| b == german),
                "otherwise above: {line}"
            );
        }
        for (english, german) in &lines {
            let (has, fills) = (holes(english), holes(german));
            // A pattern may have holes for what only English needs.
            let is_pattern = file == SAID;
            let is_filled = match is_pattern {
                true => fills.iter().all(|hole| has.contains(hole)),
                false => has == fills,
            };
            assert!(is_filled, "{english} = {german}");
            let is_apart = pieces(english)
                .windows(2)
                .all(|two| !matches!(two, [Piece::Hole(_), Piece::Hole(_)]));
            assert!(!is_pattern || is_apart, "{english}");
        }
    }
}
