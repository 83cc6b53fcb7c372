//! The page for people, `docs/docker-api.md`, written from the table.

use std::fmt::Write as _;

use super::query::Kind;
use super::route::{Body, Outcome, Row, Treatment};
use super::table::GROUPS;

const HEAD: &str = "\
# The Docker API of a cluster

Every call that Docker's engine has, and what becomes of it when the cluster's endpoint is asked. The
page is written from the program's own route table (`swarm/src/api/table/`), which a test compares
with the engine's list of routes.

* **works**: as with one engine.
* **differs**: it works; what is not as with one engine stands behind it.
* **refused**: 403 with code `CARINA-1024` where it would open the cluster's own doors, 501 where it is
  not there (yet). The client shows the reason.

So it is with every call:

* A path may begin with a version, from `/v1.24` to the newest that all engines of the cluster speak.
* A container, volume or network may be called `<node>/<name>` everywhere; containers' names are unique
  in the cluster.
* Only the query parameters listed and the fields of the body's model are taken. What is not known is
  refused with 400 and its name, in exactly this spelling. A body is read, checked and written anew.
* What makes or changes something passes the policy; a refusal is 403 and begins with its code
  (`CARINA-1002: …`).
* The system's containers can be looked at; they, their images, volumes and networks cannot be changed.
* A container on a node that does not answer is shown as `Host Down`; a call to it says so at once
  ([how long a call may take](timeouts.md)).

";

/// The whole page.
fn page() -> String {
    let mut page = HEAD.to_owned();
    let count = |wanted: fn(&Row) -> bool| super::route::rows().filter(|row| wanted(row)).count();
    let _ = writeln!(
        page,
        "Of {} calls {} work, {} differ and {} are refused.",
        count(|_| true),
        count(|row| row.outcome == Outcome::Works),
        count(|row| matches!(row.outcome, Outcome::Differs(_))),
        count(|row| matches!(row.outcome, Outcome::Refused(_))),
    );
    for (group, rows) in GROUPS {
        let _ = writeln!(
            page,
            "\n## {group}\n\n| call | what you find | who answers | what it may carry |\n|---|---|---|---|"
        );
        for row in *rows {
            let _ = writeln!(
                page,
                "| `{} {}` | {} | {} | {} |",
                row.method.as_str(),
                path(row.pattern),
                outcome(row),
                treatment(row.treatment),
                carries(row),
            );
        }
    }
    page
}

/// `/containers/{name:.*}/json` → `/containers/{name}/json`.
fn path(pattern: &str) -> String {
    let mut path = String::new();
    let mut is_inside = false;
    for c in pattern.chars() {
        match c {
            ':' => is_inside = true,
            '}' => is_inside = false,
            _ => {}
        }
        if !is_inside {
            path.push(c);
        }
    }
    path
}

fn outcome(row: &Row) -> String {
    let mut text = match row.outcome {
        Outcome::Works => "**works**".to_owned(),
        Outcome::Differs(how) => format!("**differs**: {how}"),
        Outcome::Refused(why) => format!("**refused**: {why}"),
    };
    if let Some(answer) = row.answer {
        let _ = write!(text, ". The answer: {answer}");
    }
    text
}

fn treatment(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Local => "the manager",
        Treatment::Aggregated => "the manager, for all nodes",
        Treatment::ContainerNode => "the container's node",
        Treatment::ExecNode => "the exec's node",
        Treatment::ImageNode => "one node that has the image",
        Treatment::AllNodes => "all nodes concerned",
        Treatment::OneNode => "one node",
        Treatment::SwarmManager => "an engine that manages the swarm",
        Treatment::BuildNode => "the build's node",
        Treatment::Refused(_) => "–",
    }
}

fn carries(row: &Row) -> String {
    if matches!(row.treatment, Treatment::Refused(_)) {
        return String::new();
    }
    let mut parts: Vec<String> = row
        .query
        .iter()
        .filter(|(_, kind)| *kind != Kind::Ignored)
        .map(|(key, _)| format!("`{key}`"))
        .collect();
    match row.body {
        Body::Empty => {}
        Body::Json(model) => parts.push(format!("body {model:?}")),
        Body::Tar => parts.push("a tar archive".into()),
    }
    if row.hijack {
        parts.push("a raw stream".into());
    }
    parts.join(", ")
}

#[test]
fn the_page_is_what_the_table_says() {
    crate::compare::page_compare("docker-api.md", &page(), "--lib api::page");
}
