//! What the machine itself takes for a question and an answer, without anything done in between.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use super::client::Times;

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
