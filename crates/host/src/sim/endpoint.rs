//! The simulated endpoint: one manager in each segment that is up, a policy that guards the
//! system's containers, and containers that live a little.

use async_trait::async_trait;
use model::{
    AttachmentView, ContainerAction, ContainerDetailView, ContainerRef, ContainerView, MountView,
    PortView, UnixMs, VariableView, WayStep,
};
use tokio::sync::mpsc;
use wire::SYSTEM_CONTAINERS;

use super::guest::{self, Guest};
use super::system::system_container;
use super::{Sim, Verb, World, shell};
use crate::{
    Console, ConsoleOrder, ContainerSample, Endpoint, EndpointError, EndpointTarget, EventLines,
    LogLines, LogOrder, NodeName, Way, WayOutcome,
};

impl Sim {
    /// One question to the first manager that answers.
    pub(super) fn endpoint_call<T>(
        &self,
        at: &EndpointTarget,
        effect: impl FnOnce(&mut World) -> Result<T, EndpointError>,
    ) -> Result<T, EndpointError> {
        let fault = |why| EndpointError::Unreachable { why };
        self.call(Verb::Endpoint, fault, |world| {
            world.manager_of(at)?;
            effect(world)
        })
    }
}

impl World {
    pub(super) fn manager_of(&self, at: &EndpointTarget) -> Result<(), EndpointError> {
        let answers = |(node, segment): (&NodeName, &super::Segment)| {
            let address = segment.spec.as_ref().map(|spec| spec.address);
            let seed = segment
                .disk
                .as_ref()
                .and_then(|disk| disk.held_seed.as_ref());
            self.is_up(node)
                && address.is_some_and(|address| at.managers.contains(&address))
                && seed.is_some_and(|seed| seed.manager.ca_pem == at.identity.ca_pem)
        };
        match self.segments.iter().any(answers) {
            true => Ok(()),
            false => Err(EndpointError::Unreachable {
                why: "connection refused".to_owned(),
            }),
        }
    }

    pub(super) fn listed(&self, at: &EndpointTarget) -> Vec<ContainerView> {
        let mut all = Vec::new();
        for (node, segment) in self
            .segments
            .iter()
            .filter(|(node, _)| node.cluster == at.cluster)
        {
            let Some(disk) = segment.disk.as_ref().filter(|_| self.is_up(node)) else {
                continue;
            };
            let seed = disk.held_seed.iter();
            all.extend(seed.flat_map(|seed| {
                SYSTEM_CONTAINERS.iter().map(|name| ContainerView {
                    created_at: guest::begin_ms(),
                    ..system_container(seed, name)
                })
            }));
            all.extend(disk.containers.iter().cloned());
        }
        all.sort_by_key(|container| std::cmp::Reverse(container.created_at));
        all
    }

    fn found(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<ContainerView, EndpointError> {
        let wanted = container.as_str();
        let is_it = |one: &ContainerView| one.id == wanted || one.name == wanted;
        let mut all = self.listed(at).into_iter();
        all.find(is_it)
            .ok_or(EndpointError::NotFound { what: "container" })
    }

    fn own(
        &mut self,
        at: &EndpointTarget,
        container: &ContainerRef,
        verb: &str,
    ) -> Result<&mut Vec<ContainerView>, EndpointError> {
        let found = self.found(at, container)?;
        if found.is_system {
            return Err(EndpointError::Refused {
                why: format!(
                    "CARINA-1005: Attempted to {verb} a Carina infrastructure container: {}",
                    found.name
                ),
            });
        }
        let missing = EndpointError::NotFound { what: "container" };
        self.segments
            .values_mut()
            .filter_map(|segment| segment.disk.as_mut())
            .map(|disk| &mut disk.containers)
            .find(|all| all.iter().any(|one| one.id == found.id))
            .ok_or(missing)
    }
}

#[async_trait]
impl Endpoint for Sim {
    async fn way_try(&self, way: &Way) -> Vec<WayOutcome> {
        let took = std::time::Duration::from_millis(2);
        let failing = |why: String| vec![(WayStep::Connect, Err(why))];
        let gone = self.call(Verb::Endpoint, failing, |world| {
            let found = world.segments.iter().find(|(node, segment)| {
                let address = segment.spec.as_ref().map(|spec| spec.address.into());
                let is_meant = way.is_front_door || address == Some(way.address.ip());
                node.cluster == way.cluster && is_meant && world.is_up(node)
            });
            let seed = found
                .and_then(|(_, segment)| segment.disk.as_ref())
                .and_then(|disk| disk.held_seed.as_ref());
            let refused = |why: &str| Err(why.to_owned());
            Ok(match seed {
                Some(seed) if seed.manager.ca_pem == way.identity.ca_pem => {
                    WayStep::ALL.map(|step| (step, Ok(()))).to_vec()
                }
                Some(_) => vec![
                    (WayStep::Connect, Ok(())),
                    (WayStep::Secure, refused("unknown certificate authority")),
                ],
                None if way.is_front_door => vec![
                    (WayStep::Connect, Ok(())),
                    (WayStep::Secure, refused("the connection was closed")),
                ],
                None => vec![(WayStep::Connect, refused("connection refused"))],
            })
        });
        let gone = gone.unwrap_or_else(|gone| gone);
        let outcome = |(step, result)| WayOutcome { step, took, result };
        gone.into_iter().map(outcome).collect()
    }

