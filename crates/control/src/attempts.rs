//! Failed sign-ins, counted per account and per address in memory; a bounded table.
//!
//! Documented limits: ten failures per account name and address block, twenty-five per account
//! name from anywhere and fifty per address block, each within five minutes; then nothing is
//! checked until the five minutes are over. The first limit is what people meet; the second stops
//! many machines from trying one account, without letting one stranger lock a person out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use model::{UnixMs, UserError};

use crate::panel::lock;

const WINDOW_MS: i64 = 5 * 60_000;
const PER_PAIR: u32 = 10;
const PER_ACCOUNT: u32 = 25;
const PER_ADDRESS: u32 = 50;
/// The most entries; the oldest go first.
const ENTRIES_MAX: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    Account(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: UnixMs,
    tries: u32,
}

#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<Key, Window>>);

impl Attempts {
    /// Counts a try before anything is computed, so that a hundred at once are a hundred; refused
    /// beyond the limits. [`Attempts::succeeded`] takes a good one back.
    pub(crate) fn begin(&self, name: &str, from: IpAddr, now: UnixMs) -> Result<(), UserError> {
        let mut table = lock(&self.0);
        for (key, most) in keys(name, from) {
            let Some(window) = table.get(&key) else {
                continue;
            };
            let left_ms = window.since + WINDOW_MS - now;
            if window.tries >= most && left_ms > 0 {
                let retry_after_s = u32::try_from(left_ms / 1000 + 1).unwrap_or(u32::MAX);
                return Err(UserError::TooMany { retry_after_s });
            }
        }
        for (key, _) in keys(name, from) {
            if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
                make_room(&mut table, now);
            }
            let window = table.entry(key).or_insert(Window {
                since: now,
                tries: 0,
            });
            if now - window.since >= WINDOW_MS {
                *window = Window {
                    since: now,
                    tries: 0,
                };
            }
            window.tries += 1;
        }
        Ok(())
    }

    /// The person is who they say: what they mistyped is forgotten, what others tried is not.
    pub(crate) fn succeeded(&self, name: &str, from: IpAddr) {
        let mut table = lock(&self.0);
        for (key, _) in keys(name, from) {
            match (&key, table.get_mut(&key)) {
                (Key::Pair(..), Some(_)) => {
                    table.remove(&key);
                }
                (_, Some(window)) => window.tries = window.tries.saturating_sub(1),
                (_, None) => {}
            }
        }
    }
}

fn keys(name: &str, from: IpAddr) -> impl Iterator<Item = (Key, u32)> {
    // Names are limited here: whatever somebody types is a key.
    let name: String = name.chars().take(64).collect();
    let from = block(from);
    // Who asks from no address shares it with everybody: a few people would stop all others.
    let address = (!from.is_unspecified()).then_some((Key::Address(from), PER_ADDRESS));
    [
        (Key::Pair(name.clone(), from), PER_PAIR),
        (Key::Account(name), PER_ACCOUNT),
    ]
    .into_iter()
    .chain(address)
}

/// One IPv6 customer has a /64 at least.
fn block(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => {
                let bits = u128::from(v6) & !u128::from(u64::MAX);
                std::net::Ipv6Addr::from(bits).into()
            }
        },
        v4 => v4,
    }
}

fn make_room(table: &mut HashMap<Key, Window>, now: UnixMs) {
    table.retain(|_, window| now - window.since < WINDOW_MS);
    if table.len() < ENTRIES_MAX {
        return;
    }
    let mut ages: Vec<UnixMs> = table.values().map(|window| window.since).collect();
    ages.sort_unstable();
    let middle = ages[ages.len() / 2];
    table.retain(|_, window| window.since > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
    }

    #[test]
    fn ten_failures_stop_one_address_and_not_the_account_elsewhere() {
        let attempts = Attempts::default();
        for n in 0..10 {
            assert!(attempts.begin("ada", address(1), n).is_ok());
        }
        let refused = attempts.begin("ada", address(1), 10);
        assert_eq!(refused, Err(UserError::TooMany { retry_after_s: 300 }));
        assert!(attempts.begin("ada", address(2), 10).is_ok());
        assert!(attempts.begin("ada", address(1), WINDOW_MS).is_ok());
    }

    #[test]
    fn many_addresses_stop_at_the_accounts_own_limit() {
        let attempts = Attempts::default();
        for n in 0..PER_ACCOUNT {
            assert!(attempts.begin("ada", address(n), 0).is_ok());
        }
        assert!(attempts.begin("ada", address(99), 1).is_err());
        assert!(attempts.begin("bob", address(99), 1).is_ok());
    }

    #[test]
    fn a_success_forgets_what_the_person_mistyped_and_is_no_try() {
        let attempts = Attempts::default();
        for _ in 0..9 {
            attempts.begin("ada", address(1), 0).unwrap();
        }
        for _ in 0..100 {
            attempts.begin("ada", address(1), 0).unwrap();
            attempts.succeeded("ada", address(1));
        }
        assert!(attempts.begin("ada", address(1), 1).is_ok());
    }

    #[test]
    fn proofs_of_many_people_do_not_stop_one_another() {
        let attempts = Attempts::default();
        let nowhere = IpAddr::from([0, 0, 0, 0]);
        for person in 0..20 {
            for _ in 0..PER_PAIR {
                attempts
                    .begin(&format!("p{person} code"), nowhere, 0)
                    .unwrap();
            }
        }
        assert!(attempts.begin("p0 code", nowhere, 1).is_err());
        assert!(attempts.begin("ada code", nowhere, 1).is_ok());
    }

    #[test]
    fn an_ipv6_neighborhood_counts_as_one() {
        let attempts = Attempts::default();
        for n in 0..10u16 {
            let from = std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, n, n, n, n);
            attempts.begin("ada", from.into(), 0).unwrap();
        }
        assert!(
            attempts
                .begin("ada", "2001:db8::7".parse().unwrap(), 1)
                .is_err()
        );
    }

    #[test]
    fn the_table_stays_small_whatever_people_type() {
        let attempts = Attempts::default();
        for n in 0..(ENTRIES_MAX as u32 * 2) {
            attempts
                .begin(&format!("name-{n}"), address(n), i64::from(n))
                .unwrap();
        }
        assert!(lock(&attempts.0).len() <= ENTRIES_MAX);
    }
}
