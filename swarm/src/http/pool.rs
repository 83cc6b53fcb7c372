//! Kept connections to one server: HTTP/1.1, one request at a time on each.
//!
//! A pool can be [lost](Pool::lose): then every exchange over it ends at once, answers that are
//! half read and hijacked connections included. Nobody waits for a server that was found dead.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::{Body, BodyError, Connection, PIECE};
use crate::limits::{CONNECT, POOL_IDLE, POOL_IDLE_MAX};

/// Where a pool's connections go.
pub enum Target {
    Unix(PathBuf),
    Tcp {
        /// `host:port`
        entry: String,
        tls: Option<Arc<ClientConfig>>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("cannot connect to {target}")]
    Connect {
        target: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the exchange with {target} failed")]
    Exchange {
        target: String,
        #[source]
        source: hyper::Error,
    },
    #[error(
        "{target} has stopped answering: whether this was still done is not known, look before \
         you try again"
    )]
    Lost { target: String },
}

impl PoolError {
    /// The reason in one line, causes included.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

pub struct Pool {
    target: Target,
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
            idle: Mutex::default(),
            life: Mutex::default(),
        })
    }

    fn name(&self) -> String {
        match &self.target {
            Target::Unix(path) => path.display().to_string(),
            Target::Tcp { entry, .. } => entry.clone(),
        }
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
            if sender.ready().await.is_err() {
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

/// A body that gives its connection back at its end, and closes it when dropped before.
struct Returning {
    body: Incoming,
    home: Option<(SendRequest<Body>, Arc<Pool>)>,
    /// Resolves when the server is given up.
    lost: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Returning {
    fn come_home(&mut self) {
        if let Some((sender, pool)) = self.home.take() {
            pool.put(sender);
        }
    }
}

impl hyper::body::Body for Returning {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        // Its connection breaks in the same moment, and says less.
        let is_over = matches!(&frame, Poll::Pending | Poll::Ready(Some(Err(_))));
        if is_over
            && this.lost.as_mut().poll(cx).is_ready()
            && let Some((_, pool)) = this.home.take()
        {
            return Poll::Ready(Some(Err(BodyError(pool.lost().to_string()))));
        }
        match &frame {
            Poll::Ready(None) => this.come_home(),
            Poll::Ready(Some(Err(_))) => this.home = None,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        frame.map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Returning {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.come_home();
        }
    }
}
