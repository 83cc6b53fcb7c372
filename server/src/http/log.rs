//! Logs beside their page: as a stream that is followed, and as a file.

use std::convert::Infallible;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::sse::Event;
use axum::response::{IntoResponse as _, Response, Sse};
use control::Actor;
use futures::Stream;
use model::{ContainerRef, LogLine, UserError};
use serde::Deserialize;

use super::refused::Refused;
use super::{Web, cluster_id, lines, missing};

/// Of each container in a file.
const FILE_LINES: u32 = 20_000;

#[derive(Deserialize)]
pub struct Asked {
    /// Names or ids, commas between them.
    #[serde(default)]
    c: String,
    /// For each the moment of its newest line that was seen, in nanoseconds.
    #[serde(default)]
    after: String,
}

impl Asked {
    fn containers(&self) -> Result<Vec<ContainerRef>, UserError> {
        let names = self.c.split(',').filter(|name| !name.is_empty());
        let all = names
            .map(str::parse)
            .collect::<Result<Vec<ContainerRef>, _>>()
            .unwrap_or_default();
        if all.is_empty() {
            return Err(missing("container"));
        }
        Ok(all)
    }
}

fn moments(text: &str) -> Vec<i64> {
    text.split(',')
        .map(|one| one.parse().ok().filter(|ns| *ns >= 0).unwrap_or(0))
        .collect()
}

/// `GET /clusters/{id}/logs/stream`: lines as HTML, escaped, several in one event. Its id says what
/// was seen of each container, so that whoever comes again misses nothing.
pub async fn stream(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let id = cluster_id(&id)?;
    // Whose cluster it is comes before everything that is wrong with the question.
    let all = web.control.container_list(&actor, id).await?;
    let containers = asked.containers()?;
    let room = web.logs.take(actor.account.id)?;
    let mut seen = moments(lines::seen(&headers, &asked.after));
    seen.resize(containers.len(), 0);
    let written = web
        .control
        .container_log_follow(&actor, id, &containers, &seen)
        .await?;
    let names: Vec<String> = containers
        .iter()
        .map(|wanted| {
            let is_it = |one: &&model::ContainerView| {
                one.id == wanted.as_str() || one.name == wanted.as_str()
            };
            all.iter()
                .find(is_it)
                .map_or_else(String::new, |one| one.name.clone())
        })
        .collect();
    let to_event = move |written: Vec<(usize, LogLine)>| {
        let mut html = String::new();
        for (from, line) in written {
            if let Some(seen) = seen.get_mut(from) {
                *seen = line.at_ns.max(*seen);
            }
            let name = names.get(from).filter(|_| names.len() > 1);
            html.push_str(&app::log_line_html(from, name.map(String::as_str), &line));
        }
        let seen: Vec<String> = seen.iter().map(ToString::to_string).collect();
        (seen.join(","), html)
    };
    Ok(lines::followed(&web, (&actor, id), room, written, to_event))
}

/// `GET /clusters/{id}/logs/text`: the newest lines as a file.
pub async fn text(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let id = cluster_id(&id)?;
    let cluster = web.control.cluster_get(&actor, id).await?;
    let containers = asked.containers()?;
    let _room = web.logs.take(actor.account.id)?;
    let log = web
        .control
        .container_log_tail(&actor, id, &containers, FILE_LINES)
        .await?;
    let has_many = log.containers.len() > 1;
    let mut out = String::new();
    for (from, line) in &log.lines {
        let name = log.containers.get(*from).filter(|_| has_many);
        out.push_str(&app::log_line_text(name.map(|one| one.name.as_str()), line));
    }
    // Names of clusters and containers need no escaping.
    let what = match containers.as_slice() {
        [one] => one.to_string(),
        _ => "containers".to_owned(),
    };
    let file = format!("attachment; filename=\"{}-{what}.log\"", cluster.name);
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, file),
    ];
    Ok((headers, out).into_response())
}
