//! What people made beside the guests and their belongings: images, volumes and networks.

use model::{ClusterId, ThingKind};

use super::World;
use crate::EndpointTarget;

impl World {
    /// Names, each with its node where it has one.
    pub(super) fn made(
        &self,
        at: &EndpointTarget,
        kind: ThingKind,
    ) -> Vec<(String, Option<String>)> {
        let of_this =
            |(of, what, _): &(ClusterId, ThingKind, String)| *of == at.cluster && *what == kind;
        let all = self.made.iter().filter(|(key, _)| of_this(key));
        all.map(|((_, _, name), node)| (name.clone(), node.clone()))
            .collect()
    }

    /// Made (again): what was removed under this name is there once more.
    pub(super) fn make(
        &mut self,
        at: &EndpointTarget,
        kind: ThingKind,
        name: &str,
        node: Option<String>,
    ) {
        self.removed.retain(|(of, what, thing)| {
            *of != at.cluster || *what != kind || *thing != made_id(kind, name)
        });
        self.made.insert((at.cluster, kind, name.to_owned()), node);
    }
}

/// What the endpoint knows something by that was made under this name.
pub(super) fn made_id(kind: ThingKind, name: &str) -> String {
    match kind {
        ThingKind::Image => {
            let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256:{hex:0<64.64}")
        }
        ThingKind::Network => format!("net0{name}"),
        ThingKind::Volume | ThingKind::Service => name.to_owned(),
    }
}
