//! Discovery over a real socket: what agents and managers say, and what strangers try.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::test_panel::{Options, TestPanel};
use crate::tls::Served;

const NOBODYS: &str = "0123456789abcdef0123456789abcdef";

async fn served(panel: &TestPanel) -> Served {
    let router = server::discovery::router(panel.control.clone());
    Served::new(router, panel.control.discovery_ca()).await
}

/// The discovery token of ada's cluster.
async fn token(panel: &TestPanel, cluster: model::ClusterId) -> String {
    let mut tx = panel.store.read().await.unwrap();
    tx.cluster_by_id(cluster).await.unwrap().unwrap().token
}

#[tokio::test]
async fn agents_register_and_managers_list_as_with_dockers_service() {
    let panel = TestPanel::with(Options {
        is_loopback_trusted: true,
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let token = token(&panel, cluster.id).await;
    let served = served(&panel).await;
    let path = format!("/v1/clusters/{token}");
    assert_eq!(served.ask("GET", &path, "").await, (200, "[]".into()));
    // The second first: the list is in the order of the segments all the same.
    for segment in cluster.segments.iter().rev() {
        let body = format!("{}:42376", segment.address);
        let answer = served.ask("POST", &format!("{path}?ttl=60"), &body).await;
        assert_eq!(answer, (200, "OK".into()));
    }
    let list: Vec<String> = cluster
        .segments
        .iter()
        .map(|segment| format!("{}:42376", segment.address))
        .collect();
    let expected = serde_json::to_string(&list).unwrap();
    assert_eq!(served.ask("GET", &path, "").await, (200, expected));
    panel.clock.advance(61_000);
    assert_eq!(served.ask("GET", &path, "").await, (200, "[]".into()));
    // Neither another address nor another port can be registered.
    for body in ["192.0.2.1:42376", "10.84.0.250:42376", "10.84.0.11:2376"] {
        let (status, _) = served.ask("POST", &path, body).await;
        assert_eq!(status, 403, "{body}");
    }
}

#[tokio::test]
async fn a_segment_is_registered_by_itself_alone() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let token = token(&panel, cluster.id).await;
    let served = served(&panel).await;
    let path = format!("/v1/clusters/{token}");
    let body = format!("{}:42376", cluster.segments[0].address);
    assert_eq!(served.ask("POST", &path, &body).await.0, 403);
    assert_eq!(served.ask("GET", &path, "").await, (200, "[]".into()));
}

#[tokio::test]
async fn a_revocation_is_told_to_whoever_waits() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let actor = panel.actor("ada").await;
    let token = token(&panel, cluster.id).await;
    let control = panel.control.clone();
    control
        .bundle_make(&actor, cluster.id, control::BundleOrder::default())
        .await
        .unwrap();
    let serial = control.certificate_list(&actor, cluster.id).await.unwrap()[0]
        .serial
        .clone();
    let served = served(&panel).await;
    let ask = async |after: u64| -> wire::Revocations {
        let path = format!("/v1/revocations/{token}?after={after}");
        let (status, body) = served.ask("GET", &path, "").await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    };
    let first = ask(0).await;
    assert!(first.serials.is_empty());
    let revoke = async {
        // Whether it comes before or after the question: the answer is the same.
        control
            .certificate_revoke(&actor, cluster.id, &serial)
            .await
            .unwrap();
    };
    let (second, ()) = tokio::join!(ask(first.version), revoke);
    assert!(second.version > first.version);
    assert_eq!(second.serials, [serial]);
}

