//! The typed models of JSON bodies, named so that a row of the table can say which is its own.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::json::{read, read_or_default, write};
use super::{
    AuthConfig, ContainerCreate, ContainerUpdate, ExecCreate, ExecStart, NetworkConnect,
    NetworkCreate, NetworkDisconnect, Refusal, VolumeCreate, commit,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    Auth,
    ContainerCommit,
    ContainerCreate,
    ContainerUpdate,
    ExecCreate,
    ExecStart,
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    VolumeCreate,
}

impl Model {
    /// A body as it would be sent on, were it for the model alone: the policy has not seen it.
    pub fn rewrite(self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Auth => again::<AuthConfig>(body),
            Self::ContainerCommit => commit::read(body).map(|config| write(&config)),
            Self::ContainerCreate => again::<ContainerCreate>(body),
            Self::ContainerUpdate => again::<ContainerUpdate>(body),
            Self::ExecCreate => again::<ExecCreate>(body),
            Self::ExecStart => read_or_default::<ExecStart>(body).map(|start| write(&start)),
            Self::NetworkConnect => again::<NetworkConnect>(body),
            Self::NetworkCreate => again::<NetworkCreate>(body),
            Self::NetworkDisconnect => again::<NetworkDisconnect>(body),
            Self::VolumeCreate => again::<VolumeCreate>(body),
        }
    }
}

fn again<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    read::<T>(body).map(|model| write(&model))
}
