//! Requests that no docker client would send.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use rustls::ClientConfig;
use swarm::cli::TlsFiles;
use swarm::http::{Body, Pool, Target, bytes_body, collect};
use swarm::tls;

use super::{Certs, Client};

/// Status and body; `None` when the connection does not come about or breaks.
pub type Got = Option<(u16, String)>;

/// What a person with a bundle connects to a cluster's manager with.
pub fn bundle_tls(certs: &Certs, client: &Client) -> ClientConfig {
    tls_of(&certs.cluster_ca(), Some(pair_of(client)))
}

fn pair_of(client: &Client) -> TlsFiles {
    TlsFiles {
        ca: None,
        cert: client.dir.join("cert.pem"),
        key: client.dir.join("key.pem"),
    }
}

fn tls_of(ca: &Path, pair: Option<TlsFiles>) -> ClientConfig {
    let roots = tls::roots_read(ca).expect("an authority");
    let identity = pair.map(|files| tls::Identity::read(&files).expect("an identity"));
    tls::client_config(roots, identity).expect("a configuration")
}

/// `what` is method and target; a body is JSON.
pub fn request(what: &str, body: impl Into<Bytes>) -> Request<Body> {
    let (method, target) = what.split_once(' ').expect("a method and a target");
    let body = body.into();
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "docker");
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    request.body(bytes_body(body)).expect("a request")
}

fn call(entry: String, config: ClientConfig, what: &str, body: &str) -> Got {
    let pool = Pool::new(Target::Tcp {
        entry,
        tls: Some(Arc::new(config)),
    });
    let request = request(what, body.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let exchange = async {
            let response = pool.send(request).await.ok()?;
            let status = response.status().as_u16();
            let body = collect(response.into_body(), 1 << 20).await.ok()?;
            Some((status, String::from_utf8_lossy(&body).into_owned()))
        };
        tokio::time::timeout(Duration::from_secs(10), exchange)
            .await
            .ok()
            .flatten()
    })
}

/// At a manager, with a bundle or with none.
pub fn api(certs: &Certs, ip: Ipv4Addr, client: Option<&Client>, request: &str, body: &str) -> Got {
    let config = tls_of(&certs.cluster_ca(), client.map(pair_of));
    call(format!("{ip}:2376"), config, request, body)
}

/// At an agent's door, as `manager`, `owner` (the panel) or `stranger`.
pub fn door(certs: &Certs, ip: Ipv4Addr, who: &str, request: &str) -> Got {
    call(format!("{ip}:42376"), door_tls(certs, who), request, "")
}

/// What one of these connects to what is under the engine authority with.
pub fn door_tls(certs: &Certs, who: &str) -> ClientConfig {
    let (cert, key) = certs.pair(who);
    let pair = TlsFiles {
        ca: None,
        cert,
        key,
    };
    tls_of(&certs.engine_ca(), Some(pair))
}
