//! A very small https client: one request a connection, bounded in time and size.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::DiscoveryError;
use crate::tls;

/// The longest list that is read: some 30,000 entries.
const ANSWER_MAX: usize = 1 << 20;

/// `host[:port][/path]` of an https service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    path: String,
}

impl Target {
    pub fn parse(text: &str) -> Option<Self> {
        let (authority, path) = match text.find('/') {
            Some(slash) => (&text[..slash], text[slash..].trim_end_matches('/')),
            None => (text, ""),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, 443),
        };
        ServerName::try_from(host).ok()?;
        let clean = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
        path.bytes().all(clean).then(|| Self {
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if self.port != 443 {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

pub struct Https {
    connector: TlsConnector,
}

impl Https {
    /// Authorities are read once: a container that gets others is made anew.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Https> = OnceLock::new();
        SHARED.get_or_init(|| {
            tls::install_provider();
            let config = rustls::ClientConfig::builder()
                .with_root_certificates(tls::system_roots())
                .with_no_client_auth();
            Self {
                connector: TlsConnector::from(Arc::new(config)),
            }
        })
    }

    pub async fn get(
        &self,
        target: &Target,
        path: &str,
        limit: Duration,
    ) -> Result<(u16, Bytes), DiscoveryError> {
        let request = Request::get(format!("{}{path}", target.path)).body(Full::default());
        self.call(target, request, limit).await
    }

    pub async fn post(
        &self,
        target: &Target,
        path: &str,
        body: String,
        limit: Duration,
    ) -> Result<(u16, Bytes), DiscoveryError> {
        let mut request = Request::post(format!("{}{path}", target.path));
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.call(target, request.body(Full::from(body)), limit)
            .await
    }

    async fn call(
        &self,
        target: &Target,
        request: http::Result<Request<Full<Bytes>>>,
        limit: Duration,
    ) -> Result<(u16, Bytes), DiscoveryError> {
        let mut request = request.map_err(|error| DiscoveryError::Url(error.to_string()))?;
        let host = format!("{}:{}", target.host, target.port);
        if let Ok(host) = host.parse() {
            request.headers_mut().insert(header::HOST, host);
        }
        tokio::time::timeout(limit, self.call_unbounded(target, request))
            .await
            .unwrap_or_else(|_| Err(DiscoveryError::Unreachable("no answer in time".into())))
    }

    async fn call_unbounded(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, Bytes), DiscoveryError> {
        let unreachable =
            |error: &dyn fmt::Display| DiscoveryError::Unreachable(format!("{target}: {error}"));
        let tcp = TcpStream::connect((target.host.as_str(), target.port))
            .await
            .map_err(|error| unreachable(&error))?;
        let name =
            ServerName::try_from(target.host.clone()).map_err(|error| unreachable(&error))?;
        let stream = self
            .connector
            .connect(name, tcp)
            .await
            .map_err(|error| unreachable(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&error))?;
        let exchange = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|error| unreachable(&error))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), ANSWER_MAX)
                .collect()
                .await
                .map_err(|error| unreachable(&error))?;
            Ok((status, body.to_bytes()))
        };
        tokio::pin!(connection, exchange);
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            end = &mut connection => match end {
                // A service that ends the connection with its answer has answered.
                Ok(()) => exchange.await,
                Err(error) => Err(unreachable(&error)),
            },
        }
    }
}
