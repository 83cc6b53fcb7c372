//! The same to every node.

use std::future::Future;

use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use crate::http::{Body, BodyError, stream_body};

/// Pieces that a slow node may be behind the others.
const AHEAD: usize = 16;

/// `n` copies of a body, and the work that fills them. A copy that nobody reads any more is left
/// out; the others go on.
pub fn tee(mut body: Body, n: usize) -> (Vec<Body>, impl Future<Output = ()> + Send) {
    let mut senders = Vec::with_capacity(n);
    let mut copies = Vec::with_capacity(n);
    for _ in 0..n {
        let (sender, receiver) = mpsc::channel::<Result<Bytes, BodyError>>(AHEAD);
        senders.push(sender);
        copies.push(stream_body(stream::unfold(
            receiver,
            |mut receiver| async { Some((receiver.recv().await?, receiver)) },
        )));
    }
    let pump = async move {
        while let Some(frame) = body.frame().await {
            let piece = match frame {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => data,
                    Err(_) => continue,
                },
                Err(error) => {
                    for sender in &senders {
                        let _ = sender.send(Err(error.clone())).await;
                    }
                    return;
                }
            };
            let mut left = Vec::with_capacity(senders.len());
            for sender in senders {
                if sender.send(Ok(piece.clone())).await.is_ok() {
                    left.push(sender);
                }
            }
            senders = left;
            if senders.is_empty() {
                return;
            }
        }
    };
    (copies, pump)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{bytes_body, collect};

    #[tokio::test]
    async fn copies_are_whole_and_one_may_go_away() {
        let (mut copies, pump) = tee(bytes_body("archive"), 3);
        drop(copies.pop());
        tokio::spawn(pump);
        for copy in copies {
            assert_eq!(&collect(copy, 100).await.expect("whole")[..], b"archive");
        }
    }
}
