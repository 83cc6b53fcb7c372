//! Numbers and times as people read them.

use std::time::{SystemTime, UNIX_EPOCH};

use model::UnixMs;

use crate::words::{Language, t, tf, tn};

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
    dated(&c, &format!("{:02}:{:02}", c.hour, c.minute))
}

/// `24 Nov 2026, 17:51:00 UTC`
pub fn utc_second(at: UnixMs) -> String {
    let c = civil(at);
    let time = format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second);
    dated(&c, &time)
}

fn dated(c: &Civil, time: &str) -> String {
    let month = t(MONTHS).split(' ').nth(c.month - 1).unwrap_or_default();
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

/// `25 minutes ago`, `in 5 seconds`, `yesterday`: as a browser tells it from then on (`client::time`),
/// so that nothing moves when the page awakes.
pub fn told(at: UnixMs, now: UnixMs) -> String {
    let away = (at - now) / 1_000;
    let (n, is_over) = (away.unsigned_abs(), away < 0);
    let (n, unit) = match n {
        0..=2 => return t("now").to_owned(),
        3..60 => (n, Unit::Second),
        60..3_600 => (n / 60, Unit::Minute),
        3_600..86_400 => (n / 3_600, Unit::Hour),
        86_400..DAYS_60 => (n / 86_400, Unit::Day),
        DAYS_60..DAYS_730 => (n / 86_400 / 30, Unit::Month),
        _ => (n / 86_400 / 365, Unit::Year),
    };
    near(n, unit, is_over).map_or_else(|| counted(n, unit, is_over), str::to_owned)
}

const DAYS_60: u64 = 60 * 86_400;
const DAYS_730: u64 = 730 * 86_400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

/// What has a word of its own.
fn near(n: u64, unit: Unit, is_over: bool) -> Option<&'static str> {
    Some(match (unit, n, is_over) {
        (Unit::Day, 1, true) => t("yesterday"),
        (Unit::Day, 1, false) => t("tomorrow"),
        // Only some languages have one.
        (Unit::Day, 2, _) if Language::now() == Language::German => match is_over {
            true => t("2 days ago"),
            false => t("in 2 days"),
        },
        _ => return None,
    })
}

fn counted(n: u64, unit: Unit, is_over: bool) -> String {
    let (one, many) = match (unit, is_over) {
        (Unit::Second, true) => ("1 second ago", "{n} seconds ago"),
        (Unit::Second, false) => ("in 1 second", "in {n} seconds"),
        (Unit::Minute, true) => ("1 minute ago", "{n} minutes ago"),
        (Unit::Minute, false) => ("in 1 minute", "in {n} minutes"),
        (Unit::Hour, true) => ("1 hour ago", "{n} hours ago"),
        (Unit::Hour, false) => ("in 1 hour", "in {n} hours"),
        (Unit::Day, true) => ("1 day ago", "{n} days ago"),
        (Unit::Day, false) => ("in 1 day", "in {n} days"),
        (Unit::Month, true) => ("last month", "{n} months ago"),
        (Unit::Month, false) => ("next month", "in {n} months"),
        (Unit::Year, true) => ("last year", "{n} years ago"),
        (Unit::Year, false) => ("next year", "in {n} years"),
    };
    tn(usize::try_from(n).unwrap_or(usize::MAX), one, many)
}

/// The moment of this answer.
pub fn now() -> UnixMs {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixMs::try_from(since.as_millis()).unwrap_or(UnixMs::MAX)
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
        let exact = utc_second(1_795_542_663_000);
        assert_eq!(exact, "24 Nov 2026, 17:51:03 UTC");
    }

    #[test]
    fn moments_are_told_from_now() {
        const NOW: UnixMs = 1_795_542_660_000;
        for (seconds, text) in [
            (-2, "now"),
            (12, "in 12 seconds"),
            (-60, "1 minute ago"),
            (-7_300, "2 hours ago"),
            (-86_400, "yesterday"),
            (2 * 86_400, "in 2 days"),
            (365 * 86_400, "in 12 months"),
            (-800 * 86_400, "2 years ago"),
        ] {
            assert_eq!(told(NOW + seconds * 1_000, NOW), text);
        }
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
