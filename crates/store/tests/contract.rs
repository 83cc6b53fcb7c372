//! The same story on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its helpers too"
)]

use std::net::Ipv4Addr;
use std::time::Duration;

use model::{
    AccountId, CertificateKind, ClusterId, OperationId, OperationKind, OperationState, PasskeyId,
    Phase, Role, SegmentPhase,
};
use store::testing::stores;
use store::{
    AccountRecord, AuditRecord, BundleLink, CertificateRecord, ClusterFact, ClusterWish, Error,
    OperationRecord, PasskeyRecord, SegmentFact, SegmentWish, StepRecord, Store, Text, session_key,
};
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};
use uuid::Uuid;

fn account(name: &str) -> AccountRecord {
    AccountRecord {
        id: AccountId(Uuid::now_v7()),
        name: name.parse().unwrap(),
        role: Role::Member,
        password_hash: "$argon2id$…".into(),
        created_at: 1,
        suspended_at: None,
        last_sign_in_at: None,
        epoch: 0,
        quota: store::QuotaRecord::default(),
    }
}

fn cluster(account: &AccountRecord, name: &str, n: u8) -> ClusterWish {
    ClusterWish {
        id: ClusterId(Uuid::new_v4()),
        owner_id: account.id.into(),
        name: name.parse().unwrap(),
        host: "local".into(),
        network_mode: "nat".into(),
        subnet: format!("10.84.{n}.0/24"),
        front_door_port: 12_376 + u16::from(n),
        token: format!("{n:032x}"),
        authorities: "{}".into(),
        segments: 1,
        desired_generation: 1,
        rebuild_generation: 0,
        autoscale: false,
        disk_gib: None,
        deleting_since: None,
        created_at: 5,
    }
}

fn segment(cluster: &ClusterWish, ordinal: u32, n: u8) -> SegmentWish {
    SegmentWish {
        cluster_id: cluster.id,
        ordinal,
        address: Text(Ipv4Addr::new(
            10,
            84,
            n,
            10 + u8::try_from(ordinal).unwrap(),
        )),
        id_base: 65_536 * (u32::from(n) * 10 + ordinal),
        mac: "02:ca:0a:54:00:0b".into(),
        image: "0123456789abcdef".into(),
        memory_mib: 2048,
        vcpus: 2,
        disk_bytes: 20 << 30,
        pids: 4096,
        seed_generation: 1,
        material: "{}".into(),
        placed_at: 5,
        removing_since: None,
    }
}

async fn with_account(store: &Store, name: &str) -> AccountRecord {
    let account = account(name);
    let mut tx = store.write().await.unwrap();
    tx.account_insert(&account).await.unwrap();
    tx.commit().await.unwrap();
    account
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    for test in stores().await {
        let refused = test.store.statements_check().await.unwrap();
        assert_eq!(refused, Vec::<String>::new(), "{}", test.engine);
    }
}