#[tokio::test]
async fn managers_tell_which_certificates_are_used() {
    let panel = TestPanel::with(Options {
        is_loopback_trusted: true,
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let actor = panel.actor("ada").await;
    let order = control::BundleOrder::default();
    panel
        .control
        .bundle_make(&actor, cluster.id, order)
        .await
        .unwrap();
    let list = async || {
        panel
            .control
            .certificate_list(&actor, cluster.id)
            .await
            .unwrap()
    };
    let serial = list().await[0].serial.clone();
    let served = served(&panel).await;
    let path = format!("/v1/seen/{}", token(&panel, cluster.id).await);
    let body = |serials: Vec<String>| serde_json::to_string(&wire::Seen { serials }).unwrap();
    let told = body(vec!["00".repeat(16), serial.clone()]);
    assert_eq!(served.ask("POST", &path, &told).await, (200, "OK".into()));
    let seen_at = panel.control.now();
    assert_eq!(list().await[0].last_seen_at, Some(seen_at));
    // Told by each of several managers, it is written once.
    panel.clock.advance(10_000);
    served.ask("POST", &path, &told).await;
    assert_eq!(list().await[0].last_seen_at, Some(seen_at));
    panel.clock.advance(60_000);
    served.ask("POST", &path, &told).await;
    assert_eq!(list().await[0].last_seen_at, Some(seen_at + 70_000));
    let most = wire::discovery::SEEN_MAX;
    let whole = body(vec!["11".repeat(16); most]);
    assert_eq!(served.ask("POST", &path, &whole).await.0, 200);
    for bad in [body(vec!["1".into(); most + 1]), "[]".into(), "x".into()] {
        assert_eq!(served.ask("POST", &path, &bad).await.0, 422, "{bad}");
    }
    let big = body(vec!["1".repeat(9000)]);
    assert_eq!(served.ask("POST", &path, &big).await.0, 413);
    let nobodys = format!("/v1/seen/{NOBODYS}");
    assert_eq!(served.ask("POST", &nobodys, &told).await.0, 404);
}

#[tokio::test]
async fn only_a_segment_tells_what_is_used() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let served = served(&panel).await;
    let path = format!("/v1/seen/{}", token(&panel, cluster.id).await);
    let answer = served.ask("POST", &path, r#"{"serials":[]}"#).await;
    assert_eq!(answer.0, 403);
}

#[tokio::test]
async fn garbage_ends_its_own_connection_and_nothing_else() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    for garbage in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        &[0; 1000],
        &[0xff; 70_000],
        b"\x16\x03\x01\xff\xff\x01",
    ] {
        let mut stream = served.tcp().await;
        let _ = stream.write_all(garbage).await;
        let _ = stream.shutdown().await;
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        assert!(!all.starts_with(b"HTTP"), "no plain http is spoken");
    }
    for garbage in [
        b"\r\n\r\n\r\n".as_slice(),
        b"nonsense\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0xfe; 5000],
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(15), served.raw(garbage)).await;
        let answer = answer.expect("the connection ends by itself");
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert_eq!(served.ask("GET", "/", "").await.0, 404);
}

#[tokio::test]
async fn silent_connections_do_not_shut_others_out_for_long() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    // As many as there is room for, none says a word.
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(served.tcp().await);
    }
    let ask = served.ask("GET", "/", "");
    let answer = tokio::time::timeout(Duration::from_secs(20), ask).await;
    assert_eq!(answer.expect("room comes back").0, 404);
}

