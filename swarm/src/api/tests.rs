//! What real clients send, and what nobody should.

use proptest::prelude::*;
use serde::Deserialize;

use super::json::read;
use super::*;

/// A request as a client sent it.
#[derive(Debug, Deserialize)]
struct Recorded {
    client: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<serde_json::Value>,
}

fn recorded() -> Vec<Recorded> {
    include_str!("recorded.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// Reads, writes and reads again.
fn body_check(row: &Row, body: &[u8]) -> Result<(), Refusal> {
    let route::Body::Json(model) = row.body else {
        panic!("{:?} has no body", row.route);
    };
    let written = model.rewrite(body)?;
    assert_eq!(model.rewrite(&written)?, written);
    Ok(())
}

#[test]
fn everything_that_real_clients_send_is_understood() {
    for request in recorded() {
        let what = format!("{}: {} {}", request.client, request.method, request.target);
        let matched = match find(&request.method, &request.target) {
            Ok(matched) => matched,
            // Rows that are not offered yet are refused for that alone.
            Err(refusal) if refusal.status == 501 => continue,
            Err(refusal) => panic!("{what}: {refusal}"),
        };
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let body = request.body.map(|body| body.to_string());
        header::check(matched.row, &headers, body.is_some()).expect(&what);
        if let Some(body) = body {
            body_check(matched.row, body.as_bytes()).expect(&what);
        }
        let version = matched.version.unwrap_or(Version::new(1, 45));
        let again = find(&request.method, &matched.target(version, &matched.name)).expect(&what);
        assert_eq!(
            (again.route(), again.name, again.query),
            (matched.route(), matched.name, matched.query),
            "{what}"
        );
    }
}

#[test]
fn json_with_two_meanings_is_refused() {
    let deep = format!("{{\"Env\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let many = format!("{{\"Env\":[{}\"\"]}}", "\"\",".repeat(json::MAX_ENTRIES));
    let long = format!("{{\"Image\":\"{}\"}}", "x".repeat(json::MAX_BYTES));
    #[rustfmt::skip]
    let cases: &[(&str, &[u8], u16)] = &[
        ("N", b"{}", 200),
        ("N", b" {\"Image\":\"x\"}\n", 200),
        ("N", br#"{"Env":null,"HostConfig":null,"Labels":{"K\u00e4se":"x"}}"#, 200),
        ("N", br#"{"Cmd":"true","Entrypoint":["a"]}"#, 200),
        ("A1", b"", 400),
        ("A2", long.as_bytes(), 413),
        ("A14", deep.as_bytes(), 400),
        ("A14", many.as_bytes(), 400),
        ("B1", br#"{"hostconfig":{}}"#, 400),
        ("B1", br#"{"HostConfig":{"PRIVILEGED":true}}"#, 400),
        ("B2", "{\"Ho\u{17f}tConfig\":{}}".as_bytes(), 400),
        ("B2", br#"{"Ho\u017ftConfig":{}}"#, 400),
        ("B2", "{\"HostConfig\":{\"\u{212a}ernelMemory\":1}}".as_bytes(), 400),
        ("B3", br#"{"HostConfig":{"Privileged":true},"HostConfig":{"Binds":[]}}"#, 400),
        ("B4", br#"{"HostConfig":{"Privileged":true,"Privileged":null}}"#, 400),
        ("B5", br#"{"HostConfig":{"Mounts":[],"Mounts":[]}}"#, 400),
        ("B5", br#"{"Labels":{"a":"1","a":"2"}}"#, 400),
        ("B5", br#"{"HostConfig":{"Mounts":[{"Type":"volume","Type":"bind"}]}}"#, 400),
        ("B6", br#"{"\u0048ostConfig":{},"HostConfig":{}}"#, 400),
        ("B6", br#"{"\u0048ostConfig":{"Privileged":7}}"#, 400),
        ("B7", b"{\"Image\":\"\xff\"}", 400),
        ("B7", br#"{"Image":"\ud800"}"#, 400),
        ("B7", br#"{"Image":"\udc00x"}"#, 400),
        ("B8", br#"{}{}"#, 400),
        ("B8", br#"{}x"#, 400),
        ("B10", br#"{"Memory":5}"#, 400),
        ("B10", br#"{"VolumeDriver":"x"}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":1e3}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":1e400}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":-0}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":18446744073709551616}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":9223372036854775808}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":1.5}}"#, 400),
        ("B11", br#"{"HostConfig":{"Memory":"5"}}"#, 400),
        ("C26", br#"{"NetworkingConfig":{"EndpointsConfig":{"x":{"Sysctls":{}}}}}"#, 400),
        ("C26", br#"{"NetworkingConfig":{"endpointsconfig":{"host":{}}}}"#, 400),
        ("-", br#"[]"#, 400),
        ("-", br#"{"HostConfig":[]}"#, 400),
        ("-", br#"{"HostConfig":{"Mounts":[["bind","/","/x"]]}}"#, 400),
        ("-", br#"{"ExposedPorts":{"80/tcp":[]}}"#, 400),
        ("-", br#"{"HostConfig":{"ConsoleSize":[1,2,3]}}"#, 400),
        ("-", br#"{"NoSuchField":1}"#, 400),
        ("-", br#"{"HostConfig":{"Binds":{}}}"#, 400),
    ];
    for (id, body, expect) in cases {
        let got = read::<ContainerCreate>(body).map_or_else(|r| r.status, |_| 200);
        assert_eq!(
            got,
            *expect,
            "{id} {}",
            String::from_utf8_lossy(&body[..body.len().min(80)])
        );
    }
}

#[test]
fn every_target_has_one_spelling() {
    let id = "a".repeat(64);
    let exec = format!("/exec/{id}/json");
    #[rustfmt::skip]
    let ok: &[(&str, &str, Route, &str)] = &[
        ("GET", "/_ping", Route::Ping, ""),
        ("HEAD", "/_ping", Route::PingHead, ""),
        ("GET", "/v1.24/info", Route::Info, ""),
        ("GET", "/version", Route::VersionInfo, ""),
        ("GET", "/v1.45/version", Route::VersionInfo, ""),
        ("GET", "/volumes", Route::VolumeList, ""),
        ("GET", "/networks/", Route::NetworkListSlash, ""),
        ("GET", "/networks/n1/bridge", Route::NetworkInspect, "n1/bridge"),
        ("GET", "/containers/json", Route::ContainerList, ""),
        ("GET", "/containers/json/json", Route::ContainerInspect, "json"),
        ("GET", "/containers/57d513b9-n1/web/json", Route::ContainerInspect, "57d513b9-n1/web"),
        ("GET", "/containers/57d513b9-n1%2Fweb/json", Route::ContainerInspect, "57d513b9-n1/web"),
        ("POST", "/v1.41/%63ontainers/cre%61te", Route::ContainerCreate, ""),
        ("POST", "/v1.41/containers%2Fcreate?name=%2Fweb", Route::ContainerCreate, ""),
        ("DELETE", "/containers/web?force=true&v=1", Route::ContainerDelete, "web"),
        ("GET", "/images/json", Route::ImageList, ""),
        ("GET", "/images/registry:5000/a/b:tag/json", Route::ImageInspect, "registry:5000/a/b:tag"),
        ("GET", "/images/a@sha256:00/history", Route::ImageHistory, "a@sha256:00"),
        ("GET", "/images/get?names=a&names=b%3A1", Route::ImageSave, ""),
        ("GET", &exec, Route::ExecInspect, &id),
        ("OPTIONS", "/anything/at/all", Route::Options, "anything/at/all"),
    ];
    for (method, target, route, name) in ok {
        let matched = find(method, target).expect(target);
        assert_eq!(
            (matched.route(), matched.name.as_str()),
            (*route, *name),
            "{target}"
        );
    }

    #[rustfmt::skip]
    let refused: &[(&str, &str, &str, u16)] = &[
        ("A4", "POST", "/containers/create/auth", 405),
        ("A11", "POST", "containers/create", 400),
        ("B12", "GET", "/containers/%2577eb/json", 400),
        ("B12", "GET", "/containers/a%5Cb/json", 400),
        ("B12", "GET", "/containers/a%00/json", 400),
        ("B12", "GET", "/containers/%zz/json", 400),
        ("B12", "GET", "/containers/%2/json", 400),
        ("B12", "GET", "/containers/%C3%A4/json", 400),
        ("B12", "GET", "/containers/%ff/json", 400),
        ("B13", "GET", "//containers/json", 400),
        ("B13", "GET", "/containers//json", 400),
        ("B13", "GET", "/containers/../info", 400),
        ("B13", "GET", "/containers/%2e%2e/info", 400),
        ("B13", "GET", "/containers/%2e/json", 400),
        ("B13", "GET", "/v1.45/../info", 400),
        ("B14", "GET", "http://engine/info", 400),
        ("B14", "GET", "*", 400),
        ("B15", "GET", "/v9/info", 400),
        ("B15", "GET", "/v.../info", 400),
        ("B15", "GET", "/v1.4/info", 400),
        ("B15", "GET", "/v1.450/info", 400),
        ("B15", "GET", "/v1.99/info", 400),
        ("B15", "GET", "/v1.45/v1.45/info", 404),
        ("B15", "GET", "/v1.45", 404),
        ("B16", "GET", "/v1.23/info", 400),
        ("B17", "POST", "/containers/a/b/c/start", 404),
        ("B17", "POST", "/containers/-a/start", 404),
        ("B17", "POST", "/containers/a b/start", 400),
        ("B18", "GET", "/containers/json?all=0&all=1", 400),
        ("B19", "GET", "/containers/json?all=0;limit=1", 400),
        ("B22", "GET", "/containers/json?All=1", 400),
        ("B22", "GET", "/Containers/json", 404),
        ("B22", "GET", "/containers/json?all=maybe", 400),
        ("B22", "GET", "/containers/json?limit=1x", 400),
        ("B23", "GET", "/containers/json/", 404),
        ("B23", "HEAD", "/containers/json", 405),
        ("B23", "PATCH", "/containers/json", 405),
        ("B23", "get", "/containers/json", 405),
        ("C28", "POST", "/containers/create?name=a%2Fb", 400),
        ("G4", "POST", "/containers/web/start?checkpoint=x", 400),
        ("G4", "POST", "/containers/web/start?checkpoint-dir=x", 400),
        ("G4", "POST", "/containers/web/checkpoints", 403),
        ("G4", "DELETE", "/containers/web/checkpoints/x", 403),
        ("D2", "PUT", "/volumes/x", 403),
        ("I8", "GET", "/swarm/unlockkey", 403),
        ("I9", "POST", "/swarm/leave?force=1", 403),
        ("I12", "POST", "/plugins/pull", 403),
        ("I12", "POST", "/plugins/x/enable", 403),
        ("-", "GET", "/debug/pprof/", 403),
        ("-", "GET", "/nonsense", 404),
        ("-", "GET", "/info?x=1", 400),
        ("-", "GET", "/in fo", 400),
        ("-", "GET", "/info#x", 400),
        ("-", "GET", "/containers/json?filters=%7B%22a%22%3A1%7D", 400),
        ("-", "GET", "/containers/json?filters=%7B%22a%22%3A%5B%5D%2C%22a%22%3A%5B%5D%7D", 400),
        ("-", "POST", "/containers/x/kill?signal=%0a", 400),
    ];
    for (id, method, target, status) in refused {
        let refusal = find(method, target).expect_err(target);
        assert_eq!(refusal.status, *status, "{id} {method} {target}: {refusal}");
    }
}

#[test]
fn the_query_is_written_anew() {
    let matched = find(
        "GET",
        "/containers/json?limit=3&all=True&filters=%7B%22name%22%3A%5B%22b%22%2C%22a%22%5D%7D",
    )
    .expect("a list");
    assert_eq!(
        matched.target(Version::new(1, 45), ""),
        "/v1.45/containers/json?all=1&filters=%7B%22name%22%3A%7B%22a%22%3Atrue%2C%22b%22%3Atrue%7D%7D&limit=3"
    );
    let matched = find("POST", "/containers/n1/web/kill?signal=a%26b%3Dc").expect("a kill");
    assert_eq!(
        matched.target(Version::new(1, 45), "abc"),
        "/v1.45/containers/abc/kill?signal=a%26b%3Dc"
    );
}

/// Pieces of which odd targets are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("/".to_owned()),
        Just("%2F".to_owned()),
        Just("%2f".to_owned()),
        Just("..".to_owned()),
        Just("%2e".to_owned()),
        Just("%25".to_owned()),
        Just("%5c".to_owned()),
        Just("%00".to_owned()),
        Just("\\".to_owned()),
        Just(";".to_owned()),
        Just("v1.45".to_owned()),
        Just("containers".to_owned()),
        Just("images".to_owned()),
        Just("create".to_owned()),
        Just("json".to_owned()),
        Just("?".to_owned()),
        Just("name=".to_owned()),
        Just("&".to_owned()),
        "[a-zA-Z0-9._:@%-]{1,4}",
        any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn no_target_passes_that_is_not_canonical(
        method in prop_oneof![Just("GET"), Just("POST"), Just("DELETE"), Just("PUT")],
        pieces in prop::collection::vec(piece(), 0..12),
    ) {
        let target = format!("/{}", pieces.concat());
        if let Ok(matched) = find(method, &target) {
            let written = matched.target(Version::new(1, 45), &matched.name);
            let (path, _) = written.split_once('?').unwrap_or((&written, ""));
            prop_assert!(!path.contains("//") && !path.contains('%') && !path.contains('\\'), "{written}");
            prop_assert!(path.split('/').all(|segment| segment != "." && segment != ".."), "{written}");
            let again = find(method, &written);
            prop_assert!(again.is_ok(), "{written}");
            let again = again.expect("checked");
            prop_assert_eq!(again.route(), matched.route());
            prop_assert_eq!(&again.name, &matched.name);
            prop_assert_eq!(again.target(Version::new(1, 45), &again.name), written);
        }
    }

    #[test]
    fn no_object_with_a_key_twice_is_read(
        mut keys in prop::collection::vec("[a-c]{1,2}", 1..5),
        depth in 0usize..4,
        twice in any::<prop::sample::Index>(),
    ) {
        keys.sort();
        keys.dedup();
        let object = |keys: &[String]| {
            let members: Vec<String> = keys.iter().map(|key| format!("{key:?}:1")).collect();
            format!("{}{{{}}}{}", "{\"x\":[".repeat(depth), members.join(","), "]}".repeat(depth))
        };
        prop_assert!(json::value(object(&keys).as_bytes()).is_ok());
        let key = keys[twice.index(keys.len())].clone();
        keys.push(key);
        prop_assert!(json::value(object(&keys).as_bytes()).is_err());
    }

    #[test]
    fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read::<ContainerCreate>(&body);
        let _ = super::query::Query::parse(super::table::BUILD, &String::from_utf8_lossy(&body));
    }
}
