//! Connections over which nothing is said: is there still somebody?

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::limits::{PEER_ASK_EVERY, PEER_ASK_TIMES, PEER_SILENT};

/// Has the kernel ask a silent other side whether it is there, so that a stream whose cable was
/// pulled does not last for ever.
///
/// There is no limit on how long what was sent may stay unread (`TCP_USER_TIMEOUT`): a terminal
/// that somebody has stopped with Ctrl-S looks the same.
pub fn peer_watch(stream: &TcpStream) {
    let ask = TcpKeepalive::new()
        .with_time(PEER_SILENT)
        .with_interval(PEER_ASK_EVERY)
        .with_retries(PEER_ASK_TIMES);
    if let Err(error) = SockRef::from(stream).set_tcp_keepalive(&ask) {
        tracing::debug!(%error, "a silent connection is not watched");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_peer_is_asked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("bound");
        let stream = TcpStream::connect(address).await.expect("it connects");
        peer_watch(&stream);
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().expect("told"));
        assert_eq!(socket.tcp_keepalive_time().expect("told"), PEER_SILENT);
        assert_eq!(
            socket.tcp_keepalive_interval().expect("told"),
            PEER_ASK_EVERY
        );
        assert_eq!(
            socket.tcp_keepalive_retries().expect("told"),
            PEER_ASK_TIMES
        );
    }
}
