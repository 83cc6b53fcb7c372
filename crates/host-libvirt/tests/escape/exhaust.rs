//! L9: taking everything there is. It ends at the segment's own limits, and a neighbour in another
//! cluster does not notice.

use std::time::{Duration, Instant};

use crate::frames::neighbour_works;
use crate::page::Row;
use crate::probe::{From, Outcome};
use crate::world::{CONNECTIONS, Clusters, output};

const GROUP: &str = "Taking everything (L9)";
/// A container of the neighbour's may take this much longer than in a quiet moment, beside twice
/// the time: two processors are all that some machines have for both, and for the test.
const SLACK: Duration = Duration::from_millis(800);
const AT_WORK_WITHIN: Duration = Duration::from_secs(15);
const QUIET_SAMPLES: usize = 7;
const SAMPLES: usize = 3;

struct Exhaustion {
    what: &'static str,
    /// Of the probe: `WHAT SECONDS [WHERE]`.
    line: String,
    /// Options of its container beside the usual.
    more: &'static [&'static str],
    /// Its own word may be lost with its engine: the host counts.
    is_told_by_the_host: bool,
    /// Whether what it got (a count and the errno that ended it) was the segment's share.
    fits: fn(&Clusters, u64, i32) -> bool,
}

pub fn all(clusters: &Clusters) -> Vec<Row> {
    let quiet = median(clusters, QUIET_SAMPLES);
    eprintln!("a neighbour's container takes {quiet:?} in a quiet moment");
    let mut rows = Vec::new();
    for one in exhaustions(clusters) {
        let running =
            clusters
                .engine
                .begin(From::Segment, one.more, &format!("got {}\n", one.line));
        // Until it is at work.
        std::thread::sleep(Duration::from_millis(1500));
        let mut most_tasks = 0;
        let at_most = Instant::now() + AT_WORK_WITHIN;
        while one.is_told_by_the_host && !is_full(clusters, most_tasks) && Instant::now() < at_most
        {
            most_tasks = most_tasks.max(tasks(clusters));
        }
        let busy = median(clusters, SAMPLES);
        let works = neighbour_works(clusters);
        let tasks = most_tasks.max(tasks(clusters));
        let got = running.end().remove("got");
        let (fits, how) = match &got {
            Some(Outcome::Saw(text)) => {
                let (count, errno) = text.split_once('/').unwrap_or((text, "0"));
                let (count, errno) = (count.parse().unwrap_or(0), errno.parse().unwrap_or(0));
                ((one.fits)(clusters, count, errno), told(count, errno))
            }
            other => (one.is_told_by_the_host, format!("{other:?}")),
        };
        // Counted from outside, whatever was taken.
        let most = u64::from(clusters.attacker.mark.pids);
        let fits = fits && tasks <= most && (!one.is_told_by_the_host || is_full(clusters, tasks));
        let how = format!("{how}; {tasks} tasks");
        eprintln!(
            "{}: {how}; the neighbour's container takes {busy:?}",
            one.what
        );
        // Somebody else on this machine may have begun to work meanwhile.
        let is_slow = |quiet: Duration| busy > quiet * 2 + SLACK;
        let is_undisturbed = works && !(is_slow(quiet) && is_slow(median(clusters, SAMPLES)));
        rows.push(Row {
            group: GROUP,
            what: one.what.into(),
            from: From::Segment,
            how: if fits && is_undisturbed {
                "ends at the segment's share; the neighbour is not disturbed".into()
            } else {
                format!("{how}; the neighbour: {busy:?} (quiet {quiet:?}), its network: {works}")
            },
            is_control: false,
            holds: fits && is_undisturbed,
        });
    }
    rows
}

fn is_full(clusters: &Clusters, tasks: u64) -> bool {
    tasks > u64::from(clusters.attacker.mark.pids) / 2
}

fn told(count: u64, errno: i32) -> String {
    match errno {
        0 => format!("{count}"),
        errno => format!("{count}, then {}", std::io::Error::from_raw_os_error(errno)),
    }
}

/// The middle of several: one slow start is no disturbance.
fn median(clusters: &Clusters, samples: usize) -> Duration {
    let mut taken: Vec<Duration> = (0..samples).map(|_| clusters.neighbour.latency()).collect();
    taken.sort();
    taken[samples / 2]
}

fn exhaustions(clusters: &Clusters) -> Vec<Exhaustion> {
    let one = |what, line: &str, fits| Exhaustion {
        what,
        line: line.into(),
        more: &[],
        is_told_by_the_host: false,
        fits,
    };
    let on_disk = |what, line: &str, fits| Exhaustion {
        more: &["--volume=fill:/fill"],
        ..one(what, line, fits)
    };
    let internet = &clusters.world.internet;
    vec![
        one("all processor time", "exhaust cpu 5", |_, count, _| {
            count > 0
        }),
        on_disk(
            "the whole disk",
            "exhaust disk 5 /fill",
            |clusters, mebibytes, errno| {
                mebibytes <= clusters.attacker.disk_bytes >> 20 && errno == libc::ENOSPC
            },
        ),
        // ext4 has one for every 16 KiB.
        on_disk(
            "all inodes of the disk",
            "exhaust inodes 8 /fill",
            |clusters, count, errno| {
                count <= clusters.attacker.disk_bytes >> 14 && errno == libc::ENOSPC
            },
        ),
        one(
            "all inotify instances",
            "exhaust watches 4",
            |_, count, errno| count <= 65_536 && errno == libc::EMFILE,
        ),
        // The host keeps a reserve of its own.
        one("all terminals", "exhaust terminals 4", |_, _, errno| {
            errno != 0 && std::fs::File::open("/dev/ptmx").is_ok()
        }),
        one("all keyrings", "exhaust keys 4", |_, _, errno| {
            errno == libc::EDQUOT || errno == libc::EAGAIN
        }),
        one(
            "all connections that the host can follow",
            &format!("exhaust connections 6 {internet}"),
            |clusters, sent, _| {
                let most = u64::from(CONNECTIONS);
                let followed = followed(clusters);
                eprintln!("{sent} datagrams, {followed} connections followed");
                // Those that began before the limit may be on their way out.
                sent > most * 3 / 2 && followed > most / 2 && followed <= most + 64
            },
        ),
        one(
            "the kernel's table of neighbours",
            "exhaust neighbours 5 10.84",
            |_, sent, _| sent > 0,
        ),
        // The last two may hurt the segment's own engine, which is its people's affair.
        one("all memory", "exhaust memory 6", |_, count, _| count > 0),
        Exhaustion {
            is_told_by_the_host: true,
            ..one("a fork bomb", "exhaust processes 6", |_, _, errno| {
                errno == libc::EAGAIN
            })
        },
    ]
}

/// Processes and threads with the segment's ids.
fn tasks(clusters: &Clusters) -> u64 {
    let base = clusters.attacker.mark.id_base;
    let ids = base..base + wire::ID_RANGE;
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u32>().ok()
    };
    std::fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok())
        .filter(|status| field(status, "Uid:").is_some_and(|id| ids.contains(&id)))
        .filter_map(|status| field(&status, "Threads:"))
        .map(u64::from)
        .sum()
}

/// Connections of the segment's in the host's table.
fn followed(clusters: &Clusters) -> u64 {
    let address = format!("src={} ", clusters.attacker.address);
    let table = std::fs::read_to_string("/proc/net/nf_conntrack")
        .unwrap_or_else(|_| output("conntrack", &["-L"]));
    table
        .lines()
        .filter(|line| line.contains(&address))
        .count()
        .try_into()
        .unwrap_or(u64::MAX)
}
