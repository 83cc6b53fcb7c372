//! The typed models of JSON bodies, named so that a row of the table can say which is its own.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json::{Bounds, read_or_default, read_within, write};
use super::{
    AuthConfig, ConfigSpec, ContainerCreate, ContainerUpdate, ExecCreate, ExecStart,
    NetworkConnect, NetworkCreate, NetworkDisconnect, NodeSpec, Refusal, SecretSpec, ServiceSpec,
    VolumeCreate, commit,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    Auth,
    ConfigSpec,
    ContainerCommit,
    ContainerCreate,
    ContainerUpdate,
    ExecCreate,
    ExecStart,
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    NodeSpec,
    SecretSpec,
    ServiceSpec,
    VolumeCreate,
}

impl Model {
    /// A body as it would be sent on, were it for the model alone: the policy has not seen it.
    pub fn rewrite(self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Auth => again::<AuthConfig>(body),
            Self::ConfigSpec => within::<ConfigSpec>(ConfigSpec::BOUNDS, body),
            Self::ContainerCommit => commit::read(body).map(|config| write(&config)),
            Self::ContainerCreate => again::<ContainerCreate>(body),
            Self::ContainerUpdate => again::<ContainerUpdate>(body),
            Self::ExecCreate => again::<ExecCreate>(body),
            Self::ExecStart => read_or_default::<ExecStart>(body).map(|start| write(&start)),
            Self::NetworkConnect => again::<NetworkConnect>(body),
            Self::NetworkCreate => again::<NetworkCreate>(body),
            Self::NetworkDisconnect => again::<NetworkDisconnect>(body),
            Self::NodeSpec => again::<NodeSpec>(body),
            Self::SecretSpec => again::<SecretSpec>(body),
            Self::ServiceSpec => within::<ServiceSpec>(ServiceSpec::BOUNDS, body),
            Self::VolumeCreate => again::<VolumeCreate>(body),
        }
    }
}

fn again<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    within::<T>(Bounds::USUAL, body)
}

fn within<T: DeserializeOwned + Serialize>(
    bounds: Bounds,
    body: &[u8],
) -> Result<Vec<u8>, Refusal> {
    read_within::<T>(bounds, body).map(|model| write(&model))
}

/// Whether an engine reads in what was sent on what came: `null` is what is left out, and one word
/// of a command is a list of one, a service's mode may be spelled small. For tests and fuzzing.
pub fn is_same(came: &Value, sent: &Value) -> bool {
    match (came, sent) {
        (Value::Null, sent) => {
            sent.is_null() || sent.as_object().is_some_and(serde_json::Map::is_empty)
        }
        (Value::Object(came), Value::Object(sent)) => {
            let mut keys = came.keys().chain(sent.keys());
            keys.all(|key| is_same(member(came, key), member(sent, key)))
        }
        (Value::Array(came), Value::Array(sent)) => {
            came.len() == sent.len()
                && came
                    .iter()
                    .zip(sent)
                    .all(|(came, sent)| is_same(came, sent))
        }
        (Value::String(_), Value::Array(sent)) => sent.as_slice() == std::slice::from_ref(came),
        (came, sent) => came == sent,
    }
}

fn member<'a>(object: &'a serde_json::Map<String, Value>, key: &str) -> &'a Value {
    let other = match key {
        "replicated" => "Replicated",
        "Replicated" => "replicated",
        "global" => "Global",
        "Global" => "global",
        _ => key,
    };
    let found = object.get(key).or_else(|| object.get(other));
    found.unwrap_or(&Value::Null)
}
