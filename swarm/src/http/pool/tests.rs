use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use bytes::Bytes;

use super::*;
use crate::http::{collect, empty};

/// A server that says `head` to every request and then nothing; gives back its address.
fn server(dir: &tempfile::TempDir, head: &'static str) -> Target {
    let path = dir.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                    if stream.write_all(head.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Target::Unix(path)
}

fn request() -> Request<Body> {
    Request::get("/")
        .header("host", "test")
        .body(empty())
        .expect("a request")
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_given_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let pool = Pool::new(server(&dir, ""));
    let waiting = {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move { pool.send(request()).await.map(|_| ()) })
    };
    // It is under way as soon as it holds the pool's life.
    while pool.life().is_cancelled() || Arc::strong_count(&pool) < 2 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    pool.lose();
    let end = waiting.await.expect("it ends");
    assert!(matches!(end, Err(PoolError::Lost { .. })), "{end:?}");
    assert!(!pool.life().is_cancelled(), "what comes next is a new try");
}

#[tokio::test]
async fn an_answer_that_is_half_read_ends_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let pool = Pool::new(server(&dir, head));
    let response = pool.send(request()).await.expect("a head");
    let reading = tokio::spawn(collect(response.into_body(), 100));
    tokio::task::yield_now().await;
    pool.lose();
    let end = reading.await.expect("it ends").expect_err("not whole");
    assert!(end.0.contains("has stopped answering"), "{end}");
    assert_eq!(pool.idle_count(), 0);
}

#[tokio::test]
async fn what_was_still_to_be_sent_is_let_go() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("socket");
    // It takes the connection, and reads nothing.
    let _listener = UnixListener::bind(&path).expect("a socket");
    let pool = Pool::new(Target::Unix(path));
    let (pieces, body) = tokio::sync::mpsc::channel::<Bytes>(1);
    let body = futures::stream::unfold(body, |mut body| async {
        Some((Ok(body.recv().await?), body))
    });
    let upload = Request::post("/")
        .header("host", "test")
        .body(crate::http::stream_body(body))
        .expect("a request");
    let sending = {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move { pool.send(upload).await.map(|_| ()) })
    };
    let piece = Bytes::from(vec![7; 1 << 20]);
    let second = std::time::Duration::from_secs(1);
    while let Ok(end) = tokio::time::timeout(second, pieces.send(piece.clone())).await {
        end.expect("not lost yet");
    }
    pool.lose();
    let end = sending.await.expect("it ends");
    assert!(matches!(end, Err(PoolError::Lost { .. })), "{end:?}");
    let let_go = tokio::time::timeout(10 * second, pieces.closed()).await;
    let_go.expect("nobody waits for room that never comes");
}

#[tokio::test]
async fn only_so_many_connections_are_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let pool = Pool::new(server(&dir, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    let answers = (0..3 * POOL_IDLE_MAX).map(|_| pool.send(request()));
    let answers = futures::future::join_all(answers).await;
    for answer in answers {
        let body = answer.expect("an answer").into_body();
        assert!(collect(body, 10).await.expect("empty").is_empty());
    }
    assert!((1..=POOL_IDLE_MAX).contains(&pool.idle_count()));
    pool.keep(1);
    assert_eq!(pool.idle_count(), 1);
    let answer = pool.send(request()).await;
    assert!(answer.is_ok(), "what is kept still answers");
}
