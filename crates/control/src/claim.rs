//! What a wish takes inside its own transaction: quota, a host, a subnet, a port, addresses, ids.
//! Writers stand in a line, so nothing is taken twice and no quota is exceeded.

use std::collections::BTreeSet;

use host::NodeName;
use ipnet::Ipv4Net;
use model::{ClusterName, Phase, QuotaView, UserError};
use store::{ClusterWish, SegmentWish, Text, Tx};

use crate::Actor;
use crate::desired::subnet;
use crate::error::Error;
use crate::material::Authorities;
use crate::panel::Panel;
use crate::placement;

impl Panel {
    pub(crate) async fn quota(&self, actor: &Actor) -> Result<QuotaView, Error> {
        let mut tx = self.store.read().await?;
        let (counted, _) = count(&mut tx, actor).await?;
        let (quota, flavor) = (self.settings.quota, self.settings.flavor);
        Ok(QuotaView {
            clusters_used: counted,
            clusters_max: quota.clusters,
            segments_max: quota.segments,
            memory_per_segment_mib: flavor.memory_mib,
            vcpus_per_segment: flavor.vcpus,
            disk_per_segment_bytes: flavor.disk_bytes,
        })
    }

    pub(crate) async fn quota_check(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        name: &ClusterName,
    ) -> Result<(), Error> {
        let own = tx.cluster_by_account(actor.account.id).await?;
        if let Some(same) = own.iter().find(|wish| wish.name == *name) {
            let why = match same.deleting_since {
                None => format!("You have a cluster “{name}” already. Choose another name."),
                Some(_) => format!(
                    "“{name}” is still being deleted. Choose another name, or wait a moment."
                ),
            };
            return Err(Error::invalid("name", why));
        }
        let most = self.settings.quota.clusters;
        let (counted, all) = count(tx, actor).await?;
        if counted >= most {
            let why = format!("You have {counted} of {most} clusters. Delete one first.");
            return Err(Error::conflict(why));
        }
        // What never came up does not count, and still takes addresses: not without end.
        if all >= most.saturating_mul(2) {
            let why = format!(
                "{all} clusters of yours are failing or being deleted. Delete them, or wait until \
                 they are gone."
            );
            return Err(Error::conflict(why));
        }
        Ok(())
    }

    pub(crate) async fn place_host(&self, tx: &mut Tx) -> Result<String, Error> {
        let counts = tx.segment_hosts().await?;
        let names = self.hosts.keys().map(String::as_str);
        placement::host_with_room(names, |name| counts.get(name).copied().unwrap_or(0))
            .map(str::to_owned)
            .ok_or_else(|| {
                UserError::Unavailable {
                    what: "A host for segments".to_owned(),
                }
                .into()
            })
    }

    pub(crate) async fn place_network(
        &self,
        tx: &mut Tx,
        wish: ClusterWish,
    ) -> Result<ClusterWish, Error> {
        let all = tx.cluster_all().await?;
        let subnets: BTreeSet<Ipv4Net> = all.iter().filter_map(|w| subnet(w).ok()).collect();
        let ports = all.iter().map(|wish| wish.front_door_port).collect();
        let full = |what| Error::conflict(format!("The panel has no {what} left. Tell its owner."));
        let subnet = placement::free_subnet(self.settings.pool, &subnets)
            .ok_or_else(|| full("network addresses"))?;
        let port = placement::free_port(self.settings.front_door_ports.clone(), &ports)
            .ok_or_else(|| full("ports"))?;
        Ok(ClusterWish {
            subnet: subnet.to_string(),
            front_door_port: port,
            ..wish
        })
    }

    pub(crate) async fn segments_add(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
        authorities: &Authorities,
        ordinals: impl IntoIterator<Item = u32>,
    ) -> Result<(), Error> {
        let ordinals: Vec<u32> = ordinals.into_iter().collect();
        let taken = tx.segment_id_bases().await?;
        let taken = taken
            .into_iter()
            .filter_map(|base| u32::try_from(base).ok())
            .collect();
        let free = placement::free_id_bases(self.settings.id_base, &taken, ordinals.len())
            .ok_or_else(|| Error::conflict("The host has no user ids left. Tell its owner."))?;
        let (subnet, flavor) = (subnet(wish)?, self.settings.flavor);
        for (ordinal, id_base) in ordinals.into_iter().zip(free) {
            let address = placement::address(subnet, ordinal);
            let node = NodeName {
                cluster: wish.id,
                ordinal,
            };
            let material = authorities.segment(&node, address, subnet, &self.settings)?;
            tx.segment_insert(&SegmentWish {
                cluster_id: wish.id,
                ordinal,
                address: Text(address),
                id_base,
                mac: placement::mac(address),
                image: self.settings.image.clone(),
                memory_mib: flavor.memory_mib,
                vcpus: flavor.vcpus,
                disk_bytes: flavor.disk_bytes,
                pids: flavor.pids,
                seed_generation: wish.desired_generation,
                material: material.to_text()?,
                placed_at: self.now(),
                removing_since: None,
            })
            .await?;
        }
        Ok(())
    }
}

/// Clusters that count against the quota, and all there are. What is going away and what never
/// came up does not count.
async fn count(tx: &mut Tx, actor: &Actor) -> Result<(u32, u32), Error> {
    let (mut counted, mut all) = (0, 0);
    for wish in tx.cluster_by_account(actor.account.id).await? {
        all += 1;
        let fact = tx.fact_get(wish.id).await?;
        let never_came_up =
            fact.is_some_and(|f| f.phase == Phase::Error && f.first_active_at.is_none());
        if wish.deleting_since.is_none() && !never_came_up {
            counted += 1;
        }
    }
    Ok((counted, all))
}
