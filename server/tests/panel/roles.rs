//! Every server function, page and route with every role. One table: a function that is not in it
//! fails the test.

use axum::http::StatusCode;
use model::Role;

use crate::anonymous::arguments;
use crate::browser::Browser;
use crate::test_panel::{PASSWORD, TestPanel};

/// Administrator, member, viewer: `x` may, `-` is refused (403). Whoever may can still be told
/// that a cluster is not there or that a password is wrong.
const FUNCTIONS: &[(&str, &str)] = &[
    ("/api/access_test_posted", "xxx"),
    ("/api/audit_list", "xxx"),
    ("/api/bundle_link_make", "xx-"),
    ("/api/bundle_link_posted", "xxx"),
    ("/api/certificate_list", "xxx"),
    ("/api/certificate_revoke", "xx-"),
    ("/api/certificate_revoke_all", "xx-"),
    ("/api/cluster_autoscale", "xx-"),
    ("/api/cluster_containers", "xxx"),
    ("/api/cluster_memory", "xxx"),
    ("/api/container_act", "xx-"),
    ("/api/container_environment_posted", "xxx"),
    ("/api/container_get", "xxx"),
    ("/api/container_list", "xxx"),
    ("/api/container_log_tail", "xxx"),
    ("/api/container_usage", "xxx"),
    ("/api/image_list", "xxx"),
    ("/api/image_prune", "xx-"),
    ("/api/network_list", "xxx"),
    ("/api/service_list", "xxx"),
    ("/api/service_scale", "xx-"),
    ("/api/stack_check", "xx-"),
    ("/api/stack_deploy", "xx-"),
    ("/api/stack_remove", "xx-"),
    ("/api/thing_remove", "xx-"),
    ("/api/volume_list", "xxx"),
    ("/api/cluster_metrics", "xxx"),
    ("/api/cluster_operations", "xxx"),
    ("/api/cluster_page", "xxx"),
    ("/api/cluster_rename", "xx-"),
    ("/api/cluster_settings", "xxx"),
    ("/api/hosts_examine", "x--"), // for others there is no such page: 404
    ("/api/hosts_get", "x--"),
    ("/api/segment_replace", "xx-"),
    ("/api/status", "xxx"),
    ("/api/cluster_create", "xx-"),
    ("/api/cluster_delete", "xx-"),
    ("/api/cluster_get", "xxx"),
    ("/api/cluster_list", "xxx"),
    ("/api/cluster_name_suggest", "xx-"),
    ("/api/cluster_rebuild", "xx-"),
    ("/api/cluster_retry", "xx-"),
    ("/api/cluster_scale", "xx-"),
    ("/api/confirm", "xxx"),
    ("/api/invitation_accept", "---"), // the secret is wrong
    ("/api/invitation_list", "x--"),
    ("/api/invitation_revoke", "x--"),
    ("/api/language_choose", "xxx"),
    ("/api/password_change", "xxx"),
    ("/api/person_delete", "x--"),
    ("/api/person_get", "x--"),
    ("/api/person_list", "x--"),
    ("/api/person_suspend", "x--"),
    ("/api/person_unsuspend", "x--"),
    ("/api/quota", "xxx"),
    ("/api/quota_request_decide", "x--"),
    ("/api/quota_request_list", "x--"),
    ("/api/quota_request_make", "xx-"),
    ("/api/quota_request_own", "xxx"),
    ("/api/quota_request_withdraw", "xx-"),
    ("/api/quota_set", "x--"),
    ("/api/reset_finish", "---"), // the secret is wrong
    ("/api/role_set", "x--"),
    ("/api/session_end", "xxx"),
    ("/api/session_list", "xxx"),
    ("/api/setup_finish", "xxx"),
    ("/api/setup_needed", "xxx"),
    ("/api/sign_in", "xxx"),
    ("/api/sign_in_code", "xxx"),
    ("/api/sign_out", "xxx"),
    ("/api/sign_up", "---"), // the panel is closed
    ("/api/sign_up_is_open", "xxx"),
    ("/api/sign_up_set", "x--"),
    ("/api/token_list", "xxx"),
    ("/api/token_revoke", "xxx"),
    ("/api/two_factor_begin", "xxx"),
    ("/api/two_factor_end", "xxx"),
    ("/api/two_factor_reset", "x--"),
    ("/api/two_factor_get", "xxx"),
    ("/api/provider_disconnect", "xxx"),
    ("/api/ways_in", "xxx"),
];

