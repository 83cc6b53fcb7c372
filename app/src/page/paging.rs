//! Ways through a list that is shown by the page, and to a part of it: all of it stands in the address,
//! and works without script.

use leptos::prelude::*;
use model::PageAt;

use crate::page::query;
use crate::words::{t, tf};

/// A filter is of use from so many rows on.
const MANY: u32 = 7;

/// The page that the address asks for under this word; nothing, or nonsense, is the first.
pub fn page_asked(word: &str) -> u32 {
    query(word).and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// `path?word=text&…`; what is empty is left out.
pub fn address(path: &str, words: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = words
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(word, text)| format!("{word}={}", encoded(text)))
        .collect();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}

/// For an address's query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// To the pages before and after; nothing where there is only one. `to`: the address of a page by
/// its number.
pub fn paging(at: PageAt, label: &'static str, to: impl Fn(&str) -> String) -> AnyView {
    if at.pages <= 1 {
        return ().into_any();
    }
    let link = |page: u32, text: &'static str, rel: &'static str| {
        let href = to(&page.to_string());
        view! { <a href=href rel=rel class="button button-quiet">{text}</a> }
    };
    let before = (at.page > 1).then(|| link(at.page - 1, t("Earlier"), "prev"));
    let after = (at.page < at.pages).then(|| link(at.page + 1, t("Later"), "next"));
    let here = tf(
        "Page {page} of {pages}",
        &[("page", &at.page), ("pages", &at.pages)],
    );
    view! {
        <nav class="list-filter paging" aria-label=label>
            {before} <span>{here}</span> {after}
        </nav>
    }
    .into_any()
}

/// By a part of the name. A plain form: the address says what is shown. `found`: how many of how many,
/// while something is looked for.
pub fn name_filter(at: PageAt, here: &'static str, filter: &str, found: &'static str) -> AnyView {
    if at.total < MANY && filter.is_empty() {
        return ().into_any();
    }
    let is_filtered = !filter.is_empty();
    let found = is_filtered.then(|| tf(found, &[("found", &at.found), ("total", &at.total)]));
    let all = is_filtered.then(|| view! { <a href=here>{t("Show all")}</a> });
    let filter = filter.to_owned();
    view! {
        <form class="list-filter" method="get" action=here role="search">
            <label for="q">{t("Name contains")}</label>
            <input id="q" name="q" type="search" value=filter maxlength="63" autocomplete="off"/>
            <button type="submit" class="button button-quiet">{t("Filter")}</button>
            <span role="status">{found}</span>
            {all}
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_has_what_is_said_and_nothing_else() {
        for (words, expect) in [
            (&[("q", ""), ("page", "")][..], "/people"),
            (&[("q", ""), ("page", "2")], "/people?page=2"),
            (
                &[("q", "a b&c"), ("page", "2")],
                "/people?q=a%20b%26c&page=2",
            ),
        ] {
            assert_eq!(address("/people", words), expect);
        }
    }
}
