//! Clusters that are a team's: who may do what, quotas, handing over, and what ends with a place.

use futures::StreamExt as _;
use futures::future::join_all;
use model::{CertificateKind, ClusterId, QuotaChoice, Role, TeamId, UserError};
use store::testing::stores;

use super::world::World;
use crate::{Actor, AuditQuery, BundleForm, BundleOrder, Changed, ClusterOrder, Control};

/// A team of these people.
async fn team(control: &Control, name: &str, people: &[(&Actor, Role)]) -> TeamId {
    let system = Actor::system();
    let choice = QuotaChoice::default();
    let id = control.team_create(&system, name, choice).await.unwrap();
    for (person, role) in people {
        let name = person.account.name.as_str();
        control
            .team_person_set(&system, id, name, *role)
            .await
            .unwrap();
    }
    id
}

fn of_team<'a>(team: &'a str, name: &'a str) -> ClusterOrder<'a> {
    ClusterOrder {
        team: Some(team),
        ..ClusterOrder::new(name, 1)
    }
}

async fn made(control: &Control, actor: &Actor, team: &str, name: &str) -> ClusterId {
    let made = control.cluster_order(actor, of_team(team, name)).await;
    made.unwrap().id
}

fn is_refused<T>(answer: &Result<T, UserError>) -> bool {
    matches!(answer, Err(UserError::NotAllowed { .. }))
}

fn is_missing<T>(answer: &Result<T, UserError>) -> bool {
    matches!(answer, Err(UserError::NotFound { .. }))
}

/// How each use-case about one cluster answers.
async fn answers(control: &Control, actor: &Actor, id: ClusterId) -> Vec<Result<(), UserError>> {
    let order = BundleOrder::default();
    let container = "web".parse().unwrap();
    let stop = model::ContainerAction::Stop;
    vec![
        control.cluster_scale(actor, id, 2).await.map(drop),
        control.cluster_rebuild(actor, id).await.map(drop),
        control.cluster_retry(actor, id).await.map(drop),
        control.cluster_rename(actor, id, "new").await,
        control.cluster_autoscale(actor, id, true).await,
        control.cluster_disk_grow(actor, id, 30).await.map(drop),
        control.segment_replace(actor, id, 1, "lab").await.map(drop),
        control.cluster_hand_over(actor, id, None).await,
        control.cluster_delete(actor, id, "lab").await,
        control.certificate_revoke(actor, id, "00").await,
        control
            .certificate_revoke_all(actor, id, "lab")
            .await
            .map(drop),
        control.bundle_make(actor, id, order).await.map(drop),
        control
            .bundle_link_make(actor, id, None, "")
            .await
            .map(drop),
        control.container_act(actor, id, &container, stop).await,
        control
            .container_environment(actor, id, &container)
            .await
            .map(drop),
        control.image_prune(actor, id).await.map(drop),
        control.image_pull(actor, id, "nginx").await,
        control.volume_create(actor, id, "data", None).await,
        control.network_create(actor, id, "net").await,
        control
            .stack_check(actor, id, "services: {}")
            .await
            .map(drop),
        control.stack_remove(actor, id, "app").await,
    ]
}

