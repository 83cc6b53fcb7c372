//! The words of the pages: English stands in the source, and is the key under which the catalogue
//! `words/<language>.toml` has the other language's text. A text may have holes, `{name}`.
//!
//! What the pages say themselves goes through [`t`] and its kin. What `control` and `model` say in
//! plain English goes through [`say`], and stands in `words/said.<language>.toml`.

#[cfg(test)]
mod complete;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod literal;
mod said;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use leptos::prelude::*;

/// A language the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

/// Where a person's own choice is kept; what the browser asks for holds without it.
pub const COOKIE_NAME: &str = "carina_language";

static GERMAN: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| catalogue(include_str!("../words/de.toml")));

/// Line by line: one that cannot be read, or comes twice, spoils nothing else.
fn catalogue(text: &str) -> HashMap<String, String> {
    text.lines()
        .filter_map(|line| toml::from_str::<HashMap<String, String>>(line).ok())
        .flatten()
        .collect()
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its own name, in itself.
    #[allow(dead_code, reason = "for the switch between languages")]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.tag() == tag)
    }

    /// The person's choice, else the first language of the browser's list that is spoken here.
    pub fn of_request(headers: &HeaderMap) -> Self {
        // HTTP/2 may bring each cookie in a header of its own.
        let cookies = headers.get_all(COOKIE).iter();
        let chosen = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE_NAME)
            .and_then(|(_, tag)| Self::from_tag(tag));
        let asked = || {
            let languages = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            languages.split(',').find_map(|one| {
                let range = one.split(';').next()?.trim();
                Self::from_tag(&range.split('-').next()?.to_ascii_lowercase())
            })
        };
        chosen.or_else(asked).unwrap_or(Self::English)
    }

    /// That of the request being answered.
    pub fn now() -> Self {
        use_context::<Parts>().map_or(Self::English, |parts| Self::of_request(&parts.headers))
    }

    /// As [`say`], for whoever knows the language and draws no page.
    pub fn say(self, text: &str) -> String {
        match self {
            Self::English => text.to_owned(),
            Self::German => said::in_german(text),
        }
    }

    fn of(self, english: &str) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::German => GERMAN
                .get(english)
                .map(String::as_str)
                .or_else(|| said::german(english)),
        }
    }
}

/// `english` in the language of the request. A text without a translation stays English.
pub fn t(english: &'static str) -> &'static str {
    Language::now().of(english).unwrap_or(english)
}

/// `t` with its holes filled: `tf("{n} of {max} used", &[("n", &n), ("max", &max)])`.
pub fn tf(english: &'static str, holes: &[(&str, &dyn Display)]) -> String {
    fill(t(english), |name| {
        let (_, value) = holes.iter().find(|(hole, _)| *hole == name)?;
        Some(value.to_string())
    })
}

/// The singular for one, else the plural, which may have the hole `{n}`.
pub fn tn(n: usize, one: &'static str, many: &'static str) -> String {
    tf(if n == 1 { one } else { many }, &[("n", &n)])
}

/// A sentence with views in its holes: `tv("Type {code}.", [("code", view)])`. Every language has
/// them where it wants them.
pub fn tv<const N: usize>(english: &'static str, holes: [(&str, AnyView); N]) -> AnyView {
    let mut holes = holes.map(|(name, view)| (name, Some(view)));
    let view_of = |piece| match piece {
        Piece::Text(text) => text.into_any(),
        Piece::Hole(name) => holes
            .iter_mut()
            .find(|(hole, _)| *hole == name)
            .and_then(|(_, view)| view.take())
            .into_any(),
    };
    pieces(t(english))
        .into_iter()
        .map(view_of)
        .collect_view()
        .into_any()
}

/// What came from elsewhere at run time, an error's words say, in the language of the request.
pub fn say(text: &str) -> String {
    Language::now().say(text)
}

/// Runs `draw` in the language of a request that no page answers: a stream's.
pub fn spoken<T>(headers: &HeaderMap, draw: impl FnOnce() -> T) -> T {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    parts.headers = headers.clone();
    Owner::new().with(|| {
        provide_context(parts);
        draw()
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Hole(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        out.push(Piece::Hole(name));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// In one pass: what a value looks like is never taken for a hole.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Hole(name) => value(name).unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(cookie: &str, accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
        Language::of_request(&headers)
    }

    #[test]
    fn a_choice_counts_more_than_the_browser() {
        for (cookie, accept, expect) in [
            ("", "", Language::English),
            ("", "de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("", "fr, en-GB;q=0.8, de;q=0.7", Language::English),
            ("a=b; carina_language=en", "de", Language::English),
            ("carina_language=de", "en", Language::German),
            ("carina_language=../x", "de", Language::German),
        ] {
            assert_eq!(language(cookie, accept), expect, "{cookie} {accept}");
        }
    }

    #[test]
    fn a_value_is_never_a_hole() {
        let values = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(fill("{a} and {b}, { and }", values), "{b} and , ");
        assert_eq!(fill("no holes", values), "no holes");
        assert_eq!(tn(1, "1 segment", "{n} segments"), "1 segment");
        assert_eq!(tn(0, "1 segment", "{n} segments"), "0 segments");
    }
}
