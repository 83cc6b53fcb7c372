//! The body of an answer, which has a connection to give back.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::SendRequest;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Pool;
use crate::http::{Body, BodyError};

/// A body that gives its connection back at its end, and closes it when dropped before.
pub struct Returning {
    pub body: Incoming,
    pub home: Option<(SendRequest<Body>, Arc<Pool>)>,
    /// Resolves when the server is given up.
    pub lost: Pin<Box<WaitForCancellationFutureOwned>>,
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
