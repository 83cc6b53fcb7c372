//! Lists by the page.

use serde::{Deserialize, Serialize};

/// Rows of a page of a list, where nothing else is said.
pub const PER_PAGE: u32 = 50;

/// Some of a list, and where in it that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPage<T> {
    pub rows: Vec<T>,
    #[serde(flatten)]
    pub at: PageAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageAt {
    /// From 1.
    pub page: u32,
    pub pages: u32,
    /// That the filter lets through, on all pages.
    pub found: u32,
    /// Without a filter.
    pub total: u32,
}

impl PageAt {
    /// A page beyond the last one is the last one.
    pub fn of(found: u32, total: u32, page: u32, per_page: u32) -> Self {
        let pages = found.div_ceil(per_page).max(1);
        Self {
            page: page.clamp(1, pages),
            pages,
            found,
            total,
        }
    }

    /// Rows that stand before the page.
    pub fn skipped(self, per_page: u32) -> u32 {
        (self.page - 1) * per_page
    }
}

impl<T> ListPage<T> {
    /// Of a list that came whole, from elsewhere than a database.
    pub fn cut(found: Vec<T>, total: usize, page: u32) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let at = PageAt::of(count(found.len()), count(total), page, PER_PAGE);
        let rows = found
            .into_iter()
            .skip(at.skipped(PER_PAGE) as usize)
            .take(PER_PAGE as usize)
            .collect();
        Self { rows, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many are on the page, which one it is, and of how many.
    fn check(n: u32, page: u32, expect: (usize, u32, u32)) {
        let cut = ListPage::cut((0..n).collect(), n as usize, page);
        assert_eq!((cut.rows.len(), cut.at.page, cut.at.pages), expect);
        let first = cut.rows.first().copied().unwrap_or_default();
        assert_eq!(first, cut.at.skipped(PER_PAGE));
    }

    #[test]
    fn pages_are_full_but_for_the_last() {
        check(120, 1, (50, 1, 3));
        check(120, 3, (20, 3, 3));
        check(100, 2, (50, 2, 2));
        check(0, 1, (0, 1, 1));
    }

    #[test]
    fn a_page_that_is_not_there_is_the_nearest() {
        check(120, 0, (50, 1, 3));
        check(120, 99, (20, 3, 3));
        check(120, u32::MAX, (20, 3, 3));
    }
}
