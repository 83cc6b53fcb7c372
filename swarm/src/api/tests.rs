//! What nobody should send; what real clients do is in [`recorded`].

mod cases;
mod found;
pub mod recorded;
mod seeds;

use proptest::prelude::*;

use super::json::read;
use super::*;
use cases::{ACCEPTED, BODIES, REFUSED};

#[test]
fn json_with_two_meanings_is_refused() {
    let deep = format!("{{\"Env\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let many = format!("{{\"Env\":[{}\"\"]}}", "\"\",".repeat(json::MAX_ENTRIES));
    let long = format!("{{\"Image\":\"{}\"}}", "x".repeat(json::MAX_BYTES));
    let long: [(&str, &[u8], u16); 3] = [
        ("A2", long.as_bytes(), 413),
        ("A14", deep.as_bytes(), 400),
        ("A14", many.as_bytes(), 400),
    ];
    for (id, body, expect) in BODIES.iter().chain(&long) {
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
    for (method, target, route, name) in ACCEPTED {
        let matched = find(method, target).expect(target);
        assert_eq!(
            (matched.route(), matched.name.as_str()),
            (*route, *name),
            "{target}"
        );
    }

    for (id, method, target, status) in REFUSED {
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
