//! Accepting connections: bounded in number and time, each cut the moment it is no longer wanted.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::alive::peer_watch;
use super::served::{Heads, Served};
use super::{Body, PIECE, json};
use crate::limits::{HANDSHAKE, HEAD};

const CONNECTIONS_MAX: usize = 4096;
const HEADERS_MAX: usize = 100;

pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Who is at the other end of a connection. Tunnels hold it beyond the connection's HTTP part.
#[derive(Debug)]
pub struct Caller<I> {
    pub identity: Arc<I>,
    /// Where the connection comes from; none on a unix socket.
    pub address: Option<IpAddr>,
    cut: CancellationToken,
    /// Tells the one who watches for expulsion that nobody is left to expel.
    _gone: DropGuard,
}

impl<I: Send + Sync + 'static> Caller<I> {
    /// What ends the connection and every tunnel made out of it.
    pub fn cut(self: &Arc<Self>) -> Cut {
        Cut {
            token: self.cut.clone(),
            _caller: Arc::clone(self) as _,
        }
    }
}

/// Resolves when a caller must go. Whoever holds it keeps the caller watched, also when the HTTP
/// part of the connection is over.
pub struct Cut {
    token: CancellationToken,
    _caller: Arc<dyn Any + Send + Sync>,
}

impl Cut {
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}

/// Decides who comes in, and makes the caller's identity.
pub trait Gate: Send + Sync + 'static {
    type Identity: Send + Sync + 'static;

    /// Called once a connection, after the handshake, with where it comes from (as in
    /// [`Caller::address`]). `None` closes it.
    fn admit(
        &self,
        certificates: &[CertificateDer<'static>],
        address: Option<IpAddr>,
    ) -> Option<Self::Identity>;

    /// Resolves when somebody admitted must go.
    fn expelled(&self, identity: &Self::Identity) -> impl Future<Output = ()> + Send;
}

/// What answers requests.
pub trait Serve<I>: Send + Sync + 'static {
    fn answer(
        self: Arc<Self>,
        caller: Arc<Caller<I>>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Body>> + Send;
}

/// Serves until `stop`.
pub async fn serve<G, S>(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    gate: Arc<G>,
    service: Arc<S>,
    stop: CancellationToken,
) where
    G: Gate,
    S: Serve<G::Identity>,
{
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&listener) => accepted,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                // Out of descriptors, most likely: wait for some to come back.
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (tls, gate, service, stop) = (
            tls.clone(),
            Arc::clone(&gate),
            Arc::clone(&service),
            stop.clone(),
        );
        tokio::spawn(async move {
            connection_serve(stream, tls, gate, service, stop).await;
            drop(permit);
        });
    }
}

async fn accept(listener: &Listener) -> io::Result<Connection> {
    match listener {
        Listener::Tcp(listener) => {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            peer_watch(&stream);
            Ok(Connection::Tcp(stream))
        }
        Listener::Unix(listener) => Ok(Connection::Unix(listener.accept().await?.0)),
    }
}

async fn connection_serve<G, S>(
    stream: Connection,
    tls: Option<TlsAcceptor>,
    gate: Arc<G>,
    service: Arc<S>,
    stop: CancellationToken,
) where
    G: Gate,
    S: Serve<G::Identity>,
{
    let address = stream.address();
    let stream = match (stream, tls) {
        (Connection::Tcp(stream), Some(tls)) => {
            let handshake = tokio::time::timeout(HANDSHAKE, tls.accept(stream));
            match handshake.await {
                Ok(Ok(stream)) => Connection::ServerTls(Box::new(stream)),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a handshake failed");
                    return;
                }
                Err(_) => return,
            }
        }
        (stream, _) => stream,
    };
    let Some(identity) = gate.admit(stream.certificates(), address) else {
        return;
    };
    let caller = caller_watch(identity, address, gate, &stop);
    let heads = Arc::new(Heads::default());
    let http = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS_MAX)
        .max_buf_size(PIECE)
        .serve_connection(
            TokioIo::new(Served::new(stream, &heads)),
            service_fn(|request| {
                let (service, caller) = (Arc::clone(&service), Arc::clone(&caller));
                let heads = Arc::clone(&heads);
                async move {
                    let response = match heads.has_two_lengths(&request) {
                        true => two_lengths(),
                        false => service.answer(caller, request).await,
                    };
                    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                        heads.next();
                    }
                    Ok::<_, Infallible>(response)
                }
            }),
        )
        .with_upgrades();
    tokio::select! {
        () = caller.cut.cancelled() => {}
        end = http => {
            if let Err(error) = end {
                tracing::debug!(%error, "a connection ended badly");
            }
        }
    }
}

