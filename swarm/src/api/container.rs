//! The bodies of `POST /containers/create` and `POST /containers/{name}/update`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::host_config::{
    DeviceMapping, DeviceRequest, HostConfig, RestartPolicy, ThrottleDevice, Ulimit, WeightDevice,
};
use super::network::EndpointSettings;

/// `{}`, Go's `struct{}`: the value of a set's member.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Empty {}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?
            .keys()
            .next()
        {
            None => Ok(Self {}),
            Some(key) => Err(serde::de::Error::unknown_field(key, &[])),
        }
    }
}

/// A Go `map[string]struct{}`.
pub type Set = BTreeMap<String, Option<Empty>>;

/// A command: docker takes a list or one word and always gives a list back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Words(pub Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            One(String),
            Many(Vec<String>),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::One(word) => Self(vec![word]),
            Either::Many(words) => Self(words),
        })
    }
}

object! {
    /// Config, with HostConfig and NetworkingConfig beside its own fields.
    pub struct ContainerCreate {
        "Hostname" hostname: String,
        "Domainname" domainname: String,
        "User" user: String,
        "AttachStdin" attach_stdin: bool,
        "AttachStdout" attach_stdout: bool,
        "AttachStderr" attach_stderr: bool,
        "ExposedPorts" exposed_ports: Set,
        "Tty" tty: bool,
        "OpenStdin" open_stdin: bool,
        "StdinOnce" stdin_once: bool,
        "Env" env: Vec<String>,
        "Cmd" cmd: Words,
        "Healthcheck" healthcheck: Healthcheck,
        "ArgsEscaped" args_escaped: bool,
        "Image" image: String,
        "Volumes" volumes: Set,
        "WorkingDir" working_dir: String,
        "Entrypoint" entrypoint: Words,
        "NetworkDisabled" network_disabled: bool,
        "MacAddress" mac_address: String,
        "OnBuild" on_build: Vec<String>,
        "Labels" labels: BTreeMap<String, String>,
        "StopSignal" stop_signal: String,
        "StopTimeout" stop_timeout: i64,
        "Shell" shell: Words,
        "HostConfig" host_config: HostConfig,
        "NetworkingConfig" networking_config: NetworkingConfig,
    }
}

object! {
    pub struct Healthcheck {
        "Test" test: Vec<String>,
        "Interval" interval: i64,
        "Timeout" timeout: i64,
        "StartPeriod" start_period: i64,
        "StartInterval" start_interval: i64,
        "Retries" retries: i64,
    }
}

impl ContainerCreate {
    /// Names of the networks it is to be on, as given.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        let config = self.networking_config.as_ref();
        let endpoints = config.and_then(|config| config.endpoints_config.as_ref());
        endpoints
            .into_iter()
            .flat_map(|endpoints| endpoints.keys().map(String::as_str))
    }
}

/// The networks of a new container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NetworkingConfig {
    #[serde(rename = "EndpointsConfig", skip_serializing_if = "Option::is_none")]
    pub endpoints_config: Option<BTreeMap<String, Option<EndpointSettings>>>,
}

impl<'de> Deserialize<'de> for NetworkingConfig {
    /// docker-py puts the network's name here, with `null`, where only `EndpointsConfig` belongs.
    /// Engines overlook it; so it is taken and left out, but anything in it is refused.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        let endpoints = keys.remove("EndpointsConfig").unwrap_or_default();
        // To an engine a key that only nearly says so is the same, and its `null` the last word.
        let is_near = |key: &str| !key.is_ascii() || key.eq_ignore_ascii_case("EndpointsConfig");
        let is_odd = |key: &str, value: &serde_json::Value| !value.is_null() || is_near(key);
        if let Some((key, _)) = keys.iter().find(|(key, value)| is_odd(key, value)) {
            return Err(serde::de::Error::unknown_field(key, &["EndpointsConfig"]));
        }
        let endpoints_config =
            serde_json::from_value(endpoints).map_err(serde::de::Error::custom)?;
        Ok(Self { endpoints_config })
    }
}

object! {
    /// Resources and a restart policy.
    pub struct ContainerUpdate {
        "CpuShares" cpu_shares: i64,
        "Memory" memory: i64,
        "NanoCpus" nano_cpus: i64,
        "CgroupParent" cgroup_parent: String,
        "BlkioWeight" blkio_weight: u16,
        "BlkioWeightDevice" blkio_weight_device: Vec<WeightDevice>,
        "BlkioDeviceReadBps" blkio_device_read_bps: Vec<ThrottleDevice>,
        "BlkioDeviceWriteBps" blkio_device_write_bps: Vec<ThrottleDevice>,
        "BlkioDeviceReadIOps" blkio_device_read_iops: Vec<ThrottleDevice>,
        "BlkioDeviceWriteIOps" blkio_device_write_iops: Vec<ThrottleDevice>,
        "CpuPeriod" cpu_period: i64,
        "CpuQuota" cpu_quota: i64,
        "CpuRealtimePeriod" cpu_realtime_period: i64,
        "CpuRealtimeRuntime" cpu_realtime_runtime: i64,
        "CpusetCpus" cpuset_cpus: String,
        "CpusetMems" cpuset_mems: String,
        "Devices" devices: Vec<DeviceMapping>,
        "DeviceCgroupRules" device_cgroup_rules: Vec<String>,
        "DeviceRequests" device_requests: Vec<DeviceRequest>,
        "KernelMemory" kernel_memory: i64,
        "KernelMemoryTCP" kernel_memory_tcp: i64,
        "MemoryReservation" memory_reservation: i64,
        "MemorySwap" memory_swap: i64,
        "MemorySwappiness" memory_swappiness: i64,
        "OomKillDisable" oom_kill_disable: bool,
        "PidsLimit" pids_limit: i64,
        "Ulimits" ulimits: Vec<Ulimit>,
        "CpuCount" cpu_count: i64,
        "CpuPercent" cpu_percent: i64,
        "IOMaximumIOps" io_maximum_iops: u64,
        "IOMaximumBandwidth" io_maximum_bandwidth: u64,
        "RestartPolicy" restart_policy: RestartPolicy,
    }
}
