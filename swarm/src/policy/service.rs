//! Services, secrets, configs and nodes of Docker's own swarm mode. A task is a container, so the
//! rules are those for containers; what is here beside them is what only a service can ask for.

use super::names::labels;
use super::{Known, Verdict, host, logging, mount, names, network};
use crate::api::host_config::{Driver, Mount};
use crate::api::service::EndpointSpec;
use crate::api::task::{ContainerSpec, FileTarget, Privileges, ResourceRequirements, TaskSpec};
use crate::api::{Code, ConfigSpec, NodeSpec, Refusal, SecretSpec, ServiceSpec};

/// What each task's engine fills in and nobody can choose: an id or a number in their place shows
/// what kind of name it will be.
const PLACEHOLDERS: [&str; 5] = [
    ".Node.Hostname",
    ".Node.ID",
    ".Service.ID",
    ".Task.ID",
    ".Task.Slot",
];

pub fn check(service: &ServiceSpec, known: &dyn Known) -> Verdict {
    let name = service.name.as_deref().unwrap_or_default();
    names::name(name)?;
    labels(service.labels.iter().flatten().map(|(key, _)| key.as_str()))?;
    if let Some(endpoint) = &service.endpoint_spec {
        ports(endpoint)?;
    }
    service
        .networks
        .iter()
        .flatten()
        .try_for_each(|one| network::attachment(one, known))?;
    match &service.task_template {
        Some(task) => task_check(name, task, known),
        None => Ok(()),
    }
}

fn task_check(service: &str, task: &TaskSpec, known: &dyn Known) -> Verdict {
    // A plugin is a program of the segment's; an attachment is a container that nobody checked.
    let runtime = task.runtime.as_deref().unwrap_or_default();
    let is_container = matches!(runtime, "" | "container");
    if !is_container || task.plugin_spec.is_some() || task.network_attachment_spec.is_some() {
        let runtime = if is_container { "plugin" } else { runtime };
        return Err(Refusal::policy(
            Code::Runtime,
            format!("Services with the runtime {runtime} not allowed by policy"),
        ));
    }
    if let Some(container) = &task.container_spec {
        container_check(service, container, known)?;
    }
    if let Some(resources) = &task.resources {
        resources_check(resources)?;
    }
    if let Some(log) = &task.log_driver {
        logging::check(log.name.as_deref(), log.options.as_ref())?;
    }
    task.networks
        .iter()
        .flatten()
        .try_for_each(|one| network::attachment(one, known))
}

fn container_check(service: &str, container: &ContainerSpec, known: &dyn Known) -> Verdict {
    if let Some(privileges) = &container.privileges {
        privileges_check(privileges)?;
    }
    let mounts = mounts_settled(service, container, known)?;
    mount::of_service(&mounts, known)?;
    host::capability_lists(&container.capability_add, &container.capability_drop)?;
    host::isolation(&container.isolation)?;
    let sysctls = container.sysctls.iter().flatten();
    host::sysctls(sysctls.map(|(name, _)| name.as_str()))?;
    host::ulimits(container.ulimits.as_deref().unwrap_or_default())?;
    if container.oom_score_adj.is_some_and(|score| score < 0) {
        return Err(host::resource("oom-score-adj"));
    }
    // As in /etc/hosts: the address first. The engine knows the word in the address's place.
    let mut hosts = container.hosts.iter().flatten();
    if let Some(entry) = hosts.find(|entry| entry.contains("host-gateway")) {
        return Err(network::host_gateway(entry));
    }
    let keys = container.labels.iter().flatten();
    labels(keys.map(|(key, _)| key.as_str()))?;
    names::working_dir(container.dir.as_deref())?;
    let secrets = container.secrets.iter().flatten();
    for file in secrets.filter_map(|secret| secret.file.as_ref()) {
        file_check(file, "/run/secrets")?;
    }
    let configs = container.configs.iter().flatten();
    for file in configs.filter_map(|config| config.file.as_ref()) {
        file_check(file, "")?;
    }
    Ok(())
}

/// What `--security-opt` is for containers; `no-new-privileges` only tightens.
fn privileges_check(privileges: &Privileges) -> Verdict {
    let is_default =
        |mode: &Option<String>| matches!(mode.as_deref().unwrap_or_default(), "" | "default");
    let text = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let seccomp = privileges.seccomp.as_ref();
    let label = privileges.se_linux_context.as_ref();
    let credential = privileges.credential_spec.as_ref();
    let is_changed = seccomp.is_some_and(|s| !is_default(&s.mode) || text(&s.profile))
        || privileges
            .app_armor
            .as_ref()
            .is_some_and(|armor| !is_default(&armor.mode))
        || label.is_some_and(|label| {
            label.disable == Some(true)
                || [&label.user, &label.role, &label.kind, &label.level]
                    .into_iter()
                    .any(text)
        })
        || credential.is_some_and(|credential| {
            [&credential.config, &credential.file, &credential.registry]
                .into_iter()
                .any(text)
        });
    if is_changed {
        return Err(host::security_opt());
    }
    Ok(())
}

