//! The agent's half of [`crate::term`]: the latest term, and what is under way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// What is known of terms. A new agent knows none: the first one that it hears is the latest.
#[derive(Debug, Default, Clone)]
struct Known {
    latest: u64,
    /// How many requests of each term the engine has not answered yet.
    busy: BTreeMap<u64, usize>,
}

#[derive(Debug, Clone)]
pub struct Fence(Arc<watch::Sender<Known>>);

impl Default for Fence {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Known::default())))
    }
}

/// A request that is under way, until dropped.
#[derive(Debug)]
pub struct Busy {
    fence: Fence,
    term: u64,
}

impl Fence {
    /// Lets a request in, or says which later term there is.
    pub fn enter(&self, term: u64) -> Result<Busy, u64> {
        let mut refused = None;
        self.0.send_modify(|known| {
            if term < known.latest {
                refused = Some(known.latest);
            } else {
                known.latest = term;
                *known.busy.entry(term).or_default() += 1;
            }
        });
        match refused {
            Some(latest) => Err(latest),
            None => Ok(Busy {
                fence: self.clone(),
                term,
            }),
        }
    }

    /// Begins `term`, and waits for at most `limit` until nothing of an earlier one is under way; of
    /// this one neither, when the `whole` engine is to be quiet. Is that so?
    pub async fn begin(&self, term: u64, whole: bool, limit: Duration) -> Result<bool, u64> {
        drop(self.enter(term)?);
        let end = if whole { term.saturating_add(1) } else { term };
        let mut known = self.0.subscribe();
        let quiet = known.wait_for(|known| known.busy.range(..end).next().is_none());
        // It never closes: we hold the sender.
        Ok(tokio::time::timeout(limit, quiet).await.is_ok())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.fence.0.send_modify(|known| {
            if let Some(count) = known.busy.get_mut(&self.term) {
                *count -= 1;
                if *count == 0 {
                    known.busy.remove(&self.term);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn an_earlier_term_is_over_and_waited_for() {
        let fence = Fence::default();
        let first = fence.enter(5).expect("the first one heard");
        let begun = {
            let fence = fence.clone();
            tokio::spawn(async move { fence.begin(7, false, LONG).await })
        };
        let mut known = fence.0.subscribe();
        let heard = known.wait_for(|known| known.latest == 7).await.is_ok();
        assert!(heard);
        tokio::task::yield_now().await;
        assert!(!begun.is_finished(), "something of term 5 is under way");
        assert_eq!(fence.enter(5).err(), Some(7), "nothing new of it");
        let again = fence.begin(7, false, Duration::from_millis(5)).await;
        assert_eq!(again, Ok(false), "who asks hears that it still is");
        drop(first);
        assert_eq!(begun.await.expect("it ends"), Ok(true));
        assert_eq!(fence.begin(6, false, LONG).await, Err(7));
        let own = fence.enter(7).expect("the latest");
        let short = Duration::from_millis(5);
        assert_eq!(fence.begin(7, false, LONG).await, Ok(true));
        assert_eq!(fence.begin(7, true, short).await, Ok(false), "its own is");
        drop(own);
        assert_eq!(fence.begin(7, true, LONG).await, Ok(true));
        fence.enter(8).expect("a later one needs no fence");
        assert_eq!(fence.enter(7).err(), Some(8));
    }
}
