//! A service of a stack in Docker's own words.

use model::{StackMount, StackPort, StackResources, StackService, StackSpec};
use serde_json::{Map, Value, json};

use super::service::STACK_LABEL;
use super::stack_file::Files;

/// What was asked for, as Docker's client notes it.
const IMAGE_LABEL: &str = "com.docker.stack.image";

/// The body of `POST /services/create` and of an update.
pub fn service(stack: &str, spec: &StackSpec, service: &StackService, files: &Files) -> Value {
    let mut container_labels = service.labels.clone();
    container_labels.insert(STACK_LABEL.to_owned(), stack.to_owned());
    let mut service_labels = service.service_labels.clone();
    service_labels.insert(STACK_LABEL.to_owned(), stack.to_owned());
    service_labels.insert(IMAGE_LABEL.to_owned(), service.image.clone());

    let mut container = Map::new();
    container.insert("Image".to_owned(), service.image.clone().into());
    container.insert("Labels".to_owned(), json!(container_labels));
    let lists = [
        ("Command", &service.entrypoint),
        ("Args", &service.command),
        ("Env", &service.environment),
        ("Hosts", &service.hosts),
    ];
    for (key, list) in lists {
        if !list.is_empty() {
            container.insert(key.to_owned(), json!(list));
        }
    }
    let texts = [
        ("User", &service.user),
        ("Dir", &service.working_dir),
        ("Hostname", &service.hostname),
        ("StopSignal", &service.stop_signal),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            container.insert(key.to_owned(), text.clone().into());
        }
    }
    let volumes = service.mounts.iter().map(|one| mount(stack, spec, one));
    let tmpfs = service
        .tmpfs
        .iter()
        .map(|path| json!({ "Type": "tmpfs", "Target": path }));
    let mounts: Vec<Value> = volumes.chain(tmpfs).collect();
    if !mounts.is_empty() {
        container.insert("Mounts".to_owned(), mounts.into());
    }
    for (key, list) in files.told(service) {
        if !list.is_empty() {
            container.insert(key.to_owned(), list.into());
        }
    }
    life(service, &mut container);

    let networks: Vec<Value> = service
        .networks
        .iter()
        .map(|key| json!({ "Target": network(stack, spec, key), "Aliases": [service.name] }))
        .collect();
    let mut task = Map::new();
    task.insert("ContainerSpec".to_owned(), container.into());
    task.insert("Networks".to_owned(), networks.into());
    let (restart, update) = (&service.restart, &service.update);
    let parts = [
        (
            "Resources",
            said([
                ("Limits", resources(&service.limits)),
                ("Reservations", resources(&service.reservations)),
            ]),
        ),
        (
            "RestartPolicy",
            said([
                ("Condition", restart.condition.clone().map(Value::from)),
                ("Delay", restart.delay_ns.map(Value::from)),
                ("MaxAttempts", restart.attempts_max.map(Value::from)),
                ("Window", restart.window_ns.map(Value::from)),
            ]),
        ),
        (
            "Placement",
            said([
                ("Constraints", some_list(&service.constraints)),
                ("MaxReplicas", some_number(service.segment_tasks_max)),
            ]),
        ),
    ];
    for (key, part) in parts {
        if let Some(part) = part {
            task.insert(key.to_owned(), part);
        }
    }
    let update = said([
        ("Parallelism", update.parallelism.map(Value::from)),
        ("Delay", update.delay_ns.map(Value::from)),
        ("Monitor", update.monitor_ns.map(Value::from)),
        (
            "FailureAction",
            update.failure_action.clone().map(Value::from),
        ),
        ("Order", update.order.clone().map(Value::from)),
    ]);
    let mode = match service.replicas {
        Some(replicas) => json!({ "Replicated": { "Replicas": replicas } }),
        None => json!({ "Global": {} }),
    };
    let mut told = json!({
        "Name": format!("{stack}_{}", service.name),
        "Labels": service_labels,
        "TaskTemplate": task,
        "Mode": mode,
        "EndpointSpec": { "Ports": service.ports.iter().map(port).collect::<Vec<_>>() },
    });
    if let (Some(update), Some(object)) = (update, told.as_object_mut()) {
        object.insert("UpdateConfig".to_owned(), update);
    }
    told
}

/// An object of what is there; none where nothing is, so that Docker's own choice holds.
fn said<const N: usize>(fields: [(&str, Option<Value>); N]) -> Option<Value> {
    let there = fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let object: Map<String, Value> = there.collect();
    (!object.is_empty()).then(|| object.into())
}

fn some_list(list: &[String]) -> Option<Value> {
    (!list.is_empty()).then(|| json!(list))
}

fn some_number(number: u32) -> Option<Value> {
    (number > 0).then(|| number.into())
}

fn resources(resources: &StackResources) -> Option<Value> {
    said([
        ("MemoryBytes", resources.memory_bytes.map(Value::from)),
        ("NanoCPUs", resources.nano_cpus.map(Value::from)),
    ])
}

