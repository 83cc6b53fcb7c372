//! A panel on a fresh database and a simulated host.

use std::sync::Arc;

use host::sim::Sim;
use model::{AccountId, AccountView, ClusterId, Phase, Role};
use store::AccountRecord;
use store::testing::TestStore;
use uuid::Uuid;

use crate::{Actor, Control, ManualClock, Parts, Settings};

pub struct World {
    pub store: TestStore,
    pub sim: Sim,
    pub clock: Arc<ManualClock>,
    pub control: Control,
}

pub fn settings() -> Settings {
    Settings {
        pool: "10.84.0.0/16".parse().unwrap(),
        id_base: 30_000 * wire::ID_RANGE,
        image: "0123456789abcdef".into(),
        public_names: vec!["192.0.2.7".into(), "panel.example".into()],
        discovery_trusted: vec!["127.0.0.1".parse().unwrap()],
        ..Settings::default()
    }
}

pub fn parts(store: &TestStore, sim: &Sim, clock: &Arc<ManualClock>) -> Parts {
    Parts {
        store: store.store.clone(),
        hosts: vec![Arc::new(sim.clone())],
        engine: Arc::new(sim.clone()),
        endpoint: Arc::new(sim.clone()),
        clock: clock.clone(),
        settings: settings(),
    }
}

impl World {
    pub async fn new() -> Self {
        Self::on(store::testing::sqlite().await).await
    }

    pub async fn on(store: TestStore) -> Self {
        Self::with(store, Sim::new("sim")).await
    }

    /// Segments come with containers.
    pub async fn inhabited() -> Self {
        Self::inhabited_on(store::testing::sqlite().await).await
    }

    pub async fn inhabited_on(store: TestStore) -> Self {
        Self::with(store, Sim::new("sim").with_guests()).await
    }

    /// With hosts beside the first, which reach the same engines.
    pub async fn of_hosts(store: TestStore, more: &[&str]) -> Self {
        Self::made(store, Sim::new("sim"), more).await
    }

    async fn with(store: TestStore, sim: Sim) -> Self {
        Self::made(store, sim, &[]).await
    }

    async fn made(store: TestStore, sim: Sim, more: &[&str]) -> Self {
        let clock = Arc::new(ManualClock::new(1_790_000_000_000));
        let mut parts = parts(&store, &sim, &clock);
        for name in more {
            parts.hosts.push(Arc::new(sim.beside(name)));
        }
        let control = Control::new(parts).await.unwrap();
        Self {
            store,
            sim,
            clock,
            control,
        }
    }

    /// Somebody with an account whose password nobody needs.
    pub async fn actor(&self, name: &str) -> Actor {
        self.actor_as(name, Role::Member).await
    }

    pub async fn actor_as(&self, name: &str, role: Role) -> Actor {
        let account = AccountRecord {
            id: AccountId(Uuid::now_v7()),
            name: name.parse().unwrap(),
            role,
            password_hash: "-".into(),
            created_at: 0,
            suspended_at: None,
            last_sign_in_at: None,
            epoch: 0,
            quota: store::QuotaRecord::default(),
        };
        let mut tx = self.store.store.write().await.unwrap();
        tx.account_insert(&account).await.unwrap();
        tx.commit().await.unwrap();
        let account = AccountView {
            id: account.id,
            name: account.name,
            role: account.role,
        };
        Actor::of(account)
    }

    /// Settles until the cluster is up: on a busy machine one time may not be enough.
    pub async fn up(&self, actor: &Actor, cluster: ClusterId) {
        for _ in 0..20 {
            self.control.settle().await;
            let view = self.control.cluster_get(actor, cluster).await.unwrap();
            if view.phase == Phase::Active {
                return;
            }
        }
        panic!("the cluster does not come up");
    }
}
