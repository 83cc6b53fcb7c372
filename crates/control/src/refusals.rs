//! What managers refused by policy becomes rows of the audit.
//!
//! It comes from inside a segment, whose root may say anything: only a cluster's own segments are
//! heard, each field is checked, and a cluster has a bounded number of rows for a day.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use model::{ClusterId, UnixMs, UserError};
use store::{AuditRecord, CertificateRecord, Tx};
use uuid::Uuid;
use wire::PolicyRefusal;
use wire::discovery::{PATH_MAX, REFUSALS_MAX};

use crate::error::Error;
use crate::panel::{Panel, lock};

/// Rows that one cluster gets in a day.
const A_DAY_MAX: u32 = 500;
const DAY_MS: UnixMs = 86_400_000;
/// Who has a certificate that nobody downloaded: a container, by what `swarm-data` shows it.
const OWN: &str = "swarm-data";
const ACTION: &str = "docker_refused";

/// Rows of each cluster on the last day that it had some.
#[derive(Default)]
pub(crate) struct RefusalCounts(Mutex<HashMap<ClusterId, (UnixMs, u32)>>);

enum Room {
    Free,
    /// The last row says that there are no more.
    Last,
    None,
}

impl RefusalCounts {
    fn take(&self, cluster: ClusterId, now: UnixMs) -> Room {
        let day = now.div_euclid(DAY_MS);
        let mut all = lock(&self.0);
        let (of, count) = all.entry(cluster).or_insert((day, 0));
        if *of != day {
            (*of, *count) = (day, 0);
        }
        *count = count.saturating_add(1);
        match (*count).cmp(&A_DAY_MAX) {
            std::cmp::Ordering::Less => Room::Free,
            std::cmp::Ordering::Equal => Room::Last,
            std::cmp::Ordering::Greater => Room::None,
        }
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }
}

impl Panel {
    pub(crate) async fn discovery_refusals(
        &self,
        token: &str,
        remote: IpAddr,
        list: &[PolicyRefusal],
    ) -> Result<(), Error> {
        let (wish, segments) = self.by_token(token).await?;
        if !self.is_told_by(&segments, remote) {
            let why = "Only a cluster's segments say what they refused.".to_owned();
            return Err(UserError::NotAllowed { why }.into());
        }
        if list.len() > REFUSALS_MAX || !list.iter().all(is_well_formed) {
            return Err(Error::invalid("body", "give refusals as they are"));
        }
        let mut tx = self.store.write().await?;
        let certificates = tx.certificate_list(wish.id).await?;
        for refusal in list {
            let detail = match self.refusal_counts.take(wish.id, self.now()) {
                Room::Free => words(refusal),
                Room::Last => "no more refused calls of this cluster are written today".into(),
                Room::None => break,
            };
            let (actor_id, actor_name) = who(&mut tx, &certificates, &refusal.serial).await?;
            let row = AuditRecord {
                id: Uuid::now_v7().to_string(),
                at: self.now(),
                actor_id,
                actor_name,
                action: ACTION.to_owned(),
                subject: wish.name.to_string(),
                subject_id: wish.id.to_string(),
                // The owner sees them, whoever it was.
                owner_id: wish.owner_id.to_string(),
                detail,
            };
            tx.audit_insert(&row).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The account of whoever downloaded the certificate: id and name.
async fn who(
    tx: &mut Tx,
    certificates: &[CertificateRecord],
    serial: &str,
) -> Result<(String, String), Error> {
    let made_by = certificates
        .iter()
        .find(|certificate| certificate.serial == serial)
        .map(|certificate| certificate.made_by.as_str());
    let Some(name) = made_by else {
        return Ok((String::new(), OWN.to_owned()));
    };
    let account = match name.parse() {
        Ok(name) => tx.account_by_name(&name).await?,
        Err(_) => None,
    };
    let id = account.map_or_else(String::new, |account| account.id.to_string());
    Ok((id, name.to_owned()))
}

fn is_well_formed(refusal: &PolicyRefusal) -> bool {
    let PolicyRefusal {
        code,
        serial,
        method,
        path,
        count,
    } = refusal;
    let is_method = !method.is_empty()
        && method.len() <= 10
        && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_path = path.len() <= PATH_MAX && path.bytes().all(|byte| byte.is_ascii_graphic());
    let is_serial = serial.len() <= 64 && serial.bytes().all(|byte| byte.is_ascii_hexdigit());
    (1000..1100).contains(code) && *count > 0 && is_method && is_path && is_serial
}

fn words(refusal: &PolicyRefusal) -> String {
    let PolicyRefusal {
        code,
        method,
        path,
        count,
        ..
    } = refusal;
    let times = match count {
        1 => String::new(),
        n => format!(", {n} times"),
    };
    format!("CARINA-{code}: {method} {path}{times}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> PolicyRefusal {
        PolicyRefusal {
            code: 1002,
            serial: "0a1b".into(),
            method: "POST".into(),
            path: "/v1.45/containers/create".into(),
            count: 1,
        }
    }

    #[test]
    fn what_a_segment_says_is_checked() {
        assert!(is_well_formed(&refusal()));
        let wrong: [fn(&mut PolicyRefusal); 8] = [
            |one| one.code = 999,
            |one| one.code = 1100,
            |one| one.serial = "xy".into(),
            |one| one.method = "post\n".into(),
            |one| one.method = String::new(),
            |one| one.path = "/a b".into(),
            |one| one.path = "/".repeat(PATH_MAX + 1),
            |one| one.count = 0,
        ];
        for (k, change) in wrong.iter().enumerate() {
            let mut one = refusal();
            change(&mut one);
            assert!(!is_well_formed(&one), "{k}");
        }
    }

    #[test]
    fn a_cluster_has_its_rows_for_a_day() {
        let (counts, cluster) = (RefusalCounts::default(), ClusterId(Uuid::now_v7()));
        let free = |at| {
            (0..A_DAY_MAX * 2)
                .filter(|_| matches!(counts.take(cluster, at), Room::Free))
                .count()
        };
        assert_eq!(free(5), 499);
        assert_eq!(free(DAY_MS - 1), 0);
        assert_eq!(free(DAY_MS), 499);
    }

    #[test]
    fn a_row_says_rule_call_and_how_often() {
        let mut one = refusal();
        assert_eq!(words(&one), "CARINA-1002: POST /v1.45/containers/create");
        one.count = 3;
        assert!(words(&one).ends_with("create, 3 times"));
    }
}
