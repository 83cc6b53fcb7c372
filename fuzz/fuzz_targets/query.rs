//! A query that is let in has only keys of its row, and written again it reads the same.
//!
//! Input: one byte that chooses the row, then the query.

#![no_main]

use libfuzzer_sys::fuzz_target;
use swarm::api::Query;
use swarm::api::route::rows;

fuzz_target!(|input: &[u8]| {
    let Some((choice, raw)) = input.split_first() else {
        return;
    };
    let Ok(raw) = std::str::from_utf8(raw) else {
        return;
    };
    let Some(row) = rows().nth(usize::from(*choice) % rows().count()) else {
        return;
    };
    let Ok(query) = Query::parse(row.query, raw) else {
        return;
    };
    let written = query.encode();
    for pair in written.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').expect("a key and a value");
        assert!(row.query.iter().any(|(name, _)| *name == key), "{written}");
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        assert!(value.bytes().all(is_plain), "{written}");
    }
    let again = Query::parse(row.query, &written).expect("what was written can be read");
    assert_eq!(again, query, "{written}");
    assert_eq!(again.encode(), written);
});
