//! The text format: every family with its help and type once, then its samples.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::atomic::Ordering;

use control::{ClusterNow, Numbers, SegmentNow};
use model::{Phase, SegmentPhase};

use crate::counts::Counts;

pub fn write(numbers: &Numbers, counts: &Counts) -> String {
    let mut text = Text::default();
    text.family("carina_info", "gauge", "The panel's version, in a label.");
    text.sample("", &[("version", &env!("CARGO_PKG_VERSION"))], 1);
    clusters(&mut text, &numbers.clusters);
    segments(&mut text, numbers);
    hosts(&mut text, numbers);
    rounds(&mut text, numbers);
    requests(&mut text, counts);
    doors(&mut text, counts);
    text.out
}

#[derive(Default)]
struct Text {
    out: String,
    family: &'static str,
}

type Label<'a> = (&'static str, &'a dyn Display);

impl Text {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// `tail` is `_bucket`, `_sum`, `_count`, or nothing.
    fn sample(&mut self, tail: &str, labels: &[Label<'_>], value: impl Display) {
        let _ = write!(self.out, "{}{tail}", self.family);
        for (n, (name, label)) in labels.iter().enumerate() {
            let open = if n == 0 { '{' } else { ',' };
            let _ = write!(self.out, "{open}{name}=\"{}\"", escaped(&label.to_string()));
        }
        if !labels.is_empty() {
            self.out.push('}');
        }
        let _ = writeln!(self.out, " {value}");
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn clusters(text: &mut Text, clusters: &[ClusterNow]) {
    text.family("carina_clusters", "gauge", "Clusters, by phase.");
    for phase in Phase::ALL {
        let n = clusters.iter().filter(|c| c.phase == phase.as_str());
        text.sample("", &[("phase", phase)], n.count());
    }
    text.family(
        "carina_cluster_phase",
        "gauge",
        "1 for the phase that a cluster is in.",
    );
    for cluster in clusters {
        let labels: [Label<'_>; 3] = [
            ("cluster", &cluster.id),
            ("name", &cluster.name),
            ("phase", &cluster.phase),
        ];
        text.sample("", &labels, 1);
    }
    text.family(
        "carina_cluster_failed_rounds",
        "gauge",
        "Rounds of the reconciler that failed in a row.",
    );
    for cluster in clusters {
        text.sample("", &named(cluster), cluster.attempt);
    }
    text.family(
        "carina_cluster_last_round_seconds",
        "gauge",
        "How long the last round took.",
    );
    for cluster in clusters {
        if let Some(ms) = cluster.last_round_ms {
            text.sample("", &named(cluster), seconds(ms, 1_000));
        }
    }
}

fn named(cluster: &ClusterNow) -> [Label<'_>; 2] {
    [("cluster", &cluster.id), ("name", &cluster.name)]
}

/// Name, help, and how to read it off a segment.
type SegmentFamily = (
    &'static str,
    &'static str,
    fn(&SegmentNow) -> Option<String>,
);

const SEGMENT_FAMILIES: &[SegmentFamily] = &[
    (
        "carina_segment_cpu_vcpus",
        "vCPUs in use, over the last ten seconds.",
        |s| s.cpu_centi.map(|centi| seconds(centi, 100)),
    ),
    (
        "carina_segment_cpu_limit_vcpus",
        "vCPUs that a segment has.",
        |s| Some(s.vcpus.to_string()),
    ),
    (
        "carina_segment_memory_bytes",
        "Memory in use, without page cache.",
        |s| whole(s.memory_bytes),
    ),
    (
        "carina_segment_memory_limit_bytes",
        "Memory that a segment has.",
        |s| whole(Some(s.memory_limit_bytes)),
    ),
    ("carina_segment_disk_bytes", "Disk in use.", |s| {
        whole(s.disk_used_bytes)
    }),
    (
        "carina_segment_disk_limit_bytes",
        "Disk that a segment has.",
        |s| whole(Some(s.disk_limit_bytes)),
    ),
    (
        "carina_segment_network_receive_bytes_per_second",
        "Bytes that came in, over the last ten seconds.",
        |s| whole(s.network_in),
    ),
    (
        "carina_segment_network_transmit_bytes_per_second",
        "Bytes that went out, over the last ten seconds.",
        |s| whole(s.network_out),
    ),
];

fn whole(value: Option<u64>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn segments(text: &mut Text, numbers: &Numbers) {
    let clusters = numbers.clusters.iter();
    let names: BTreeMap<_, _> = clusters
        .map(|cluster| (cluster.id, &cluster.name))
        .collect();
    text.family("carina_segments", "gauge", "Segments, by phase.");
    for phase in SegmentPhase::ALL {
        let n = numbers
            .segments
            .iter()
            .filter(|s| s.phase == phase.as_str());
        text.sample("", &[("phase", phase)], n.count());
    }
    for (family, help, read) in SEGMENT_FAMILIES {
        text.family(family, "gauge", help);
        for segment in &numbers.segments {
            let name = names.get(&segment.cluster);
            if let (Some(name), Some(value)) = (name, read(segment)) {
                let labels: [Label<'_>; 3] = [
                    ("cluster", &segment.cluster),
                    ("name", name),
                    ("segment", &segment.ordinal),
                ];
                text.sample("", &labels, value);
            }
        }
    }
}

fn hosts(text: &mut Text, numbers: &Numbers) {
    text.family("carina_host_up", "gauge", "Whether a host answers.");
    for (host, capacity) in &numbers.hosts {
        text.sample("", &[("host", host)], u8::from(capacity.is_some()));
    }
    text.family("carina_host_memory_bytes", "gauge", "Memory of a host.");
    for (host, capacity) in &numbers.hosts {
        if let Some(capacity) = capacity {
            text.sample("", &[("host", host)], capacity.memory_total_mib << 20);
        }
    }
    text.family(
        "carina_host_memory_free_bytes",
        "gauge",
        "Memory that nobody on a host uses.",
    );
    for (host, capacity) in &numbers.hosts {
        if let Some(capacity) = capacity {
            text.sample("", &[("host", host)], capacity.memory_free_mib << 20);
        }
    }
    text.family(
        "carina_host_disk_free_bytes",
        "gauge",
        "Room for segments' disks on a host.",
    );
    for (host, capacity) in &numbers.hosts {
        if let Some(capacity) = capacity {
            text.sample("", &[("host", host)], capacity.disk_free_bytes);
        }
    }
}

fn rounds(text: &mut Text, numbers: &Numbers) {
    let rounds = &numbers.rounds;
    text.family(
        "carina_rounds_total",
        "counter",
        "Rounds of the reconciler since the panel started, by how they ended.",
    );
    for (outcome, n) in [
        ("converged", rounds.converged),
        ("progressed", rounds.progressed),
        ("waiting", rounds.waiting),
        ("failed", rounds.failed),
    ] {
        text.sample("", &[("outcome", &outcome)], n);
    }
    text.family(
        "carina_round_seconds_total",
        "counter",
        "Time that rounds took, in all.",
    );
    text.sample("", &[], seconds(rounds.total_ms, 1_000));
    text.family(
        "carina_operations",
        "gauge",
        "Changes that somebody asked for, of the clusters there are.",
    );
    for (kind, state, n) in &numbers.operations {
        text.sample("", &[("kind", kind), ("state", state)], n);
    }
}

fn requests(text: &mut Text, counts: &Counts) {
    text.family(
        "carina_http_requests_total",
        "counter",
        "Requests to the panel, by kind and first digit of the answer's status.",
    );
    for (kind, requests) in counts.kinds() {
        for (class, n) in requests.classes() {
            text.sample("", &[("kind", &kind), ("status", &class)], n);
        }
    }
    text.family(
        "carina_http_request_duration_seconds",
        "histogram",
        "Time until an answer began.",
    );
    for (kind, requests) in counts.kinds() {
        let cumulated = requests.cumulated();
        for (bound, n) in &cumulated {
            let bound = bound.map_or("+Inf".to_owned(), |ms| seconds(ms, 1_000));
            text.sample("_bucket", &[("kind", &kind), ("le", &bound)], n);
        }
        let total = seconds(requests.total_us(), 1_000_000);
        text.sample("_sum", &[("kind", &kind)], total);
        let all = cumulated.last().map_or(0, |(_, n)| *n);
        text.sample("_count", &[("kind", &kind)], all);
    }
}

fn doors(text: &mut Text, counts: &Counts) {
    text.family(
        "carina_front_door_connections",
        "gauge",
        "Connections to endpoints that are open.",
    );
    text.sample("", &[], counts.doors.open.load(Ordering::Relaxed));
    text.family(
        "carina_front_door_connections_total",
        "counter",
        "Connections to endpoints since the panel started, by what became of them.",
    );
    for (outcome, n) in [
        ("taken", &counts.doors.taken),
        ("refused", &counts.doors.refused),
        ("unanswered", &counts.doors.unanswered),
    ] {
        text.sample("", &[("outcome", &outcome)], n.load(Ordering::Relaxed));
    }
}

/// Whole numbers of a part, as a decimal number without rounding.
fn seconds(value: u64, parts: u64) -> String {
    let digits = parts.ilog10() as usize;
    let text = format!("{}.{:0digits$}", value / parts, value % parts);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (value, parts, text) in [
            (0, 1_000, "0"),
            (5, 1_000, "0.005"),
            (1_500, 1_000, "1.5"),
            (10_000, 1_000, "10"),
            (35, 100, "0.35"),
            (60_007_000, 1_000_000, "60.007"),
        ] {
            assert_eq!(seconds(value, parts), text);
        }
    }

    #[test]
    fn labels_cannot_break_out() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
