//! Keeps the system containers: there, made from the present seed and image, and running.
//!
//! One function looks at all of them and mends what is wrong; events, a timer and a new seed only
//! say when to look. It never trusts what it knew before.

mod spec;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::{sleep, timeout};
use wire::{SYSTEM_CONTAINERS, SYSTEM_LABEL, SegmentSeed, SystemContainer};

use super::boot::Boot;
use super::seed::Seeds;
use super::{Error, docker, files, image, log};
use spec::{CONFIG_LABEL, Spec, VOLUME};

/// Looks this often without being told.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// After a failure.
const RETRY_AFTER: Duration = Duration::from_millis(500);

pub struct System {
    pub seeds: Arc<Seeds>,
    pub boot: Arc<Boot>,
    /// Somebody thinks that there is something to mend.
    look: Notify,
    /// One mends at a time.
    mending: Mutex<()>,
}

impl System {
    pub fn new(seeds: Arc<Seeds>, boot: Arc<Boot>) -> Self {
        Self {
            seeds,
            boot,
            look: Notify::new(),
            mending: Mutex::new(()),
        }
    }

    /// Makes all three again, also those that are well.
    pub async fn rebuild(&self) -> Result<(), Error> {
        let mending = self.mending.lock().await;
        files::write_identities(&self.seeds.current())?;
        // The agent goes last: somebody may be hearing through it that this was begun.
        for name in SYSTEM_CONTAINERS
            .iter()
            .filter(|name| **name != "swarm-agent")
        {
            remove(name).await?;
        }
        drop(mending);
        self.mend().await?;
        remove("swarm-agent").await?;
        self.mend().await
    }

    /// Looks at each and does what is missing. Nothing, when all is well.
    async fn mend(&self) -> Result<(), Error> {
        let _mending = self.mending.lock().await;
        let seed = self.seeds.current();
        let image = image::ensure().await?;
        self.boot.reached("image");
        let found = list().await?;
        let [data, manager, agent] = spec::all(&seed, &image);
        // The manager shows what the first one has; the two that run are made side by side.
        self.mend_one(&data, &seed, &found, &image).await?;
        tokio::try_join!(
            self.mend_one(&manager, &seed, &found, &image),
            self.mend_one(&agent, &seed, &found, &image),
        )?;
        Ok(())
    }

    async fn mend_one(
        &self,
        spec: &Spec,
        seed: &SegmentSeed,
        found: &[Found],
        image: &str,
    ) -> Result<(), Error> {
        let container = found.iter().find(|found| found.name == spec.name);
        let is_current =
            container.is_some_and(|found| found.config == spec.config && found.image == *image);
        if !is_current {
            if container.is_some() {
                log(&format!("{} is out of date", spec.name));
                remove(spec.name).await?;
            }
            if spec.name == VOLUME {
                write_volume(seed).await?;
            }
            create(spec).await?;
            // Between the look at the image and this, its name may have been given to another.
            if image_of(spec.name).await?.as_deref() != Some(image) {
                remove(spec.name).await?;
                return Err(format!("{} came out with another image", spec.name).into());
            }
        }
        if spec.runs {
            let state = container.filter(|_| is_current).map(|found| &*found.state);
            run(spec.name, state).await?;
            self.boot.reached(spec.name.trim_start_matches("swarm-"));
        }
        Ok(())
    }

    /// For the status: each with Docker's word for its state.
    pub async fn observe(&self) -> Vec<SystemContainer> {
        let found = timeout(Duration::from_secs(2), list()).await;
        let found = found.ok().and_then(Result::ok).unwrap_or_default();
        SYSTEM_CONTAINERS
            .iter()
            .map(|name| SystemContainer {
                name: (*name).to_owned(),
                state: found
                    .iter()
                    .find(|found| found.name == *name)
                    .map_or("missing", |found| &found.state)
                    .to_owned(),
            })
            .collect()
    }
}

/// Mends whenever there is reason to, while the engine answers. Never returns.
pub async fn keep(system: Arc<System>, mut engine: watch::Receiver<bool>) {
    loop {
        if engine.wait_for(|answers| *answers).await.is_err() {
            return std::future::pending().await;
        }
        let mending = async {
            loop {
                if let Err(why) = system.mend().await {
                    log(&format!("the system containers: {why}"));
                    sleep(RETRY_AFTER).await;
                    continue;
                }
                let _ = timeout(LOOK_EVERY, system.look.notified()).await;
            }
        };
        let watching = async {
            loop {
                if let Err(why) = watch_events(&system.look).await {
                    log(&format!("the engine's events: {why}"));
                }
                sleep(RETRY_AFTER).await;
            }
        };
        tokio::select! {
            () = mending => {}
            () = watching => {}
            _ = engine.wait_for(|answers| !*answers) => {}
        }
    }
}

