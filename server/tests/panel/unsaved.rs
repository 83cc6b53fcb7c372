//! A form whose session had ended says so, gives back what was typed, and can be sent again.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::test_panel::{PASSWORD, TestPanel};

/// The fields of the answer's form that are not shown, and where it goes.
fn again(page: &str) -> (String, Vec<(String, String)>) {
    let form = page.split("data-again").next().unwrap();
    let action = form.rsplit("action=\"").next().unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    let hidden = page.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = hidden.map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        let value = rest.split('"').next().unwrap();
        (name.to_owned(), value.to_owned())
    });
    (action, fields.collect())
}

async fn send_again(browser: &Browser, page: &str) -> crate::browser::Answer {
    let (action, fields) = again(page);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // As a browser says where the answer came from.
    let from = action.split('?').next().unwrap();
    browser.post(from, &action, &fields).await
}

#[tokio::test]
async fn nothing_typed_is_lost_and_it_is_sent_again() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let form = [
        ("name", "half-typed"),
        ("segments", "2"),
        ("autoscale", "true"),
    ];
    let answer = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = answer.text();
    assert!(page.contains("nothing was saved"), "{page}");
    assert!(page.contains("/sign-in?next=/clusters/new"), "{page}");
    let still_out = send_again(&browser, &page).await;
    assert_eq!(still_out.status, StatusCode::UNAUTHORIZED);
    browser.sign_in("ada", PASSWORD).await;
    let made = send_again(&browser, &page).await;
    let place = made.location().to_owned();
    assert!(place.starts_with("/clusters/"), "{place}");
    panel.control.settle().await;
    let page = browser.get(&place).await.text();
    assert!(page.contains("half-typed"), "{page}");
    // What is wrong with it is said on its own page.
    let other = panel.anonymous();
    let answer = other
        .post("/clusters/new", "/api/cluster_create", &form)
        .await
        .text();
    other.sign_in("ada", PASSWORD).await;
    let refused = send_again(&other, &answer).await;
    let to = refused.location().to_owned();
    assert!(to.contains("/clusters/new?"), "{to}");
    let page = other.follow(&refused).await.text();
    assert!(
        page.contains("You have a cluster “half-typed” already"),
        "{page}"
    );
}

#[tokio::test]
async fn a_compose_file_comes_back_whole() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let editor = format!("/clusters/{}/stacks/new", cluster.id);
    let browser = panel.anonymous();
    let text = "services:\n  web:\n    image: </textarea><b>&amp;\n";
    let form = [("name", "shop"), ("text", text), ("make", "check")];
    let answer = browser.post(&editor, &editor, &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = answer.text();
    assert!(
        page.contains("image: &lt;/textarea>&lt;b>&amp;amp;"),
        "{page}"
    );
    assert!(page.contains(&format!("action=\"{editor}\"")), "{page}");
    assert!(!page.contains("web\">"), "nothing of the cluster's is told");
}

#[tokio::test]
async fn secrets_are_not_repeated() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let form = [
        ("current", "hunter2hunter2"),
        ("new", "another long phrase"),
    ];
    let answer = browser
        .post("/account", "/api/password_change", &form)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = answer.text();
    assert!(page.contains("nothing was saved"), "{page}");
    assert!(!page.contains("hunter2") && !page.contains("long phrase"));
    assert!(!page.contains("data-again"), "it cannot be sent as it is");
    // The door itself says what is wrong with what it was given.
    let form = [("name", "ada"), ("password", "hunter2hunter2")];
    let wrong = browser.post("/sign-in", "/api/sign_in", &form).await;
    assert!(wrong.status.is_redirection(), "{}", wrong.status);
}
