//! An image that a segment lacks comes from one that has it: engine to engine, nothing is gathered.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Shared, WeakShared, join_all};
use futures::{FutureExt, StreamExt, stream};
use http::Method;
use serde_json::Value;

use super::Manager;
use super::answer::engine_refusal;
use super::create::{node_name, query_of};
use super::image::Holder;
use super::image_archive::{Progress, without};
use super::image_name::Wanted;
use super::image_pull::load;
use crate::api::Refusal;
use crate::engine::{Engine, EngineError, Snapshot, error_message};
use crate::http::collect;
use crate::limits::{COPY_PIECE, COPY_UNPACK};

/// An engine's complaint.
const REPORT_MAX: usize = 64 << 10;
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Images whose layers are compared with the one to come, and how many at the same time.
const COMPARED_MAX: usize = 64;
const COMPARED_WIDTH: usize = 8;

type Copy = BoxFuture<'static, Result<(), Refusal>>;

/// Copies on their way, by where they go and what they are: a second one waits for the first. What
/// nobody waits for any more is given up.
#[derive(Default)]
pub struct Copies(Mutex<HashMap<(String, String), WeakShared<Copy>>>);

/// The one image that a reference stands for in the cluster.
#[derive(Clone)]
pub struct Meant {
    pub id: String,
    /// What it is asked for by, and so what it is called where it arrives: a tag, or its id.
    pub name: String,
    /// Known by a digest that only a registry gives, which does not travel with an image.
    pub is_digest: bool,
    /// Healthy nodes that have it, never none.
    pub holders: Vec<Holder>,
}

impl Meant {
    /// Whether that node has it under the name.
    pub fn is_on(&self, engine: &Engine) -> bool {
        self.holders
            .iter()
            .any(|(holder, _)| holder.entry == engine.entry)
    }
}

impl Manager {
    /// What `reference` means, whichever nodes have it. Where a tag means one image here and
    /// another there, as after a second build on another node, the one that was tagged last is
    /// meant. `None`: nobody has it, or it is one that is not anybody's to move.
    pub async fn image_meant(&self, reference: &str) -> Result<Option<Meant>, Refusal> {
        let wanted = Wanted::of(reference);
        if wanted
            .tag()
            .is_some_and(|tag| self.policy.image_change(tag).is_err())
        {
            return Ok(None);
        }
        let mut named = Vec::new();
        let mut by_id = Vec::new();
        for (engine, snapshot) in self.cluster.view().healthy() {
            let holder = (Arc::clone(engine), Arc::clone(snapshot));
            match wanted.find(&snapshot.view.images) {
                Some((image, true)) => named.push((image.id.clone(), holder)),
                Some((image, false)) => by_id.push((image.id.clone(), holder)),
                None => {}
            }
        }
        // As for an engine, a name goes before the beginning of an id.
        let is_named = !named.is_empty();
        let mut found = if is_named { named } else { by_id };
        let ids: BTreeSet<String> = found.iter().map(|(id, _)| id.clone()).collect();
        let id = match ids.len() {
            0 => return Ok(None),
            1 => found[0].0.clone(),
            _ if is_named => tagged_last(&found, reference).await,
            _ => {
                let ids: Vec<String> = ids.into_iter().collect();
                return Err(Refusal::bad_request(format!(
                    "more than one image has an id that begins with {reference}: {}",
                    ids.join(", ")
                )));
            }
        };
        found.retain(|(known, _)| *known == id);
        // The manager's own segment first: that is one way less.
        found.sort_by_key(|(_, (_, snapshot))| self.node.as_ref() != Some(&snapshot.view.name));
        let tag = wanted.tag().filter(|_| is_named);
        Ok(Some(Meant {
            name: tag.map_or_else(|| id.clone(), str::to_owned),
            is_digest: wanted.is_digest() && is_named,
            id,
            holders: found.into_iter().map(|(_, holder)| holder).collect(),
        }))
    }

    /// Brings the image to a node that lacks it. Two of the same at once are one, a holder that
    /// fails is followed by the next, and it ends: when nothing moves for a while, it has failed.
    pub async fn image_bring(&self, meant: &Meant, to: &Arc<Engine>) -> Result<(), Refusal> {
        let key = (to.entry.clone(), format!("{} {}", meant.id, meant.name));
        let copy = self
            .copies
            .join(key, || bring(meant.clone(), Arc::clone(to)).boxed());
        let end = copy.await;
        self.copies.tidy();
        end
    }

