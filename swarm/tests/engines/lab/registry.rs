//! A registry of images beside the cluster: what is pushed to it can be pulled from it, without
//! TLS and in memory, and it finds names by their parts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use sha2::{Digest, Sha256};
use swarm::http::{Body, Caller, Serve, bytes_body, collect, json};

use super::Serving;

const BODY_MAX: usize = 64 << 20;
/// For a layer of eight pieces of a slow image.
pub const SLOW_TAKES: Duration = Duration::from_secs(8);
pub const SLOW_PIECE: usize = 128 << 10;

pub struct Registry {
    pub address: SocketAddr,
    service: Arc<Service>,
    _serving: Serving,
}

#[derive(Default)]
struct Service {
    /// By `sha256:…`: layers and configurations.
    blobs: Mutex<BTreeMap<String, Bytes>>,
    /// By upload's number; a push may come in pieces.
    uploads: Mutex<Vec<Vec<u8>>>,
    /// Slow layers that somebody has begun to fetch.
    begun: AtomicUsize,
    /// By `name:tag` and `name@sha256:…`.
    manifests: Mutex<BTreeMap<String, Manifest>>,
}

#[derive(Clone)]
struct Manifest {
    kind: String,
    digest: String,
    bytes: Bytes,
}

impl Registry {
    pub fn start(gateway: Ipv4Addr) -> Self {
        let service = Arc::new(Service::default());
        let serving = Serving::start(1);
        Self {
            address: serving.serve(gateway, None, &service),
            service,
            _serving: serving,
        }
    }

    /// Slow layers that somebody has begun to fetch.
    pub fn slow_begun(&self) -> usize {
        self.service.begun.load(Ordering::Relaxed)
    }

    /// Puts in an image of one layer, an archive, as `name:1`; one whose name begins with `slow` is
    /// given away over [`SLOW_TAKES`].
    pub fn image_put(&self, name: &str, layer: Vec<u8>) {
        let config = config_of(&layer);
        let mut blobs = self.service.blobs.lock().expect("not poisoned");
        let mut part = |kind: &str, bytes: Vec<u8>| {
            let (digest, size) = (digest_of(&bytes), bytes.len());
            blobs.insert(digest.clone(), bytes.into());
            let kind = format!("application/vnd.oci.image.{kind}");
            serde_json::json!({"mediaType": kind, "digest": digest, "size": size})
        };
        let (config, layer) = (part("config.v1+json", config), part("layer.v1.tar", layer));
        drop(blobs);
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer],
        });
        let bytes = manifest.to_string().into();
        self.service.manifest_put(name, "1", kind.to_owned(), bytes);
    }

    /// `sha256:…` of what was pushed as `address/name` without a tag.
    pub fn digest(&self, image: &str) -> Option<String> {
        let (_, name) = image.split_once('/')?;
        let manifests = self.service.manifests.lock().expect("not poisoned");
        let manifest = manifests.get(&format!("{name}:latest"))?;
        Some(manifest.digest.clone())
    }
}

impl Serve<()> for Service {
    async fn answer(
        self: Arc<Self>,
        _caller: Arc<Caller<()>>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        match path.as_str() {
            "/v2/" | "/v1/_ping" => return json(StatusCode::OK, &serde_json::json!({})),
            "/v1/search" => return self.search(&query),
            _ => {}
        }
        let Some(path) = path.strip_prefix("/v2/") else {
            return status(StatusCode::NOT_FOUND);
        };
        let (method, kind) = (request.method().clone(), header_of(&request));
        if let Some((name, reference)) = path.split_once("/manifests/") {
            return match method {
                Method::PUT => self.manifest_put(name, reference, kind, body_of(request).await),
                _ => self.manifest_get(name, reference, &method),
            };
        }
        if let Some((_, upload)) = path.split_once("/blobs/uploads/") {
            return self
                .upload(path, upload, &query, &method, body_of(request).await)
                .await;
        }
        match path.split_once("/blobs/") {
            Some((name, digest)) if name.starts_with("slow") && method == Method::GET => {
                self.blob_drip(digest)
            }
            Some((_, digest)) => self.blob_get(digest, &method),
            None => status(StatusCode::NOT_FOUND),
        }
    }
}

impl Service {
    fn manifest_put(
        &self,
        name: &str,
        reference: &str,
        kind: String,
        bytes: Bytes,
    ) -> Response<Body> {
        let digest = digest_of(&bytes);
        let manifest = Manifest {
            kind,
            digest: digest.clone(),
            bytes,
        };
        let mut manifests = self.manifests.lock().expect("not poisoned");
        manifests.insert(format!("{name}@{digest}"), manifest.clone());
        if !reference.contains(':') {
            manifests.insert(format!("{name}:{reference}"), manifest);
        }
        with(
            status(StatusCode::CREATED),
            &[("docker-content-digest", &digest)],
        )
    }

