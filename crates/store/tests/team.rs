//! Teams and what they own, on SQLite and on PostgreSQL; and a database from before there were any.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its helpers too"
)]

use model::{
    AccountId, CertificateKind, ClusterId, OwnerId, Phase, RequestId, RequestState, Role,
    SegmentPhase, TeamId, UnixMs,
};
use store::testing::{Before, stores, stores_from};
use store::{
    AccountRecord, AuditFilter, AuditRecord, BundleLink, CertificateRecord, ClusterFact,
    ClusterWish, Error, QuotaRecord, RequestRecord, Store, TeamRecord, Tx,
};
use uuid::Uuid;

fn account(name: &str) -> AccountRecord {
    AccountRecord {
        id: AccountId(Uuid::now_v7()),
        name: name.parse().unwrap(),
        role: Role::Member,
        password_hash: "-".into(),
        created_at: 1,
        suspended_at: None,
        last_sign_in_at: None,
        epoch: 0,
        quota: QuotaRecord::default(),
    }
}

fn team(name: &str) -> TeamRecord {
    TeamRecord {
        id: TeamId(Uuid::now_v7()),
        name: name.parse().unwrap(),
        quota: QuotaRecord {
            quota_clusters: Some(7),
            ..QuotaRecord::default()
        },
        created_at: 2,
    }
}

fn cluster(owner: impl Into<OwnerId>, name: &str, n: u8) -> ClusterWish {
    ClusterWish {
        id: ClusterId(Uuid::new_v4()),
        owner_id: owner.into(),
        name: name.parse().unwrap(),
        host: "local".into(),
        network_mode: "nat".into(),
        subnet: format!("10.84.{n}.0/24"),
        front_door_port: 12_376 + u16::from(n),
        token: format!("{n:032x}"),
        authorities: "{}".into(),
        segments: 2,
        desired_generation: 1,
        rebuild_generation: 0,
        autoscale: false,
        disk_gib: None,
        deleting_since: None,
        created_at: i64::from(n),
    }
}

struct Story {
    ada: AccountRecord,
    bob: AccountRecord,
    web: TeamRecord,
    /// Ada's, Bob's and the team's.
    clusters: [ClusterWish; 3],
}

/// Ada is in the team, Bob is not.
async fn story(store: &Store) -> Story {
    let (ada, bob, web) = (account("ada"), account("bob"), team("web"));
    let clusters = [
        cluster(ada.id, "lab", 1),
        cluster(bob.id, "lab", 2),
        cluster(web.id, "lab", 3),
    ];
    let mut tx = store.write().await.unwrap();
    tx.account_insert(&ada).await.unwrap();
    tx.account_insert(&bob).await.unwrap();
    tx.team_insert(&web).await.unwrap();
    tx.team_person_set(web.id, ada.id, Role::Member, 5)
        .await
        .unwrap();
    for cluster in &clusters {
        tx.cluster_insert(cluster).await.unwrap();
    }
    tx.commit().await.unwrap();
    Story {
        ada,
        bob,
        web,
        clusters,
    }
}

async fn names(tx: &mut Tx, account: AccountId) -> Vec<ClusterId> {
    let seen = tx.cluster_seen(account).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|wish| wish.id).collect();
    let names = tx.cluster_names(account).await.unwrap();
    assert_eq!(seen, names.iter().map(|one| one.0).collect::<Vec<_>>());
    seen
}

