//! Teams through the panel's own door: who sees and may what, by pages, functions and programs.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use control::ClusterOrder;
use model::{ClusterView, QuotaChoice, Role, Scope, TeamId};
use serde_json::{Value, json};

use crate::anonymous::{ID, arguments, cluster_pages};
use crate::browser::Browser;
use crate::foreign::ABOUT_ONE;
use crate::test_panel::TestPanel;

/// Server functions that are about one team.
const ABOUT_TEAMS: [&str; 4] = [
    "/api/team_get",
    "/api/team_rename",
    "/api/team_person_set",
    "/api/team_person_remove",
];

async fn team(panel: &TestPanel, name: &str, people: &[(&str, Role)]) -> TeamId {
    let system = control::Actor::system();
    let choice = QuotaChoice::default();
    let made = panel.control.team_create(&system, name, choice).await;
    let id = made.unwrap();
    for (person, role) in people {
        let set = panel.control.team_person_set(&system, id, person, *role);
        set.await.unwrap();
    }
    id
}

/// A cluster of the team's, which is up.
async fn cluster(panel: &TestPanel, by: &str, team: &str, name: &str) -> ClusterView {
    let actor = panel.actor(by).await;
    let order = ClusterOrder {
        team: Some(team),
        ..ClusterOrder::new(name, 1)
    };
    let made = panel.control.cluster_order(&actor, order).await.unwrap();
    panel.control.settle().await;
    panel.control.cluster_get(&actor, made.id).await.unwrap()
}

