//! `swarm manage`: its flags and what they must be.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::cluster_option::ClusterOptions;
use super::{Fatal, GoDuration, discovery_parse, is_host_and_port};
use crate::discovery::Discovery;
use crate::schedule::Filters;

/// The seed's own reason why there is nothing to choose.
const ONLY_SPREAD: &str = "With Carina you do not get this option: the spread strategy is used \
                           (the Swarm default)";

/// Its managers need no store to agree by.
const NO_REPLICATION: &str = "With Carina you do not get this option: every segment has a manager, \
                              and together they always have one primary (leader election was only \
                              supported with consul, etcd and zookeeper discovery)";

#[derive(Debug, Args)]
pub struct ManageArgs {
    /// placement strategy to use [spread]
    #[arg(long, default_value = "spread")]
    strategy: String,
    /// filter to use [health, port, containerslots, dependency, affinity, constraint, whitelist];
    /// all of them unless some are named
    #[arg(long, short = 'f')]
    filter: Vec<String>,
    /// what people of the cluster may do [off, carina]; carina where SWARM_CLUSTER is set
    #[arg(long)]
    policy: Option<String>,
    /// ip/socket to listen on
    #[arg(long, short = 'H', env = "SWARM_HOST", value_delimiter = ',')]
    host: Vec<String>,
    /// Enable Swarm manager replication
    #[arg(long)]
    replication: bool,
    /// Leader lock release time on failure
    #[arg(long, default_value = "20s", allow_hyphen_values = true)]
    replication_ttl: GoDuration,
    /// Address of the swarm manager joining the cluster. Other swarm manager(s) MUST be able to
    /// reach the swarm manager at this address.
    #[arg(long, visible_alias = "addr", env = "SWARM_ADVERTISE")]
    advertise: Option<String>,
    /// use TLS; implied by tlsverify=true
    #[arg(long)]
    tls: bool,
    /// trust only remotes providing a certificate signed by the CA given here
    #[arg(long)]
    tlscacert: Option<PathBuf>,
    /// path to TLS certificate file
    #[arg(long)]
    tlscert: Option<PathBuf>,
    /// path to TLS key file
    #[arg(long)]
    tlskey: Option<PathBuf>,
    /// use TLS and verify the remote
    #[arg(long)]
    tlsverify: bool,
    /// period between each heartbeat
    #[arg(long, default_value = "60s", allow_hyphen_values = true)]
    heartbeat: GoDuration,
    /// enable CORS headers in the remote API
    #[arg(long, visible_alias = "cors")]
    api_enable_cors: bool,
    /// cluster driver to use [swarm]
    #[arg(long, short = 'c', default_value = "swarm")]
    cluster_driver: String,
    /// cluster driver options
    #[arg(long)]
    cluster_opt: Vec<String>,
    /// discovery options
    #[arg(long)]
    discovery_opt: Vec<String>,
    /// set engine refresh minimum interval
    #[arg(long, default_value = "30s", allow_hyphen_values = true)]
    engine_refresh_min_interval: GoDuration,
    /// set engine refresh maximum interval
    #[arg(long, default_value = "60s", allow_hyphen_values = true)]
    engine_refresh_max_interval: GoDuration,
    /// set engine failure retry count
    #[arg(long, default_value = "3", allow_hyphen_values = true)]
    engine_failure_retry: i64,
    /// deprecated; replaced by --engine-failure-retry
    #[arg(long, hide = true)]
    engine_refresh_retry: Option<i64>,
    #[arg(env = "SWARM_DISCOVERY")]
    discovery: Option<String>,
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    Tcp(String),
    Unix(PathBuf),
}

/// The files of one identity and of the authority that vouches for the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Without one the other side is not verified (`--tls` without `--tlsverify`).
    pub ca: Option<PathBuf>,
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// A checked `manage`.
#[derive(Debug)]
pub struct ManageOptions {
    pub discovery: Discovery,
    pub listen: Vec<Listen>,
    pub tls: Option<TlsFiles>,
    /// Towards engines; the archived program used `tls` for both.
    pub engine_tls: Option<TlsFiles>,
    pub heartbeat: Duration,
    pub refresh_min: Duration,
    pub refresh_max: Duration,
    pub failure_retry: u32,
    pub cors: bool,
    pub overcommit: f64,
    pub create_retry: u32,
    /// How long a lost engine is waited for before its containers are made elsewhere.
    pub reschedule_delay: Duration,
    pub filters: Filters,
    /// Carina's policy holds.
    pub is_policed: bool,
    /// Only said on, in `info` and `version`: nothing here depends on it.
    pub is_experimental: bool,
    /// Only certificates of this cluster are let in.
    pub cluster: Option<String>,
    /// This segment's node name.
    pub node: Option<String>,
    /// Where a manager keeps what it knows over a start.
    pub memory_dir: Option<PathBuf>,
    /// `ip:port` of this manager for the other managers.
    pub advertise: Option<String>,
}