    fn manifest_get(&self, name: &str, reference: &str, method: &Method) -> Response<Body> {
        let separator = if reference.contains(':') { '@' } else { ':' };
        let manifests = self.manifests.lock().expect("not poisoned");
        match manifests.get(&format!("{name}{separator}{reference}")) {
            None => json(
                StatusCode::NOT_FOUND,
                &serde_json::json!({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}),
            ),
            Some(manifest) => {
                let headers = [
                    ("content-type", manifest.kind.as_str()),
                    ("docker-content-digest", &manifest.digest),
                ];
                with(content(&manifest.bytes, method), &headers)
            }
        }
    }

    async fn upload(
        &self,
        path: &str,
        upload: &str,
        query: &str,
        method: &Method,
        bytes: Bytes,
    ) -> Response<Body> {
        let mut uploads = self.uploads.lock().expect("not poisoned");
        if *method == Method::POST {
            uploads.push(bytes.to_vec());
            let place = format!("/v2/{path}{}", uploads.len() - 1);
            return with(status(StatusCode::ACCEPTED), &[("location", &place)]);
        }
        let Some(pieces) = upload.parse().ok().and_then(|n: usize| uploads.get_mut(n)) else {
            return status(StatusCode::NOT_FOUND);
        };
        pieces.extend_from_slice(&bytes);
        if *method == Method::PATCH {
            let (place, range) = (format!("/v2/{path}"), format!("0-{}", pieces.len() - 1));
            let headers = [("location", place.as_str()), ("range", &range)];
            return with(status(StatusCode::ACCEPTED), &headers);
        }
        let digest = digest_of(pieces);
        if !query.replace("%3A", ":").contains(&digest) {
            return status(StatusCode::BAD_REQUEST);
        }
        let blob = Bytes::from(std::mem::take(pieces));
        let mut blobs = self.blobs.lock().expect("not poisoned");
        blobs.insert(digest.clone(), blob);
        with(
            status(StatusCode::CREATED),
            &[("docker-content-digest", &digest)],
        )
    }

    fn blob_get(&self, digest: &str, method: &Method) -> Response<Body> {
        match self.blobs.lock().expect("not poisoned").get(digest) {
            Some(bytes) => with(
                content(bytes, method),
                &[("content-type", "application/octet-stream")],
            ),
            None => status(StatusCode::NOT_FOUND),
        }
    }

    fn blob_drip(&self, digest: &str) -> Response<Body> {
        let blob = self
            .blobs
            .lock()
            .expect("not poisoned")
            .get(digest)
            .cloned();
        let Some(blob) = blob else {
            return status(StatusCode::NOT_FOUND);
        };
        let length = blob.len().to_string();
        if blob.len() > SLOW_PIECE {
            self.begun.fetch_add(1, Ordering::Relaxed);
        }
        let drips = futures::stream::unfold(blob, |mut left| async move {
            let whole = left.len();
            let drip = left.split_to(whole.min(SLOW_PIECE));
            // What is small comes at once.
            if whole > SLOW_PIECE {
                tokio::time::sleep(SLOW_TAKES / 8).await;
            }
            (whole > 0).then_some((Ok(drip), left))
        });
        with(
            Response::new(swarm::http::stream_body(drips)),
            &[("content-length", &length)],
        )
    }

    /// As Docker Hub once answered.
    fn search(&self, query: &str) -> Response<Body> {
        let term = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("q="))
            .unwrap_or_default();
        let manifests = self.manifests.lock().expect("not poisoned");
        let found: Vec<_> = manifests
            .keys()
            .filter(|name| !name.contains('@') && name.contains(term))
            .map(|name| name.split(':').next().unwrap_or_default())
            .map(|name| serde_json::json!({"name": name, "description": "found", "star_count": 1}))
            .collect();
        json(
            StatusCode::OK,
            &serde_json::json!({"query": term, "num_results": found.len(), "results": found}),
        )
    }
}

/// An image's configuration, of one layer that is an archive as it is.
pub fn config_of(layer: &[u8]) -> Vec<u8> {
    serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
    })
    .to_string()
    .into_bytes()
}

fn header_of(request: &Request<Incoming>) -> String {
    let kind = request.headers().get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().to_owned()
}

async fn body_of(request: Request<Incoming>) -> Bytes {
    collect(request.into_body(), BODY_MAX)
        .await
        .unwrap_or_default()
}

fn digest_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(bytes_body(""));
    *response.status_mut() = status;
    response
}

/// Its length, and, unless only that was asked for, itself.
fn content(bytes: &Bytes, method: &Method) -> Response<Body> {
    if *method != Method::HEAD {
        return Response::new(bytes_body(bytes.clone()));
    }
    with(
        status(StatusCode::OK),
        &[("content-length", &bytes.len().to_string())],
    )
}

fn with(mut response: Response<Body>, headers: &[(&'static str, &str)]) -> Response<Body> {
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("plain text");
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    response
}
