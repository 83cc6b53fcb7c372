//! Servers of the lab's own, beside the test and gone with it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use swarm::http::{Gate, Listener, Serve, serve};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Threads that serve, until it is dropped.
pub struct Serving {
    stop: CancellationToken,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Serving {
    pub fn start(threads: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            stop: CancellationToken::new(),
            runtime: Some(runtime),
        }
    }

    /// At a port of its own, for anybody.
    pub fn serve<S: Serve<()>>(
        &self,
        ip: Ipv4Addr,
        tls: Option<&Arc<ServerConfig>>,
        service: &Arc<S>,
    ) -> SocketAddr {
        let runtime = self.runtime.as_ref().expect("it runs until it is dropped");
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind((ip, 0)))
            .expect("a port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(serve(
            Listener::Tcp(listener),
            tls.map(|config| TlsAcceptor::from(Arc::clone(config))),
            Arc::new(Anybody),
            Arc::clone(service),
            self.stop.clone(),
        ));
        address
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Lets everybody in whom TLS lets in.
struct Anybody;

impl Gate for Anybody {
    type Identity = ();

    fn admit(
        &self,
        _certificates: &[CertificateDer<'static>],
        _address: Option<IpAddr>,
    ) -> Option<()> {
        Some(())
    }

    async fn expelled(&self, _identity: &()) {
        std::future::pending().await
    }
}