impl ManageArgs {
    pub(super) fn check(self) -> Result<ManageOptions, Fatal> {
        let tls = self.tls_files()?;
        let refresh_min = self
            .engine_refresh_min_interval
            .positive()
            .ok_or_else(|| Fatal::new("min refresh interval should be a positive number"))?;
        let refresh_max = self
            .engine_refresh_max_interval
            .positive()
            .filter(|max| *max >= refresh_min)
            .ok_or_else(|| {
                Fatal::new("max refresh interval cannot be less than min refresh interval")
            })?;
        let failure_retry = self
            .engine_refresh_retry
            .unwrap_or(self.engine_failure_retry);
        let failure_retry = u32::try_from(failure_retry)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(|| Fatal::new("invalid failure retry count"))?;
        let heartbeat = self
            .heartbeat
            .positive()
            .filter(|heartbeat| *heartbeat >= Duration::from_secs(1))
            .ok_or_else(|| Fatal::new("--heartbeat should be at least one second"))?;
        self.replication_check()?;
        let discovery = discovery_parse(self.discovery.as_deref(), "manage")?;
        if self.strategy != "spread" {
            let known = ["binpack", "random"].contains(&self.strategy.as_str());
            return Err(Fatal::new(if known {
                format!("strategy {:?}: {ONLY_SPREAD}", self.strategy)
            } else {
                format!("unsupported strategy {:?}", self.strategy)
            }));
        }
        if self.cluster_driver != "swarm" {
            return Err(Fatal::new(format!(
                "unsupported cluster driver {:?}",
                self.cluster_driver
            )));
        }
        let filters = Filters::parse(&self.filter)
            .map_err(|unknown| Fatal::new(format!("unsupported filter {unknown:?}")))?;
        let cluster = env_text("SWARM_CLUSTER");
        let is_policed = match self.policy.as_deref() {
            None => cluster.is_some(),
            Some("carina") => true,
            Some("off") => false,
            Some(other) => {
                return Err(Fatal::new(format!(
                    "--policy should be off or carina, {other:?} is invalid"
                )));
            }
        };
        let listen = self.listen()?;
        let options = ClusterOptions::parse(&self.cluster_opt)?;
        Ok(ManageOptions {
            discovery,
            listen,
            engine_tls: engine_files_from_env()?.or_else(|| tls.clone()),
            tls,
            heartbeat,
            refresh_min,
            refresh_max,
            failure_retry,
            cors: self.api_enable_cors,
            overcommit: options.overcommit,
            create_retry: options.create_retry,
            reschedule_delay: options.reschedule_delay,
            filters,
            is_policed,
            is_experimental: false,
            cluster,
            node: env_text("SWARM_NODE"),
            memory_dir: env_text("SWARM_MEMORY_DIR").map(PathBuf::from),
            advertise: self.advertise,
        })
    }

    /// What the archived program checked first is checked here, too; then why there is no use for it.
    fn replication_check(&self) -> Result<(), Fatal> {
        if self.replication && self.advertise.is_none() {
            return Err(Fatal::new(
                "--advertise address must be provided when using --replication",
            ));
        }
        if let Some(advertise) = self.advertise.as_deref()
            && !is_host_and_port(advertise)
        {
            return Err(Fatal::new(
                "--advertise should be of the form ip:port or hostname:port",
            ));
        }
        if self.replication_ttl.positive().is_none() {
            return Err(Fatal::new("--replication-ttl should be a positive number"));
        }
        if self.replication {
            return Err(Fatal::new(NO_REPLICATION));
        }
        Ok(())
    }

    fn tls_files(&self) -> Result<Option<TlsFiles>, Fatal> {
        if !self.tls && !self.tlsverify {
            if self.tlscert.is_some() || self.tlskey.is_some() || self.tlscacert.is_some() {
                return Err(Fatal::new(
                    "--tlscert, --tlskey and --tlscacert require the use of either --tls or \
                     --tlsverify",
                ));
            }
            return Ok(None);
        }
        let (Some(cert), Some(key)) = (self.tlscert.clone(), self.tlskey.clone()) else {
            return Err(Fatal::new(
                "--tlscert and --tlskey must be provided when using --tls",
            ));
        };
        if self.tlsverify && self.tlscacert.is_none() {
            return Err(Fatal::new(
                "--tlscacert must be provided when using --tlsverify",
            ));
        }
        let ca = self.tlscacert.clone().filter(|_| self.tlsverify);
        Ok(Some(TlsFiles { ca, cert, key }))
    }

    fn listen(&self) -> Result<Vec<Listen>, Fatal> {
        if self.host.is_empty() {
            return Ok(vec![Listen::Tcp("127.0.0.1:2375".into())]);
        }
        self.host
            .iter()
            .map(|host| match host.split_once("://") {
                None => Ok(Listen::Tcp(host.clone())),
                Some(("tcp", address)) => Ok(Listen::Tcp(address.to_owned())),
                Some(("unix", path)) => Ok(Listen::Unix(path.into())),
                Some((scheme, _)) => Err(Fatal::new(format!(
                    "unsupported protocol {scheme:?} in --host"
                ))),
            })
            .collect()
    }
}

fn env_text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn engine_files_from_env() -> Result<Option<TlsFiles>, Fatal> {
    files_from_env("SWARM_ENGINE")
}

/// `<prefix>_TLSCACERT`, `_TLSCERT`, `_TLSKEY`: all of them or none.
pub(crate) fn files_from_env(prefix: &str) -> Result<Option<TlsFiles>, Fatal> {
    let [ca, cert, key] =
        ["TLSCACERT", "TLSCERT", "TLSKEY"].map(|name| env_text(&format!("{prefix}_{name}")));
    match (ca, cert, key) {
        (None, None, None) => Ok(None),
        (Some(ca), Some(cert), Some(key)) => Ok(Some(TlsFiles {
            ca: Some(ca.into()),
            cert: cert.into(),
            key: key.into(),
        })),
        _ => Err(Fatal::new(format!(
            "{prefix}_TLSCACERT, {prefix}_TLSCERT and {prefix}_TLSKEY must be set together"
        ))),
    }
}

#[cfg(test)]
mod tests;
