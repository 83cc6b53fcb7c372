//! From a request to the handler that answers it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};

use super::Manager;
use super::answer::{Answer, no_content, refusal_response};
use super::errand::{Errand, is_decided};
use super::gate::Identity;
use super::primary::{CLIENT_SERIAL, MANAGER_HOST};
use super::proxy::Payload;
use super::refusals::Asked;
use crate::api::path::origin_form;
use crate::api::route::{Body as RouteBody, Matched, Route, find};
use crate::api::{Refusal, header as rules, json as strict};
use crate::engine::host_of;
use crate::http::{Body, Caller, Serve, Upgrade, bytes_body, collect, upgrade_take};
use crate::limits;

/// A request taken apart: what handlers get.
pub struct Call {
    pub matched: Matched,
    pub headers: HeaderMap,
    pub(super) body: Option<Incoming>,
    /// The body, where the whole of it was read before anything else.
    pub(super) whole: Option<Bytes>,
    /// Under which we decide; `None` where nobody else could.
    pub term: Option<u64>,
    pub upgrade: Option<Upgrade>,
    pub caller: Arc<Caller<Identity>>,
}

impl Call {
    /// The whole of a JSON body, bounded.
    pub async fn json_body(&mut self) -> Result<Vec<u8>, Refusal> {
        self.json_body_within(strict::Bounds::USUAL).await
    }

    /// The same, of a kind that has bounds of its own.
    pub async fn json_body_within(&mut self, bounds: strict::Bounds) -> Result<Vec<u8>, Refusal> {
        if let Some(whole) = self.whole.take() {
            return Ok(whole.to_vec());
        }
        let Some(body) = self.body.take() else {
            return Ok(Vec::new());
        };
        Ok(body_read(body, bounds).await?.to_vec())
    }

    /// A tar archive on its way through, if the route carries one.
    pub fn payload(&mut self) -> Payload {
        match (self.matched.row.body, self.body.take()) {
            (RouteBody::Tar, Some(body)) => Payload::Tar(body),
            _ => Payload::Empty,
        }
    }
}

async fn body_read(body: Incoming, bounds: strict::Bounds) -> Result<Bytes, Refusal> {
    // One more than is allowed: the strict reader then says what the limit is.
    // It is small: who dawdles over it holds a connection.
    tokio::time::timeout(limits::BODY, collect(body, bounds.bytes + 1))
        .await
        .map_err(|_| Refusal::bad_request("the body did not come in time"))?
        .map_err(|_| Refusal::too_large("the body is too large or broke off"))
}

impl Serve<Identity> for Manager {
    async fn answer(
        self: Arc<Self>,
        caller: Arc<Caller<Identity>>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let origin = request.headers().contains_key(header::ORIGIN);
        let asked = Asked::new(
            &caller.identity,
            request.method(),
            request.uri().path(),
            request.headers(),
        );
        let answer = self.answer_any(caller, request).await;
        let mut response = answer.unwrap_or_else(|refusal| {
            if let Some(code) = refusal.code {
                self.refusals.note(code, &asked);
            }
            refusal_response(&refusal)
        });
        self.headers_add(response.headers_mut(), origin);
        response
    }
}

impl Manager {
    async fn answer_any(
        self: &Arc<Self>,
        caller: Arc<Caller<Identity>>,
        mut request: Request<Incoming>,
    ) -> Answer {
        let by_manager = *caller.identity == Identity::Manager;
        if by_manager {
            self.manager_check(request.headers())?;
        }
        let target = origin_form(request.uri())?;
        let matched = find(request.method().as_str(), target)?;
        let has_body = !request.body().is_end_stream();
        headers_check(&matched, request.headers(), has_body)?;
        let asks_for_primary = by_manager && request.headers().contains_key(MANAGER_HOST);
        if !asks_for_primary {
            self.cluster.ready().await;
        } else if let Some(election) = &self.election
            && !election.is_settled(&self.cluster)
        {
            return Err(Refusal {
                status: 503,
                ..Refusal::failed("this manager has just started")
            });
        }
        let upgrade = upgrade_take(&mut request);
        let (head, body) = request.into_parts();
        let mut errand = Errand {
            by_manager,
            is_decided: is_decided(matched.route()),
            matched,
            caller,
            head,
            whole: None,
            body: Some(body),
            upgrade,
        };
        if errand.is_decided || !has_body {
            let body = errand.body.take();
            errand.whole = Some(match body {
                Some(body) if has_body => body_read(body, strict::Bounds::USUAL).await?,
                _ => Bytes::new(),
            });
        }
        self.errand_do(errand).await
    }

