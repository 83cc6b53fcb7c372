//! Every server function, page and route with every role: what exactly each of them is answered. One
//! table; what the panel has and the table has not fails the test.

use std::collections::BTreeSet;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use model::Role;

use crate::anonymous::arguments;
use crate::browser::{Answer, Browser, PANEL};
use crate::role_table::{FUNCTIONS, OTHERS, PAGES, Row};
use crate::routes::{self, Places};
use crate::test_panel::{PASSWORD, TestPanel};

const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.29-alpine\n";

const ROLES: [Role; 3] = [Role::Administrator, Role::Member, Role::Viewer];

/// Somebody of a role, with a cluster and a team, both theirs; and others.
struct Ground {
    panel: TestPanel,
    browser: Browser,
    cluster: String,
    team: String,
    /// A member who is in the team.
    bob: String,
    /// A token of every scope, made before the role.
    token: String,
}

impl Ground {
    async fn of(role: Role) -> Self {
        let panel = TestPanel::new().await;
        // Whoever makes it so.
        panel.account_as("root", Role::Administrator).await;
        let ada = panel.account("ada").await;
        let bob = panel.account("bob").await;
        let cluster = panel.cluster("ada", "web", 1).await;
        let (control, system) = (&panel.control, control::Actor::system());
        let team = control.team_create(&system, "crew", model::QuotaChoice::default());
        let team = team.await.unwrap();
        for (person, role) in [("ada", Role::Administrator), ("bob", Role::Member)] {
            let set = control.team_person_set(&system, team, person, role);
            set.await.unwrap();
        }
        let actor = panel.actor("ada").await;
        let token = control.token_make(&actor, "ci", model::Scope::ALL, 1);
        let token = token.await.unwrap().0;
        control.role_set(&system, ada.id, role).await.unwrap();
        let browser = panel.anonymous();
        browser.sign_in("ada", PASSWORD).await;
        Self {
            cluster: cluster.id.to_string(),
            team: team.to_string(),
            bob: bob.id.to_string(),
            panel,
            browser,
            token,
        }
    }

    fn places(&self) -> Places<'_> {
        Places {
            cluster: &self.cluster,
            person: &self.bob,
            team: &self.team,
        }
    }

    /// Arguments that make sense, so that what is told is told for the role alone.
    fn form(&self, path: &str) -> Vec<(&str, &str)> {
        let verb = path.trim_start_matches("/api/");
        let about_person = [
            "person_",
            "role_set",
            "quota_set",
            "two_factor_reset",
            "passkey_reset",
        ];
        let id = match () {
            () if verb.starts_with("team_") => &self.team,
            () if about_person.iter().any(|word| verb.starts_with(word)) => &self.bob,
            () => &self.cluster,
        };
        let own = match verb {
            "host_drain" => vec![("name", "sim")],
            "cluster_create" => vec![("name", "second")],
            "team_create" => vec![("name", "another")],
            "team_rename" => vec![("name", "crew")],
            "team_person_set" => vec![("person", "bob"), ("role", "member")],
            "team_person_remove" => vec![("person", self.bob.as_str())],
            "team_delete" => vec![("confirm_name", "crew")],
            "person_delete" => vec![("confirm_name", "bob")],
            "service_scale" => vec![("thing", "svc0mail")],
            "stack_deploy" | "stack_check" => vec![("text", COMPOSE)],
            _ => Vec::new(),
        };
        let mut form = arguments(id);
        form.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
        form.extend(own);
        form
    }

    async fn other(&self, row: &str) -> Answer {
        let (method, route) = row.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let path = self.places().fill(route);
        if route.ends_with("/console/socket") {
            return crate::container::socket(&self.browser, &path, &[(ORIGIN, PANEL)]).await;
        }
        if !route.starts_with("/api/v1") {
            return match method {
                Method::POST => self.browser.post("/clusters", &path, &[]).await,
                _ if route.contains("/logs/") => self.browser.get(&format!("{path}?c=web")).await,
                _ => self.browser.get(&path).await,
            };
        }
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            (AUTHORIZATION, bearer.as_str()),
            (CONTENT_TYPE, "application/json"),
        ];
        let (path, body) = match row {
            "POST /api/v1/clusters" => (path, "{\"name\":\"third\",\"segments\":1}"),
            "POST /api/v1/clusters/{id}/scale" => (path, "{\"segments\":2}"),
            "DELETE /api/v1/clusters/{id}" => (format!("{path}?confirm=web"), ""),
            _ => (path, ""),
        };
        let programs = self.panel.anonymous();
        programs
            .send(method, &path, &headers, body.to_owned())
            .await
    }
}

