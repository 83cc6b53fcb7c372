//! The front door, with plain echo servers for endpoints.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use control::FrontDoor;
use model::ClusterId;
use server::front_door::FrontDoors;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Says its name, then gives back what it gets, until the other side ends its half.
struct Endpoint {
    address: SocketAddrV4,
    task: JoinHandle<()>,
}

impl Endpoint {
    async fn new(name: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let SocketAddr::V4(address) = listener.local_addr().unwrap() else {
            panic!("not IPv4");
        };
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    stream.write_all(name.as_bytes()).await.unwrap();
                    let mut all = Vec::new();
                    stream.read_to_end(&mut all).await.unwrap();
                    stream.write_all(&all).await.unwrap();
                });
            }
        });
        Self { address, task }
    }

    /// The port is closed; nobody listens there any more.
    async fn die(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

struct Doors {
    list: watch::Sender<Vec<FrontDoor>>,
    _stop: DropGuard,
}

impl Doors {
    fn open(connections_max: u32) -> Self {
        let (list, receiver) = watch::channel(Vec::new());
        let stop = CancellationToken::new();
        let doors = FrontDoors {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            connections_max,
            counts: std::sync::Arc::default(),
        };
        tokio::spawn(doors.run(receiver, stop.clone()));
        Self {
            list,
            _stop: stop.drop_guard(),
        }
    }

    fn set(&self, port: u16, targets: &[SocketAddrV4]) {
        self.list.send_replace(vec![FrontDoor {
            cluster: ClusterId(uuid::Uuid::nil()),
            port,
            targets: targets.to_vec(),
        }]);
    }
}

/// A port that was free a moment ago.
async fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

/// The door opens a moment after the list says so.
async fn connected(port: u16) -> TcpStream {
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the front door stays closed");
}

/// Sends, ends its half, and reads all that comes.
async fn exchange(port: u16, text: &str) -> String {
    let mut stream = connected(port).await;
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    all
}

#[tokio::test]
async fn it_passes_on_both_ways_and_each_half_ends_alone() {
    let one = Endpoint::new("one:").await;
    let doors = Doors::open(8);
    let port = free_port().await;
    doors.set(port, &[one.address]);
    assert_eq!(exchange(port, "hello").await, "one:hello");
    // More than any buffer holds.
    let long = "x".repeat(3_000_000);
    assert_eq!(exchange(port, &long).await.len(), long.len() + 4);
}

#[tokio::test]
async fn it_goes_to_the_next_endpoint_when_one_dies_and_stays_there() {
    let one = Endpoint::new("one:").await;
    let two = Endpoint::new("two:").await;
    let doors = Doors::open(8);
    let port = free_port().await;
    let targets = [one.address, two.address];
    doors.set(port, &targets);
    assert_eq!(exchange(port, "").await, "one:");
    let (first, second) = (one.address, two.address);
    one.die().await;
    assert_eq!(exchange(port, "").await, "two:");
    // The same list again, and the first one back: whoever is served stays where it is.
    let listener = TcpListener::bind(first).await.unwrap();
    doors.set(port, &targets);
    assert_eq!(exchange(port, "").await, "two:");
    drop(listener);
    // No longer in the list: not gone to, though it lives.
    let three = Endpoint::new("three:").await;
    doors.set(port, &[three.address]);
    for _ in 0..200 {
        if exchange(port, "").await == "three:" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(exchange(port, "").await, "three:");
    assert_ne!(second, three.address);
}

#[tokio::test]
async fn with_nobody_behind_it_the_connection_is_closed() {
    let doors = Doors::open(8);
    let port = free_port().await;
    let dead = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port().await);
    doors.set(port, &[dead]);
    assert_eq!(exchange(port, "").await, "");
    doors.set(port, &[]);
    assert_eq!(exchange(port, "").await, "");
}

#[tokio::test]
async fn it_closes_with_the_list() {
    let one = Endpoint::new("one:").await;
    let doors = Doors::open(8);
    let port = free_port().await;
    doors.set(port, &[one.address]);
    let mut open = connected(port).await;
    doors.list.send_replace(Vec::new());
    // What was open ends, too: the cluster is gone.
    let mut all = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), open.read_to_end(&mut all)).await;
    assert!(ended.is_ok());
    let closed = async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_ok()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let closed = tokio::time::timeout(Duration::from_secs(5), closed).await;
    assert!(closed.is_ok());
}

#[tokio::test]
async fn too_many_connections_are_closed_and_room_comes_back() {
    let one = Endpoint::new("one:").await;
    let doors = Doors::open(1);
    let port = free_port().await;
    doors.set(port, &[one.address]);
    let mut first = connected(port).await;
    let mut greeting = [0; 4];
    first.read_exact(&mut greeting).await.unwrap();
    assert_eq!(exchange_or_reset(port).await, "");
    drop(first);
    for _ in 0..200 {
        if exchange_or_reset(port).await == "one:" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no room came back");
}

/// A closed connection shows as an end or as a reset, as the kernel likes.
async fn exchange_or_reset(port: u16) -> String {
    let mut stream = connected(port).await;
    let _ = stream.shutdown().await;
    let mut all = String::new();
    let _ = stream.read_to_string(&mut all).await;
    all
}