    async fn container_list(
        &self,
        at: &EndpointTarget,
    ) -> Result<Vec<ContainerView>, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.listed(at)))
    }

    async fn container_get(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<(ContainerDetailView, Vec<VariableView>), EndpointError> {
        self.endpoint_call(at, |world| Ok(detail(world.found(at, container)?)))
    }

    async fn container_act(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        action: ContainerAction,
    ) -> Result<(), EndpointError> {
        let verb = match action {
            ContainerAction::Remove => "delete",
            other => other.as_str(),
        };
        self.endpoint_call(at, |world| {
            let before = world.found(at, container)?;
            let wanted = before.id.clone();
            let all = world.own(at, container, verb)?;
            if action == ContainerAction::Remove {
                all.retain(|one| one.id != wanted);
                world.tell(at.cluster, &before, action);
                return Ok(());
            }
            let Some(one) = all.iter_mut().find(|one| one.id == wanted) else {
                return Ok(());
            };
            let (state, status) = after(one, action)?;
            (one.state, one.status) = (state.to_owned(), status.to_owned());
            world.tell(at.cluster, &before, action);
            Ok(())
        })
    }

    async fn container_usage(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<ContainerSample, EndpointError> {
        self.endpoint_call(at, |world| {
            let found = world.found(at, container)?;
            if found.state != "running" {
                return Ok(ContainerSample::default());
            }
            Ok(Guest::of(&found).sample(guest::now_ms()))
        })
    }

    async fn container_log(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: LogOrder,
    ) -> Result<LogLines, EndpointError> {
        let found = self.endpoint_call(at, |world| world.found(at, container))?;
        let (sender, receiver) = mpsc::channel(64);
        let is_following = order.is_following && found.state == "running";
        tokio::spawn(async move {
            let guest = Guest::of(&found);
            let mut seen_ns = order.after_ns;
            let mut tail = order.tail;
            loop {
                let lines = guest.lines(seen_ns, guest::now_ms());
                let most = tail.take().map_or(lines.len(), |tail| tail as usize);
                for line in lines.iter().skip(lines.len().saturating_sub(most)) {
                    seen_ns = line.at_ns;
                    if sender.send(Ok(line.clone())).await.is_err() {
                        return;
                    }
                }
                if !is_following {
                    return;
                }
                tokio::select! {
                    () = sender.closed() => return,
                    () = tokio::time::sleep(guest::LINE_EVERY / 4) => {}
                }
            }
        });
        Ok(receiver)
    }

    async fn events(
        &self,
        at: &EndpointTarget,
        after_ns: i64,
        is_following: bool,
    ) -> Result<EventLines, EndpointError> {
        self.events_follow(at, after_ns, is_following)
    }

    async fn console_open(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: &ConsoleOrder,
    ) -> Result<Console, EndpointError> {
        let (found, serial) = self.endpoint_call(at, |world| {
            world.own(at, container, "exec in")?;
            Ok((world.found(at, container)?, world.next_serial()))
        })?;
        if found.state != "running" {
            return Err(EndpointError::Refused {
                why: format!("container {} is not running", found.id),
            });
        }
        let (near, far) = tokio::io::duplex(4096);
        let (sim, node) = (self.clone(), found.node);
        let id = format!("{serial}{CONSOLE_ON}{node}");
        let command = order.command.join(" ");
        let size = (order.columns, order.rows);
        self.lock().consoles.insert(id.clone(), size);
        let console = id.clone();
        tokio::spawn(async move {
            let size = || sim.lock().consoles.get(&console).copied().unwrap_or(size);
            tokio::select! {
                () = shell::run(far, found.name, command, size) => {}
                () = sim.until_down(&node) => {}
            }
            sim.lock().consoles.remove(&console);
        });
        Ok(Console {
            id,
            terminal: Box::new(near),
        })
    }

    async fn console_resize(
        &self,
        at: &EndpointTarget,
        console: &str,
        columns: u16,
        rows: u16,
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |world| {
            if let Some(size) = world.consoles.get_mut(console) {
                *size = (columns, rows);
            }
            Ok(())
        })
    }

    async fn console_exit(
        &self,
        at: &EndpointTarget,
        console: &str,
    ) -> Result<Option<i64>, EndpointError> {
        let node = console.split_once(CONSOLE_ON).map_or("", |(_, node)| node);
        self.endpoint_call(at, |world| match world.is_up_by_name(node) {
            true => Ok(Some(0)),
            false => Err(EndpointError::Unreachable {
                why: format!("{node} is down"),
            }),
        })
    }
}

