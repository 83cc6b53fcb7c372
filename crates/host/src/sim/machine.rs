//! The machines below the segments: one, or several that share one world of engines.

use crate::{Capacity, HostEvent};

use super::{Sim, World};

const MEMORY_TOTAL_MIB: u64 = 64 * 1024;
/// By a segment that runs.
const MEMORY_USED_MIB: u64 = 64;
const DISK_TOTAL_BYTES: u64 = 2 << 40;

impl Sim {
    /// Another machine of the same world: it has segments of its own, and the engines in them are
    /// reached through either.
    pub fn beside(&self, name: &str) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }

    /// The host goes away or comes back; segments do not notice.
    pub fn set_connected(&self, is_connected: bool) {
        let away = &mut self.lock().away;
        let event = match is_connected {
            true => {
                away.remove(&self.name);
                HostEvent::Connected
            }
            false => {
                away.insert(self.name.clone());
                HostEvent::Disconnected
            }
        };
        self.tell(event);
    }

    pub(super) fn is_connected(&self) -> bool {
        !self.lock().away.contains(&self.name)
    }

    /// So much memory is left on the machine, whatever runs there.
    pub fn set_memory_free(&self, mib: Option<u64>) {
        let free = &mut self.lock().memory_free_mib;
        match mib {
            Some(mib) => free.insert(self.name.clone(), mib),
            None => free.remove(&self.name),
        };
    }

    pub(super) fn capacity_now(&self, world: &World) -> Capacity {
        let running = world
            .segments
            .values()
            .filter(|segment| segment.on == self.name && segment.is_running());
        let used_mib = MEMORY_USED_MIB * running.count() as u64;
        let told = world.memory_free_mib.get(&self.name).copied();
        Capacity {
            memory_total_mib: MEMORY_TOTAL_MIB,
            memory_free_mib: told.unwrap_or_else(|| MEMORY_TOTAL_MIB.saturating_sub(used_mib)),
            cpus: 16,
            disk_total_bytes: DISK_TOTAL_BYTES,
            disk_free_bytes: DISK_TOTAL_BYTES / 2,
        }
    }
}
