//! Compose files: wrong ones are told at their lines and make nothing, good ones become stacks.

use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};

use crate::browser::PANEL;
use crate::test_panel::TestPanel;

const GOOD: &str = "services:\r\n  web:\r\n    image: nginx:1.27\r\n    ports: [\"8080:80\"]\r\n    \
                    deploy:\r\n      replicas: 2\r\n  job:\r\n    image: busybox\r\n    \
                    volumes: [data:/data]\r\nvolumes:\r\n  data:\r\n";

#[tokio::test]
async fn what_is_wrong_is_told_at_its_line_and_makes_nothing() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let page = format!("/clusters/{}/stacks/new", cluster.id);
    let text = "services:\n  web:\n    imgae: <nginx>\n    privileged: true\n    volumes:\n      - /etc:/x\n";
    for make in ["check", "deploy"] {
        let form = [("make", make), ("name", "shop2"), ("text", text)];
        let answer = browser.post(&page, &page, &form).await;
        assert_eq!(answer.status, StatusCode::OK);
        let html = answer.text();
        assert!(html.contains("4 problems. Nothing was made."), "{html}");
        for part in [
            "Is “image” meant?",
            "“image” is missing.",
            "(CARINA-1001)",
            "(CARINA-1002)",
            "href=\"#line-3\"",
            "id=\"line-6\"",
            // What was typed stays, escaped.
            "imgae: &lt;nginx&gt;",
            "value=\"shop2\"",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }
    let syntax = [("make", "check"), ("name", "x"), ("text", "services: [\n")];
    let html = browser.post(&page, &page, &syntax).await.text();
    assert!(html.contains("This is no YAML."), "{html}");
    let actor = panel.actor("ada").await;
    let services = panel
        .control
        .service_list(&actor, cluster.id)
        .await
        .unwrap();
    assert!(
        services
            .iter()
            .all(|one| one.stack.as_deref() != Some("shop2"))
    );
}

#[tokio::test]
async fn a_good_file_becomes_a_stack_and_goes_again() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let id = cluster.id.to_string();
    let list = format!("/clusters/{id}/stacks");
    let page = format!("{list}/new");
    let form = |make, text| [("make", make), ("name", "blog"), ("text", text)];
    let html = browser
        .post(&page, &page, &form("check", GOOD))
        .await
        .text();
    assert!(html.contains("The file is good."), "{html}");
    assert!(
        html.contains("blog_web") && html.contains("blog_data"),
        "{html}"
    );
    assert!(
        !browser.get(&list).await.text().contains("blog_web"),
        "only checked"
    );
    let done = browser.post(&page, &page, &form("deploy", GOOD)).await;
    assert_eq!(
        done.location(),
        format!("{list}?done=deployed&made=2&changed=0&left=0")
    );
    let html = browser.follow(&done).await.text();
    assert!(html.contains("Deployed: 2 services made"), "{html}");
    assert!(
        html.contains("blog_web") && html.contains("2 of 2 run"),
        "{html}"
    );
    // Once more, with one service less: it is brought up to date, and what is left is told.
    let less = "services:\n  web:\n    image: nginx:1.28\n";
    let done = browser.post(&page, &page, &form("deploy", less)).await;
    assert_eq!(
        done.location(),
        format!("{list}?done=deployed&made=0&changed=1&left=1")
    );
    let html = browser.follow(&done).await.text();
    assert!(html.contains("goes on as it was"), "{html}");
    let bad = [("make", "deploy"), ("name", "No Name"), ("text", less)];
    let html = browser.post(&page, &page, &bad).await.text();
    assert!(html.contains("begin with a letter"), "{html}");
    assert!(html.contains("nginx:1.28"), "what was typed stays");
    let form = [("id", id.as_str()), ("name", "blog")];
    let gone = browser.post(&list, "/api/stack_remove", &form).await;
    assert_eq!(gone.location(), format!("{list}?done=removed"));
    assert!(!browser.follow(&gone).await.text().contains("blog_web"));
    let actor = panel.actor("ada").await;
    let query = control::AuditQuery::default();
    let rows = panel.control.audit_page(&actor, &query).await.unwrap();
    let actions: Vec<String> = rows.rows.iter().map(|row| row.action.clone()).collect();
    for action in ["stack_deploy", "stack_remove"] {
        assert!(actions.iter().any(|one| one == action), "{actions:?}");
    }
}

#[tokio::test]
async fn whoever_deploys_again_is_told_that_no_file_is_kept() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let page = format!("/clusters/{}/stacks/new", cluster.id);
    let (kept, example) = ("keeps no compose files", "image: nginx:1.27");
    let again = browser.get(&format!("{page}?name=blog")).await.text();
    assert!(again.contains(kept) && !again.contains(example), "{again}");
    let names = again.matches("name=\"name\"").count();
    assert_eq!((names, again.matches("value=\"blog\"").count()), (2, 2));
    let new = browser.get(&page).await.text();
    assert!(!new.contains(kept) && new.contains(example), "{new}");
}

#[tokio::test]
async fn a_file_is_opened_and_checked() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let page = format!("/clusters/{}/stacks/new", cluster.id);
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"make\"\r\n\r\nopen\r\n\
         --x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\napp\r\n\
         --x\r\nContent-Disposition: form-data; name=\"text\"; filename=\"a.yml\"\r\n\
         Content-Type: text/yaml\r\n\r\n{GOOD}\r\n--x--\r\n"
    );
    let headers = [
        (CONTENT_TYPE, "multipart/form-data; boundary=x"),
        (ORIGIN, PANEL),
    ];
    let answer = browser.send(Method::POST, &page, &headers, body).await;
    let html = answer.text();
    assert!(html.contains("The file is good."), "{html}");
    assert!(html.contains("image: nginx:1.27"), "{html}");
}
