//! A JSON reader that takes only what has one meaning.
//!
//! Go merges duplicate keys, matches keys in any case and with Unicode folding, replaces broken
//! UTF-8 and stops at the end of the first value. A filter that reads differently is a filter that
//! can be walked around, so whatever Go and we might disagree about is refused here, and the typed
//! value (never the text) is what is sent on.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Largest JSON body; moby's own clients stay far below it.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;
/// Members of objects and elements of arrays in the whole document.
pub const MAX_ENTRIES: usize = 4096;

/// What one kind of body may have more than others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub bytes: usize,
    /// Numbers that are not whole. Fields that are typed as whole ones refuse them all the same.
    pub fractions: bool,
}

impl Bounds {
    pub const USUAL: Self = Self {
        bytes: MAX_BYTES,
        fractions: false,
    };
}

/// Reads a body that must be there.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    read_within(Bounds::USUAL, body)
}

/// The same, of a kind that has bounds of its own.
pub fn read_within<T: DeserializeOwned>(bounds: Bounds, body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_value(value_within(bounds, body)?)
        .map_err(|err| Refusal::bad_request(format!("this request is not understood: {err}")))
}

/// Reads a body that may be empty.
pub fn read_or_default<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Refusal> {
    if body.is_empty() {
        Ok(T::default())
    } else {
        read(body)
    }
}

/// Writes what is sent on: always this, never the bytes that came.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("models have string keys and no fallible parts")
}

/// The document as a value, after all checks that need no model.
pub fn value(body: &[u8]) -> Result<Value, Refusal> {
    value_within(Bounds::USUAL, body)
}

fn value_within(bounds: Bounds, body: &[u8]) -> Result<Value, Refusal> {
    if body.len() > bounds.bytes {
        return Err(Refusal::too_large(format!(
            "a JSON body may have {} bytes here",
            bounds.bytes
        )));
    }
    let entries = Cell::new(0);
    let mut parser = serde_json::Deserializer::from_slice(body);
    let value = Strict {
        depth: 0,
        entries: &entries,
        fractions: bounds.fractions,
    }
    .deserialize(&mut parser)
    .and_then(|value| parser.end().map(|()| value))
    .map_err(|err| Refusal::bad_request(format!("this JSON is not accepted: {err}")))?;
    Ok(value)
}

/// Builds a [`Value`], counting and refusing as it goes: afterwards it would be too late, since a
/// map no longer knows that a key came twice.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    entries: &'a Cell<usize>,
    fractions: bool,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > MAX_ENTRIES {
            return Err(E::custom(format_args!("more than {MAX_ENTRIES} entries")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if let (true, Some(number)) = (self.fractions, serde_json::Number::from_f64(value)) {
            return Ok(Value::Number(number));
        }
        // Hardly a field of the API is a fraction, and Go reads `1e3` into an int or fails
        // by version. Integers too wide for 64 bits arrive here as well.
        Err(E::custom(format_args!(
            "the number {value} is not a whole one of 64 bits"
        )))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            self.count()?;
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.count()?;
            if values.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key {key:?} comes twice"
                )));
            }
            let value = map.next_value_seed(inner)?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}
