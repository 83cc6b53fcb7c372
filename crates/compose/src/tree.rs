//! YAML as a tree that knows where everything stands. No anchors, aliases and tags: a file of a
//! few bytes could be gigabytes with them.

use model::{ComposeProblem, ComposeWrong, YamlFeature};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::TEXT_MAX_BYTES;

const DEPTH_MAX: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    fn of(marker: &Marker) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: number(marker.line()).max(1),
            column: number(marker.col()).saturating_add(1),
        }
    }

    pub fn problem(self, what: ComposeWrong) -> ComposeProblem {
        ComposeProblem {
            line: self.line,
            column: self.column,
            what,
        }
    }
}

#[derive(Debug)]
pub struct Node {
    pub at: Place,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub struct Entry {
    pub at: Place,
    pub key: String,
    pub node: Node,
}

/// What is open while the parser goes on.
enum Open {
    List(Place, Vec<Node>),
    /// With the key that waits for its value.
    Map(Place, Vec<Entry>, Option<(Place, String)>),
}

pub fn load(text: &str) -> Result<Node, ComposeProblem> {
    let start = Place { line: 1, column: 1 };
    if text.len() > TEXT_MAX_BYTES {
        return Err(start.problem(ComposeWrong::TooLong));
    }
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let why = error.info().to_owned();
            Place::of(error.marker()).problem(ComposeWrong::Syntax { why })
        })?;
        let at = Place::of(&span.start);
        let refuse = |what| Err(at.problem(ComposeWrong::YamlFeature { what }));
        let done = match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return refuse(YamlFeature::SecondDocument);
                }
                continue;
            }
            Event::Alias(_) => return refuse(YamlFeature::Alias),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return refuse(YamlFeature::Anchor);
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => return refuse(YamlFeature::Tag),
            Event::Scalar(text, style, _, _) => Node {
                at,
                value: scalar(&text, style),
            },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= DEPTH_MAX {
                    return Err(at.problem(ComposeWrong::TooDeep));
                }
                if matches!(open.last(), Some(Open::Map(_, _, None))) {
                    return refuse(YamlFeature::Key);
                }
                open.push(match event {
                    Event::SequenceStart(..) => Open::List(at, Vec::new()),
                    _ => Open::Map(at, Vec::new(), None),
                });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(at, items)) => Node {
                    at,
                    value: Value::List(items),
                },
                Some(Open::Map(at, entries, _)) => Node {
                    at,
                    value: Value::Map(entries),
                },
                None => continue,
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            None => root = Some(done),
            Some(Open::List(_, items)) => items.push(done),
            Some(Open::Map(_, entries, waiting)) => put(entries, waiting, done)?,
        }
    }
    root.ok_or_else(|| start.problem(ComposeWrong::Nothing))
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Null,
        _ => Value::Text(text.to_owned()),
    }
}

/// A key, or the value that its key waits for.
fn put(
    entries: &mut Vec<Entry>,
    waiting: &mut Option<(Place, String)>,
    node: Node,
) -> Result<(), ComposeProblem> {
    if let Some((at, key)) = waiting.take() {
        entries.push(Entry { at, key, node });
        return Ok(());
    }
    let Value::Text(key) = node.value else {
        let what = YamlFeature::Key;
        return Err(node.at.problem(ComposeWrong::YamlFeature { what }));
    };
    if entries.iter().any(|entry| entry.key == key) {
        return Err(node.at.problem(ComposeWrong::Twice { key }));
    }
    *waiting = Some((node.at, key));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (u32, ComposeWrong) {
        let problem = load(text).expect_err("wrong");
        (problem.line, problem.what)
    }

    #[test]
    fn everything_has_its_place() {
        let root = load("a:\n  - x\n  - b: 1\n").expect("a tree");
        let Value::Map(entries) = &root.value else {
            panic!("{root:?}");
        };
        let Value::List(items) = &entries[0].node.value else {
            panic!("{root:?}");
        };
        assert_eq!((items[0].at.line, items[1].at.line), (2, 3));
        assert_eq!(items[0].at.column, 5);
    }

    #[test]
    fn what_grows_or_surprises_is_refused_at_its_place() {
        let feature = |what| ComposeWrong::YamlFeature { what };
        assert_eq!(wrong("a: &x 1\nb: *x\n"), (1, feature(YamlFeature::Anchor)));
        assert_eq!(wrong("a: 1\nb: !!str 2\n"), (2, feature(YamlFeature::Tag)));
        assert_eq!(wrong("? [a]\n: 1\n"), (1, feature(YamlFeature::Key)));
        assert_eq!(
            wrong("a: 1\n---\nb: 1\n").1,
            feature(YamlFeature::SecondDocument)
        );
        let key = "a".to_owned();
        assert_eq!(
            wrong("a: 1\nb: 1\na: 2\n"),
            (3, ComposeWrong::Twice { key })
        );
        assert_eq!(wrong(""), (1, ComposeWrong::Nothing));
        assert_eq!(wrong("# only words\n").1, ComposeWrong::Nothing);
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(wrong(&deep).1, ComposeWrong::TooDeep);
        assert_eq!(
            wrong(&"x".repeat(TEXT_MAX_BYTES + 1)).1,
            ComposeWrong::TooLong
        );
        let (line, what) = wrong("a:\n  b: 1\n c: 2\n");
        assert!(
            line >= 2 && matches!(what, ComposeWrong::Syntax { .. }),
            "{line} {what:?}"
        );
        assert!(matches!(
            wrong("a: \"x\nb: 1\n").1,
            ComposeWrong::Syntax { .. }
        ));
    }
}
