//! The audit as a file: `GET /audit/export?format=csv`, with the filters of its page.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use control::{Actor, AuditQuery, Control};
use futures::{Stream, StreamExt as _, stream};
use model::{AuditPage, AuditView, UserError};
use serde::Deserialize;

use super::Web;
use super::refused::Refused;

/// As they stand in the page's address.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Words {
    format: String,
    person: String,
    action: String,
    subject: String,
    since: String,
    until: String,
}

pub async fn export(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Query(words): Query<Words>,
) -> Result<Response, Refused> {
    let Some(Extension(actor)) = actor else {
        return Ok(Redirect::to("/sign-in?next=/audit").into_response());
    };
    let query = AuditQuery {
        person: words.person,
        action: words.action,
        subject: words.subject,
        ..AuditQuery::default()
    }
    .between(&words.since, &words.until);
    // What is refused is refused before the file begins.
    let first = web.control.audit_export(&actor, &query).await?;
    let (kind, name, form) = match words.format.as_str() {
        "jsonl" => ("application/x-ndjson", "audit.jsonl", Form::Lines),
        _ => ("text/csv; charset=utf-8", "audit.csv", Form::Csv),
    };
    let head = stream::iter(form.head().map(|head| Ok(head.to_owned())));
    let parts = parts(web.control, actor, query, first);
    let text = parts.map(move |part| part.map(|rows| form.text(&rows)));
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, Body::from_stream(head.chain(text))).into_response())
}

/// All of it, part by part: nothing is left out, and no more than a part is in memory. A file whose end
/// does not come breaks off, so that nobody takes it for whole.
fn parts(
    control: Control,
    actor: Actor,
    query: AuditQuery,
    first: AuditPage,
) -> impl Stream<Item = Result<Vec<AuditView>, UserError>> + Send {
    let next = first.next;
    let rest = stream::try_unfold(next, move |next| {
        let (control, actor) = (control.clone(), actor.clone());
        let query = AuditQuery {
            before: next.clone(),
            ..query.clone()
        };
        async move {
            if next.is_none() {
                return Ok(None);
            }
            let page = control.audit_export(&actor, &query).await?;
            Ok(Some((page.rows, page.next)))
        }
    });
    stream::iter([Ok(first.rows)]).chain(rest)
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Csv,
    Lines,
}

impl Form {
    fn head(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some("at,by,action,subject,detail,id\r\n"),
            Self::Lines => None,
        }
    }

    fn text(self, rows: &[AuditView]) -> String {
        match self {
            Self::Csv => csv(rows),
            Self::Lines => lines(rows),
        }
    }
}

fn lines(rows: &[AuditView]) -> String {
    rows.iter()
        .filter_map(|row| serde_json::to_string(row).ok())
        .map(|line| line + "\n")
        .collect()
}

fn csv(rows: &[AuditView]) -> String {
    let mut text = String::new();
    for row in rows {
        let cells = [
            &iso(row.at),
            &row.by,
            &row.action,
            &row.subject,
            &row.detail,
            &row.id,
        ];
        text.push_str(&cells.map(|cell| quoted(cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

fn iso(at_ms: i64) -> String {
    use time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// A spreadsheet runs what begins like a formula: what people typed must not be one. Some split at
/// semicolons instead, whatever the quotes say, so that a cell may begin anywhere.
fn quoted(cell: &str) -> String {
    let mut text = "\"".to_owned();
    let mut is_start = true;
    for c in cell.chars() {
        if is_start
            && matches!(
                c,
                '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
            )
        {
            text.push('\'');
        }
        is_start = matches!(c, ';' | '\t' | '\r' | '\n') || (is_start && c == ' ');
        if c == '"' {
            text.push('"');
        }
        text.push(c);
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("x; =1+1;y"), "\"x; '=1+1;y\"");
        assert_eq!(iso(1_795_824_000_000), "2026-11-28T00:00:00Z");
    }
}
