//! What a service's tasks are: a container, and where and how often it runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::container::{Empty, Healthcheck};
use super::host_config::{Driver, Mount, Ulimit};

object! {
    pub struct TaskSpec {
        "ContainerSpec" container_spec: ContainerSpec,
        /// Only ever refused, as the next.
        "PluginSpec" plugin_spec: Value,
        "NetworkAttachmentSpec" network_attachment_spec: Value,
        "Resources" resources: ResourceRequirements,
        "RestartPolicy" restart_policy: TaskRestartPolicy,
        "Placement" placement: Placement,
        "Networks" networks: Vec<NetworkAttachment>,
        "LogDriver" log_driver: Driver,
        "ForceUpdate" force_update: u64,
        "Runtime" runtime: String,
    }
}

object! {
    pub struct ContainerSpec {
        "Image" image: String,
        "Labels" labels: BTreeMap<String, String>,
        "Command" command: Vec<String>,
        "Args" args: Vec<String>,
        "Hostname" hostname: String,
        "Env" env: Vec<String>,
        "Dir" dir: String,
        "User" user: String,
        "Groups" groups: Vec<String>,
        "Privileges" privileges: Privileges,
        "Init" init: bool,
        "StopSignal" stop_signal: String,
        "TTY" tty: bool,
        "OpenStdin" open_stdin: bool,
        "ReadOnly" read_only: bool,
        "Mounts" mounts: Vec<Mount>,
        "StopGracePeriod" stop_grace_period: i64,
        "Healthcheck" healthcheck: Healthcheck,
        "Hosts" hosts: Vec<String>,
        "DNSConfig" dns_config: DnsConfig,
        "Secrets" secrets: Vec<SecretReference>,
        "Configs" configs: Vec<ConfigReference>,
        "Isolation" isolation: String,
        "Sysctls" sysctls: BTreeMap<String, String>,
        "CapabilityAdd" capability_add: Vec<String>,
        "CapabilityDrop" capability_drop: Vec<String>,
        "Ulimits" ulimits: Vec<Ulimit>,
        "OomScoreAdj" oom_score_adj: i64,
    }
}

object! {
    pub struct Privileges {
        "CredentialSpec" credential_spec: CredentialSpec,
        "SELinuxContext" se_linux_context: SeLinuxContext,
        "Seccomp" seccomp: Seccomp,
        "AppArmor" app_armor: AppArmor,
        "NoNewPrivileges" no_new_privileges: bool,
    }
}

object! {
    pub struct CredentialSpec {
        "Config" config: String,
        "File" file: String,
        "Registry" registry: String,
    }
}

object! {
    pub struct SeLinuxContext {
        "Disable" disable: bool,
        "User" user: String,
        "Role" role: String,
        "Type" kind: String,
        "Level" level: String,
    }
}

object! {
    pub struct Seccomp {
        "Mode" mode: String,
        /// In base64.
        "Profile" profile: String,
    }
}

object! {
    pub struct AppArmor {
        "Mode" mode: String,
    }
}

object! {
    pub struct DnsConfig {
        "Nameservers" nameservers: Vec<String>,
        "Search" search: Vec<String>,
        "Options" options: Vec<String>,
    }
}

object! {
    pub struct SecretReference {
        "File" file: FileTarget,
        "SecretID" secret_id: String,
        "SecretName" secret_name: String,
    }
}

object! {
    pub struct ConfigReference {
        "File" file: FileTarget,
        "Runtime" runtime: Empty,
        "ConfigID" config_id: String,
        "ConfigName" config_name: String,
    }
}

object! {
    /// Where a secret or config appears in the container.
    pub struct FileTarget {
        "Name" name: String,
        "UID" uid: String,
        "GID" gid: String,
        /// As Go writes it: the bits over 0o777 are not Unix's.
        "Mode" mode: u32,
    }
}

object! {
    pub struct ResourceRequirements {
        "Limits" limits: TaskResources,
        "Reservations" reservations: TaskResources,
        "SwapBytes" swap_bytes: i64,
        "MemorySwappiness" memory_swappiness: i64,
    }
}

object! {
    pub struct TaskResources {
        "NanoCPUs" nano_cpus: i64,
        "MemoryBytes" memory_bytes: i64,
        "Pids" pids: i64,
        /// Devices by another name; only ever refused.
        "GenericResources" generic_resources: Vec<Value>,
    }
}

object! {
    pub struct TaskRestartPolicy {
        "Condition" condition: String,
        "Delay" delay: i64,
        "MaxAttempts" max_attempts: u64,
        "Window" window: i64,
    }
}

object! {
    pub struct Placement {
        "Constraints" constraints: Vec<String>,
        "Preferences" preferences: Vec<Preference>,
        "MaxReplicas" max_replicas: u64,
        "Platforms" platforms: Vec<Platform>,
    }
}

object! {
    pub struct Preference {
        "Spread" spread: SpreadOver,
    }
}

object! {
    pub struct SpreadOver {
        "SpreadDescriptor" spread_descriptor: String,
    }
}

object! {
    pub struct Platform {
        "Architecture" architecture: String,
        "OS" os: String,
    }
}

object! {
    pub struct NetworkAttachment {
        "Target" target: String,
        "Aliases" aliases: Vec<String>,
        "DriverOpts" driver_opts: BTreeMap<String, String>,
    }
}
