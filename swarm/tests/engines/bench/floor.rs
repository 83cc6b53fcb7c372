//! What a question and an answer take without anything done in between: by the machine itself, and
//! by the libraries that every call of the measuring client goes through.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Instant;

use super::client::{Client, Times};
use super::sim::Sims;
use crate::lab::{CLUSTER, Certs, door_tls};

/// About as much as a `_ping` and its answer.
const BYTES: usize = 200;

/// `n` round trips between two threads that wait for each other over loopback TCP: two wake-ups
/// each, as every call of a client to a server has.
pub fn floor(n: usize) -> Times {
    let door = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = door.local_addr().expect("an address");
    let answers = std::thread::spawn(move || {
        let (mut stream, _) = door.accept().expect("the client");
        stream.set_nodelay(true).expect("a socket");
        let mut bytes = [0; BYTES];
        while stream.read_exact(&mut bytes).is_ok() {
            stream.write_all(&bytes).expect("the client listens");
        }
    });
    let mut stream = TcpStream::connect(address).expect("a door");
    stream.set_nodelay(true).expect("a socket");
    let mut bytes = [0; BYTES];
    let mut times = Times::default();
    for k in 0..n + n / 10 {
        let began = Instant::now();
        stream.write_all(&bytes).expect("it listens");
        stream.read_exact(&mut bytes).expect("it answers");
        if k >= n / 10 {
            times.list.push(began.elapsed());
        }
    }
    drop(stream);
    answers.join().expect("it ends with its client");
    times
}

/// A server of the same libraries as the manager (tokio, hyper, rustls) that says `OK` and knows of
/// nothing; it has threads of its own.
pub struct EmptyServer {
    sims: Sims,
    certs: Certs,
    _dir: tempfile::TempDir,
}

impl EmptyServer {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let local = Ipv4Addr::LOCALHOST;
        let certs = Certs::new(dir.path(), CLUSTER, &[local], local);
        Self {
            sims: Sims::start(1, &certs),
            certs,
            _dir: dir,
        }
    }

    /// `n` calls over one kept connection.
    pub async fn times(&self, n: usize) -> Times {
        let entry = self.sims.entries[0].to_string();
        let client = Client::with_tls(entry, door_tls(&self.certs, "manager"));
        client.times(n, "GET /_ping").await
    }
}
