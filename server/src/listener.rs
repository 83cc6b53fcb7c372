//! Accepts connections, plain or TLS, and serves a router on each: one loop for the panel's own
//! address and for discovery.
//!
//! What a stranger can do is bounded here: connections at once, time for the TLS handshake, time
//! for a request's head. Garbage ends its own connection and nothing else.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(5);
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// What open requests get to finish in once the panel stops.
const GRACE: Duration = Duration::from_secs(5);

/// Gives the TLS configuration for a connection, by the local address it came to. `None` inside
/// means that this address cannot be served.
pub type TlsFor = Arc<dyn Fn(SocketAddr) -> Option<Arc<ServerConfig>> + Send + Sync>;

pub struct Listener {
    pub tcp: TcpListener,
    pub tls: Option<TlsFor>,
    pub connections_max: u32,
}

impl Listener {
    /// Serves `router` until `shutdown`, then lets open requests finish for a while.
    pub async fn serve(self, router: Router, shutdown: CancellationToken) {
        let open = Arc::new(Semaphore::new(self.connections_max as usize));
        let tasks = TaskTracker::new();
        loop {
            // A connection is taken from the kernel only when there is room for it.
            let permit = tokio::select! {
                () = shutdown.cancelled() => break,
                permit = Arc::clone(&open).acquire_owned() => match permit {
                    Ok(permit) => permit,
                    Err(_) => break,
                },
            };
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.tcp.accept() => accepted,
            };
            let (stream, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: trying at once would only burn the CPU.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let connection = Connection {
                remote,
                router: router.clone(),
                shutdown: shutdown.clone(),
                _permit: permit,
            };
            tasks.spawn(connection.run(stream, self.tls.clone()));
        }
        drop(self.tcp);
        tasks.close();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            tracing::warn!("connections were still open at the end and are cut");
        }
    }
}

enum Protocol {
    Http1,
    Http2,
}

struct Connection {
    remote: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsFor>) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            return self.http(stream, Protocol::Http1).await;
        };
        let Some(config) = stream.local_addr().ok().and_then(|local| tls(local)) else {
            return;
        };
        let handshake = tokio_rustls::TlsAcceptor::from(config).accept(stream);
        match tokio::time::timeout(HANDSHAKE_DEADLINE, handshake).await {
            Ok(Ok(stream)) => {
                let protocol = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Protocol::Http2,
                    _ => Protocol::Http1,
                };
                self.http(stream, protocol).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn http(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        protocol: Protocol,
    ) {
        let remote = self.remote;
        let service = self
            .router
            .map_request(move |mut request: http::Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(remote));
                request.map(axum::body::Body::new)
            });
        let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
        // Said by the handshake, not guessed from the first bytes: nobody may be silent for ever.
        // (The builder that guesses does so for all connections that may become something else.)
        match protocol {
            Protocol::Http1 => {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_DEADLINE)
                    .max_buf_size(32 * 1024)
                    .serve_connection(io, service)
                    .with_upgrades();
                let connection = pin!(connection);
                drive(
                    connection,
                    http1::UpgradeableConnection::graceful_shutdown,
                    &self.shutdown,
                )
                .await;
            }
            Protocol::Http2 => {
                let connection = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .max_concurrent_streams(64)
                    .max_header_list_size(32 * 1024)
                    .keep_alive_interval(Duration::from_secs(20))
                    .serve_connection(io, service);
                let connection = pin!(connection);
                drive(
                    connection,
                    http2::Connection::graceful_shutdown,
                    &self.shutdown,
                )
                .await;
            }
        }
    }
}

/// Until it ends; told to come to an end when the panel stops.
async fn drive<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    stop: fn(Pin<&mut C>),
    shutdown: &CancellationToken,
) {
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = shutdown.cancelled(), if !is_stopping => {
                is_stopping = true;
                stop(connection.as_mut());
            }
        }
    }
}