/// All that is not as the table has it, at once.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, row: &str, role: Role, expect: u16, answer: &Answer) {
        if answer.status.as_u16() != expect {
            let said: String = answer.text().chars().take(160).collect();
            let line = format!("{row} {role}: {} and not {expect}: {said}", answer.status);
            self.0.push(line);
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

fn names(table: &[Row]) -> BTreeSet<String> {
    table.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[tokio::test]
async fn the_tables_have_all_that_the_panel_has() {
    let _panel = TestPanel::new().await;
    let functions = server_fn::axum::server_fn_paths();
    let functions: BTreeSet<String> = functions.map(|(path, _)| path.to_owned()).collect();
    assert_eq!(names(FUNCTIONS), functions);
    let pages: BTreeSet<String> = routes::pages().into_iter().collect();
    assert_eq!(names(PAGES), pages);
    let others = OTHERS.iter().filter_map(|(row, _)| row.split_once(' '));
    let others: BTreeSet<String> = others.map(|(_, route)| route.to_owned()).collect();
    let routes: BTreeSet<String> = routes::others().into_iter().collect();
    assert_eq!(others, routes);
}

#[tokio::test]
async fn every_function_keeps_to_the_table() {
    let mut wrong = Wrong::default();
    for (n, role) in ROLES.into_iter().enumerate() {
        let ground = Ground::of(role).await;
        for (path, expect) in FUNCTIONS {
            let answer = ground.browser.call(path, &ground.form(path)).await;
            wrong.check(path, role, expect[n], &answer);
            // Some of them sign out, or change the id.
            ground.browser.sign_in("ada", PASSWORD).await;
        }
    }
    wrong.none();
}

#[tokio::test]
async fn every_page_keeps_to_the_table() {
    let mut wrong = Wrong::default();
    for (n, role) in ROLES.into_iter().enumerate() {
        let ground = Ground::of(role).await;
        for (route, expect) in PAGES {
            let answer = ground.browser.get(&ground.places().fill(route)).await;
            wrong.check(route, role, expect[n], &answer);
        }
    }
    wrong.none();
}

#[tokio::test]
async fn everything_beside_the_pages_keeps_to_the_table() {
    let mut wrong = Wrong::default();
    for (n, role) in ROLES.into_iter().enumerate() {
        let ground = Ground::of(role).await;
        for (row, expect) in OTHERS {
            let answer = ground.other(row).await;
            wrong.check(row, role, expect[n], &answer);
        }
    }
    wrong.none();
}

#[tokio::test]
async fn posted_pages_and_bundles_keep_to_it_too() {
    for role in ROLES {
        let ground = Ground::of(role).await;
        let (browser, id) = (&ground.browser, &ground.cluster);
        let bundle = browser
            .post("/clusters", &format!("/clusters/{id}/bundle"), &[])
            .await;
        assert_eq!(bundle.bytes.starts_with(b"PK"), role != Role::Viewer);
        let context = browser
            .post("/clusters", &format!("/clusters/{id}/context"), &[])
            .await;
        assert_eq!(context.status == StatusCode::OK, role != Role::Viewer);
        let access = format!("/clusters/{id}/access");
        let line = browser.post(&access, &access, &[("id", id)]).await;
        assert_eq!(line.text().contains("Bearer"), role != Role::Viewer);
        let form = [("make", "invitation"), ("role", "member"), ("days", "7")];
        let invited = browser.post("/people", "/people/invite", &form).await;
        let is_made = invited.text().contains("/invitation#");
        assert_eq!(is_made, role == Role::Administrator, "{role}");
        let page = format!("/people/{}", ground.bob);
        let reset = browser.post(&page, &page, &[("make", "reset")]).await;
        let is_made = reset.text().contains("/reset#");
        assert_eq!(is_made, role == Role::Administrator, "{role}");
    }
}

/// What stands in these attributes of a page.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let mark = format!(" {attribute}=\"");
    let rest = page.split(&mark).skip(1);
    rest.filter_map(|rest| rest.split('"').next()).collect()
}

/// A viewer who has whatever a page could offer a button for: made before they became one.
async fn viewer_of_everything() -> (TestPanel, Browser, String, String) {
    let panel = TestPanel::new().await;
    panel.account_as("root", Role::Administrator).await;
    let ada = panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let (control, system) = (&panel.control, control::Actor::system());
    let team = control
        .team_create(&system, "crew", model::QuotaChoice::default())
        .await
        .unwrap();
    let role = Role::Administrator;
    control
        .team_person_set(&system, team, "ada", role)
        .await
        .unwrap();
    let browser = panel.anonymous();
    browser.sign_in("ada", PASSWORD).await;
    let form = [
        ("clusters", "9"),
        ("segments", "3"),
        ("memory_mib", "99999"),
        ("disk_gib", "999"),
        ("reason", "more"),
    ];
    let team_id = team.to_string();
    let of_team = [&form[..], &[("team", team_id.as_str())]].concat();
    for form in [&form[..], &of_team] {
        let asked = browser.call("/api/quota_request_make", form).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    }
    control
        .role_set(&system, ada.id, Role::Viewer)
        .await
        .unwrap();
    (panel, browser, cluster.id.to_string(), team.to_string())
}

#[tokio::test]
async fn a_viewer_is_offered_nothing_that_would_be_refused() {
    let (_panel, browser, id, team) = viewer_of_everything().await;
    let places = Places {
        cluster: &id,
        person: crate::anonymous::ID,
        team: &team,
    };
    let refused = |address: &str, table: &[Row]| {
        let path = address.split(['?', '#']).next().unwrap();
        let row = table.iter().find(|(known, _)| places.fill(known) == path);
        row.is_some_and(|(_, [_, _, viewer])| matches!(viewer, 403 | 404))
    };
    // Those are for whoever comes by a link.
    let is_door = |page: &str| matches!(page, "/invitation" | "/reset" | "/setup");
    let open = PAGES
        .iter()
        .filter(|(page, [_, _, viewer])| *viewer == 200 && !is_door(page));
    let pages: Vec<String> = open.map(|(page, _)| places.fill(page)).collect();
    let mut n_forms = 0;
    for page in &pages {
        let text = browser.get(page).await.text();
        for action in values(&text, "action") {
            n_forms += 1;
            // Taking others out is refused; leaving is not.
            let may = action == "/api/team_person_remove" || !refused(action, FUNCTIONS);
            assert!(may, "{page} has a form to {action}");
            let is_bundle = action.ends_with("/bundle") || action.ends_with("/context");
            assert!(!is_bundle, "{page} has a form to {action}");
        }
        for href in values(&text, "href") {
            assert!(!refused(href, PAGES), "{page} leads to {href}");
        }
    }
    assert!(n_forms > pages.len(), "every page has the way out at least");
}
