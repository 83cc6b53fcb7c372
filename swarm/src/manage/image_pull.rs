//! Bringing images in: pulled, loaded or imported to every node, with one line a node and step.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use http::{Request, Response, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Manager;
use super::answer::{Answer, engine_refusal, pool_refusal};
use super::create::{node_name, tagged};
use super::dispatch::Call;
use super::everywhere::tee;
use super::image::Holder;
use super::proxy::Payload;
use crate::api::Refusal;
use crate::engine::{Engine, EngineError};
use crate::http::{Body, BodyError, collect, incoming, stream_body};

/// What an engine says while it loads is small.
const REPORT_MAX: usize = 4 << 20;
const LINES_AHEAD: usize = 64;

type Lines = mpsc::Sender<Value>;

impl Manager {
    pub async fn image_create(self: &Arc<Self>, mut call: Call) -> Answer {
        self.policy.image_create(&call.matched.query)?;
        let query = &call.matched.query;
        if let Some(image) = query.text("fromImage") {
            let image = match query.text("tag") {
                Some(tag) if tag.contains(':') => format!("{image}@{tag}"),
                Some(tag) => format!("{image}:{tag}"),
                None => image.to_owned(),
            };
            return self.image_pull(call, image).await;
        }
        if query.text("fromSrc") != Some("-") {
            return Err(Refusal::bad_request(
                "only archives that the client sends along can be imported (fromSrc=-)",
            ));
        }
        if let Some(repo) = query.text("repo") {
            self.policy.image_change(&tagged(repo, query.text("tag")))?;
        }
        let payload = call.payload();
        self.image_import(call, payload).await
    }

    pub(super) fn nodes_healthy(&self) -> Result<Vec<Holder>, Refusal> {
        let nodes: Vec<_> = self.cluster.view().healthy().cloned().collect();
        if nodes.is_empty() {
            return Err(Refusal::failed("No healthy node available in the cluster"));
        }
        Ok(nodes)
    }

    async fn image_pull(self: &Arc<Self>, call: Call, image: String) -> Answer {
        let nodes = self.nodes_healthy()?;
        let (lines, answer) = line_stream();
        let (manager, call) = (Arc::clone(self), Arc::new(call));
        tokio::spawn(async move {
            let (mut errors, mut failed) = (Vec::new(), Vec::new());
            let n_nodes = nodes.len();
            let what = format!("Pulling {image}...");
            for (engine, _) in &nodes {
                let _ = lines
                    .send(json!({"id": node_name(engine), "status": what}))
                    .await;
            }
            let mut waiting: FuturesUnordered<_> = nodes
                .into_iter()
                .map(|(engine, snapshot)| {
                    let (manager, call) = (Arc::clone(&manager), Arc::clone(&call));
                    async move {
                        let payload = Payload::Empty;
                        let answer = manager.send_plain(&call, &engine, &snapshot, "", payload);
                        let end = pull_follow(answer.await).await;
                        (engine, end)
                    }
                    .boxed()
                })
                .collect();
            loop {
                // A client that has gone away wants no image any more.
                let next = tokio::select! {
                    () = lines.closed() => return,
                    next = waiting.next() => next,
                };
                let Some((engine, end)) = next else { break };
                let status = match end {
                    Ok(()) => format!("{what} : downloaded"),
                    Err(error) => {
                        errors.push(format!("{}: {error}", node_name(&engine)));
                        failed.push(Arc::clone(&engine));
                        format!("{what} : error")
                    }
                };
                engine.images_refresh().await;
                let _ = lines
                    .send(json!({"id": node_name(&engine), "status": status}))
                    .await;
            }
            if failed.len() == n_nodes {
                errors_tell(&lines, errors).await;
                return;
            }
            // The registry gave it to one node at least: the others have it from there.
            for (engine, error) in failed.iter().zip(errors) {
                let bringing = async {
                    match engine.snapshot().is_healthy() {
                        true => manager.image_bring_to(&image, engine).await,
                        false => Err(Refusal::failed("it is brought when it is needed there")),
                    }
                };
                let copied = tokio::select! {
                    () = lines.closed() => return,
                    copied = bringing => copied,
                };
                let status = match copied {
                    Ok(()) => format!("{what} : copied from another node"),
                    Err(refusal) => format!("Warning: {error}; {}", refusal.message),
                };
                let _ = lines
                    .send(json!({"id": node_name(engine), "status": status}))
                    .await;
            }
        });
        Ok(answer)
    }

