//! What was done, by whom, when: filters stand in the address, pages follow one another by where
//! the one before ended.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{AuditPage, AuditView, Role};

use crate::api;
use crate::audit_words::audit_words;
use crate::page::container_list::option;
use crate::page::{for_members, query};
use crate::root::Me;
use crate::ui::{Icon, Moment, PageHead, load};
use crate::words::t;

/// The words of the filter, as they stand in the address.
const WORDS: [&str; 5] = ["person", "action", "subject", "since", "until"];

/// Only what an address can carry as it is; a name or a day never has anything else.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(64)
        .collect()
}

/// What is looked for, as it stands in the address.
#[derive(Clone)]
struct Filter([String; 5]);

impl Filter {
    fn now() -> Self {
        Self(WORDS.map(|word| plain(&query(word).unwrap_or_default())))
    }

    fn is_any(&self) -> bool {
        self.0.iter().any(|text| !text.is_empty())
    }

    /// `path?person=ada&…`, with more at its end.
    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = WORDS
            .iter()
            .zip(&self.0)
            .map(|(word, text)| (*word, text.as_str()));
        let pairs: Vec<String> = own
            .chain(more.iter().copied())
            .filter(|(_, text)| !text.is_empty())
            .map(|(word, text)| format!("{word}={text}"))
            .collect();
        format!("{path}?{}", pairs.join("&"))
    }
}

pub fn audit() -> AnyView {
    for_members(|| {
        let filter = Filter::now();
        let before = query("before").map(|text| plain(&text)).unwrap_or_default();
        let [person, action, subject, since, until] = filter.0.clone();
        let is_later = !before.is_empty();
        load(
            api::audit_list(person, action, subject, since, until, before),
            move |found| page(found, &filter, is_later),
        )
    })
}

fn page(found: AuditPage, filter: &Filter, is_later: bool) -> AnyView {
    let is_all = expect_context::<Me>()
        .0
        .is_some_and(|me| me.role == Role::Administrator);
    let lead = if is_all {
        t("Everything that anybody did. Nothing here can be changed.")
    } else {
        t(
            "What you did, and what was done with your account, your clusters and your teams. Nothing here can be changed.",
        )
    };
    let export = |format| filter.address("/audit/export", &[("format", format)]);
    let (csv, lines) = (export("csv"), export("jsonl"));
    let next = found.next.map(|next| {
        let href = filter.address("/audit", &[("before", &next)]);
        view! { <A href attr:class="button button-quiet">{t("Older")}</A> }
    });
    let first = is_later.then(|| {
        let href = filter.address("/audit", &[]);
        view! { <A href attr:class="button button-quiet">{t("Newest")}</A> }
    });
    let body = if found.rows.is_empty() {
        let words = if filter.is_any() {
            t("Nothing fits. Leave a filter out.")
        } else {
            t("Nothing yet.")
        };
        view! { <p class="empty">{words}</p> }.into_any()
    } else {
        table(found.rows)
    };
    view! {
        <PageHead title=t("Audit") lead>
            <a href=csv class="button button-quiet" download>{Icon::Download.view()} "CSV"</a>
            <a href=lines class="button button-quiet" download>{Icon::Download.view()} "JSON"</a>
        </PageHead>
        <section class="panel" aria-label=t("Filter")>{form(filter, is_all)}</section>
        <section class="panel" aria-label=t("Entries")>
            {body}
            <p class="form-actions form-below">{first} {next}</p>
        </section>
    }
    .into_any()
}

fn form(filter: &Filter, is_all: bool) -> AnyView {
    let [person, action, subject, since, until] = filter.0.clone();
    let field = |name: &'static str, label: &'static str, kind: &'static str, value: String| {
        let id = format!("filter-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    id=id name=name type=kind value=value maxlength="64" autocomplete="off"
                    spellcheck="false" autocapitalize="none"
                />
            </div>
        }
    };
    let clear = filter.is_any().then(
        || view! { <A href="/audit" attr:class="button button-quiet">{t("Show everything")}</A> },
    );
    view! {
        <form method="get" action="/audit" class="filter">
            {is_all.then(|| field("person", t("Person"), "text", person))}
            <div class="field">
                <label for="filter-action">{t("Action")}</label>
                <select id="filter-action" name="action">{actions(&action)}</select>
            </div>
            {field("subject", t("About"), "text", subject)}
            {field("since", t("From"), "date", since)}
            {field("until", t("To"), "date", until)}
            <div class="form-actions">
                <button type="submit" class="button">{t("Filter")}</button>
                {clear}
            </div>
        </form>
    }
    .into_any()
}

/// All there are, by what they are called in the reader's language. One that is written no more can
/// stand in an address.
fn actions(chosen: &str) -> AnyView {
    let mut known: Vec<(&str, &str)> = control::AUDIT_ACTIONS
        .iter()
        .map(|action| (audit_words(action).unwrap_or(*action), *action))
        .collect();
    known.sort_unstable();
    let strange = audit_words(chosen).is_none() && !chosen.is_empty();
    let strange = strange.then_some((chosen, chosen));
    std::iter::once((t("Whatever was done"), ""))
        .chain(strange)
        .chain(known)
        .map(|(words, action)| option(action.to_owned(), words.to_owned(), action == chosen))
        .collect_view()
        .into_any()
}

fn table(rows: Vec<AuditView>) -> AnyView {
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <table class="table audit">
            <thead>
                <tr>
                    <th scope="col">{t("When")}</th>
                    <th scope="col">{t("Who")}</th>
                    <th scope="col">{t("Action")}</th>
                    <th scope="col">{t("About")}</th>
                    <th scope="col">{t("Detail")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Each word leads to the rows that share it.
fn row(row: AuditView) -> AnyView {
    let link = |word: &str, text: &str| {
        let href = format!("/audit?{word}={}", plain(text));
        let text = text.to_owned();
        view! { <A href>{text}</A> }.into_any()
    };
    // What it is called in the export, and by programs, stands beside it.
    let what = match audit_words(&row.action) {
        Some(words) => {
            let href = format!("/audit?action={}", plain(&row.action));
            view! { <A href>{words}</A> " " <code class="audit-action">{row.action.clone()}</code> }
                .into_any()
        }
        None => view! { <code>{link("action", &row.action)}</code> }.into_any(),
    };
    let subject = match row.subject.is_empty() {
        true => ().into_any(),
        false => link("subject", &row.subject),
    };
    view! {
        <tr data-key=row.id>
            <td data-label=t("When") class="audit-when"><Moment at=row.at/></td>
            <th scope="row" data-label=t("Who")>{link("person", &row.by)}</th>
            <td data-label=t("Action")>{what}</td>
            <td data-label=t("About")>{subject}</td>
            <td data-label=t("Detail") class="audit-detail">{row.detail}</td>
        </tr>
    }
    .into_any()
}
