//! The hosts, for administrators: what there is, what is given away, what runs where, and what the
//! doctor found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use futures::future::join_all;
use host::Capacity;
use model::{
    Finding, FindingLevel, HostSegmentView, HostView, HostsView, SegmentPhase, Share, StatusView,
    UnixMs, UserError,
};
use store::{ClusterNumbers, SegmentNumbers};

use crate::Actor;
use crate::error::Error;
use crate::panel::{Panel, lock};
use crate::permit::Action;
use crate::room::host_is_drained;

const ASK_WITHIN: Duration = Duration::from_secs(3);
const EXAMINE_WITHIN: Duration = Duration::from_secs(60);

/// What the doctor found last, by host.
#[derive(Default)]
pub(crate) struct Examined(Mutex<BTreeMap<String, (UnixMs, Vec<Finding>)>>);

impl Examined {
    fn get(&self, host: &str) -> Option<(UnixMs, Vec<Finding>)> {
        lock(&self.0).get(host).cloned()
    }
}

impl Panel {
    /// Pages about hosts do not exist for anybody else.
    pub(crate) fn administrator(actor: &Actor) -> Result<(), Error> {
        match actor.may(Action::HostManage) {
            true => Ok(()),
            false => Err(Error::not_found("page")),
        }
    }

    pub(crate) async fn hosts_get(&self, actor: &Actor) -> Result<HostsView, Error> {
        Self::administrator(actor)?;
        let asked = self.hosts.values().map(|host| async {
            match tokio::time::timeout(ASK_WITHIN, host.capacity()).await {
                Ok(Ok(capacity)) => Ok(capacity),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!("no answer within {} s", ASK_WITHIN.as_secs())),
            }
        });
        let capacities = join_all(asked).await;
        let mut tx = self.store.read().await?;
        let clusters = tx.numbers_clusters().await?;
        let segments = tx.numbers_segments().await?;
        let mut drained = BTreeSet::new();
        for name in self.hosts.keys() {
            if host_is_drained(&mut tx, name).await? {
                drained.insert(name.as_str());
            }
        }
        drop(tx);
        let views = self.hosts.keys().zip(capacities);
        let ids = u64::from((u32::MAX - self.settings.id_base) / wire::ID_RANGE);
        let ports = &self.settings.front_door_ports;
        let n_clusters = clusters.len() as u64;
        Ok(HostsView {
            hosts: views
                .map(|(name, capacity)| HostView {
                    is_drained: drained.contains(name.as_str()),
                    ..self.host_view(name, capacity, &clusters, &segments)
                })
                .collect(),
            network_pool: self.settings.pool.to_string(),
            subnets: Share {
                used: n_clusters,
                total: 1 << 24_u8.saturating_sub(self.settings.pool.prefix_len()),
            },
            ports: Share {
                used: n_clusters,
                total: ports.clone().count() as u64,
            },
            id_ranges: Share {
                used: segments.len() as u64,
                total: ids,
            },
            image: self.settings.image.clone(),
        })
    }

    fn host_view(
        &self,
        name: &str,
        capacity: Result<Capacity, String>,
        clusters: &[ClusterNumbers],
        segments: &[SegmentNumbers],
    ) -> HostView {
        let names: BTreeMap<_, _> = clusters
            .iter()
            .filter(|cluster| cluster.host == name)
            .map(|cluster| (cluster.id, cluster.name.clone()))
            .collect();
        let here: Vec<&SegmentNumbers> = segments
            .iter()
            .filter(|segment| names.contains_key(&segment.cluster_id))
            .collect();
        let sum = |of: fn(&SegmentNumbers) -> u64| here.iter().map(|segment| of(segment)).sum();
        let (examined_at, findings) = match self.examined.get(name) {
            Some((at, findings)) => (Some(at), findings),
            None => (None, Vec::new()),
        };
        let known = capacity.as_ref().ok();
        HostView {
            name: name.to_owned(),
            is_drained: false,
            memory_bytes: known.map(|c| Share {
                used: c.memory_total_mib.saturating_sub(c.memory_free_mib) << 20,
                total: c.memory_total_mib << 20,
            }),
            disk_bytes: known.map(|c| Share {
                used: c.disk_total_bytes.saturating_sub(c.disk_free_bytes),
                total: c.disk_total_bytes,
            }),
            cpus: known.map(|c| c.cpus),
            memory_promised_bytes: sum(|s| s.memory_mib << 20),
            vcpus_promised: sum(|s| u64::from(s.vcpus)),
            disk_promised_bytes: sum(|s| s.disk_bytes),
            segments: here
                .iter()
                .map(|segment| self.host_segment(segment, &names[&segment.cluster_id]))
                .collect(),
            examined_at,
            findings,
            trouble: capacity.err(),
        }
    }

    fn host_segment(&self, segment: &SegmentNumbers, cluster_name: &str) -> HostSegmentView {
        let key = (segment.cluster_id, segment.ordinal);
        let latest = self.rings.latest(key, self.now());
        let phase = segment.phase.as_deref().and_then(|word| word.parse().ok());
        HostSegmentView {
            cluster: segment.cluster_id,
            cluster_name: cluster_name.to_owned(),
            ordinal: segment.ordinal,
            phase: match segment.removing_since {
                Some(_) => SegmentPhase::Removing,
                None => phase.unwrap_or(SegmentPhase::Placed),
            },
            is_image_current: segment.image == self.settings.image,
            image: segment.image.clone(),
            memory_bytes: latest.and_then(|latest| latest.memory_bytes),
            cpu_centi: latest.and_then(|latest| latest.cpu_centi),
        }
    }

    /// The doctor looks at every host now.
    pub(crate) async fn hosts_examine(&self, actor: &Actor) -> Result<(), Error> {
        Self::administrator(actor)?;
        self.examine_all().await;
        Ok(())
    }

    /// At the start, and whenever an administrator asks.
    pub(crate) async fn examine_all(&self) {
        let asked = self.hosts.values().map(|host| async {
            let examined = tokio::time::timeout(EXAMINE_WITHIN, host.examine()).await;
            let findings = examined.unwrap_or_else(|_| {
                vec![Finding {
                    name: "doctor".to_owned(),
                    level: FindingLevel::Warn,
                    found: format!("no answer within {} s", EXAMINE_WITHIN.as_secs()),
                    mend: Some("run `carina host doctor` on the host".to_owned()),
                }]
            });
            (host.name().to_owned(), findings)
        });
        let all = join_all(asked).await;
        let now = self.now();
        let mut examined = lock(&self.examined.0);
        for (host, findings) in all {
            examined.insert(host, (now, findings));
        }
    }

    /// For everybody, where the configuration says so.
    pub(crate) async fn status(&self) -> Result<StatusView, Error> {
        let mut tx = self.store.read().await?;
        let is_public = self.status_is_public(&mut tx).await?;
        drop(tx);
        if !is_public {
            let what = "page".to_owned();
            return Err(UserError::NotFound { what }.into());
        }
        let asked = self.hosts.values().map(|host| async {
            let capacity = tokio::time::timeout(ASK_WITHIN, host.capacity()).await;
            capacity.is_ok_and(|capacity| capacity.is_ok())
        });
        let up = join_all(asked).await;
        let mut tx = self.store.read().await?;
        let clusters = tx.numbers_clusters().await?;
        let segments = tx.numbers_segments().await?;
        drop(tx);
        let phase = |cluster: &ClusterNumbers| match cluster.deleting_since {
            Some(_) => "deleting".to_owned(),
            None => cluster.phase.clone().unwrap_or_else(|| "new".to_owned()),
        };
        let is_settled =
            |c: &&ClusterNumbers| matches!(phase(c).as_str(), "active" | "degraded" | "error");
        let settled: Vec<&ClusterNumbers> = clusters.iter().filter(is_settled).collect();
        let answers = |c: &&&ClusterNumbers| {
            segments
                .iter()
                .any(|s| s.cluster_id == c.id && s.is_answering == Some(true))
        };
        Ok(StatusView {
            hosts: Share {
                used: up.iter().filter(|is_up| **is_up).count() as u64,
                total: up.len() as u64,
            },
            endpoints: Share {
                used: settled.iter().filter(answers).count() as u64,
                total: settled.len() as u64,
            },
            changing: (clusters.len() - settled.len()) as u64,
            at: self.now(),
        })
    }
}
