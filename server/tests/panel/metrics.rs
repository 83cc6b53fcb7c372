//! Charts as a browser gets them, and `/metrics` as Prometheus does.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::test_panel::TestPanel;

#[tokio::test]
async fn the_page_has_a_chart_for_every_measure() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let path = format!("/clusters/{}/metrics", cluster.id);
    let empty = browser.get(&path).await;
    assert_eq!(empty.status, StatusCode::OK);
    let charts = |text: &str| text.matches("<figure ").count();
    let nothing = "Nothing was measured in this time.";
    assert_eq!(charts(&empty.text()), 7);
    assert!(empty.text().contains(nothing));
    for _ in 0..12 {
        panel.clock.advance(10_000);
        panel.control.metrics_sample().await;
    }
    for (span, word) in [
        ("1h", "the last hour"),
        ("1d", "the last day"),
        ("7d", "the last 7 days"),
        ("30d", "the last 30 days"),
        ("nonsense", "the last hour"),
    ] {
        let page = browser.get(&format!("{path}?span={span}")).await.text();
        assert_eq!(charts(&page), 7, "{span}");
        assert!(page.contains(word), "{span}");
        assert!(!page.contains(nothing), "{span}");
        // Numbers for whoever does not see the drawing.
        assert!(page.contains("<details class=\"chart-numbers\">"), "{span}");
        // The page's policy forbids them.
        assert!(!page.contains(" style="), "{span}");
    }
}

/// Every line of the text format, taken apart: name with labels, and value.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut typed = BTreeSet::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
            assert!(typed.insert(name.to_owned()), "{name} twice");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let family = name.split('{').next().unwrap();
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|tail| family.strip_suffix(tail))
            .filter(|base| typed.contains(*base))
            .unwrap_or(family);
        assert!(typed.contains(base), "{line} has no type");
        let before = samples.insert(name.to_owned(), value.parse().unwrap());
        assert!(before.is_none(), "{name} twice");
    }
    samples
}

#[tokio::test]
async fn prometheus_can_read_all_of_it() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    browser.get("/clusters").await;
    browser.get("/nowhere").await;
    for _ in 0..3 {
        panel.clock.advance(10_000);
        panel.control.metrics_sample().await;
    }
    let router = server::prometheus::router(panel.control.clone(), panel.counts.clone());
    let watcher = Browser::new(router);
    let answer = watcher.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    let kind = answer.header("content-type");
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let samples = samples(&answer.text());
    let id = cluster.id;
    for (name, value) in [
        ("carina_clusters{phase=\"active\"}".to_owned(), 1.0),
        ("carina_segments{phase=\"active\"}".to_owned(), 2.0),
        (
            format!(
                "carina_segment_cpu_limit_vcpus{{cluster=\"{id}\",name=\"web\",segment=\"2\"}}"
            ),
            2.0,
        ),
        ("carina_host_up{host=\"sim\"}".to_owned(), 1.0),
        (
            "carina_operations{kind=\"create\",state=\"done\"}".to_owned(),
            1.0,
        ),
        (
            "carina_http_requests_total{kind=\"read\",status=\"4xx\"}".to_owned(),
            1.0,
        ),
        ("carina_front_door_connections".to_owned(), 0.0),
    ] {
        assert_eq!(samples.get(&name), Some(&value), "{name}");
    }
    let memory =
        format!("carina_segment_memory_bytes{{cluster=\"{id}\",name=\"web\",segment=\"1\"}}");
    assert!(samples[&memory] > 0.0);
    assert!(samples["carina_rounds_total{outcome=\"converged\"}"] >= 1.0);
    // A histogram's last bucket is its count.
    let all = samples["carina_http_request_duration_seconds_count{kind=\"read\"}"];
    let last = samples["carina_http_request_duration_seconds_bucket{kind=\"read\",le=\"+Inf\"}"];
    assert!(all >= 2.0 && all == last);
    // Nothing else is served there, and the panel's own address does not have it.
    assert_eq!(watcher.get("/clusters").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/metrics").await.status, StatusCode::NOT_FOUND);
    // No person, no address, no secret.
    for word in ["ada", "10.84.", "token", "tcp://"] {
        assert!(!answer.text().contains(word), "{word}");
    }
}
