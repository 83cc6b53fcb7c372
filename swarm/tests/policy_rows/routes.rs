//! Every route of the engine: what the table promises of it, seen through the endpoint.

use swarm::api::route::{Body, Row, Treatment, rows};

use crate::cluster::Cluster;
use crate::refused;

/// The number of routes tried.
pub fn run(cluster: &Cluster) -> usize {
    let mut rows: Vec<&Row> = rows().collect();
    assert_eq!(rows.len(), 122, "as many as the engine has");
    // What is removed is not there for the others.
    rows.sort_by_key(|row| row.method.as_str() == "DELETE");
    rows.iter().for_each(|row| route(cluster, row));
    for target in [
        "/events?since=yesterday",
        "/events?until=10m",
        "/events?since=9&until=8",
    ] {
        let got = cluster.ask(&format!("GET {target}"), "");
        refused(cluster, &format!("- {target}"), 400, got);
    }
    rows.len()
}

fn route(cluster: &Cluster, row: &Row) {
    let method = row.method.as_str();
    let target = target_of(row);
    let what = format!("- {method} {target}");
    let upgrade = row
        .upgrade()
        .map(|protocol| [("Connection", "Upgrade, close"), ("Upgrade", protocol)]);
    let plain: Vec<(&str, &str)> = upgrade
        .filter(|_| row.is_upgrade_only())
        .into_iter()
        .flatten()
        .collect();
    let ask = |target: &str, headers: &[(&str, &str)], body: &[u8]| {
        let headers = [&plain[..], headers].concat();
        cluster.send(method, target, &headers, body)
    };
    // In any version, refused routes are refused, whatever comes along.
    if let Treatment::Refused(_) = row.treatment {
        for target in [target.clone(), format!("/v1.45{target}")] {
            let json = ("Content-Type", "application/json");
            for body in ["", "{}"] {
                let headers: &[_] = if body.is_empty() { &[] } else { &[json] };
                let (status, answer) = ask(&target, headers, body.as_bytes());
                assert!(matches!(status, 403 | 501), "{what}: {answer}");
                assert!(
                    status == 501 || answer.contains("CARINA-1024"),
                    "{what}: {answer}"
                );
                assert!(cluster.reached().is_empty(), "{what}");
            }
        }
        return;
    }
    let is_options = method == "OPTIONS";
    let sep = if target.contains('?') { '&' } else { '?' };
    if !is_options {
        // Keys that the route does not have, and such as differ in their case alone.
        let unknown = format!("{target}{sep}Nothing-Known=1");
        refused_400(cluster, &what, ask(&unknown, &[], b""), method);
        if let Some((key, _)) = row.query.first() {
            let other = format!("{target}{sep}{}=1", key.to_uppercase());
            let twice = format!("{target}{sep}{key}=1&{key}=1");
            if key.to_uppercase() != **key {
                refused_400(cluster, &what, ask(&other, &[], b""), method);
            }
            if !matches!(row.query[0].1, swarm::api::query::Kind::Many) {
                refused_400(cluster, &what, ask(&twice, &[], b""), method);
            }
        }
    }
    // Bodies that engines would take for query parameters.
    for kind in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let (status, answer) = ask(&target, &[("Content-Type", kind)], b"networkmode=host");
        assert_eq!(status, 415, "{what}: {answer}");
        assert!(cluster.reached().is_empty(), "{what}");
    }
    // An upgrade that the route has not.
    let strange = match row.upgrade() {
        Some("h2c") => "tcp",
        _ => "h2c",
    };
    let headers = [("Connection", "Upgrade, close"), ("Upgrade", strange)];
    refused_400(
        cluster,
        &what,
        cluster.send(method, &target, &headers, b""),
        method,
    );
    // A body is the model's or nothing.
    let json = [("Content-Type", "application/json")];
    match row.body {
        Body::Json(_) => {
            for body in [
                &br#"{"Nothing-Known":1}"#[..],
                b"[]",
                b"{",
                b"{}{}",
                b"{\"\xff\":1}",
            ] {
                refused_400(cluster, &what, ask(&target, &json, body), method);
            }
        }
        Body::Empty if !row.hijack && !is_options => {
            let body = br#"{"HostConfig":{"Privileged":true}}"#;
            ask(&target, &json, body);
            for reached in cluster.reached() {
                assert!(
                    reached.body.is_empty(),
                    "{what}: a body went on: {reached:?}"
                );
            }
        }
        Body::Empty | Body::Tar => {}
    }
    // And what it is for. Whatever goes on is HTTP/1.1, of this route, in canonical form.
    let (body, headers): (&[u8], &[(&str, &str)]) = match row.body {
        Body::Json(_) => (body_of(row), &json),
        Body::Tar => (b"tar", &[("Content-Type", "application/x-tar")]),
        Body::Empty => (b"", &[]),
    };
    let (status, answer) = ask(&target, headers, body);
    let is_waited_for = row.pattern == "/events";
    assert!(is_waited_for || status != 0, "{what}: no answer");
    assert!(!answer.contains("CARINA-"), "{what}: {answer}");
    for reached in cluster.reached() {
        assert_eq!(reached.protocol, "HTTP/1.1", "{what}");
        let path = reached
            .target
            .strip_prefix("/v1.45")
            .unwrap_or(&reached.target);
        let of = row.pattern.split(['/', '{']).nth(1).unwrap_or_default();
        assert_eq!(
            path.split(['/', '?']).nth(1),
            Some(of),
            "{what}: {reached:?}"
        );
        for (name, _) in &reached.headers {
            let known = [
                "accept",
                "connection",
                "content-length",
                "content-type",
                "host",
                "transfer-encoding",
                "upgrade",
                "user-agent",
            ];
            assert!(known.contains(&name.as_str()), "{what}: {name} went on");
        }
    }
}

