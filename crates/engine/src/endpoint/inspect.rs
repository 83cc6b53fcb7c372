//! `docker inspect` of a container, as far as a page shows it.

use std::collections::BTreeMap;

use model::{
    AttachmentView, ContainerDetailView, ContainerView, HealthView, MountView, PortView, UnixMs,
    VariableView,
};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wire::SYSTEM_LABEL;

use crate::container::{is_system, null_is_empty};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Inspect {
    id: String,
    name: String,
    created: String,
    path: String,
    #[serde(deserialize_with = "null_is_empty")]
    args: Vec<String>,
    state: State,
    restart_count: u32,
    image: String,
    config: Config,
    host_config: HostConfig,
    network_settings: NetworkSettings,
    #[serde(deserialize_with = "null_is_empty")]
    mounts: Vec<Mount>,
    node: Node,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct State {
    status: String,
    exit_code: i64,
    error: String,
    started_at: String,
    finished_at: String,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    health: Option<Health>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Health {
    status: String,
    failing_streak: u32,
    #[serde(deserialize_with = "null_is_empty")]
    log: Vec<HealthLog>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct HealthLog {
    output: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    image: String,
    user: String,
    working_dir: String,
    tty: bool,
    #[serde(deserialize_with = "null_is_empty")]
    env: Vec<String>,
    #[serde(deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    memory: i64,
    nano_cpus: i64,
    cpu_quota: i64,
    cpu_period: i64,
    pids_limit: Option<i64>,
    restart_policy: RestartPolicy,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RestartPolicy {
    name: String,
    maximum_retry_count: u32,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkSettings {
    #[serde(deserialize_with = "null_is_empty")]
    ports: BTreeMap<String, Option<Vec<Binding>>>,
    #[serde(deserialize_with = "null_is_empty")]
    networks: BTreeMap<String, Attachment>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Binding {
    host_ip: String,
    host_port: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    #[serde(rename = "IPAddress")]
    address: String,
    #[serde(deserialize_with = "null_is_empty")]
    aliases: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Mount {
    #[serde(rename = "Type")]
    kind: String,
    name: String,
    source: String,
    destination: String,
    #[serde(rename = "RW")]
    is_writable: bool,
}

/// The manager's own addition.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Node {
    name: String,
}

impl Inspect {
    pub fn into_view(self) -> (ContainerDetailView, Vec<VariableView>) {
        let name = self.name.rsplit('/').next().unwrap_or_default().to_owned();
        let label = self.config.labels.get(SYSTEM_LABEL).map(String::as_str);
        let is_stopped = !matches!(
            self.state.status.as_str(),
            "running" | "paused" | "restarting"
        );
        let ports = self.network_settings.ports();
        let published = ports.iter().filter_map(|port| {
            let (address, outside) = port.published.as_ref()?;
            Some(format!("{address}:{outside}->{}", port.inside))
        });
        let summary = ContainerView {
            is_system: is_system(&name, label),
            node: self.node.name,
            id: self.id,
            name,
            image: self.config.image,
            status: self.state.status.clone(),
            ports: published.collect(),
            created_at: unix_ms(&self.created).unwrap_or(0),
            state: self.state.status,
        };
        let variables: Vec<VariableView> =
            self.config.env.iter().map(|line| variable(line)).collect();
        let mut command = vec![self.path];
        command.extend(self.args);
        let view = ContainerDetailView {
            summary,
            image_id: self.image,
            command,
            working_dir: self.config.working_dir,
            user: self.config.user,
            has_terminal: self.config.tty,
            started_at: unix_ms(&self.state.started_at),
            finished_at: unix_ms(&self.state.finished_at).filter(|_| is_stopped),
            exit_code: is_stopped.then_some(self.state.exit_code),
            is_out_of_memory: self.state.oom_killed,
            error: Some(self.state.error).filter(|error| !error.is_empty()),
            restarts: self.restart_count,
            health: self.state.health.and_then(Health::into_view),
            restart_policy: self.host_config.restart_policy.words(),
            memory_limit_bytes: u64::try_from(self.host_config.memory)
                .ok()
                .filter(|n| *n > 0),
            cpu_limit_centi: self.host_config.cpu_limit_centi(),
            pids_limit: self
                .host_config
                .pids_limit
                .and_then(|n| u32::try_from(n).ok())
                .filter(|n| *n > 0),
            ports,
            mounts: self.mounts.into_iter().map(Mount::into_view).collect(),
            networks: self
                .network_settings
                .networks
                .into_iter()
                .map(attachment)
                .collect(),
            environment: variables.iter().map(|one| one.name.clone()).collect(),
            labels: self.config.labels.into_iter().collect(),
        };
        (view, variables)
    }
}

impl Health {
    fn into_view(mut self) -> Option<HealthView> {
        if self.status.is_empty() || self.status == "none" {
            return None;
        }
        Some(HealthView {
            last_output: self
                .log
                .pop()
                .map(|log| log.output.trim().chars().take(500).collect())
                .filter(|output: &String| !output.is_empty()),
            status: self.status,
            failing_streak: self.failing_streak,
        })
    }
}

impl HostConfig {
    /// Set as a number of CPUs, or as a quota in a period.
    fn cpu_limit_centi(&self) -> Option<u32> {
        let centi = if self.nano_cpus > 0 {
            self.nano_cpus / 10_000_000
        } else if self.cpu_quota > 0 {
            let period = if self.cpu_period > 0 {
                self.cpu_period
            } else {
                100_000
            };
            self.cpu_quota.saturating_mul(100) / period
        } else {
            0
        };
        u32::try_from(centi).ok().filter(|n| *n > 0)
    }
}

impl RestartPolicy {
    fn words(&self) -> String {
        match (self.name.as_str(), self.maximum_retry_count) {
            ("", _) => "no".to_owned(),
            (name, 0) => name.to_owned(),
            (name, most) => format!("{name}:{most}"),
        }
    }
}

impl NetworkSettings {
    fn ports(&self) -> Vec<PortView> {
        let mut out = Vec::new();
        for (inside, bindings) in &self.ports {
            let mut published: Vec<_> = bindings
                .iter()
                .flatten()
                .filter_map(|at| Some((at.host_ip.clone(), at.host_port.parse().ok()?)))
                .collect();
            published.sort();
            published.dedup();
            if published.is_empty() {
                out.push(PortView {
                    inside: inside.clone(),
                    published: None,
                });
            }
            out.extend(published.into_iter().map(|at| PortView {
                inside: inside.clone(),
                published: Some(at),
            }));
        }
        out
    }
}

impl Mount {
    fn into_view(self) -> MountView {
        MountView {
            source: if self.name.is_empty() {
                self.source
            } else {
                self.name
            },
            kind: self.kind,
            target: self.destination,
            is_read_only: !self.is_writable,
        }
    }
}

fn attachment((network, attachment): (String, Attachment)) -> AttachmentView {
    AttachmentView {
        network,
        address: attachment.address,
        aliases: attachment.aliases,
    }
}

fn variable(line: &str) -> VariableView {
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    VariableView {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// None for Docker's year 1, which means never.
pub fn unix_ms(moment: &str) -> Option<UnixMs> {
    let at = OffsetDateTime::parse(moment, &Rfc3339).ok()?;
    let ms = at.unix_timestamp().saturating_mul(1000) + i64::from(at.millisecond());
    (ms > 0).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (ContainerDetailView, Vec<VariableView>) {
        serde_json::from_str::<Inspect>(text)
            .expect("an engine's words")
            .into_view()
    }

    #[test]
    fn a_container_is_read() {
        let (view, variables) = read(
            r#"{"Id":"abc","Name":"/web","Created":"1970-01-01T00:00:02.5Z","Path":"nginx","Args":["-g","x y"],
              "State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"StartedAt":"1970-01-01T00:00:03Z",
                "FinishedAt":"1970-01-01T00:00:04Z","Health":{"Status":"unhealthy","FailingStreak":2,"Log":[{"Output":"no\n"}]}},
              "Config":{"Image":"nginx","Env":["A=b=c","EMPTY="],"Labels":null,"Tty":true},
              "HostConfig":{"Memory":1048576,"NanoCpus":500000000,"PidsLimit":100,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3}},
              "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"10.0.0.2","HostPort":"8080"},{"HostIp":"10.0.0.2","HostPort":"8080"}],"443/tcp":null},
                "Networks":{"bridge":{"IPAddress":"172.17.0.2","Aliases":null}}},
              "Mounts":[{"Type":"volume","Name":"data","Source":"/var/lib/x","Destination":"/data","RW":true}],
              "Node":{"Name":"c-n2","IP":"10.0.0.2"}}"#,
        );
        assert_eq!(
            (view.summary.node.as_str(), view.summary.name.as_str()),
            ("c-n2", "web")
        );
        assert_eq!(view.summary.created_at, 2_500);
        assert_eq!(view.command, ["nginx", "-g", "x y"]);
        assert_eq!((view.exit_code, view.is_out_of_memory), (Some(137), true));
        assert_eq!(view.finished_at, Some(4_000));
        assert_eq!(view.cpu_limit_centi, Some(50));
        assert_eq!(view.restart_policy, "on-failure:3");
        assert_eq!(view.summary.ports, ["10.0.0.2:8080->80/tcp"]);
        assert_eq!(view.mounts[0].source, "data");
        assert_eq!(view.environment, ["A", "EMPTY"]);
        assert_eq!(variables[0].value, "b=c");
        assert_eq!(
            view.health.map(|health| health.last_output),
            Some(Some("no".into()))
        );
    }

    #[test]
    fn what_never_happened_has_no_moment() {
        let (view, _) = read(
            r#"{"State":{"Status":"running","StartedAt":"2026-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"},
               "HostConfig":{"PidsLimit":null,"CpuQuota":150000,"CpuPeriod":0}}"#,
        );
        assert_eq!((view.finished_at, view.exit_code), (None, None));
        assert_eq!((view.memory_limit_bytes, view.pids_limit), (None, None));
        assert_eq!(view.cpu_limit_centi, Some(150));
    }
}
