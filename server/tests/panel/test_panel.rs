//! A panel for one test: SQLite in a folder of its own, a simulated host, a clock that stands still.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use control::{Control, ManualClock, Parts, SessionLimits, Settings};
use host::sim::Sim;
use model::{AccountView, ClusterView, Role};
use server::counts::Counts;
use server::http::WebSettings;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::browser::Browser;

/// 2026-01-01; any time does.
pub const START_MS: i64 = 1_767_225_600_000;
pub const PASSWORD: &str = "correct horse battery";

pub struct TestPanel {
    pub control: Control,
    pub store: store::Store,
    pub sim: Sim,
    pub clock: Arc<ManualClock>,
    pub router: Router,
    pub shutdown: CancellationToken,
    pub counts: Arc<Counts>,
    _dir: TempDir,
}

impl Drop for TestPanel {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[derive(Clone, Default)]
pub struct Options {
    pub is_https: bool,
    pub public_origin: Option<String>,
    pub session: SessionLimits,
    pub is_status_public: bool,
    /// Where people may sign in beside here.
    pub provider: Option<Arc<control::ProviderSettings>>,
    /// Whoever is on this machine may register segments.
    pub is_loopback_trusted: bool,
    /// Hosts beside `sim`, which reach the same engines.
    pub more_hosts: Vec<&'static str>,
}

impl TestPanel {
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("carina.db").display());
        let sim = Sim::new("sim").with_guests();
        let clock = Arc::new(ManualClock::new(START_MS));
        let store = store::Store::open(&url).await.unwrap();
        let control = Control::new(Parts {
            store: store.clone(),
            hosts: std::iter::once(sim.clone())
                .chain(options.more_hosts.iter().map(|name| sim.beside(name)))
                .map(|sim| Arc::new(sim) as Arc<dyn host::Host>)
                .collect(),
            engine: Arc::new(sim.clone()),
            endpoint: Arc::new(sim.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            settings: Settings {
                pool: ipnet::Ipv4Net::new_assert(Ipv4Addr::new(10, 84, 0, 0), 16),
                id_base: 30_000 * wire::ID_RANGE,
                image: "0123456789abcdef".to_owned(),
                discovery_port: 27_946,
                discovery_trusted: if options.is_loopback_trusted {
                    vec![Ipv4Addr::LOCALHOST.into()]
                } else {
                    Vec::new()
                },
                front_door_ports: 22_376..=22_400,
                public_names: vec!["127.0.0.1".into(), "panel.example".into()],
                session: options.session,
                is_status_public: options.is_status_public,
                public_origin: options.public_origin.clone(),
                is_https: options.is_https,
                provider: options.provider,
                ..Settings::default()
            },
        })
        .await
        .unwrap();
        let site = dir.path().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("pkg/carina.css"), "body{}").unwrap();
        std::fs::write(site.join("pkg/carina.css.br"), "not really brotli").unwrap();
        let shutdown = CancellationToken::new();
        let counts = Arc::new(Counts::default());
        let web = WebSettings {
            site_dir: site,
            is_https: options.is_https,
            public_origin: options.public_origin,
            trusted_proxies: Vec::new(),
            session_absolute: Duration::from_secs(3600),
            counts: Arc::clone(&counts),
        };
        let router = server::http::router(control.clone(), web, shutdown.clone());
        Self {
            control,
            store,
            sim,
            clock,
            router,
            shutdown,
            counts,
            _dir: dir,
        }
    }

    pub fn anonymous(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    pub async fn account(&self, name: &str) -> AccountView {
        self.account_as(name, Role::Member).await
    }

    pub async fn account_as(&self, name: &str, role: Role) -> AccountView {
        let system = control::Actor::system();
        self.control
            .account_create(&system, name, PASSWORD, role)
            .await
            .unwrap()
    }

    /// As [`TestPanel::signed_in`], with an administrator.
    pub async fn signed_in_administrator(&self, name: &str) -> Browser {
        self.signed_in_as(name, Role::Administrator).await
    }

    /// Somebody of this role, signed in by the form.
    pub async fn signed_in_as(&self, name: &str, role: Role) -> Browser {
        self.account_as(name, role).await;
        let browser = self.anonymous();
        browser.sign_in(name, PASSWORD).await;
        browser
    }

    /// Makes an account and signs in by the form.
    pub async fn signed_in(&self, name: &str) -> Browser {
        self.account(name).await;
        let browser = self.anonymous();
        browser.sign_in(name, PASSWORD).await;
        browser
    }

    /// A cluster of `name`'s that is up.
    pub async fn cluster(&self, owner: &str, name: &str, segments: u32) -> ClusterView {
        let actor = self.actor(owner).await;
        let cluster = self
            .control
            .cluster_create(&actor, name, segments)
            .await
            .unwrap();
        self.control.settle().await;
        self.control.cluster_get(&actor, cluster.id).await.unwrap()
    }

    pub async fn actor(&self, name: &str) -> control::Actor {
        let from = Ipv4Addr::LOCALHOST.into();
        match self.control.account_sign_in(name, PASSWORD, from).await {
            Ok(control::SignIn::Done(done)) => control::Actor::of(done.account),
            other => panic!("{name}: {other:?}"),
        }
    }
}
