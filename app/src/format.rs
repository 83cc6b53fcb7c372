//! Numbers and times as people read them.

use model::UnixMs;

use crate::words::{Language, t, tf};

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
/// One text, since a language may call other things “May”.
const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";

/// `512 MiB`, `1.5 GiB`: one decimal place below ten, none above.
pub fn bytes(n: u64) -> String {
    let mut unit = 0;
    let mut whole = n;
    let mut tenths = 0;
    while whole >= 1024 && unit < UNITS.len() - 1 {
        tenths = (whole % 1024) * 10 / 1024;
        whole /= 1024;
        unit += 1;
    }
    if whole < 10 && tenths > 0 {
        format!("{} {}", decimal(whole, &tenths.to_string()), UNITS[unit])
    } else {
        format!("{whole} {}", UNITS[unit])
    }
}

/// Hundredths of a vCPU: `0.35`.
pub fn centi(n: u32) -> String {
    decimal(u64::from(n / 100), &format!("{:02}", n % 100))
}

/// How long a step took: `85 ms`, `1.8 s`, `2 min 5 s`.
pub fn took(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => {
            let tenths = (ms % 1_000 / 100).to_string();
            format!("{} s", decimal(ms / 1_000, &tenths))
        }
        _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
    }
}

/// `1.5`, `1,5`: as the language of the page writes it.
fn decimal(whole: u64, decimals: &str) -> String {
    let point = match Language::now() {
        Language::English => '.',
        Language::German => ',',
    };
    format!("{whole}{point}{decimals}")
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => tf(
            "{words} and {last}",
            &[("words", &head.join(", ")), ("last", last)],
        ),
    }
}

/// How full, in whole percent, never above 100.
pub fn percent(used: u64, limit: u64) -> u32 {
    used.saturating_mul(100)
        .checked_div(limit)
        .map_or(0, |percent| percent.min(100) as u32)
}

struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// The proleptic Gregorian date (Howard Hinnant's `civil_from_days`).
fn civil(at: UnixMs) -> Civil {
    let seconds = at.div_euclid(1_000);
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let in_day = seconds.rem_euclid(86_400);
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as usize,
        day: day_of_year - (153 * shifted + 2) / 5 + 1,
        hour: in_day / 3_600,
        minute: in_day / 60 % 60,
        second: in_day % 60,
    }
}

/// `24 Nov 2026, 17:51 UTC`
pub fn utc(at: UnixMs) -> String {
    let c = civil(at);
    let month = t(MONTHS).split(' ').nth(c.month - 1).unwrap_or_default();
    let time = format!("{:02}:{:02}", c.hour, c.minute);
    tf(
        "{day} {month} {year}, {time} UTC",
        &[
            ("day", &c.day),
            ("month", &month),
            ("year", &c.year),
            ("time", &time),
        ],
    )
}

/// `2026-11-24T17:51:03Z`, for `<time datetime>`.
pub fn iso(at: UnixMs) -> String {
    let c = civil(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_short() {
        for (n, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_536, "1.5 KiB"),
            (2 << 30, "2 GiB"),
            (20 << 30, "20 GiB"),
            (64 << 20, "64 MiB"),
            (1_200_000_000, "1.1 GiB"),
            (u64::MAX, "16777215 TiB"),
        ] {
            assert_eq!(bytes(n), text);
        }
    }

    #[test]
    fn dates_are_right_at_the_edges() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_399_000), "2000-02-28T23:59:59Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_709_251_199_999), "2024-02-29T23:59:59Z");
        assert_eq!(iso(4_102_444_800_000), "2100-01-01T00:00:00Z");
        assert_eq!(iso(-1_000), "1969-12-31T23:59:59Z");
        assert_eq!(utc(1_795_542_660_000), "24 Nov 2026, 17:51 UTC");
    }

    #[test]
    fn spans_and_counts() {
        assert_eq!(took(85), "85 ms");
        assert_eq!(took(1_849), "1.8 s");
        assert_eq!(took(125_000), "2 min 5 s");
        assert_eq!(centi(5), "0.05");
        assert_eq!(percent(3, 2), 100);
        assert_eq!(percent(1, 0), 0);
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
