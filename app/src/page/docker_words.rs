//! What Docker says of containers and tasks, in the language of the page. English stays as Docker has
//! it, so that it can be looked up; what is not known here stays, too.

use crate::words::{Language, t, tf};

/// Of a container, or of a service's task.
pub fn state(state: &str) -> String {
    match state {
        "created" => t("created"),
        "running" => t("running"),
        "paused" => t("paused"),
        "restarting" => t("restarting"),
        "removing" => t("removing"),
        "exited" => t("exited"),
        "dead" => t("dead"),
        "new" | "allocated" | "pending" => t("pending"),
        "assigned" | "accepted" | "preparing" | "ready" => t("preparing"),
        "starting" => t("starting"),
        "complete" => t("complete"),
        "shutdown" => t("shutdown"),
        "failed" => t("failed"),
        "rejected" => t("rejected"),
        "remove" => t("remove"),
        "orphaned" => t("orphaned"),
        other => other,
    }
    .to_owned()
}

pub fn health(health: &str) -> String {
    match health {
        "healthy" => t("healthy"),
        "unhealthy" => t("unhealthy"),
        "starting" => t("starting"),
        other => other,
    }
    .to_owned()
}

/// What is mounted.
pub fn mount(kind: &str) -> String {
    match kind {
        "volume" => t("volume"),
        "bind" => t("folder"),
        other => other,
    }
    .to_owned()
}

/// `Up 25 minutes (healthy)`, `Exited (137) 2 hours ago`.
pub fn status(status: &str) -> String {
    match Language::now() {
        Language::English => status.to_owned(),
        Language::German => translated(status).unwrap_or_else(|| status.to_owned()),
    }
}

fn translated(status: &str) -> Option<String> {
    let noted = status
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    if let Some((rest, note)) = noted {
        let note = match note {
            "Paused" => t("paused").to_owned(),
            "health: starting" => tf("health: {state}", &[("state", &t("starting"))]),
            other => health(other),
        };
        return Some(format!("{} ({note})", translated(rest)?));
    }
    let coded = |begin: &str| {
        let rest = status.strip_prefix(begin)?.strip_suffix(" ago")?;
        let (code, time) = rest.split_once(") ")?;
        Some((code.to_owned(), span(time)?))
    };
    if let Some(time) = status.strip_prefix("Up ") {
        return Some(tf("Up {time}", &[("time", &span(time)?)]));
    }
    if let Some((code, time)) = coded("Exited (") {
        let holes: [(&str, &dyn std::fmt::Display); 2] = [("code", &code), ("time", &time)];
        return Some(tf("Exited ({code}) {time} ago", &holes));
    }
    if let Some((code, time)) = coded("Restarting (") {
        let holes: [(&str, &dyn std::fmt::Display); 2] = [("code", &code), ("time", &time)];
        return Some(tf("Restarting ({code}) {time} ago", &holes));
    }
    Some(match status {
        "Up" => t("running").to_owned(),
        "Created" => t("created").to_owned(),
        "Dead" => t("dead").to_owned(),
        "Removal In Progress" => t("removing").to_owned(),
        _ => return None,
    })
}

/// As Docker rounds it. In German it stands after `seit` and `vor`.
fn span(text: &str) -> Option<String> {
    let whole = match text {
        "Less than a second" => Some(t("Less than a second")),
        "1 second" => Some(t("1 second")),
        "About a minute" => Some(t("About a minute")),
        "About an hour" => Some(t("About an hour")),
        _ => None,
    };
    if let Some(whole) = whole {
        return Some(whole.to_owned());
    }
    let (n, unit) = text.split_once(' ')?;
    let n: u64 = n.parse().ok()?;
    let words = match unit {
        "seconds" => "{n} seconds",
        "minutes" => "{n} minutes",
        "hours" => "{n} hours",
        "days" => "{n} days",
        "weeks" => "{n} weeks",
        "months" => "{n} months",
        "years" => "{n} years",
        _ => return None,
    };
    Some(tf(words, &[("n", &n)]))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::http::header::ACCEPT_LANGUAGE;
    use leptos::prelude::*;

    use super::status;

    #[test]
    fn what_docker_says_is_said_in_the_page_s_language() {
        let owner = Owner::new();
        owner.with(|| {
            assert_eq!(status("Up 25 minutes"), "Up 25 minutes", "as Docker has it");
            let request = Request::builder().header(ACCEPT_LANGUAGE, "de");
            let (parts, ()) = request.body(()).unwrap().into_parts();
            provide_context(parts);
            for (english, german) in [
                ("Up 25 minutes", "läuft seit 25 Minuten"),
                (
                    "Up About an hour (healthy)",
                    "läuft seit etwa einer Stunde (gesund)",
                ),
                (
                    "Up Less than a second",
                    "läuft seit weniger als einer Sekunde",
                ),
                (
                    "Up 2 minutes (health: starting)",
                    "läuft seit 2 Minuten (Gesundheit: startet)",
                ),
                ("Up 2 minutes (Paused)", "läuft seit 2 Minuten (angehalten)"),
                ("Exited (137) 3 weeks ago", "beendet (137) vor 3 Wochen"),
                (
                    "Restarting (1) 5 seconds ago",
                    "startet neu, beendet (1) vor 5 Sekunden",
                ),
                ("Created", "angelegt"),
                ("Something new", "Something new"),
            ] {
                assert_eq!(status(english), german);
            }
        });
    }
}
