//! The strings that stand in sources, each with what it is in: for the checks of the catalogues.

use std::collections::BTreeMap;
use std::path::Path;

/// A string in a source file.
pub struct Literal {
    pub text: String,
    /// What the innermost bracket around it belongs to: `t`, `view!`, or nothing.
    pub within: String,
    /// Directly after that bracket.
    pub is_first: bool,
    /// The source up to it, without the white space in between.
    pub before: String,
}

/// All strings of a source, without those of its tests and comments.
fn literals(source: &str) -> Vec<Literal> {
    let end = source.find("#[cfg(test)]\nmod tests {");
    let source = &source[..end.unwrap_or(source.len())];
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut code = String::new();
    let mut at = 0;
    while at < chars.len() {
        let next = |n: usize| chars.get(at + n).copied().unwrap_or(' ');
        match chars[at] {
            '/' if next(1) == '/' => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
                continue;
            }
            '\'' if next(1) == '\\' || next(2) == '\'' => {
                at += 2 + usize::from(next(1) == '\\');
                while chars.get(at).is_some_and(|c| *c != '\'') {
                    at += 1;
                }
            }
            '"' => {
                let (text, end) = string(&chars, at + 1);
                let (within, from) = open.last().cloned().unwrap_or_default();
                let before = code.trim_end().to_owned();
                found.push(Literal {
                    text,
                    within,
                    is_first: before.len() <= from,
                    before,
                });
                code.push('"');
                at = end;
            }
            bracket @ ('(' | '[' | '{') => {
                let name = name_before(&code);
                code.push(bracket);
                open.push((name, code.len()));
            }
            bracket @ (')' | ']' | '}') => {
                code.push(bracket);
                open.pop();
            }
            other => code.push(other),
        }
        at += 1;
    }
    found
}

/// A string's text from `at` on, and where its closing quote is.
fn string(chars: &[char], mut at: usize) -> (String, usize) {
    let mut text = String::new();
    while at < chars.len() && chars[at] != '"' {
        if chars[at] != '\\' {
            text.push(chars[at]);
        } else if chars[at + 1] == '\n' {
            at += 1;
            while chars[at + 1].is_whitespace() {
                at += 1;
            }
        } else {
            at += 1;
            text.push(match chars[at] {
                'n' => '\n',
                other => other,
            });
        }
        at += 1;
    }
    (text, at)
}

/// `t` of `… t(`, `view!` of `view! {`, nothing of `= (`.
fn name_before(code: &str) -> String {
    let code = code.trim_end();
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '!';
    let start = code.trim_end_matches(is_name).len();
    code[start..].to_owned()
}

pub fn sources(dir: &str) -> BTreeMap<String, Vec<Literal>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(dir);
    let mut found = BTreeMap::new();
    let mut dirs = vec![root];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_test = name.starts_with("tests") || name.ends_with("_tests.rs");
            if is_test || path.ends_with("words/complete.rs") || path.ends_with("words/literal.rs")
            {
                continue;
            }
            if path.is_dir() {
                dirs.push(path);
            } else if name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(path.display().to_string(), literals(&text));
            }
        }
    }
    assert!(!found.is_empty(), "{dir} has sources");
    found
}

#[test]
fn strings_are_found_with_what_they_are_in() {
    let source =
        "fn a<'a>() { // \"no\"\n view! { <p title=\"x\">\"y\" {t(\"z \\\n   q\")} '\"'</p> } }";
    let found: Vec<_> = literals(source)
        .into_iter()
        .map(|l| (l.text, l.within, l.is_first))
        .collect();
    let row = |text: &str, within: &str, is_first| (text.to_owned(), within.to_owned(), is_first);
    assert_eq!(
        found,
        [
            row("x", "view!", false),
            row("y", "view!", false),
            row("z q", "t", true)
        ]
    );
}
