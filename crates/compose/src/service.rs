//! One service.

use model::{
    ComposeWrong, Shape, StackMount, StackPort, StackService, StackSpec, Unsupported, ValueWanted,
};

use crate::key;
use crate::reader::{Reader, short};
use crate::tree::{Entry, Node, Value};
use crate::value;

/// The cluster's own; its policy refuses them, too.
const RESERVED_PORTS: [u16; 7] = [2375, 2376, 2377, 4789, 7946, 9323, 42376];

impl Reader {
    pub fn service(&mut self, entry: &Entry, spec: &StackSpec) -> StackService {
        let mut service = StackService {
            name: entry.key.clone(),
            replicas: Some(1),
            networks: vec!["default".to_owned()],
            ..StackService::default()
        };
        let mut has_image = false;
        for option in self.map(&entry.node, key::SERVICE) {
            let node = &option.node;
            match option.key.as_str() {
                "image" => {
                    has_image = true;
                    let image = self.read(node, ValueWanted::Image, |text| {
                        value::is_image(text).then(|| text.to_owned())
                    });
                    service.image = image.unwrap_or_default();
                }
                "command" => service.command = self.command(node),
                "entrypoint" => service.entrypoint = self.command(node),
                "environment" => {
                    let all = self.assignments(node, true).into_iter();
                    service.environment = all
                        .map(|(_, name, value)| format!("{name}={value}"))
                        .collect();
                }
                "labels" => service.labels = self.labels(node),
                "ports" => service.ports = self.ports(node),
                "networks" => service.networks = self.networks(node, spec),
                "volumes" => service.mounts = self.mounts(node, spec),
                "configs" => service.configs = self.file_uses(node, &spec.configs),
                "secrets" => service.secrets = self.file_uses(node, &spec.secrets),
                "user" => service.user = self.text(node),
                "working_dir" => service.working_dir = self.path(node),
                "deploy" => self.deploy(node, &mut service),
                "healthcheck" => service.health = Some(self.health(node)),
                _ => self.life(&option.key, node, &mut service),
            }
        }
        if !has_image {
            let key = "image".to_owned();
            self.note(entry.at, ComposeWrong::Missing { key });
        }
        service
    }

