//! The body of `POST /services/create` and `…/update`. What a task of it is stands in
//! [`super::task`].

use std::collections::BTreeMap;

use super::container::Empty;
use super::json::Bounds;
use super::task::{NetworkAttachment, TaskSpec};

object! {
    pub struct ServiceSpec {
        "Name" name: String,
        "Labels" labels: BTreeMap<String, String>,
        "TaskTemplate" task_template: TaskSpec,
        "Mode" mode: ServiceMode,
        "UpdateConfig" update_config: UpdateConfig,
        "RollbackConfig" rollback_config: UpdateConfig,
        /// Where old clients name them; new ones do in the task's template.
        "Networks" networks: Vec<NetworkAttachment>,
        "EndpointSpec" endpoint_spec: EndpointSpec,
    }
}

impl ServiceSpec {
    /// An update may say of a fraction of its tasks that they may fail.
    pub const BOUNDS: Bounds = Bounds {
        fractions: true,
        ..Bounds::USUAL
    };
}

object! {
    /// One of them.
    pub struct ServiceMode {
        /// docker-py spells this and `Global` small.
        #[serde(alias = "replicated")]
        "Replicated" replicated: Replicated,
        #[serde(alias = "global")]
        "Global" global: Empty,
        "ReplicatedJob" replicated_job: ReplicatedJob,
        "GlobalJob" global_job: Empty,
    }
}

object! {
    pub struct Replicated {
        "Replicas" replicas: u64,
    }
}

object! {
    pub struct ReplicatedJob {
        "MaxConcurrent" max_concurrent: u64,
        "TotalCompletions" total_completions: u64,
    }
}

object! {
    /// How a new version takes the old one's place, or the old one's comes back.
    pub struct UpdateConfig {
        "Parallelism" parallelism: u64,
        "Delay" delay: i64,
        "FailureAction" failure_action: String,
        "Monitor" monitor: i64,
        "MaxFailureRatio" max_failure_ratio: serde_json::Number,
        "Order" order: String,
    }
}

object! {
    pub struct EndpointSpec {
        "Mode" mode: String,
        "Ports" ports: Vec<PortConfig>,
    }
}

object! {
    pub struct PortConfig {
        "Name" name: String,
        "Protocol" protocol: String,
        "TargetPort" target_port: u16,
        "PublishedPort" published_port: u16,
        "PublishMode" publish_mode: String,
    }
}
