//! An engine that only takes notes: what reaches it would have been done.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::state::state;

/// A request that was more than a look at the engine's state.
#[derive(Debug, Clone)]
pub struct Reached {
    pub method: String,
    pub target: String,
    /// As it stood in the request line.
    pub protocol: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reached {
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(name, _)| name == wanted)?;
        Some(&found.1)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

pub struct Engine {
    reached: Arc<Mutex<Vec<Reached>>>,
}

impl Engine {
    /// The one of node `k`, counted from 0, at a socket.
    pub fn start(k: usize, socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket");
        let reached = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&reached);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                std::thread::spawn(move || serve(k, stream, &notes));
            }
        });
        Self { reached }
    }

    /// What came since the last call.
    pub fn take(&self) -> Vec<Reached> {
        std::mem::take(&mut self.reached.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve(k: usize, stream: UnixStream, notes: &Mutex<Vec<Reached>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let request = read(&mut reader)?;
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let path = path.strip_prefix("/v1.45").unwrap_or(path).to_owned();
        if path == "/events" {
            writer
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                .ok()?;
            // Until the other side goes away.
            let _ = reader.read(&mut [0]);
            return None;
        }
        let answer = state(k, &request.method, &path, query);
        let upgrade = request.header("upgrade").map(str::to_owned);
        let has_body = request.method != "HEAD";
        let is_follow = request.target.contains("follow=1");
        if answer.is_none() {
            notes.lock().ok()?.push(request);
        }
        if let Some(protocol) = upgrade {
            let head = format!(
                "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\nhello"
            );
            writer.write_all(head.as_bytes()).ok()?;
            // Whatever is said now is noted, too: nothing should be.
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
            return None;
        }
        if is_follow {
            writer
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                .ok()?;
            while writer.write_all(b"1\r\n.\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
            return None;
        }
        let status = match answer {
            Some(Value::Null) => "404 Not Found",
            _ => "200 OK",
        };
        let body = answer
            .unwrap_or_else(|| serde_json::json!({ "Id": "e".repeat(64) }))
            .to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes()).ok()?;
        if has_body {
            writer.write_all(body.as_bytes()).ok()?;
        }
    }
}

fn read(reader: &mut BufReader<UnixStream>) -> Option<Reached> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target, protocol) = (words.next()?, words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut reached = Reached {
        method,
        target,
        protocol,
        headers,
        body: Vec::new(),
    };
    if reached.header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut piece = vec![0; size + 2];
            reader.read_exact(&mut piece).ok()?;
            if size == 0 {
                break;
            }
            reached.body.extend_from_slice(&piece[..size]);
        }
    } else if let Some(length) = reached.header("content-length") {
        reached.body.resize(length.parse().ok()?, 0);
        reader.read_exact(&mut reached.body).ok()?;
    }
    Some(reached)
}