#[tokio::test]
async fn one_sees_ones_own_and_what_ones_teams_have() {
    for test in stores().await {
        let Story {
            ada,
            bob,
            web,
            clusters: [adas, bobs, webs],
        } = story(&test.store).await;
        let mut tx = test.store.write().await.unwrap();
        assert_eq!(
            names(&mut tx, ada.id).await,
            [adas.id, webs.id],
            "{}",
            test.engine
        );
        assert_eq!(names(&mut tx, bob.id).await, [bobs.id]);
        assert_eq!(
            tx.cluster_by_owner(web.id.into()).await.unwrap()[0].id,
            webs.id
        );
        let role = async |tx: &mut Tx, owner: OwnerId, account| {
            tx.team_role(owner, account).await.unwrap()
        };
        assert_eq!(
            role(&mut tx, web.id.into(), ada.id).await,
            Some(Role::Member)
        );
        assert_eq!(role(&mut tx, web.id.into(), bob.id).await, None);
        // An account is no team, whoever asks.
        assert_eq!(role(&mut tx, ada.id.into(), ada.id).await, None);
        let of = tx.team_of(ada.id).await.unwrap();
        assert_eq!((of.len(), of[0].id, of[0].role), (1, web.id, Role::Member));
        tx.team_person_set(web.id, ada.id, Role::Viewer, 9)
            .await
            .unwrap();
        let people = tx.team_people(web.id, 50, 0).await.unwrap();
        assert_eq!((people[0].role, people[0].since), (Role::Viewer, 5));
        assert!(tx.team_person_delete(web.id, ada.id).await.unwrap());
        assert!(!tx.team_person_delete(web.id, ada.id).await.unwrap());
        assert_eq!(names(&mut tx, ada.id).await, [adas.id]);
    }
}

#[tokio::test]
async fn a_list_of_teams_counts_people_and_clusters() {
    for test in stores().await {
        let Story { ada, bob, web, .. } = story(&test.store).await;
        let mut tx = test.store.write().await.unwrap();
        tx.team_insert(&team("alpha")).await.unwrap();
        let all = tx.team_lines(bob.id, true, 50, 0).await.unwrap();
        let lines: Vec<_> = all
            .iter()
            .map(|line| {
                (
                    line.team.name.as_str(),
                    line.role(),
                    line.people,
                    line.clusters,
                )
            })
            .collect();
        assert_eq!(
            lines,
            [("alpha", None, 0, 0), ("web", None, 1, 1)],
            "{}",
            test.engine
        );
        assert!(
            tx.team_lines(bob.id, false, 50, 0)
                .await
                .unwrap()
                .is_empty()
        );
        let own = tx.team_lines(ada.id, false, 50, 0).await.unwrap();
        assert_eq!((own.len(), own[0].role()), (1, Some(Role::Member)));
        assert_eq!(own[0].team.quota.quota_clusters, Some(7));
        // One quota for each owner, whatever it is.
        let quota = async |tx: &mut Tx, owner: OwnerId| tx.owner_quota(owner).await.unwrap();
        let of_team = quota(&mut tx, web.id.into()).await.unwrap();
        assert_eq!(of_team.quota_clusters, Some(7));
        assert_eq!(
            quota(&mut tx, ada.id.into()).await,
            Some(QuotaRecord::default())
        );
        assert_eq!(quota(&mut tx, OwnerId(Uuid::nil())).await, None);
        tx.team_quota_set(web.id, QuotaRecord::default())
            .await
            .unwrap();
        let of_team = quota(&mut tx, web.id.into()).await.unwrap();
        assert_eq!(of_team, QuotaRecord::default());
    }
}

