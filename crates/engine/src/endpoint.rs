//! A cluster's endpoint, asked in a person's name.

mod events;
mod inspect;
mod inventory;
mod log;
mod pull;
mod service;
mod stack;
mod stack_file;
mod stack_spec;
mod things;
mod usage;
mod way;

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use host::{
    Console, ConsoleOrder, ContainerSample, Endpoint, EndpointError, EndpointTarget, EventLines,
    LogLines, LogOrder, Way, WayOutcome,
};
use http::{Method, StatusCode};
use model::{ContainerAction, ContainerDetailView, ContainerRef, ContainerView, VariableView};
use serde::Deserialize;
use serde_json::json;

pub use inventory::own_volumes;

use crate::container::Summary;
use crate::door::{Door, DoorError, nonsense};
use crate::{Engines, api};

const DEADLINE: Duration = Duration::from_secs(10);
/// For one manager; the next one is tried afterwards.
const DEADLINE_DOOR: Duration = Duration::from_secs(3);
/// How long a container may take to stop by itself, in seconds.
const STOP_S: u32 = 10;
/// Stopping, and everything that comes with it.
const DEADLINE_ACT: Duration = Duration::from_secs(30);

/// The first manager that opens its door.
async fn door(at: &EndpointTarget) -> Result<Door, DoorError> {
    let mut last = DoorError::Connect("no manager is known".to_owned());
    for address in &at.managers {
        let opening = Door::open(*address, wire::MANAGER_PORT, &at.identity);
        match tokio::time::timeout(DEADLINE_DOOR, opening).await {
            Ok(Ok(door)) => return Ok(door),
            Ok(Err(error)) => last = error,
            Err(_) => last = DoorError::Late(DEADLINE_DOOR),
        }
        tracing::debug!(cluster.id = %at.cluster, %address, error = %last, "a manager does not answer");
    }
    Err(last)
}

/// Runs `work` within `deadline`; what is missing is a `what`.
async fn within<T>(
    what: &'static str,
    deadline: Duration,
    work: impl Future<Output = Result<T, DoorError>>,
) -> Result<T, EndpointError> {
    match tokio::time::timeout(deadline, work).await {
        Ok(outcome) => outcome.map_err(|error| translated(what, error)),
        Err(_) => Err(translated(what, DoorError::Late(deadline))),
    }
}

fn translated(what: &'static str, error: DoorError) -> EndpointError {
    match error {
        DoorError::Refused { status, why } => {
            // The policy's own codes are worth reading, whatever their status.
            if status == StatusCode::NOT_FOUND && !why.starts_with("CARINA-") {
                EndpointError::NotFound { what }
            } else {
                EndpointError::Refused { why }
            }
        }
        other => EndpointError::Unreachable {
            why: other.to_string(),
        },
    }
}

/// Asks for something to be made as `body` says.
async fn make(at: &EndpointTarget, path: &str, body: &serde_json::Value) -> Result<(), DoorError> {
    door(at).await?.post(path, body).await
}

/// Asks for a change; that it is so already is no failure.
async fn change(at: &EndpointTarget, method: Method, path: &str) -> Result<(), DoorError> {
    let outcome = door(at).await?.call(method, path, Bytes::new()).await;
    match outcome {
        Err(error) if error.has_status(StatusCode::NOT_MODIFIED) => Ok(()),
        other => other.map(drop),
    }
}

#[async_trait]
impl Endpoint for Engines {
    async fn way_try(&self, way: &Way) -> Vec<WayOutcome> {
        way::walk(way).await
    }

    async fn container_list(
        &self,
        at: &EndpointTarget,
    ) -> Result<Vec<ContainerView>, EndpointError> {
        within("cluster", DEADLINE, async {
            let list: Vec<Summary> = door(at)
                .await?
                .get(api!("/containers/json?all=true"))
                .await?;
            Ok(list.into_iter().map(Summary::into_cluster_view).collect())
        })
        .await
    }

