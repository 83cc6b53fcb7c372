//! The properties: what the reader sees is what our model says, and whatever it would read as
//! forbidden in the original is refused.

use serde_json::Value;

use crate::reader::Answer;
use crate::world::{Ours, TARGET};

/// What does not hold for a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disagreement {
    /// Which property; the same for all that go wrong in the same way.
    pub what: String,
    pub detail: String,
}

fn disagreement<T>(what: impl Into<String>, detail: impl Into<String>) -> Result<T, Disagreement> {
    Err(Disagreement {
        what: what.into(),
        detail: detail.into(),
    })
}

pub fn check(kind: u8, ours: &Ours, seen: &Answer) -> Result<(), Disagreement> {
    let [original, understood, sent] = seen;
    let (Some(original), Some(rewritten)) = (original, &ours.rewritten) else {
        return Ok(());
    };
    let Some(understood) = understood else {
        return disagreement("the reader gave no answer", "");
    };
    if original.error.is_empty() != understood.error.is_empty() {
        return disagreement(
            format!(
                "only one of the two is accepted by the engine: {}",
                cause(&original.error, &understood.error)
            ),
            format!(
                "original: {:?}, understood: {:?}",
                original.error, understood.error
            ),
        );
    }
    // Both refused: the client hears it from the engine.
    if original.error.is_empty() {
        same_reading(kind, original.view(), understood.view())?;
        if kind != TARGET {
            same_document(rewritten, understood.view())?;
        }
    }
    let Some(forwarded) = &ours.forwarded else {
        return Ok(());
    };
    let Some(sent) = sent else {
        return disagreement("the reader gave no answer", "");
    };
    if original.error.is_empty() != sent.error.is_empty() {
        return disagreement(
            "what is sent is read otherwise than what was understood",
            sent.error.clone(),
        );
    }
    for (which, reading) in [("the original", original), ("what is sent on", sent)] {
        if let Some(first) = reading.forbidden.first() {
            return disagreement(
                format!("{which} has something forbidden: {first}"),
                reading.forbidden.join(", "),
            );
        }
    }
    if kind != TARGET && sent.error.is_empty() && forwarded != rewritten {
        same_document(forwarded, sent.view())?;
    }
    Ok(())
}

/// The beginning of an error, without what is different each time.
fn cause(one: &str, other: &str) -> String {
    let error = if one.is_empty() { other } else { one };
    error
        .split([':', '"', '\''])
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect()
}

fn same_reading(kind: u8, original: &str, understood: &str) -> Result<(), Disagreement> {
    if original == understood {
        return Ok(());
    }
    let (mut original, mut understood) = (parse(original), parse(understood));
    if kind == TARGET {
        if let Some(unread) = understood.get("unread") {
            return disagreement("the reader does not know a key of ours", unread.to_string());
        }
        // The manager writes the version out, and leaves out what means nothing.
        let given = original["version"].take();
        let written = understood["version"].take();
        if !given.is_null() && given != written {
            return disagreement("another version", format!("{given} became {written}"));
        }
        if let Some(target) = original.as_object_mut() {
            target.remove("unread");
        }
    }
    match difference(&original, &understood, String::new()) {
        None => Ok(()),
        Some((at, detail)) => disagreement(format!("the two are read differently at {at}"), detail),
    }
}

/// The model's own writing, against what is read out of it.
fn same_document(written: &[u8], view: &str) -> Result<(), Disagreement> {
    let written = serde_json::from_slice(written).unwrap_or(Value::Null);
    match difference(&written, &parse(view), String::new()) {
        None => Ok(()),
        Some((at, detail)) => disagreement(format!("the model says otherwise at {at}"), detail),
    }
}

fn parse(view: &str) -> Value {
    serde_json::from_str(view).unwrap_or(Value::Null)
}

/// Where the two differ, if anything but nothing stands there.
fn difference(one: &Value, other: &Value, at: String) -> Option<(String, String)> {
    // Nothing in these is typed: they are only ever refused, and numbers come back otherwise.
    if ["PluginSpec", "NetworkAttachmentSpec", "GenericResources"]
        .iter()
        .any(|key| at.ends_with(key))
    {
        return None;
    }
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let member = |object: &serde_json::Map<String, Value>| {
                    object.get(key).cloned().unwrap_or_default()
                };
                difference(&member(a), &member(b), format!("{at}.{key}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .find_map(|(a, b)| difference(a, b, format!("{at}[]"))),
        (Value::Number(a), Value::Number(b)) if at.ends_with("Ratio") => {
            // Engines keep the only fraction there is in 32 bits.
            let short = |number: &serde_json::Number| number.as_f64().unwrap_or(f64::NAN) as f32;
            (short(a) != short(b)).then(|| (at, format!("{a} and {b}")))
        }
        // Base64 is the same bytes in more than one spelling; that both were read alike is seen
        // elsewhere.
        (Value::String(_), Value::String(_))
            if at.ends_with(".Data") || at.ends_with(".Profile") =>
        {
            None
        }
        (one, other) if one == other || is_nothing(one) && is_nothing(other) => None,
        (one, other) => Some((at, format!("{one} and {other}"))),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.iter().all(is_nothing),
        Value::Object(object) => object.values().all(is_nothing),
    }
}
