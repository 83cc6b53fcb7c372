//! `Up 5 minutes`: Docker's sentence about a container's state, which changes as time passes.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What the sentence is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFacts {
    pub running: bool,
    pub paused: bool,
    pub restarting: bool,
    pub removing: bool,
    pub dead: bool,
    pub exit_code: i64,
    pub started_at: Option<OffsetDateTime>,
    pub finished_at: Option<OffsetDateTime>,
    /// starting, healthy, unhealthy; empty when it has no check.
    pub health: String,
}

impl StateFacts {
    /// To be written out where it belongs: a list has tens of thousands of them.
    pub fn sentence(&self, now: OffsetDateTime) -> Sentence<'_> {
        Sentence { state: self, now }
    }
}

/// Docker's words for a state at a moment.
pub struct Sentence<'a> {
    state: &'a StateFacts,
    now: OffsetDateTime,
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, now } = self;
        let since =
            |moment: Option<OffsetDateTime>| Since((*now - moment.unwrap_or(*now)).whole_seconds());
        let (started, finished) = (since(state.started_at), since(state.finished_at));
        let exit_code = state.exit_code;
        if state.running {
            return if state.paused {
                write!(f, "Up {started} (Paused)")
            } else if state.restarting {
                write!(f, "Restarting ({exit_code}) {finished} ago")
            } else {
                match state.health.as_str() {
                    "" | "none" => write!(f, "Up {started}"),
                    "starting" => write!(f, "Up {started} (health: starting)"),
                    health => write!(f, "Up {started} ({health})"),
                }
            };
        }
        match (state.started_at, state.finished_at) {
            _ if state.removing => f.write_str("Removal In Progress"),
            _ if state.dead => f.write_str("Dead"),
            (None, _) => f.write_str("Created"),
            (Some(_), None) => Ok(()),
            (Some(_), Some(_)) => write!(f, "Exited ({exit_code}) {finished} ago"),
        }
    }
}

/// Docker's moments; the year 1 stands for never.
pub fn moment_parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .filter(|moment| moment.year() > 1)
}

/// Seconds as go-units' HumanDuration writes them.
struct Since(i64);

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        let minutes = seconds / 60;
        let hours = (seconds + 1800) / 3600;
        match () {
            () if seconds < 1 => f.write_str("Less than a second"),
            () if seconds == 1 => f.write_str("1 second"),
            () if seconds < 60 => write!(f, "{seconds} seconds"),
            () if minutes == 1 => f.write_str("About a minute"),
            () if minutes < 60 => write!(f, "{minutes} minutes"),
            () if hours == 1 => f.write_str("About an hour"),
            () if hours < 48 => write!(f, "{hours} hours"),
            () if hours < 24 * 14 => write!(f, "{} days", hours / 24),
            () if hours < 24 * 60 => write!(f, "{} weeks", hours / 24 / 7),
            () if hours < 24 * 365 * 2 => write!(f, "{} months", hours / 24 / 30),
            () => write!(f, "{} years", hours / 24 / 365),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_docker_writes_them() {
        for (seconds, text) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (125, "2 minutes"),
            (3600, "About an hour"),
            (7200, "2 hours"),
            (86_400, "24 hours"),
            (3 * 86_400, "3 days"),
            (20 * 86_400, "2 weeks"),
            (100 * 86_400, "3 months"),
            (800 * 86_400, "2 years"),
        ] {
            assert_eq!(Since(seconds).to_string(), text, "{seconds}");
        }
    }

    #[test]
    fn states_read_as_docker_writes_them() {
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
        let ago = |seconds| Some(now - time::Duration::seconds(seconds));
        let running = StateFacts {
            running: true,
            started_at: ago(5),
            ..StateFacts::default()
        };
        assert_eq!(running.sentence(now).to_string(), "Up 5 seconds");
        let starting = StateFacts {
            health: "starting".into(),
            ..running.clone()
        };
        assert_eq!(
            starting.sentence(now).to_string(),
            "Up 5 seconds (health: starting)"
        );
        let paused = StateFacts {
            paused: true,
            ..running
        };
        assert_eq!(paused.sentence(now).to_string(), "Up 5 seconds (Paused)");
        assert_eq!(StateFacts::default().sentence(now).to_string(), "Created");
        let exited = StateFacts {
            exit_code: 137,
            started_at: ago(100),
            finished_at: ago(61),
            ..StateFacts::default()
        };
        assert_eq!(
            exited.sentence(now).to_string(),
            "Exited (137) About a minute ago"
        );
        assert_eq!(moment_parse("0001-01-01T00:00:00Z"), None);
    }
}