    pub(super) async fn handle(self: &Arc<Self>, call: Call) -> Answer {
        match call.matched.route() {
            Route::Ping | Route::PingHead => Ok(self.ping(call.matched.route())),
            Route::Options => Ok(no_content()),
            Route::Info => Ok(self.info()),
            Route::VersionInfo => Ok(self.version()),
            Route::PluginList => Ok(super::answer::ok_json::<[(); 0]>(&[])),
            Route::Events => self.events(&call).await,
            Route::ContainerList => self.container_list(&call).await,
            Route::ContainerInspect => self.container_inspect(&call).await,
            Route::ContainerCreate => self.container_create(call).await,
            Route::ContainerDelete => self.container_delete(call).await,
            Route::ContainerRename => self.container_rename(call).await,
            Route::ContainerStart | Route::ContainerRestart | Route::ContainerUnpause => {
                self.container_start(call).await
            }
            Route::ContainerUpdate => self.container_update(call).await,
            Route::ContainerCommit => self.container_commit(call).await,
            Route::ContainerStop | Route::ContainerKill | Route::ContainerPause => {
                self.container_change(call).await
            }
            Route::ContainerLogs
            | Route::ContainerStats
            | Route::ContainerTop
            | Route::ContainerChanges => self.container_look(call).await,
            Route::ContainerWait => self.container_wait(call).await,
            Route::ContainerAttach
            | Route::ContainerAttachWs
            | Route::ContainerResize
            | Route::ContainerExport
            | Route::ContainerArchiveGet
            | Route::ContainerArchiveHead
            | Route::ContainerArchivePut => self.container_use(call).await,
            Route::ContainerPrune
            | Route::ImagePrune
            | Route::NetworkPrune
            | Route::VolumePrune
            | Route::BuildPrune => self.prune(call).await,
            Route::SystemDf => self.disk_usage(&call).await,
            Route::ExecCreate => self.exec_create(call).await,
            Route::ExecStart => self.exec_start(call).await,
            Route::ExecInspect | Route::ExecResize => self.exec_proxy(call).await,
            Route::ImageList => self.image_list(&call).await,
            Route::ImageCreate => self.image_create(call).await,
            Route::ImageLoad => self.image_load(call).await,
            Route::ImageDelete => self.image_delete(&call).await,
            Route::ImageTag => self.image_tag(&call).await,
            Route::ImageSave => self.image_save(call).await,
            Route::ImageSaveOne | Route::ImageHistory | Route::ImageInspect | Route::ImagePush => {
                self.image_proxy(call).await
            }
            Route::ImageAttestations => self.image_attestations(call).await,
            Route::ImageSearch | Route::DistributionInspect => self.any_proxy(call).await,
            Route::Auth => self.auth(call).await,
            Route::NetworkList | Route::NetworkListSlash => self.network_list(&call).await,
            Route::NetworkInspect => self.network_inspect(&call).await,
            Route::NetworkCreate => self.network_create(call).await,
            Route::NetworkDelete => self.network_delete(&call).await,
            Route::NetworkConnect => self.network_connect(call).await,
            Route::NetworkDisconnect => self.network_disconnect(call).await,
            Route::VolumeList => self.volume_list(&call),
            Route::VolumeInspect => self.volume_inspect(&call).await,
            Route::VolumeCreate => self.volume_create(call).await,
            Route::VolumeDelete => self.volume_delete(&call).await,
            Route::BuildImage => self.build(call).await,
            Route::BuildCancel => self.build_cancel(call).await,
            Route::Session => self.build_session(call).await,
            Route::Grpc => self.build_control(call).await,
            Route::ServiceCreate => self.service_create(call).await,
            Route::ServiceUpdate => self.service_update(call).await,
            Route::SecretCreate | Route::SecretUpdate => self.secret_write(call).await,
            Route::ConfigCreate | Route::ConfigUpdate => self.config_write(call).await,
            Route::NodeUpdate => self.node_update(call).await,
            Route::SwarmInspect => self.swarm_inspect().await,
            Route::ServiceList
            | Route::ServiceInspect
            | Route::ServiceDelete
            | Route::ServiceLogs
            | Route::TaskList
            | Route::TaskInspect
            | Route::TaskLogs
            | Route::NodeList
            | Route::NodeInspect
            | Route::SecretList
            | Route::SecretInspect
            | Route::SecretDelete
            | Route::ConfigList
            | Route::ConfigInspect
            | Route::ConfigDelete => self.swarm_pass(call).await,
            _ => Err(Refusal::not_offered(format!(
                "{} {} is not offered yet",
                call.matched.row.method.as_str(),
                call.matched.row.pattern
            ))),
        }
    }

