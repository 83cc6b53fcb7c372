//! Which hosts have room for more segments, and which are to take none.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use host::Capacity;
use model::{HostChoiceView, HostFreeView, UserError};
use store::{ClusterWish, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;
use crate::placement::{Candidate, NoHost, NotThere, host_choose, host_take};
use crate::settings::Room;

/// A host that says nothing for so long counts as away.
const ASK_WITHIN: Duration = Duration::from_secs(2);
/// Before a host's name, among the panel's own values.
const DRAINED: &str = "host_drained:";
const YES: &str = "yes";

/// By host; None: it did not say.
pub(crate) type Capacities = BTreeMap<String, Option<Capacity>>;

impl Panel {
    /// What the hosts have left. Asked before a transaction, which must not wait for any of them.
    pub(crate) async fn capacities(&self) -> Capacities {
        let asked = self.hosts.iter().map(|(name, host)| async {
            let capacity = tokio::time::timeout(ASK_WITHIN, host.capacity()).await;
            (name.clone(), capacity.ok().and_then(Result::ok))
        });
        join_all(asked).await.into_iter().collect()
    }

    /// Is there anything to choose from?
    pub(crate) fn has_host_choice(&self) -> bool {
        self.hosts.len() > 1
    }

    /// Where a new cluster may be put, by name; nothing where there is one host alone. Who is no
    /// administrator hears of each how much of one cluster fits, and not how large it is.
    pub(crate) async fn host_choices(&self, actor: &Actor) -> Result<Vec<HostChoiceView>, Error> {
        actor.permit(Action::ClusterCreate)?;
        if !self.has_host_choice() {
            return Ok(Vec::new());
        }
        let capacities = self.capacities().await;
        let mut tx = self.store.read().await?;
        let disk_bytes = self.settings.flavor.disk_bytes;
        let candidates = self.candidates(&mut tx, &capacities, disk_bytes).await?;
        let has_numbers = actor.may(Action::HostManage);
        let view = |host: &Candidate<'_>| {
            let capacity = capacities.get(host.name).copied().flatten();
            let free = capacity
                .zip(host.room)
                .map(|(capacity, room)| HostFreeView {
                    segments: host.segments,
                    segments_fit: room,
                    memory_bytes: capacity.memory_free_mib << 20,
                    disk_bytes: capacity.disk_free_bytes,
                });
            let most = u64::from(model::MAX_SEGMENTS);
            HostChoiceView {
                name: host.name.to_owned(),
                is_drained: host.is_drained,
                segments_fit: host.room.and_then(|room| room.min(most).try_into().ok()),
                free: free.filter(|_| has_numbers),
            }
        };
        Ok(candidates.iter().map(view).collect())
    }

    /// The host of a new cluster: the one that was asked for, else the panel's own choice.
    pub(crate) async fn place_host(
        &self,
        tx: &mut Tx,
        capacities: &Capacities,
        asked: Option<&str>,
        segments: u32,
        disk_bytes: u64,
    ) -> Result<String, Error> {
        let candidates = self.candidates(tx, capacities, disk_bytes).await?;
        if let Some(name) = asked {
            let taken = host_take(&candidates, name, segments.into());
            return taken.map(str::to_owned).map_err(|why| unfit(name, why));
        }
        match host_choose(&candidates, segments.into()) {
            Ok(name) => Ok(name.to_owned()),
            Err(NoHost::None) => {
                let what = "A host for segments".to_owned();
                Err(UserError::Unavailable { what }.into())
            }
            Err(NoHost::Drained) => Err(Error::conflict(
                "No host takes new clusters at present. Tell the panel's owner.",
            )),
            Err(NoHost::Full) => Err(self.full(&candidates)),
        }
    }

    /// May the cluster's host get so many more of its segments?
    pub(crate) async fn host_room_check(
        &self,
        tx: &mut Tx,
        capacities: &Capacities,
        wish: &ClusterWish,
        more: u32,
    ) -> Result<(), Error> {
        let disk_bytes = self.disk_bytes(wish);
        let mut candidates = self.candidates(tx, capacities, disk_bytes).await?;
        candidates.retain(|candidate| candidate.name == wish.host);
        match host_choose(&candidates, more.into()) {
            // A host that the configuration has lost is for the reconciler to name.
            Ok(_) | Err(NoHost::None) => Ok(()),
            Err(NoHost::Drained) => Err(Error::conflict(
                "The host of this cluster takes no more segments at present. Tell the panel's owner.",
            )),
            Err(NoHost::Full) => Err(self.full(&candidates)),
        }
    }

    /// May the disks on this host grow by so much? A host that does not say is for the reconciler.
    pub(crate) fn disk_room_check(
        &self,
        capacities: &Capacities,
        host: &str,
        gained: u64,
    ) -> Result<(), Error> {
        let (room, usual) = (self.settings.room, self.settings.flavor.disk_bytes);
        let wanted = in_proportion(room.disk_bytes, usual, gained);
        let capacity = capacities.get(host).copied().flatten();
        match capacity.is_some_and(|capacity| capacity.disk_free_bytes < wanted) {
            false => Ok(()),
            true => Err(Error::conflict(
                "The machine of this cluster has no room for disks so large. Take less, or tell the \
                 panel's owner.",
            )),
        }
    }

    async fn candidates<'a>(
        &self,
        tx: &mut Tx,
        capacities: &'a Capacities,
        disk_bytes: u64,
    ) -> Result<Vec<Candidate<'a>>, Error> {
        let room = room_of(
            self.settings.room,
            self.settings.flavor.disk_bytes,
            disk_bytes,
        );
        let there = tx.segment_hosts().await?;
        let mut candidates = Vec::new();
        for (name, capacity) in capacities {
            let on_it = there.get(name).copied().unwrap_or_default();
            let coming = u64::try_from(on_it.coming).unwrap_or(0);
            let fit = capacity.map(|capacity| fit(capacity, room));
            candidates.push(Candidate {
                name,
                segments: u64::try_from(on_it.all).unwrap_or(0),
                room: fit.map(|fit| fit.saturating_sub(coming)),
                is_drained: host_is_drained(tx, name).await?,
            });
        }
        Ok(candidates)
    }

    /// In words for whoever asked; how much of what is left where is for administrators.
    fn full(&self, candidates: &[Candidate<'_>]) -> Error {
        let open = candidates.iter().filter(|host| !host.is_drained);
        let most = open.filter_map(|host| host.room).max().unwrap_or(0);
        let why = match most {
            0 => "The panel's machines are full: they have no room for one more segment. Delete \
                  what you do not need, or tell the panel's owner."
                .to_owned(),
            1 => "The panel's machines are nearly full: they have room for 1 more segment. Take \
                  fewer, or tell the panel's owner."
                .to_owned(),
            most => format!(
                "The panel's machines are nearly full: they have room for {most} more segments. \
                 Take fewer, or tell the panel's owner."
            ),
        };
        Error::conflict(why)
    }

    /// A host that is drained gets no new segments; those on it stay.
    pub(crate) async fn host_drain(
        &self,
        actor: &Actor,
        name: &str,
        is_drained: bool,
    ) -> Result<(), Error> {
        Self::administrator(actor)?;
        if !self.hosts.contains_key(name) {
            return Err(Error::not_found("host"));
        }
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let word = if is_drained { YES } else { "" };
        tx.panel_set(&format!("{DRAINED}{name}"), word).await?;
        let detail = if is_drained { "on" } else { "off" };
        let audit = self.audit(actor, "host_drain", name, detail);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Said beside the field, with what there is to do.
fn unfit(name: &str, why: NotThere) -> Error {
    let why = match why {
        NotThere::Unknown => {
            "The panel has no host of this name. Choose another one, or leave it to the panel."
                .to_owned()
        }
        NotThere::Drained => format!(
            "{name} takes nothing new at present. Choose another host, or leave it to the panel."
        ),
        NotThere::Full(0) => {
            format!("{name} is full. Choose another host, or leave it to the panel.")
        }
        NotThere::Full(1) => format!(
            "{name} has room for 1 more segment. Take fewer, choose another host, or leave it to \
             the panel."
        ),
        NotThere::Full(room) => format!(
            "{name} has room for {room} more segments. Take fewer, choose another host, or leave \
             it to the panel."
        ),
    };
    Error::invalid("host", why)
}

pub(crate) async fn host_is_drained(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    let value = tx.panel_get(&format!("{DRAINED}{name}")).await?;
    Ok(value.as_deref() == Some(YES))
}

/// A segment whose disk is larger than usual is likely to fill more of it.
fn room_of(room: Room, usual: u64, disk_bytes: u64) -> Room {
    let disk_bytes = in_proportion(room.disk_bytes, usual, disk_bytes);
    Room {
        disk_bytes: disk_bytes.max(room.disk_bytes),
        ..room
    }
}

/// What must be free for `bytes` of disk, where `room` must be for the usual one.
fn in_proportion(room: u64, usual: u64, bytes: u64) -> u64 {
    let wanted = u128::from(room) * u128::from(bytes) / u128::from(usual.max(1));
    u64::try_from(wanted).unwrap_or(u64::MAX)
}

/// How many segments could still be put there.
fn fit(capacity: Capacity, room: Room) -> u64 {
    let by_memory = capacity.memory_free_mib.checked_div(room.memory_mib);
    let by_disk = capacity.disk_free_bytes.checked_div(room.disk_bytes);
    // Whoever asks for no room at all has it anywhere.
    by_memory
        .unwrap_or(u64::MAX)
        .min(by_disk.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(memory_free_mib: u64, disk_free_gib: u64, memory_mib: u64, disk_gib: u64) -> u64 {
        let capacity = Capacity {
            memory_total_mib: 8192,
            memory_free_mib,
            cpus: 2,
            disk_total_bytes: 1 << 40,
            disk_free_bytes: disk_free_gib << 30,
        };
        let room = Room {
            memory_mib,
            disk_bytes: disk_gib << 30,
        };
        fit(capacity, room)
    }

    #[test]
    fn what_is_scarcer_decides() {
        assert_eq!(fits(1024, 100, 256, 1), 4);
        assert_eq!(fits(1024, 3, 256, 1), 3);
        assert_eq!(fits(255, 100, 256, 1), 0);
        assert_eq!(fits(0, 7, 0, 2), 3);
        assert_eq!(fits(0, 0, 0, 0), u64::MAX);
    }

    #[test]
    fn a_larger_disk_wants_more_room() {
        let usual = Room {
            memory_mib: 256,
            disk_bytes: 1 << 30,
        };
        let of = |gib: u64| room_of(usual, 20 << 30, gib << 30).disk_bytes >> 30;
        assert_eq!((of(2), of(20), of(200)), (1, 1, 10));
        assert_eq!(in_proportion(0, 20, u64::MAX), 0);
        assert_eq!(in_proportion(2, 1, u64::MAX), u64::MAX);
    }
}
