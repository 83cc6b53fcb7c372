//! A client's connection under the reader of HTTP: it is closed so that no answer is lost, and it
//! knows what the reader does not tell, that a request has said its length in two ways.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use http::{Request, header};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::PIECE;
use crate::limits::{LINGER, LINGER_BYTES};

/// Read and thrown away at once, at the end of a connection.
const SCRAP: usize = 8 * 1024;

/// Whoever closes a connection on which something has come that nobody read sends a reset, and what
/// was on its way to the other side is lost with it: the refusal of an archive that is still being
/// sent, the last lines of a container whose input goes on. So after the last byte we go on reading
/// for nothing, until the other side has understood, or for [`LINGER`].
pub struct Served<S> {
    stream: S,
    heads: Arc<Heads>,
    lingering: Option<Lingering>,
}

struct Lingering {
    until: Pin<Box<Sleep>>,
    left: usize,
}

impl<S> Served<S> {
    pub fn new(stream: S, heads: &Arc<Heads>) -> Self {
        Self {
            stream,
            heads: Arc::clone(heads),
            lingering: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Served<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_ready() {
            this.heads.saw(&buf.filled()[before..]);
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Served<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            this.lingering = Some(Lingering {
                until: Box::pin(tokio::time::sleep(LINGER)),
                left: LINGER_BYTES,
            });
        }
        let Some(lingering) = &mut this.lingering else {
            return Poll::Ready(Ok(()));
        };
        let mut scrap = [0; SCRAP];
        loop {
            if lingering.until.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut scrap);
            let read = ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf));
            let n = buf.filled().len();
            if read.is_err() || n == 0 || n > lingering.left {
                return Poll::Ready(Ok(()));
            }
            lingering.left -= n;
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The heads of a connection's requests as they came.
///
/// The reader frames a request that has both lengths by its chunks, takes the other one out and
/// ends the connection after it: nobody is deceived. One that comes before the answer to the one
/// before it, as no client sends it, is left at that; every other one is refused.
#[derive(Default)]
pub struct Heads(Mutex<Head>);

#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    is_taken: bool,
}

impl Heads {
    fn lock(&self) -> MutexGuard<'_, Head> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, bytes: &[u8]) {
        let mut head = self.lock();
        if !head.is_taken {
            let room = PIECE.saturating_sub(head.bytes.len()).min(bytes.len());
            head.bytes.extend_from_slice(&bytes[..room]);
        }
    }

    /// `request` was read from what came last. Did it say its length in two ways?
    pub fn has_two_lengths<B>(&self, request: &Request<B>) -> bool {
        let bytes = {
            let mut head = self.lock();
            head.is_taken = true;
            std::mem::take(&mut head.bytes)
        };
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return false;
        }
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .skip_while(|line| line.is_empty());
        let method = request.method().as_str().as_bytes();
        // Else it is not the beginning of this one.
        lines.next().is_some_and(|line| line.starts_with(method))
            && lines
                .take_while(|line| !line.is_empty())
                .filter_map(|line| line.split(|byte| *byte == b':').next())
                .any(|name| name.eq_ignore_ascii_case(b"content-length"))
    }

    /// It was answered: what comes now begins with the next one's.
    pub fn next(&self) {
        let mut head = self.lock();
        head.is_taken = false;
        head.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_two_lengths(heads: &Heads, bytes: &str) -> bool {
        heads.saw(bytes.as_bytes());
        let mut request = Request::post("/x").body(()).expect("a request");
        if bytes.to_lowercase().contains("transfer-encoding") {
            let chunked = http::HeaderValue::from_static("chunked");
            request
                .headers_mut()
                .insert(header::TRANSFER_ENCODING, chunked);
        }
        heads.has_two_lengths(&request)
    }

    #[test]
    fn a_second_length_is_found_in_the_head_alone() {
        let heads = Heads::default();
        let row = |bytes: &str, expect: bool| {
            assert_eq!(has_two_lengths(&heads, bytes), expect, "{bytes}");
            heads.next();
        };
        let te = "Transfer-Encoding: chunked\r\n";
        row(&format!("POST /x HTTP/1.1\r\n{te}\r\n0\r\n\r\n"), false);
        row("POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", false);
        row(
            &format!("\r\nPOST /x HTTP/1.1\r\ncontent-LENGTH: 3\r\n{te}\r\n"),
            true,
        );
        row(&format!("POST /x HTTP/1.1\n{te}Content-Length:3\n\n"), true);
        row(
            &format!("POST /x HTTP/1.1\r\n{te}\r\nContent-Length: 3\r\n"),
            false,
        );
        // A body's end that came before it.
        row(
            &format!("0\r\n\r\nPOST /x HTTP/1.1\r\n{te}Content-Length: 3\r\n\r\n"),
            false,
        );
    }

    #[test]
    fn bodies_are_not_kept() {
        let heads = Heads::default();
        assert!(!has_two_lengths(&heads, "POST /x HTTP/1.1\r\n\r\n"));
        heads.saw(&[b'x'; PIECE]);
        assert!(heads.lock().bytes.is_empty());
        heads.next();
        heads.saw(&[b'x'; 2 * PIECE]);
        assert_eq!(heads.lock().bytes.len(), PIECE);
    }
}