fn resources_check(resources: &ResourceRequirements) -> Verdict {
    for one in [&resources.limits, &resources.reservations]
        .into_iter()
        .flatten()
    {
        if one
            .generic_resources
            .as_ref()
            .is_some_and(|list| !list.is_empty())
        {
            return Err(host::device());
        }
        if one.pids.is_some_and(|pids| pids < 0) {
            return Err(host::resource("pids-limit=-1"));
        }
    }
    if resources.swap_bytes.is_some_and(|bytes| bytes < 0) {
        return Err(host::resource("memory-swap=-1"));
    }
    Ok(())
}

fn ports(endpoint: &EndpointSpec) -> Verdict {
    endpoint
        .ports
        .iter()
        .flatten()
        .filter_map(|port| port.published_port)
        .filter(|port| *port != 0)
        .try_for_each(|port| network::port_range_free(port, port))
}

/// A secret's or config's place in the container, under `root` when it is not absolute.
fn file_check(file: &FileTarget, root: &str) -> Verdict {
    let name = file.name.as_deref().unwrap_or_default();
    if name.starts_with('/') {
        mount::target(name)?;
    } else {
        mount::target(&format!("{root}/{name}"))?;
    }
    // Go's own bits for set-uid and the like lie above Unix's.
    if file.mode.is_some_and(|mode| mode > 0o7777) {
        return Err(mount::option_refused("mode"));
    }
    Ok(())
}

/// The mounts as tasks will have them, as far as it matters. Engines take sources and targets for
/// templates, so that what stands here is not yet what is mounted.
fn mounts_settled(
    service: &str,
    container: &ContainerSpec,
    known: &dyn Known,
) -> Result<Vec<Mount>, Refusal> {
    let mut mounts = container.mounts.clone().unwrap_or_default();
    for mount in &mut mounts {
        for (is_source, text) in [(true, &mut mount.source), (false, &mut mount.target)] {
            let Some(template) = text.as_mut().filter(|text| text.contains("{{")) else {
                continue;
            };
            let Some(settled) = Settled::of(template, service) else {
                let what = format!("{template:?} (more than a placeholder)");
                return Err(mount::option_refused(&what));
            };
            if let Some(certain) = settled.certain.filter(|_| is_source) {
                let volumes = known.volumes_beginning(&certain);
                volumes.into_iter().try_for_each(mount::volume_plain)?;
            }
            *template = settled.example;
        }
    }
    Ok(mounts)
}

/// A template whose placeholders are filled in.
struct Settled {
    /// What a task may have there.
    example: String,
    /// How it begins for all of them; `None` when it is the same for all.
    certain: Option<String>,
}

impl Settled {
    /// `None` when it is more than placeholders.
    fn of(template: &str, service: &str) -> Option<Self> {
        let (mut example, mut certain, mut rest) = (String::new(), None, template);
        while let Some((before, after)) = rest.split_once("{{") {
            let (inner, behind) = after.split_once("}}")?;
            example.push_str(before);
            match inner.trim() {
                ".Service.Name" => example.push_str(service),
                field if PLACEHOLDERS.contains(&field) => {
                    certain.get_or_insert_with(|| example.clone());
                    example.push('1');
                }
                _ => return None,
            }
            rest = behind;
        }
        example.push_str(rest);
        Some(Self { example, certain })
    }
}

pub fn secret(secret: &SecretSpec) -> Verdict {
    if secret
        .driver
        .as_ref()
        .is_some_and(|driver| !is_empty(driver))
    {
        return Err(Refusal::policy(
            Code::Runtime,
            "Secrets of external drivers not allowed by policy",
        ));
    }
    templating(secret.templating.as_ref())?;
    labels(secret.labels.iter().flatten().map(|(key, _)| key.as_str()))
}

pub fn config(config: &ConfigSpec) -> Verdict {
    templating(config.templating.as_ref())?;
    labels(config.labels.iter().flatten().map(|(key, _)| key.as_str()))
}

/// Go's reads what the task itself has; others are plugins.
fn templating(driver: Option<&Driver>) -> Verdict {
    let is_golang = |driver: &&Driver| {
        driver.name.as_deref() == Some("golang") && driver.options.iter().all(|o| o.is_empty())
    };
    match driver.filter(|driver| !is_empty(driver) && !is_golang(driver)) {
        None => Ok(()),
        Some(driver) => Err(Refusal::policy(
            Code::Runtime,
            format!(
                "Templates by {} not allowed by policy",
                driver.name.as_deref().unwrap_or_default()
            ),
        )),
    }
}

fn is_empty(driver: &Driver) -> bool {
    driver.name.as_deref().unwrap_or_default().is_empty()
        && driver.options.iter().all(|options| options.is_empty())
}

/// Labels and availability steer where tasks go. A role is a door: managers hold the swarm's
/// secrets and its authority.
pub fn node_update(asked: &NodeSpec, is: &NodeSpec) -> Verdict {
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    if word(&asked.role) != word(&is.role) {
        return Err(Refusal::policy(
            Code::Route,
            "Changing a node's role not allowed by policy: the cluster chooses its managers",
        ));
    }
    if word(&asked.name) != word(&is.name) {
        return Err(Refusal::policy(
            Code::ReservedName,
            "Renaming a node not allowed by policy",
        ));
    }
    labels(asked.labels.iter().flatten().map(|(key, _)| key.as_str()))
}