#[test]
fn both_engines_have_the_same_migrations() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let names = |engine: &str| {
        let mut names: Vec<_> = std::fs::read_dir(format!("{folder}/{engine}"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[tokio::test]
async fn a_dropped_transaction_has_not_happened() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        tx.account_insert(&account("ada")).await.unwrap();
        drop(tx);
        let mut tx = test.store.read().await.unwrap();
        assert_eq!(tx.account_count().await.unwrap(), 0, "{}", test.engine);
    }
}

#[tokio::test]
async fn an_account_name_is_taken_once() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let mut tx = test.store.write().await.unwrap();
        let again = tx.account_insert(&account("ada")).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{}", test.engine);
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        tx.account_password_set(ada.id, "new").await.unwrap();
        let found = tx.account_by_name(&ada.name).await.unwrap().unwrap();
        assert_eq!((found.id, found.password_hash.as_str()), (ada.id, "new"));
        assert!(
            tx.account_by_id(AccountId(Uuid::nil()))
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn an_identity_is_of_one_account_and_goes_with_it() {
    for test in stores().await {
        let store = &test.store;
        let ada = with_account(store, "ada").await;
        let bob = with_account(store, "bob").await;
        let mut tx = store.write().await.unwrap();
        tx.identity_insert("https://a", "1", ada.id, 5)
            .await
            .unwrap();
        tx.identity_insert("https://b", "1", bob.id, 6)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for (issuer, subject, account) in [("https://a", "1", bob.id), ("https://a", "2", ada.id)] {
            let mut tx = store.write().await.unwrap();
            let again = tx.identity_insert(issuer, subject, account, 7).await;
            assert!(matches!(again, Err(Error::Taken { .. })));
        }
        let mut tx = store.write().await.unwrap();
        let of = tx.identity_account("https://a", "1").await.unwrap();
        assert_eq!(of, Some(ada.id));
        assert_eq!(tx.identity_account("https://a", "x").await.unwrap(), None);
        assert_eq!(
            tx.identity_since(ada.id, "https://a").await.unwrap(),
            Some(5)
        );
        assert_eq!(tx.identity_since(ada.id, "https://b").await.unwrap(), None);
        // An administrator without a password counts while the provider is there.
        tx.account_role_set(ada.id, Role::Administrator)
            .await
            .unwrap();
        tx.account_password_set(ada.id, "").await.unwrap();
        for (issuer, count) in [("https://a", 1), ("https://b", 0), ("", 0)] {
            assert_eq!(tx.account_administrators(issuer, "").await.unwrap(), count);
        }
        assert!(tx.identity_delete(bob.id, "https://b").await.unwrap());
        assert!(!tx.identity_delete(bob.id, "https://b").await.unwrap());
        tx.account_delete(ada.id).await.unwrap();
        assert_eq!(tx.identity_account("https://a", "1").await.unwrap(), None);
        tx.commit().await.unwrap();
    }
}

fn passkey(account: &AccountRecord, credential_id: &str) -> PasskeyRecord {
    PasskeyRecord {
        id: PasskeyId(Uuid::now_v7()),
        account_id: account.id,
        credential_id: credential_id.into(),
        site: "panel.example".into(),
        name: "phone".into(),
        data: "{}".into(),
        last_proof: String::new(),
        made_at: 5,
        last_used_at: None,
    }
}

#[tokio::test]
async fn a_passkey_is_of_one_account_takes_no_proof_twice_and_is_a_way_in() {
    for test in stores().await {
        let store = &test.store;
        let ada = with_account(store, "ada").await;
        let bob = with_account(store, "bob").await;
        let mut tx = store.write().await.unwrap();
        let one = passkey(&ada, "one");
        tx.passkey_insert(&one).await.unwrap();
        tx.passkey_insert(&passkey(&ada, "two")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.write().await.unwrap();
        let again = tx.passkey_insert(&passkey(&bob, "one")).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{}", test.engine);
        drop(tx);
        let mut tx = store.write().await.unwrap();
        assert_eq!(tx.passkey_list(ada.id).await.unwrap().len(), 2);
        assert!(tx.passkey_list(bob.id).await.unwrap().is_empty());
        let person = tx.person_get(ada.id).await.unwrap().unwrap();
        assert_eq!(
            (person.passkeys, person.factors, person.clusters),
            (2, 0, 0)
        );
        // Each use once: not the same proof again, and not from what is no longer so.
        assert!(tx.passkey_use(&one, "{1}", "a", 9).await.unwrap());
        assert!(!tx.passkey_use(&one, "{2}", "b", 9).await.unwrap());
        let used = tx.passkey_by_credential("one").await.unwrap().unwrap();
        assert_eq!((used.data.as_str(), used.last_used_at), ("{1}", Some(9)));
        assert!(!tx.passkey_use(&used, "{2}", "a", 9).await.unwrap());
        assert!(tx.passkey_use(&used, "{2}", "b", 9).await.unwrap());
        assert!(tx.passkey_by_credential("x").await.unwrap().is_none());
        // An administrator without a password counts where their passkey works.
        tx.account_role_set(ada.id, Role::Administrator)
            .await
            .unwrap();
        tx.account_password_set(ada.id, "").await.unwrap();
        for (site, count) in [("", 1), ("panel.example", 1), ("elsewhere", 0)] {
            assert_eq!(tx.account_administrators("", site).await.unwrap(), count);
        }
        assert!(!tx.passkey_delete(bob.id, one.id).await.unwrap());
        assert!(tx.passkey_delete(ada.id, one.id).await.unwrap());
        assert_eq!(tx.passkey_clear(ada.id).await.unwrap(), 1);
        assert_eq!(tx.account_administrators("", "").await.unwrap(), 0);
        tx.passkey_insert(&one).await.unwrap();
        tx.account_delete(ada.id).await.unwrap();
        assert!(tx.passkey_by_credential("one").await.unwrap().is_none());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn links_are_taken_once() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let wish = cluster(&ada, "lab", 1);
        let mut tx = test.store.write().await.unwrap();
        tx.setup_link_replace("old", 100).await.unwrap();
        tx.setup_link_replace("new", 100).await.unwrap();
        assert!(
            !tx.setup_link_take("old", 1).await.unwrap(),
            "{}",
            test.engine
        );
        assert!(!tx.setup_link_take("new", 100).await.unwrap());
        assert!(tx.setup_link_take("new", 99).await.unwrap());
        assert!(!tx.setup_link_take("new", 99).await.unwrap());
        tx.cluster_insert(&wish).await.unwrap();
        let link = BundleLink {
            cluster_id: wish.id,
            account_id: ada.id,
            browser_host: Some("panel".into()),
            label: String::new(),
            expires_at: 9,
        };
        tx.bundle_link_insert("hash", &link).await.unwrap();
        let taken = tx.bundle_link_take("hash").await.unwrap().unwrap();
        assert_eq!(taken.browser_host.as_deref(), Some("panel"));
        assert!(tx.bundle_link_take("hash").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_cluster_lives_and_goes_with_everything_of_it() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let wish = cluster(&ada, "lab", 1);
        let operation = OperationRecord {
            id: OperationId(Uuid::now_v7()),
            cluster_id: wish.id,
            kind: OperationKind::Create,
            summary: "Create".into(),
            generation: 1,
            by_name: "ada".into(),
            state: OperationState::Running,
            started_at: 5,
            ended_at: None,
        };
        let step = StepRecord {
            position: 0,
            key: "placed".into(),
            label: "Placed".into(),
            done_at: None,
        };
        let mut tx = test.store.write().await.unwrap();
        tx.cluster_insert(&wish).await.unwrap();
        tx.segment_insert(&segment(&wish, 2, 1)).await.unwrap();
        tx.segment_insert(&segment(&wish, 1, 1)).await.unwrap();
        tx.operation_insert(&operation, &[step]).await.unwrap();
        assert!(tx.step_done(operation.id, "placed", 7).await.unwrap());
        assert!(!tx.step_done(operation.id, "placed", 8).await.unwrap());
        let fact = ClusterFact {
            observed_generation: 1,
            phase: Phase::Building,
            reason: Some("waits".into()),
            next_try_at: None,
            waiting_since: Some(6),
            first_active_at: None,
            observed_at: 7,
            last_plan: "[]".into(),
            last_round_ms: 3,
        };
        tx.fact_put(wish.id, &fact).await.unwrap();
        let fact = ClusterFact {
            phase: Phase::Active,
            first_active_at: Some(9),
            ..fact
        };
        tx.fact_put(wish.id, &fact).await.unwrap();
        let seen = SegmentFact {
            ordinal: 1,
            phase: SegmentPhase::Active,
            reason: None,
            engine_version: Some("26.1.5".into()),
            is_answering: true,
            running_since: Some(6),
            disk_bytes: Some(20 << 30),
        };
        tx.segment_fact_put(wish.id, &seen).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = test.store.read().await.unwrap();
        assert_eq!(
            tx.fact_get(wish.id).await.unwrap(),
            Some(fact),
            "{}",
            test.engine
        );
        assert_eq!(tx.segment_fact_list(wish.id).await.unwrap(), vec![seen]);
        let ordinals: Vec<u32> = tx
            .segment_list(wish.id)
            .await
            .unwrap()
            .iter()
            .map(|s| s.ordinal)
            .collect();
        assert_eq!(ordinals, vec![1, 2]);
        assert_eq!(
            tx.segment_id_bases().await.unwrap(),
            vec![11 * 65_536, 12 * 65_536]
        );
        let there = store::HostSegments { all: 2, coming: 1 };
        assert_eq!(tx.segment_hosts().await.unwrap().get("local"), Some(&there));
        assert_eq!(
            tx.step_list(operation.id).await.unwrap()[0].done_at,
            Some(7)
        );
        assert_eq!(
            tx.cluster_by_token(&wish.token).await.unwrap().unwrap().id,
            wish.id
        );
        drop(tx);

        let mut tx = test.store.write().await.unwrap();
        // Not wished away: it stays, and so do its segments.
        assert!(!tx.cluster_delete(wish.id).await.unwrap());
        tx.segment_delete(wish.id, 2).await.unwrap();
        assert_eq!(tx.segment_list(wish.id).await.unwrap().len(), 2);
        assert!(tx.cluster_deleting(wish.id, 10, 2).await.unwrap());
        assert!(!tx.cluster_deleting(wish.id, 11, 3).await.unwrap());
        tx.segment_removing(wish.id, 2, Some(10)).await.unwrap();
        tx.segment_delete(wish.id, 2).await.unwrap();
        assert_eq!(tx.segment_list(wish.id).await.unwrap().len(), 1);
        assert!(tx.operation_done(wish.id, 1, 12).await.unwrap());
        assert!(!tx.operation_done(wish.id, 1, 13).await.unwrap());
        assert!(tx.cluster_delete(wish.id).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = test.store.read().await.unwrap();
        assert!(tx.cluster_by_id(wish.id).await.unwrap().is_none());
        assert!(tx.loop_all().await.unwrap().is_empty());
        assert!(tx.segment_id_bases().await.unwrap().is_empty());
        assert!(tx.operation_list(wish.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn disks_grow_up_to_an_ordinal_and_never_shrink() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let (lab, other) = (cluster(&ada, "lab", 1), cluster(&ada, "other", 2));
        let own = ClusterWish {
            disk_gib: Some(40),
            ..other
        };
        let mut tx = test.store.write().await.unwrap();
        for wish in [&lab, &own] {
            tx.cluster_insert(wish).await.unwrap();
        }
        for ordinal in 1..=3 {
            let segment = SegmentWish {
                disk_bytes: u64::from(ordinal) * 10,
                ..segment(&lab, ordinal, 1)
            };
            tx.segment_insert(&segment).await.unwrap();
        }
        tx.segment_insert(&segment(&own, 1, 2)).await.unwrap();
        tx.segment_disk_grow(lab.id, 2, 15).await.unwrap();
        tx.cluster_disk_set(lab.id, 15, 7).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = test.store.read().await.unwrap();
        let rows = tx.segment_list(lab.id).await.unwrap();
        let sizes: Vec<u64> = rows.iter().map(|row| row.disk_bytes).collect();
        assert_eq!(sizes, [15, 20, 30], "{}", test.engine);
        let elsewhere = tx.segment_list(own.id).await.unwrap();
        assert_eq!(elsewhere[0].disk_bytes, 20 << 30);
        let found = tx.cluster_by_id(lab.id).await.unwrap().unwrap();
        assert_eq!((found.disk_gib, found.desired_generation), (Some(15), 7));
        let all = tx.cluster_all().await.unwrap();
        let wishes: Vec<Option<i64>> = all.iter().map(|wish| wish.disk_gib).collect();
        assert!(wishes.contains(&Some(15)) && wishes.contains(&Some(40)));
        let used = tx.quota_used(ada.id.into()).await.unwrap();
        assert_eq!(used.disk_bytes, 15 + 20 + 30 + (20 << 30));
    }
}

#[tokio::test]
async fn names_are_unique_within_an_account_only() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let bob = with_account(&test.store, "bob").await;
        let mut tx = test.store.write().await.unwrap();
        tx.cluster_insert(&cluster(&ada, "lab", 1)).await.unwrap();
        tx.cluster_insert(&cluster(&bob, "lab", 2)).await.unwrap();
        assert_eq!(tx.cluster_by_owner(bob.id.into()).await.unwrap().len(), 1);
        assert_eq!(tx.cluster_all().await.unwrap().len(), 2);
        let again = tx.cluster_insert(&cluster(&ada, "lab", 3)).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{}", test.engine);
    }
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_expires() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let wish = cluster(&ada, "lab", 1);
        let mut tx = test.store.write().await.unwrap();
        tx.cluster_insert(&wish).await.unwrap();
        assert_eq!(
            tx.lease_take(wish.id, "a", 100, 200).await.unwrap(),
            Some(0)
        );
        assert_eq!(
            tx.lease_take(wish.id, "b", 150, 250).await.unwrap(),
            None,
            "{}",
            test.engine
        );
        assert!(tx.lease_renew(wish.id, "a", 200, 300).await.unwrap());
        assert!(!tx.lease_renew(wish.id, "b", 200, 300).await.unwrap());
        // After its end the next one takes it, and the first one is told.
        assert_eq!(
            tx.lease_take(wish.id, "b", 301, 400).await.unwrap(),
            Some(0)
        );
        assert!(!tx.lease_renew(wish.id, "a", 302, 500).await.unwrap());
        assert!(!tx.lease_return(wish.id, "a", 9, 999).await.unwrap());
        assert!(tx.lease_return(wish.id, "b", 4, 900).await.unwrap());
        let turn = &tx.loop_all().await.unwrap()[0];
        assert_eq!((turn.attempt, turn.due_at), (4, 900));
        assert_eq!(
            tx.lease_take(wish.id, "a", 303, 400).await.unwrap(),
            Some(4)
        );
        tx.lease_clear().await.unwrap();
        tx.loop_due_now(wish.id, 310).await.unwrap();
        assert_eq!(
            tx.lease_take(wish.id, "c", 304, 400).await.unwrap(),
            Some(0)
        );
    }
}

#[tokio::test]
async fn certificates_are_listed_and_revoked_once() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let (wish, other) = (cluster(&ada, "lab", 1), cluster(&ada, "lab2", 2));
        let mut tx = test.store.write().await.unwrap();
        tx.cluster_insert(&wish).await.unwrap();
        tx.cluster_insert(&other).await.unwrap();
        let made = CertificateRecord {
            serial: "0a".repeat(16),
            kind: CertificateKind::Bundle,
            label: "laptop".into(),
            made_by: "ada".into(),
            made_at: 3,
            expires_at: 40,
            revoked_at: None,
            last_seen_at: None,
        };
        tx.certificate_insert(wish.id, &made).await.unwrap();
        let later = CertificateRecord {
            serial: "0b".repeat(16),
            expires_at: 90,
            ..made.clone()
        };
        // Of one person only the latest counts, but for one that is in use.
        let ending = async |tx: &mut store::Tx| {
            let found = tx.certificate_ending(wish.id, 10, 60, 15).await;
            found.unwrap()
        };
        assert_eq!(ending(&mut tx).await, Some((1, 40)));
        tx.certificate_insert(wish.id, &later).await.unwrap();
        assert_eq!(ending(&mut tx).await, None);
        for (id, at, is_news) in [
            (other.id, 20, false),
            (wish.id, 20, true),
            (wish.id, 20, false),
            (wish.id, 19, false),
        ] {
            let seen = tx.certificate_seen(id, &made.serial, at).await.unwrap();
            assert_eq!(seen, is_news, "{at} {}", test.engine);
        }
        assert_eq!(ending(&mut tx).await, Some((1, 40)));
        let list = tx.certificate_list(wish.id).await.unwrap();
        let seen = list.iter().map(|row| row.last_seen_at);
        assert_eq!(seen.collect::<Vec<_>>(), [Some(20), None]);
        assert!(
            !tx.certificate_revoke(other.id, &made.serial, 5)
                .await
                .unwrap()
        );
        assert!(
            tx.certificate_revoke(wish.id, &made.serial, 5)
                .await
                .unwrap()
        );
        assert!(
            !tx.certificate_revoke(wish.id, &made.serial, 6)
                .await
                .unwrap(),
            "{}",
            test.engine
        );
        assert_eq!(
            tx.certificate_revoked(wish.id).await.unwrap(),
            vec![made.serial.clone()]
        );
        assert_eq!(
            tx.certificate_list(wish.id).await.unwrap()[0].revoked_at,
            Some(5)
        );
        for (k, made_by) in ["ada", "bob", "ada"].into_iter().enumerate() {
            let row = CertificateRecord {
                serial: format!("{k:032}"),
                made_by: made_by.into(),
                ..made.clone()
            };
            tx.certificate_insert(if k == 2 { other.id } else { wish.id }, &row)
                .await
                .unwrap();
        }
        assert_eq!(tx.certificate_revoke_of("ada", 7).await.unwrap(), 3);
        assert_eq!(tx.certificate_revoke_of("ada", 8).await.unwrap(), 0);
        assert_eq!(tx.certificate_revoked(wish.id).await.unwrap().len(), 3);
        assert_eq!(tx.certificate_revoked(other.id).await.unwrap().len(), 1);
        // All have expired: bob's goes, what was revoked is still told.
        tx.certificate_sweep(wish.id, CertificateKind::Bundle, 95)
            .await
            .unwrap();
        assert_eq!(tx.certificate_list(wish.id).await.unwrap().len(), 3);
        assert_eq!(tx.certificate_revoked(wish.id).await.unwrap().len(), 3);
        assert!(
            !tx.certificate_seen(wish.id, &made.serial, 96)
                .await
                .unwrap()
        );
    }
}

#[tokio::test]
async fn the_panel_keeps_its_values_and_its_audit() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        assert_eq!(tx.panel_get("id").await.unwrap(), None);
        tx.panel_set("id", "one").await.unwrap();
        tx.panel_set("id", "two").await.unwrap();
        assert_eq!(
            tx.panel_get("id").await.unwrap().as_deref(),
            Some("two"),
            "{}",
            test.engine
        );
        let row = AuditRecord {
            id: Uuid::now_v7().to_string(),
            at: 1,
            actor_id: "x".into(),
            actor_name: "ada".into(),
            action: "cluster_create".into(),
            subject: "lab".into(),
            detail: String::new(),
            subject_id: String::new(),
            owner_id: String::new(),
        };
        tx.audit_insert(&row).await.unwrap();
        assert_eq!(tx.audit_list().await.unwrap(), vec![row]);
        tx.commit().await.unwrap();
        // Nobody takes anything back, whoever writes the statement.
        for text in ["UPDATE audit SET actor_name = 'eve'", "DELETE FROM audit"] {
            let refused = test.raw(text).await;
            assert!(refused.is_err(), "{}: {text}", test.engine);
        }
    }
}

