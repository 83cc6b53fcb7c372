//! `Up 5 minutes`: Docker's sentence about a container's state, which changes as time passes.

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
    pub fn sentence(&self, now: OffsetDateTime) -> String {
        let since = |moment: Option<OffsetDateTime>| {
            duration_human((now - moment.unwrap_or(now)).whole_seconds())
        };
        if self.running {
            let up = since(self.started_at);
            return if self.paused {
                format!("Up {up} (Paused)")
            } else if self.restarting {
                format!(
                    "Restarting ({}) {} ago",
                    self.exit_code,
                    since(self.finished_at)
                )
            } else {
                match self.health.as_str() {
                    "" | "none" => format!("Up {up}"),
                    "starting" => format!("Up {up} (health: starting)"),
                    health => format!("Up {up} ({health})"),
                }
            };
        }
        if self.removing {
            return "Removal In Progress".into();
        }
        if self.dead {
            return "Dead".into();
        }
        if self.started_at.is_none() {
            return "Created".into();
        }
        match self.finished_at {
            None => String::new(),
            Some(_) => format!(
                "Exited ({}) {} ago",
                self.exit_code,
                since(self.finished_at)
            ),
        }
    }
}

/// Docker's moments; the year 1 stands for never.
pub fn moment_parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .filter(|moment| moment.year() > 1)
}

/// go-units' HumanDuration.
fn duration_human(seconds: i64) -> String {
    let minutes = seconds / 60;
    let hours = (seconds + 1800) / 3600;
    match () {
        () if seconds < 1 => "Less than a second".into(),
        () if seconds == 1 => "1 second".into(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".into(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".into(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 14 => format!("{} days", hours / 24),
        () if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", hours / 24 / 365),
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
            assert_eq!(duration_human(seconds), text, "{seconds}");
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
        assert_eq!(running.sentence(now), "Up 5 seconds");
        let starting = StateFacts {
            health: "starting".into(),
            ..running.clone()
        };
        assert_eq!(starting.sentence(now), "Up 5 seconds (health: starting)");
        let paused = StateFacts {
            paused: true,
            ..running
        };
        assert_eq!(paused.sentence(now), "Up 5 seconds (Paused)");
        assert_eq!(StateFacts::default().sentence(now), "Created");
        let exited = StateFacts {
            exit_code: 137,
            started_at: ago(100),
            finished_at: ago(61),
            ..StateFacts::default()
        };
        assert_eq!(exited.sentence(now), "Exited (137) About a minute ago");
        assert_eq!(moment_parse("0001-01-01T00:00:00Z"), None);
    }
}
