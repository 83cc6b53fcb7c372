//! Kept connections to one server: HTTP/1.1, one request at a time on each.
//!
//! A pool can be [lost](Pool::lose): then every exchange over it ends at once, answers that are
//! half read and hijacked connections included. Nobody waits for a server that was found dead.

mod error;
mod returning;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use http::{Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

pub use error::PoolError;

use super::alive::peer_watch;
use super::{Body, Connection, PIECE, empty};
use crate::limits::{CONNECT, POOL_IDLE, POOL_IDLE_MAX};
use returning::Returning;

/// Where a pool's connections go.
pub enum Target {
    Unix(PathBuf),
    Tcp {
        /// `host:port`
        entry: String,
        tls: Option<Arc<ClientConfig>>,
    },
}

/// For a program on the same machine to say that it is still there.
const ANSWER: Duration = Duration::from_secs(1);
/// A kept connection is ready at once, or busy.
const READY: Duration = Duration::from_millis(20);

pub struct Pool {
    target: Target,
    /// What people call the server.
    called: Mutex<Option<String>>,
    idle: Mutex<Kept>,
    /// Cancelled, and replaced, when the server is given up.
    life: Mutex<CancellationToken>,
}

#[derive(Default)]
struct Kept {
    list: Vec<Idle>,
    /// Is somebody closing those that nobody uses?
    swept: bool,
}

struct Idle {
    sender: SendRequest<Body>,
    since: Instant,
}

impl Pool {
    pub fn new(target: Target) -> Arc<Self> {
        Arc::new(Self {
            target,
            called: Mutex::default(),
            idle: Mutex::default(),
            life: Mutex::default(),
        })
    }

    /// From now on errors call the server so, with its address.
    pub fn call(&self, name: String) {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        *called = Some(name);
    }

    /// What people call it, else its address.
    pub fn called(&self) -> String {
        let called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.clone().unwrap_or_else(|| self.address())
    }

    fn address(&self) -> String {
        match &self.target {
            Target::Unix(path) => path.display().to_string(),
            Target::Tcp { entry, .. } => entry.clone(),
        }
    }

    /// Both.
    pub fn name(&self) -> String {
        let (called, address) = (self.called(), self.address());
        match called == address {
            true => address,
            false => format!("{called} ({address})"),
        }
    }

    /// Had the server said everything when one of its streams ended, `in_order` or not? A program
    /// that is killed leaves an orderly end, and one that leaves input unread does not. What is on
    /// the same machine is asked whether it is still there; others' ends are what they look like.
    pub async fn is_over(self: &Arc<Self>, in_order: bool) -> bool {
        let Target::Unix(_) = &self.target else {
            return in_order;
        };
        let ping = Request::get("/_ping").header(header::HOST, "docker");
        let Ok(ping) = ping.body(empty()) else {
            return in_order;
        };
        // One that only says nothing has at least not died over the stream's end.
        let answer = tokio::time::timeout(ANSWER, self.send(ping)).await;
        !matches!(answer, Ok(Err(_)))
    }

    /// Sends over a kept connection, else over a new one that is kept afterwards.
    ///
    /// A request is tried again only when not a byte of it has left, so nothing is done twice.
    pub async fn send(
        self: &Arc<Self>,
        request: Request<Body>,
    ) -> Result<Response<Body>, PoolError> {
        let life = self.life();
        let lost = life.clone();
        tokio::select! {
            biased;
            () = life.cancelled() => Err(self.lost()),
            answer = self.send_while(request, lost) => answer,
        }
    }

