//! What is done to one container: found by any name a client may use, checked, sent to its node.

use futures::{StreamExt, stream};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use serde_json::{Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes, no_content};
use super::cluster::Located;
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::route::Route;
use crate::api::{HostConfig, Refusal, json as strict};
use crate::engine::is_any_address;
use crate::http::{Body, incoming, stream_body};
use crate::policy::{Deed, admit};
use crate::schedule::facts::NodeView;
use crate::schedule::names::container_meant;

/// So many bytes show whether an archive is compressed.
const ARCHIVE_MARK: usize = 6;

impl Manager {
    /// The container of the path, on a node that answers, which may have `deed` done to it.
    pub fn container_take(&self, reference: &str, deed: Deed) -> Result<Located, Refusal> {
        match self.cluster.container_reach(reference) {
            Ok(located) => {
                self.policy.container(deed, &located.container)?;
                Ok(located)
            }
            Err(refusal) => {
                // Where several are meant, a system container among them is told of first.
                let view = self.cluster.view();
                for found in container_meant(&view.nodes(), reference) {
                    self.policy.container(deed, found.container)?;
                }
                Err(refusal)
            }
        }
    }

    async fn container_send(&self, call: &mut Call, located: &Located, payload: Payload) -> Answer {
        let id = &located.container.id;
        self.send(call, &located.engine, &located.snapshot, id, payload)
            .await
    }

    /// For what changes the container: it is read anew before the client is told.
    async fn container_send_seen(
        &self,
        call: &mut Call,
        located: &Located,
        payload: Payload,
    ) -> Answer {
        let answer = self.container_send(call, located, payload).await?;
        located
            .engine
            .container_refresh(&located.container.id)
            .await;
        Ok(answer)
    }