/// Ends with the stream. Every event of a system container is a reason to look.
async fn watch_events(look: &Notify) -> Result<(), Error> {
    let filters = docker::filters(&json!({
        "type": ["container"],
        "label": [SYSTEM_LABEL],
        "event": ["die", "stop", "pause", "destroy", "rename", "update"],
    }));
    let path = format!("/events?filters={filters}");
    let mut events = docker::open(Method::GET, &path, "text/plain", Bytes::new())
        .await?
        .into_body();
    // What happened before the stream was there was told to nobody.
    look.notify_one();
    while let Some(frame) = events.frame().await {
        frame?;
        look.notify_one();
    }
    Ok(())
}

struct Found {
    name: String,
    state: String,
    config: String,
    /// Its id, whatever it is called.
    image: String,
}

async fn list() -> Result<Vec<Found>, Error> {
    let filters = docker::filters(&json!({ "label": [SYSTEM_LABEL] }));
    let path = format!("/containers/json?all=1&filters={filters}");
    let answer = docker::call(Method::GET, &path, None).await?.json()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let containers = answer.as_array().into_iter().flatten();
    Ok(containers
        .filter_map(|container| {
            let name = container["Names"].as_array()?.iter().find_map(|name| {
                let name = name.as_str()?.trim_start_matches('/');
                SYSTEM_CONTAINERS.contains(&name).then(|| name.to_owned())
            })?;
            Some(Found {
                // Renamed to another's name it is not what it was made as.
                config: if container["Labels"][SYSTEM_LABEL] == *name {
                    text(&container["Labels"][CONFIG_LABEL])
                } else {
                    String::new()
                },
                state: text(&container["State"]),
                image: text(&container["ImageID"]),
                name,
            })
        })
        .collect())
}

async fn create(spec: &Spec) -> Result<(), Error> {
    let path = format!("/containers/create?name={}", spec.name);
    for _ in 0..2 {
        let answer = docker::call(Method::POST, &path, Some(&spec.body)).await?;
        match answer.status {
            // The name is ours: whoever has it was not made by the segment.
            StatusCode::CONFLICT => remove(spec.name).await?,
            StatusCode::NOT_FOUND => return Err(refusal(spec.name, &answer)),
            _ => return Ok(()),
        }
    }
    Err(format!("the name {} stays in use", spec.name).into())
}

/// The id of the image that a container was really made from.
async fn image_of(name: &str) -> Result<Option<String>, Error> {
    let path = format!("/containers/{name}/json");
    let container = docker::call(Method::GET, &path, None).await?.json()?;
    Ok(container["Image"].as_str().map(str::to_owned))
}

/// Brings a container of ours to run, from whatever state it is in.
async fn run(name: &str, state: Option<&str>) -> Result<(), Error> {
    let verb = match state {
        Some("running" | "restarting") => return Ok(()),
        Some("paused") => "unpause",
        _ => "start",
    };
    let path = format!("/containers/{name}/{verb}");
    let answer = docker::call(Method::POST, &path, None).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::CONFLICT => Err(refusal(name, &answer)),
        _ => Ok(()),
    }
}

async fn remove(name: &str) -> Result<(), Error> {
    let path = format!("/containers/{name}?force=1");
    let answer = docker::call(Method::DELETE, &path, None).await?;
    if answer.status == StatusCode::CONFLICT {
        // Docker is removing it already.
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn refusal(name: &str, answer: &docker::Answer) -> Error {
    format!("{name}: {}", String::from_utf8_lossy(&answer.body).trim()).into()
}

/// The volume outlives its container, so that containers with `--volumes-from` keep theirs.
async fn write_volume(seed: &SegmentSeed) -> Result<(), Error> {
    let body = json!({ "Name": VOLUME, "Labels": { SYSTEM_LABEL: VOLUME } });
    let answer = docker::call(Method::POST, "/volumes/create", Some(&body)).await?;
    let volume = answer.json()?;
    let dir = volume["Mountpoint"]
        .as_str()
        .ok_or("the volume has no place")?;
    files::write_manager_volume(Path::new(dir), seed)?;
    Ok(())
}
