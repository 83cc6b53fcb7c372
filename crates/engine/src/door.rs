//! One mTLS connection to a segment, HTTP/1.1 on it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::ClientIdentity;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, UPGRADE};
use http::request::Builder;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// More than a thousand containers fit; a hostile engine's endless answer does not.
const BODY_MAX_BYTES: usize = 8 * 1024 * 1024;
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Longest piece of an engine's own words that goes on a page or into the log.
const WHY_MAX_CHARS: usize = 300;

#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error("no connection: {0}")]
    Connect(String),
    #[error("no secure connection: {0}")]
    Tls(String),
    #[error("the connection broke: {0}")]
    Http(String),
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
    #[error("the panel's certificate cannot be used: {0}")]
    Identity(String),
    /// It answered no; its own words.
    #[error("{why}")]
    Refused { status: StatusCode, why: String },
    #[error("an answer that makes no sense: {0}")]
    Nonsense(String),
}

impl DoorError {
    pub fn has_status(&self, wanted: StatusCode) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }
}

pub struct Door {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Door {
    pub async fn open(
        address: Ipv4Addr,
        port: u16,
        identity: &ClientIdentity,
    ) -> Result<Self, DoorError> {
        let tcp = Self::reach(SocketAddr::new(address.into(), port)).await?;
        Self::over(tcp, address.into(), identity).await
    }

    /// The first half of opening: a connection on which nothing was said yet.
    pub async fn reach(address: SocketAddr) -> Result<TcpStream, DoorError> {
        let tcp = tokio::time::timeout(CONNECT_DEADLINE, TcpStream::connect(address))
            .await
            .map_err(|_| DoorError::Late(CONNECT_DEADLINE))?
            .map_err(|error| DoorError::Connect(error.to_string()))?;
        // Small questions and answers: waiting for more to send would only cost time.
        tcp.set_nodelay(true)
            .map_err(|error| DoorError::Connect(error.to_string()))?;
        Ok(tcp)
    }

    /// The second half: whoever is there must prove to be `name`.
    pub async fn over(
        tcp: TcpStream,
        name: IpAddr,
        identity: &ClientIdentity,
    ) -> Result<Self, DoorError> {
        let connector = TlsConnector::from(Arc::new(client_config(identity)?));
        let host = tcp.peer_addr().map(|address| address.to_string());
        let name = ServerName::IpAddress(name.into());
        let tls = connector
            .connect(name, tcp)
            .await
            .map_err(|error| DoorError::Tls(error.to_string()))?;
        let (sender, connection) = http1::handshake(TokioIo::new(tls))
            .await
            .map_err(|error| DoorError::Http(chain(&error)))?;
        // Ends when the sender and every body and upgrade of it are dropped.
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(error = %chain(&error), "connection to a segment ended");
            }
        });
        Ok(Self {
            sender,
            host: host.map_err(|error| DoorError::Connect(error.to_string()))?,
        })
    }

    /// Asks and gives back the body of a 2xx answer.
    pub async fn call(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Bytes, DoorError> {
        let request = self.request(method, path);
        let response = self.send(request, body).await?;
        whole(response.into_body()).await
    }

    /// Asks and gives back an answer whose body is still to be read.
    pub async fn open_body(&mut self, path: &str) -> Result<Response<Incoming>, DoorError> {
        let request = self.request(Method::GET, path);
        self.send(request, Bytes::new()).await
    }

    /// The same, where asking does something.
    pub async fn open_posted(&mut self, path: &str) -> Result<Response<Incoming>, DoorError> {
        let request = self.request(Method::POST, path);
        self.send(request, Bytes::new()).await
    }

    /// Turns the connection into a plain one in both directions.
    pub async fn hijack(
        mut self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<TokioIo<Upgraded>, DoorError> {
        let request = self
            .request(Method::POST, path)
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "tcp");
        let body = Bytes::from(body.to_string());
        let response = self.send(request, body).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let what = format!("{} where a stream was asked for", response.status());
            return Err(DoorError::Nonsense(what));
        }
        hyper::upgrade::on(response)
            .await
            .map(TokioIo::new)
            .map_err(|error| DoorError::Http(chain(&error)))
    }

    fn request(&self, method: Method, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
    }

    /// The answer, if it is a yes.
    async fn send(
        &mut self,
        mut request: Builder,
        body: Bytes,
    ) -> Result<Response<Incoming>, DoorError> {
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| DoorError::Http(error.to_string()))?;
        let broke = |error: &hyper::Error| DoorError::Http(chain(error));
        self.sender.ready().await.map_err(|error| broke(&error))?;
        let response = self
            .sender
            .send_request(request)
            .await
            .map_err(|error| broke(&error))?;
        let status = response.status();
        if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response);
        }
        let body = whole(response.into_body()).await?;
        Err(DoorError::Refused {
            status,
            why: words(status, &body),
        })
    }

    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, DoorError> {
        let body = self.call(Method::GET, path, Bytes::new()).await?;
        serde_json::from_slice(&body).map_err(|error| nonsense(&error))
    }

    /// The same, where an honest answer is short.
    pub async fn get_small<T: DeserializeOwned>(
        &mut self,
        path: &str,
        most_bytes: usize,
    ) -> Result<T, DoorError> {
        let response = self.open_body(path).await?;
        let body = up_to(response.into_body(), most_bytes).await?;
        serde_json::from_slice(&body).map_err(|error| nonsense(&error))
    }

    pub async fn post(&mut self, path: &str, body: &serde_json::Value) -> Result<(), DoorError> {
        let body = Bytes::from(body.to_string());
        self.call(Method::POST, path, body).await.map(drop)
    }

    /// The same, where the answer says what was made.
    pub async fn made<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, DoorError> {
        let body = Bytes::from(body.to_string());
        let body = self.call(Method::POST, path, body).await?;
        serde_json::from_slice(&body).map_err(|error| nonsense(&error))
    }
}

