//! JSON as it may stand on the wire, wrong or not: keys more than once, numbers and strings by
//! their text.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Anything that is written as it stands: `null`, `true`, numbers, and what is none of them.
    Word(String),
    /// What stands between the quotes, escapes and all; not always UTF-8.
    Text(Vec<u8>),
    List(Vec<Tree>),
    Object(Vec<(Vec<u8>, Tree)>),
}

impl Tree {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Word(value.to_string()),
            Value::String(text) => Self::text(text),
            Value::Array(list) => Self::List(list.iter().map(Self::of).collect()),
            Value::Object(object) => Self::Object(
                object
                    .iter()
                    .map(|(key, value)| (quoted(key), Self::of(value)))
                    .collect(),
            ),
        }
    }

    pub fn text(text: &str) -> Self {
        Self::Text(quoted(text))
    }

    pub fn null() -> Self {
        Self::Word("null".to_owned())
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Word(word) => out.extend_from_slice(word.as_bytes()),
            Self::Text(text) => string(text, out),
            Self::List(list) => {
                out.push(b'[');
                for (at, one) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    one.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    string(key, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Without what clients write for nothing.
    pub fn slim(&mut self) {
        if let Self::Object(members) = self {
            members.iter_mut().for_each(|(_, value)| value.slim());
            members.retain(|(_, value)| !value.is_nothing());
        } else if let Self::List(list) = self {
            list.iter_mut().for_each(Self::slim);
        }
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::Word(word) => matches!(word.as_str(), "null" | "false" | "0"),
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Object(members) => members.is_empty(),
        }
    }

    /// Every way to make it smaller by one step.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        match self {
            Self::Word(_) => {}
            Self::Text(text) => {
                if !text.is_empty() {
                    all.push(Self::Text(Vec::new()));
                }
            }
            Self::List(list) => {
                for at in 0..list.len() {
                    let mut less = list.clone();
                    less.remove(at);
                    all.push(Self::List(less));
                }
                for (at, one) in list.iter().enumerate() {
                    for smaller in one.smaller() {
                        let mut less = list.clone();
                        less[at] = smaller;
                        all.push(Self::List(less));
                    }
                }
            }
            Self::Object(members) => {
                for at in 0..members.len() {
                    let mut less = members.clone();
                    less.remove(at);
                    all.push(Self::Object(less));
                }
                for (at, (_, one)) in members.iter().enumerate() {
                    for smaller in one.smaller() {
                        let mut less = members.clone();
                        less[at].1 = smaller;
                        all.push(Self::Object(less));
                    }
                }
            }
        }
        all
    }
}

fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Escaped, without the quotes.
fn quoted(text: &str) -> Vec<u8> {
    let written = Value::from(text).to_string();
    written.as_bytes()[1..written.len() - 1].to_vec()
}
