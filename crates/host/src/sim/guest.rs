//! What lives in a simulated segment besides the system: containers that log, use memory and
//! carry an environment, each out of its name alone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{
    ContainerUsageView, ContainerView, HealthView, LogLine, LogSource, UnixMs, VariableView,
};
use wire::ContainerCounters;

use super::usage::Wave;
use crate::{ContainerSample, SegmentSpec};

/// A running guest writes this often.
pub const LINE_EVERY: Duration = Duration::from_secs(1);
const LINE_EVERY_MS: i64 = 1_000;
/// One that has ended wrote so many lines.
const LINES_OF_ENDED: i64 = 24;
/// A guest has been there for so long when its segment is made.
const AGE_MS: i64 = 25 * 60_000;

pub fn now_ms() -> UnixMs {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// When the guests of a segment that is made now came into being.
pub fn begin_ms() -> UnixMs {
    now_ms() - AGE_MS
}

/// Those of a new segment: a shop, spread over up to three of them.
pub fn guests(spec: &SegmentSpec) -> Vec<ContainerView> {
    /// Name, image, state, and the published port with the one inside.
    type Kind = (&'static str, &'static str, &'static str, Option<(u16, u16)>);
    const ALL: [&[Kind]; 3] = [
        &[
            ("web", "nginx:1.29-alpine", "running", Some((8080, 80))),
            ("queue", "redis:8-alpine", "running", None),
        ],
        &[
            ("shop-db", "postgres:18", "running", Some((5432, 5432))),
            ("migrate", "shop/migrate:2.4.1", "exited", None),
        ],
        &[("worker", "shop/worker:2.4.1", "running", None)],
    ];
    let ordinal = spec.node.ordinal;
    let here = ALL
        .get(ordinal.saturating_sub(1) as usize)
        .copied()
        .unwrap_or_default();
    here.iter()
        .map(|(name, image, state, port)| ContainerView {
            node: spec.node.to_string(),
            id: format!(
                "{0:016x}{1:016x}{0:016x}{1:016x}",
                hash(name),
                hash(&spec.node.to_string())
            ),
            name: (*name).to_owned(),
            image: (*image).to_owned(),
            state: (*state).to_owned(),
            status: match *state {
                "running" => "Up 25 minutes",
                _ => "Exited (0) 24 minutes ago",
            }
            .to_owned(),
            ports: port
                .iter()
                .map(|(outside, inside)| format!("{}:{outside}->{inside}/tcp", spec.address))
                .collect(),
            is_system: false,
            created_at: begin_ms(),
        })
        .collect()
}

fn hash(text: &str) -> u64 {
    // FNV-1a: the same in every process.
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub struct Guest<'a>(&'a ContainerView);

impl<'a> Guest<'a> {
    pub fn of(container: &'a ContainerView) -> Self {
        Self(container)
    }

    pub fn number(&self) -> u64 {
        hash(&self.0.image)
    }

    fn program(&self) -> &'a str {
        let image = self.0.image.split(':').next().unwrap_or_default();
        image.rsplit('/').next().unwrap_or_default()
    }

    pub fn command(&self) -> Vec<String> {
        let words: &[&str] = match self.program() {
            "nginx" => &["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
            "redis" => &["docker-entrypoint.sh", "redis-server"],
            "postgres" => &["docker-entrypoint.sh", "postgres"],
            other => &["/usr/bin/env", other],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    pub fn environment(&self) -> Vec<VariableView> {
        let variable = |name: &str, value: &str| VariableView {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        vec![
            variable(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ),
            variable("LANG", "C.UTF-8"),
            variable("SHOP_PASSWORD", "open sesame <simulated>"),
        ]
    }

    pub fn labels(&self) -> Vec<(String, String)> {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            label("com.docker.compose.project", "shop"),
            label("com.docker.compose.service", &self.0.name),
        ]
    }

    pub fn health(&self) -> Option<HealthView> {
        (self.program() == "postgres").then(|| HealthView {
            status: "healthy".to_owned(),
            failing_streak: 0,
            last_output: Some("/var/run/postgresql:5432 - accepting connections".to_owned()),
        })
    }

    /// Less than a vCPU, memory that breathes; counters only ever grow.
    pub fn sample(&self, now: UnixMs) -> ContainerSample {
        let up_s = u32::try_from((now - self.0.created_at).max(0) / 100).unwrap_or(u32::MAX);
        let up_s = f64::from(up_s) / 10.0;
        let wave = Wave::seeded(self.number());
        let share = (5 + self.number() % 30) as f64 / 100.0;
        let memory_mib = (24 + self.number() % 96) as f64 * (1.0 + 0.2 * wave.at(up_s * 0.7));
        let counted = |each_s: f64| wave.sum(up_s, each_s) as u64;
        ContainerSample {
            cpu_us: counted(share * 1e6),
            usage: ContainerUsageView {
                cpu_centi: None,
                memory_bytes: (memory_mib * 1_048_576.0) as u64,
                memory_limit_bytes: 512 << 20,
                pids: 2 + u32::try_from(self.number() % 9).unwrap_or(0),
                received_bytes: counted(37_000.0),
                sent_bytes: counted(112_000.0),
                read_bytes: (14 << 20) + counted(400.0),
                written_bytes: counted(3_000.0),
            },
        }
    }

    /// The same numbers, as the init of a segment tells them.
    pub fn counters(&self, now: UnixMs) -> ContainerCounters {
        let ContainerSample { cpu_us, usage } = self.sample(now);
        ContainerCounters {
            id: self.0.id.clone(),
            cpu_us,
            memory_bytes: usage.memory_bytes,
            received_bytes: Some(usage.received_bytes),
            sent_bytes: Some(usage.sent_bytes),
            read_bytes: Some(usage.read_bytes),
            written_bytes: Some(usage.written_bytes),
        }
    }

    /// Written after `after_ns`, up to now.
    pub fn lines(&self, after_ns: i64, now: UnixMs) -> Vec<LogLine> {
        let begin = self.0.created_at;
        let last = match self.0.state.as_str() {
            "running" | "paused" => (now - begin) / LINE_EVERY_MS,
            "created" => return Vec::new(),
            _ => LINES_OF_ENDED,
        };
        let seen = (after_ns / 1_000_000 - begin).div_euclid(LINE_EVERY_MS);
        let first = if after_ns == 0 { 0 } else { seen.max(0) };
        (first..=last)
            .map(|n| self.line(begin + n * LINE_EVERY_MS, n))
            .filter(|line| line.at_ns > after_ns)
            .collect()
    }

    fn line(&self, at: UnixMs, n: i64) -> LogLine {
        let is_wrong = n % 17 == 16;
        let text = match (self.program(), is_wrong) {
            ("nginx", false) => format!(
                "10.84.0.{} - - \"GET /{} HTTP/1.1\" 200 {}",
                n % 250 + 1,
                ["", "cart", "search?q=%3Cb%3E", "static/app.css"][(n % 4).unsigned_abs() as usize],
                300 + n * 7 % 4_000
            ),
            ("nginx", true) => "\u{1b}[31m[error]\u{1b}[0m upstream <worker> timed out".to_owned(),
            ("postgres", false) => format!("LOG:  checkpoint complete: wrote {} buffers", n % 300),
            ("redis", false) => format!("1:M * {} changes in 60 seconds. Saving...", n % 90),
            (_, false) => format!(
                "\u{1b}[32mINFO\u{1b}[0m order {} packed in {} ms",
                4_000 + n,
                n * 13 % 900
            ),
            (_, true) => "\u{1b}[1;33mWARN\u{1b}[0m slow answer & a second try".to_owned(),
        };
        LogLine {
            // Two of one moment would be one to whoever comes again.
            at_ns: at * 1_000_000 + 1,
            source: if is_wrong {
                LogSource::Errors
            } else {
                LogSource::Output
            },
            text,
        }
    }
}