/// `ID` is a cluster of one's own.
const PAGES: &[(&str, &str)] = &[
    ("/clusters", "xxx"),
    ("/clusters/new", "xx-"),
    ("/clusters/ID", "xxx"),
    ("/clusters/ID/access", "xxx"),
    ("/clusters/ID/access/rotate", "xxx"),
    ("/clusters/ID/metrics", "xxx"),
    ("/clusters/ID/settings", "xxx"),
    ("/clusters/ID/changes", "xxx"),
    ("/clusters/ID/containers", "xxx"),
    ("/clusters/ID/logs", "xxx"),
    ("/clusters/ID/images", "xxx"),
    ("/clusters/ID/volumes", "xxx"),
    ("/clusters/ID/networks", "xxx"),
    ("/clusters/ID/services", "xxx"),
    ("/clusters/ID/stacks", "xxx"),
    ("/clusters/ID/stacks/new", "xxx"),
    ("/hosts", "x--"),
    ("/account", "xxx"),
    ("/account/two-factor", "xxx"),
    ("/account/sessions", "xxx"),
    ("/account/tokens", "xxx"),
    ("/account/quota", "xxx"),
    ("/audit", "xxx"),
    ("/audit/export?format=csv", "xxx"),
    ("/people", "x--"),
    ("/people/invite", "x--"),
    ("/people/ID", "x--"),
];

const ROLES: [Role; 3] = [Role::Administrator, Role::Member, Role::Viewer];

/// Somebody of this role with a cluster, and another administrator, who makes it so.
async fn somebody(role: Role) -> (TestPanel, Browser, String) {
    let panel = TestPanel::new().await;
    panel.account_as("root", Role::Administrator).await;
    let account = panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let system = control::Actor::system();
    panel
        .control
        .role_set(&system, account.id, role)
        .await
        .unwrap();
    let browser = panel.anonymous();
    browser.sign_in("ada", PASSWORD).await;
    (panel, browser, cluster.id.to_string())
}

#[tokio::test]
async fn every_function_keeps_to_the_table() {
    for (n, role) in ROLES.into_iter().enumerate() {
        let (_panel, browser, id) = somebody(role).await;
        for (path, _) in server_fn::axum::server_fn_paths() {
            let row = FUNCTIONS.iter().find(|(known, _)| *known == path);
            let (_, marks) = row.unwrap_or_else(|| panic!("{path} is in no role's table"));
            let answer = browser.call(path, &arguments(&id)).await;
            let is_hidden = path.contains("/hosts_") && answer.status == StatusCode::NOT_FOUND;
            let is_refused = is_hidden || answer.status == StatusCode::FORBIDDEN;
            let may = marks.as_bytes()[n] == b'x';
            assert_eq!(!is_refused, may, "{path} {role}: {}", answer.status);
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            // Some of them sign out, or change the id.
            browser.sign_in("ada", PASSWORD).await;
        }
    }
}

#[tokio::test]
async fn every_page_keeps_to_the_table() {
    for (n, role) in ROLES.into_iter().enumerate() {
        let (_panel, browser, id) = somebody(role).await;
        for (page, marks) in PAGES {
            let answer = browser.get(&page.replace("ID", &id)).await;
            let is_hidden = *page == "/hosts" && answer.status == StatusCode::NOT_FOUND;
            let is_refused = is_hidden || answer.status == StatusCode::FORBIDDEN;
            let may = marks.as_bytes()[n] == b'x';
            assert_eq!(!is_refused, may, "{page} {role}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn posted_pages_and_bundles_keep_to_it_too() {
    for role in ROLES {
        let (panel, browser, id) = somebody(role).await;
        let bundle = browser
            .post("/clusters", &format!("/clusters/{id}/bundle"), &[])
            .await;
        assert_eq!(bundle.bytes.starts_with(b"PK"), role != Role::Viewer);
        let context = browser
            .post("/clusters", &format!("/clusters/{id}/context"), &[])
            .await;
        assert_eq!(context.status == StatusCode::OK, role != Role::Viewer);
        let access = format!("/clusters/{id}/access");
        let line = browser.post(&access, &access, &[("id", &id)]).await;
        assert_eq!(line.text().contains("Bearer"), role != Role::Viewer);
        let form = [("make", "invitation"), ("role", "member"), ("days", "7")];
        let invited = browser.post("/people", "/people/invite", &form).await;
        let is_made = invited.text().contains("/invitation#");
        assert_eq!(is_made, role == Role::Administrator, "{role}");
        let root = panel.account("bob").await.id;
        let page = format!("/people/{root}");
        let reset = browser.post(&page, &page, &[("make", "reset")]).await;
        let is_made = reset.text().contains("/reset#");
        assert_eq!(is_made, role == Role::Administrator, "{role}");
    }
}
