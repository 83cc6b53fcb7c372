//! Reading the file and the environment, and refusing what cannot work.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::example::sections;
use super::keys::{Config, Kind, RoleElse};
use super::section::Section as _;

/// Read when it is there and nothing else is said.
pub const DEFAULT_PATH: &str = "/etc/carina/carina.toml";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {why}")]
    File { path: PathBuf, why: String },
    /// toml's own words, with the line.
    #[error("{0}")]
    Toml(String),
    #[error("{key}: {why}")]
    Value { key: &'static str, why: String },
}

impl Config {
    /// The file named, or the usual one, or none; then the environment.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let environment: Vec<(String, String)> = std::env::vars()
            .filter(|(name, _)| name.starts_with("CARINA_"))
            .collect();
        let default = Path::new(DEFAULT_PATH);
        let path = path.or_else(|| default.exists().then_some(default));
        let Some(path) = path else {
            return Self::parse("", &environment);
        };
        let file = |why: String| ConfigError::File {
            path: path.to_owned(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|error| file(error.to_string()))?;
        Self::parse(&text, &environment).map_err(|error| file(error.to_string()))
    }

    /// A file's text with `CARINA_…` pairs over it, checked.
    pub fn parse(text: &str, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut table: toml::Table =
            toml::from_str(text).map_err(|error| ConfigError::Toml(error.to_string()))?;
        override_by(&mut table, environment);
        let config = if environment_touches(environment) {
            toml::Table::try_into(table).map_err(|error| ConfigError::Toml(error.to_string()))?
        } else {
            // From the text: toml then says the line.
            toml::from_str::<Self>(text).map_err(|error| ConfigError::Toml(error.to_string()))?
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, why: String| Err(ConfigError::Value { key, why });
        if let Some(origin) = &self.http.public_origin
            && !is_origin(origin)
        {
            return wrong(
                "http.public_origin",
                format!("“{origin}” is not an origin such as https://panel.example.org"),
            );
        }
        if self.network.pool.prefix_len() > 24 || self.network.pool.trunc() != self.network.pool {
            return wrong(
                "network.pool",
                "give a network of at least a /24, such as 10.83.0.0/16".into(),
            );
        }
        if self.segment.id_base == 0 || !self.segment.id_base.is_multiple_of(wire::ID_RANGE) {
            return wrong("segment.id_base", "give a multiple of 65536".into());
        }
        if self.segment.memory_mib < 256 || self.segment.vcpus == 0 || self.segment.disk_gib == 0 {
            return wrong(
                "segment",
                "a segment needs 256 MiB, a processor and a disk".into(),
            );
        }
        if self.segment.pids < 64 {
            return wrong("segment.pids", "a segment needs at least 64".into());
        }
        if !(1..=model::MAX_SEGMENTS).contains(&self.quota.segments) || self.quota.clusters == 0 {
            return wrong(
                "quota",
                format!(
                    "give 1 to {} segments and at least 1 cluster",
                    model::MAX_SEGMENTS
                ),
            );
        }
        if self.session.idle_minutes == 0 || self.session.absolute_hours == 0 {
            return wrong("session", "a sign-in must last".into());
        }
        if self.hosts.is_empty() {
            return wrong("hosts", "name at least one".into());
        }
        let sims = self.hosts.iter().filter(|host| host.kind == Kind::Sim);
        if !matches!(sims.count(), n if n == 0 || n == self.hosts.len()) {
            return wrong("hosts", "simulated hosts stand among their like".into());
        }
        let names: BTreeSet<&str> = self.hosts.iter().map(|host| host.name.as_str()).collect();
        if names.len() < self.hosts.len() {
            return wrong("hosts", "give each a name of its own".into());
        }
        if let Some(issuer) = &self.oidc.issuer {
            self.oidc_check(issuer)?;
        }
        for (key, count) in [
            ("http.connections_max", self.http.connections_max),
            ("discovery.connections_max", self.discovery.connections_max),
            (
                "front_door.connections_max",
                self.front_door.connections_max,
            ),
        ] {
            if count == 0 {
                return wrong(key, "give at least 1".into());
            }
        }
        Ok(())
    }
}

impl Config {
    fn oidc_check(&self, issuer: &str) -> Result<(), ConfigError> {
        let wrong = |key, why: &str| {
            let why = why.to_owned();
            Err(ConfigError::Value { key, why })
        };
        if !oidc::is_good_issuer(issuer) {
            return wrong(
                "oidc.issuer",
                "give an https address, or http on this machine, without a question mark",
            );
        }
        if self.http.public_origin.is_none() {
            return wrong(
                "http.public_origin",
                "with oidc.issuer it must be set: the provider sends people back to it",
            );
        }
        for (key, text) in [
            ("oidc.client_id", &self.oidc.client_id),
            ("oidc.name", &self.oidc.name),
            ("oidc.name_claim", &self.oidc.name_claim),
            ("oidc.groups_claim", &self.oidc.groups_claim),
        ] {
            if text.trim().is_empty() {
                return wrong(key, "it may not be empty");
            }
        }
        if self.oidc.roles.is_empty() && self.oidc.role_else == RoleElse::None {
            return wrong(
                "oidc.role_else",
                "without roles by group this lets nobody in",
            );
        }
        Ok(())
    }
}

/// Scheme, host and perhaps a port, nothing after it.
fn is_origin(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
            && is_plain_path(uri.path())
            && uri.query().is_none()
            && !text.ends_with('/')
    })
}

/// Nothing that is written otherwise in a page, and no way up.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |part: &str| {
        let is_good = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_good)
    };
    path == "/" || path.split('/').skip(1).all(is_plain)
}

/// `CARINA_HTTP_LISTEN` and where it goes; lists of tables (`hosts`) have no names of this kind.
fn names() -> Vec<(String, Option<&'static str>, &'static str)> {
    let sections = sections();
    let top = Config::keys()
        .into_iter()
        .filter(|key| !sections.iter().any(|(name, _)| *name == key.name))
        .map(|key| (None, key.name))
        .collect::<Vec<_>>();
    let nested = sections
        .iter()
        .filter(|(name, _)| *name != "hosts")
        .flat_map(|(name, keys)| keys.iter().map(move |key| (Some(*name), key.name)));
    top.into_iter()
        .chain(nested)
        .map(|(section, key)| {
            let name = match section {
                Some(section) => format!("CARINA_{section}_{key}"),
                None => format!("CARINA_{key}"),
            };
            (name.to_uppercase(), section, key)
        })
        .collect()
}

fn environment_touches(environment: &[(String, String)]) -> bool {
    let names = names();
    environment
        .iter()
        .any(|(name, _)| names.iter().any(|(known, _, _)| known == name))
}

/// A value that reads as TOML is taken as TOML (`8080`, `["a"]`), everything else as a string.
fn override_by(table: &mut toml::Table, environment: &[(String, String)]) {
    let names = names();
    for (name, text) in environment {
        let Some((_, section, key)) = names.iter().find(|(known, _, _)| known == name) else {
            continue;
        };
        let value = format!("x = {text}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|mut table| table.remove("x"))
            .unwrap_or_else(|| toml::Value::String(text.clone()));
        let place = match section {
            Some(section) => table
                .entry(*section)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()))
                .as_table_mut(),
            None => Some(&mut *table),
        };
        if let Some(place) = place {
            place.insert((*key).to_owned(), value);
        }
    }
}
