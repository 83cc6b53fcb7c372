//! Services of Docker's own swarm mode, and their tasks.

use std::collections::{BTreeMap, HashMap};

use host::{EndpointTarget, NodeName};
use http::StatusCode;
use model::{ServiceView, TaskView, ThingRef, UnixMs};
use serde::Deserialize;
use serde_json::Value;

use super::door;
use super::inspect::unix_ms;
use crate::api;
use crate::container::null_is_empty;
use crate::door::DoorError;

pub const STACK_LABEL: &str = "com.docker.stack.namespace";
/// Of each service; the newest.
const TASKS_MAX: usize = 20;

#[derive(Deserialize)]
struct Service {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Spec", default)]
    spec: Spec,
    #[serde(rename = "Endpoint", default)]
    endpoint: Endpoint,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Spec {
    name: String,
    #[serde(deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    task_template: Template,
    mode: Mode,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Template {
    container_spec: ContainerSpec,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerSpec {
    image: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Mode {
    replicated: Option<Replicated>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Replicated {
    replicas: u32,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint {
    #[serde(deserialize_with = "null_is_empty")]
    ports: Vec<Port>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Port {
    protocol: String,
    target_port: u16,
    published_port: u16,
}

#[derive(Deserialize)]
struct Task {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "ServiceID", default)]
    service: String,
    #[serde(rename = "NodeID", default)]
    node: String,
    #[serde(rename = "Slot", default)]
    slot: u32,
    #[serde(rename = "Status", default)]
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    timestamp: String,
    state: String,
    err: String,
    container_status: ContainerStatus,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ContainerStatus {
    #[serde(rename = "ContainerID")]
    container: String,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Description", default)]
    description: Description,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Description {
    hostname: String,
}

pub async fn list(at: &EndpointTarget) -> Result<Vec<ServiceView>, DoorError> {
    let mut door = door(at).await?;
    let services: Vec<Service> = match door.get(api!("/services")).await {
        Ok(services) => services,
        // Docker's word for “in no swarm”.
        Err(error) if error.has_status(StatusCode::SERVICE_UNAVAILABLE) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let tasks: Vec<Task> = door.get(api!("/tasks")).await?;
    let nodes: Vec<Node> = door.get(api!("/nodes")).await?;
    Ok(views(services, &tasks, &nodes))
}

fn views(services: Vec<Service>, tasks: &[Task], nodes: &[Node]) -> Vec<ServiceView> {
    let names: HashMap<&str, &str> = nodes
        .iter()
        .map(|node| (node.id.as_str(), node.description.hostname.as_str()))
        .collect();
    // Looked up, not searched for: a lying manager tells of a million of each.
    let mut of_service: HashMap<&str, Vec<(&Task, Option<UnixMs>)>> = HashMap::new();
    for task in tasks {
        let own = of_service.entry(&task.service).or_default();
        own.push((task, unix_ms(&task.status.timestamp)));
    }
    let view = |service: Service| {
        // Taken away: of two services with one id, the second has none.
        let mut own = of_service.remove(service.id.as_str()).unwrap_or_default();
        own.sort_by_key(|(task, changed_at)| (task.slot, std::cmp::Reverse(*changed_at)));
        let running = own
            .iter()
            .filter(|(task, _)| task.status.state == "running");
        let running = running.count();
        let shown = own.iter().take(TASKS_MAX);
        let own: Vec<TaskView> = shown
            .map(|(task, changed_at)| TaskView {
                id: task.id.clone(),
                slot: task.slot,
                node: names
                    .get(task.node.as_str())
                    .map_or_else(|| task.node.clone(), |name| (*name).to_owned()),
                state: task.status.state.clone(),
                error: Some(task.status.err.clone()).filter(|why| !why.is_empty()),
                changed_at: *changed_at,
                container: task.status.container_status.container.parse().ok(),
            })
            .collect();
        let ports = service.endpoint.ports.iter();
        ServiceView {
            running: u32::try_from(running).unwrap_or(u32::MAX),
            tasks: own,
            ports: ports
                .map(|at| format!("{}->{}/{}", at.published_port, at.target_port, at.protocol))
                .collect(),
            stack: service.spec.labels.get(STACK_LABEL).cloned(),
            // Without the digest that Docker pins it to.
            image: service
                .spec
                .task_template
                .container_spec
                .image
                .split('@')
                .next()
                .unwrap_or_default()
                .to_owned(),
            wanted: service.spec.mode.replicated.map(|mode| mode.replicas),
            name: service.spec.name,
            id: service.id,
        }
    };
    services.into_iter().map(view).collect()
}

/// The whole of what it is goes back with another number: Docker has no smaller way.
pub async fn scale(
    at: &EndpointTarget,
    service: &ThingRef,
    replicas: u32,
) -> Result<(), DoorError> {
    let mut door = door(at).await?;
    let mut found: Value = door.get(&format!(api!("/services/{}"), service)).await?;
    let version = found["Version"]["Index"].as_u64().unwrap_or(0);
    // By pointers: writing by an index into what is no object is a panic.
    let mut spec = found
        .pointer_mut("/Spec")
        .map(Value::take)
        .unwrap_or_default();
    let mode = spec.pointer_mut("/Mode/Replicated");
    let Some(mode) = mode.and_then(Value::as_object_mut) else {
        return Err(DoorError::Refused {
            status: StatusCode::BAD_REQUEST,
            why: "one task on every segment: there is no number to change".to_owned(),
        });
    };
    mode.insert("Replicas".to_owned(), replicas.into());
    let path = format!(api!("/services/{}/update?version={}"), service, version);
    door.post(&path, &spec).await
}

/// All of what the node is goes back with another word, as [`scale`] does it.
pub async fn node_drain(
    at: &EndpointTarget,
    node: &NodeName,
    is_drained: bool,
) -> Result<(), DoorError> {
    let mut door = door(at).await?;
    // Docker finds a node by its host name, too.
    let mut found: Value = door.get(&format!(api!("/nodes/{}"), node)).await?;
    let version = found["Version"]["Index"].as_u64().unwrap_or(0);
    let mut spec = found
        .pointer_mut("/Spec")
        .map(Value::take)
        .unwrap_or_default();
    let availability = if is_drained { "drain" } else { "active" };
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("Availability".to_owned(), availability.into());
    }
    let path = format!(api!("/nodes/{}/update?version={}"), node, version);
    door.post(&path, &spec).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
        serde_json::from_str(text).expect("a manager's words")
    }

    #[test]
    fn a_service_is_told_with_its_tasks() {
        let services = read(
            r#"[{"ID":"s1","Spec":{"Name":"shop_web","Labels":{"com.docker.stack.namespace":"shop"},
                 "TaskTemplate":{"ContainerSpec":{"Image":"nginx:1@sha256:00"}},"Mode":{"Replicated":{"Replicas":2}}},
                 "Endpoint":{"Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080}]}},
                {"ID":"s2","Spec":{"Name":"each","Mode":{"Global":{}}}}]"#,
        );
        let tasks: Vec<Task> = read(
            r#"[{"ID":"t1","ServiceID":"s1","NodeID":"x","Slot":1,"Status":{"State":"failed","Err":"no","Timestamp":"1970-01-01T00:00:01Z"}},
                {"ID":"t2","ServiceID":"s1","NodeID":"x","Slot":1,"Status":{"State":"running","Timestamp":"1970-01-01T00:00:02Z","ContainerStatus":{"ContainerID":"c0ffee","PID":7}}},
                {"ID":"t3","ServiceID":"s1","NodeID":"x","Slot":2,"Status":{"State":"new","ContainerStatus":{"ContainerID":"../../x"}}}]"#,
        );
        let nodes: Vec<Node> = read(r#"[{"ID":"x","Description":{"Hostname":"c-n1"}}]"#);
        let all = views(services, &tasks, &nodes);
        assert_eq!((all[0].wanted, all[0].running), (Some(2), 1));
        assert_eq!(all[0].image, "nginx:1");
        assert_eq!(all[0].ports, ["8080->80/tcp"]);
        assert_eq!(all[0].stack.as_deref(), Some("shop"));
        let ids: Vec<&str> = all[0].tasks.iter().map(|task| task.id.as_str()).collect();
        assert_eq!(ids, ["t2", "t1", "t3"], "the newest first");
        let container = |n: usize| all[0].tasks[n].container.clone().map(String::from);
        assert_eq!(container(0).as_deref(), Some("c0ffee"));
        assert_eq!(
            container(2),
            None,
            "what is no container's name leads nowhere"
        );
        assert_eq!(all[0].tasks[0].node, "c-n1");
        assert_eq!(all[1].wanted, None);
    }
}