    /// A line that is taken apart, or its parts.
    pub fn command(&mut self, node: &Node) -> Vec<String> {
        match &node.value {
            Value::Null => Vec::new(),
            Value::Text(_) => {
                let Some(text) = self.text(node) else {
                    return Vec::new();
                };
                value::words(&text).unwrap_or_else(|what| {
                    self.note(node.at, what);
                    Vec::new()
                })
            }
            Value::List(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            Value::Map(_) => {
                self.wanted(node.at, Shape::TextOrList);
                Vec::new()
            }
        }
    }

    fn path(&mut self, node: &Node) -> Option<String> {
        self.read(node, ValueWanted::Path, |text| {
            is_path(text).then(|| text.to_owned())
        })
    }

    fn ports(&mut self, node: &Node) -> Vec<StackPort> {
        let items = self.list(node);
        let mut ports = Vec::new();
        for item in items {
            let port = match &item.value {
                Value::Map(_) => self.port_long(item),
                _ => self.read(item, ValueWanted::Port, port_short),
            };
            let Some(port) = port else {
                continue;
            };
            match port.published.filter(|port| RESERVED_PORTS.contains(port)) {
                Some(port) => self.note(item.at, ComposeWrong::ReservedPort { port }),
                None => ports.push(port),
            }
        }
        ports
    }

    fn port_long(&mut self, node: &Node) -> Option<StackPort> {
        let mut port = StackPort {
            target: 0,
            published: None,
            protocol: "tcp".to_owned(),
            is_host_mode: false,
        };
        for option in self.map(node, key::PORT) {
            let node = &option.node;
            match option.key.as_str() {
                "target" => {
                    port.target = self.read(node, ValueWanted::Port, number)?;
                }
                "published" => port.published = self.read(node, ValueWanted::Port, number),
                "protocol" => {
                    let read = self.read(node, ValueWanted::Protocol, protocol);
                    port.protocol = read.unwrap_or_default();
                }
                "mode" => {
                    let read = self.read(node, ValueWanted::PortMode, |text| match text {
                        "ingress" => Some(false),
                        "host" => Some(true),
                        _ => None,
                    });
                    port.is_host_mode = read.unwrap_or_default();
                }
                _ => {}
            }
        }
        if port.target == 0 {
            let key = "target".to_owned();
            self.note(node.at, ComposeWrong::Missing { key });
            return None;
        }
        Some(port)
    }

    /// A list of them, or a mapping to nothing.
    fn networks(&mut self, node: &Node, spec: &StackSpec) -> Vec<String> {
        let mut keys = Vec::new();
        match &node.value {
            Value::List(items) => {
                for item in items {
                    keys.extend(self.text(item).map(|key| (item.at, key)));
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    drop(self.map(&entry.node, &[]));
                    keys.push((entry.at, entry.key.clone()));
                }
            }
            Value::Null => {}
            Value::Text(_) => self.wanted(node.at, Shape::MappingOrList),
        }
        let mut good = Vec::new();
        for (at, key) in keys {
            let is_known = key == "default" || spec.networks.iter().any(|part| part.key == key);
            match is_known {
                true => good.push(key),
                false => self.note(at, ComposeWrong::NotDeclared { key: short(&key) }),
            }
        }
        good
    }

    fn mounts(&mut self, node: &Node, spec: &StackSpec) -> Vec<StackMount> {
        let items = self.list(node);
        let mut mounts = Vec::new();
        for item in items {
            let mount = match &item.value {
                Value::Map(_) => self.mount_long(item),
                _ => self.mount_short(item),
            };
            let Some(mount) = mount else {
                continue;
            };
            let is_known = spec.volumes.iter().any(|part| part.key == mount.volume);
            if is_known {
                mounts.push(mount);
            } else {
                let key = short(&mount.volume);
                self.note(item.at, ComposeWrong::NotDeclared { key });
            }
        }
        mounts
    }

    /// `data:/var/lib/data:ro`
    fn mount_short(&mut self, node: &Node) -> Option<StackMount> {
        let text = self.text(node)?;
        let (source, rest) = match text.split_once(':') {
            Some(parts) => parts,
            None => {
                self.value(node, &text, ValueWanted::Volume);
                return None;
            }
        };
        if is_host_path(source) {
            let path = short(source);
            self.note(node.at, ComposeWrong::HostPath { path });
            return None;
        }
        let (target, is_read_only) = match rest.split_once(':') {
            None | Some((_, "rw")) => (rest.split(':').next().unwrap_or(rest), false),
            Some((target, "ro")) => (target, true),
            Some(_) => {
                self.value(node, &text, ValueWanted::Volume);
                return None;
            }
        };
        if !is_path(target) {
            self.value(node, target, ValueWanted::Path);
            return None;
        }
        Some(StackMount {
            volume: source.to_owned(),
            target: target.to_owned(),
            is_read_only,
        })
    }

    fn mount_long(&mut self, node: &Node) -> Option<StackMount> {
        let (mut volume, mut target, mut is_read_only) = (None, None, false);
        for option in self.map(node, key::MOUNT) {
            let node = &option.node;
            match option.key.as_str() {
                "type" => match self.text(node)?.as_str() {
                    "volume" => {}
                    "bind" => {
                        let path = "bind".to_owned();
                        self.note(node.at, ComposeWrong::HostPath { path });
                        return None;
                    }
                    other => {
                        let (key, why) = (short(other), Unsupported::Client);
                        self.note(node.at, ComposeWrong::Unsupported { key, why });
                        return None;
                    }
                },
                "source" => volume = self.text(node),
                "target" => target = self.path(node),
                "read_only" => is_read_only = self.yes(node),
                _ => {}
            }
        }
        for (key, is_there) in [("source", volume.is_some()), ("target", target.is_some())] {
            if !is_there {
                let key = key.to_owned();
                self.note(node.at, ComposeWrong::Missing { key });
            }
        }
        Some(StackMount {
            volume: volume?,
            target: target?,
            is_read_only,
        })
    }
}

fn number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn protocol(text: &str) -> Option<String> {
    matches!(text, "tcp" | "udp" | "sctp").then(|| text.to_owned())
}

/// `80`, `8080:80`, `8080:80/udp`. Ranges and addresses are nothing for services.
fn port_short(text: &str) -> Option<StackPort> {
    let (ports, kind) = text.split_once('/').unwrap_or((text, "tcp"));
    let (published, target) = match ports.split_once(':') {
        Some((published, target)) => (Some(number(published)?), number(target)?),
        None => (None, number(ports)?),
    };
    Some(StackPort {
        target,
        published,
        protocol: protocol(kind)?,
        is_host_mode: false,
    })
}

pub fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() > 1
        && text.len() <= 512
        && !text.contains(':')
        && !text.contains("{{")
        && !text.chars().any(char::is_control)
        && !text.split('/').any(|part| part == "..")
}

/// A place on the machine of whoever runs Docker's client.
fn is_host_path(source: &str) -> bool {
    source.starts_with(['/', '.', '~', '\\']) || source.contains('/')
}
