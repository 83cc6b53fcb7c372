//! Images on their way: pulling one takes longer than a page waits, so it goes on by itself, and the
//! page says how far it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use model::{ClusterId, ImageName, PullView, UnixMs};

use crate::Actor;
use crate::error::Error;
use crate::panel::{Panel, lock};
use crate::permit::Action;

/// Of one cluster at once.
const RUNNING_MAX: usize = 3;
/// Of one cluster, those that have ended included: the oldest are forgotten.
const KEPT_MAX: usize = 6;
/// One that has ended is told for so long.
const TOLD_MS: i64 = 10 * 60_000;
/// Pages look again at most so often for a line of progress.
const LOOK_MS: i64 = 1_000;

#[derive(Default)]
pub(crate) struct Pulls(Mutex<HashMap<ClusterId, Vec<Pull>>>);

struct Pull {
    view: PullView,
    told_at: UnixMs,
}

impl Pulls {
    /// What ended long ago goes first, of all clusters.
    fn begin(&self, cluster: ClusterId, image: &ImageName, now: UnixMs) -> Result<(), Error> {
        let mut all = lock(&self.0);
        all.retain(|_, pulls| {
            pulls.retain(|one| one.view.ended_at.is_none_or(|at| now - at < TOLD_MS));
            !pulls.is_empty()
        });
        let pulls = all.entry(cluster).or_default();
        let name = image.to_string();
        let is_running = |one: &&Pull| one.view.ended_at.is_none();
        if pulls
            .iter()
            .filter(is_running)
            .any(|one| one.view.name == name)
        {
            let why = format!("{name} is being pulled already.");
            return Err(Error::conflict(why));
        }
        if pulls.iter().filter(is_running).count() >= RUNNING_MAX {
            let why = format!("{RUNNING_MAX} images are being pulled. Wait until one is there.");
            return Err(Error::conflict(why));
        }
        pulls.retain(|one| one.view.name != name);
        // The oldest that has ended: fewer may run than are kept, so there is one.
        let has_ended = |one: &Pull| one.view.ended_at.is_some();
        if pulls.len() >= KEPT_MAX
            && let Some(oldest) = pulls.iter().rposition(has_ended)
        {
            pulls.remove(oldest);
        }
        let view = PullView {
            name,
            line: String::new(),
            started_at: now,
            ended_at: None,
            failure: None,
        };
        pulls.insert(0, Pull { view, told_at: now });
        Ok(())
    }

    /// Whether it is time for pages to look again.
    fn tell(&self, cluster: ClusterId, image: &ImageName, now: UnixMs, line: String) -> bool {
        self.with(cluster, image, |pull| {
            pull.view.line = line;
            let is_time = now - pull.told_at >= LOOK_MS;
            if is_time {
                pull.told_at = now;
            }
            is_time
        })
        .unwrap_or(false)
    }

    fn end(&self, cluster: ClusterId, image: &ImageName, now: UnixMs, failure: Option<String>) {
        self.with(cluster, image, |pull| {
            pull.view.ended_at = Some(now);
            pull.view.failure = failure;
        });
    }

    fn with<T>(
        &self,
        cluster: ClusterId,
        image: &ImageName,
        work: impl FnOnce(&mut Pull) -> T,
    ) -> Option<T> {
        let mut all = lock(&self.0);
        let name = image.to_string();
        let pulls = all.get_mut(&cluster)?;
        pulls.iter_mut().find(|one| one.view.name == name).map(work)
    }

    fn list(&self, cluster: ClusterId, now: UnixMs) -> Vec<PullView> {
        let all = lock(&self.0);
        let told = |one: &&Pull| one.view.ended_at.is_none_or(|at| now - at < TOLD_MS);
        let pulls = all.get(&cluster).into_iter().flatten();
        pulls.filter(told).map(|one| one.view.clone()).collect()
    }
}

