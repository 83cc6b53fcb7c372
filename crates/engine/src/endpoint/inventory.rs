//! Images, volumes and networks. What a manager tells of all segments at once does not say which
//! of them has what, so each is asked for by itself; there are few.

use async_trait::async_trait;
use host::{EndpointError, EndpointTarget, Inventory, NodeName};
use http::Method;
use model::{
    ImageName, ImageView, NetworkView, ServiceView, ThingKind, ThingName, ThingRef, VolumeView,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::things::{Holder, Network, held_networks, images, own_names, volumes};
use super::{DEADLINE, DEADLINE_ACT, change, door, make, pull, service, translated, within};
use crate::door::{Door, DoorError, nonsense};
use crate::{Engines, api};

async fn holders(door: &mut Door) -> Result<Vec<Holder>, DoorError> {
    door.get(api!("/containers/json?all=true")).await
}

/// Names of people's volumes, as one engine itself tells.
pub async fn own_volumes(door: &mut Door) -> Result<Vec<String>, DoorError> {
    let holders = holders(door).await?;
    Ok(own_names(door.get(api!("/volumes")).await?, &holders))
}

/// The same list of each segment that there is.
async fn of_each<T: DeserializeOwned>(
    door: &mut Door,
    at: &EndpointTarget,
    path: &str,
) -> Result<Vec<(String, T)>, DoorError> {
    let mut all = Vec::new();
    for node in &at.nodes {
        // A node's name needs no escaping but for the JSON around it.
        let filter = format!("?filters=%7B%22node%22%3A%5B%22{node}%22%5D%7D");
        all.push((
            node.to_string(),
            door.get(&format!("{path}{filter}")).await?,
        ));
    }
    Ok(all)
}

#[async_trait]
impl Inventory for Engines {
    async fn image_list(&self, at: &EndpointTarget) -> Result<Vec<ImageView>, EndpointError> {
        within("cluster", DEADLINE, async {
            let mut door = door(at).await?;
            let holders = holders(&mut door).await?;
            let lists = of_each(&mut door, at, api!("/images/json")).await?;
            Ok(images(lists, &holders))
        })
        .await
    }

    async fn image_prune(&self, at: &EndpointTarget) -> Result<u64, EndpointError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Pruned {
            #[serde(default)]
            space_reclaimed: u64,
        }
        within("cluster", DEADLINE_ACT, async {
            let body = door(at)
                .await?
                .call(Method::POST, api!("/images/prune"), bytes::Bytes::new())
                .await?;
            serde_json::from_slice::<Pruned>(&body)
                .map(|pruned| pruned.space_reclaimed)
                .map_err(|error| nonsense(&error))
        })
        .await
    }

    async fn image_pull(
        &self,
        at: &EndpointTarget,
        image: &ImageName,
        told: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), EndpointError> {
        let pulled = pull::pull(at, image, told).await;
        pulled.map_err(|error| translated("image", error))
    }

    async fn volume_list(&self, at: &EndpointTarget) -> Result<Vec<VolumeView>, EndpointError> {
        within("cluster", DEADLINE, async {
            let mut door = door(at).await?;
            let holders = holders(&mut door).await?;
            let lists = of_each(&mut door, at, api!("/volumes")).await?;
            Ok(volumes(lists, &holders))
        })
        .await
    }

    async fn volume_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
        node: Option<&NodeName>,
    ) -> Result<(), EndpointError> {
        let name = match node {
            Some(node) => format!("n{}/{name}", node.ordinal),
            None => name.to_string(),
        };
        let body = json!({ "Name": name, "Driver": "local" });
        within(
            "volume",
            DEADLINE_ACT,
            make(at, api!("/volumes/create"), &body),
        )
        .await
    }

    async fn network_list(&self, at: &EndpointTarget) -> Result<Vec<NetworkView>, EndpointError> {
        within("cluster", DEADLINE, async {
            let mut door = door(at).await?;
            let holders = holders(&mut door).await?;
            let list: Vec<Network> = door.get(api!("/networks")).await?;
            let held = held_networks(&holders);
            Ok(list
                .into_iter()
                .map(|network| network.into_view(&held))
                .collect())
        })
        .await
    }

    async fn network_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
    ) -> Result<(), EndpointError> {
        let body = json!({ "Name": name.as_str(), "CheckDuplicate": true });
        within(
            "network",
            DEADLINE_ACT,
            make(at, api!("/networks/create"), &body),
        )
        .await
    }

    async fn service_list(&self, at: &EndpointTarget) -> Result<Vec<ServiceView>, EndpointError> {
        within("cluster", DEADLINE, service::list(at)).await
    }

    async fn service_scale(
        &self,
        at: &EndpointTarget,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<(), EndpointError> {
        within("service", DEADLINE, service::scale(at, service, replicas)).await
    }

    async fn node_drain(
        &self,
        at: &EndpointTarget,
        node: &NodeName,
        is_drained: bool,
    ) -> Result<(), EndpointError> {
        within("node", DEADLINE, service::node_drain(at, node, is_drained)).await
    }

    async fn thing_remove(
        &self,
        at: &EndpointTarget,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<(), EndpointError> {
        let (what, path) = match kind {
            ThingKind::Image => ("image", format!(api!("/images/{}"), thing)),
            ThingKind::Volume => ("volume", format!(api!("/volumes/{}"), thing)),
            ThingKind::Network => ("network", format!(api!("/networks/{}"), thing)),
            ThingKind::Service => ("service", format!(api!("/services/{}"), thing)),
        };
        within(what, DEADLINE_ACT, change(at, Method::DELETE, &path)).await
    }
}