#[tokio::test]
async fn both_roles_have_to_allow_it() {
    let world = World::inhabited().await;
    let control = &world.control;
    let ada = world.actor("ada").await;
    let bob = world.actor("bob").await;
    let vic = world.actor_as("vic", Role::Viewer).await;
    let root = world.actor_as("root", Role::Administrator).await;
    let people = [
        (&ada, Role::Member),
        (&bob, Role::Viewer),
        (&vic, Role::Administrator),
    ];
    let web = team(control, "web", &people).await;
    let id = made(control, &ada, "web", "lab").await;
    world.up(&ada, id).await;
    // A viewer of the team, and a viewer of the panel: both look, neither changes anything.
    for (who, why) in [
        (&bob, "In this team you may look and change nothing."),
        (&vic, "Your account may look and change nothing."),
    ] {
        let view = control.cluster_get(who, id).await.unwrap();
        assert!(!view.may_change && !view.may_use);
        assert_eq!(view.team.unwrap().id, web);
        control.container_list(who, id).await.unwrap();
        control.certificate_list(who, id).await.unwrap();
        control.cluster_settings(who, id).await.unwrap();
        for (n, answer) in answers(control, who, id).await.into_iter().enumerate() {
            let told = answer.unwrap_err().to_string();
            assert!(told.starts_with(why), "{n}: {told}");
        }
        let more = control.cluster_order(who, of_team("web", "more")).await;
        assert!(is_refused(&more));
        assert!(control.team_choices(who).await.unwrap().is_empty());
    }
    // An administrator of the panel is nobody in a team, but for its people and its quota.
    assert!(is_missing(&control.cluster_get(&root, id).await));
    for answer in answers(control, &root, id).await {
        assert!(is_missing(&answer));
    }
    assert!(is_missing(
        &control.cluster_order(&root, of_team("web", "x")).await
    ));
    let seen = control.team_get(&root, web, 1).await.unwrap();
    assert_eq!((seen.clusters_all, seen.clusters.len()), (1, 0));
    let after = control.cluster_get(&ada, id).await.unwrap();
    assert_eq!(after.operations.len(), 1, "nothing was done");
    assert!(after.may_change && after.may_use);
}

#[tokio::test]
async fn to_strangers_neither_team_nor_clusters_exist() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, eve) = (world.actor("ada").await, world.actor("eve").await);
    let web = team(control, "web", &[(&ada, Role::Administrator)]).await;
    team(control, "other", &[(&eve, Role::Administrator)]).await;
    let id = made(control, &ada, "web", "lab").await;
    assert!(is_missing(&control.cluster_get(&eve, id).await));
    for answer in answers(control, &eve, id).await {
        assert!(is_missing(&answer));
    }
    assert!(is_missing(&control.team_get(&eve, web, 1).await));
    assert!(is_missing(&control.team_rename(&eve, web, "mine").await));
    let taken = control
        .team_person_set(&eve, web, "eve", Role::Member)
        .await;
    assert!(is_missing(&taken));
    let out = control.team_person_remove(&eve, web, ada.account.id).await;
    assert!(is_missing(&out));
    let leaves = control.team_person_remove(&eve, web, eve.account.id).await;
    assert!(is_missing(&leaves));
    assert!(is_missing(&control.quota(&eve, Some("web")).await));
    // By its id it is no less a stranger's.
    let by_id = web.to_string();
    let made = control.cluster_order(&eve, of_team(&by_id, "x")).await;
    assert!(is_missing(&made));
    let lists = control.team_list(&eve, 1).await.unwrap().rows;
    assert_eq!(lists.len(), 1);
    assert!(control.cluster_list(&eve).await.unwrap().is_empty());
    assert!(is_refused(&control.team_delete(&eve, web, "web").await));
}

