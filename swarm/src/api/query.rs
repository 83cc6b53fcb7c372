//! The query of a request, typed by its route's row and written again in canonical form.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::build::{BuildOutput, Platform};
use super::path::{decode, encode};
use super::refusal::Refusal;

/// What a key may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `1`, `true`, `0`, `false`, in any case, or nothing.
    Flag,
    /// The same, but an empty one is as an absent one: a yes.
    FlagOrYes,
    Int,
    /// One line.
    Text,
    /// A text that may come more than once, in order.
    Many,
    /// A container's, volume's or network's new name.
    Name,
    /// Docker's `filters` JSON, in either of its two spellings.
    Filters,
    /// Any JSON that the strict reader takes; for lists and maps of what has no keys of its own.
    Json,
    /// JSON, a list of [`BuildOutput`].
    Outputs,
    /// JSON, a [`Platform`].
    Platform,
    /// May be there, is not sent on and means nothing (what a client says of itself).
    Ignored,
}

/// `filters`: for each key the values asked for.
pub type Filters = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Flag(bool),
    Int(i64),
    Text(String),
    Many(Vec<String>),
    Filters(Filters),
    Json(serde_json::Value),
}

/// Only keys of the row, each at most once, each of its kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    values: BTreeMap<&'static str, Value>,
}

/// The keys a route may have.
pub type Keys = &'static [(&'static str, Kind)];

impl Query {
    /// Reads a still encoded query.
    pub fn parse(keys: Keys, raw: &str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        if raw.is_empty() {
            return Ok(query);
        }
        if raw.contains(';') {
            return Err(Refusal::bad_request(
                "';' does not separate query parameters",
            ));
        }
        let mut seen = BTreeSet::new();
        for pair in raw.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode_form(key)?;
            let value = decode_form(value)?;
            let Some((key, kind)) = keys.iter().find(|(name, _)| *name == key) else {
                return Err(Refusal::bad_request(format!(
                    "the query parameter {key:?} is not understood here"
                )));
            };
            if !seen.insert(*key) && *kind != Kind::Many {
                return Err(Refusal::bad_request(format!(
                    "the query parameter {key} comes twice"
                )));
            }
            query.take(key, *kind, value)?;
        }
        Ok(query)
    }

    fn take(&mut self, key: &'static str, kind: Kind, value: String) -> Result<(), Refusal> {
        let wrong =
            |what: &str| Refusal::bad_request(format!("the query parameter {key} is not {what}"));
        // To docker an empty value is an absent one, but for flags, where it is a no.
        if value.is_empty() && kind != Kind::Flag {
            return Ok(());
        }
        let value = match kind {
            Kind::Flag | Kind::FlagOrYes => {
                Value::Flag(flag(&value).ok_or_else(|| wrong("true or false"))?)
            }
            Kind::Int => Value::Int(int(&value).ok_or_else(|| wrong("a whole number"))?),
            Kind::Text => {
                if value.chars().any(char::is_control) {
                    return Err(wrong("one line of text"));
                }
                Value::Text(value)
            }
            Kind::Name => {
                let name = value.strip_prefix('/').unwrap_or(&value);
                if !is_name(name) {
                    return Err(wrong("a name ([a-zA-Z0-9][a-zA-Z0-9_.-]*)"));
                }
                Value::Text(name.to_owned())
            }
            Kind::Many => {
                if value.contains('\0') {
                    return Err(wrong("text"));
                }
                match self
                    .values
                    .entry(key)
                    .or_insert_with(|| Value::Many(Vec::new()))
                {
                    Value::Many(values) => values.push(value),
                    _ => return Err(wrong("a list")),
                }
                return Ok(());
            }
            Kind::Filters => Value::Filters(filters(&value)?),
            Kind::Json => Value::Json(super::json::value(value.as_bytes())?),
            Kind::Outputs => typed::<Option<Vec<BuildOutput>>>(&value)?,
            Kind::Platform => typed::<Platform>(&value)?,
            Kind::Ignored => return Ok(()),
        };
        self.values.insert(key, value);
        Ok(())
    }

    /// The flag, when it was given.
    pub fn flag_given(&self, key: &str) -> Option<bool> {
        match self.values.get(key) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The flag; absent is no.
    pub fn flag(&self, key: &str) -> bool {
        self.flag_given(key).unwrap_or(false)
    }

    pub fn int(&self, key: &str) -> Option<i64> {
        match self.values.get(key) {
            Some(Value::Int(int)) => Some(*int),
            _ => None,
        }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn many(&self, key: &str) -> &[String] {
        match self.values.get(key) {
            Some(Value::Many(values)) => values,
            _ => &[],
        }
    }

    pub fn json(&self, key: &str) -> Option<&serde_json::Value> {
        match self.values.get(key) {
            Some(Value::Json(value)) => Some(value),
            _ => None,
        }
    }

    /// The `filters`; none given is an empty map.
    pub fn filters(&self) -> Filters {
        match self.values.get("filters") {
            Some(Value::Filters(filters)) => filters.clone(),
            _ => Filters::new(),
        }
    }

    /// Sets a value that the manager decides.
    pub fn set(&mut self, key: &'static str, value: Value) {
        self.values.insert(key, value);
    }

    pub fn remove(&mut self, key: &str) {
        self.values.remove(key);
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The canonical text, sorted by key, without `?`.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        let mut pair = |key: &str, value: &str| {
            if !out.is_empty() {
                out.push('&');
            }
            encode(key, b"", &mut out);
            out.push('=');
            encode(value, b"", &mut out);
        };
        for (key, value) in &self.values {
            match value {
                Value::Flag(flag) => pair(key, if *flag { "1" } else { "0" }),
                Value::Int(int) => pair(key, &int.to_string()),
                Value::Text(text) => pair(key, text),
                Value::Many(values) => values.iter().for_each(|value| pair(key, value)),
                Value::Filters(filters) => pair(key, &encode_filters(filters)),
                Value::Json(value) => pair(key, &value.to_string()),
            }
        }
        out
    }
}

/// Docker's rule for names of containers, volumes and networks.
pub fn is_name(text: &str) -> bool {
    text.len() <= 255
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// `name` or `node/name`, as classic Swarm spells what one node has.
pub fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((node, name)) => is_name(node) && is_name(name),
        None => is_name(text),
    }
}

