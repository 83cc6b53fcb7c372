//! Reading the audit: administrators all of it, others what they did and what was done to them.

use model::{AuditPage, AuditView, UnixMs};
use store::{AuditFilter, AuditRecord};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// Rows of one page.
const PAGE: i64 = 50;
/// Rows that an export reads at once.
const EXPORT: i64 = 5_000;

/// What somebody looks for; what is empty lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Who did it, by name.
    pub person: String,
    pub action: String,
    /// The cluster or account it was done to: by the name it had then, by that a cluster has now, or by
    /// its id.
    pub subject: String,
    pub since: Option<UnixMs>,
    pub until: Option<UnixMs>,
    /// As a page's `next` says.
    pub before: Option<String>,
}

/// Where a page ends that the next one goes on from.
pub(crate) fn next_key(at: UnixMs, id: &str) -> String {
    format!("{at}.{id}")
}

/// Anything else than a page's `next` is the beginning.
pub(crate) fn key(before: Option<&str>) -> (UnixMs, String) {
    let parsed = before.and_then(|text| {
        let (at, id) = text.split_once('.')?;
        Some((at.parse().ok()?, id.to_owned()))
    });
    parsed.unwrap_or((i64::MAX, String::new()))
}

fn view(row: AuditRecord) -> AuditView {
    AuditView {
        id: row.id,
        at: row.at,
        by: row.actor_name,
        action: row.action,
        subject: row.subject,
        detail: row.detail,
    }
}

impl Panel {
    pub(crate) async fn audit_page(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<AuditPage, Error> {
        self.audit_part(actor, query, PAGE).await
    }

    /// A larger part, for whoever wants all of it.
    pub(crate) async fn audit_export(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<AuditPage, Error> {
        self.audit_part(actor, query, EXPORT).await
    }

    async fn audit_part(
        &self,
        actor: &Actor,
        query: &AuditQuery,
        most: i64,
    ) -> Result<AuditPage, Error> {
        // One more than is wanted tells whether there is another page.
        let mut rows = self.audit_rows(actor, query, most + 1).await?;
        let has_more = rows.len() > usize::try_from(most).unwrap_or(usize::MAX);
        if has_more {
            rows.pop();
        }
        let last = rows.last().filter(|_| has_more);
        Ok(AuditPage {
            next: last.map(|row| next_key(row.at, &row.id)),
            rows,
        })
    }

    async fn audit_rows(
        &self,
        actor: &Actor,
        query: &AuditQuery,
        most: i64,
    ) -> Result<Vec<AuditView>, Error> {
        actor.permit(Action::OwnAccount)?;
        let about_id = match actor.may(Action::AuditAll) {
            true => String::new(),
            false => actor.account.id.to_string(),
        };
        let filter = AuditFilter {
            about_id,
            actor_name: query.person.trim().to_owned(),
            action: query.action.trim().to_owned(),
            subject: query.subject.trim().to_owned(),
            since: query.since.unwrap_or(i64::MIN),
            until: query.until.unwrap_or(i64::MAX),
            before: key(query.before.as_deref()),
        };
        let mut tx = self.store.read().await?;
        // An export is read part by part, for as long as whoever reads it takes.
        self.still(&mut tx, actor).await?;
        let rows = tx.audit_search(&filter, most).await?;
        Ok(rows.into_iter().map(view).collect())
    }
}

impl AuditQuery {
    /// From the beginning of one day to the end of another, in UTC; what is no day is left out.
    #[must_use]
    pub fn between(self, first: &str, last: &str) -> Self {
        Self {
            since: day_start(first),
            until: day_start(last).map(|at| at + DAY_MS),
            ..self
        }
    }
}

const DAY_MS: i64 = 86_400_000;

/// The first moment of a day that is written `2026-11-28`.
fn day_start(text: &str) -> Option<UnixMs> {
    let mut parts = text.trim().splitn(3, '-');
    let mut part = || parts.next()?.parse::<i64>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month);
    if !is_day || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970 of the Gregorian calendar, years beginning in March.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let in_years = year * 365 + year / 4 - year / 100 + year / 400;
    let days = in_years + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_utc() {
        for (text, at) in [
            ("1970-01-01", Some(0)),
            ("2000-03-01", Some(951_868_800_000)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2026-11-28", Some(1_795_824_000_000)),
            ("", None),
            ("2026-13-01", None),
            ("yesterday", None),
            ("2026-11", None),
        ] {
            assert_eq!(day_start(text), at, "{text}");
        }
    }

    #[test]
    fn only_a_pages_next_leads_further() {
        assert_eq!(key(Some("12.abc")), (12, "abc".to_owned()));
        for bad in [None, Some(""), Some("x.y"), Some("12")] {
            assert_eq!(key(bad), (i64::MAX, String::new()));
        }
    }
}
