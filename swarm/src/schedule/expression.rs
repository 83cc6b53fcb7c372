//! `key==value`, `key!=glob*`, `key==/regex/`, `key==~soft`: the grammar of constraints,
//! affinities and whitelists.

use std::fmt;

use regex::{Regex, RegexBuilder};

use crate::api::Refusal;

/// One constraint, affinity or whitelist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    pub key: String,
    /// `==` rather than `!=`.
    pub is_equal: bool,
    /// Without the `~`.
    pub value: String,
    /// A wish: dropped when it cannot be had.
    pub is_soft: bool,
    /// Of the value, made once for all nodes.
    pattern: Pattern,
}

#[derive(Debug, Clone)]
struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Expression {
    /// Reads one, with the archived program's words for what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (key, is_equal, value) = if let Some((key, value)) = text.split_once("==") {
            (key, true, value)
        } else if let Some((key, value)) = text.split_once("!=") {
            (key, false, value)
        } else {
            return Err(Refusal::bad_request("One of operator ==, != is expected"));
        };
        if !is_key(key) {
            return Err(Refusal::bad_request(format!("Key '{key}' is invalid")));
        }
        let wrong_value = || Refusal::bad_request(format!("Value '{value}' is invalid"));
        let bare = value.trim_start_matches('~');
        if bare.is_empty() || !bare.chars().all(is_value_char) {
            return Err(wrong_value());
        }
        Ok(Self {
            key: key.to_owned(),
            is_equal,
            value: bare.to_owned(),
            is_soft: value.starts_with('~'),
            pattern: Pattern::of(bare).ok_or_else(wrong_value)?,
        })
    }

    /// `key==value`, as people write it.
    pub fn text(&self) -> String {
        let operator = if self.is_equal { "==" } else { "!=" };
        format!("{}{operator}{}", self.key, self.value)
    }

    /// With `==` whether any of the values fits, with `!=` whether none does.
    pub fn matches<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> bool {
        let mut values = values.into_iter();
        values.any(|value| self.pattern.0.is_match(value)) == self.is_equal
    }
}

impl Pattern {
    fn of(value: &str) -> Option<Self> {
        let inner = value
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        let pattern = match inner {
            Some(pattern) => pattern.to_owned(),
            None => {
                let pieces: Vec<String> = value.split('*').map(regex::escape).collect();
                format!("^{}$", pieces.join(".*"))
            }
        };
        // A client's pattern must not cost the manager its memory.
        RegexBuilder::new(&pattern)
            .size_limit(256 * 1024)
            .build()
            .ok()
            .map(Self)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (soft={})", self.text(), self.is_soft)
    }
}

fn is_key(key: &str) -> bool {
    key.len() >= 2
        && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn is_value_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":-_.*/()?+[]\\^$|=!@".contains(c)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What is shown, or what is wrong.
    pub const CASES: &[(&str, Result<&str, &str>)] = &[
        ("node==node-1", Ok("node==node-1 (soft=false)")),
        ("node!=node-1", Ok("node!=node-1 (soft=false)")),
        (
            "storagedriver==~over*",
            Ok("storagedriver==over* (soft=true)"),
        ),
        ("test.label!=~true", Ok("test.label!=true (soft=true)")),
        ("node==/node-[12]/", Ok("node==/node-[12]/ (soft=false)")),
        (
            "image==registry:5000/busybox@sha256:ab",
            Ok("image==registry:5000/busybox@sha256:ab (soft=false)"),
        ),
        ("node", Err("One of operator ==, != is expected")),
        ("node=x", Err("One of operator ==, != is expected")),
        ("n==x", Err("Key 'n' is invalid")),
        ("1ab==x", Err("Key '1ab' is invalid")),
        ("no de==x", Err("Key 'no de' is invalid")),
        ("node==", Err("Value '' is invalid")),
        ("node==~", Err("Value '~' is invalid")),
        ("node==a;b", Err("Value 'a;b' is invalid")),
        ("node==/(/", Err("Value '/(/' is invalid")),
    ];

    #[test]
    fn the_grammar_is_that_of_the_archive() {
        for (text, expect) in CASES {
            let got = Expression::parse(text);
            match expect {
                Ok(shown) => assert_eq!(got.expect(text).to_string(), *shown),
                Err(message) => assert_eq!(got.expect_err(text).message, *message),
            }
        }
    }

    pub const MATCHES: &[(&str, &[&str], bool)] = &[
        ("kk==node-1", &["node-1"], true),
        ("kk==node-1", &["node-12"], false),
        ("kk==node.1", &["node-1"], false),
        ("kk==no*1", &["node-1"], true),
        ("kk==*", &["anything"], true),
        ("kk==*", &[], false),
        ("kk!=*", &[], true),
        ("kk!=node-1", &["node-2", "node-1"], false),
        ("kk!=node-1", &["node-2"], true),
        ("kk==/^node-[12]$/", &["node-2"], true),
        ("kk==/ode/", &["node-2"], true),
        ("kk==/(?i)NODE/", &["node-2"], true),
    ];

    #[test]
    fn values_are_globs_or_regular_expressions() {
        for (text, values, expect) in MATCHES {
            let expression = Expression::parse(text).expect(text);
            assert_eq!(
                expression.matches(values.iter().copied()),
                *expect,
                "{text} {values:?}"
            );
        }
    }
}