#[tokio::test]
async fn what_a_team_has_is_named_once_and_keeps_it_alive() {
    for test in stores().await {
        let Story {
            ada,
            web,
            clusters: [adas, _, webs],
            ..
        } = story(&test.store).await;
        // The same name twice: of teams, and of one owner's clusters.
        let mut tx = test.store.write().await.unwrap();
        let again = tx.team_insert(&team("web")).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{}", test.engine);
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        let clash = tx.cluster_owner_set(adas.id, web.id.into()).await;
        assert!(matches!(clash, Err(Error::Taken { .. })));
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        let nobody = tx.cluster_owner_set(adas.id, OwnerId(Uuid::nil())).await;
        assert!(matches!(nobody, Err(Error::Statement { .. })));
        drop(tx);
        // Neither goes while something is its own.
        let mut tx = test.store.write().await.unwrap();
        assert!(tx.team_delete(web.id).await.is_err());
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        assert!(tx.account_delete(ada.id).await.is_err());
        drop(tx);

        let mut tx = test.store.write().await.unwrap();
        tx.team_rename(web.id, &"net".parse().unwrap())
            .await
            .unwrap();
        tx.cluster_rename(adas.id, &"mine".parse().unwrap())
            .await
            .unwrap();
        tx.cluster_owner_set(adas.id, web.id.into()).await.unwrap();
        let fact = ClusterFact {
            observed_generation: 1,
            phase: Phase::Active,
            reason: None,
            next_try_at: None,
            waiting_since: None,
            first_active_at: Some(9),
            observed_at: 7,
            last_plan: "[]".into(),
            last_round_ms: 3,
        };
        tx.fact_put(webs.id, &fact).await.unwrap();
        let had = tx.team_clusters(web.id).await.unwrap();
        let had: Vec<_> = had
            .iter()
            .map(|one| (one.name.as_str(), one.segments, one.phase()))
            .collect();
        assert_eq!(had, [("lab", 2, Some(Phase::Active)), ("mine", 2, None)]);
        for id in [adas.id, webs.id] {
            tx.cluster_owner_set(id, ada.id.into()).await.unwrap();
        }
        tx.team_delete(web.id).await.unwrap();
        assert!(tx.team_by_id(web.id).await.unwrap().is_none());
        assert!(tx.team_of(ada.id).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    }
}

fn request(owner: impl Into<OwnerId>, made_by: &str, made_at: UnixMs) -> RequestRecord {
    RequestRecord {
        id: RequestId(Uuid::now_v7()),
        owner_id: owner.into(),
        made_by: made_by.into(),
        clusters: 9,
        segments: 3,
        memory_mib: 4096,
        disk_gib: 400,
        reason: "a course".into(),
        state: RequestState::Open,
        made_at,
        decided_at: None,
        decided_by: None,
        answer: String::new(),
    }
}

#[tokio::test]
async fn requests_are_an_owners_and_go_with_it() {
    for test in stores().await {
        let Story { bob, web, .. } = story(&test.store).await;
        let (eve, net) = (account("eve"), team("net"));
        let mut tx = test.store.write().await.unwrap();
        tx.account_insert(&eve).await.unwrap();
        tx.team_insert(&net).await.unwrap();
        let all = [
            request(web.id, "ada", 3),
            request(bob.id, "bob", 2),
            request(eve.id, "eve", 4),
            request(net.id, "ada", 5),
        ];
        for one in &all {
            tx.request_insert(one).await.unwrap();
        }
        let open = tx.request_open(50, 0).await.unwrap();
        let open: Vec<_> = open.iter().map(|one| (one.owner_id, one.made_at)).collect();
        let expect = [
            (bob.id.into(), 2),
            (web.id.into(), 3),
            (eve.id.into(), 4),
            (net.id.into(), 5),
        ];
        assert_eq!(open, expect, "{}", test.engine);
        let decided = tx.request_decide(all[0].id, RequestState::Granted, 6, "root", "Gladly.");
        assert!(decided.await.unwrap());
        let of_team = tx.request_by_owner(web.id.into()).await.unwrap();
        assert_eq!(of_team.len(), 1);
        assert_eq!(
            (of_team[0].state, of_team[0].made_by.as_str()),
            (RequestState::Granted, "ada")
        );
        assert_eq!(tx.request_open_count().await.unwrap(), 3);
        tx.account_delete(eve.id).await.unwrap();
        tx.team_delete(net.id).await.unwrap();
        assert_eq!(tx.request_open_count().await.unwrap(), 1);
        assert!(tx.request_get(all[3].id).await.unwrap().is_none());
        tx.commit().await.unwrap();
        let mut tx = test.store.write().await.unwrap();
        let nobodys = request(OwnerId(Uuid::nil()), "ada", 7);
        assert!(tx.request_insert(&nobodys).await.is_err());
    }
}

#[tokio::test]
async fn an_account_leaves_its_teams_when_it_goes() {
    for test in stores().await {
        let Story { bob, web, .. } = story(&test.store).await;
        let eve = account("eve");
        let mut tx = test.store.write().await.unwrap();
        tx.account_insert(&eve).await.unwrap();
        for id in [bob.id, eve.id] {
            tx.team_person_set(web.id, id, Role::Member, 6)
                .await
                .unwrap();
        }
        tx.account_delete(eve.id).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = test.store.read().await.unwrap();
        let people = tx.team_people(web.id, 50, 0).await.unwrap();
        let people: Vec<_> = people.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(people, ["ada", "bob"], "{}", test.engine);
    }
}

#[tokio::test]
async fn access_to_one_owners_clusters_ends_and_no_other() {
    for test in stores().await {
        let Story {
            ada,
            web,
            clusters: [adas, _, webs],
            ..
        } = story(&test.store).await;
        let mut tx = test.store.write().await.unwrap();
        for (n, (id, made_by)) in [
            (webs.id, "ada"),
            (webs.id, "ada"),
            (webs.id, "bob"),
            (adas.id, "ada"),
        ]
        .into_iter()
        .enumerate()
        {
            let record = CertificateRecord {
                serial: format!("{n:032}"),
                kind: CertificateKind::Bundle,
                label: String::new(),
                made_by: made_by.into(),
                made_at: 3,
                expires_at: 40,
                revoked_at: None,
                last_seen_at: None,
            };
            tx.certificate_insert(id, &record).await.unwrap();
        }
        for (hash, id) in [("a", webs.id), ("b", adas.id)] {
            let link = BundleLink {
                cluster_id: id,
                account_id: ada.id,
                browser_host: None,
                label: String::new(),
                expires_at: 90,
            };
            tx.bundle_link_insert(hash, &link).await.unwrap();
        }
        let makers = tx.certificate_makers(webs.id).await.unwrap();
        assert_eq!(makers, ["ada", "bob"], "{}", test.engine);
        let count = tx.certificate_revoke_owned("ada", web.id.into(), 7).await;
        assert_eq!(count.unwrap(), 2);
        tx.bundle_link_drop_owned(ada.id, web.id.into())
            .await
            .unwrap();
        assert!(tx.certificate_revoked(adas.id).await.unwrap().is_empty());
        assert!(tx.bundle_link_take("a").await.unwrap().is_none());
        assert!(tx.bundle_link_take("b").await.unwrap().is_some());
        assert_eq!(tx.certificate_makers(webs.id).await.unwrap(), ["bob"]);
        let count = tx.certificate_revoke_by(webs.id, "bob", 8).await.unwrap();
        assert_eq!(count, 1);
        assert_eq!(tx.certificate_revoked(webs.id).await.unwrap().len(), 3);
    }
}

fn row(at: UnixMs, actor: &AccountRecord, owner: impl Into<OwnerId>) -> AuditRecord {
    AuditRecord {
        id: Uuid::now_v7().to_string(),
        at,
        actor_id: actor.id.to_string(),
        actor_name: actor.name.to_string(),
        action: "cluster_scale".into(),
        subject: "lab".into(),
        subject_id: Uuid::now_v7().to_string(),
        owner_id: owner.into().to_string(),
        detail: String::new(),
    }
}

#[tokio::test]
async fn the_audit_of_a_team_is_for_whoever_is_in_it() {
    for test in stores().await {
        let Story { ada, bob, web, .. } = story(&test.store).await;
        let eve = account("eve");
        let mut tx = test.store.write().await.unwrap();
        for (at, owner) in [
            (1, OwnerId::from(web.id)),
            (2, bob.id.into()),
            (3, eve.id.into()),
        ] {
            tx.audit_insert(&row(at, &eve, owner)).await.unwrap();
        }
        let mut seen = async |about: &AccountRecord| {
            let filter = AuditFilter {
                about_id: about.id.to_string(),
                actor_name: String::new(),
                action: String::new(),
                subject: String::new(),
                since: i64::MIN,
                until: i64::MAX,
                before: (i64::MAX, String::new()),
            };
            let rows = tx.audit_search(&filter, 10).await.unwrap();
            rows.iter().map(|row| row.at).collect::<Vec<_>>()
        };
        assert_eq!(seen(&ada).await, [1], "{}", test.engine);
        assert_eq!(seen(&bob).await, [2]);
        assert_eq!(seen(&eve).await, [3, 2, 1]);
    }
}

const ACCOUNT: &str = "01890000-0000-7000-8000-00000000000a";
const CLUSTER: &str = "01890000-0000-4000-8000-00000000000c";

/// As the panel before teams wrote it.
const BEFORE: Before = Before {
    version: 9,
    rows: &[
        "INSERT INTO account (id, name, role, password_hash, created_at, quota_clusters)
            VALUES ('01890000-0000-7000-8000-00000000000a', 'ada', 'member', '-', 1, 5)",
        "INSERT INTO cluster (id, account_id, name, host, network_mode, subnet, front_door_port,
                token, authorities, segments, desired_generation, rebuild_generation, autoscale,
                deleting_since, created_at)
            VALUES ('01890000-0000-4000-8000-00000000000c', '01890000-0000-7000-8000-00000000000a',
                'lab', 'local', 'nat', '10.84.1.0/24', 12377, 'token', '{}', 2, 4, 3, TRUE, NULL,
                77)",
        "INSERT INTO cluster_fact (cluster_id, observed_generation, phase, observed_at, last_plan,
                last_round_ms)
            VALUES ('01890000-0000-4000-8000-00000000000c', 4, 'active', 9, '[]', 3)",
        "INSERT INTO cluster_loop (cluster_id, attempt, due_at)
            VALUES ('01890000-0000-4000-8000-00000000000c', 0, 9)",
        "INSERT INTO segment (cluster_id, ordinal, address, id_base, mac, image, memory_mib, vcpus,
                disk_bytes, pids, seed_generation, material, placed_at)
            VALUES ('01890000-0000-4000-8000-00000000000c', 1, '10.84.1.11', 65536, 'mac', 'image',
                2048, 2, 1, 4096, 1, '{}', 5),
                ('01890000-0000-4000-8000-00000000000c', 2, '10.84.1.12', 131072, 'mac', 'image',
                2048, 2, 1, 4096, 1, '{}', 5)",
        "INSERT INTO segment_fact (cluster_id, ordinal, phase, is_answering)
            VALUES ('01890000-0000-4000-8000-00000000000c', 2, 'active', TRUE)",
        "INSERT INTO metric_series (id, cluster_id, ordinal)
            VALUES (1, '01890000-0000-4000-8000-00000000000c', 1)",
        "INSERT INTO operation (id, cluster_id, kind, summary, generation, by_name, state,
                started_at)
            VALUES ('01890000-0000-7000-8000-00000000000e', '01890000-0000-4000-8000-00000000000c',
                'create', 'Create', 1, 'ada', 'running', 5)",
        "INSERT INTO certificate (serial, cluster_id, made_by, made_at, expires_at)
            VALUES ('0a', '01890000-0000-4000-8000-00000000000c', 'ada', 5, 50)",
        "INSERT INTO bundle_link (token_hash, cluster_id, account_id, expires_at)
            VALUES ('hash', '01890000-0000-4000-8000-00000000000c',
                '01890000-0000-7000-8000-00000000000a', 50)",
        "INSERT INTO quota_request (id, account_id, clusters, segments, memory_mib, disk_gib, reason,
                state, made_at, decided_at, decided_by, answer)
            VALUES ('01890000-0000-7000-8000-00000000000f',
                '01890000-0000-7000-8000-00000000000a', 5, 3, 4096, 400, 'a course', 'granted', 7,
                8, 'root', 'Gladly.')",
        "INSERT INTO audit (id, at, actor_id, actor_name, action, subject, detail)
            VALUES ('1', 1, '01890000-0000-7000-8000-00000000000a', 'ada', 'cluster_create', 'lab',
                '')",
    ],
};

