//! A manager, asked by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::engine::{Engine, Reached};
/// A manager under the policy, in front of one engine that takes notes.
pub struct Door {
    pub engine: Engine,
    manager: Child,
    address: SocketAddr,
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = self.manager.kill();
        let _ = self.manager.wait();
    }
}

impl Door {
    pub fn open() -> Self {
        let engine = Engine::start();
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let manager = Command::new(env!("CARGO_BIN_EXE_swarm"))
            .args([
                "manage",
                &format!("-H=tcp://{address}"),
                &format!("nodes://{}", engine.address),
            ])
            .env("SWARM_CLUSTER", "0190a5f2-7a3b-7c00-8000-00000000c1a5")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let door = Self {
            engine,
            manager,
            address,
        };
        let began = Instant::now();
        while !door
            .try_send("GET", "/containers/json?all=1", &[], b"")
            .is_some_and(|(_, body)| body.contains("/n1/old"))
        {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "the manager does not see its engine"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        door.engine.take();
        door
    }

    pub fn try_send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<(u16, String)> {
        let mut head =
            format!("{method} {target} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty()
            && !headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"))
        {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }

    /// Bytes as they are; the status and the rest of the answer.
    pub fn raw(&self, bytes: &[u8]) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        // A refusal may come, and the connection go, before all was sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        Some((status, answer))
    }

    /// Sends and expects the refusal, its code if it has one, and that no engine heard of it.
    pub fn refused(
        &self,
        id: &str,
        method: &str,
        target: &str,
        body: &str,
        status: u16,
        code: &str,
    ) {
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else {
            &[("Content-Type", "application/json")]
        };
        let (got, answer) = self
            .try_send(method, target, headers, body.as_bytes())
            .expect(target);
        let what = format!("{id} {method} {target} {body}: {answer}");
        assert_eq!(got, status, "{what}");
        assert!(answer.contains(code), "{what}");
        assert!(
            method == "HEAD" || answer.contains(r#"{"message":"#),
            "{what}"
        );
        assert_eq!(self.reached(), [""; 0], "{what}");
    }

    pub fn reached(&self) -> Vec<String> {
        self.engine
            .take()
            .into_iter()
            .map(|Reached { method, target, .. }| format!("{method} {target}"))
            .collect()
    }
}
