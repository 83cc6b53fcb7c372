//! Hijacked connections: raw bytes both ways after `101 Switching Protocols`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Cut, Mortal, PIECE, Pool};

/// For the last words to get to a client before its connection breaks.
const WORDS_PAUSE: Duration = Duration::from_millis(100);

/// The two ends of a hijacked connection.
pub struct Joined {
    pub client: Upgraded,
    pub engine: Mortal,
    /// The content type that the engine gave the stream.
    pub kind: Option<HeaderValue>,
    /// Where the engine's end leads.
    pub pool: Arc<Pool>,
}

/// Does this head ask to leave (or announce the leaving of) HTTP?
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
        && headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case("upgrade"))
}

/// Copies both ways until both have ended, or `cut`.
///
/// The end of one direction is passed on as the end of that direction only: `echo x | docker run
/// -i` closes its input long before the output is done. A client that breaks off without an end
/// is gone for good, and nothing is kept for it at the engine.
///
/// An engine that breaks off is told of in `words`, if there are any, and then by a break: an
/// orderly end would look like the container's.
pub async fn tunnel(joined: Joined, cut: Cut, words: Option<Bytes>) {
    let (mut client_read, mut client_write) = tokio::io::split(TokioIo::new(joined.client));
    let (mut engine_read, mut engine_write) = tokio::io::split(joined.engine);
    let end = {
        let to_engine = async {
            let end = copy(&mut client_read, &mut engine_write).await;
            if let End::Done = end {
                let _ = engine_write.shutdown().await;
            }
            end
        };
        // When the engine has nothing more to say the exchange is over, whatever the client still
        // keeps open: a terminal's input never ends by itself.
        let to_client = copy(&mut engine_read, &mut client_write);
        tokio::pin!(to_engine, to_client);
        let mut input_open = true;
        loop {
            tokio::select! {
                () = cut.cancelled() => return,
                end = &mut to_client => break end,
                end = &mut to_engine, if input_open => match end {
                    End::Broken => return,
                    End::Done => input_open = false,
                },
            }
        }
    };
    if joined.pool.is_over(matches!(end, End::Done)).await {
        // Nobody waits for what the client still says, but its connection is not closed over it.
        drop((engine_read, engine_write));
        tokio::select! {
            () = cut.cancelled() => {}
            _ = client_write.shutdown() => {}
        }
    } else if let Some(words) = words {
        let _ = client_write.write_all(&words).await;
        let _ = client_write.flush().await;
        tokio::time::sleep(WORDS_PAUSE).await;
    }
}

/// How a direction ended.
enum End {
    /// The source said that it is done, or the sink takes nothing more.
    Done,
    /// The source is gone.
    Broken,
}

async fn copy(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> End {
    let mut buffer = vec![0; PIECE];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => return End::Done,
            // Not passed on as an orderly end: the next one must see a break, too.
            Err(_) => return End::Broken,
            Ok(n) => {
                if to.write_all(&buffer[..n]).await.is_err() || to.flush().await.is_err() {
                    return End::Done;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
