//! Tells the panel which certificates are in use, so that people see which ones they can revoke.
//! TLS ends here: nobody else knows.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::discovery::Discovery;

/// More certificates than this in one minute are not all remembered.
const REMEMBERED_MAX: usize = 512;

/// Serials that came in since the panel was told last.
#[derive(Debug, Default)]
pub struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    pub fn note(&self, serial: &str) {
        let mut serials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if serials.len() < REMEMBERED_MAX && !serials.contains(serial) {
            serials.insert(serial.to_owned());
        }
    }

    /// The next few, which are forgotten here.
    fn take(&self) -> Vec<String> {
        let mut serials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next: Vec<String> = serials
            .iter()
            .take(wire::discovery::SEEN_MAX)
            .cloned()
            .collect();
        for serial in &next {
            serials.remove(serial);
        }
        next
    }
}

/// Once a minute, if there is anything to tell. What could not be told is told with the next.
pub async fn tell(seen: std::sync::Arc<Seen>, discovery: Discovery, stop: CancellationToken) {
    let every = Duration::from_secs(wire::discovery::SEEN_EVERY_S);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        let serials = seen.take();
        if serials.is_empty() {
            continue;
        }
        match discovery.seen(serials.clone()).await {
            // A discovery that takes none, or an older panel.
            None => return,
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "the panel was not told which certificates are in use");
                for serial in &serials {
                    seen.note(serial);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_bounded_and_told_once() {
        let seen = Seen::default();
        for n in 0..1000 {
            seen.note(&format!("{n:032x}"));
            seen.note(&format!("{n:032x}"));
        }
        let mut told = BTreeSet::new();
        loop {
            let next = seen.take();
            if next.is_empty() {
                break;
            }
            assert!(next.len() <= wire::discovery::SEEN_MAX);
            told.extend(next);
        }
        assert_eq!(told.len(), REMEMBERED_MAX);
    }
}
