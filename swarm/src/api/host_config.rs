//! `HostConfig`: how a container is run. Field lists are moby's, from API 1.24 to today.

use std::collections::BTreeMap;

use super::container::Empty;

/// Published ports by `80/tcp`.
pub type PortMap = BTreeMap<String, Option<Vec<PortBinding>>>;

object! {
    /// The Linux and Windows fields alike: clients send the other system's as zeros.
    pub struct HostConfig {
        "Binds" binds: Vec<String>,
        "ContainerIDFile" container_id_file: String,
        "LogConfig" log_config: LogConfig,
        "NetworkMode" network_mode: String,
        "PortBindings" port_bindings: PortMap,
        "RestartPolicy" restart_policy: RestartPolicy,
        "AutoRemove" auto_remove: bool,
        "VolumeDriver" volume_driver: String,
        "VolumesFrom" volumes_from: Vec<String>,
        "ConsoleSize" console_size: [u32; 2],
        "Annotations" annotations: BTreeMap<String, String>,
        "CapAdd" cap_add: Vec<String>,
        "CapDrop" cap_drop: Vec<String>,
        "Capabilities" capabilities: Vec<String>,
        "CgroupnsMode" cgroupns_mode: String,
        "Dns" dns: Vec<String>,
        "DnsOptions" dns_options: Vec<String>,
        "DnsSearch" dns_search: Vec<String>,
        "ExtraHosts" extra_hosts: Vec<String>,
        "GroupAdd" group_add: Vec<String>,
        "IpcMode" ipc_mode: String,
        "Cgroup" cgroup: String,
        "Links" links: Vec<String>,
        "OomScoreAdj" oom_score_adj: i64,
        "PidMode" pid_mode: String,
        "Privileged" privileged: bool,
        "PublishAllPorts" publish_all_ports: bool,
        "ReadonlyRootfs" readonly_rootfs: bool,
        "SecurityOpt" security_opt: Vec<String>,
        "StorageOpt" storage_opt: BTreeMap<String, String>,
        "Tmpfs" tmpfs: BTreeMap<String, String>,
        "UTSMode" uts_mode: String,
        "UsernsMode" userns_mode: String,
        "ShmSize" shm_size: i64,
        "Sysctls" sysctls: BTreeMap<String, String>,
        "Runtime" runtime: String,
        "Isolation" isolation: String,
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
        "DiskQuota" disk_quota: i64,
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
        "Mounts" mounts: Vec<Mount>,
        "MaskedPaths" masked_paths: Vec<String>,
        "ReadonlyPaths" readonly_paths: Vec<String>,
        "Init" init: bool,
    }
}

object! {
    pub struct LogConfig {
        "Type" kind: String,
        "Config" config: BTreeMap<String, String>,
    }
}

object! {
    pub struct PortBinding {
        "HostIp" host_ip: String,
        "HostPort" host_port: String,
    }
}

object! {
    pub struct RestartPolicy {
        "Name" name: String,
        "MaximumRetryCount" maximum_retry_count: i64,
    }
}

object! {
    pub struct WeightDevice {
        "Path" path: String,
        "Weight" weight: u16,
    }
}

object! {
    pub struct ThrottleDevice {
        "Path" path: String,
        "Rate" rate: u64,
    }
}

object! {
    pub struct DeviceMapping {
        "PathOnHost" path_on_host: String,
        "PathInContainer" path_in_container: String,
        "CgroupPermissions" cgroup_permissions: String,
    }
}

object! {
    pub struct DeviceRequest {
        "Driver" driver: String,
        "Count" count: i64,
        "DeviceIDs" device_ids: Vec<String>,
        "Capabilities" capabilities: Vec<Vec<String>>,
        "Options" options: BTreeMap<String, String>,
    }
}

object! {
    pub struct Ulimit {
        "Name" name: String,
        "Hard" hard: i64,
        "Soft" soft: i64,
    }
}

object! {
    /// One of `--mount`.
    pub struct Mount {
        "Type" kind: String,
        "Source" source: String,
        "Target" target: String,
        "ReadOnly" read_only: bool,
        "Consistency" consistency: String,
        "BindOptions" bind_options: BindOptions,
        "VolumeOptions" volume_options: VolumeOptions,
        "ImageOptions" image_options: ImageOptions,
        "TmpfsOptions" tmpfs_options: TmpfsOptions,
        "ClusterOptions" cluster_options: Empty,
    }
}

object! {
    pub struct BindOptions {
        "Propagation" propagation: String,
        "NonRecursive" non_recursive: bool,
        "CreateMountpoint" create_mountpoint: bool,
        "ReadOnlyNonRecursive" read_only_non_recursive: bool,
        "ReadOnlyForceRecursive" read_only_force_recursive: bool,
    }
}

object! {
    pub struct VolumeOptions {
        "NoCopy" no_copy: bool,
        "Labels" labels: BTreeMap<String, String>,
        "Subpath" subpath: String,
        "DriverConfig" driver_config: Driver,
    }
}

object! {
    pub struct ImageOptions {
        "Subpath" subpath: String,
    }
}

object! {
    pub struct TmpfsOptions {
        "SizeBytes" size_bytes: i64,
        "Mode" mode: u32,
        "Options" options: Vec<Vec<String>>,
    }
}

object! {
    pub struct Driver {
        "Name" name: String,
        "Options" options: BTreeMap<String, String>,
    }
}

impl HostConfig {
    /// Out of an engine's `inspect`. Fields that a newer engine has of its own are left out; a
    /// known field with something unknown in it is an error, since it could not be judged.
    pub fn from_inspect(inspect: &serde_json::Value) -> Result<Self, super::Refusal> {
        let mut host = inspect.get("HostConfig").cloned().unwrap_or_default();
        if let Some(fields) = host.as_object_mut() {
            fields.retain(|key, _| Self::KEYS.contains(&key.as_str()));
        }
        serde_json::from_value(host).map_err(|err| {
            super::Refusal::failed(format!(
                "the engine's view of the container is not understood: {err}"
            ))
        })
    }
}
