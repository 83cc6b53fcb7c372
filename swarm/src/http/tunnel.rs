//! Hijacked connections: raw bytes both ways after `101 Switching Protocols`.

use http::{HeaderMap, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Cut, PIECE};

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
pub async fn tunnel(client: Upgraded, engine: Upgraded, cut: Cut) {
    let (client_read, client_write) = tokio::io::split(TokioIo::new(client));
    let (engine_read, engine_write) = tokio::io::split(TokioIo::new(engine));
    let to_engine = copy(client_read, engine_write);
    // When the engine has nothing more to say the exchange is over, whatever the client still
    // keeps open: a terminal's input never ends by itself.
    let to_client = copy(engine_read, client_write);
    tokio::pin!(to_engine, to_client);
    let mut input_open = true;
    loop {
        tokio::select! {
            () = cut.cancelled() => return,
            _ = &mut to_client => return,
            end = &mut to_engine, if input_open => match end {
                End::Broken => return,
                End::Done => input_open = false,
            },
        }
    }
}

/// How a direction ended.
enum End {
    /// The source said that it is done, or the sink takes nothing more.
    Done,
    /// The source is gone.
    Broken,
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> End {
    let mut buffer = vec![0; PIECE];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => break,
            // Not passed on as an orderly end: the next one must see a break, too.
            Err(_) => return End::Broken,
            Ok(n) => {
                if to.write_all(&buffer[..n]).await.is_err() || to.flush().await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = to.shutdown().await;
    End::Done
}
