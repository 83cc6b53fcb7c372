//! Texts that were put together elsewhere: looked up whole, else by the pattern they were made of,
//! whose values are carried over.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Piece, catalogue, fill, pieces};

pub(super) static GERMAN: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| catalogue(include_str!("../../words/said.de.toml")));

/// Holes whose values are words of ours; all others hold names, numbers, and what others say.
const OURS: [&str; 3] = ["what", "why", "count"];

/// Texts with holes: those that begin with a text first, and of them those with the most text.
static PATTERNS: LazyLock<Vec<(Vec<Piece<'static>>, &'static str)>> = LazyLock::new(|| {
    let mut patterns: Vec<_> = GERMAN
        .iter()
        .map(|(english, german)| (pieces(english), german.as_str()))
        .filter(|(pieces, _)| pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))))
        .collect();
    patterns.sort_by_key(|(pieces, german)| {
        let is_open = matches!(pieces.first(), Some(Piece::Hole(_)));
        (is_open, std::cmp::Reverse(weight(pieces)), *german)
    });
    patterns
});

fn weight(pieces: &[Piece]) -> usize {
    let len = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Hole(_) => 0,
    };
    pieces.iter().map(len).sum()
}

/// The line of exactly this text.
pub(super) fn german(english: &str) -> Option<&'static str> {
    GERMAN.get(english).map(String::as_str)
}

pub(super) fn in_german(text: &str) -> String {
    found(text).unwrap_or_else(|| text.to_owned())
}

fn found(text: &str) -> Option<String> {
    if let Some(whole) = german(text) {
        return Some(whole.to_owned());
    }
    let parts = || {
        let parts = text.split(", ").map(found);
        let parts: Vec<String> = parts.collect::<Option<_>>()?;
        Some(parts.join(", "))
    };
    if let Some(list) = text.contains(", ").then(parts).flatten() {
        return Some(list);
    }
    PATTERNS.iter().find_map(|(pieces, german)| {
        let values = values(pieces, text)?;
        Some(fill(german, |name| {
            let (_, value) = values.iter().find(|(hole, _)| *hole == name)?;
            Some(match OURS.contains(&name) {
                true => in_german(value),
                false => (*value).to_owned(),
            })
        }))
    })
}

/// What `text` has in the holes, if it was made of these pieces. A value ends where the next text
/// begins for the first time, and is never empty.
fn values<'t>(pieces: &[Piece<'static>], text: &'t str) -> Option<Vec<(&'static str, &'t str)>> {
    let mut values = Vec::new();
    let mut open: Option<&'static str> = None;
    let mut rest = text;
    for (n, piece) in pieces.iter().enumerate() {
        match *piece {
            Piece::Hole(name) => open = Some(name),
            Piece::Text(wanted) => {
                let Some(name) = open.take() else {
                    rest = rest.strip_prefix(wanted)?;
                    continue;
                };
                let at = match n + 1 == pieces.len() {
                    true => rest.strip_suffix(wanted)?.len(),
                    false => rest.find(wanted)?,
                };
                values.push((name, &rest[..at]));
                rest = &rest[at + wanted.len()..];
            }
        }
    }
    match open {
        Some(name) => values.push((name, rest)),
        None if !rest.is_empty() => return None,
        None => {}
    }
    values
        .iter()
        .all(|(_, value)| !value.is_empty())
        .then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_recognized_with_its_values() {
        for (english, german) in [
            ("Type a name.", "Geben Sie einen Namen ein."),
            ("Segment 2: made", "Segment 2: angelegt"),
            ("active is being deleted.", "active wird gerade gelöscht."),
            ("Scale to 3 segments", "Größe ändern: 3 Segmente"),
            (
                "The host is not available just now. Try again in a moment.",
                "Der Host ist gerade nicht verfügbar. Versuchen Sie es gleich noch einmal.",
            ),
            (
                "Waiting for the engine of segment 1, the endpoint of segment 2",
                "Warten auf die Engine von Segment 1, den Endpunkt von Segment 2",
            ),
            (
                "A cluster may have at most 3 segments. lab has 2, so 1 more is free.",
                "Ein Cluster darf höchstens 3 Segmente haben. lab hat 2, noch frei: 1.",
            ),
            ("Words of somebody else", "Words of somebody else"),
        ] {
            assert_eq!(in_german(english), german);
        }
    }

    #[test]
    fn a_pattern_takes_a_text_that_it_made_and_no_other() {
        let check = |pattern: &'static str, text: &str, expect: Option<&[&str]>| {
            let found = values(&pieces(pattern), text);
            let found = found.map(|v| v.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expect, "{pattern} {text}");
        };
        check("{a} is {b}", "x is y is z", Some(&["x", "y is z"]));
        check("{a} is gone.", "is is gone.", Some(&["is"]));
        check("{a} is gone.", " is gone.", None);
        check("{a} is gone.", "x is gone. Really", None);
        check("Type “{a}”.", "Type “”.", None);
        check("Type “{a}”.", "Type “ö”.", Some(&["ö"]));
        check("plain", "plain and more", None);
    }
}
