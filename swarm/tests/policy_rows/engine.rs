//! An engine that only takes notes: what reaches it would have been done.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A request that was more than a look at the engine's state.
#[derive(Debug, Clone)]
pub struct Reached {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub struct Engine {
    pub address: SocketAddr,
    reached: Arc<Mutex<Vec<Reached>>>,
}

/// Name and id of what runs there.
pub const CONTAINERS: [(&str, &str); 5] = [
    (
        "swarm-manager",
        "5a00000000000000000000000000000000000000000000000000000000000001",
    ),
    (
        "swarm-agent",
        "5b00000000000000000000000000000000000000000000000000000000000002",
    ),
    (
        "swarm-data",
        "5c00000000000000000000000000000000000000000000000000000000000003",
    ),
    (
        "web",
        "7a00000000000000000000000000000000000000000000000000000000000004",
    ),
    // Made before there was a policy.
    (
        "old",
        "8a00000000000000000000000000000000000000000000000000000000000005",
    ),
];

impl Engine {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let reached = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&reached);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                std::thread::spawn(move || serve(stream, &notes));
            }
        });
        Self { address, reached }
    }

    /// What came since the last call.
    pub fn take(&self) -> Vec<Reached> {
        std::mem::take(&mut self.reached.lock().expect("no panic with it"))
    }
}

fn serve(stream: TcpStream, notes: &Mutex<Vec<Reached>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let request = read(&mut reader)?;
        let path = request
            .target
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        let path = path.strip_prefix("/v1.45").unwrap_or(&path).to_owned();
        if path == "/events" {
            writer
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                .ok()?;
            // Until the other side goes away.
            let _ = reader.read(&mut [0]);
            return None;
        }
        let answer = state(&request.method, &path);
        if answer.is_none() {
            notes.lock().ok()?.push(request);
        }
        let body = answer
            .unwrap_or_else(|| json!({ "Id": "e".repeat(64) }))
            .to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(body.as_bytes()).ok()?;
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Reached> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |wanted: &str| {
        headers
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, v)| v.as_str())
    };
    let mut body = Vec::new();
    if header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut piece = vec![0; size + 2];
            reader.read_exact(&mut piece).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&piece[..size]);
        }
    } else if let Some(length) = header("content-length").and_then(|text| text.parse().ok()) {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some(Reached {
        method,
        target,
        headers,
        body,
    })
}

/// What a manager looks at by itself; `None` for everything else.
fn state(method: &str, path: &str) -> Option<Value> {
    if method != "GET" {
        return None;
    }
    let inspected = path
        .strip_prefix("/containers/")
        .and_then(|rest| rest.strip_suffix("/json"))
        .and_then(|id| CONTAINERS.iter().find(|(_, known)| *known == id));
    if let Some((name, id)) = inspected {
        return Some(inspect(name, id));
    }
    Some(match path {
        "/_ping" => json!("OK"),
        "/info" => json!({
            "ID": "engine-1", "Name": "n1", "NCPU": 2, "MemTotal": 2_147_483_648_u64,
            "Labels": [], "Driver": "overlay2", "OSType": "linux",
            "Swarm": { "LocalNodeState": "active", "ControlAvailable": true, "NodeID": "n" },
        }),
        "/version" => json!({ "Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24" }),
        "/containers/json" => CONTAINERS
            .iter()
            .map(|(name, id)| {
                json!({
                    "Id": id, "Names": [format!("/{name}")], "Image": "busybox", "ImageID": "sha256:01",
                    "Command": "sh", "Created": 1, "State": "running", "Status": "Up", "Ports": [],
                    "Labels": {}, "Mounts": [], "HostConfig": { "NetworkMode": "bridge" },
                    "NetworkSettings": { "Networks": {} },
                })
            })
            .collect(),
        "/images/json" => json!([
            { "Id": "sha256:01", "RepoTags": ["busybox:latest"], "RepoDigests": [], "Created": 1 },
            { "Id": "sha256:02", "RepoTags": ["swarm:latest"], "RepoDigests": [], "Created": 1 },
        ]),
        "/networks" => ["bridge", "host", "null"]
            .iter()
            .zip(["bridge", "host", "none"])
            .enumerate()
            .map(|(at, (driver, name))| {
                json!({ "Id": format!("e{at}bb"), "Name": name, "Driver": driver, "Scope": "local" })
            })
            .collect(),
        "/networks/host" => json!({ "Id": "swh", "Name": "host", "Driver": "host", "Scope": "swarm" }),
        "/services/web" => json!({
            "ID": "web", "Version": { "Index": 7 },
            "Spec": { "Name": "web", "TaskTemplate": { "ContainerSpec": { "Image": "busybox" } } },
            "PreviousSpec": { "Name": "web", "TaskTemplate": { "ContainerSpec": {
                "Mounts": [{ "Type": "bind", "Source": "/", "Target": "/h" }] } } },
        }),
        // What runs breaks a rule, what it was before does not.
        "/services/mended" => json!({
            "ID": "mended", "Version": { "Index": 7 },
            "Spec": { "Name": "mended", "TaskTemplate": { "ContainerSpec": {
                "Mounts": [{ "Type": "bind", "Source": "/", "Target": "/h" }] } } },
            "PreviousSpec": { "Name": "mended", "TaskTemplate": { "ContainerSpec": { "Image": "busybox" } } },
        }),
        "/nodes/n2" => json!({ "ID": "n2", "Spec": { "Role": "worker", "Availability": "active" } }),
        "/volumes" => json!({ "Volumes": [
            { "Name": "swarm-data", "Driver": "local", "Options": null, "Labels": null },
            { "Name": "data", "Driver": "local", "Options": null, "Labels": null },
        ]}),
        _ => return None,
    })
}

fn inspect(name: &str, id: &str) -> Value {
    let mut inspect = json!({
        "Id": id, "Name": format!("/{name}"), "Image": "sha256:01",
        "State": {
            "Status": "running", "Running": true, "Paused": false, "Restarting": false, "Dead": false,
            "ExitCode": 0, "StartedAt": "2026-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z",
        },
        "Config": { "Image": "busybox", "Labels": {}, "ExposedPorts": null },
        "HostConfig": { "NetworkMode": "bridge", "PortBindings": {}, "Memory": 0, "CpuShares": 0 },
        "NetworkSettings": { "Ports": {}, "Networks": {} }, "Mounts": [],
    });
    if name == "old" {
        inspect["HostConfig"]["Privileged"] = json!(true);
    }
    inspect
}
