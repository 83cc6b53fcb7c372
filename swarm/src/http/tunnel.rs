//! Hijacked connections: raw bytes both ways after `101 Switching Protocols`.

use http::{HeaderMap, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Cut;

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
/// -i` closes its input long before the output is done.
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
            () = &mut to_client => return,
            () = &mut to_engine, if input_open => input_open = false,
        }
    }
}

/// A failure of either side ends the direction like an end does; there is nobody to tell.
async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(n) => {
                if to.write_all(&buffer[..n]).await.is_err() || to.flush().await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = to.shutdown().await;
}
