//! Clusters by the page: however many somebody sees, only those that are shown are read.

use model::{ClusterId, ClusterPageView, PageAt};

use crate::Actor;
use crate::desired::Rows;
use crate::error::Error;
use crate::gate::Places;
use crate::panel::Panel;
use crate::permit::Action;

/// Clusters of a page.
pub(crate) const PER_PAGE: u32 = 24;

impl Panel {
    /// Those whose names have `filter` in them. A page beyond the last one is the last one.
    pub(crate) async fn cluster_page(
        &self,
        actor: &Actor,
        filter: &str,
        page: u32,
    ) -> Result<ClusterPageView, Error> {
        actor.permit(Action::ClusterSee)?;
        let mut tx = self.store.read().await?;
        let all = tx.cluster_names(actor.account.id).await?;
        let places = Places::of(&mut tx, actor).await?;
        let (ids, at) = chosen(all, filter, page);
        let mut rows = Vec::new();
        let mut clusters = Vec::new();
        for id in ids {
            if let Some(found) = Rows::load(&mut tx, id).await? {
                clusters.push(self.cluster_view(&mut tx, actor, &places, &found).await?);
                rows.push(found);
            }
        }
        drop(tx);
        Ok(ClusterPageView {
            clusters,
            trends: self.trends(&rows),
            at,
        })
    }
}

fn chosen(all: Vec<(ClusterId, String)>, filter: &str, page: u32) -> (Vec<ClusterId>, PageAt) {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let total = count(all.len());
    // Names have no upper case.
    let filter = filter.trim().to_ascii_lowercase();
    let ids: Vec<ClusterId> = all
        .into_iter()
        .filter(|(_, name)| name.contains(&filter))
        .map(|(id, _)| id)
        .collect();
    let at = PageAt::of(count(ids.len()), total, page, PER_PAGE);
    let skipped = at.skipped(PER_PAGE) as usize;
    let ids = ids.into_iter().skip(skipped).take(PER_PAGE as usize);
    (ids.collect(), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(n: u128) -> Vec<(ClusterId, String)> {
        (0..n)
            .map(|n| (ClusterId(uuid::Uuid::from_u128(n)), format!("web-{n}")))
            .collect()
    }

    /// How many are on the page, how many there are, and which page it is.
    fn check(n: u128, filter: &str, page: u32, expect: (usize, u32, u32)) {
        let (ids, at) = chosen(all(n), filter, page);
        assert_eq!((ids.len(), at.found, at.page), expect, "{filter}");
    }

    #[test]
    fn pages_are_full_but_for_the_last() {
        check(50, "", 1, (24, 50, 1));
        check(50, "", 3, (2, 50, 3));
        check(48, "", 2, (24, 48, 2));
        check(0, "", 1, (0, 0, 1));
    }

    #[test]
    fn a_page_that_is_not_there_is_the_nearest() {
        check(50, "", 0, (24, 50, 1));
        check(50, "", 99, (2, 50, 3));
        check(50, "", u32::MAX, (2, 50, 3));
    }

    #[test]
    fn a_filter_is_a_part_of_the_name() {
        check(50, " WEB-4 ", 1, (11, 11, 1));
        check(50, "nothing", 2, (0, 0, 1));
    }
}
