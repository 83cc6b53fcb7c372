//! A real socket with TLS on it, and a small https client.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use server::listener::Listener;
use server::tls::{Minter, Protocols};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::{CancellationToken, DropGuard};

pub struct Served {
    pub address: SocketAddr,
    ca_pem: String,
    _stop: DropGuard,
}

impl Served {
    /// Serves `router` on a free port, with certificates that `authority` signs.
    pub async fn new(router: Router, authority: Arc<pki::Authority>) -> Self {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = tcp.local_addr().unwrap();
        let ca_pem = authority.cert_pem().to_owned();
        let minter = Minter::new(authority, vec!["localhost".into()], Protocols::Http1);
        let stop = CancellationToken::new();
        let listener = Listener {
            tcp,
            tls: Some(Arc::new(move |local| minter.config_for(local))),
            connections_max: 4,
        };
        tokio::spawn(listener.serve(router, stop.clone()));
        Self {
            address,
            ca_pem,
            _stop: stop.drop_guard(),
        }
    }

    pub async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// TLS as a segment does it: by address, trusting the panel's authority alone.
    pub async fn tls(&self) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.ca_pem.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
            .connect(
                ServerName::IpAddress(self.address.ip().into()),
                self.tcp().await,
            )
            .await
            .unwrap()
    }

    /// Sends bytes as they are; gives back all that comes until the end.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.tls().await;
        let _ = stream.write_all(bytes).await;
        let mut all = Vec::new();
        // An end without goodbye is an end.
        let _ = stream.read_to_end(&mut all).await;
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Status and body.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = self.raw(request.as_bytes()).await;
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.unwrap_or(0), body.to_owned())
    }
}