#[tokio::test]
async fn a_database_from_before_teams_keeps_everything() {
    for test in stores_from(BEFORE).await {
        let (ada, lab): (AccountId, ClusterId) =
            (ACCOUNT.parse().unwrap(), CLUSTER.parse().unwrap());
        let engine = test.engine;
        let mut tx = test.store.write().await.unwrap();
        let wish = tx.cluster_by_id(lab).await.unwrap().expect(engine);
        assert_eq!(wish.owner_id, ada.into(), "{engine}");
        let kept = (
            wish.name.as_str(),
            wish.subnet.as_str(),
            wish.front_door_port,
            wish.token.as_str(),
            wish.segments,
            (wish.desired_generation, wish.rebuild_generation),
            wish.autoscale,
            wish.created_at,
        );
        assert_eq!(
            kept,
            ("lab", "10.84.1.0/24", 12_377, "token", 2, (4, 3), true, 77)
        );
        let fact = tx.fact_get(lab).await.unwrap().unwrap();
        assert_eq!(fact.phase, Phase::Active);
        let ordinals = tx.segment_list(lab).await.unwrap();
        assert_eq!(ordinals.iter().map(|one| one.ordinal).sum::<u32>(), 3);
        let facts = tx.segment_fact_list(lab).await.unwrap();
        assert_eq!(
            (facts[0].ordinal, facts[0].phase),
            (2, SegmentPhase::Active)
        );
        assert_eq!(tx.metric_series_list().await.unwrap().len(), 1);
        assert_eq!(tx.loop_all().await.unwrap().len(), 1);
        assert_eq!(tx.operation_list(lab).await.unwrap().len(), 1);
        assert_eq!(tx.certificate_list(lab).await.unwrap().len(), 1);
        assert!(tx.bundle_link_take("hash").await.unwrap().is_some());
        assert_eq!(tx.audit_list().await.unwrap()[0].owner_id, "");
        let quota = tx.owner_quota(ada.into()).await.unwrap().unwrap();
        assert_eq!(quota.quota_clusters, Some(5));
        let asked = tx.request_by_owner(ada.into()).await.unwrap().remove(0);
        let kept = (
            asked.made_by.as_str(),
            asked.state,
            (
                asked.clusters,
                asked.segments,
                asked.memory_mib,
                asked.disk_gib,
            ),
            (asked.reason.as_str(), asked.answer.as_str()),
            (asked.made_at, asked.decided_at, asked.decided_by.as_deref()),
        );
        assert_eq!(
            kept,
            (
                "ada",
                RequestState::Granted,
                (5, 3, 4096, 400),
                ("a course", "Gladly."),
                (7, Some(8), Some("root"))
            ),
            "{engine}"
        );
        tx.commit().await.unwrap();

        // What points at it still does, and goes with it; its owner is held fast, too.
        let mut tx = test.store.write().await.unwrap();
        assert!(tx.account_delete(ada).await.is_err(), "{engine}");
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        let twice = tx.cluster_insert(&cluster(ada, "lab", 9)).await;
        assert!(matches!(twice, Err(Error::Taken { .. })), "{engine}");
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        let stray = tx
            .cluster_insert(&cluster(OwnerId(Uuid::nil()), "stray", 9))
            .await;
        assert!(matches!(stray, Err(Error::Statement { .. })), "{engine}");
        drop(tx);
        let mut tx = test.store.write().await.unwrap();
        assert!(tx.cluster_deleting(lab, 10, 5).await.unwrap());
        assert!(tx.cluster_delete(lab).await.unwrap());
        assert!(tx.segment_list(lab).await.unwrap().is_empty());
        assert!(tx.metric_series_list().await.unwrap().is_empty());
        tx.account_delete(ada).await.unwrap();
        tx.commit().await.unwrap();
    }
}
