//! `docker ps`: out of memory, written together from lines that are written already.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use futures::stream;
use http::Response;
use serde_json::Value;
use time::OffsetDateTime;

use super::Manager;
use super::answer::{Answer, json_bytes};
use super::cluster::View;
use super::dispatch::Call;
use crate::api::ps;
use crate::engine::{At, Phase};
use crate::http::{Body, BodyError, stream_body};

/// Bytes that are written before they are sent.
const PIECE: usize = 64 * 1024;

impl Manager {
    pub async fn container_list(&self, call: &Call) -> Answer {
        let view = self.cluster.view();
        let query = &call.matched.query;
        let sizes = if query.flag("size") {
            Some(sizes(&view).await)
        } else {
            None
        };
        let chosen = ps::select(&view.nodes(), view.order(), query)?;
        let writer = Writer {
            now: OffsetDateTime::now_utc(),
            chosen: chosen.into_iter(),
            sizes,
            begun: false,
            view,
        };
        Ok(json_pieces(writer))
    }
}

/// An answer of any length: whole when it fits into one piece, else as it is written.
fn json_pieces(mut pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Response<Body> {
    let first = pieces.next().unwrap_or_default();
    let Some(second) = pieces.next() else {
        return json_bytes(first);
    };
    let pieces = [first, second].into_iter().chain(pieces);
    let pieces = pieces.map(|piece| Ok::<_, BodyError>(Bytes::from(piece)));
    json_bytes(Vec::new()).map(|_| stream_body(stream::iter(pieces)))
}

/// Writes the list piece by piece, so that one of tens of thousands of containers is never in
/// memory as a whole, and is on its way while the rest is written.
struct Writer {
    view: Arc<View>,
    chosen: std::vec::IntoIter<At>,
    sizes: Option<HashMap<String, (i64, i64)>>,
    now: OffsetDateTime,
    begun: bool,
}

impl Iterator for Writer {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.begun && self.chosen.len() == 0 {
            return None;
        }
        let (view, sizes, now) = (&self.view, &self.sizes, self.now);
        let mut out = Vec::with_capacity(PIECE.min(2 + self.chosen.len() * 2048) + 4096);
        out.push(if self.begun { b',' } else { b'[' });
        self.begun = true;
        while out.len() < PIECE
            && let Some(at) = self.chosen.next()
        {
            if out.len() > 1 {
                out.push(b',');
            }
            let snapshot = view.snapshot(at);
            let container = &snapshot.view.containers[at.container as usize];
            let listed = &snapshot.listed[at.container as usize];
            out.extend_from_slice(&listed.prefix);
            if let Some((rw, root_fs)) = sizes.as_ref().and_then(|sizes| sizes.get(&container.id)) {
                let sizes = format!(r#","SizeRw":{rw},"SizeRootFs":{root_fs}"#);
                out.extend_from_slice(sizes.as_bytes());
            }
            out.extend_from_slice(br#","Status":""#);
            match snapshot.phase {
                Phase::Healthy | Phase::Pending => {
                    // Docker's sentences need no escapes.
                    let _ = write!(out, "{}", listed.state.sentence(now));
                }
                Phase::Unhealthy => out.extend_from_slice(b"Host Down"),
            }
            out.extend_from_slice(br#""}"#);
        }
        if self.chosen.len() == 0 {
            out.push(b']');
        }
        Some(out)
    }
}

/// Sizes are measured only when asked for: it costs the engines a walk over all files.
async fn sizes(view: &View) -> HashMap<String, (i64, i64)> {
    let asked = view.healthy().map(|(engine, _)| async move {
        let lines: Vec<Value> = engine
            .get("/containers/json?all=1&size=1")
            .await
            .unwrap_or_default();
        lines
    });
    join_all(asked)
        .await
        .into_iter()
        .flatten()
        .filter_map(|line| {
            let id = line["Id"].as_str()?.to_owned();
            let size = |key: &str| line[key].as_i64().unwrap_or(0);
            Some((id, (size("SizeRw"), size("SizeRootFs"))))
        })
        .collect()
}