    async fn container_get(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<(ContainerDetailView, Vec<VariableView>), EndpointError> {
        let path = format!(api!("/containers/{}/json"), container);
        within("container", DEADLINE, async {
            let found: inspect::Inspect = door(at).await?.get(&path).await?;
            Ok(found.into_view())
        })
        .await
    }

    async fn container_act(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        action: ContainerAction,
    ) -> Result<(), EndpointError> {
        let (method, tail) = match action {
            ContainerAction::Start => (Method::POST, "/start".to_owned()),
            ContainerAction::Stop => (Method::POST, format!("/stop?t={STOP_S}")),
            ContainerAction::Restart => (Method::POST, format!("/restart?t={STOP_S}")),
            ContainerAction::Kill => (Method::POST, "/kill".to_owned()),
            ContainerAction::Pause => (Method::POST, "/pause".to_owned()),
            ContainerAction::Unpause => (Method::POST, "/unpause".to_owned()),
            ContainerAction::Remove => (Method::DELETE, "?force=true&v=true".to_owned()),
        };
        let path = format!(api!("/containers/{}{}"), container, tail);
        within("container", DEADLINE_ACT, change(at, method, &path)).await
    }

    async fn container_usage(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<ContainerSample, EndpointError> {
        let path = format!(
            api!("/containers/{}/stats?stream=false&one-shot=true"),
            container
        );
        within("container", DEADLINE, async {
            let stats: usage::Stats = door(at).await?.get(&path).await?;
            Ok(stats.into_sample())
        })
        .await
    }

    async fn container_log(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: LogOrder,
    ) -> Result<LogLines, EndpointError> {
        let path = log::path(container, order);
        let response = within("container", DEADLINE, async {
            door(at).await?.open_body(&path).await
        })
        .await?;
        Ok(log::lines(response, order))
    }

    async fn events(
        &self,
        at: &EndpointTarget,
        after_ns: i64,
        is_following: bool,
    ) -> Result<EventLines, EndpointError> {
        let path = events::path(after_ns, is_following);
        let response = within("cluster", DEADLINE, async {
            door(at).await?.open_body(&path).await
        })
        .await?;
        Ok(events::lines(response, after_ns, is_following))
    }

    async fn console_open(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: &ConsoleOrder,
    ) -> Result<Console, EndpointError> {
        let size = [order.rows, order.columns];
        let made = json!({
            "AttachStdin": true, "AttachStdout": true, "AttachStderr": true, "Tty": true,
            "Cmd": order.command, "Env": ["TERM=xterm-256color"], "ConsoleSize": size,
        });
        let path = format!(api!("/containers/{}/exec"), container);
        within("container", DEADLINE, async {
            let mut door = door(at).await?;
            let id = exec_id(
                &door
                    .call(Method::POST, &path, made.to_string().into())
                    .await?,
            )?;
            let path = format!(api!("/exec/{}/start"), id);
            let start = json!({ "Detach": false, "Tty": true, "ConsoleSize": size });
            let terminal = Box::new(door.hijack(&path, &start).await?);
            Ok(Console { id, terminal })
        })
        .await
    }

    async fn console_resize(
        &self,
        at: &EndpointTarget,
        console: &str,
        columns: u16,
        rows: u16,
    ) -> Result<(), EndpointError> {
        let path = format!(api!("/exec/{}/resize?h={}&w={}"), console, rows, columns);
        within("console", DEADLINE, change(at, Method::POST, &path)).await
    }

    async fn console_exit(
        &self,
        at: &EndpointTarget,
        console: &str,
    ) -> Result<Option<i64>, EndpointError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Exec {
            exit_code: Option<i64>,
        }
        let path = format!(api!("/exec/{}/json"), console);
        within("console", DEADLINE, async {
            let exec: Exec = door(at).await?.get(&path).await?;
            Ok(exec.exit_code)
        })
        .await
    }
}

/// It becomes part of a path, so it is looked at.
fn exec_id(body: &[u8]) -> Result<String, DoorError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Made {
        id: ContainerRef,
    }
    serde_json::from_slice::<Made>(body)
        .map(|made| made.id.into())
        .map_err(|error| nonsense(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_by_its_words() {
        let refused = |status, why: &str| {
            let why = why.to_owned();
            translated("container", DoorError::Refused { status, why })
        };
        assert!(matches!(
            refused(StatusCode::NOT_FOUND, "No such container: x"),
            EndpointError::NotFound { what: "container" }
        ));
        assert!(matches!(
            refused(StatusCode::NOT_FOUND, "CARINA-1005: not yours"),
            EndpointError::Refused { .. }
        ));
        assert!(matches!(
            translated("container", DoorError::Late(DEADLINE)),
            EndpointError::Unreachable { .. }
        ));
    }

    #[test]
    fn an_exec_id_is_one_piece_of_a_path() {
        assert_eq!(exec_id(br#"{"Id":"abc1"}"#).ok().as_deref(), Some("abc1"));
        assert!(exec_id(br#"{"Id":"../../x"}"#).is_err());
    }
}
