//! One database, two engines: opening, transactions, and running a statement on either.

use std::fs::Permissions;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Postgres, Sqlite, Transaction};

use crate::Error;

#[derive(Clone)]
pub(crate) enum Db {
    /// One writer, since SQLite has one anyway and waiting in our queue is fair and without
    /// polling; readers see the last commit and never wait.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction on either engine. Dropped without `commit`, nothing of it has happened.
pub struct Tx(pub(crate) Inner);

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression on whichever engine the transaction is of.
macro_rules! on {
    ($tx:expr, $connection:ident => $body:expr) => {
        match &mut $tx.0 {
            $crate::db::Inner::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::db::Inner::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use on;

/// All rows of a statement, by its name in `statement`.
macro_rules! fetch_all {
    ($tx:expr, $name:ident as $row:ty $(, $bind:expr)*) => {
        $crate::db::on!($tx, connection =>
            sqlx::query_as::<_, $row>($crate::statement::$name)
                $(.bind($bind))*.fetch_all(connection).await)
        .map_err(|source| $crate::Error::statement(stringify!($name), source))
    };
}
pub(crate) use fetch_all;

/// The one row of a statement, or none.
macro_rules! fetch_optional {
    ($tx:expr, $name:ident as $row:ty $(, $bind:expr)*) => {
        $crate::db::on!($tx, connection =>
            sqlx::query_as::<_, $row>($crate::statement::$name)
                $(.bind($bind))*.fetch_optional(connection).await)
        .map_err(|source| $crate::Error::statement(stringify!($name), source))
    };
}
pub(crate) use fetch_optional;

/// How many rows a statement changed.
macro_rules! execute {
    ($tx:expr, $name:ident $(, $bind:expr)*) => {
        $crate::db::on!($tx, connection =>
            sqlx::query($crate::statement::$name)
                $(.bind($bind))*.execute(connection).await.map(|done| done.rows_affected()))
        .map_err(|source| $crate::Error::statement(stringify!($name), source))
    };
}
pub(crate) use execute;

impl Db {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        match url.starts_with("postgres://") || url.starts_with("postgresql://") {
            true => Self::open_postgres(url).await,
            false => Self::open_sqlite(url).await,
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(Error::Open)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        private_file(options.get_filename())?;
        migrate_sqlite(&options).await?;
        let writer = kept(SqlitePoolOptions::new())
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(Error::Open)?;
        let reader = kept(SqlitePoolOptions::new())
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(Error::Open)?;
        Ok(Self::Sqlite { writer, reader })
    }

    async fn open_postgres(url: &str) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url).map_err(Error::Open)?;
        let pool = kept(PgPoolOptions::new())
            .max_connections(10)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .map_err(Error::Open)?;
        POSTGRES.run(&pool).await.map_err(Error::Migrate)?;
        Ok(Self::Postgres(pool))
    }

    pub(crate) async fn read(&self) -> Result<Tx, Error> {
        let inner = match self {
            Self::Sqlite { reader, .. } => reader.begin().await.map(Inner::Sqlite),
            Self::Postgres(pool) => pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await
                .map(Inner::Postgres),
        };
        inner
            .map(Tx)
            .map_err(|source| Error::statement("BEGIN", source))
    }

    pub(crate) async fn write(&self) -> Result<Tx, Error> {
        // A deferred transaction that reads and then writes fails at once on SQLite when another
        // one wrote in between, whatever the busy timeout.
        let inner = match self {
            Self::Sqlite { writer, .. } => writer
                .begin_with("BEGIN IMMEDIATE")
                .await
                .map(Inner::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Inner::Postgres),
        };
        let mut tx = Tx(inner.map_err(|source| Error::statement("BEGIN", source))?);
        if matches!(tx.0, Inner::Postgres(_)) {
            execute!(tx, TURN_TAKE)?;
        }
        Ok(tx)
    }
}

/// Connections live as long as their pool; a broken one is noticed when it is taken. The task of
/// sqlx 0.9.0 that ends old ones can spin without end and keep the pool from everybody, since it may
/// count one idle connection less than none (sqlx issue 3645); without ages it is never started.
fn kept<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.idle_timeout(None).max_lifetime(None)
}

/// Known to `testing`, too, which stops half-way.
pub(crate) static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// On a connection of its own, without foreign keys: SQLite changes some things of a table only by
/// making it anew, and dropping the old one would delete whatever points at it. A pragma within a
/// migration would change nothing, since each runs in a transaction.
async fn migrate_sqlite(options: &SqliteConnectOptions) -> Result<(), Error> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone().foreign_keys(false))
        .await
        .map_err(Error::Open)?;
    let done = SQLITE.run(&pool).await.map_err(Error::Migrate);
    pool.close().await;
    done
}

/// The database holds keys and password hashes: nobody else on the machine reads it. SQLite gives
/// its side files the mode of the main one.
fn private_file(path: &Path) -> Result<(), Error> {
    let made = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| file.set_permissions(Permissions::from_mode(0o600)));
    made.map_err(|why| Error::Open(sqlx::Error::Io(why)))
}

impl Tx {
    pub async fn commit(self) -> Result<(), Error> {
        match self.0 {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(|source| Error::statement("COMMIT", source))
    }
}