impl Panel {
    /// Begins, and goes on whoever looks; audited when it ends.
    pub(crate) async fn image_pull(
        self: Arc<Self>,
        actor: &Actor,
        id: ClusterId,
        name: &str,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let image: ImageName = name.parse().map_err(|why| Error::invalid("name", why))?;
        self.pulls.begin(id, &image, self.now())?;
        self.changed(wish.owner_id, id);
        let actor = actor.clone();
        tokio::spawn(async move {
            let told = |line: String| {
                if self.pulls.tell(id, &image, self.now(), line) {
                    self.changed(wish.owner_id, id);
                }
            };
            let outcome = self.endpoint.image_pull(&at, &image, &told).await;
            let what = image.to_string();
            let outcome = self
                .outcome_audit(&actor, "image_pull", &wish, what, outcome)
                .await;
            let failure = outcome.err().map(|error| error.into_user().to_string());
            self.pulls.end(id, &image, self.now(), failure);
            self.changed(wish.owner_id, id);
        });
        Ok(())
    }

    /// The newest first.
    pub(crate) async fn image_pulls(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<PullView>, Error> {
        let mut tx = self.store.read().await?;
        self.own_for(&mut tx, actor, id, Action::ClusterSee).await?;
        Ok(self.pulls.list(id, self.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ImageName {
        text.parse().unwrap()
    }

    #[test]
    fn so_many_are_pulled_at_once_and_so_many_are_kept() {
        let (pulls, cluster) = (Pulls::default(), ClusterId(uuid::Uuid::now_v7()));
        for n in 0..RUNNING_MAX {
            pulls.begin(cluster, &name(&format!("a{n}")), 0).unwrap();
        }
        assert!(pulls.begin(cluster, &name("a0"), 0).is_err(), "twice");
        assert!(pulls.begin(cluster, &name("more"), 0).is_err(), "too many");
        for n in 0..20 {
            pulls.end(cluster, &name("a0"), n, None);
            pulls.begin(cluster, &name("a0"), n).unwrap();
            pulls.end(cluster, &name("a0"), n, None);
            let other = name(&format!("b{n}"));
            pulls.begin(cluster, &other, n).unwrap();
            pulls.end(cluster, &other, n, Some("no".to_owned()));
        }
        assert!(pulls.list(cluster, 20).len() <= KEPT_MAX);
        assert_eq!(pulls.list(cluster, 20)[0].failure.as_deref(), Some("no"));
    }

    #[test]
    fn one_that_runs_is_never_forgotten() {
        let (pulls, cluster) = (Pulls::default(), ClusterId(uuid::Uuid::now_v7()));
        pulls.begin(cluster, &name("slow"), 0).unwrap();
        for n in 0..KEPT_MAX as i64 * 2 {
            let short = name(&format!("short{n}"));
            pulls.begin(cluster, &short, n).unwrap();
            pulls.end(cluster, &short, n, None);
        }
        assert!(pulls.begin(cluster, &name("slow"), 99).is_err(), "it runs");
        pulls.end(cluster, &name("slow"), 100, Some("no".to_owned()));
        let told = pulls.list(cluster, 100);
        assert!(told.iter().any(|one| one.failure.as_deref() == Some("no")));
    }

    #[test]
    fn what_ended_long_ago_is_forgotten() {
        let (pulls, cluster) = (Pulls::default(), ClusterId(uuid::Uuid::now_v7()));
        pulls.begin(cluster, &name("a"), 0).unwrap();
        assert!(!pulls.tell(cluster, &name("a"), 1, "begun".to_owned()));
        assert!(pulls.tell(cluster, &name("a"), LOOK_MS, "half".to_owned()));
        assert_eq!(pulls.list(cluster, TOLD_MS * 2)[0].line, "half");
        pulls.end(cluster, &name("a"), 5, None);
        assert!(pulls.list(cluster, TOLD_MS + 6).is_empty());
    }
}