#[tokio::test]
async fn tokens_of_nobody_get_nothing() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    for token in [
        NOBODYS,
        "x",
        "..%2f..",
        &NOBODYS.to_uppercase(),
        "0123456789abcdef0123456789abcde%00",
    ] {
        let path = format!("/v1/clusters/{token}");
        assert_eq!(served.ask("GET", &path, "").await.0, 404, "{token}");
        let body = "10.84.0.11:42376";
        assert_eq!(served.ask("POST", &path, body).await.0, 404, "{token}");
        let path = format!("/v1/revocations/{token}?after=0");
        assert_eq!(served.ask("GET", &path, "").await.0, 404, "{token}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_cluster_alone() {
    let panel = TestPanel::with(Options {
        is_loopback_trusted: true,
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    let web = panel.cluster("ada", "web", 1).await;
    let db = panel.cluster("ada", "db", 1).await;
    let (of_web, of_db) = (token(&panel, web.id).await, token(&panel, db.id).await);
    for token in [&of_web, &of_db] {
        assert_eq!(token.len(), 32, "128 bits");
        // Random ones have nothing of the cluster's id in them.
        let id = web.id.to_string().replace('-', "");
        assert!(!id.contains(&token[..8]), "{token} {id}");
    }
    assert_ne!(of_web, of_db);
    let served = served(&panel).await;
    let (path_web, path_db) = (
        format!("/v1/clusters/{of_web}"),
        format!("/v1/clusters/{of_db}"),
    );
    // Neither a segment of the other cluster nor a neighbor's address.
    let entry_db = format!("{}:42376", db.segments[0].address);
    assert_eq!(served.ask("POST", &path_web, &entry_db).await.0, 403);
    assert_eq!(served.ask("POST", &path_db, &entry_db).await.0, 200);
    assert_eq!(
        served.ask("GET", &path_web, "").await,
        (200, "[]".into()),
        "what one cluster registers the other does not see"
    );
    // It opens nothing of the panel.
    let browser = panel.anonymous();
    for path in ["/clusters", "/api/bundle"] {
        let with = format!("{path}?token={of_web}");
        let answer = browser.get(&with).await;
        assert!(!answer.status.is_success(), "{with}: {}", answer.status);
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_so() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    // All on one connection: they are there before much of the allowance has come back.
    let one = format!("GET /v1/clusters/{NOBODYS} HTTP/1.1\r\nHost: x\r\n\r\n");
    let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = served.raw((one.repeat(400) + last).as_bytes()).await;
    let count = |status: &str| answers.matches(&format!("HTTP/1.1 {status} ")).count();
    assert!(count("404") >= 120, "the allowance is served");
    assert!(count("429") > 0, "{answers}");
    assert_eq!(count("404") + count("429"), 401, "{answers}");
}

#[tokio::test]
async fn tokens_are_not_made_here_and_entries_are_not_deleted() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    assert_eq!(served.ask("POST", "/v1/clusters", "").await.0, 405);
    let path = format!("/v1/clusters/{NOBODYS}");
    assert_eq!(served.ask("DELETE", &path, "").await.0, 405);
    assert_eq!(served.ask("PUT", &path, "").await.0, 405);
}

#[tokio::test]
async fn bodies_and_times_to_live_are_checked() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    let path = format!("/v1/clusters/{NOBODYS}");
    let long = "1".repeat(257);
    assert_eq!(served.ask("POST", &path, &long).await.0, 413);
    for body in [
        "",
        "x",
        "10.84.0.11",
        "[::1]:42376",
        "host:42376",
        "\"10.84.0.11:42376\"",
    ] {
        assert_eq!(served.ask("POST", &path, body).await.0, 422, "{body}");
    }
    for ttl in ["0", "-1", "x", "99999999999999999999", "86401"] {
        let path = format!("{path}?ttl={ttl}");
        let (status, _) = served.ask("POST", &path, "10.84.0.11:42376").await;
        assert!((400..500).contains(&status), "{ttl}: {status}");
    }
}

#[tokio::test]
async fn what_a_manager_refused_stands_in_the_audit_with_its_rule() {
    let panel = TestPanel::with(Options {
        is_loopback_trusted: true,
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let actor = panel.actor("ada").await;
    let control = panel.control.clone();
    control
        .bundle_make(&actor, cluster.id, control::BundleOrder::default())
        .await
        .unwrap();
    let serial = control.certificate_list(&actor, cluster.id).await.unwrap()[0]
        .serial
        .clone();
    let token = token(&panel, cluster.id).await;
    let served = served(&panel).await;
    let path = format!("/v1/refusals/{token}");
    let refusal = |serial: &str| {
        serde_json::json!({"code": 1001, "serial": serial, "method": "POST",
            "path": "/v1.45/containers/create", "count": 2})
    };
    let body = serde_json::json!([refusal(&serial), refusal("0a")]).to_string();
    let answer = served.ask("POST", &path, &body).await;
    assert_eq!(answer, (200, "OK".into()));
    let query = control::AuditQuery {
        action: "docker_refused".into(),
        ..Default::default()
    };
    let rows = control.audit_page(&actor, &query).await.unwrap().rows;
    let mut seen: Vec<_> = rows
        .iter()
        .map(|row| (row.by.as_str(), row.subject.as_str(), row.detail.as_str()))
        .collect();
    seen.sort_unstable();
    let words = "CARINA-1001: POST /v1.45/containers/create, 2 times";
    assert_eq!(seen, [("ada", "web", words), ("swarm-data", "web", words)]);
    // Nobody else's business.
    panel.account("bob").await;
    let bob = panel.actor("bob").await;
    let rows = control.audit_page(&bob, &query).await.unwrap().rows;
    assert!(rows.is_empty());

    let unknown = format!("/v1/refusals/{NOBODYS}");
    assert_eq!(served.ask("POST", &unknown, &body).await.0, 404);
    let many = serde_json::json!(vec![refusal("0a"); 17]).to_string();
    let mut more = refusal("0a");
    more["body"] = "{}".into();
    let more = serde_json::json!([more]).to_string();
    for wrong in ["", "{}", "[{}]", &many, &more] {
        assert_eq!(served.ask("POST", &path, wrong).await.0, 422, "{wrong}");
    }
    let long = format!("[{}]", " ".repeat(9000));
    assert_eq!(served.ask("POST", &path, &long).await.0, 413);
}

#[tokio::test]
async fn only_a_clusters_own_segments_are_heard() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let token = token(&panel, cluster.id).await;
    let served = served(&panel).await;
    let path = format!("/v1/refusals/{token}");
    assert_eq!(served.ask("POST", &path, "[]").await.0, 403);
}
