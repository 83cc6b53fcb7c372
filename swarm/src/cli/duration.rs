//! Durations as Go writes them: `1m30s`, `500ms`, `-10s`.

use std::str::FromStr;
use std::time::Duration;

/// A duration off the command line; may be negative, which the caller refuses in its own words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoDuration {
    seconds: f64,
}

impl GoDuration {
    pub fn positive(self) -> Option<Duration> {
        self.not_negative().filter(|duration| !duration.is_zero())
    }

    pub fn not_negative(self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.seconds).ok()
    }
}

impl FromStr for GoDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("invalid duration {text:?}");
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1.0, rest),
            None => (1.0, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Ok(Self { seconds: 0.0 });
        }
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut seconds = 0.0;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .ok_or_else(wrong)?;
            let value: f64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = &rest[digits..];
            let letters = rest
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(rest.len());
            seconds += value
                * match &rest[..letters] {
                    "h" => 3600.0,
                    "m" => 60.0,
                    "s" => 1.0,
                    "ms" => 1e-3,
                    "us" | "µs" => 1e-6,
                    "ns" => 1e-9,
                    _ => return Err(wrong()),
                };
            rest = &rest[letters..];
        }
        Ok(Self {
            seconds: sign * seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        for (text, millis) in [("10s", 10_000), ("1m30s", 90_000), ("500ms", 500), ("0", 0)] {
            let duration: GoDuration = text.parse().expect(text);
            assert_eq!(
                duration.not_negative(),
                Some(Duration::from_millis(millis)),
                "{text}"
            );
        }
        assert_eq!(
            "-10s".parse::<GoDuration>().expect("parses").positive(),
            None
        );
        for text in ["", "10", "s", "10x", "1.2.3s", "--1s"] {
            assert!(text.parse::<GoDuration>().is_err(), "{text}");
        }
    }
}