    pub async fn container_look(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Look)?;
        self.container_send(&mut call, &located, Payload::Empty)
            .await
    }

    /// The answer begins at once and comes to its end with the container: whoever has waited for
    /// that finds the list saying so.
    pub async fn container_wait(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Look)?;
        let answer = self
            .container_send(&mut call, &located, Payload::Empty)
            .await?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        let (engine, id) = (located.engine.clone(), located.container.id.clone());
        Ok(answer.map(|body| {
            stream_body(body.into_data_stream().then(move |piece| {
                let (engine, id) = (engine.clone(), id.clone());
                async move {
                    engine.container_refresh(&id).await;
                    piece
                }
            }))
        }))
    }

    pub async fn container_use(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        if let Some(path) = call.matched.query.text("path") {
            self.policy.archive(path)?;
        }
        let mut payload = call.payload();
        if let Payload::Tar(body) = payload {
            payload = Payload::Body(self.archive_plain(body).await?);
        }
        self.container_send(&mut call, &located, payload).await
    }

    /// The archive as it comes, once its first bytes have shown that it is none to be unpacked.
    async fn archive_plain(&self, mut body: Incoming) -> Result<Body, Refusal> {
        let (mut pieces, mut first) = (Vec::new(), Vec::new());
        while first.len() < ARCHIVE_MARK {
            let frame = match body.frame().await {
                None => break,
                Some(frame) => frame.map_err(|error| Refusal::bad_request(error.to_string()))?,
            };
            if let Ok(piece) = frame.into_data() {
                first.extend(piece.iter().take(ARCHIVE_MARK));
                pieces.push(Ok(piece));
            }
        }
        self.policy.archive_begins(&first)?;
        let rest = stream::unfold(incoming(body), |mut body| async {
            loop {
                let frame = body.frame().await?;
                match frame.map(Frame::into_data) {
                    Ok(Ok(piece)) => return Some((Ok(piece), body)),
                    // Trailers do not pass.
                    Ok(Err(_)) => {}
                    Err(error) => return Some((Err(error), body)),
                }
            }
        });
        Ok(stream_body(stream::iter(pieces).chain(rest)))
    }

    /// stop, kill, pause: afterwards the list says so at once.
    pub async fn container_change(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        self.container_send_seen(&mut call, &located, Payload::Empty)
            .await
    }

    /// start, restart and unpause look at the container again: it may be older than a rule.
    pub async fn container_start(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        if self.policy.is_enforced() {
            self.container_start_check(&located).await?;
        }
        self.container_send_seen(&mut call, &located, Payload::Empty)
            .await
    }

    async fn container_start_check(&self, located: &Located) -> Result<(), Refusal> {
        let target = format!("/containers/{}/json", located.container.id);
        let inspect: Value = located
            .engine
            .get(&target)
            .await
            .map_err(|error| engine_refusal(&error))?;
        let host_config = HostConfig::from_inspect(&inspect)?;
        let view = self.cluster.view();
        let nodes = view.nodes();
        self.policy
            .container_start(&host_config, &crate::policy::Cluster(&nodes))
    }

    pub async fn container_update(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        let update = admit::container_update(&self.policy, &call.json_body().await?)?;
        let payload = Payload::Json(strict::write(&update));
        self.container_send_seen(&mut call, &located, payload).await
    }

    pub async fn container_rename(&self, call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        let name = call
            .matched
            .query
            .text("name")
            .ok_or_else(|| Refusal::bad_request("Neither old nor new names may be empty"))?
            .to_owned();
        self.policy.container_rename(&name)?;
        self.cluster.id_free(&name)?;
        let _held = self.cluster.name_hold(&name, &located)?;
        let version = self.version_for(&call.matched, &located.snapshot);
        let target = call.matched.target(version, &located.container.id);
        located
            .engine
            .call_in(call.term, http::Method::POST, &target, None)
            .await
            .map_err(|error| engine_refusal(&error))?;
        located
            .engine
            .container_refresh(&located.container.id)
            .await;
        Ok(no_content())
    }

    pub async fn container_delete(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Delete)?;
        let answer = self
            .container_send(&mut call, &located, Payload::Empty)
            .await?;
        if answer.status().is_success() {
            located.engine.container_forget(&located.container.id);
            if call.matched.query.flag("v") {
                located.engine.volumes_refresh().await;
            }
        }
        Ok(answer)
    }

    pub async fn container_commit(&self, mut call: Call) -> Answer {
        let reference = call
            .matched
            .query
            .text("container")
            .ok_or_else(|| Refusal::bad_request("which container is to be committed?"))?
            .to_owned();
        let located = self.container_take(&reference, Deed::Use)?;
        let body = call.json_body().await?;
        let config = admit::container_commit(&self.policy, &body, &call.matched.query)?;
        let query = &call.matched.query;
        if let Some(repo) = query.text("repo") {
            self.policy
                .image_change(&super::create::tagged(repo, query.text("tag")))?;
        }
        let id = located.container.id.clone();
        call.matched
            .query
            .set("container", crate::api::query::Value::Text(id));
        let payload = Payload::Json(strict::write(&config));
        let answer = self.container_send(&mut call, &located, payload).await?;
        located.engine.images_refresh().await;
        Ok(answer)
    }

    /// The engine's own answer, with the node it came from.
    pub async fn container_inspect(&self, call: &Call) -> Answer {
        debug_assert_eq!(call.matched.route(), Route::ContainerInspect);
        let located = self.container_take(&call.matched.name, Deed::Look)?;
        let version = self.version_for(&call.matched, &located.snapshot);
        let target = call.matched.target(version, &located.container.id);
        let mut inspect: Value = match located.engine.get(&target).await {
            Ok(inspect) => inspect,
            Err(error) => {
                let refusal = engine_refusal(&error);
                if refusal.status == StatusCode::NOT_FOUND.as_u16() {
                    located.engine.container_forget(&located.container.id);
                }
                return Err(refusal);
            }
        };
        node_add(&mut inspect, &located.snapshot.view, located.engine.ip());
        Ok(json_bytes(serde_json::to_vec(&inspect).unwrap_or_default()))
    }
}

/// `Node`, and the node's address where a port is published on all of its.
fn node_add(inspect: &mut Value, node: &NodeView, ip: &str) {
    inspect["Node"] = json!({
        "ID": node.id,
        "IP": ip,
        "Addr": node.addr,
        "Name": node.name,
        "Cpus": node.cpus,
        "Memory": node.memory,
        "Labels": node.labels,
    });
    let Some(Value::Object(ports)) = inspect.pointer_mut("/NetworkSettings/Ports") else {
        return;
    };
    for bindings in ports.values_mut() {
        for binding in bindings.as_array_mut().into_iter().flatten() {
            if let Some(Value::String(at)) = binding.get_mut("HostIp")
                && is_any_address(at)
            {
                *at = ip.to_owned();
            }
        }
    }
}