/// How its containers begin, how they are watched and how they end.
fn life(service: &StackService, container: &mut Map<String, Value>) {
    let yes = |is: bool| is.then_some(Value::from(true));
    let health = service.health.as_ref().and_then(|health| {
        said([
            ("Test", some_list(&health.test)),
            ("Interval", health.interval_ns.map(Value::from)),
            ("Timeout", health.timeout_ns.map(Value::from)),
            ("StartPeriod", health.start_period_ns.map(Value::from)),
            ("StartInterval", health.start_interval_ns.map(Value::from)),
            ("Retries", health.retries.map(Value::from)),
        ])
    });
    let fields = [
        ("Healthcheck", health),
        ("Init", service.has_init.map(Value::from)),
        ("ReadOnly", yes(service.is_read_only)),
        ("TTY", yes(service.has_terminal)),
        ("OpenStdin", yes(service.has_stdin)),
        ("StopGracePeriod", service.stop_grace_ns.map(Value::from)),
    ];
    for (key, value) in fields {
        if let Some(value) = value {
            container.insert(key.to_owned(), value);
        }
    }
}

fn network(stack: &str, spec: &StackSpec, key: &str) -> String {
    let part = spec.networks.iter().find(|part| part.key == key);
    part.map_or_else(|| format!("{stack}_{key}"), |part| part.full_name(stack))
}

fn mount(stack: &str, spec: &StackSpec, mount: &StackMount) -> Value {
    let part = spec.volumes.iter().find(|part| part.key == mount.volume);
    let source = part.map_or_else(
        || format!("{stack}_{}", mount.volume),
        |part| part.full_name(stack),
    );
    let mut labels = part.map(|part| part.labels.clone()).unwrap_or_default();
    if part.is_none_or(|part| !part.is_external) {
        labels.insert(STACK_LABEL.to_owned(), stack.to_owned());
    }
    json!({
        "Type": "volume", "Source": source, "Target": mount.target, "ReadOnly": mount.is_read_only,
        "VolumeOptions": { "Labels": labels },
    })
}

fn port(port: &StackPort) -> Value {
    let mode = if port.is_host_mode { "host" } else { "ingress" };
    let mut out = json!({
        "Protocol": port.protocol, "TargetPort": port.target, "PublishMode": mode,
    });
    if let (Some(published), Some(object)) = (port.published, out.as_object_mut()) {
        object.insert("PublishedPort".to_owned(), published.into());
    }
    out
}

#[cfg(test)]
mod tests {
    use model::{StackHealth, StackPart, StackRestart, StackUpdate};

    use super::*;

    #[test]
    fn a_service_is_told_in_dockers_words() {
        let spec = StackSpec {
            networks: vec![StackPart {
                key: "front".to_owned(),
                ..StackPart::default()
            }],
            volumes: vec![StackPart {
                key: "data".to_owned(),
                is_external: true,
                ..StackPart::default()
            }],
            ..StackSpec::default()
        };
        let web = StackService {
            name: "web".to_owned(),
            image: "nginx:1".to_owned(),
            networks: vec!["front".to_owned()],
            mounts: vec![StackMount {
                volume: "data".to_owned(),
                target: "/data".to_owned(),
                is_read_only: true,
            }],
            ports: vec![StackPort {
                target: 80,
                published: Some(8080),
                protocol: "tcp".to_owned(),
                is_host_mode: false,
            }],
            replicas: Some(2),
            limits: StackResources {
                memory_bytes: Some(64),
                nano_cpus: None,
            },
            tmpfs: vec!["/run".to_owned()],
            health: Some(StackHealth {
                test: vec!["CMD".to_owned(), "true".to_owned()],
                interval_ns: Some(5),
                ..StackHealth::default()
            }),
            constraints: vec!["node.hostname==n2".to_owned()],
            restart: StackRestart {
                attempts_max: Some(3),
                ..StackRestart::default()
            },
            update: StackUpdate {
                order: Some("start-first".to_owned()),
                ..StackUpdate::default()
            },
            ..StackService::default()
        };
        let told = service("shop", &spec, &web, &Files::default());
        assert_eq!(told["Name"], "shop_web");
        assert_eq!(told["Labels"]["com.docker.stack.namespace"], "shop");
        assert_eq!(told["Labels"]["com.docker.stack.image"], "nginx:1");
        let task = &told["TaskTemplate"];
        assert_eq!(task["Networks"][0]["Target"], "shop_front");
        let mount = &task["ContainerSpec"]["Mounts"][0];
        assert_eq!(
            (&mount["Source"], &mount["ReadOnly"]),
            (&json!("data"), &json!(true))
        );
        assert!(
            mount["VolumeOptions"]["Labels"]
                .as_object()
                .is_some_and(Map::is_empty)
        );
        assert_eq!(told["EndpointSpec"]["Ports"][0]["PublishedPort"], 8080);
        assert_eq!(told["Mode"]["Replicated"]["Replicas"], 2);
        assert!(task["ContainerSpec"].get("Env").is_none());
        assert_eq!(
            task["Resources"],
            json!({ "Limits": { "MemoryBytes": 64 } })
        );
        assert_eq!(
            task["ContainerSpec"]["Healthcheck"],
            json!({ "Test": ["CMD", "true"], "Interval": 5 })
        );
        assert_eq!(
            task["ContainerSpec"]["Mounts"][1],
            json!({ "Type": "tmpfs", "Target": "/run" })
        );
        assert_eq!(
            task["Placement"],
            json!({ "Constraints": ["node.hostname==n2"] })
        );
        assert_eq!(task["RestartPolicy"], json!({ "MaxAttempts": 3 }));
        assert_eq!(told["UpdateConfig"], json!({ "Order": "start-first" }));
        let each = StackService {
            replicas: None,
            ..web
        };
        assert!(service("shop", &spec, &each, &Files::default())["Mode"]["Global"].is_object());
    }
}