#[tokio::test]
async fn to_strangers_teams_and_their_clusters_do_not_exist() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let eve = panel.signed_in("eve").await;
    let web = team(&panel, "secret-team", &[("ada", Role::Administrator)]).await;
    let lab = cluster(&panel, "ada", "secret-team", "secret-name").await;
    let id = lab.id.to_string();
    let says = |text: &str| text.contains("secret-team") || text.contains("secret-name");
    for page in cluster_pages(&id) {
        let answer = eve.get(&page).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        assert!(!says(&answer.text()), "{page}");
    }
    for path in ABOUT_ONE {
        let answer = eve.call(path, &arguments(&id)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!says(&answer.text()), "{path}");
    }
    // A team that is not there, one that is, and what is no id: one answer.
    for team in [web.to_string(), ID.to_owned(), "nonsense".to_owned()] {
        let page = eve.get(&format!("/teams/{team}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{team}");
        assert!(!says(&page.text()));
        for path in ABOUT_TEAMS {
            let mut form = arguments(&team);
            form.retain(|(name, _)| *name != "person");
            form.push(("person", ID));
            let answer = eve.call(path, &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {team}");
        }
        let new = eve.get(&format!("/clusters/new?team={team}")).await;
        assert_eq!(new.status, StatusCode::NOT_FOUND, "{team}");
        let form = [("name", "x"), ("segments", "1"), ("team", &team)];
        let made = eve.call("/api/cluster_create", &form).await;
        assert_eq!(made.status, StatusCode::NOT_FOUND, "{team}");
        let mut form = arguments(&team);
        form.push(("team", &team));
        let asked = eve.call("/api/quota_request_make", &form).await;
        assert_eq!(asked.status, StatusCode::NOT_FOUND, "{team}");
    }
    let page = eve.get("/teams").await.text();
    assert!(page.contains("No teams yet") && !says(&page));
    assert!(
        !eve.get("/clusters")
            .await
            .text()
            .contains("href=\"/teams\"")
    );
    let own = panel.cluster("eve", "own", 1).await.id.to_string();
    let form = [("id", own.as_str()), ("team", &web.to_string())];
    let given = eve.call("/api/cluster_hand_over", &form).await;
    assert_eq!(given.status, StatusCode::NOT_FOUND);
    let settings = eve.get(&format!("/clusters/{own}/settings")).await.text();
    assert!(!settings.contains("Hand over"), "there is nobody");
}

#[tokio::test]
async fn every_function_about_a_team_is_in_the_list() {
    let _panel = TestPanel::new().await;
    for (path, _) in server_fn::axum::server_fn_paths() {
        let known = ABOUT_TEAMS.contains(&path)
            || [
                "/api/team_list",
                "/api/team_choices",
                // For administrators alone, whatever team it is.
                "/api/team_create",
                "/api/team_delete",
                "/api/team_quota_set",
            ]
            .contains(&path);
        assert!(!path.contains("/team_") || known, "{path} is not tested");
    }
}

#[tokio::test]
async fn a_viewer_of_the_team_looks_and_is_offered_nothing_else() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let bob = panel.signed_in("bob").await;
    let people = [("ada", Role::Member), ("bob", Role::Viewer)];
    let web = team(&panel, "web", &people).await;
    let lab = cluster(&panel, "ada", "web", "lab").await;
    let id = lab.id.to_string();
    let list = bob.get("/clusters").await.text();
    assert!(list.contains(">lab<") && list.contains(&format!("/teams/{web}")));
    for offer in ["Get access", "Manage lab", "/delete"] {
        assert!(!list.contains(offer), "{offer}");
    }
    let changing = [
        "/scale",
        "/rebuild",
        "/delete",
        "/segments/1/replace",
        "/access/rotate",
        "/stacks/new",
        "/containers/web/console",
    ];
    for page in cluster_pages(&id) {
        let answer = bob.get(&page).await;
        let expect = match changing.iter().any(|end| page.ends_with(end)) {
            true => StatusCode::FORBIDDEN,
            false => StatusCode::OK,
        };
        // A container that is not there is not there for anybody.
        if page.contains("/containers/web") && answer.status == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(answer.status, expect, "{page}");
        let text = answer.text();
        let main = text.split_once("<main").unwrap().1;
        let main = main.split_once("</main>").unwrap().0;
        for form in main.split("<form").skip(1) {
            let tag = form.split_once('>').unwrap().0;
            // “Test the way from the panel” is a look.
            let is_look = tag.contains("method=\"get\"") || tag.contains("/access#trouble\"");
            assert!(is_look, "{page} offers {tag}");
        }
    }
    let actor = panel.actor("ada").await;
    for path in ABOUT_ONE {
        let is_change = ![
            "_get",
            "_list",
            "_page",
            "_usage",
            "_metrics",
            "_memory",
            "_operations",
            "_contents",
        ]
        .iter()
        .chain(&["_containers", "_settings", "_log_tail", "_posted", "_pulls"])
        .any(|end| path.ends_with(end));
        let answer = bob.call(path, &arguments(&id)).await;
        let is_refused = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(is_refused, is_change, "{path}: {}", answer.status);
    }
    for path in ["bundle", "context"].map(|form| format!("/clusters/{id}/{form}")) {
        let answer = bob.post("/clusters", &path, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let new = bob.get(&format!("/clusters/new?team={web}")).await;
    assert_eq!(new.status, StatusCode::FORBIDDEN);
    assert!(new.text().contains("In this team you may look"));
    let after = panel.control.cluster_get(&actor, lab.id).await.unwrap();
    assert_eq!(after.operations.len(), lab.operations.len());
    assert_eq!(after.name, lab.name);
}

#[tokio::test]
async fn a_member_makes_scales_downloads_and_deletes() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let web = team(&panel, "web", &[("ada", Role::Member)])
        .await
        .to_string();
    let page = ada.get("/clusters/new").await.text();
    let link = format!("/clusters/new?team={web}");
    assert!(page.contains(&link), "{page}");
    let page = ada.get(&link).await.text();
    assert!(
        page.contains(&format!("name=\"team\" value=\"{web}\"")),
        "{page}"
    );
    let wrong = [("name", "Not Good"), ("segments", "1"), ("team", &web)];
    let refused = ada.post(&link, "/api/cluster_create", &wrong).await;
    let page = ada.follow(&refused).await.text();
    assert!(
        page.contains(&format!("name=\"team\" value=\"{web}\"")),
        "it is still the team's"
    );
    let form = [("name", "lab"), ("segments", "1"), ("team", &web)];
    let made = ada.post(&link, "/api/cluster_create", &form).await;
    let home = made.location().to_owned();
    assert!(home.starts_with("/clusters/"), "{}", made.text());
    panel.control.settle().await;
    let id = home.trim_start_matches("/clusters/").to_owned();
    let page = ada.get(&home).await.text();
    assert!(page.contains(&format!("/teams/{web}")) && page.contains("Manage lab"));
    // Its size is told by the team's quota, and its own is untouched.
    assert!(
        ada.get("/clusters")
            .await
            .text()
            .contains("0 of 3 clusters of your own")
    );
    let team_page = ada.get(&format!("/teams/{web}")).await.text();
    assert!(
        team_page.contains(">lab<") && team_page.contains("1 of 3"),
        "{team_page}"
    );
    let scale = [("id", id.as_str()), ("segments", "2")];
    let scaled = ada.post(&home, "/api/cluster_scale", &scale).await;
    assert_eq!(scaled.location(), home);
    panel.control.settle().await;
    let zip = ada.post(&home, &format!("{home}/bundle"), &[]).await;
    assert!(zip.bytes.starts_with(b"PK"));
    let delete = [("id", id.as_str()), ("confirm_name", "lab")];
    let gone = ada.post(&home, "/api/cluster_delete", &delete).await;
    assert_eq!(gone.location(), "/clusters", "{}", gone.text());
    panel.control.settle().await;
    assert_eq!(ada.get(&home).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_administrator_makes_a_team_and_its_own_take_people_in_and_out() {
    let panel = TestPanel::new().await;
    let root = panel.signed_in_as("root", Role::Administrator).await;
    let ada = panel.signed_in("ada").await;
    let bob = panel.signed_in("bob").await;
    assert!(root.get("/teams").await.text().contains("No teams yet"));
    let form = [("name", "web"), ("clusters", "2")];
    let made = root.post("/teams", "/api/team_create", &form).await;
    let (page, _) = made.location().split_once('?').unwrap();
    let page = page.to_owned();
    let id = page.trim_start_matches("/teams/").to_owned();
    let put = async |who: &Browser, person: &str, role: &str| {
        let form = [("id", id.as_str()), ("person", person), ("role", role)];
        who.post(&page, "/api/team_person_set", &form).await
    };
    let added = put(&root, "ada", "administrator").await;
    assert_eq!(added.location(), format!("{page}?done=person"));
    // Ada looks after it from here on.
    assert!(
        ada.get("/clusters")
            .await
            .text()
            .contains("href=\"/teams\"")
    );
    let nobody = put(&ada, "nobody", "member").await;
    let shown = ada.follow(&nobody).await.text();
    assert!(
        shown.contains("There is no account of this name."),
        "{shown}"
    );
    assert!(shown.contains("value=\"nobody\""), "what was typed stays");
    let added = put(&ada, "bob", "member").await;
    assert_eq!(added.location(), format!("{page}?done=person"));
    let lab = cluster(&panel, "bob", "web", "lab").await;
    let home = format!("/clusters/{}", lab.id);
    let zip = bob.post(&home, &format!("{home}/bundle"), &[]).await;
    assert!(zip.bytes.starts_with(b"PK"));
    // The panel's administrator sees that there is one, and not which.
    let seen = root.get(&page).await.text();
    assert!(
        seen.contains("It has 1 cluster.") && !seen.contains(">lab<"),
        "{seen}"
    );
    assert_eq!(root.get(&home).await.status, StatusCode::NOT_FOUND);

    let account = panel.actor("bob").await.account.id.to_string();
    let form = [("id", id.as_str()), ("person", account.as_str())];
    let taken = bob
        .call("/api/team_rename", &[("id", &id), ("name", "mine")])
        .await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN);
    let out = ada.post(&page, "/api/team_person_remove", &form).await;
    assert_eq!(
        out.location(),
        format!("{page}?done=remove"),
        "{}",
        out.text()
    );
    assert_eq!(bob.get(&home).await.status, StatusCode::NOT_FOUND);
    assert!(!bob.get("/clusters").await.text().contains(">lab<"));
    assert_eq!(bob.get(&page).await.status, StatusCode::NOT_FOUND);
    let actor = panel.actor("ada").await;
    let list = panel
        .control
        .certificate_list(&actor, lab.id)
        .await
        .unwrap();
    assert!(list.iter().all(|one| one.revoked_at.is_some()));
    // Whoever leaves goes by their own door.
    let own = panel.actor("ada").await.account.id.to_string();
    let form = [("id", id.as_str()), ("person", own.as_str())];
    let left = ada.post(&page, "/api/team_person_remove", &form).await;
    assert_eq!(left.location(), "/teams?done=leave");
    let audit = root.get("/audit?subject=web").await.text();
    for action in [
        "team_create",
        "team_person_set",
        "team_person_remove",
        "team_leave",
    ] {
        assert!(audit.contains(action), "{action}");
    }
}

#[tokio::test]
async fn who_is_in_a_team_changes_after_a_proof_alone() {
    let panel = TestPanel::new().await;
    panel.account("bob").await;
    let ada = panel.signed_in("ada").await;
    let id = team(&panel, "web", &[("ada", Role::Administrator)])
        .await
        .to_string();
    let page = format!("/teams/{id}");
    panel.clock.advance(11 * 60_000);
    let own = panel.actor("ada").await.account.id.to_string();
    for (path, form) in [
        (
            "/api/team_person_set",
            vec![("id", id.as_str()), ("person", "bob"), ("role", "member")],
        ),
        (
            "/api/team_person_remove",
            vec![("id", &id), ("person", &own)],
        ),
        ("/api/team_rename", vec![("id", &id), ("name", "net")]),
    ] {
        let asked = ada.post(&page, path, &form).await;
        assert_eq!(asked.location(), format!("/confirm?next={page}"), "{path}");
    }
    let (actor, id) = (panel.actor("ada").await, id.parse().unwrap());
    let after = panel.control.team_get(&actor, id, 1).await.unwrap();
    assert_eq!((after.people.rows.len(), after.name.as_str()), (1, "web"));
}

#[tokio::test]
async fn a_cluster_is_handed_over_by_its_settings() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let bob = panel.signed_in("bob").await;
    let people = [("ada", Role::Member), ("bob", Role::Member)];
    let web = team(&panel, "web", &people).await.to_string();
    let lab = panel.cluster("ada", "lab", 1).await;
    let id = lab.id.to_string();
    let settings = format!("/clusters/{id}/settings");
    let page = ada.get(&settings).await.text();
    assert!(
        page.contains("It is your own.") && page.contains("Team web"),
        "{page}"
    );
    assert_eq!(bob.get(&settings).await.status, StatusCode::NOT_FOUND);
    let over = async |who: &Browser, team: &str| {
        let form = [("id", id.as_str()), ("team", team)];
        who.post(&settings, "/api/cluster_hand_over", &form).await
    };
    let done = over(&ada, &web).await;
    assert_eq!(
        done.location(),
        format!("{settings}?done=handed"),
        "{}",
        done.text()
    );
    let page = bob.get(&settings).await.text();
    assert!(page.contains(&format!("/teams/{web}")), "{page}");
    // In the way: a name that Bob has already.
    panel.cluster("bob", "lab", 1).await;
    let clash = over(&bob, "").await;
    let shown = bob.follow(&clash).await.text();
    assert!(shown.contains("Rename this one first."), "{shown}");
    let back = over(&ada, "").await;
    assert_eq!(back.location(), format!("{settings}?done=handed"));
    assert_eq!(bob.get(&settings).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn programs_make_clusters_for_a_team() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    panel.account("eve").await;
    let web = team(&panel, "web", &[("ada", Role::Member)]).await;
    let token = async |name: &str| {
        let actor = panel.actor(name).await;
        let made = panel
            .control
            .token_make(&actor, "ci", &[Scope::Deploy], 1)
            .await;
        format!("Bearer {}", made.unwrap().0)
    };
    let (adas, eves) = (token("ada").await, token("eve").await);
    let make = async |bearer: &str, name: &str, team: Value| {
        let headers = [(AUTHORIZATION, bearer), (CONTENT_TYPE, "application/json")];
        let body = json!({"name": name, "segments": 1, "team": team}).to_string();
        let path = "/api/v1/clusters";
        let answer = panel
            .anonymous()
            .send(Method::POST, path, &headers, body)
            .await;
        let read: Value = serde_json::from_slice(&answer.bytes).unwrap();
        (answer.status, read)
    };
    for (name, team) in [("one", json!("web")), ("two", json!(web))] {
        let (status, made) = make(&adas, name, team).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!(made["team"]["name"], "web");
        // As far as this very token may.
        assert_eq!(
            (&made["may_change"], &made["may_use"]),
            (&json!(true), &json!(false))
        );
    }
    let (status, own) = make(&adas, "three", Value::Null).await;
    assert_eq!((status, &own["team"]), (StatusCode::CREATED, &Value::Null));
    for team in [json!("web"), json!(web), json!("nobody's"), json!("")] {
        let (status, answer) = make(&eves, "mine", team).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
        assert_eq!(answer["kind"], "not_found");
    }
}