fn record(account: AccountId) -> Record {
    let mut data = std::collections::HashMap::new();
    data.insert(session_key::ACCOUNT.to_owned(), account.to_string().into());
    data.insert(session_key::AGENT.to_owned(), "Firefox".into());
    data.insert(session_key::ADDRESS.to_owned(), "192.0.2.1".into());
    data.insert("other".to_owned(), 7.into());
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::hours(2);
    Record {
        id: Id::default(),
        data,
        expiry_date,
    }
}

#[tokio::test]
async fn a_session_is_kept_listed_and_ended() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let hour = Duration::from_secs(3600);
        let sessions = test.store.session_store(hour, hour * 24);
        let (mut first, mut second) = (record(ada.id), record(ada.id));
        sessions.create(&mut first).await.unwrap();
        sessions.create(&mut second).await.unwrap();
        let loaded = sessions.load(&first.id).await.unwrap().unwrap();
        assert_eq!(loaded.data["other"], 7);
        assert_eq!(loaded.data[session_key::ACCOUNT], ada.id.to_string());
        let public: model::SessionId =
            serde_json::from_value(loaded.data[session_key::SESSION].clone()).unwrap();

        let mut tx = test.store.write().await.unwrap();
        let now = i64::MAX / 8;
        assert_eq!(tx.session_list(ada.id, 0, 0, 0).await.unwrap().len(), 2);
        assert_eq!(tx.session_list(ada.id, now, 0, 0).await.unwrap().len(), 0);
        let listed = tx.session_list(ada.id, 0, 0, 0).await.unwrap();
        let listed = listed.iter().find(|row| row.public_id == public).unwrap();
        assert_eq!(
            (listed.agent.as_str(), listed.address.as_str()),
            ("Firefox", "192.0.2.1")
        );
        tx.session_end_others(ada.id, Some(public)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(
            sessions.load(&second.id).await.unwrap().is_none(),
            "{}",
            test.engine
        );

        // A request that was on its way does not bring an ended session back.
        sessions.save(&second).await.unwrap();
        assert!(sessions.load(&second.id).await.unwrap().is_none());
        first.data.insert("other".to_owned(), 8.into());
        sessions.save(&first).await.unwrap();
        let loaded = sessions.load(&first.id).await.unwrap().unwrap();
        assert_eq!(loaded.data["other"], 8);
        assert_eq!(loaded.data[session_key::SESSION], public.to_string());
        // Another id, the same session: it is called what it was called.
        let old = first.id;
        sessions.delete(&old).await.unwrap();
        assert!(sessions.load(&old).await.unwrap().is_none());
        let mut renewed = Record {
            id: Id::default(),
            ..loaded.clone()
        };
        sessions.create(&mut renewed).await.unwrap();
        let again = sessions.load(&renewed.id).await.unwrap().unwrap();
        assert_eq!(again.data[session_key::SESSION], public.to_string());
        assert!(sessions.load(&old).await.unwrap().is_none());
        // Ended while it has none, it gets none.
        sessions.delete(&renewed.id).await.unwrap();
        let mut tx = test.store.write().await.unwrap();
        assert!(tx.session_end(ada.id, public).await.unwrap());
        tx.commit().await.unwrap();
        let mut late = Record {
            id: Id::default(),
            ..again
        };
        sessions.create(&mut late).await.unwrap();
        assert!(sessions.load(&late.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_of_an_epoch_that_is_over_is_none() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let hour = Duration::from_secs(3600);
        let sessions = test.store.session_store(hour, hour * 24);
        let mut kept = record(ada.id);
        sessions.create(&mut kept).await.unwrap();
        let loaded = sessions.load(&kept.id).await.unwrap().unwrap();
        let public = loaded.data[session_key::SESSION].as_str().unwrap();
        let mut tx = test.store.write().await.unwrap();
        let keep = Some(public.parse().unwrap());
        tx.session_end_others(ada.id, keep).await.unwrap();
        let epoch = tx.account_by_id(ada.id).await.unwrap().unwrap().epoch;
        tx.commit().await.unwrap();
        assert_eq!(epoch, ada.epoch + 1);
        let mut late = record(ada.id);
        late.data
            .insert(session_key::EPOCH.to_owned(), ada.epoch.into());
        sessions.create(&mut late).await.unwrap();
        assert!(sessions.load(&late.id).await.unwrap().is_none());
        let mut new = record(ada.id);
        new.data.insert(session_key::EPOCH.to_owned(), epoch.into());
        sessions.create(&mut new).await.unwrap();
        for good in [&kept, &new] {
            let loaded = sessions.load(&good.id).await.unwrap();
            assert!(loaded.is_some(), "{}", test.engine);
        }
        let mut tx = test.store.read().await.unwrap();
        assert_eq!(tx.session_list(ada.id, 0, 0, 0).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_session_ends_by_either_limit_whatever_the_cookie_says() {
    for test in stores().await {
        let ada = with_account(&test.store, "ada").await;
        let (hour, zero) = (Duration::from_secs(3600), Duration::ZERO);
        for (idle, absolute) in [(zero, hour), (hour, zero)] {
            let mut made = record(ada.id);
            test.store
                .session_store(hour, hour)
                .create(&mut made)
                .await
                .unwrap();
            let strict = test.store.session_store(idle, absolute);
            assert!(
                strict.load(&made.id).await.unwrap().is_none(),
                "{}",
                test.engine
            );
            // It is deleted, not merely hidden.
            let lax = test.store.session_store(hour, hour);
            assert!(lax.load(&made.id).await.unwrap().is_none());
        }
        let mut made = record(ada.id);
        test.store
            .session_store(hour, hour)
            .create(&mut made)
            .await
            .unwrap();
        test.store.session_store(zero, hour).sweep().await.unwrap();
        let lax = test.store.session_store(hour, hour);
        assert!(lax.load(&made.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn nobody_else_reads_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("carina.db");
    // Also one that was there with other permissions.
    std::fs::write(&path, b"").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    with_account(&store, "ada").await;
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert!(seen >= 2, "the log lies beside the database");
}
