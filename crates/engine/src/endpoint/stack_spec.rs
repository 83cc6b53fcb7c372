//! A service of a stack in Docker's own words.

use model::{StackMount, StackPort, StackService, StackSpec};
use serde_json::{Map, Value, json};

use super::service::STACK_LABEL;

/// What was asked for, as Docker's client notes it.
const IMAGE_LABEL: &str = "com.docker.stack.image";

/// The body of `POST /services/create` and of an update.
pub fn service(stack: &str, spec: &StackSpec, service: &StackService) -> Value {
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
    ];
    for (key, list) in lists {
        if !list.is_empty() {
            container.insert(key.to_owned(), json!(list));
        }
    }
    let texts = [("User", &service.user), ("Dir", &service.working_dir)];
    for (key, text) in texts {
        if let Some(text) = text {
            container.insert(key.to_owned(), text.clone().into());
        }
    }
    if !service.mounts.is_empty() {
        let mounts = service.mounts.iter().map(|one| mount(stack, spec, one));
        container.insert("Mounts".to_owned(), mounts.collect());
    }

    let mut limits = Map::new();
    if let Some(bytes) = service.memory_bytes {
        limits.insert("MemoryBytes".to_owned(), bytes.into());
    }
    if let Some(nano) = service.nano_cpus {
        limits.insert("NanoCPUs".to_owned(), nano.into());
    }
    let networks: Vec<Value> = service
        .networks
        .iter()
        .map(|key| json!({ "Target": network(stack, spec, key), "Aliases": [service.name] }))
        .collect();
    let mut task = Map::new();
    task.insert("ContainerSpec".to_owned(), container.into());
    task.insert("Networks".to_owned(), networks.into());
    if !limits.is_empty() {
        task.insert("Resources".to_owned(), json!({ "Limits": limits }));
    }
    if let Some(condition) = &service.restart {
        task.insert(
            "RestartPolicy".to_owned(),
            json!({ "Condition": condition }),
        );
    }
    let mode = match service.replicas {
        Some(replicas) => json!({ "Replicated": { "Replicas": replicas } }),
        None => json!({ "Global": {} }),
    };
    json!({
        "Name": format!("{stack}_{}", service.name),
        "Labels": service_labels,
        "TaskTemplate": task,
        "Mode": mode,
        "EndpointSpec": { "Ports": service.ports.iter().map(port).collect::<Vec<_>>() },
    })
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
    use model::StackPart;

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
            memory_bytes: Some(64),
            ..StackService::default()
        };
        let told = service("shop", &spec, &web);
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
        let each = StackService {
            replicas: None,
            ..web
        };
        assert!(service("shop", &spec, &each)["Mode"]["Global"].is_object());
    }
}