#[tokio::test]
async fn whoever_administers_a_team_looks_after_its_people_and_nothing_else() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let people = [(&ada, Role::Administrator), (&bob, Role::Member)];
    let web = team(control, "web", &people).await;
    control.team_rename(&ada, web, "net").await.unwrap();
    let nobody = control
        .team_person_set(&ada, web, "eve", Role::Member)
        .await;
    assert!(matches!(nobody, Err(UserError::Invalid { field, .. }) if field == "person"));
    world.actor("eve").await;
    control
        .team_person_set(&ada, web, "eve", Role::Viewer)
        .await
        .unwrap();
    for (answer, what) in [
        (control.team_rename(&bob, web, "mine").await, "renamed"),
        (
            control
                .team_person_set(&bob, web, "bob", Role::Administrator)
                .await,
            "raised themselves",
        ),
        (
            control.team_person_remove(&bob, web, ada.account.id).await,
            "took somebody out",
        ),
        (
            control
                .team_quota_set(&ada, web, QuotaChoice::default())
                .await,
            "gave themselves more",
        ),
        (control.team_delete(&ada, web, "net").await, "deleted it"),
        (
            control
                .team_create(&ada, "more", QuotaChoice::default())
                .await
                .map(drop),
            "made one",
        ),
    ] {
        assert!(is_refused(&answer), "{what}");
    }
    let system = Actor::system();
    let taken = control
        .team_create(&system, "net", QuotaChoice::default())
        .await;
    assert!(matches!(taken, Err(UserError::Invalid { field, .. }) if field == "name"));
    // It goes once it owns nothing.
    let id = made(control, &bob, "net", "lab").await;
    let held = control.team_delete(&system, web, "net").await;
    assert!(matches!(held, Err(UserError::Conflict { .. })));
    control.cluster_hand_over(&bob, id, None).await.unwrap();
    let slip = control.team_delete(&system, web, "web").await;
    assert!(matches!(slip, Err(UserError::Invalid { field, .. }) if field == "confirm_name"));
    control.team_delete(&system, web, "net").await.unwrap();
    assert!(control.team_list(&ada, 1).await.unwrap().rows.is_empty());
    control.cluster_get(&bob, id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_creates_at_once_never_exceed_a_teams_quota() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
        let people = [(&ada, Role::Member), (&bob, Role::Administrator)];
        let web = team(&world.control, "web", &people).await;
        let choice = QuotaChoice {
            clusters: Some(4),
            memory_mib: Some(3 * 2048),
            ..QuotaChoice::default()
        };
        let system = Actor::system();
        world
            .control
            .team_quota_set(&system, web, choice)
            .await
            .unwrap();
        let creates = (0..50).map(|n| {
            let control = world.control.clone();
            let actor = if n % 2 == 0 { ada.clone() } else { bob.clone() };
            let name = format!("c{n}");
            tokio::spawn(async move { control.cluster_order(&actor, of_team("web", &name)).await })
        });
        let results = join_all(creates).await.into_iter().map(Result::unwrap);
        let good = results.filter(Result::is_ok).count();
        assert_eq!(good, 3, "{engine}: memory ends first");
        let quota = world.control.quota(&ada, Some("web")).await.unwrap();
        assert_eq!((quota.clusters_used, quota.clusters_max), (3, 4));
        assert_eq!(quota.memory_used_mib, quota.memory_max_mib);
        // Their own quotas are untouched.
        let own = world.control.quota(&ada, None).await.unwrap();
        assert_eq!((own.clusters_used, own.clusters_max), (0, 3));
    }
}

#[tokio::test]
async fn a_cluster_is_handed_over_both_ways_within_quota_and_name() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let people = [(&ada, Role::Member), (&bob, Role::Member)];
    let web = team(control, "web", &people).await;
    let system = Actor::system();
    let set =
        async |choice: QuotaChoice| control.team_quota_set(&system, web, choice).await.unwrap();
    let own = control.cluster_create(&ada, "lab", 3).await.unwrap().id;
    let clash = made(control, &bob, "web", "lab").await;
    world.up(&ada, own).await;

    let named = control.cluster_hand_over(&ada, own, Some("web")).await;
    let why = "The team has a cluster “lab” already. Rename this one first.";
    assert_eq!(named, Err(UserError::Conflict { why: why.into() }));
    control.cluster_rename(&bob, clash, "lob").await.unwrap();
    // One cluster, segments of one, and memory: each keeps it out.
    for (choice, word) in [
        (
            QuotaChoice {
                clusters: Some(1),
                ..QuotaChoice::default()
            },
            "1 of 1 clusters",
        ),
        (
            QuotaChoice {
                segments: Some(2),
                ..QuotaChoice::default()
            },
            "at most 2 segments",
        ),
        (
            QuotaChoice {
                memory_mib: Some(3 * 2048),
                ..QuotaChoice::default()
            },
            "memory",
        ),
        (
            QuotaChoice {
                disk_gib: Some(60),
                ..QuotaChoice::default()
            },
            "disk",
        ),
    ] {
        set(choice).await;
        let full = control.cluster_hand_over(&ada, own, Some("web")).await;
        let told = full.unwrap_err();
        assert!(matches!(told, UserError::Conflict { .. }), "{told}");
        assert!(told.to_string().contains(word), "{told}");
    }
    set(QuotaChoice::default()).await;
    assert!(is_missing(&control.cluster_get(&bob, own).await));
    control
        .cluster_hand_over(&ada, own, Some(&web.to_string()))
        .await
        .unwrap();
    let seen = control.cluster_get(&bob, own).await.unwrap();
    assert_eq!(seen.team.unwrap().id, web);
    let used = async |team| control.quota(&ada, team).await.unwrap().clusters_used;
    assert_eq!((used(None).await, used(Some("web")).await), (0, 2));

    // Back, to whoever asks; not while that one's own place is full.
    let system_set = control.quota_set(
        &system,
        bob.account.id,
        QuotaChoice {
            clusters: Some(0),
            ..QuotaChoice::default()
        },
    );
    system_set.await.unwrap();
    let full = control.cluster_hand_over(&bob, own, None).await;
    assert!(matches!(full, Err(UserError::Conflict { why }) if why.starts_with("You have 0 of 0")));
    control.cluster_hand_over(&ada, own, None).await.unwrap();
    assert!(is_missing(&control.cluster_get(&bob, own).await));
    let again = control.cluster_hand_over(&ada, own, None).await;
    assert_eq!(again, Ok(()), "it is there already");
    // Only under whom one may make clusters.
    let stranger = team(control, "other", &[]).await.to_string();
    let gone = control.cluster_hand_over(&ada, own, Some(&stranger)).await;
    assert!(is_missing(&gone));
    control
        .team_person_set(&system, web, "ada", Role::Viewer)
        .await
        .unwrap();
    let looks = control.cluster_hand_over(&ada, own, Some("web")).await;
    assert!(is_refused(&looks));
    control.cluster_delete(&ada, own, "lab").await.unwrap();
    let going = control.cluster_hand_over(&ada, own, None).await;
    assert!(matches!(going, Err(UserError::Conflict { .. })));
}

