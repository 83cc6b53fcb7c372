//! How often one address may ask: far more than agents and managers do, far less than would hurt.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At once: a segment that starts, its agent and its manager trying again at first.
const BURST: u32 = 120;
/// One more every so often: five a second for good.
const EVERY: Duration = Duration::from_millis(200);
/// Addresses that are remembered. There are fewer segments; more are somebody's game.
const ADDRESSES_MAX: usize = 4096;

/// For each address when its allowance will be whole again.
#[derive(Default)]
pub struct Rate(Mutex<HashMap<IpAddr, Instant>>);

impl Rate {
    /// Takes one from the address's allowance; `false` when nothing is left.
    pub fn take(&self, address: IpAddr, now: Instant) -> bool {
        let mut whole_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= ADDRESSES_MAX && !whole_at.contains_key(&address) {
            whole_at.retain(|_, at| *at > now);
            if whole_at.len() >= ADDRESSES_MAX {
                return false;
            }
        }
        let at = whole_at.get(&address).copied().unwrap_or(now).max(now) + EVERY;
        if at.duration_since(now) > EVERY * BURST {
            return false;
        }
        whole_at.insert(address, at);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from(0x0a54_0000 + n).into()
    }

    #[test]
    fn an_address_has_an_allowance_that_comes_back() {
        let (rate, now) = (Rate::default(), Instant::now());
        let taken = |at: Instant| (0..1000).filter(|_| rate.take(address(1), at)).count();
        assert_eq!(taken(now), BURST as usize);
        assert_eq!(taken(now), 0);
        assert_eq!(taken(now + EVERY * 3), 3);
        // Others have theirs.
        assert!(rate.take(address(2), now));
        assert_eq!(taken(now + Duration::from_secs(3600)), BURST as usize);
    }

    #[test]
    fn many_addresses_fill_no_memory() {
        let (rate, now) = (Rate::default(), Instant::now());
        let max = u32::try_from(ADDRESSES_MAX).unwrap();
        assert!((0..max).all(|n| rate.take(address(n), now)));
        assert!(!rate.take(address(max), now));
        assert!(rate.take(address(0), now), "who was there before goes on");
        assert!(rate.take(address(max), now + EVERY * 3), "places come free");
    }
}