    /// The same by name.
    pub async fn image_bring_to(&self, reference: &str, to: &Arc<Engine>) -> Result<(), Refusal> {
        match self.image_meant(reference).await? {
            Some(meant) if meant.is_on(to) => Ok(()),
            Some(meant) => self.image_bring(&meant, to).await,
            None => Err(Refusal::not_found(format!("No such image: {reference}"))),
        }
    }

    /// Makes sure that every healthy node has the image, when at least one has: of a service
    /// nobody knows where its tasks will run. An image that none has is for the engines to pull.
    pub async fn image_everywhere(&self, reference: &str) -> Result<(), Refusal> {
        let Some(meant) = self.image_meant(reference).await? else {
            return Ok(());
        };
        let view = self.cluster.view();
        let lacking = view.healthy().filter(|(engine, _)| !meant.is_on(engine));
        let copies = lacking.map(|(engine, _)| self.image_bring(&meant, engine));
        let failed: Vec<Refusal> = join_all(copies)
            .await
            .into_iter()
            .filter_map(Result::err)
            .collect();
        match failed.as_slice() {
            [] => Ok(()),
            [only] => Err(only.clone()),
            [first, ..] => Err(Refusal {
                message: failed
                    .iter()
                    .map(|refusal| refusal.message.as_str())
                    .collect::<Vec<_>>()
                    .join("\n"),
                ..first.clone()
            }),
        }
    }
}

impl Copies {
    fn join(&self, key: (String, String), new: impl FnOnce() -> Copy) -> Shared<Copy> {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = copies.get(&key).and_then(WeakShared::upgrade) {
            return running;
        }
        let copy = new().shared();
        if let Some(weak) = copy.downgrade() {
            copies.insert(key, weak);
        }
        copy
    }

    fn tidy(&self) {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        copies.retain(|_, copy| copy.upgrade().is_some());
    }
}

/// Of images that share a name on different nodes, the one that was given it last.
async fn tagged_last(found: &[(String, Holder)], reference: &str) -> String {
    let asked = found.iter().map(|(id, (engine, _))| async move {
        let target = format!("/images/{reference}/json");
        let image: Value = engine.get(&target).await.unwrap_or_default();
        let at = image["Metadata"]["LastTagTime"].as_str();
        let at = at.and_then(crate::engine::moment_parse);
        (at, id)
    });
    let times = join_all(asked).await;
    let newest = times.into_iter().max_by_key(|(at, _)| *at);
    newest.map(|(_, id)| id.clone()).unwrap_or_default()
}

async fn bring(meant: Meant, to: Arc<Engine>) -> Result<(), Refusal> {
    let mut reasons = Vec::new();
    for (from, _) in &meant.holders {
        match copy(from, &to, &meant).await {
            Ok(()) => {
                to.images_refresh().await;
                return Ok(());
            }
            Err(refusal) => {
                tracing::info!(
                    image = meant.name,
                    from = node_name(from),
                    to = node_name(&to),
                    reason = refusal.message,
                    "an image was not copied"
                );
                reasons.push(format!("from {}: {}", node_name(from), refusal.message));
            }
        }
    }
    Err(Refusal::failed(format!(
        "the image {} could not be copied to {}: {}",
        meant.name,
        node_name(&to),
        reasons.join("; ")
    )))
}

async fn copy(from: &Arc<Engine>, to: &Arc<Engine>, meant: &Meant) -> Result<(), Refusal> {
    let known = layers_shared(from, to, meant).await;
    let has_some = !known.is_empty();
    match copy_without(from, to, meant, known).await {
        Err(refusal) if has_some => {
            // A layer may have gone a moment ago.
            tracing::debug!(image = meant.name, reason = refusal.message, "again, whole");
            copy_without(from, to, meant, BTreeSet::new()).await
        }
        end => end,
    }
}