/// Whose certificates of a cluster still open it.
async fn open(control: &Control, actor: &Actor, id: ClusterId) -> Vec<String> {
    let list = control.certificate_list(actor, id).await.unwrap();
    let mut open: Vec<String> = list
        .into_iter()
        .filter(|one| one.revoked_at.is_none())
        .map(|one| match one.kind {
            CertificateKind::Bundle => one.made_by,
            CertificateKind::Panel => format!("panel for {}", one.made_by),
        })
        .collect();
    open.sort();
    open
}

#[tokio::test]
async fn access_ends_with_the_place_in_the_team() {
    let world = World::inhabited().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let people = [(&ada, Role::Administrator), (&bob, Role::Member)];
    let web = team(control, "web", &people).await;
    let lab = made(control, &ada, "web", "lab").await;
    let own = control.cluster_create(&bob, "own", 1).await.unwrap().id;
    world.up(&ada, lab).await;
    world.up(&bob, own).await;
    let order = BundleOrder::default;
    let link = async || control.bundle_link_make(&bob, lab, None, "").await.unwrap();
    for who in [&ada, &bob] {
        control.bundle_make(who, lab, order()).await.unwrap();
    }
    control.bundle_make(&bob, own, order()).await.unwrap();
    control.container_list(&bob, lab).await.unwrap();
    assert_eq!(
        open(control, &ada, lab).await,
        ["ada", "bob", "panel for bob"]
    );

    // Made a viewer, out of use; made a member again, the old ones stay void.
    let first = link().await;
    let set = async |role| {
        control
            .team_person_set(&ada, web, "bob", role)
            .await
            .unwrap()
    };
    set(Role::Viewer).await;
    assert_eq!(open(control, &ada, lab).await, ["ada"]);
    set(Role::Member).await;
    assert!(
        control
            .bundle_by_link(&first.0, BundleForm::Zip)
            .await
            .is_err()
    );
    assert_eq!(open(control, &ada, lab).await, ["ada"]);
    control.bundle_make(&bob, lab, order()).await.unwrap();
    control.container_list(&bob, lab).await.unwrap();

    // Taken out: certificates, links, lists, and what the panel held for them.
    let second = link().await;
    control
        .team_person_remove(&ada, web, bob.account.id)
        .await
        .unwrap();
    assert_eq!(open(control, &ada, lab).await, ["ada"]);
    assert!(
        control
            .bundle_by_link(&second.0, BundleForm::Zip)
            .await
            .is_err()
    );
    assert!(is_missing(&control.container_list(&bob, lab).await));
    let list = control.cluster_list(&bob).await.unwrap();
    assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [own]);
    assert_eq!(open(control, &bob, own).await, ["bob"], "one's own stays");

    // Anybody leaves by themselves.
    control
        .team_person_remove(&ada, web, ada.account.id)
        .await
        .unwrap();
    assert!(is_missing(&control.cluster_get(&ada, lab).await));
    assert!(control.team_list(&ada, 1).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_new_owner_decides_whose_certificates_stay() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let eve = world.actor("eve").await;
    team(
        control,
        "web",
        &[(&ada, Role::Member), (&bob, Role::Member)],
    )
    .await;
    team(
        control,
        "net",
        &[
            (&ada, Role::Member),
            (&eve, Role::Member),
            (&bob, Role::Viewer),
        ],
    )
    .await;
    let lab = made(control, &ada, "web", "lab").await;
    world.up(&ada, lab).await;
    for who in [&ada, &bob] {
        control
            .bundle_make(who, lab, BundleOrder::default())
            .await
            .unwrap();
    }
    let link = control.bundle_link_make(&ada, lab, None, "").await.unwrap();
    control
        .cluster_hand_over(&ada, lab, Some("net"))
        .await
        .unwrap();
    // Bob may look at it and no more.
    assert_eq!(open(control, &bob, lab).await, ["ada"]);
    assert!(
        control
            .bundle_by_link(&link.0, BundleForm::Zip)
            .await
            .is_err()
    );
    control
        .bundle_make(&eve, lab, BundleOrder::default())
        .await
        .unwrap();
    control.cluster_hand_over(&ada, lab, None).await.unwrap();
    assert_eq!(open(control, &ada, lab).await, ["ada"]);
    assert!(is_missing(&control.cluster_get(&eve, lab).await));
}