async fn whole(body: Incoming) -> Result<Bytes, DoorError> {
    up_to(body, BODY_MAX_BYTES).await
}

async fn up_to(body: Incoming, most_bytes: usize) -> Result<Bytes, DoorError> {
    Limited::new(body, most_bytes)
        .collect()
        .await
        .map(Collected::to_bytes)
        .map_err(|error| DoorError::Nonsense(chain(error.as_ref())))
}

/// What an engine's refusal says, on one line, without control characters.
fn words(status: StatusCode, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let text = match serde_json::from_slice::<Message>(body) {
        Ok(Message { message }) => message,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let text = short(&text);
    match text.trim() {
        "" => format!("status {status}"),
        text => text.to_owned(),
    }
}

/// The parser quotes what it did not expect, whole.
pub fn nonsense(error: &serde_json::Error) -> DoorError {
    DoorError::Nonsense(short(&error.to_string()))
}

/// Of an engine's own words, on one line.
pub fn short(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(WHY_MAX_CHARS)
        .collect()
}

fn client_config(identity: &ClientIdentity) -> Result<ClientConfig, DoorError> {
    let wrong = |what: &'static str| move |_| DoorError::Identity(what.to_owned());
    let mut roots = RootCertStore::empty();
    for ca in CertificateDer::pem_slice_iter(identity.ca_pem.as_bytes()) {
        let ca = ca.map_err(wrong("authority"))?;
        roots
            .add(ca)
            .map_err(|error| DoorError::Identity(error.to_string()))?;
    }
    let chain = CertificateDer::pem_slice_iter(identity.cert_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.0.as_bytes()).map_err(wrong("key"))?;
    // The provider is named, not taken from the process: a library must not depend on who set it.
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_root_certificates(roots)
                .with_client_auth_cert(chain, key)
        })
        .map_err(|error| DoorError::Identity(error.to_string()))
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_short_line() {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        assert_eq!(words(status, br#"{"message":"no\nsuch"}"#), "no such");
        assert_eq!(words(status, b"plain\x1b[0m"), "plain [0m");
        assert_eq!(words(status, b""), "status 500 Internal Server Error");
        assert_eq!(words(status, &[b'x'; 9000]).len(), WHY_MAX_CHARS);
    }

    #[test]
    fn what_makes_no_sense_is_told_in_short() {
        let text = format!("\"{}\"", "x".repeat(9_000));
        let error = serde_json::from_str::<u32>(&text).expect_err("no number");
        assert!(nonsense(&error).to_string().len() < 2 * WHY_MAX_CHARS);
    }

    #[test]
    fn a_broken_identity_is_told_before_anything_is_sent() {
        let identity = ClientIdentity {
            ca_pem: String::new(),
            cert_pem: String::new(),
            key_pem: wire::Secret("nothing".into()),
        };
        assert!(matches!(
            client_config(&identity),
            Err(DoorError::Identity(_))
        ));
    }
}
