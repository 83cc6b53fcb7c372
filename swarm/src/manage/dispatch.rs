//! From a request to the handler that answers it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};

use super::Manager;
use super::answer::{Answer, no_content, pool_refusal, refusal_response};
use super::gate::Identity;
use super::primary::{CLIENT_SERIAL, HEADER_PREFIX, MANAGER_HOST, Role};
use super::proxy::Payload;
use crate::api::route::{Body as RouteBody, Matched, Route, find};
use crate::api::{Refusal, header as rules, json as strict};
use crate::engine::host_of;
use crate::http::{
    Body, Caller, Pool, PoolError, Serve, Upgrade, bytes_body, collect, empty, forward, incoming,
    upgrade_take,
};
use crate::limits::PRIMARY_GAP;
use crate::term::{self, REFUSED, TERM};

/// A JSON body is small; who dawdles over it holds a connection.
const BODY_LIMIT: Duration = Duration::from_secs(30);
/// Managers that one request is tried at, one after another.
const TRIES_MAX: usize = 4;

/// A request taken apart: what handlers get.
pub struct Call {
    pub matched: Matched,
    pub headers: HeaderMap,
    body: Option<Incoming>,
    /// The body, where the whole of it was read before anything else.
    whole: Option<Bytes>,
    /// Under which we decide; `None` where nobody else could.
    pub term: Option<u64>,
    pub upgrade: Option<Upgrade>,
    pub caller: Arc<Caller<Identity>>,
}

impl Call {
    /// The whole of a JSON body, bounded.
    pub async fn json_body(&mut self) -> Result<Vec<u8>, Refusal> {
        if let Some(whole) = self.whole.take() {
            return Ok(whole.to_vec());
        }
        let Some(body) = self.body.take() else {
            return Ok(Vec::new());
        };
        Ok(body_read(body).await?.to_vec())
    }

    /// A tar archive on its way through, if the route carries one.
    pub fn payload(&mut self) -> Payload {
        match (self.matched.row.body, self.body.take()) {
            (RouteBody::Tar, Some(body)) => Payload::Tar(body),
            _ => Payload::Empty,
        }
    }
}

