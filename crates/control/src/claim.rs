//! What a wish takes inside its own transaction, beside quota and a host: a subnet, a port, addresses, ids.
//! Writers stand in a line, so nothing is taken twice.

use std::collections::BTreeSet;

use host::NodeName;
use ipnet::Ipv4Net;
use store::{ClusterWish, SegmentWish, Text, Tx};

use crate::desired::subnet;
use crate::error::Error;
use crate::material::Authorities;
use crate::panel::Panel;
use crate::placement;

impl Panel {
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
                mac: wire::segment_mac(address),
                image: self.settings.image.clone(),
                memory_mib: flavor.memory_mib,
                vcpus: flavor.vcpus,
                disk_bytes: self.disk_bytes(wish),
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
