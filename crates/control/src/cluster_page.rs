//! Clusters by the page: however many somebody sees, only those that are shown are read.

use model::{ClusterId, ClusterPageView};

use crate::Actor;
use crate::desired::Rows;
use crate::error::Error;
use crate::gate::Places;
use crate::panel::Panel;
use crate::permit::Action;

/// Clusters of a page.
pub(crate) const PER_PAGE: usize = 24;

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
        let total = all.len();
        let places = Places::of(&mut tx, actor).await?;
        let (shown, page) = chosen(all, filter, page);
        let mut rows = Vec::new();
        let mut clusters = Vec::new();
        for id in shown.ids {
            if let Some(found) = Rows::load(&mut tx, id).await? {
                clusters.push(self.cluster_view(&mut tx, actor, &places, &found).await?);
                rows.push(found);
            }
        }
        drop(tx);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(ClusterPageView {
            clusters,
            trends: self.trends(&rows),
            page,
            pages: count(shown.found.div_ceil(PER_PAGE).max(1)),
            found: count(shown.found),
            total: count(total),
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    ids: Vec<ClusterId>,
    found: usize,
}

fn chosen(all: Vec<(ClusterId, String)>, filter: &str, page: u32) -> (Chosen, u32) {
    // Names have no upper case.
    let filter = filter.trim().to_ascii_lowercase();
    let ids: Vec<ClusterId> = all
        .into_iter()
        .filter(|(_, name)| name.contains(&filter))
        .map(|(id, _)| id)
        .collect();
    let pages = ids.len().div_ceil(PER_PAGE).max(1);
    let page = usize::try_from(page).unwrap_or(usize::MAX).clamp(1, pages);
    let found = ids.len();
    let ids = ids.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE);
    let chosen = Chosen {
        ids: ids.collect(),
        found,
    };
    (chosen, u32::try_from(page).unwrap_or(u32::MAX))
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
    fn check(n: u128, filter: &str, page: u32, expect: (usize, usize, u32)) {
        let (chosen, page) = chosen(all(n), filter, page);
        assert_eq!((chosen.ids.len(), chosen.found, page), expect, "{filter}");
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
