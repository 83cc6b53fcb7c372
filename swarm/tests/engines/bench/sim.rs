//! Simulated engines: a port each, Docker's API as far as a manager asks it, mTLS like an agent's
//! door. What they say is made up on the spot, so that a thousand of them cost little.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::{Value, json};
use swarm::cli::TlsFiles;
use swarm::http::{
    Body, BodyError, Caller, Serve, bytes_body, collect, json as json_answer, stream_body,
};
use swarm::tls;
use tokio::sync::broadcast;

use crate::lab::{Certs, Serving};

/// Containers that each engine has from the start.
pub const CONTAINERS: usize = 30;
const NOW: i64 = 1_790_000_000;

pub struct Sims {
    pub entries: Vec<SocketAddr>,
    _serving: Serving,
}

impl Sims {
    pub fn start(n: usize, certs: &Certs) -> Self {
        let identity = tls::Identity::read(&TlsFiles {
            ca: None,
            cert: certs.agent_cert(Ipv4Addr::LOCALHOST),
            key: certs.agent_key(Ipv4Addr::LOCALHOST),
        })
        .expect("an identity");
        let roots = tls::roots_read(&certs.engine_ca()).expect("an authority");
        let verifier = tls::client_verifier(roots).expect("a verifier");
        let config = tls::server_config(identity, Some(verifier)).expect("a configuration");
        let config = Arc::new(config);
        let serving = Serving::start(2);
        let serve = |k| serving.serve(Ipv4Addr::LOCALHOST, Some(&config), &Arc::new(Sim::new(k)));
        Self {
            entries: (0..n).map(serve).collect(),
            _serving: serving,
        }
    }
}

struct Sim {
    k: usize,
    containers: Mutex<Vec<Container>>,
    events: broadcast::Sender<Bytes>,
}

#[derive(Clone)]
struct Container {
    id: String,
    name: String,
    created: i64,
    running: bool,
    labels: HashMap<String, String>,
}

impl Sim {
    fn new(k: usize) -> Self {
        let containers = (0..CONTAINERS).map(|c| Container {
            id: format!("{k:08x}{c:08x}").repeat(4),
            name: format!("shop-{k}-web-{c}"),
            created: NOW - 3600 - i64::try_from(c * 997 + k).expect("small"),
            running: true,
            labels: HashMap::from([
                (
                    "com.docker.swarm.id".into(),
                    format!("{c:08x}{k:08x}").repeat(4),
                ),
                ("com.docker.compose.project".into(), format!("shop-{k}")),
                ("com.docker.compose.service".into(), "web".into()),
                ("com.docker.compose.container-number".into(), c.to_string()),
                ("com.docker.compose.version".into(), "2.40.3".into()),
            ]),
        });
        Self {
            k,
            containers: Mutex::new(containers.collect()),
            events: broadcast::channel(64).0,
        }
    }

    fn happened(&self, action: &str, container: &Container) {
        let event = json!({"status": action, "id": container.id, "from": "nginx:1.29",
            "Type": "container", "Action": action,
            "Actor": {"ID": container.id, "Attributes": {"name": container.name,
                "image": "nginx:1.29"}},
            "scope": "local", "time": NOW, "timeNano": NOW * 1_000_000_000});
        let _ = self.events.send(Bytes::from(format!("{event}\n")));
    }

    fn lines(&self, query: &str) -> Vec<Value> {
        let containers = self.containers.lock().expect("not poisoned");
        let some = query.contains("filters=");
        let wanted = containers.iter().filter(|c| !some || query.contains(&c.id));
        wanted.map(|container| self.line(container)).collect()
    }

    fn line(&self, container: &Container) -> Value {
        json!({"Id": container.id, "Names": [format!("/{}", container.name)],
            "Image": "nginx:1.29", "ImageID": image(1),
            "Command": "/docker-entrypoint.sh nginx -g 'daemon off;'",
            "Created": container.created,
            "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                      {"PrivatePort": 443, "Type": "tcp"}],
            "Labels": container.labels,
            "State": if container.running { "running" } else { "created" },
            "Status": if container.running { "Up 2 hours" } else { "Created" },
            "HostConfig": {"NetworkMode": "bridge"},
            "NetworkSettings": {"Networks": {"bridge": network()}},
            "Mounts": [{"Type": "volume", "Name": format!("data-{}", container.name),
                "Source": "", "Destination": "/data", "Driver": "local", "Mode": "z", "RW": true,
                "Propagation": ""}]})
    }

