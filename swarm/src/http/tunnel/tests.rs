//! A client, a manager and an agent, as they stand between each other: TLS, HTTP and a hijack on
//! the way, and at the end an engine that is made for it.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::http::{
    Body, Caller, Gate, Listener, Serve, Target, forward, incoming, json, serve, upgrade_take,
};
use crate::tls;

const HEAD: &[u8] = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
const ASK: &[u8] =
    b"POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/// Passes everything on, as agents do.
struct Passing(Arc<Pool>);

impl Serve<()> for Passing {
    async fn answer(
        self: Arc<Self>,
        caller: Arc<Caller<()>>,
        mut request: Request<Incoming>,
    ) -> Response<Body> {
        let upgrade = upgrade_take(&mut request);
        match forward(&self.0, request.map(incoming), upgrade, caller.cut()).await {
            Ok(response) => response,
            Err(error) => json(StatusCode::BAD_GATEWAY, &error.chain()),
        }
    }
}

struct Anybody;

impl Gate for Anybody {
    type Identity = ();

    fn admit(
        &self,
        _certificates: &[CertificateDer<'static>],
        _address: Option<IpAddr>,
    ) -> Option<()> {
        Some(())
    }

    async fn expelled(&self, _identity: &()) {
        std::future::pending().await
    }
}

/// Two hops with TLS in front of `engine`, which gets every connection once its head was read.
struct Chain {
    address: SocketAddr,
    client: TlsConnector,
    stop: CancellationToken,
    _dir: tempfile::TempDir,
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Chain {
    async fn start<F>(engine: fn(UnixStream) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        tls::install_provider();
        let dir = tempfile::tempdir().expect("a directory");
        let socket = dir.path().join("engine");
        let listener = UnixListener::bind(&socket).expect("a socket");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            // Somebody has only knocked.
                            Err(_) => return,
                        }
                    }
                    engine(stream).await;
                });
            }
        });
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a key");
        let stop = CancellationToken::new();
        let client = Arc::new(tls::client_config_unverified(None).expect("a client"));
        let mut target = Target::Unix(socket);
        let mut address = None;
        for _ in ["agent", "manager"] {
            let identity = tls::Identity {
                chain: vec![key.cert.der().clone()],
                key: PrivateKeyDer::try_from(key.signing_key.serialize_der()).expect("a key"),
            };
            let config = tls::server_config(identity, None).expect("a server");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let here = listener.local_addr().expect("bound");
            tokio::spawn(serve(
                Listener::Tcp(listener),
                Some(TlsAcceptor::from(Arc::new(config))),
                Arc::new(Anybody),
                Arc::new(Passing(Pool::new(target))),
                stop.clone(),
            ));
            target = Target::Tcp {
                entry: here.to_string(),
                tls: Some(Arc::clone(&client)),
            };
            address = Some(here);
        }
        Self {
            address: address.expect("two hops"),
            client: TlsConnector::from(client),
            stop,
            _dir: dir,
        }
    }

    /// A stream of the client's, agreed on.
    async fn attach(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.expect("a manager");
        let name = ServerName::try_from("localhost").expect("a name");
        let mut tls = self.client.connect(name, stream).await.expect("TLS");
        tls.write_all(ASK).await.expect("sent");
        // Else it may stay in TLS's own buffer: many clients in one task use up its turn.
        tls.flush().await.expect("sent");
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            said.push(tls.read_u8().await.expect("an answer"));
        }
        assert!(said.starts_with(b"HTTP/1.1 101 "), "{said:?}");
        tls
    }
}

async fn rest(tls: &mut TlsStream<TcpStream>) -> (Vec<u8>, std::io::Result<usize>) {
    let mut said = Vec::new();
    let end = tls.read_to_end(&mut said).await;
    (said, end)
}

/// The agreement, the output and the end in one: a container that is over before it was looked at.
async fn at_once(mut stream: UnixStream) {
    let _ = stream.write_all(&[HEAD, b"hello"].concat()).await;
}

