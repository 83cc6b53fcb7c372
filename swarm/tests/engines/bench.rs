//! `make bench`'s second half: the manager measured with simulated engines and with a real one.
//! Runs only when `CARINA_BENCH=1` is set; prints as it goes, and writes docs/performance.md when
//! `CARINA_WRITE_DOCS=1` is. `CARINA_BENCH_CALLS` makes it shorter, `CARINA_BENCH_ENGINES=1,10`
//! chooses the sizes, `CARINA_BENCH_REAL=0` leaves the real engine out.

mod client;
mod floor;
mod real;
mod scale;
mod sim;

use std::path::Path;

fn number(name: &str, default: usize) -> usize {
    let value = std::env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

pub fn run() {
    swarm::tls::install_provider();
    let calls = number("CARINA_BENCH_CALLS", 2000).max(10);
    let sizes = std::env::var("CARINA_BENCH_ENGINES").unwrap_or_else(|_| "1,10,100,1000".into());
    let mut report = Report::default();
    report.line("# How fast a manager is");
    report.line("");
    report.line(&format!(
        "Written by `make bench` on {} cores ({}), Linux {}. {} calls each, a tenth of that where answers are large.",
        std::thread::available_parallelism().map_or(1, usize::from),
        cpu(),
        read("/proc/sys/kernel/osrelease"),
        calls,
    ));
    report.line("");
    let rows: Vec<_> = sizes
        .split(',')
        .filter_map(|size| size.trim().parse().ok())
        .map(|size| {
            println!("  {size} engines");
            scale::measure(size, calls)
        })
        .collect();
    scale::write(&rows, &mut report);
    if number("CARINA_BENCH_REAL", 1) == 1 {
        real::measure(calls, &mut report);
    }
    if std::env::var("CARINA_WRITE_DOCS").as_deref() == Ok("1") {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
        // What `make lighthouse` wrote stays.
        let before = std::fs::read_to_string(&page).unwrap_or_default();
        if let Some((_, rest)) = before.split_once("<!-- lighthouse -->") {
            report.0.push_str("\n<!-- lighthouse -->");
            report.0.push_str(rest);
        }
        std::fs::write(page, report.0).expect("the page is written");
    }
}

/// What is printed, and kept for the page.
#[derive(Default)]
pub struct Report(String);

impl Report {
    pub fn line(&mut self, line: &str) {
        println!("{line}");
        self.0.push_str(line);
        self.0.push('\n');
    }
}

pub fn verdict(is: bool) -> &'static str {
    if is { "met" } else { "**missed**" }
}

/// Bytes of memory that a process has.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn read(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.trim().to_owned()
}

fn cpu() -> String {
    let text = read("/proc/cpuinfo");
    let model = text.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(':'));
    model.map_or_else(|| "unknown".into(), |(_, name)| name.trim().to_owned())
}
