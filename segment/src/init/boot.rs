//! What happened when during the start.

use std::sync::Mutex;
use std::time::Instant;

use wire::Milestone;

/// Milestones, counted from PID 1's first instruction of ours. Each is kept once.
pub struct Boot {
    began: Instant,
    milestones: Mutex<Vec<Milestone>>,
}

impl Boot {
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            milestones: Mutex::default(),
        }
    }

    pub fn reached(&self, name: &str) {
        let mut milestones = self.lock();
        if milestones.iter().all(|known| known.name != name) {
            let at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            super::log(&format!("{name} after {at_ms} ms"));
            milestones.push(Milestone {
                name: name.to_owned(),
                at_ms,
            });
        }
    }

    pub fn milestones(&self) -> Vec<Milestone> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Milestone>> {
        self.milestones
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
