//! Values as compose spells them.

use model::{ComposeWrong, ValueWanted};

/// Docker's bound is 63, and the stack's name comes before.
pub const NAME_MAX: usize = 40;

/// `$$` is a dollar sign; a variable is nobody's here.
pub fn plain(text: &str) -> Result<String, ComposeWrong> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(tail) = rest.strip_prefix('$') {
            rest = tail;
        } else if rest.starts_with(|c: char| c == '{' || c == '_' || c.is_ascii_alphabetic()) {
            let name = rest.trim_start_matches('{');
            let is_name = |c: &char| *c == '_' || c.is_ascii_alphanumeric();
            let name = name.chars().take_while(is_name).take(60).collect();
            return Err(ComposeWrong::Variable { name });
        }
        out.push('$');
    }
    out.push_str(rest);
    Ok(out)
}

/// What Docker takes for a name of a service, a network or a volume.
pub fn is_name(text: &str) -> bool {
    let is_good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= NAME_MAX
        && text.chars().all(is_good)
        && ends(text.chars().next())
        && ends(text.chars().last())
}

/// `nginx`, `registry.example:5000/team/app:1.2@sha256:…`
pub fn is_image(text: &str) -> bool {
    let is_good = |c: char| c.is_ascii_alphanumeric() || "_.-:/@+".contains(c);
    !text.is_empty()
        && text.len() <= 512
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(is_good)
}

pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// `512m`, `1.5g`, `64mb`, `1048576`: with the units of 1024 that Docker has.
pub fn memory(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let shift = match unit.trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    let bytes = decimal(number, 1 << shift)?;
    // Docker's least.
    (bytes >= 6 << 20).then_some(bytes)
}

/// `0.5`: in thousand-millionths.
pub fn nano_cpus(text: &str) -> Option<u64> {
    decimal(text.trim(), 1_000_000_000)
        .filter(|nano| (1_000_000..=1_000_000_000_000).contains(nano))
}

/// `1m30s`, `2.5s`, `500ms`: as Go writes them, in nanoseconds, at most a day.
pub fn duration_ns(text: &str) -> Option<u64> {
    const DAY_NS: u64 = 86_400_000_000_000;
    const UNITS: [(&str, u64); 6] = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, after) = after.split_at(letters.unwrap_or(after.len()));
        let (_, unit_ns) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(decimal(number, *unit_ns)?)?;
        rest = after;
    }
    (!text.is_empty() && sum <= DAY_NS).then_some(sum)
}

/// `1.25` times `unit`, without floating point.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || part.len() > 9 || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let scale = 10u64.pow(u32::try_from(part.len()).ok()?);
    let part: u64 = if part.is_empty() {
        0
    } else {
        part.parse().ok()?
    };
    let part = u64::try_from(u128::from(part) * u128::from(unit) / u128::from(scale)).ok()?;
    whole.checked_mul(unit)?.checked_add(part)
}

/// A command line in words, as a shell takes it apart: quotes and backslashes, nothing else.
pub fn words(text: &str) -> Result<Vec<String>, ComposeWrong> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = chars.next();
                word.get_or_insert_default().extend(next);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(ComposeWrong::Value {
            value: text.chars().take(80).collect(),
            what: ValueWanted::Quote,
        });
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_apart_like_a_shell_does() {
        let apart = |text| words(text).expect("words");
        assert_eq!(apart("sleep 3"), ["sleep", "3"]);
        assert_eq!(
            apart("sh -c 'echo \"a b\"' \"it's\" x\\ y ''"),
            ["sh", "-c", "echo \"a b\"", "it's", "x y", ""]
        );
        assert!(words("echo 'open").is_err());
        assert!(apart("  ").is_empty());
    }

    #[test]
    fn sizes_are_read_exactly() {
        assert_eq!(memory("64m"), Some(64 << 20));
        assert_eq!(memory("1.5G"), Some(3 << 29));
        assert_eq!(memory("512MB"), Some(512 << 20));
        for bad in [
            "",
            "m",
            "1k",
            "-1",
            "1.2.3",
            "64 x",
            "99999999999999999999g",
        ] {
            assert_eq!(memory(bad), None, "{bad}");
        }
        assert_eq!(nano_cpus("0.5"), Some(500_000_000));
        assert_eq!(nano_cpus("2"), Some(2_000_000_000));
        for bad in ["0", "x", ".5", "1e3"] {
            assert_eq!(nano_cpus(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_are_gos() {
        assert_eq!(duration_ns("1m30s"), Some(90_000_000_000));
        assert_eq!(duration_ns("1h0.5s"), Some(3_600_500_000_000));
        assert_eq!(duration_ns("250us"), Some(250_000));
        assert_eq!(duration_ns("0"), Some(0));
        for bad in [
            "",
            "10",
            "s",
            "1 s",
            "-1s",
            "1d",
            "1.2.3s",
            "25h",
            "1s2",
            "99999999999h",
        ] {
            assert_eq!(duration_ns(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_dollar_is_no_variable_when_it_comes_twice() {
        assert_eq!(plain("a $$HOME b$").as_deref(), Ok("a $HOME b$"));
        let name = "HOME".to_owned();
        assert_eq!(plain("x${HOME:-y}"), Err(ComposeWrong::Variable { name }));
        assert!(plain("$USER").is_err());
        assert_eq!(plain("5$ and $1").as_deref(), Ok("5$ and $1"));
    }
}
