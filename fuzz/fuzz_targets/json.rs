//! What the strict reader takes, every reader reads the same: no key twice, no number that is more
//! than one number, nothing behind the document.
//!
//! Input: a document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use swarm::api::json;

fuzz_target!(|input: &[u8]| {
    let Ok(value) = json::value(input) else {
        return;
    };
    let plain: Value = serde_json::from_slice(input).expect("the strict reader takes less");
    assert_eq!(plain, value);
    let (members, depth) = measure(&value);
    assert_eq!(colons(input), members, "a key stood twice");
    assert!(depth <= json::MAX_DEPTH && members <= json::MAX_ENTRIES);

    let written = json::write(&value);
    assert_eq!(
        json::value(&written).expect("what was written can be read"),
        value
    );
    assert_eq!(
        json::write(&json::value(&written).expect("just read")),
        written
    );
});

/// Members of all objects, and the deepest nesting.
fn measure(value: &Value) -> (usize, usize) {
    let (own, parts): (usize, Vec<&Value>) = match value {
        Value::Object(object) => (object.len(), object.values().collect()),
        Value::Array(array) => (0, array.iter().collect()),
        Value::Number(number) => {
            assert!(number.is_i64() || number.is_u64(), "{number}");
            return (0, 0);
        }
        Value::Null | Value::Bool(_) | Value::String(_) => return (0, 0),
    };
    let (mut members, mut depth) = (own, 0);
    for part in parts {
        let (more, deeper) = measure(part);
        members += more;
        depth = depth.max(deeper);
    }
    (members, depth + 1)
}

/// Colons that stand in no string: each is a member, seen by a reader that knows nothing else.
fn colons(text: &[u8]) -> usize {
    let (mut n, mut is_string, mut is_escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b':' if !is_string => n += 1,
            _ => {}
        }
    }
    n
}
