//! Requests that no docker client would send.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use swarm::cli::TlsFiles;
use swarm::http::{Pool, Target, bytes_body, collect};
use swarm::tls;

use super::{Certs, Client};

/// Status and body; `None` when the connection does not come about or breaks.
pub type Got = Option<(u16, String)>;

fn call(entry: String, ca: &Path, pair: Option<TlsFiles>, request: &str, body: &str) -> Got {
    let roots = tls::roots_read(ca).expect("an authority");
    let identity = pair.map(|files| tls::Identity::read(&files).expect("an identity"));
    let config = tls::client_config(roots, identity).expect("a configuration");
    let pool = Pool::new(Target::Tcp {
        entry,
        tls: Some(Arc::new(config)),
    });
    let (method, target) = request.split_once(' ').expect("a method and a target");
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "docker");
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    let request = request
        .body(bytes_body(body.to_owned()))
        .expect("a request");
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
    let pair = client.map(|client| TlsFiles {
        ca: None,
        cert: client.dir.join("cert.pem"),
        key: client.dir.join("key.pem"),
    });
    call(
        format!("{ip}:2376"),
        &certs.cluster_ca(),
        pair,
        request,
        body,
    )
}

/// At an agent's door, as `manager`, `owner` (the panel) or `stranger`.
pub fn door(certs: &Certs, ip: Ipv4Addr, who: &str, request: &str) -> Got {
    let (cert, key) = certs.pair(who);
    let pair = TlsFiles {
        ca: None,
        cert,
        key,
    };
    call(
        format!("{ip}:42376"),
        &certs.engine_ca(),
        Some(pair),
        request,
        "",
    )
}
