//! The only SQL: one text per statement on SQLite and on PostgreSQL.

use std::time::Duration;

mod session;
pub use session::{SessionStore, session_key};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("opening the database")]
    Open(#[source] sqlx::Error),
}

/// The database.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// `sqlite:///path/carina.db` or `postgres://…`; runs the migrations.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let _ = url;
        Ok(Self {})
    }

    /// Sessions for tower-sessions, with both limits enforced here and not by a cookie.
    pub fn session_store(&self, idle: Duration, absolute: Duration) -> SessionStore {
        let _ = (idle, absolute);
        SessionStore {
            _store: self.clone(),
        }
    }
}