    fn inspect(&self, container: &Container) -> Value {
        json!({"Id": container.id, "Name": format!("/{}", container.name), "Image": image(1),
            "Created": "2026-09-21T00:00:00Z", "Path": "/docker-entrypoint.sh", "Args": ["nginx"],
            "State": {"Status": if container.running { "running" } else { "created" },
                "Running": container.running, "Paused": false, "Restarting": false,
                "OOMKilled": false, "Dead": false, "Pid": 4711, "ExitCode": 0, "Error": "",
                "StartedAt": "2026-09-21T12:00:00.5Z", "FinishedAt": "0001-01-01T00:00:00Z"},
            "Driver": "overlay2", "Platform": "linux", "MountLabel": "", "ProcessLabel": "",
            "HostConfig": {"NetworkMode": "bridge", "Memory": 268_435_456, "CpuShares": 0,
                "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]},
                "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "Binds": null,
                "LogConfig": {"Type": "json-file", "Config": {}}, "ShmSize": 67_108_864},
            "Config": {"Hostname": &container.id[..12], "Image": "nginx:1.29", "Tty": false,
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "NGINX_VERSION=1.29.1", "PKG_RELEASE=1~bookworm"],
                "Cmd": ["nginx", "-g", "daemon off;"], "Labels": container.labels,
                "ExposedPorts": {"80/tcp": {}, "443/tcp": {}}},
            "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}],
                "443/tcp": null}, "Networks": {"bridge": network()}},
            "Mounts": [{"Type": "volume", "Name": format!("data-{}", container.name),
                "Source": "/var/lib/docker/volumes/x/_data", "Destination": "/data",
                "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""}]})
    }

    fn find(&self, name: &str) -> Option<Container> {
        let containers = self.containers.lock().expect("not poisoned");
        let mut found = containers.iter().filter(|c| c.id == name || c.name == name);
        found.next().cloned()
    }

    fn info(&self) -> Value {
        let plain: HashMap<&str, bool> = [
            "MemoryLimit",
            "SwapLimit",
            "CpuCfsPeriod",
            "CpuCfsQuota",
            "CPUShares",
            "CPUSet",
            "PidsLimit",
            "IPv4Forwarding",
            "OomKillDisable",
        ]
        .map(|key| (key, true))
        .into();
        let mut info = json!({"ID": format!("0190a5f2-7a3b-7c00-8000-{:012x}", self.k),
            "Name": format!("sim-{}", self.k), "NCPU": 16, "MemTotal": 68_719_476_736_i64,
            "Driver": "overlay2", "KernelVersion": "6.12.0", "OperatingSystem": "Debian 13",
            "OSType": "linux", "Architecture": "x86_64", "ServerVersion": "26.1.5",
            "Labels": ["region=eu"], "DockerRootDir": "/var/lib/docker", "LoggingDriver": "json-file",
            "CgroupDriver": "systemd", "CgroupVersion": "2", "DefaultRuntime": "runc",
            "Plugins": {"Volume": ["local"], "Network": ["bridge", "host", "ipvlan", "macvlan",
                "null", "overlay"], "Authorization": null, "Log": ["awslogs", "fluentd", "gcplogs",
                "gelf", "journald", "json-file", "local", "splunk", "syslog"]},
            "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"],
                ["Using metacopy", "false"], ["Native Overlay Diff", "true"]],
            "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
            "Runtimes": {"runc": {"path": "runc"}, "io.containerd.runc.v2": {"path": "runc"}},
            "RegistryConfig": {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {},
                "Mirrors": null},
            "Swarm": {"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive",
                "ControlAvailable": false, "Error": "", "RemoteManagers": null},
            "Warnings": null});
        for (key, value) in plain {
            info[key] = value.into();
        }
        info
    }

    fn follow(&self) -> Response<Body> {
        let events = self.events.subscribe();
        Response::new(stream_body(futures::stream::unfold(
            events,
            |mut events| async move {
                let line = events.recv().await.ok()?;
                Some((Ok::<_, BodyError>(line), events))
            },
        )))
    }

    async fn create(&self, query: &str, body: Incoming) -> Response<Body> {
        let bytes = collect(body, 1 << 20).await.expect("small");
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        let labels = body["Labels"].as_object().into_iter().flatten();
        let labels = labels
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        let id: [u8; 32] = rand::random();
        let container = Container {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            name: query.trim_start_matches("name=").to_owned(),
            created: NOW,
            running: false,
            labels,
        };
        let answer = json!({"Id": container.id, "Warnings": []});
        self.happened("create", &container);
        self.containers
            .lock()
            .expect("not poisoned")
            .push(container);
        json_answer(StatusCode::CREATED, &answer)
    }
}

