//! Connections that no docker client makes: opened by hand, upgraded, and then only bytes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use super::{Lab, bundle_tls};

pub struct Raw {
    stream: StreamOwned<ClientConnection, TcpStream>,
    /// Came and was not asked for yet.
    left: Vec<u8>,
}

impl Raw {
    /// Alice's, at the `k`th manager.
    pub fn open(lab: &Lab, k: usize) -> Self {
        let config = bundle_tls(&lab.certs, &lab.alice);
        let name = ServerName::IpAddress(std::net::IpAddr::V4(lab.nodes[k].ip).into());
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let socket = TcpStream::connect((lab.nodes[k].ip, 2376)).expect("a manager");
        socket
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a limit");
        Self {
            stream: StreamOwned::new(connection, socket),
            left: Vec::new(),
        }
    }

    /// Sends a request's head, gives back the answer's; what follows it stays to be read.
    pub fn head(&mut self, request: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{request} HTTP/1.1\r\nHost: docker\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.write(head.as_bytes());
        let answer = self.until(b"\r\n\r\n");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("it takes them");
        self.stream.flush().expect("it takes them");
    }

    /// All up to and with `mark`.
    pub fn until(&mut self, mark: &[u8]) -> Vec<u8> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(at) = self.left.windows(mark.len()).position(|part| part == mark) {
                let rest = self.left.split_off(at + mark.len());
                return std::mem::replace(&mut self.left, rest);
            }
            let mut buffer = [0; 4096];
            let n = self.stream.read(&mut buffer).unwrap_or_default();
            assert!(
                n > 0 && Instant::now() < end,
                "no {:?} in {:?}",
                String::from_utf8_lossy(mark),
                String::from_utf8_lossy(&self.left)
            );
            self.left.extend_from_slice(&buffer[..n]);
        }
    }

    /// All until the other side ends it.
    pub fn rest(&mut self) -> Vec<u8> {
        let _ = self.stream.read_to_end(&mut self.left);
        std::mem::take(&mut self.left)
    }

    /// Says that nothing more comes from here, and goes on reading.
    pub fn write_end(&mut self) {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
    }
}
