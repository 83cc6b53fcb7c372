//! tower-sessions on our own table.

use async_trait::async_trait;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// What a session carries. The server writes `ACCOUNT` (an `AccountId`), `AGENT` and `ADDRESS`
/// (strings) at sign-in; the store keeps them in columns and adds `SESSION` (a `SessionId`, the
/// public handle) to what is loaded.
pub mod session_key {
    pub const ACCOUNT: &str = "account";
    pub const AGENT: &str = "agent";
    pub const ADDRESS: &str = "address";
    pub const SESSION: &str = "session";
}

#[derive(Clone)]
pub struct SessionStore {
    pub(crate) _store: crate::Store,
}

impl std::fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionStore")
    }
}

#[async_trait]
impl tower_sessions::SessionStore for SessionStore {
    async fn save(&self, _record: &Record) -> Result<()> {
        Err(Error::Backend("not yet".to_owned()))
    }
    async fn load(&self, _id: &Id) -> Result<Option<Record>> {
        Err(Error::Backend("not yet".to_owned()))
    }
    async fn delete(&self, _id: &Id) -> Result<()> {
        Err(Error::Backend("not yet".to_owned()))
    }
}