    async fn send_while(
        self: &Arc<Self>,
        mut request: Request<Body>,
        life: CancellationToken,
    ) -> Result<Response<Body>, PoolError> {
        while let Some(mut sender) = self.take() {
            // One that still sends what was answered long before its end is left to that.
            let ready = tokio::time::timeout(READY, sender.ready()).await;
            if !matches!(ready, Ok(Ok(()))) {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(self.body_return(response, sender, life)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(self.exchange(error.into_error())),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| self.exchange(error))?;
        Ok(self.body_return(response, sender, life))
    }

    /// Sends over a connection of its own that is never used again.
    pub async fn send_alone(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, PoolError> {
        let life = self.life();
        let exchange = async {
            let mut sender = self.connect().await?;
            sender
                .send_request(request)
                .await
                .map_err(|error| self.exchange(error))
        };
        tokio::select! {
            biased;
            () = life.cancelled() => Err(self.lost()),
            answer = exchange => answer,
        }
    }

    /// Makes sure that there is a live connection, so that a request is not lost on a dead one.
    pub async fn connect_ahead(self: &Arc<Self>) -> Result<(), PoolError> {
        let sender = match self.take() {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        self.put(sender);
        Ok(())
    }

    /// Lets go of all kept connections but `n`, those that were used last.
    pub fn keep(&self, n: usize) {
        let mut idle = self.lock();
        let surplus = idle.list.len().saturating_sub(n);
        idle.list.drain(..surplus);
    }

    /// Lets go of every kept connection: the other side has died.
    pub fn forget(&self) {
        self.lock().list.clear();
    }

    /// Gives the server up: what is under way ends with [`PoolError::Lost`], a body with an error.
    /// What is sent later is a new try.
    pub fn lose(&self) {
        self.forget();
        let mut life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *life).cancel();
    }

    /// Resolves when the server is given up; for connections that have left HTTP.
    pub fn life(&self) -> CancellationToken {
        let life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        life.clone()
    }

    fn lost(&self) -> PoolError {
        PoolError::Lost {
            target: self.name(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<SendRequest<Body>> {
        let mut idle = self.lock();
        while let Some(Idle { sender, since }) = idle.list.pop() {
            if !sender.is_closed() && since.elapsed() < POOL_IDLE {
                return Some(sender);
            }
        }
        None
    }

    fn put(self: &Arc<Self>, sender: SendRequest<Body>) {
        let mut idle = self.lock();
        if sender.is_closed() || idle.list.len() >= POOL_IDLE_MAX {
            return;
        }
        idle.list.push(Idle {
            sender,
            since: Instant::now(),
        });
        if !std::mem::replace(&mut idle.swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Connections that are kept now.
    pub fn idle_count(&self) -> usize {
        self.lock().list.len()
    }

    fn body_return(
        self: &Arc<Self>,
        response: Response<Incoming>,
        sender: SendRequest<Body>,
        life: CancellationToken,
    ) -> Response<Body> {
        response.map(|body| {
            Returning {
                body,
                home: Some((sender, Arc::clone(self))),
                lost: Box::pin(life.cancelled_owned()),
            }
            .boxed_unsync()
        })
    }

    fn exchange(&self, source: hyper::Error) -> PoolError {
        PoolError::Exchange {
            target: self.name(),
            source,
        }
    }

    async fn connect(&self) -> Result<SendRequest<Body>, PoolError> {
        let failed = |source| PoolError::Connect {
            target: self.name(),
            source,
        };
        let life = self.life();
        let connection = tokio::time::timeout(CONNECT, self.open())
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            .map_err(failed)?;
        let (sender, driver) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(PIECE)
            .handshake(TokioIo::new(connection))
            .await
            .map_err(|error| self.exchange(error))?;
        tokio::spawn(async move {
            tokio::select! {
                // Left to itself it would hold what it has still to send for as long as a frozen
                // server's kernel keeps the connection: an archive's other readers wait for that.
                () = life.cancelled() => tracing::debug!("a connection to a lost server is closed"),
                end = driver.with_upgrades() => if let Err(error) = end {
                    tracing::debug!(%error, "a kept connection ended badly");
                },
            }
        });
        Ok(sender)
    }

    async fn open(&self) -> std::io::Result<Connection> {
        let (entry, tls) = match &self.target {
            Target::Unix(path) => return Ok(Connection::Unix(UnixStream::connect(path).await?)),
            Target::Tcp { entry, tls } => (entry, tls),
        };
        let stream = TcpStream::connect(entry.as_str()).await?;
        stream.set_nodelay(true)?;
        peer_watch(&stream);
        let Some(tls) = tls else {
            return Ok(Connection::Tcp(stream));
        };
        let host = entry
            .rsplit_once(':')
            .map_or(entry.as_str(), |(host, _)| host);
        let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(tls))
            .connect(name, stream)
            .await?;
        Ok(Connection::ClientTls(Box::new(stream)))
    }
}

/// Closes what nobody uses, until nothing is kept.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(POOL_IDLE / 2).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.lock();
        idle.list
            .retain(|one| !one.sender.is_closed() && one.since.elapsed() < POOL_IDLE);
        if idle.list.is_empty() {
            idle.list = Vec::new();
            idle.swept = false;
            return;
        }
    }
}