async fn copy_without(
    from: &Arc<Engine>,
    to: &Arc<Engine>,
    meant: &Meant,
    known: BTreeSet<String>,
) -> Result<(), Refusal> {
    let began = std::time::Instant::now();
    let progress = Progress::new();
    let work = async {
        let target = format!("/images/get{}", query_of(&[("names", &meant.name)]));
        let archive = from
            .stream(Method::GET, &target, None)
            .await
            .map_err(|error| engine_refusal(&error))?;
        if !archive.status().is_success() {
            let bytes = collect(archive.into_body(), REPORT_MAX).await;
            let bytes = bytes.map_err(|error| engine_refusal(&EngineError::Body(error)))?;
            return Err(Refusal::failed(error_message(&bytes)));
        }
        let archive = without(archive.into_body(), known, Arc::clone(&progress));
        load(to, archive).await
    };
    tokio::pin!(work);
    loop {
        tokio::select! {
            end = &mut work => {
                end?;
                break;
            }
            () = tokio::time::sleep(LOOK_EVERY) => moves_check(from, to, &progress)?,
        }
    }
    tracing::info!(
        image = meant.name,
        from = node_name(from),
        to = node_name(to),
        bytes = progress.bytes.load(Ordering::Relaxed),
        left_out = progress.left_out.load(Ordering::Relaxed),
        ms = began.elapsed().as_millis(),
        "an image was copied"
    );
    Ok(())
}

/// An engine that died says nothing; the watch over it notices.
fn moves_check(from: &Engine, to: &Engine, progress: &Progress) -> Result<(), Refusal> {
    let is_down = |engine: &Engine| !engine.snapshot().is_healthy();
    let limit = if progress.is_ended() {
        COPY_UNPACK
    } else {
        COPY_PIECE
    };
    let sick = [from, to].into_iter().find(|engine| is_down(engine));
    match sick {
        Some(engine) => Err(Refusal::failed(format!(
            "{} is not healthy any more",
            node_name(engine)
        ))),
        None if progress.idle() > limit => Err(Refusal::failed(format!(
            "nothing moved for {} s",
            limit.as_secs()
        ))),
        None => Ok(()),
    }
}

/// Layers, from the lowest on, that `to` has in one of its images. Engines that keep images in
/// containerd want every file of an archive, and old ones name files by something else.
async fn layers_shared(from: &Engine, to: &Engine, meant: &Meant) -> BTreeSet<String> {
    let there = to.snapshot();
    if is_in_containerd(&there) || there.view.images.len() > COMPARED_MAX {
        return BTreeSet::new();
    }
    let wanted = layers(from, &meant.id).await;
    let ids = there.view.images.iter().map(|image| image.id.clone());
    let asked = ids.map(|id| async move { layers(to, &id).await });
    let known: Vec<Vec<String>> = stream::iter(asked.collect::<Vec<_>>())
        .buffer_unordered(COMPARED_WIDTH)
        .collect()
        .await;
    let shared = known
        .iter()
        .map(|known| {
            let pairs = wanted.iter().zip(known);
            pairs.take_while(|(a, b)| a == b).count()
        })
        .max()
        .unwrap_or(0);
    wanted.into_iter().take(shared).collect()
}

/// Digests without their `sha256:`.
async fn layers(engine: &Engine, id: &str) -> Vec<String> {
    let image: Value = engine
        .get(&format!("/images/{id}/json"))
        .await
        .unwrap_or_default();
    let layers = image["RootFS"]["Layers"].as_array().into_iter().flatten();
    layers
        .filter_map(|layer| layer.as_str()?.strip_prefix("sha256:"))
        .map(str::to_owned)
        .collect()
}

fn is_in_containerd(snapshot: &Snapshot) -> bool {
    let pairs = snapshot.facts.info["DriverStatus"].as_array();
    pairs
        .into_iter()
        .flatten()
        .any(|pair| pair[1] == "io.containerd.snapshotter.v1")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn two_copies_of_the_same_are_one() {
        let copies = Copies::default();
        let made = AtomicUsize::new(0);
        let key = || ("n1".to_owned(), "image".to_owned());
        let start = || {
            copies.join(key(), || {
                made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().map(|()| Ok(())).boxed()
            })
        };
        let (a, b) = (start(), start());
        assert_eq!(tokio::join!(a, b), (Ok(()), Ok(())));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        // Done is done: the next one looks anew.
        assert_eq!(start().await, Ok(()));
        assert_eq!(made.load(Ordering::Relaxed), 2);
        // What nobody waits for is dropped.
        drop(start());
        copies.tidy();
        assert!(copies.0.lock().expect("not poisoned").is_empty());
    }
}
