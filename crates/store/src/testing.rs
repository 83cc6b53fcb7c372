//! Fresh databases for tests: SQLite always, PostgreSQL when `CARINA_TEST_POSTGRES` has a URL.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, SqlitePool};

use crate::db::{POSTGRES as POSTGRES_MIGRATIONS, SQLITE as SQLITE_MIGRATIONS};
use crate::{Store, session_key};

/// A database of a test's own, gone with it.
pub struct TestStore {
    pub engine: &'static str,
    pub url: String,
    pub store: Store,
    _place: Place,
}

impl TestStore {
    /// Runs a statement that the panel does not have.
    pub async fn raw(&self, text: &'static str) -> Result<(), crate::Error> {
        let mut tx = self.store.write().await?;
        crate::db::on!(tx, connection =>
            sqlx::query(text).execute(connection).await.map(|_| ()))
        .map_err(|source| crate::Error::statement("RAW", source))?;
        tx.commit().await
    }
}

impl TestStore {
    /// A browser in which this account is signed in.
    pub async fn session(&self, account: model::AccountId) -> model::SessionId {
        use tower_sessions::SessionStore as _;
        use tower_sessions::cookie::time::{Duration, OffsetDateTime};
        use tower_sessions::session::{Id, Record};
        let hour = std::time::Duration::from_secs(3600);
        let sessions = self.store.session_store(hour, hour);
        let data = [(session_key::ACCOUNT.to_owned(), account.to_string().into())];
        let mut record = Record {
            id: Id::default(),
            data: data.into(),
            expiry_date: OffsetDateTime::now_utc() + Duration::hours(1),
        };
        sessions.create(&mut record).await.expect("a session");
        let found = sessions.load(&record.id).await.expect("a session");
        let found = found.expect("it was just made");
        let public = found.data[session_key::SESSION].as_str().map(str::parse);
        public.expect("a text").expect("an id")
    }
}

enum Place {
    Folder { _folder: tempfile::TempDir },
    Schema { url: String, name: String },
}

/// The environment variable with a PostgreSQL URL whose user may make schemas.
pub const POSTGRES: &str = "CARINA_TEST_POSTGRES";

/// How a database was before the panel of today opened it: its last migration, and the rows that
/// these statements made then.
#[derive(Clone, Copy)]
pub struct Before {
    pub version: i64,
    pub rows: &'static [&'static str],
}

/// One of each engine there is.
pub async fn stores() -> Vec<TestStore> {
    let mut stores = vec![sqlite().await];
    stores.extend(postgres().await);
    stores
}

/// The same, brought up to date from an older panel's.
pub async fn stores_from(before: Before) -> Vec<TestStore> {
    let mut stores = vec![sqlite_from(Some(before)).await];
    stores.extend(postgres_from(Some(before)).await);
    stores
}

pub async fn sqlite() -> TestStore {
    sqlite_from(None).await
}

async fn sqlite_from(before: Option<Before>) -> TestStore {
    let folder = tempfile::tempdir().expect("because tests may write to the temporary directory");
    let url = format!("sqlite://{}/carina.db", folder.path().display());
    if let Some(before) = before {
        let made = sqlite_make(&format!("{url}?mode=rwc"), before).await;
        made.expect("because an older panel could do it");
    }
    let store = Store::open(&url).await.expect("because the file opens");
    TestStore {
        engine: "sqlite",
        url,
        store,
        _place: Place::Folder { _folder: folder },
    }
}

async fn sqlite_make(url: &str, before: Before) -> Result<(), sqlx::Error> {
    let pool = SqlitePool::connect(url).await?;
    SQLITE_MIGRATIONS.run_to(before.version, &pool).await?;
    for text in before.rows {
        pool.execute(*text).await?;
    }
    pool.close().await;
    Ok(())
}

async fn postgres_make(url: &str, before: Before) -> Result<(), sqlx::Error> {
    let pool = PgPool::connect(url).await?;
    POSTGRES_MIGRATIONS.run_to(before.version, &pool).await?;
    for text in before.rows {
        pool.execute(*text).await?;
    }
    pool.close().await;
    Ok(())
}

/// None, and a line that says so, without a server to use.
pub async fn postgres() -> Option<TestStore> {
    postgres_from(None).await
}

async fn postgres_from(before: Option<Before>) -> Option<TestStore> {
    let Ok(url) = std::env::var(POSTGRES) else {
        #[expect(clippy::print_stdout, reason = "a skipped test says that it was")]
        {
            println!("skipped on PostgreSQL: {POSTGRES} is not set");
        }
        return None;
    };
    let name = format!("carina_{}", uuid::Uuid::new_v4().simple());
    run(&url, format!("CREATE SCHEMA {name}"))
        .await
        .expect("because the user may make schemas");
    let separator = if url.contains('?') { '&' } else { '?' };
    let own = format!("{url}{separator}options=-csearch_path%3D{name}&application_name={name}");
    if let Some(before) = before {
        let made = postgres_make(&own, before).await;
        made.expect("because an older panel could do it");
    }
    let store = Store::open(&own)
        .await
        .expect("because the server just answered");
    let place = Place::Schema { url, name };
    Some(TestStore {
        engine: "postgres",
        url: own,
        store,
        _place: place,
    })
}

async fn run(url: &str, text: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query(AssertSqlSafe(text))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self::Schema { url, name } = self else {
            return;
        };
        // Transactions that a test left open hold locks, and their owner's runtime is waiting here.
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        );
        let (url, text) = (url.clone(), format!("DROP SCHEMA {name} CASCADE"));
        // A runtime of its own: the test's may be gone, and a drop cannot wait in it.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.map(|runtime| {
                let _ = runtime.block_on(run(&url, end));
                runtime.block_on(run(&url, text))
            })
        });
        let _ = dropping.join();
    }
}
