//! An expression that is taken is written again as the same one; a glob matches what a glob
//! matches; and none costs more than a moment.
//!
//! Input: the expression, and after a NUL a value that it may match.

#![no_main]

use libfuzzer_sys::fuzz_target;
use swarm::schedule::Expression;

fuzz_target!(|input: &str| {
    let (text, candidate) = input.split_once('\0').unwrap_or((input, "node-1"));
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let operator = if expression.is_equal { "==" } else { "!=" };
    let soft = if expression.is_soft { "~" } else { "" };
    let written = format!("{}{operator}{soft}{}", expression.key, expression.value);
    assert_eq!(
        Expression::parse(&written).expect("what was written can be read"),
        expression
    );

    let value = expression.value.as_str();
    let fits = expression.matches([candidate]) == expression.is_equal;
    let is_regex = value.len() > 1 && value.starts_with('/') && value.ends_with('/');
    if !is_regex {
        assert_eq!(
            fits,
            glob(value.as_bytes(), candidate.as_bytes()),
            "{text:?} {candidate:?}"
        );
    }
    assert_eq!(expression.matches([]), !expression.is_equal);
});

/// `*` is anything within a line, everything else is itself.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            if text[from] == b'\n' {
                return false;
            }
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}
