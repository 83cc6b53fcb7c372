//! Bundles through both doors.

use std::io::Read as _;

use axum::http::header::AUTHORIZATION;
use axum::http::{Method, StatusCode};

use crate::browser::Answer;
use crate::test_panel::TestPanel;

fn files(answer: &Answer) -> Vec<(String, u32, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes.to_vec())).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            let mode = file.unix_mode().unwrap_or_default() & 0o777;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (file.name().unwrap().into_owned(), mode, text)
        })
        .collect()
}

fn check(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"web.zip\""
    );
    let files = files(answer);
    let file = |name: &str| {
        files
            .iter()
            .find(|(path, _, _)| path == &format!("web/{name}"))
            .unwrap_or_else(|| panic!("{name} is missing in {:?}", files.len()))
    };
    for name in [
        "ca.pem",
        "cert.pem",
        "docker.env",
        "docker.fish",
        "docker.ps1",
        "docker.cmd",
        "README.md",
        "web.dockercontext",
    ] {
        file(name);
    }
    let (_, mode, key) = file("key.pem");
    assert_eq!(*mode, 0o600);
    assert!(key.contains("PRIVATE KEY"));
    let (_, _, env) = file("docker.env");
    assert!(
        env.ends_with('\n') && env.contains("DOCKER_HOST=tcp://panel.example:"),
        "{env}"
    );
}

#[tokio::test]
async fn the_form_gives_a_zip_and_each_has_a_certificate_of_its_own() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let path = format!("/clusters/{}/bundle", cluster.id);
    let from = format!("/clusters/{}/access", cluster.id);
    for _ in 0..2 {
        check(&browser.post(&from, &path, &[]).await);
    }
    let actor = panel.actor("ada").await;
    let list = panel
        .control
        .certificate_list(&actor, cluster.id)
        .await
        .unwrap();
    assert_eq!(list.len(), 2);
    assert_ne!(list[0].serial, list[1].serial);
}

#[tokio::test]
async fn the_one_line_command_works_once_and_not_for_ever() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let link = || async {
        let answer = browser
            .call("/api/bundle_link_make", &[("id", id.as_str())])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let text = answer.text();
        let (_, rest) = text.split_once("Bearer ").unwrap();
        rest.split_once('\'').unwrap().0.to_owned()
    };
    // Another machine: no cookie, no origin.
    let stranger = panel.anonymous();
    let fetch = async |bearer: &str| {
        let bearer = format!("Bearer {bearer}");
        let headers = [(AUTHORIZATION, bearer.as_str())];
        stranger
            .send(Method::POST, "/bundle", &headers, String::new())
            .await
    };
    let first = link().await;
    check(&fetch(&first).await);
    assert!(fetch(&first).await.status.is_client_error(), "used");
    let second = link().await;
    panel.clock.advance(11 * 60_000);
    assert!(fetch(&second).await.status.is_client_error(), "expired");
}

#[tokio::test]
async fn a_made_command_is_shown_without_script_too() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let page = format!("/clusters/{}/access", cluster.id);
    let answer = browser.post(&page, &page, &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("Bearer "), "{}", answer.text());
    assert!(!browser.get(&page).await.text().contains("Bearer "));
}