    /// A manager passes on for a client: is that one still welcome? And do we know the manager?
    fn manager_check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        if text(CLIENT_SERIAL).is_some_and(|serial| self.gate.is_revoked(serial)) {
            return Err(Refusal {
                status: 403,
                ..Refusal::bad_request("this certificate was revoked")
            });
        }
        if let Some(host) = text(MANAGER_HOST)
            && !self
                .cluster
                .entries()
                .iter()
                .any(|entry| host_of(entry) == host)
        {
            self.discovery_kick.notify_one();
        }
        Ok(())
    }

    /// The client must not speak a newer version than all engines do.
    pub(super) fn version_check(&self, matched: &Matched) -> Result<(), Refusal> {
        match (matched.version, self.cluster.api_version()) {
            (Some(asked), Some(newest)) if asked > newest => Err(Refusal::bad_request(format!(
                "client version {asked} is too new. Maximum supported API version is {newest}"
            ))),
            _ => Ok(()),
        }
    }

    fn headers_add(&self, headers: &mut HeaderMap, origin: bool) {
        let version = self.cluster.api_version();
        if let Some(version) = version
            && let Ok(version) = HeaderValue::from_str(&version.to_string())
        {
            headers.insert(HeaderName::from_static("api-version"), version);
        }
        headers.insert(
            header::SERVER,
            HeaderValue::from_static(concat!("swarm/", env!("CARGO_PKG_VERSION"))),
        );
        headers.insert(
            HeaderName::from_static("ostype"),
            HeaderValue::from_static("linux"),
        );
        if self.cors && origin {
            for (name, value) in [
                ("access-control-allow-origin", "*"),
                (
                    "access-control-allow-headers",
                    "Origin, X-Requested-With, Content-Type, Accept, X-Registry-Auth",
                ),
                (
                    "access-control-allow-methods",
                    "HEAD, GET, POST, DELETE, PUT, OPTIONS",
                ),
            ] {
                headers.insert(
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                );
            }
        }
    }

    fn ping(&self, route: Route) -> Response<Body> {
        let body = if route == Route::Ping { "OK" } else { "" };
        // Clients hide `docker service` and its like where nobody manages a swarm.
        let swarm = match self.cluster.view().swarm_manager() {
            Some(_) => "active/manager",
            None => "inactive",
        };
        let mut response = Response::new(bytes_body(body));
        let headers = response.headers_mut();
        for (name, value) in [
            ("content-type", "text/plain; charset=utf-8"),
            ("cache-control", "no-cache, no-store, must-revalidate"),
            ("pragma", "no-cache"),
            ("docker-experimental", "false"),
            // BuildKit, for clients that have it.
            ("builder-version", "2"),
            ("swarm", swarm),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        *response.status_mut() = StatusCode::OK;
        response
    }
}

fn headers_check(matched: &Matched, headers: &HeaderMap, has_body: bool) -> Result<(), Refusal> {
    let mut list = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let value = value
            .to_str()
            .map_err(|_| Refusal::bad_request(format!("the header {name} is not plain text")))?;
        list.push((name.as_str(), value));
    }
    rules::check(matched.row, &list, has_body)
}