    pub async fn image_load(self: &Arc<Self>, mut call: Call) -> Answer {
        let nodes = self.nodes_healthy()?;
        let Payload::Tar(body) = call.payload() else {
            return Err(Refusal::bad_request("there is no archive"));
        };
        let (copies, pump) = tee(incoming(body), nodes.len());
        tokio::spawn(pump);
        let (lines, answer) = line_stream();
        tokio::spawn(async move {
            let mut waiting: FuturesUnordered<_> = nodes
                .into_iter()
                .zip(copies)
                .map(|((engine, _), copy)| {
                    async move {
                        let end = load(&engine, copy).await;
                        engine.images_refresh().await;
                        (engine, end)
                    }
                    .boxed()
                })
                .collect();
            let (mut errors, mut told) = (Vec::new(), Vec::new());
            while let Some((engine, end)) = waiting.next().await {
                match end {
                    Ok(report) => {
                        for line in report
                            .into_iter()
                            .filter(|line| line.get("stream").is_some())
                        {
                            if !told.contains(&line) {
                                told.push(line.clone());
                                let _ = lines.send(line).await;
                            }
                        }
                    }
                    Err(refusal) => {
                        errors.push(format!("{}: {}", node_name(&engine), refusal.message));
                    }
                }
            }
            errors_tell(&lines, errors).await;
        });
        Ok(answer)
    }

    /// Imported once and copied: imported twice it would be two images of the same name.
    async fn image_import(self: &Arc<Self>, mut call: Call, payload: Payload) -> Answer {
        let nodes = self.nodes_healthy()?;
        let Some(((first, snapshot), others)) = nodes.split_first() else {
            return Err(Refusal::failed("No healthy node available in the cluster"));
        };
        let response = self.send(&mut call, first, snapshot, "", payload).await?;
        if !response.status().is_success() {
            return Ok(response);
        }
        let bytes = collect(response.into_body(), REPORT_MAX)
            .await
            .map_err(|error| engine_refusal(&EngineError::Body(error)))?;
        let report = json_lines(&bytes);
        first.images_refresh().await;
        let others = others.to_vec();
        let (lines, answer) = line_stream();
        let query = &call.matched.query;
        let tagged = query
            .text("repo")
            .map(|repo| tagged(repo, query.text("tag")));
        let manager = Arc::clone(self);
        tokio::spawn(async move {
            let id = report.iter().find_map(|line| {
                line["status"]
                    .as_str()
                    .filter(|status| status.starts_with("sha256:"))
            });
            let reference = tagged.or_else(|| id.map(str::to_owned));
            let mut errors = Vec::new();
            if let Some(reference) = reference {
                for (other, _) in &others {
                    if let Err(refusal) = manager.image_bring_to(&reference, other).await {
                        errors.push(refusal.message);
                    }
                }
            }
            for line in report {
                let _ = lines.send(line).await;
            }
            errors_tell(&lines, errors).await;
        });
        Ok(answer)
    }
}

/// Loads an archive into one engine; gives back what it says.
pub async fn load(engine: &Arc<Engine>, archive: Body) -> Result<Vec<Value>, Refusal> {
    let request = Request::post("/images/load?quiet=1")
        .header(header::HOST, "docker")
        .header(header::CONTENT_TYPE, "application/x-tar")
        .body(archive)
        .map_err(|error| Refusal::failed(error.to_string()))?;
    let response = engine
        .pool
        .send(request)
        .await
        .map_err(|error| pool_refusal(&error))?;
    let status = response.status();
    let bytes = collect(response.into_body(), REPORT_MAX)
        .await
        .map_err(|error| engine_refusal(&EngineError::Body(error)))?;
    if !status.is_success() {
        return Err(Refusal::failed(crate::engine::error_message(&bytes)));
    }
    let report = json_lines(&bytes);
    match report.iter().find_map(|line| line["error"].as_str()) {
        Some(error) => Err(Refusal::failed(error)),
        None => Ok(report),
    }
}

/// Reads an engine's progress to its end.
async fn pull_follow(answer: Answer) -> Result<(), String> {
    let response = answer.map_err(|refusal| refusal.message)?;
    let status = response.status();
    let mut body = response.into_body();
    let (mut rest, mut failed) = (Vec::new(), None);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() else {
            continue;
        };
        rest.extend_from_slice(&data);
        if rest.len() > REPORT_MAX {
            return Err("the engine's report is too long".into());
        }
        if !status.is_success() {
            continue;
        }
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=at).collect();
            if let Ok(line) = serde_json::from_slice::<Value>(&line)
                && let Some(error) = line["error"].as_str()
            {
                failed = Some(error.to_owned());
            }
        }
    }
    if !status.is_success() {
        return Err(crate::engine::error_message(&rest));
    }
    failed.map_or(Ok(()), Err)
}

fn json_lines(bytes: &[u8]) -> Vec<Value> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

/// A body of JSON lines that somebody else writes.
fn line_stream() -> (Lines, Response<Body>) {
    let (sender, receiver) = mpsc::channel::<Value>(LINES_AHEAD);
    let stream = stream::unfold(receiver, |mut receiver| async {
        let line = receiver.recv().await?;
        let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
        bytes.extend_from_slice(b"\r\n");
        Some((Ok::<_, BodyError>(Bytes::from(bytes)), receiver))
    });
    let mut response = Response::new(stream_body(stream));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    (sender, response)
}

/// The last line, if anything went wrong: the status was sent long ago.
async fn errors_tell(lines: &Lines, errors: Vec<String>) {
    if errors.is_empty() {
        return;
    }
    let message = errors.join("\n");
    let line = json!({"error": message, "errorDetail": {"code": 1, "message": message}});
    let _ = lines.send(line).await;
}
