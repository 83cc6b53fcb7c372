//! What the program says: log lines on standard error, answers on standard output.

use std::io::Write as _;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing_subscriber::EnvFilter;

const LEVELS: [&str; 7] = [
    "debug", "info", "warn", "warning", "error", "fatal", "panic",
];

/// Starts logging at `level`, one of the archived program's words; `false` when it is none.
pub fn start(level: &str) -> bool {
    if !LEVELS.contains(&level) {
        return false;
    }
    let filter = match level {
        "panic" | "fatal" => "error",
        "warning" => "warn",
        other => other,
    };
    // A second start (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("swarm={filter},rustls=error")))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
    true
}

/// The last line of a program that cannot go on, in the form scripts of the archived one know.
pub fn fatal(message: &str) {
    let now = OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default();
    let message = message.replace('\\', "\\\\").replace('"', "\\\"");
    let _ = writeln!(
        std::io::stderr(),
        "time=\"{now}\" level=fatal msg=\"{message}\""
    );
}

/// One line of an answer. A closed standard output is the reader's wish, not an error.
pub fn answer(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
