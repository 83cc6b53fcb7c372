//! The words of the pages: English stands in the source, and is the key under which the catalogue
//! `words/<language>.toml` has the other language's text. A text may have holes, `{name}`.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use leptos::prelude::use_context;

/// A language the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

/// Where a person's own choice is kept; what the browser asks for holds without it.
pub const COOKIE_NAME: &str = "carina_language";

static GERMAN: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("../words/de.toml")).unwrap_or_default());

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
    fn of_request(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let chosen = text(COOKIE).and_then(|cookies| {
            cookies
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(name, _)| *name == COOKIE_NAME)
                .and_then(|(_, tag)| Self::from_tag(tag))
        });
        let asked = || {
            text(ACCEPT_LANGUAGE)?.split(',').find_map(|one| {
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

    fn say(self, english: &str) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::German => GERMAN.get(english).map(String::as_str),
        }
    }
}

/// `english` in the language of the request. A text without a translation stays English.
pub fn t(english: &'static str) -> &'static str {
    Language::now().say(english).unwrap_or(english)
}

/// `t` with its holes filled: `tf("{n} of {max} used", &[("n", &n), ("max", &max)])`.
pub fn tf(english: &'static str, holes: &[(&str, &dyn Display)]) -> String {
    holes
        .iter()
        .fold(t(english).to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
}

/// The singular for one, else the plural, which may have the hole `{n}`.
pub fn tn(n: usize, one: &'static str, many: &'static str) -> String {
    tf(if n == 1 { one } else { many }, &[("n", &n)])
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

    /// Holes of a text, sorted.
    fn holes(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_translation_has_the_holes_of_its_text() {
        assert!(!GERMAN.is_empty(), "the catalogue can be read");
        for (english, german) in GERMAN.iter() {
            assert_eq!(holes(english), holes(german), "{english}");
        }
    }
}
