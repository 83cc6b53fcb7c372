//! Who is watching: samples are taken for them alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use model::AccountId;

use crate::panel::lock;

#[derive(Default, Clone)]
pub(crate) struct Watchers(Arc<Mutex<BTreeMap<AccountId, usize>>>);

/// One page that is open; it ends with its stream.
pub(crate) struct Watching {
    watchers: Watchers,
    account: AccountId,
}

impl Watchers {
    pub(crate) fn begin(&self, account: AccountId) -> Watching {
        *lock(&self.0).entry(account).or_default() += 1;
        Watching {
            watchers: self.clone(),
            account,
        }
    }

    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        lock(&self.0).keys().copied().collect()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut accounts = lock(&self.watchers.0);
        if let Some(count) = accounts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}