async fn body_read(body: Incoming) -> Result<Bytes, Refusal> {
    // One more than is allowed: the strict reader then says what the limit is.
    tokio::time::timeout(BODY_LIMIT, collect(body, strict::MAX_BYTES + 1))
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
        let answer = self.answer_any(caller, request).await;
        let mut response = answer.unwrap_or_else(|refusal| refusal_response(&refusal));
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
        let target = request
            .uri()
            .authority()
            .is_none()
            .then(|| request.uri().path_and_query())
            .flatten()
            .ok_or_else(|| Refusal::bad_request("only origin-form request targets are accepted"))?
            .as_str()
            .to_owned();
        let matched = find(request.method().as_str(), &target)?;
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
        self.version_check(&matched)?;
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
                Some(body) if has_body => body_read(body).await?,
                _ => Bytes::new(),
            });
        }
        for _ in 0..TRIES_MAX {
            if let Some(answer) = self.errand_run(&mut errand).await? {
                return Ok(answer);
            }
            if let Some(election) = &self.election {
                election.look_again(&self.cluster).await;
            }
        }
        Ok(deposed(0))
    }

    /// Answers, here or at the primary. `None`: nothing was done, and the primary has changed.
    async fn errand_run(
        self: &Arc<Self>,
        errand: &mut Errand,
    ) -> Result<Option<Response<Body>>, Refusal> {
        let anywhere = matches!(
            errand.matched.route(),
            Route::Ping | Route::PingHead | Route::Options
        );
        if !anywhere
            && !errand.by_manager
            && let Some(pool) = self.primary_elsewhere().await?
        {
            return errand.pass_on(&pool).await;
        }
        let mut term = None;
        if errand.is_decided
            && let Some(election) = &self.election
        {
            term = election.term(&self.cluster).await;
            if term.is_none() {
                // A manager took us for the primary; a client's request goes to the new one.
                return Ok(errand.by_manager.then(|| deposed(0)));
            }
        }
        let call = Call {
            matched: errand.matched.clone(),
            headers: errand.head.headers.clone(),
            body: errand.body.take(),
            whole: errand.whole.clone(),
            term,
            upgrade: errand.upgrade.take().filter(|_| errand.matched.row.hijack),
            caller: Arc::clone(&errand.caller),
        };
        if !errand.is_decided {
            return self.handle(call).await.map(Some);
        }
        // A client that goes away must not leave a container half made, or made and not known.
        let manager = Arc::clone(self);
        let deciding = tokio::spawn(async move { manager.handle(call).await });
        let answer = deciding
            .await
            .unwrap_or_else(|_| Err(Refusal::failed("the request could not be carried out")));
        match answer {
            Err(refusal) if refusal.status == REFUSED.as_u16() => {
                if let (Some(election), Some(term)) = (&self.election, term) {
                    election.deposed(term);
                }
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    async fn handle(self: &Arc<Self>, call: Call) -> Answer {
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
            Route::ContainerStart | Route::ContainerRestart => self.container_start(call).await,
            Route::ContainerUpdate => self.container_update(call).await,
            Route::ContainerCommit => self.container_commit(call).await,
            Route::ContainerStop
            | Route::ContainerKill
            | Route::ContainerPause
            | Route::ContainerUnpause => self.container_change(call).await,
            Route::ContainerLogs
            | Route::ContainerStats
            | Route::ContainerTop
            | Route::ContainerChanges
            | Route::ContainerWait => self.container_look(call).await,
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
            _ => Err(Refusal::not_offered(format!(
                "{} {} is not offered yet",
                call.matched.row.method.as_str(),
                call.matched.row.pattern
            ))),
        }
    }

    /// The primary's connections, or `None` when that is us. Looks on while none answers.
    async fn primary_elsewhere(&self) -> Result<Option<Arc<Pool>>, Refusal> {
        let Some(election) = &self.election else {
            return Ok(None);
        };
        let search = async {
            let mut role = election.role();
            loop {
                let Role::Replica(address) = role else {
                    return Ok(None);
                };
                let pool = election.pool(&address);
                if pool.connect_ahead().await.is_ok() {
                    return Ok(Some(pool));
                }
                role = election.look_again(&self.cluster).await;
            }
        };
        tokio::time::timeout(PRIMARY_GAP, search)
            .await
            .unwrap_or_else(|_| Err(Refusal::failed("no manager of this cluster answers")))
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
    fn version_check(&self, matched: &Matched) -> Result<(), Refusal> {
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
        let mut response = Response::new(bytes_body(body));
        let headers = response.headers_mut();
        for (name, value) in [
            ("content-type", "text/plain; charset=utf-8"),
            ("cache-control", "no-cache, no-store, must-revalidate"),
            ("pragma", "no-cache"),
            ("docker-experimental", "false"),
            // BuildKit, for clients that have it.
            ("builder-version", "2"),
            ("swarm", "inactive"),
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

/// What only one manager of a cluster may do, for names to be unique.
fn is_decided(route: Route) -> bool {
    matches!(route, Route::ContainerCreate | Route::ContainerRename)
}

/// A client's request, kept so that another manager can be asked when one has failed.
struct Errand {
    matched: Matched,
    caller: Arc<Caller<Identity>>,
    by_manager: bool,
    is_decided: bool,
    head: http::request::Parts,
    /// The whole body, where it is needed twice.
    whole: Option<Bytes>,
    body: Option<Incoming>,
    upgrade: Option<Upgrade>,
}

impl Errand {
    /// Hands the request to the primary, with the serial of who sent it.
    async fn pass_on(&mut self, pool: &Arc<Pool>) -> Result<Option<Response<Body>>, Refusal> {
        let upgrade = self.upgrade.take();
        let is_look = matches!(self.head.method, Method::GET | Method::HEAD);
        let can_again = self.whole.is_some() && upgrade.is_none();
        let body = match (&self.whole, self.body.take()) {
            (Some(whole), _) => bytes_body(whole.clone()),
            (None, Some(body)) => incoming(body),
            (None, None) => empty(),
        };
        let mut request = Request::from_parts(self.head.clone(), body);
        let headers = request.headers_mut();
        let ours: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(HEADER_PREFIX))
            .cloned()
            .collect();
        for name in ours {
            headers.remove(name);
        }
        if let Identity::Client(peer) = &*self.caller.identity
            && let Ok(serial) = HeaderValue::from_str(&peer.serial)
        {
            headers.insert(CLIENT_SERIAL, serial);
        }
        match forward(pool, request, upgrade, self.caller.cut()).await {
            Ok(response) => {
                let refused = term::refused_by(response.status(), response.headers()).is_some();
                Ok((!refused).then_some(response))
            }
            // Nothing has left, or nothing that was asked for changes anything.
            Err(PoolError::Connect { .. }) if can_again => Ok(None),
            Err(_) if can_again && is_look => Ok(None),
            Err(error) => Err(pool_refusal(&error)),
        }
    }
}

/// Nothing was done: another manager is the primary.
fn deposed(term: u64) -> Response<Body> {
    let mut response = refusal_response(&Refusal {
        status: REFUSED.as_u16(),
        ..Refusal::failed("another manager of this cluster has just taken over; try again")
    });
    response.headers_mut().insert(TERM, term.into());
    response
}