/// Read by its model: engines match its keys in any case, and take the last of several.
fn typed<T: DeserializeOwned + Serialize>(text: &str) -> Result<Value, Refusal> {
    let model: T = super::json::read(text.as_bytes())?;
    let value = super::json::value(&super::json::write(&model))?;
    Ok(Value::Json(value))
}

fn decode_form(raw: &str) -> Result<String, Refusal> {
    decode(&raw.replace('+', " "))
        .filter(|text| !text.contains('\0'))
        .ok_or_else(|| Refusal::bad_request("the query is not properly encoded"))
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "" | "0" | "false" | "no" | "none" => Some(false),
        _ => None,
    }
}

fn int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn filters(text: &str) -> Result<Filters, Refusal> {
    use serde_json::Value as Json;
    let wrong = || Refusal::bad_request("invalid filter");
    let Json::Object(object) = super::json::value(text.as_bytes())? else {
        return Err(wrong());
    };
    // One spelling for all keys: engines read the whole of it in one or in the other.
    if object.values().any(Json::is_array) && object.values().any(Json::is_object) {
        return Err(wrong());
    }
    let mut filters = Filters::new();
    for (key, values) in object {
        let values = match values {
            Json::Array(values) => values
                .into_iter()
                .map(|value| match value {
                    Json::String(text) => Ok(text),
                    _ => Err(wrong()),
                })
                .collect::<Result<BTreeSet<_>, _>>()?,
            // Go's second spelling: the set's members are the keys that map to `true`.
            Json::Object(set) => set
                .into_iter()
                .map(|(text, member)| match member {
                    Json::Bool(true) => Ok(text),
                    _ => Err(wrong()),
                })
                .collect::<Result<BTreeSet<_>, _>>()?,
            _ => return Err(wrong()),
        };
        filters.insert(key, values);
    }
    Ok(filters)
}

fn encode_filters(filters: &Filters) -> String {
    let object: BTreeMap<&str, BTreeMap<&str, bool>> = filters
        .iter()
        .map(|(key, values)| {
            (
                key.as_str(),
                values.iter().map(|v| (v.as_str(), true)).collect(),
            )
        })
        .collect();
    serde_json::to_string(&object).expect("a map of strings is JSON")
}