fn refused_400(cluster: &Cluster, what: &str, got: (u16, String), method: &str) {
    if method == "HEAD" {
        assert_eq!(got.0, 400, "{what}");
        assert!(cluster.reached().is_empty(), "{what}");
        return;
    }
    refused(cluster, what, 400, got);
}

/// The route, of something that is there, with the query that it cannot do without.
fn target_of(row: &Row) -> String {
    let name = match row.pattern.split('/').nth(1).unwrap_or_default() {
        "containers" => "web",
        "exec" => "ea01",
        "images" | "distribution" => "busybox",
        "networks" => "mynet",
        "volumes" => "data",
        "nodes" => "n2",
        "services" => "web",
        _ => "x",
    };
    let mut target = match (row.pattern.find('{'), row.pattern.find('}')) {
        (Some(open), Some(close)) => {
            [&row.pattern[..open], name, &row.pattern[close + 1..]].concat()
        }
        _ => row.pattern.to_owned(),
    };
    target = target.replace("/{checkpoint}", "/x");
    let query = match (row.method.as_str(), row.pattern) {
        ("POST", "/commit") => "?container=web",
        ("POST", "/images/create") => "?fromImage=busybox",
        ("POST", "/services/{id}/update") => "?version=7",
        (_, pattern) if pattern.ends_with("/archive") => "?path=%2Ftmp",
        (_, pattern) if pattern.ends_with("/rename") => "?name=web2",
        (_, pattern) if pattern.ends_with("/tag") => "?repo=mine",
        (_, "/images/get") => "?names=busybox",
        _ => "",
    };
    target + query
}

/// The least that the route's model is content with.
fn body_of(row: &Row) -> &'static [u8] {
    match row.pattern {
        "/containers/create" => br#"{"Image":"busybox"}"#,
        "/containers/{name:.*}/exec" => br#"{"Cmd":["true"]}"#,
        "/networks/create" => br#"{"Name":"n1/fresh","Driver":"bridge"}"#,
        "/networks/{id:.*}/connect" | "/networks/{id:.*}/disconnect" => br#"{"Container":"web"}"#,
        "/services/create" | "/services/{id}/update" => br#"{"Name":"web"}"#,
        "/nodes/{id}/update" => br#"{"Role":"worker","Availability":"active"}"#,
        _ => b"{}",
    }
}