/// Speaks when the client's input has ended, and ends in the same moment.
async fn after_the_input(mut stream: UnixStream) {
    let _ = stream.write_all(HEAD).await;
    let mut input = Vec::new();
    let _ = stream.read_to_end(&mut input).await;
    input.extend(b" and the end");
    let _ = stream.write_all(&input).await;
}

const MUCH: usize = 16 << 20;

/// Says much, never reads a word of what is said to it, and closes over it.
async fn deaf(mut stream: UnixStream) {
    let _ = stream.write_all(HEAD).await;
    let _ = stream.write_all(&vec![b'x'; MUCH]).await;
}

/// The same, as dockerd does it: it only says that it is done.
async fn deaf_and_patient(mut stream: UnixStream) {
    let _ = stream.write_all(HEAD).await;
    let _ = stream.write_all(&vec![b'x'; MUCH]).await;
    let _ = stream.shutdown().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_words_of_a_short_life_arrive() {
    let chain = Arc::new(Chain::start(at_once).await);
    let ends = (0..300).map(|turn| {
        let chain = Arc::clone(&chain);
        async move {
            let mut tls = chain.attach().await;
            // As a client without input does, sooner or later.
            if turn % 3 == 0 {
                let _ = tls.shutdown().await;
            }
            if turn % 3 == 1 {
                tokio::task::yield_now().await;
                let _ = tls.shutdown().await;
            }
            let (said, end) = rest(&mut tls).await;
            assert_eq!(said, b"hello", "{turn}: {end:?}");
            assert!(end.is_ok(), "{turn}: {end:?}");
        }
    });
    use futures::StreamExt;
    let ends = futures::stream::iter(ends).buffer_unordered(32);
    ends.collect::<Vec<_>>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_comes_after_the_input_s_end_arrives() {
    let chain = Chain::start(after_the_input).await;
    for turn in 0..50 {
        let mut tls = chain.attach().await;
        tls.write_all(b"input").await.expect("sent");
        tls.flush().await.expect("sent");
        tls.shutdown().await.expect("half closed");
        let (said, end) = rest(&mut tls).await;
        assert_eq!(said, b"input and the end", "{turn}: {end:?}");
        assert!(end.is_ok(), "{turn}: {end:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn input_that_nobody_reads_costs_no_output() {
    all_of_it_arrives(&Chain::start(deaf).await).await;
    all_of_it_arrives(&Chain::start(deaf_and_patient).await).await;
}

/// At a client whose input goes on when the container is over, and who reads slowly: closing over
/// its unread input would take what it has not read yet from it.
async fn all_of_it_arrives(chain: &Chain) {
    let (mut read, mut write) = tokio::io::split(chain.attach().await);
    let typing = tokio::spawn(async move {
        // Until it is refused.
        while write.write_all(&[b'y'; 4096]).await.is_ok() && write.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let (mut got, mut buffer) = (0, vec![0; 256 << 10]);
    let began = Instant::now();
    let end = loop {
        // The end of the engine comes long before that of the reading.
        if began.elapsed() < Duration::from_millis(1000) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        match read.read(&mut buffer).await {
            Ok(0) => break Ok(()),
            Ok(n) => got += n,
            Err(error) => break Err(error),
        }
    };
    typing.abort();
    assert_eq!(got, MUCH, "{end:?}");
    assert!(end.is_ok(), "{end:?}");
}

/// The engine is killed: its streams end as if they had said everything, and nobody is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_engine_that_is_gone_is_no_orderly_end() {
    let chain = Chain::start(|mut stream| async move {
        let _ = stream.write_all(&[HEAD, b"half a"].concat()).await;
        let _ = stream.read_u8().await;
    })
    .await;
    let mut tls = chain.attach().await;
    std::fs::remove_file(chain._dir.path().join("engine")).expect("its socket");
    tls.write_all(b"x").await.expect("sent");
    tls.flush().await.expect("sent");
    let (said, end) = rest(&mut tls).await;
    assert_eq!(said, b"half a");
    assert!(end.is_err(), "{end:?}");
}
