//! The only SQL: one text per statement on SQLite and on PostgreSQL.
//!
//! A use-case opens one transaction with [`Store::write`], calls the verbs of [`Tx`] and commits.
//! Nothing here decides anything, and nothing here knows what a wish or a fact means.

mod account;
mod cluster;
mod container_metric;
mod db;
mod fact;
mod identity;
mod metric;
mod numbers;
mod operation;
mod passkey;
mod people;
mod proof;
mod record;
mod session;
pub mod statement;
mod team;
#[cfg(feature = "testing")]
pub mod testing;

use std::time::Duration;

pub use account::BundleLink;
pub use container_metric::SegmentActive;
pub use db::Tx;
pub use metric::{MetricPlace, MetricRow, MetricSeries};
pub use numbers::{ClusterNumbers, HostSegments, SegmentNumbers};
pub use record::{
    AccountRecord, AuditFilter, AuditRecord, CertificateRecord, ClusterFact, ClusterWish,
    InvitationRecord, LoopRecord, OperationRecord, PasskeyRecord, PersonRecord, QuotaRecord,
    QuotaUsed, RequestRecord, SegmentFact, SegmentWish, SessionRecord, StepRecord, Text,
    TokenRecord, TwoFactorRecord,
};
pub use session::{SessionLimitsMs, SessionStore, session_key};
pub use team::{TeamClusterRecord, TeamLineRecord, TeamOfRecord, TeamPersonRecord, TeamRecord};

/// Why a statement failed; callers tell these apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("opening the database")]
    Open(#[source] sqlx::Error),
    #[error("bringing the database's tables up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// Another row has the same value where only one may.
    #[error("{statement} meets a row that is there already")]
    Taken { statement: &'static str },
    #[error("running {statement}")]
    Statement {
        statement: &'static str,
        #[source]
        source: sqlx::Error,
    },
}

impl Error {
    fn statement(statement: &'static str, source: sqlx::Error) -> Self {
        let is_taken = source
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        match is_taken {
            true => Self::Taken { statement },
            false => Self::Statement { statement, source },
        }
    }
}

/// The database.
#[derive(Clone)]
pub struct Store {
    db: db::Db,
}

impl Store {
    /// `sqlite:///path/carina.db` (made when missing) or `postgres://…`; runs the migrations.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Ok(Self {
            db: db::Db::open(url).await?,
        })
    }

    /// A consistent view; nothing can be written in it.
    pub async fn read(&self) -> Result<Tx, Error> {
        self.db.read().await
    }

    /// A writing transaction; there is one at a time.
    pub async fn write(&self) -> Result<Tx, Error> {
        self.db.write().await
    }

    /// Nobody else can be using the database: leases found at start are of a dead process.
    pub fn is_exclusive(&self) -> bool {
        matches!(self.db, db::Db::Sqlite { .. })
    }

    /// Sessions for tower-sessions, with both limits enforced here and not by a cookie.
    pub fn session_store(&self, idle: Duration, absolute: Duration) -> SessionStore {
        SessionStore::new(self.clone(), SessionLimitsMs::new(idle, absolute))
    }

    /// Asks the engine to prepare every statement; returns those it refuses, and why.
    pub async fn statements_check(&self) -> Result<Vec<String>, Error> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let mut refused = Vec::new();
        let mut tx = self.read().await?;
        for (name, text) in statement::all() {
            let prepared = db::on!(tx, connection =>
                connection.prepare(text.into_sql_str()).await.map(|_| ()));
            if let Err(error) = prepared {
                refused.push(format!("{name}: {error}"));
                tx = self.read().await?;
            }
        }
        Ok(refused)
    }
}
