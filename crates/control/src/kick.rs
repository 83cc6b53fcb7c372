//! “Look at this cluster”: the only thing anybody ever tells the loop.
//!
//! A *kick* comes of a wish or of an agent that registered: look at once. A *hint* comes of a host's
//! event, which our own failing tries make too: it must not get round the back-off.

use std::collections::BTreeSet;
use std::sync::Mutex;

use model::ClusterId;
use tokio::sync::Notify;

use crate::panel::lock;

/// Collapsing: a hundred of them before the loop looks are one.
#[derive(Default)]
pub(crate) struct Kicks {
    waiting: Mutex<Taken>,
    notify: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub kicked: BTreeSet<ClusterId>,
    pub hinted: BTreeSet<ClusterId>,
}

impl Kicks {
    pub(crate) fn kick(&self, cluster: ClusterId) {
        lock(&self.waiting).kicked.insert(cluster);
        self.notify.notify_one();
    }

    pub(crate) fn hint(&self, cluster: ClusterId) {
        lock(&self.waiting).hinted.insert(cluster);
        self.notify.notify_one();
    }

    /// Waits for the first one and takes all there are.
    pub(crate) async fn take(&self) -> Taken {
        loop {
            let taken = std::mem::take(&mut *lock(&self.waiting));
            if !taken.kicked.is_empty() || !taken.hinted.is_empty() {
                return taken;
            }
            self.notify.notified().await;
        }
    }
}
