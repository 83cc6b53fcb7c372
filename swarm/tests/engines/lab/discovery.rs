//! The panel's discovery listener, as far as agents and managers ask it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use swarm::cli::TlsFiles;
use swarm::http::{Body, Caller, Serve, bytes_body, collect, json};
use swarm::tls;
use tokio::sync::watch;

use super::{Certs, Serving};

pub struct Discovery {
    pub address: SocketAddr,
    service: Arc<Service>,
    _serving: Serving,
}

struct Service {
    token: String,
    entries: Mutex<Vec<String>>,
    revocations: watch::Sender<wire::Revocations>,
}

impl Serve<()> for Service {
    async fn answer(
        self: Arc<Self>,
        _caller: Arc<Caller<()>>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let clusters = format!("/v1/clusters/{}", self.token);
        let revocations = format!("/v1/revocations/{}", self.token);
        match *request.method() {
            Method::GET if path == clusters => {
                json(StatusCode::OK, &*self.entries.lock().expect("not poisoned"))
            }
            Method::POST if path == clusters && query.starts_with("ttl=") => {
                let body = collect(request.into_body(), 100).await.expect("small");
                let entry = String::from_utf8(body.to_vec()).expect("text");
                let mut entries = self.entries.lock().expect("not poisoned");
                if !entries.contains(&entry) {
                    entries.push(entry);
                    entries.sort();
                }
                Response::new(bytes_body("OK"))
            }
            Method::GET if path == revocations => {
                let after: u64 = query
                    .strip_prefix("after=")
                    .and_then(|v| v.parse().ok())
                    .expect("v");
                let mut list = self.revocations.subscribe();
                let newer = list.wait_for(|list| list.version > after);
                let _ = tokio::time::timeout(Duration::from_secs(30), newer).await;
                let list = self.revocations.borrow().clone();
                json(StatusCode::OK, &list)
            }
            _ => {
                let mut response = Response::new(bytes_body("404"));
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        }
    }
}

impl Discovery {
    pub fn start(gateway: Ipv4Addr, certs: &Certs, token: &str) -> Self {
        tls::install_provider();
        let (cert, key) = certs.pair("discovery");
        let identity = tls::Identity::read(&TlsFiles {
            ca: None,
            cert,
            key,
        })
        .expect("an identity");
        let config = tls::server_config(identity, None).expect("a configuration");
        let revocations = watch::Sender::new(wire::Revocations {
            version: 0,
            serials: Vec::new(),
        });
        let service = Arc::new(Service {
            token: token.to_owned(),
            entries: Mutex::default(),
            revocations,
        });
        let serving = Serving::start(1);
        Self {
            address: serving.serve(gateway, Some(&Arc::new(config)), &service),
            service,
            _serving: serving,
        }
    }

    pub fn revoke(&self, serial: &str) {
        self.service.revocations.send_modify(|list| {
            list.version += 1;
            list.serials.push(serial.to_owned());
        });
    }

    pub fn entries(&self) -> Vec<String> {
        self.service.entries.lock().expect("not poisoned").clone()
    }
}
