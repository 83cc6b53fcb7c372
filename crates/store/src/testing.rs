//! Fresh databases for tests: SQLite always, PostgreSQL when `CARINA_TEST_POSTGRES` has a URL.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::Store;

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

enum Place {
    Folder { _folder: tempfile::TempDir },
    Schema { url: String, name: String },
}

/// The environment variable with a PostgreSQL URL whose user may make schemas.
pub const POSTGRES: &str = "CARINA_TEST_POSTGRES";

/// One of each engine there is.
pub async fn stores() -> Vec<TestStore> {
    let mut stores = vec![sqlite().await];
    stores.extend(postgres().await);
    stores
}

pub async fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().expect("because tests may write to the temporary directory");
    let url = format!("sqlite://{}/carina.db", folder.path().display());
    let store = Store::open(&url).await.expect("because a new file opens");
    TestStore {
        engine: "sqlite",
        url,
        store,
        _place: Place::Folder { _folder: folder },
    }
}

/// None, and a line that says so, without a server to use.
pub async fn postgres() -> Option<TestStore> {
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
