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

#[tokio::test]
async fn every_shell_has_its_line_and_one_of_them_works() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let page = format!("/clusters/{}/access", cluster.id);
    let answer = browser.post(&page, &page, &[("label", "laptop")]).await;
    let text = answer.text();
    for part in [
        "docker.env",
        "docker.fish",
        "docker.ps1",
        "docker.cmd",
        "docker context import web web.dockercontext",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let (_, rest) = text.split_once("Bearer ").unwrap();
    let bearer: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let bearer = format!("Bearer {bearer}");
    let headers = [(AUTHORIZATION, bearer.as_str())];
    let fetch = async |path: &str| {
        let stranger = panel.anonymous();
        stranger
            .send(Method::POST, path, &headers, String::new())
            .await
    };
    let context = fetch("/bundle/context").await;
    assert_eq!(context.status, StatusCode::OK, "{}", context.text());
    assert!(
        context
            .header("content-disposition")
            .contains("web.dockercontext")
    );
    assert!(String::from_utf8_lossy(&context.bytes).contains("\"Name\":\"web\""));
    assert!(fetch("/bundle").await.status.is_client_error(), "used");
    // The list says what it is for; a manager has not seen it yet.
    let list = browser.get(&page).await.text();
    assert!(
        list.contains("laptop") && list.contains("not yet"),
        "{list}"
    );
    let long = "x".repeat(41);
    let answer = browser.post(&page, &page, &[("label", &long)]).await.text();
    assert!(answer.contains("Use at most 40 characters."), "{answer}");
    let file = format!("/clusters/{}/context", cluster.id);
    let file = browser.post(&page, &file, &[("label", "desk")]).await;
    assert_eq!(file.header("content-type"), "application/x-tar");
    assert!(browser.get(&page).await.text().contains("desk"));
}

#[tokio::test]
async fn all_certificates_go_at_once_after_a_proof() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let access = format!("/clusters/{id}/access");
    let rotate = format!("{access}/rotate");
    for label in ["laptop", "desk"] {
        let form = [("label", label)];
        let path = format!("/clusters/{id}/bundle");
        check(&browser.post(&access, &path, &form).await);
    }
    let actor = panel.actor("ada").await;
    let link = panel.control.bundle_link_make(&actor, cluster.id, None, "");
    let link = link.await.unwrap();
    // What goes is named.
    let page = browser.get(&rotate).await.text();
    assert!(page.contains("laptop") && page.contains("desk"), "{page}");
    let wrong = [("id", id.as_str()), ("confirm_name", "wbe")];
    let wrong = browser
        .post(&rotate, "/api/certificate_revoke_all", &wrong)
        .await;
    let wrong = browser.follow(&wrong).await.text();
    assert!(wrong.contains("Type “web” to revoke them all."), "{wrong}");
    assert!(wrong.contains("value=\"wbe\""), "what was typed stays");
    let form = [("id", id.as_str()), ("confirm_name", "web")];
    panel.clock.advance(10 * 60_000);
    let late = browser
        .post(&rotate, "/api/certificate_revoke_all", &form)
        .await;
    assert_eq!(late.location(), format!("/confirm?next={rotate}"));
    browser.sign_in("ada", crate::test_panel::PASSWORD).await;
    let done = browser
        .post(&rotate, "/api/certificate_revoke_all", &form)
        .await;
    assert_eq!(done.location(), format!("{access}?rotated=2"));
    let page = browser.follow(&done).await.text();
    assert!(page.contains("2 certificates are revoked"), "{page}");
    let list = panel
        .control
        .certificate_list(&actor, cluster.id)
        .await
        .unwrap();
    assert!(list.iter().all(|one| one.revoked_at.is_some()));
    let by_link = panel
        .control
        .bundle_by_link(&link.0, control::BundleForm::Zip);
    assert!(by_link.await.is_err(), "links go, too");
}

#[tokio::test]
async fn the_end_of_a_certificate_in_use_is_told_before() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let access = format!("/clusters/{}/access", cluster.id);
    let bundle = format!("/clusters/{}/bundle", cluster.id);
    check(&browser.post(&access, &bundle, &[]).await);
    let actor = panel.actor("ada").await;
    let list = panel.control.certificate_list(&actor, cluster.id).await;
    let ends_at = list.unwrap()[0].expires_at;
    let told = "A certificate that is in use ends";
    assert!(!browser.get(&access).await.text().contains(told));
    panel
        .clock
        .advance(ends_at - panel.control.now() - 20 * 86_400_000);
    browser.sign_in("ada", crate::test_panel::PASSWORD).await;
    assert!(browser.get(&access).await.text().contains(told));
    assert!(browser.get("/clusters").await.text().contains(told));
    panel.clock.advance(21 * 86_400_000);
    browser.sign_in("ada", crate::test_panel::PASSWORD).await;
    assert!(
        !browser.get(&access).await.text().contains(told),
        "it ended"
    );
}

#[tokio::test]
async fn the_way_is_tried_on_demand_and_says_where_it_ends() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let page = format!("/clusters/{}/access", cluster.id);
    let form = [("make", "test")];
    assert!(!browser.get(&page).await.text().contains("Docker answers"));
    let text = browser.post(&page, &page, &form).await.text();
    assert!(text.contains("From here everything works."), "{text}");
    assert!(text.contains("Segment 2, 10.84.0.12: answers"), "{text}");
    assert!(!text.contains("Bearer "), "it makes no credentials");
    // Not again at once.
    let text = browser.post(&page, &page, &form).await.text();
    assert!(
        text.contains("Too many attempts") && !text.contains("From here"),
        "{text}"
    );
    panel.clock.advance(5_000);
    let node = |ordinal| host::NodeName {
        cluster: cluster.id,
        ordinal,
    };
    panel.sim.destroy_behind_our_back(&node(1));
    panel.sim.destroy_behind_our_back(&node(2));
    let text = browser.post(&page, &page, &form).await.text();
    assert!(text.contains("The way ends on this side"), "{text}");
    assert!(
        text.contains("connection refused") && text.contains("not reached"),
        "{text}"
    );
    // Nobody else's.
    let other = panel.signed_in("bob").await;
    let answer = other.post(&page, &page, &form).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
