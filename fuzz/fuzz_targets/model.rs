//! A body that its model takes is written with everything that was in it and nothing else, and
//! written again it is the same.
//!
//! Input: one byte that chooses the row, then the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use swarm::api::model::{Model, is_same};
use swarm::api::route::{Body, rows};

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    let models: Vec<Model> = rows()
        .filter_map(|row| match row.body {
            Body::Json(model) => Some(model),
            _ => None,
        })
        .collect();
    let model = models[usize::from(*choice) % models.len()];
    let Ok(written) = model.rewrite(body) else {
        return;
    };
    let again = model
        .rewrite(&written)
        .expect("what was written can be read");
    assert_eq!(again, written);
    let sent: Value = serde_json::from_slice(&written).expect("JSON");
    if body.is_empty() {
        assert_eq!(sent, serde_json::json!({}));
        return;
    }
    let came: Value = serde_json::from_slice(body).expect("a model takes JSON only");
    assert!(is_same(&came, &sent), "{model:?}: {came} became {sent}");
});
