//! “Look at this cluster”: the only thing anybody ever tells the loop.

use std::collections::BTreeSet;
use std::sync::Mutex;

use model::ClusterId;
use tokio::sync::Notify;

use crate::panel::lock;

/// Kicks collapse: a hundred of them before the loop looks are one.
#[derive(Default)]
pub(crate) struct Kicks {
    waiting: Mutex<BTreeSet<ClusterId>>,
    notify: Notify,
}

impl Kicks {
    pub(crate) fn kick(&self, cluster: ClusterId) {
        lock(&self.waiting).insert(cluster);
        self.notify.notify_one();
    }

    /// Waits for the first kick and takes all there are.
    pub(crate) async fn take(&self) -> BTreeSet<ClusterId> {
        loop {
            let taken = std::mem::take(&mut *lock(&self.waiting));
            if !taken.is_empty() {
                return taken;
            }
            self.notify.notified().await;
        }
    }
}
