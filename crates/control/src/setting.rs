//! What administrators decide in the panel itself. Until they do, the configuration holds; what it
//! alone decides is told beside it.

use model::{QuotaChoice, SettingLine, SettingsView};
use store::{QuotaRecord, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;
use crate::quota::{choice_check, words};
use crate::settings::Quota;

/// Among the panel's own values: two numbers with a blank between them.
const QUOTA: &str = "quota_default";
const STATUS: &str = "status_page";
const PUBLIC: &str = "public";

impl Panel {
    /// What an account or a team may have for which nothing else was fixed.
    pub(crate) async fn quota_default(&self, tx: &mut Tx) -> Result<Quota, Error> {
        let kept = tx.panel_get(QUOTA).await?;
        Ok(kept
            .as_deref()
            .and_then(quota_read)
            .unwrap_or(self.settings.quota))
    }

    pub(crate) async fn status_is_public(&self, tx: &mut Tx) -> Result<bool, Error> {
        let kept = tx.panel_get(STATUS).await?;
        Ok(kept.map_or(self.settings.is_status_public, |word| word == PUBLIC))
    }

    pub(crate) async fn settings_get(&self, actor: &Actor) -> Result<SettingsView, Error> {
        actor.permit(Action::SettingChange)?;
        let mut tx = self.store.read().await?;
        let default = self.quota_default(&mut tx).await?;
        Ok(SettingsView {
            quota: self.limits(QuotaRecord::default(), default),
            is_status_public: self.status_is_public(&mut tx).await?,
            lines: self.configured(),
        })
    }

    /// Clusters and segments; where there is no choice, the configuration's. What is there already
    /// stays, even if it is more.
    pub(crate) async fn quota_default_set(
        &self,
        actor: &Actor,
        choice: QuotaChoice,
    ) -> Result<(), Error> {
        actor.permit(Action::SettingChange)?;
        self.confirmed(actor)?;
        choice_check(choice)?;
        let configured = self.settings.quota;
        let quota = Quota {
            clusters: choice.clusters.unwrap_or(configured.clusters),
            segments: choice.segments.unwrap_or(configured.segments),
        };
        let limits = self.limits(QuotaRecord::default(), quota);
        let text = format!("{} {}", quota.clusters, quota.segments);
        self.setting_write(actor, QUOTA, &text, "quota_default_set", words(limits))
            .await
    }

    pub(crate) async fn status_page_set(
        &self,
        actor: &Actor,
        is_public: bool,
    ) -> Result<(), Error> {
        actor.permit(Action::SettingChange)?;
        self.confirmed(actor)?;
        let word = if is_public { PUBLIC } else { "hidden" };
        self.setting_write(actor, STATUS, word, "status_page_set", word.to_owned())
            .await
    }

    async fn setting_write(
        &self,
        actor: &Actor,
        key: &str,
        value: &str,
        action: &str,
        detail: String,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        tx.panel_set(key, value).await?;
        tx.audit_insert(&self.audit(actor, action, "", detail))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Nothing secret, and nothing that only a machine reads.
    fn configured(&self) -> Vec<SettingLine> {
        let all = &self.settings;
        let flavor = all.flavor;
        let ports = &all.front_door_ports;
        let time = |time: std::time::Duration| match time.as_secs() / 60 {
            minutes if minutes % 60 == 0 => format!("{} h", minutes / 60),
            minutes => format!("{minutes} min"),
        };
        let provider = all.provider.as_ref().map(|provider| provider.name.clone());
        let nothing = || "—".to_owned();
        let mode = match all.network_mode {
            host::NetworkMode::Nat => "nat",
            host::NetworkMode::Routed => "routed",
        };
        [
            (
                "http.public_origin",
                all.public_origin.clone().unwrap_or_else(nothing),
            ),
            ("oidc.name", provider.unwrap_or_else(nothing)),
            ("session.idle_minutes", time(all.session.idle)),
            ("session.absolute_hours", time(all.session.absolute)),
            ("segment.memory_mib", format!("{} MiB", flavor.memory_mib)),
            ("segment.vcpus", flavor.vcpus.to_string()),
            (
                "segment.disk_gib",
                format!("{} GiB", flavor.disk_bytes >> 30),
            ),
            ("segment.pids", flavor.pids.to_string()),
            ("network.pool", all.pool.to_string()),
            ("network.mode", mode.to_owned()),
            (
                "front_door.public_name",
                all.public_name.clone().unwrap_or_else(nothing),
            ),
            (
                "front_door.ports",
                format!("{}–{}", ports.start(), ports.end()),
            ),
        ]
        .map(|(key, value)| SettingLine {
            key: key.to_owned(),
            value,
        })
        .to_vec()
    }
}

fn quota_read(text: &str) -> Option<Quota> {
    let (clusters, segments) = text.split_once(' ')?;
    Some(Quota {
        clusters: clusters.parse().ok()?,
        segments: segments
            .parse()
            .ok()
            .filter(|n| (1..=model::MAX_SEGMENTS).contains(n))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_counts_as_nothing() {
        let read = |text| quota_read(text).map(|quota| (quota.clusters, quota.segments));
        assert_eq!(read("4 2"), Some((4, 2)));
        assert_eq!(read("0 3"), Some((0, 3)), "nobody has one of their own");
        for bad in ["", "4", "4 0", "4 99", "x 1", "4 1 1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
