//! tower-sessions on our own table.
//!
//! The cookie's secret is kept as a hash only: who reads the database cannot sign in with it. Both
//! limits are checked when a session is loaded, whatever a cookie says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use model::{AccountId, SessionId, UnixMs};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::db::{execute, fetch_optional};
use crate::{SessionRecord, Store};

/// What a session carries. The server writes `ACCOUNT` (an `AccountId`), `EPOCH` (a number), `AGENT`
/// and `ADDRESS` (strings) at sign-in; the store keeps them in columns and adds `SESSION` (a `SessionId`, the
/// public handle) to what is loaded. `CONFIRMED`, `PENDING`, `PROVIDER`
/// and `PASSKEY` are the server's own.
pub mod session_key {
    pub const ACCOUNT: &str = "account";
    /// The account's, when the proof was right that the session begins with. Once it is over the
    /// session is none.
    pub const EPOCH: &str = "epoch";
    pub const AGENT: &str = "agent";
    pub const ADDRESS: &str = "address";
    pub const SESSION: &str = "session";
    /// When the person last proved to be there, in the panel's milliseconds.
    pub const CONFIRMED: &str = "confirmed";
    /// A sign-in that waits for its code; nobody is signed in by it.
    pub const PENDING: &str = "pending";
    /// A way to an identity provider that is not yet come back.
    pub const PROVIDER: &str = "provider";
    /// A passkey that was asked for and has not answered.
    pub const PASSKEY: &str = "passkey";
}

/// The longest browser's name that is kept, in characters.
const AGENT_MAX: usize = 120;
/// The last use is written at most this often.
const TOUCH_EVERY_MS: i64 = 60_000;
/// Within a request a session gets its new id.
const RENEW_WITHIN_MS: i64 = 60_000;

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimitsMs {
    pub idle: i64,
    pub absolute: i64,
}

impl SessionLimitsMs {
    pub fn new(idle: Duration, absolute: Duration) -> Self {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
        Self {
            idle: ms(idle),
            absolute: ms(absolute),
        }
    }
}

#[derive(Clone)]
pub struct SessionStore {
    store: Store,
    limits: SessionLimitsMs,
}

impl std::fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionStore")
    }
}

fn backend(error: crate::Error) -> Error {
    // One text for the layer above; the chain is for the log.
    let error = &error as &dyn std::error::Error;
    tracing::error!(error, "sessions cannot be kept");
    Error::Backend("the session store does not answer".to_owned())
}

fn id_hash(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_le_bytes()))
}

fn now_ms() -> UnixMs {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl SessionStore {
    pub(crate) fn new(store: Store, limits: SessionLimitsMs) -> Self {
        Self { store, limits }
    }

    /// Deletes what is over; the server calls it now and then.
    pub async fn sweep(&self) -> Result<()> {
        let now = now_ms();
        let mut tx = self.store.write().await.map_err(backend)?;
        execute!(
            tx,
            SESSION_SWEEP,
            now,
            now - self.limits.idle,
            now - self.limits.absolute
        )
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    /// A new row, or the present one: a session that was ended meanwhile stays ended, also where it
    /// was just getting another id.
    async fn put(&self, record: &Record, is_new: bool) -> Result<()> {
        let text = |key: &str| {
            record
                .data
                .get(key)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
        };
        let account = text(session_key::ACCOUNT)
            .parse::<AccountId>()
            .ok()
            .map(|id| id.to_string());
        let agent: String = text(session_key::AGENT).chars().take(AGENT_MAX).collect();
        let address = text(session_key::ADDRESS);
        let epoch = record.data.get(session_key::EPOCH);
        let epoch = epoch.and_then(serde_json::Value::as_i64).unwrap_or(0);
        let mut data = record.data.clone();
        for key in [
            session_key::EPOCH,
            session_key::SESSION,
            session_key::AGENT,
            session_key::ADDRESS,
        ] {
            data.remove(key);
        }
        let data = serde_json::to_string(&data).map_err(|e| Error::Encode(e.to_string()))?;
        let expires = record.expiry_date.unix_timestamp().saturating_mul(1000);
        let (hash, now) = (id_hash(&record.id), now_ms());
        let mut tx = self.store.write().await.map_err(backend)?;
        // One that had another id before: its row is still there, unless it was ended meanwhile.
        let public = text(session_key::SESSION);
        if is_new && !public.is_empty() {
            execute!(
                tx,
                SESSION_RENEW,
                hash,
                public,
                account,
                data,
                agent,
                address,
                now,
                expires
            )
            .map_err(backend)?;
        } else if is_new {
            let public = uuid::Uuid::new_v4().to_string();
            execute!(
                tx,
                SESSION_INSERT,
                hash,
                public,
                account,
                data,
                agent,
                address,
                now,
                expires,
                epoch
            )
            .map_err(backend)?;
        } else {
            execute!(
                tx,
                SESSION_SAVE,
                hash,
                account,
                data,
                agent,
                address,
                now,
                expires
            )
            .map_err(backend)?;
        }
        tx.commit().await.map_err(backend)
    }

    fn is_over(&self, row: &SessionRecord, now: UnixMs) -> bool {
        row.expires_at <= now
            || row.last_seen_at <= now - self.limits.idle
            || row.created_at <= now - self.limits.absolute
    }
}

#[async_trait]
impl tower_sessions::SessionStore for SessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: a collision is not a case, but an overwrite must never be one.
        while self.load(&record.id).await?.is_some() {
            record.id = Id::default();
        }
        self.put(record, true).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.put(record, false).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let hash = id_hash(id);
        let now = now_ms();
        let mut tx = self.store.read().await.map_err(backend)?;
        let row = fetch_optional!(tx, SESSION_GET as SessionRecord, &hash).map_err(backend)?;
        drop(tx);
        let Some(row) = row else { return Ok(None) };
        if self.is_over(&row, now) {
            let mut tx = self.store.write().await.map_err(backend)?;
            execute!(tx, SESSION_DELETE, &hash).map_err(backend)?;
            tx.commit().await.map_err(backend)?;
            return Ok(None);
        }
        if row.last_seen_at <= now - TOUCH_EVERY_MS.min(self.limits.idle / 4) {
            let mut tx = self.store.write().await.map_err(backend)?;
            execute!(tx, SESSION_TOUCH, &hash, now).map_err(backend)?;
            tx.commit().await.map_err(backend)?;
        }
        let mut data: std::collections::HashMap<String, serde_json::Value> =
            serde_json::from_str(&row.data).map_err(|e| Error::Decode(e.to_string()))?;
        let session: SessionId = row.public_id;
        data.insert(session_key::SESSION.to_owned(), session.to_string().into());
        data.insert(session_key::AGENT.to_owned(), row.agent.into());
        data.insert(session_key::ADDRESS.to_owned(), row.address.into());
        let expiry_date = OffsetDateTime::from_unix_timestamp(row.expires_at / 1000)
            .map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    /// Nobody finds it by this id any more. tower-sessions calls it also where a session gets another
    /// id: [`Self::create`] takes the row over then, and whoever ends the session in between takes it
    /// away for good. What nobody takes over is swept.
    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.store.write().await.map_err(backend)?;
        execute!(tx, SESSION_LEFT, id_hash(id), now_ms() + RENEW_WITHIN_MS).map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