impl Serve<()> for Sim {
    async fn answer(
        self: Arc<Self>,
        _caller: Arc<Caller<()>>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let uri = request.uri().clone();
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        let path = match path
            .strip_prefix("/v")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((version, rest)) if version.starts_with('1') => rest,
            _ => &path[1..],
        };
        let parts: Vec<&str> = path.split('/').collect();
        let ok = |value: &Value| json_answer(StatusCode::OK, value);
        match (request.method(), parts.as_slice()) {
            (_, ["_ping"]) => Response::new(bytes_body("OK")),
            (_, ["info"]) => ok(&self.info()),
            (_, ["version"]) => ok(&json!({"Version": "26.1.5", "ApiVersion": "1.45",
                "MinAPIVersion": "1.24", "Components": []})),
            (_, ["events"]) => self.follow(),
            (_, ["images", "json"]) => ok(&(0..8).map(image_line).collect()),
            (_, ["networks"]) => ok(&["bridge", "host", "none"]
                .map(|name| {
                    json!({"Id": format!("{}{:056x}", "0badc0de", self.k), "Name": name,
                    "Driver": name, "Scope": "local", "Created": "2026-09-21T00:00:00Z",
                    "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.17.0.0/16"}]},
                    "Internal": false, "Attachable": false, "Ingress": false, "Labels": {},
                    "Options": {}, "Containers": {}})
                })
                .to_vec()
                .into()),
            (_, ["volumes"]) => {
                let containers = self.containers.lock().expect("not poisoned").clone();
                let volumes = containers.iter().take(CONTAINERS).map(|container| {
                    json!({"Name": format!("data-{}", container.name), "Driver": "local",
                        "Mountpoint": "/var/lib/docker/volumes/x/_data", "Scope": "local",
                        "CreatedAt": "2026-09-21T00:00:00Z", "Labels": null, "Options": null})
                });
                ok(&json!({"Volumes": volumes.collect::<Vec<_>>(), "Warnings": null}))
            }
            (&Method::GET, ["containers", "json"]) => ok(&self.lines(query).into()),
            (&Method::POST, ["containers", "create"]) => {
                let query = query.to_owned();
                self.create(&query, request.into_body()).await
            }
            (&Method::GET, ["containers", name, "json"]) => match self.find(name) {
                Some(container) => ok(&self.inspect(&container)),
                None => json_answer(
                    StatusCode::NOT_FOUND,
                    &json!({"message": "No such container"}),
                ),
            },
            _ => json_answer(StatusCode::NOT_FOUND, &json!({"message": "not simulated"})),
        }
    }
}

fn image(k: usize) -> String {
    format!("sha256:{}", format!("{k:016x}").repeat(4))
}

fn image_line(k: usize) -> Value {
    json!({"Id": image(k), "RepoTags": [format!("nginx:1.{}", 28 + k)],
        "RepoDigests": [format!("nginx@{}", image(100 + k))], "ParentId": "", "Containers": -1,
        "Created": NOW - 86_400, "Size": 197_000_000, "SharedSize": -1,
        "Labels": {"maintainer": "NGINX Docker Maintainers <docker-maint@nginx.com>"}})
}

fn network() -> Value {
    json!({"IPAMConfig": null, "Links": null, "Aliases": null, "MacAddress": "02:42:ac:11:00:02",
        "DriverOpts": null, "NetworkID": "0badc0de".repeat(8), "EndpointID": "deadbeef".repeat(8),
        "Gateway": "172.17.0.1", "IPAddress": "172.17.0.2", "IPPrefixLen": 16, "IPv6Gateway": "",
        "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": null})
}