#[tokio::test]
async fn whoever_is_in_a_team_hears_of_its_clusters_and_reads_what_was_done() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let web = team(control, "web", &[(&ada, Role::Administrator)]).await;
    let (mut adas, mut bobs) = (control.changes(&ada, None), control.changes(&bob, None));
    let lab = made(control, &ada, "web", "lab").await;
    assert_eq!(adas.next().await.unwrap(), Changed::Cluster(lab));
    let own = control.cluster_create(&bob, "first", 1).await.unwrap().id;
    assert_eq!(
        bobs.next().await.unwrap(),
        Changed::Cluster(own),
        "not the team's"
    );
    control
        .team_person_set(&ada, web, "bob", Role::Viewer)
        .await
        .unwrap();
    assert_eq!(
        bobs.next().await.unwrap(),
        Changed::Everything,
        "look at everything"
    );
    assert_eq!(
        bobs.next().await.unwrap(),
        Changed::Everything,
        "so does the team"
    );
    control.cluster_retry(&ada, lab).await.unwrap();
    assert_eq!(bobs.next().await.unwrap(), Changed::Cluster(lab));
    let everything = AuditQuery::default();
    let read = async |who: &Actor| -> Vec<String> {
        let rows = control.audit_export(who, &everything).await.unwrap().rows;
        rows.into_iter().map(|row| row.action).collect()
    };
    assert_eq!(
        read(&bob).await,
        [
            "cluster_retry",
            "team_person_set",
            "cluster_create",
            "cluster_create",
            "team_person_set",
            "team_create"
        ]
    );
    control
        .team_person_remove(&ada, web, bob.account.id)
        .await
        .unwrap();
    assert_eq!(bobs.next().await.unwrap(), Changed::Everything);
    control.cluster_retry(&ada, lab).await.unwrap();
    control.cluster_create(&bob, "second", 1).await.unwrap();
    let next = bobs.next().await.unwrap();
    let others = [Changed::Cluster(lab), Changed::Everything];
    assert!(!others.contains(&next), "only their own");
    let out = "team_person_remove";
    assert_eq!(read(&bob).await, ["cluster_create", out, "cluster_create"]);
    let rows = control.audit_export(&bob, &everything).await.unwrap().rows;
    let own = (rows[1].subject.as_str(), rows[1].detail.as_str());
    assert_eq!(own, ("bob", "out of team web"));
    // Both sides read that it changed hands.
    control.cluster_hand_over(&ada, lab, None).await.unwrap();
    let both = ["cluster_take_over", "cluster_hand_over"];
    assert_eq!(read(&ada).await[..2], both);
}

