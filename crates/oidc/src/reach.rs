//! One request to the provider, bounded in size and time. Nothing is followed anywhere: every
//! address is the configured one or stands in what it said of itself.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderValue, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openidconnect::AsyncHttpClient;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Error;

/// Discovery documents and key sets take a few kilobytes.
const BODY_MAX_BYTES: usize = 256 * 1024;
/// From the first packet to the last byte of the answer.
const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub(crate) enum ReachError {
    #[error("{0} is no address of a provider: https, or http on this very machine")]
    Address(String),
    #[error("no connection to {0}: {1}")]
    Connect(String, String),
    #[error("the connection to {0} broke: {1}")]
    Broken(String, String),
    #[error("no answer from {0} in time")]
    Late(String),
}

/// The way to a provider, with the authorities that may vouch for it.
pub(crate) struct Reach {
    tls: TlsConnector,
}

/// Those named, and no others; without any, those that this machine trusts.
fn roots(authorities: Option<&str>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let Some(pem) = authorities else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| Error::Setup(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| Error::Setup(error.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(Error::Setup("its authorities: none is in there".to_owned())),
        false => Ok(roots),
    }
}

impl Reach {
    pub(crate) fn new(authorities: Option<&str>) -> Result<Self, Error> {
        let roots = roots(authorities)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Setup(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ReachError> {
        let place = Place::of(request.uri())?;
        let name = place.name();
        tokio::time::timeout(DEADLINE, self.send_to(place, request))
            .await
            .map_err(|_| ReachError::Late(name))?
    }

    async fn send_to(
        &self,
        place: Place,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ReachError> {
        let no = |error: std::io::Error| ReachError::Connect(place.name(), error.to_string());
        let tcp = place.connect().await?;
        if !place.is_https {
            return ask(tcp, &place, request).await;
        }
        let server = ServerName::try_from(place.host.clone())
            .map_err(|error| ReachError::Connect(place.name(), error.to_string()))?;
        let tls = self.tls.connect(server, tcp).await.map_err(no)?;
        ask(tls, &place, request).await
    }
}

impl<'c> AsyncHttpClient<'c> for Reach {
    type Error = ReachError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, ReachError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Where a request goes.
struct Place {
    is_https: bool,
    /// Without brackets.
    host: String,
    port: u16,
}

impl Place {
    fn of(uri: &Uri) -> Result<Self, ReachError> {
        let wrong = || ReachError::Address(uri.to_string());
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let host = uri.host().ok_or_else(wrong)?;
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        Ok(Self {
            is_https,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
        })
    }

    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The first of its addresses that takes a connection; without TLS, one of this machine only.
    async fn connect(&self) -> Result<TcpStream, ReachError> {
        let no = |why: String| ReachError::Connect(self.name(), why);
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| no(error.to_string()))?.collect();
        let mut last = no("it has no address".to_owned());
        for address in found {
            if !self.is_https && !address.ip().is_loopback() {
                last = ReachError::Address(format!("http://{address}"));
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(tcp) => return Ok(tcp),
                Err(error) => last = no(error.to_string()),
            }
        }
        Err(last)
    }
}

async fn ask(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    place: &Place,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ReachError> {
    let broken =
        |error: &dyn std::fmt::Display| ReachError::Broken(place.name(), error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(io))
        .await
        .map_err(|error| broken(&error))?;
    let work = async {
        let response = sender.send_request(prepared(request, place)?).await;
        let (parts, body) = response.map_err(|error| broken(&error))?.into_parts();
        let body = Limited::new(body, BODY_MAX_BYTES).collect().await;
        let body = body.map_err(|error| broken(&error))?.to_bytes();
        Ok(Response::from_parts(parts, body.to_vec()))
    };
    tokio::pin!(work);
    // The connection lives no longer than the question: nothing goes on behind anybody's back.
    tokio::select! {
        answer = &mut work => answer,
        ended = connection => match ended {
            // It may end when all was read, and the answer is there.
            Ok(()) => work.await,
            Err(error) => Err(broken(&error)),
        },
    }
}

/// In the form that a server is asked in: the path alone, the host in a header.
fn prepared(request: Request<Vec<u8>>, place: &Place) -> Result<Request<Full<Bytes>>, ReachError> {
    let (mut parts, body) = request.into_parts();
    let wrong = || ReachError::Address(place.name());
    let authority = parts.uri.authority().ok_or_else(wrong)?.as_str();
    let host = HeaderValue::from_str(authority).map_err(|_| wrong())?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().map_err(|_| wrong())?;
    parts.headers.insert(HOST, host);
    let close = HeaderValue::from_static("close");
    parts.headers.insert(CONNECTION, close);
    let carina = HeaderValue::from_static("carina");
    parts.headers.insert(USER_AGENT, carina);
    Ok(Request::from_parts(parts, Full::new(Bytes::from(body))))
}

/// Is this an address that a provider may have? For whoever reads a configuration.
pub(crate) fn is_good(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else {
        return false;
    };
    let Ok(place) = Place::of(&uri) else {
        return false;
    };
    let is_here = place.host == "localhost"
        || place
            .host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    let is_plain = uri.authority().is_some_and(|a| !a.as_str().contains('@'));
    (place.is_https || is_here) && is_plain && !place.host.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_good() {
        for good in [
            "https://login.example.org/realms/main",
            "http://127.0.0.1:8081",
            "http://localhost:8081/x",
            "http://[::1]:8081",
        ] {
            assert!(is_good(good), "{good}");
        }
        for bad in [
            "http://login.example.org",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://ada@login.example.org",
            "login.example.org",
            "",
        ] {
            assert!(!is_good(bad), "{bad}");
        }
    }

    async fn served(answer: &'static [u8]) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            use tokio::io::AsyncReadExt as _;
            use tokio::io::AsyncWriteExt as _;
            while let Ok((mut tcp, _)) = listener.accept().await {
                let mut head = [0; 2048];
                let _ = tcp.read(&mut head).await;
                let _ = tcp.write_all(answer).await;
            }
        });
        format!("http://{at}/x?y=1")
    }

    async fn got(address: &str) -> Result<Response<Vec<u8>>, ReachError> {
        let request = Request::get(address).body(Vec::new()).unwrap();
        Reach::new(None).unwrap().send(request).await
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end() {
        let at = served(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
        assert_eq!(got(&at).await.unwrap().body(), b"hi");
        let at = served(b"HTTP/1.0 200 OK\r\n\r\nto the end").await;
        assert_eq!(got(&at).await.unwrap().body(), b"to the end");
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n".as_slice();
        let long = [head, &[b'x'; 400_000]].concat();
        let at = served(long.leak()).await;
        assert!(matches!(got(&at).await, Err(ReachError::Broken(..))));
    }

    #[tokio::test]
    async fn nothing_unencrypted_leaves_the_machine() {
        let refused = got("http://192.0.2.1:9/").await;
        assert!(matches!(refused, Err(ReachError::Address(_))));
    }

    /// One of `authority`'s servers; its address.
    async fn served_with_tls(authority: &pki::Authority) -> String {
        let issued = authority.issue_server("localhost", &["localhost".to_owned()]);
        let issued = issued.unwrap();
        let chain = CertificateDer::pem_slice_iter(issued.cert_pem.as_bytes());
        let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
        let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(issued.key_pem.0.as_bytes());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key.unwrap())
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            use tokio::io::AsyncReadExt as _;
            use tokio::io::AsyncWriteExt as _;
            while let Ok((tcp, _)) = listener.accept().await {
                // Whoever does not believe us goes again.
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    continue;
                };
                let mut head = [0; 2048];
                let _ = tls.read(&mut head).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
                let _ = tls.write_all(answer).await;
                let _ = tls.shutdown().await;
            }
        });
        format!("https://localhost:{port}/x")
    }

    #[tokio::test]
    async fn only_the_named_authority_vouches() {
        let ours = pki::Authority::make("ours").unwrap();
        let other = pki::Authority::make("another").unwrap();
        let at = served_with_tls(&ours).await;
        let asked = async |authorities: Option<&str>| {
            let request = Request::get(&at).body(Vec::new()).unwrap();
            Reach::new(authorities).unwrap().send(request).await
        };
        let both = format!("{}{}", other.cert_pem(), ours.cert_pem());
        for good in [ours.cert_pem(), &both] {
            assert_eq!(asked(Some(good)).await.unwrap().body(), b"hi");
        }
        for bad in [Some(other.cert_pem()), None] {
            assert!(matches!(asked(bad).await, Err(ReachError::Connect(..))));
        }
    }

    #[test]
    fn a_file_without_an_authority_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for nothing in ["", "no certificate", broken] {
            let refused = Reach::new(Some(nothing)).map(|_| ());
            assert!(matches!(refused, Err(Error::Setup(_))), "{nothing}");
        }
    }

    #[tokio::test]
    async fn who_does_not_speak_tls_is_no_provider() {
        let at = served(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let refused = got(&at.replace("http:", "https:")).await;
        assert!(matches!(refused, Err(ReachError::Connect(..))));
    }
}
