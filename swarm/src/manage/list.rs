//! `docker ps`: out of memory, written together from lines that are written already.

use std::collections::HashMap;

use futures::future::join_all;
use serde_json::Value;
use time::OffsetDateTime;

use super::Manager;
use super::answer::{Answer, json_bytes};
use super::cluster::View;
use super::dispatch::Call;
use crate::api::ps;
use crate::engine::{Phase, Snapshot};

impl Manager {
    pub async fn container_list(&self, call: &Call) -> Answer {
        let view = self.cluster.view();
        let query = &call.matched.query;
        let sizes = if query.flag("size") {
            Some(sizes(&view).await)
        } else {
            None
        };
        let by_addr: HashMap<&str, &Snapshot> = view
            .members
            .iter()
            .map(|(engine, snapshot)| (engine.entry.as_str(), &**snapshot))
            .collect();
        let nodes = view.nodes();
        let chosen = ps::select(&nodes, query)?;
        let now = OffsetDateTime::now_utc();
        let mut out = Vec::with_capacity(2 + chosen.len() * 1024);
        out.push(b'[');
        for (node, container) in chosen {
            let Some(snapshot) = by_addr.get(node.addr.as_str()) else {
                continue;
            };
            let Some(listed) = snapshot.listed.get(&container.id) else {
                continue;
            };
            if out.len() > 1 {
                out.push(b',');
            }
            out.extend_from_slice(&listed.prefix);
            if let Some((rw, root_fs)) = sizes.as_ref().and_then(|sizes| sizes.get(&container.id)) {
                out.extend_from_slice(
                    format!(r#","SizeRw":{rw},"SizeRootFs":{root_fs}"#).as_bytes(),
                );
            }
            out.extend_from_slice(br#","Status":""#);
            match snapshot.phase {
                Phase::Healthy | Phase::Pending => {
                    // Docker's sentences need no escapes.
                    out.extend_from_slice(listed.state.sentence(now).as_bytes());
                }
                Phase::Unhealthy => out.extend_from_slice(b"Host Down"),
            }
            out.extend_from_slice(br#""}"#);
        }
        out.push(b']');
        Ok(json_bytes(out))
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