#[tokio::test]
async fn a_side_reads_which_team_the_other_is_only_where_it_may_know() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let eve = world.actor("eve").await;
    let member = Role::Member;
    team(control, "web", &[(&ada, member), (&bob, member)]).await;
    team(control, "net", &[(&ada, member), (&eve, member)]).await;
    let lab = made(control, &ada, "web", "lab").await;
    let newest = async |who: &Actor, action: &str| {
        let query = AuditQuery {
            action: action.to_owned(),
            ..AuditQuery::default()
        };
        let rows = control.audit_export(who, &query).await.unwrap().rows;
        rows.first().map(|row| row.detail.clone())
    };
    let (given, taken) = ("cluster_hand_over", "cluster_take_over");
    let hand_over = async |team| control.cluster_hand_over(&ada, lab, team).await.unwrap();
    hand_over(Some("net")).await;
    let reads = newest(&bob, given).await;
    assert_eq!(reads.as_deref(), Some("from team web to another team"));
    assert_eq!(newest(&bob, taken).await, None);
    let reads = newest(&eve, taken).await;
    assert_eq!(reads.as_deref(), Some("from another team to team net"));
    assert_eq!(newest(&eve, given).await, None);
    // Whoever did it is in both rows anyway, and knows both teams.
    hand_over(None).await;
    for (who, action) in [(&eve, given), (&ada, taken)] {
        let reads = newest(who, action).await;
        assert_eq!(reads.as_deref(), Some("from team net to ada"));
    }
    hand_over(Some("web")).await;
    for (who, action) in [(&ada, given), (&bob, taken)] {
        let reads = newest(who, action).await;
        assert_eq!(reads.as_deref(), Some("from ada to team web"));
    }
}

#[tokio::test]
async fn names_are_not_tried_without_end() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, _bob) = (world.actor("ada").await, world.actor("bob").await);
    let web = team(control, "web", &[(&ada, Role::Administrator)]).await;
    let set = async |who: &Actor, name: &str| {
        let set = control.team_person_set(who, web, name, Role::Member);
        set.await.map_err(|error| error.status())
    };
    for n in 0..9 {
        assert_eq!(set(&ada, &format!("nobody-{n}")).await, Err(422));
    }
    // A hit is no try.
    assert_eq!(set(&ada, "bob").await, Ok(()));
    let tried = async |most: usize| {
        let mut n = 0;
        while n < most && set(&ada, &format!("nothing-{n}")).await == Err(422) {
            n += 1;
        }
        n
    };
    let most = tried(100).await;
    assert!(most <= 10, "{most}");
    assert_eq!(
        set(&ada, "bob").await,
        Err(429),
        "nor is a name that is there told"
    );
    // Nor does a name that is there, between two that are not, open it up.
    let (again, system) = (6 * 60_000, Actor::system());
    world.clock.advance(again);
    let mut missed = 0;
    for n in 0..100 {
        missed += usize::from(set(&ada, &format!("other-{n}")).await == Err(422));
        let _ = set(&ada, "bob").await;
    }
    assert!(missed <= 25, "{missed}");
    assert_eq!(set(&system, "bob").await, Ok(()), "others may");
}

#[tokio::test]
async fn an_account_goes_with_its_places_in_teams() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let people = [(&ada, Role::Member), (&bob, Role::Member)];
    let web = team(control, "web", &people).await;
    let lab = made(control, &bob, "web", "lab").await;
    world.actor_as("root", Role::Administrator).await;
    control
        .person_delete(&Actor::system(), bob.account.id, "bob")
        .await
        .unwrap();
    // What they made for the team is the team's.
    control.cluster_get(&ada, lab).await.unwrap();
    let view = control.team_get(&ada, web, 1).await.unwrap();
    assert_eq!(view.people.rows.len(), 1);
    assert_eq!(view.clusters[0].name.as_str(), "lab");
}
