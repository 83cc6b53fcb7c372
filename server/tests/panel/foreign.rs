//! Other people's clusters do not exist: the same answer as for an id that nobody has.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use futures::StreamExt as _;

use crate::anonymous::{ID, arguments, cluster_pages};
use crate::browser::{Browser, PANEL};
use crate::routes::{Places, others};
use crate::test_panel::TestPanel;

/// Server functions that are about one cluster.
pub const ABOUT_ONE: &[&str] = &[
    "/api/cluster_get",
    "/api/cluster_metrics",
    "/api/cluster_settings",
    "/api/cluster_rename",
    "/api/cluster_autoscale",
    "/api/cluster_disk_grow",
    "/api/segment_drain",
    "/api/segment_replace",
    "/api/cluster_memory",
    "/api/cluster_operations",
    "/api/cluster_containers",
    "/api/cluster_contents",
    "/api/cluster_scale",
    "/api/cluster_rebuild",
    "/api/cluster_retry",
    "/api/cluster_delete",
    "/api/cluster_hand_over",
    "/api/certificate_list",
    "/api/certificate_page",
    "/api/certificate_revoke",
    "/api/certificate_revoke_all",
    "/api/bundle_link_make",
    "/api/container_list",
    "/api/container_get",
    "/api/container_usage",
    "/api/event_list",
    "/api/container_metrics",
    "/api/container_environment_posted",
    "/api/container_act",
    "/api/container_log_tail",
    "/api/image_list",
    "/api/image_prune",
    "/api/image_pull",
    "/api/image_pulls",
    "/api/volume_create",
    "/api/volume_list",
    "/api/network_create",
    "/api/network_list",
    "/api/service_list",
    "/api/service_scale",
    "/api/stack_check",
    "/api/stack_deploy",
    "/api/stack_remove",
    "/api/thing_remove",
];

#[tokio::test]
async fn pages_functions_and_bundles_are_not_found() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let eve = panel.signed_in("eve").await;
    let cluster = panel.cluster("ada", "secret-name", 1).await;
    let actor = panel.actor("eve").await;
    let token = panel.control.token_make(&actor, "ci", model::Scope::ALL, 1);
    let token = token.await.unwrap().0;
    for id in [cluster.id.to_string(), ID.into(), "not-an-id".into()] {
        for page in cluster_pages(&id) {
            let answer = eve.get(&page).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
            assert!(!answer.text().contains("secret-name"), "{page}");
        }
        for path in ABOUT_ONE.iter().copied() {
            let answer = eve.call(path, &arguments(&id)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {id}");
            assert!(!answer.text().contains("secret-name"), "{path}");
        }
        for path in ["/access", "/stacks/new", "/containers/web"]
            .map(|rest| format!("/clusters/{id}{rest}"))
        {
            let answer = eve.post("/clusters", &path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text().contains("sesame"), "{path}");
        }
        not_found_beside_the_pages(&eve, &token, &id).await;
    }
    let list = eve.call("/api/cluster_list", &[]).await;
    assert_eq!(list.text(), "[]");
    let actor = panel.actor("ada").await;
    let after = panel.control.cluster_get(&actor, cluster.id).await.unwrap();
    assert_eq!(after.operations.len(), cluster.operations.len());
}

/// Every route about a cluster that the router has, whatever it is asked by.
async fn not_found_beside_the_pages(eve: &Browser, token: &str, id: &str) {
    let bearer = format!("Bearer {token}");
    let places = Places {
        cluster: id,
        person: ID,
        team: ID,
    };
    let mut n_tried = 0;
    for route in others().into_iter().filter(|route| route.contains("{id}")) {
        n_tried += 1;
        let path = places.fill(&route);
        let answer = match route.strip_prefix("/clusters/{id}/") {
            Some("bundle" | "context") => eve.post("/clusters", &path, &[]).await,
            Some("logs/stream" | "logs/text" | "events/stream") => {
                // Whose cluster it is comes before everything that is wrong with the question.
                let bare = eve.get(&path).await;
                assert_eq!(bare.status, StatusCode::NOT_FOUND, "{path}");
                eve.get(&format!("{path}?c=web")).await
            }
            Some("containers/{container}/console/socket") => {
                crate::container::socket(eve, &path, &[(ORIGIN, PANEL)]).await
            }
            Some(other) => panic!("{other} is not tested for foreign clusters"),
            None => {
                for method in [Method::GET, Method::POST, Method::DELETE] {
                    let headers = [
                        (AUTHORIZATION, bearer.as_str()),
                        (CONTENT_TYPE, "application/json"),
                    ];
                    let body = "{\"segments\":1}".to_owned();
                    let confirmed = format!("{path}?confirm=secret-name");
                    let answer = eve.send(method, &confirmed, &headers, body).await;
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                    assert!(!answer.text().contains("secret-name"), "{path}");
                }
                continue;
            }
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains("secret-name"), "{path}");
    }
    assert!(n_tried >= 8, "the router's routes are read");
}

#[tokio::test]
async fn every_function_about_a_cluster_is_in_the_list() {
    let _panel = TestPanel::new().await;
    for (path, _) in server_fn::axum::server_fn_paths() {
        let about = [
            "cluster_",
            "certificate_",
            "bundle_",
            "container_",
            "image_",
            "volume_",
            "network_",
            "service_",
            "event_",
            "stack_",
            "segment_",
            "access_",
            "thing_",
        ];
        let is_about = about.iter().any(|word| path.contains(word));
        let known = ABOUT_ONE.contains(&path)
            || [
                "/api/cluster_list",
                "/api/cluster_page",
                "/api/cluster_create",
                "/api/cluster_name_suggest",
                "/api/bundle_link_posted",
                "/api/access_test_posted",
            ]
            .contains(&path);
        assert!(
            !is_about || known,
            "{path} is not tested for foreign clusters"
        );
    }
}

#[tokio::test]
async fn changes_are_told_to_the_owner_alone() {
    let panel = TestPanel::new().await;
    for name in ["ada", "eve"] {
        panel.account(name).await;
    }
    let mut adas = panel.control.changes(&panel.actor("ada").await, None);
    let mut eves = panel.control.changes(&panel.actor("eve").await, None);
    let cluster = panel.cluster("ada", "web", 1).await;
    let first = adas.next().await.unwrap();
    assert_eq!(first, control::Changed::Cluster(cluster.id));
    // Everything ada's stream will say has been said: eve's has nothing.
    assert!(futures::poll!(eves.next()).is_pending());
}