/// RFC 9112, 6.1: whoever sends this wants two readers to see two requests.
fn two_lengths() -> Response<Body> {
    let message = "Content-Length and Transfer-Encoding together";
    json(
        StatusCode::BAD_REQUEST,
        &serde_json::json!({ "message": message }),
    )
}

/// Makes the caller, and cuts it off when the gate says so.
fn caller_watch<G: Gate>(
    identity: G::Identity,
    address: Option<IpAddr>,
    gate: Arc<G>,
    stop: &CancellationToken,
) -> Arc<Caller<G::Identity>> {
    let (identity, gone, cut) = (
        Arc::new(identity),
        CancellationToken::new(),
        stop.child_token(),
    );
    let caller = Arc::new(Caller {
        identity: Arc::clone(&identity),
        address,
        cut: cut.clone(),
        _gone: gone.clone().drop_guard(),
    });
    tokio::spawn(async move {
        tokio::select! {
            () = gone.cancelled() => {}
            () = gate.expelled(&identity) => cut.cancel(),
        }
    });
    caller
}

/// One stream type for every way in and out.
pub enum Connection {
    Tcp(TcpStream),
    Unix(UnixStream),
    ServerTls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    ClientTls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

impl Connection {
    fn certificates(&self) -> &[CertificateDer<'static>] {
        match self {
            Self::ServerTls(stream) => stream.get_ref().1.peer_certificates().unwrap_or(&[]),
            Self::Tcp(_) | Self::Unix(_) | Self::ClientTls(_) => &[],
        }
    }

    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok().map(|address| address.ip()),
            Self::Unix(_) | Self::ServerTls(_) | Self::ClientTls(_) => None,
        }
    }
}

/// Reads as many records of TLS as have come and find room. One at a time, which is what the
/// stream gives, hyper takes for a small body: it reads, passes on and has encrypted anew half a
/// record each time, and every step costs as much as one of [`PIECE`].
fn records_read(
    mut stream: Pin<&mut impl AsyncRead>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let before = buf.filled().len();
    loop {
        let filled = buf.filled().len();
        match stream.as_mut().poll_read(cx, buf) {
            Poll::Ready(Ok(())) if buf.filled().len() > filled && buf.remaining() > 0 => {}
            // An error is told again by the next reading: what came before it is not lost.
            Poll::Pending | Poll::Ready(Err(_)) if filled > before => return Poll::Ready(Ok(())),
            end => return end,
        }
    }
}

macro_rules! on_each {
    ($connection:expr, $stream:ident => $body:expr) => {
        match $connection.get_mut() {
            Connection::Tcp($stream) => $body,
            Connection::Unix($stream) => $body,
            Connection::ServerTls($stream) => $body,
            Connection::ClientTls($stream) => $body,
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::ServerTls(stream) => records_read(Pin::new(stream), cx, buf),
            Self::ClientTls(stream) => records_read(Pin::new(stream), cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        on_each!(self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_each!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_each!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on_each!(self, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use super::*;

    /// Gives its records one at a time; at their end it stands still.
    struct Records(VecDeque<io::Result<&'static [u8]>>);

    impl AsyncRead for Records {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match self.0.pop_front() {
                Some(record) => Poll::Ready(record.map(|record| buf.put_slice(record))),
                None => Poll::Pending,
            }
        }
    }

    fn read(records: &mut Records) -> Poll<Result<String, io::ErrorKind>> {
        let mut room = [0; 6];
        let mut buf = ReadBuf::new(&mut room);
        let mut cx = Context::from_waker(Waker::noop());
        records_read(Pin::new(records), &mut cx, &mut buf)
            .map_ok(|()| String::from_utf8_lossy(buf.filled()).into_owned())
            .map_err(|error| error.kind())
    }

    #[test]
    fn all_records_that_have_come_are_read_at_once() {
        let ok = |text: &str| Poll::Ready(Ok(text.to_owned()));
        let mut records = Records([Ok(&b"ab"[..]), Ok(b"cd"), Ok(b"ef"), Ok(b"gh")].into());
        assert_eq!(read(&mut records), ok("abcdef"));
        assert_eq!(read(&mut records), ok("gh"));
        assert_eq!(read(&mut records), Poll::Pending);
        // Neither an end nor a break swallows what came before it.
        let broken = || Err(io::ErrorKind::ConnectionReset.into());
        let mut records = Records([Ok(&b"ab"[..]), Ok(b""), Ok(b""), broken()].into());
        assert_eq!(read(&mut records), ok("ab"));
        assert_eq!(read(&mut records), ok(""));
        let reset = Poll::Ready(Err(io::ErrorKind::ConnectionReset));
        assert_eq!(read(&mut records), reset);
        let mut records = Records([Ok(&b"ab"[..]), broken(), broken()].into());
        assert_eq!(read(&mut records), ok("ab"));
        assert_eq!(read(&mut records), reset);
    }
}
