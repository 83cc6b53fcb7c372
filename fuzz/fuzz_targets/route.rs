//! A target that is let in has one spelling: written again it is the same route, name and query,
//! and whatever id takes the name's place stays in that place.
//!
//! Input: `METHOD target`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use swarm::api::route::Treatment;
use swarm::api::{Version, find};

const VERSION: Version = Version::new(1, 45);
const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fuzz_target!(|input: &str| {
    let Some((method, target)) = input.split_once(' ') else {
        return;
    };
    let Ok(matched) = find(method, target) else {
        return;
    };
    assert!(!matches!(matched.row.treatment, Treatment::Refused(_)));
    assert_eq!(matched.row.method.as_str(), method);

    let written = matched.target(VERSION, &matched.name);
    let path = written.split('?').next().unwrap_or_default();
    assert!(path.bytes().all(|b| b.is_ascii_graphic()), "{written}");
    assert!(!path.contains("//") && !path.contains('\\'), "{written}");
    assert!(
        path.split('/').all(|part| part != "." && part != ".."),
        "{written}"
    );
    let again = find(method, &written).expect("what was written can be read");
    assert_eq!(again.route(), matched.route());
    assert_eq!(again.name, matched.name);
    assert_eq!(again.query, matched.query);
    assert_eq!(again.target(VERSION, &again.name), written);

    if !matched.name.is_empty() {
        let by_id = matched.target(VERSION, ID);
        let again = find(method, &by_id).expect("an id is a name");
        assert_eq!((again.route(), again.name.as_str()), (matched.route(), ID));
    }
});