/// Between a console's number and its node.
const CONSOLE_ON: &str = " on ";
/// How often a console looks whether its segment is still there.
const CONSOLE_LOOK: std::time::Duration = std::time::Duration::from_millis(200);

impl Sim {
    async fn until_down(&self, node: &str) {
        while self.lock().is_up_by_name(node) {
            tokio::time::sleep(CONSOLE_LOOK).await;
        }
    }
}

/// As dockerd answers: what is so already is no failure, what makes no sense is refused.
fn after(
    container: &ContainerView,
    action: ContainerAction,
) -> Result<(&'static str, &'static str), EndpointError> {
    let refused = |why: &str| {
        Err(EndpointError::Refused {
            why: format!("Container {} {why}", container.id),
        })
    };
    match (action, container.state.as_str()) {
        (ContainerAction::Start, "paused") => refused("is paused, unpause it first"),
        (ContainerAction::Start | ContainerAction::Restart, _) => {
            Ok(("running", "Up Less than a second"))
        }
        (ContainerAction::Stop, _) => Ok(("exited", "Exited (0) Less than a second ago")),
        (ContainerAction::Kill, "running") => Ok(("exited", "Exited (137) Less than a second ago")),
        (ContainerAction::Pause, "running") => Ok(("paused", "Up 2 minutes (Paused)")),
        (ContainerAction::Unpause, "paused") => Ok(("running", "Up 2 minutes")),
        (ContainerAction::Unpause, _) => refused("is not paused"),
        (ContainerAction::Kill | ContainerAction::Pause, _) => refused("is not running"),
        (ContainerAction::Remove, _) => Ok(("removing", "Removal In Progress")),
    }
}

fn detail(summary: ContainerView) -> (ContainerDetailView, Vec<VariableView>) {
    let guest = Guest::of(&summary);
    let is_stopped = summary.state == "exited";
    let started_at: Option<UnixMs> = (summary.state != "created").then_some(summary.created_at);
    let ports = summary.ports.iter().map(|text| port(text)).collect();
    let variables = guest.environment();
    let view = ContainerDetailView {
        image_id: format!("sha256:{:064x}", guest.number()),
        command: guest.command(),
        working_dir: "/".to_owned(),
        user: String::new(),
        has_terminal: false,
        started_at,
        finished_at: is_stopped.then_some(summary.created_at + 90_000),
        exit_code: is_stopped.then_some(0),
        is_out_of_memory: false,
        error: None,
        restarts: 0,
        health: guest.health(),
        restart_policy: "unless-stopped".to_owned(),
        memory_limit_bytes: Some(512 << 20),
        cpu_limit_centi: None,
        pids_limit: None,
        ports,
        mounts: vec![MountView {
            kind: "volume".to_owned(),
            source: format!("{}-data", summary.name),
            target: "/data".to_owned(),
            is_read_only: false,
        }],
        networks: vec![AttachmentView {
            network: "bridge".to_owned(),
            address: "172.17.0.2".to_owned(),
            aliases: Vec::new(),
        }],
        environment: variables.iter().map(|one| one.name.clone()).collect(),
        labels: guest.labels(),
        summary,
    };
    (view, variables)
}

/// `10.83.4.11:8080->80/tcp`
fn port(text: &str) -> PortView {
    let (outside, inside) = text.split_once("->").unwrap_or(("", text));
    PortView {
        inside: inside.to_owned(),
        published: outside
            .rsplit_once(':')
            .and_then(|(address, port)| Some((address.to_owned(), port.parse().ok()?))),
    }
}
