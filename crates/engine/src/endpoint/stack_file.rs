//! Configs and secrets of a stack. Docker changes none that is there; so a config's name ends with a
//! hash of what stands in it, another content is another config, and the old one goes once no service
//! uses it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};
use model::{StackFile, StackFileUse, StackService, StackSpec};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::service::STACK_LABEL;
use super::stack::{Found, checked};
use crate::api;
use crate::door::{Door, DoorError};

/// Of the hash in a config's name: enough that nobody meets another by chance.
const HASH_BYTES: usize = 6;

/// What stands on the cluster, by the keys of the compose file.
#[derive(Default)]
pub struct Files {
    configs: Vec<Kept>,
    secrets: Vec<Kept>,
}

struct Kept {
    key: String,
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Made {
    #[serde(rename = "ID")]
    id: String,
}

impl Files {
    /// Makes the configs that are not there yet. One that should be there and is not: refused.
    pub async fn made(door: &mut Door, stack: &str, spec: &StackSpec) -> Result<Self, DoorError> {
        let mut files = Self::default();
        if !spec.configs.is_empty() {
            let there: Vec<Found> = door.get(api!("/configs")).await?;
            for file in &spec.configs {
                files.configs.push(config(door, stack, file, &there).await?);
            }
        }
        if !spec.secrets.is_empty() {
            let there: Vec<Found> = door.get(api!("/secrets")).await?;
            for file in &spec.secrets {
                let name = file.part.full_name(stack);
                files.secrets.push(kept("secret", file, &name, &there)?);
            }
        }
        Ok(files)
    }

    /// As a service's container spec has them: configs, secrets.
    pub fn told(&self, service: &StackService) -> [(&'static str, Vec<Value>); 2] {
        let told = |kept: &[Kept], uses: &[StackFileUse], kind: &str| -> Vec<Value> {
            let told = uses.iter().filter_map(|one| {
                let file = kept.iter().find(|file| file.key == one.key)?;
                Some(json!({
                    "File": target(one, kind == "Config"),
                    format!("{kind}ID"): file.id,
                    format!("{kind}Name"): file.name,
                }))
            });
            told.collect()
        };
        [
            ("Configs", told(&self.configs, &service.configs, "Config")),
            ("Secrets", told(&self.secrets, &service.secrets, "Secret")),
        ]
    }

    /// Configs of the stack that are none of these; those in use stay.
    pub async fn sweep(&self, door: &mut Door, stack: &str) -> Result<(), DoorError> {
        let there: Vec<Found> = door.get(api!("/configs")).await?;
        let old = there.iter().filter(|found| {
            found.is_of(stack) && !self.configs.iter().any(|kept| kept.id == found.id)
        });
        for found in old {
            let path = format!(api!("/configs/{}"), checked(&found.id)?);
            match door.call(Method::DELETE, &path, Bytes::new()).await {
                Ok(_) | Err(DoorError::Refused { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

async fn config(
    door: &mut Door,
    stack: &str,
    file: &StackFile,
    there: &[Found],
) -> Result<Kept, DoorError> {
    let Some(content) = file.content.as_ref().filter(|_| !file.part.is_external) else {
        return kept("config", file, &file.part.full_name(stack), there);
    };
    let name = config_name(&file.part.full_name(stack), content);
    if let Ok(kept) = kept("config", file, &name, there) {
        return Ok(kept);
    }
    let mut labels = file.part.labels.clone();
    labels.insert(STACK_LABEL.to_owned(), stack.to_owned());
    let body = json!({ "Name": name, "Labels": labels, "Data": BASE64_STANDARD.encode(content) });
    let made: Made = door.made(api!("/configs/create"), &body).await?;
    Ok(Kept {
        key: file.part.key.clone(),
        id: made.id,
        name,
    })
}

/// Docker's bound for names is 63.
fn config_name(full: &str, content: &str) -> String {
    let hash = Sha256::digest(content.as_bytes());
    let hash: String = hash[..HASH_BYTES]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let room = 63 - 1 - hash.len();
    let front: String = full.chars().take(room).collect();
    format!("{front}-{hash}")
}

fn kept(kind: &str, file: &StackFile, name: &str, there: &[Found]) -> Result<Kept, DoorError> {
    let found = there.iter().find(|found| found.spec.name == name);
    let found = found.ok_or_else(|| DoorError::Refused {
        status: StatusCode::CONFLICT,
        why: format!("the cluster has no {kind} “{name}”: make it with docker {kind} create"),
    })?;
    Ok(Kept {
        key: file.part.key.clone(),
        id: found.id.clone(),
        name: name.to_owned(),
    })
}

/// Docker's client puts a config at the root and a secret below `/run/secrets`, for everybody to read.
fn target(one: &StackFileUse, is_config: bool) -> Value {
    let name = match &one.target {
        Some(target) => target.clone(),
        None if is_config => format!("/{}", one.key),
        None => one.key.clone(),
    };
    let id = |id: Option<u32>| id.unwrap_or_default().to_string();
    json!({
        "Name": name, "UID": id(one.uid), "GID": id(one.gid), "Mode": one.mode.unwrap_or(0o444),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_is_another_config() {
        let name = config_name("shop_page", "hello");
        assert_eq!(name, "shop_page-2cf24dba5fb0");
        assert_ne!(name, config_name("shop_page", "hello!"));
        assert_eq!(config_name(&"x".repeat(80), "").len(), 63);
    }

    #[test]
    fn a_service_is_told_its_files() {
        let kept = |key: &str| Kept {
            key: key.to_owned(),
            id: format!("{key}id"),
            name: format!("shop_{key}"),
        };
        let files = Files {
            configs: vec![kept("page")],
            secrets: vec![kept("key")],
        };
        let used = |key: &str, mode| StackFileUse {
            key: key.to_owned(),
            mode,
            ..StackFileUse::default()
        };
        let service = StackService {
            configs: vec![used("page", None)],
            secrets: vec![used("key", Some(0o400))],
            ..StackService::default()
        };
        let [(_, configs), (_, secrets)] = files.told(&service);
        assert_eq!(
            configs,
            [json!({
                "File": { "Name": "/page", "UID": "0", "GID": "0", "Mode": 0o444 },
                "ConfigID": "pageid", "ConfigName": "shop_page",
            })]
        );
        assert_eq!(secrets[0]["File"]["Name"], "key");
        assert_eq!(secrets[0]["File"]["Mode"], 0o400);
    }
}
