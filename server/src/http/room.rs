//! How many streams may be open at once: in all, and for one account, so that nobody's forgotten
//! windows keep others out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use model::{AccountId, UserError};

/// For who gets none.
pub const CONSOLES_FULL: &str = "Too many consoles are open. Close one and try again.";
pub const LOGS_FULL: &str = "Too many logs are open. Close one and try again.";

pub struct Rooms {
    /// For who gets none.
    why: &'static str,
    total_max: usize,
    each_max: usize,
    open: Mutex<HashMap<AccountId, usize>>,
}

/// A place that is given back when this is dropped.
pub struct Room {
    rooms: Arc<Rooms>,
    account: AccountId,
}

impl Rooms {
    pub fn new(why: &'static str, total_max: usize, each_max: usize) -> Arc<Self> {
        Arc::new(Self {
            why,
            total_max,
            each_max,
            open: Mutex::default(),
        })
    }

    /// # Errors
    /// When the account, or everybody together, has as many as there may be.
    pub fn take(self: &Arc<Self>, account: AccountId) -> Result<Room, UserError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&account).copied().unwrap_or_default();
        if own >= self.each_max || open.values().sum::<usize>() >= self.total_max {
            let why = self.why.to_owned();
            return Err(UserError::Conflict { why });
        }
        open.insert(account, own + 1);
        Ok(Room {
            rooms: Arc::clone(self),
            account,
        })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut open = self
            .rooms
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut own) = open.entry(self.account) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_takes_no_more_than_its_share_and_all_no_more_than_there_is() {
        let rooms = Rooms::new("Close one.", 3, 2);
        let [ann, bob, eve] = [(); 3].map(|()| AccountId(uuid::Uuid::now_v7()));
        let first = rooms.take(ann).unwrap();
        let _second = rooms.take(ann).unwrap();
        assert!(rooms.take(ann).is_err(), "her share");
        let _third = rooms.take(bob).unwrap();
        assert!(rooms.take(eve).is_err(), "all there is");
        drop(first);
        let _fourth = rooms.take(eve).unwrap();
        assert!(rooms.take(ann).is_err(), "all there is again");
    }

    #[test]
    fn nothing_is_kept_of_who_has_none_open() {
        let rooms = Rooms::new("Close one.", 3, 2);
        drop(rooms.take(AccountId(uuid::Uuid::now_v7())).unwrap());
        assert!(rooms.open.lock().unwrap().is_empty());
    }
}
