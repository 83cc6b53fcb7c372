//! Differential fuzzing: the same requests to the manager's own functions and to a reader that
//! reads them as engines do (`../go`). `scripts/fuzz.sh differential` builds and runs both.
//!
//! `differential READER ROUTES SEEDS FOUND [CORPUS...]`, and CARINA_FUZZ_CASES (1,000,000) and
//! CARINA_FUZZ_SEED (1) from the environment. SEEDS and CORPUS are folders of folders by target, as
//! the other targets have them; what behaved as nothing before is kept in the last CORPUS under
//! `differential`. Ends with 1 when the two sides disagree; the inputs are then in FOUND.

mod bodies;
mod check;
mod dice;
mod minimise;
mod mutate;
mod reader;
mod run;
mod shape;
mod targets;
mod tree;
mod words;
mod world;

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bodies::Bodies;
use reader::Reader;
use run::{Plan, Tally, run};
use targets::Targets;
use world::{TARGET, World};

/// Of a corpus that other targets' guided search has grown, so much is taken.
const CORPUS_MAX: usize = 5000;
/// What the reader must have seen in a long run, or it, or what is made for it, is blind.
#[rustfmt::skip]
const MUST_BE_SEEN: &[&str] = &[
    "IPAM driver", "IPAM option", "MAC address", "address of the host", "annotations", "block devices", "builder",
    "capabilities", "cgroup namespace", "cgroup of another", "cgroup parent", "change", "cluster volume",
    "context from elsewhere", "device requests", "device rules", "devices", "dropped capabilities", "endpoint options",
    "host gateway", "host network", "host path", "import from elsewhere", "ingress network", "ipc namespace",
    "isolation", "kind of mount", "link to a system container", "link-local address", "log driver", "log option",
    "masked paths", "mount target", "network configuration", "network driver", "network namespace", "network of a build",
    "network of a system container", "network of the cluster", "network option", "no limit of pids", "no limit of swap",
    "oom kill disabled", "oom score", "output", "part of a volume", "path of the kernel", "pid namespace", "privileged",
    "propagation", "prune without a label", "read-only paths", "realtime", "reserved label", "reserved name",
    "reserved port", "role", "route", "runtime", "secret driver", "security option", "shm size", "squash",
    "storage option", "sysctl", "system container", "system image", "template driver", "tmpfs option", "ulimit",
    "user namespace", "uts namespace", "volume driver", "volume options", "volume that is not plain",
    "volumes of a system container", "working directory",
];

fn main() -> ExitCode {
    match begin() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("differential: {error}");
            ExitCode::from(2)
        }
    }
}

fn number(name: &str, usual: u64) -> Result<u64, Box<dyn Error>> {
    Ok(std::env::var(name).map_or(Ok(usual), |text| text.parse())?)
}

fn begin() -> Result<bool, Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, routes, seeds, found, corpora @ ..] = arguments.as_slice() else {
        return Err("usage: differential READER ROUTES SEEDS FOUND [CORPUS...]".into());
    };
    let world = World::new();
    let told = world.told(&fs::read_to_string(routes)?);
    let mut reader = Reader::start(program, &told)?;
    let shapes = reader.shapes.clone();
    let mut bodies = Bodies::new(&World::kind_names(), &shapes);
    let mut targets = Targets::new();
    let mut digest = DefaultHasher::new();
    let mut n_seeds = 0;
    for folder in [seeds].into_iter().chain(corpora) {
        n_seeds += seed(folder, &mut bodies, &mut targets, &mut digest)?;
    }
    let plan = Plan {
        world: &world,
        bodies: &bodies,
        targets: &targets,
        reader: program,
        told: &told,
        cases: number("CARINA_FUZZ_CASES", 1_000_000)?,
        seed: number("CARINA_FUZZ_SEED", 1)?,
        workers: std::thread::available_parallelism()?.get(),
    };
    println!(
        "seed {} over {n_seeds} inputs ({:016x})",
        plan.seed,
        digest.finish()
    );
    let begun = Instant::now();
    let tally = run(&plan)?;
    report(&tally, begun);
    if let Some(corpus) = corpora.last() {
        keep(&corpus.join("differential"), &tally)?;
    }
    fs::create_dir_all(found)?;
    for ((kind, _), (disagreement, input, n)) in &tally.found {
        let small =
            minimise::minimise(&world, &mut reader, *kind, input.clone(), disagreement)?.bytes();
        let file = found.join(format!(
            "differential-{}-{:08x}",
            name(*kind),
            hash(&small) as u32
        ));
        fs::write(&file, &small)?;
        println!(
            "\nDISAGREEMENT ({n} times), {}: {}",
            name(*kind),
            disagreement.what
        );
        println!(
            "  {}\n  {}\n  in {}",
            disagreement.detail,
            small.escape_ascii(),
            file.display()
        );
    }
    let mut blind: Vec<&&str> = MUST_BE_SEEN
        .iter()
        .filter(|one| !tally.forbidden.contains_key(**one))
        .collect();
    if plan.cases < 200_000 {
        blind.clear();
    }
    if !blind.is_empty() {
        println!("never seen, so nothing is shown of it: {blind:?}");
    }
    println!("{} disagreements", tally.found.len());
    Ok(tally.found.is_empty() && blind.is_empty())
}

fn name(kind: u8) -> &'static str {
    match kind {
        TARGET => "target",
        kind => World::kind_names()[usize::from(kind) - 1],
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// All inputs under a folder, in the order of their names.
fn seed(
    folder: &Path,
    bodies: &mut Bodies<'_>,
    targets: &mut Targets,
    digest: &mut DefaultHasher,
) -> std::io::Result<usize> {
    let mut n = 0;
    for target in ["route", "query", "model", "policy", "differential"] {
        let Ok(entries) = fs::read_dir(folder.join(target)) else {
            continue;
        };
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort();
        for file in files.iter().take(CORPUS_MAX) {
            let input = fs::read(file)?;
            input.hash(digest);
            n += 1;
            let (first, rest) = input
                .split_first()
                .map_or((0, &[][..]), |(first, rest)| (*first, rest));
            match target {
                "route" => targets.seeds.push(input),
                "query" => {
                    targets.seed_query(usize::from(first) % swarm::api::route::rows().count(), rest)
                }
                "policy" => bodies.seed(0, &input),
                "differential" if first == TARGET => targets.seeds.push(rest.to_vec()),
                "differential" if usize::from(first) <= bodies.kinds.len() => {
                    bodies.seed(usize::from(first) - 1, rest)
                }
                "model" => {
                    if let Some(kind) = World::kind_of_seed(usize::from(first)) {
                        bodies.seed(kind, rest);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(n)
}

fn keep(folder: &Path, tally: &Tally) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let n = fs::read_dir(folder)?.count();
    for (behaviour, (kind, bytes)) in tally.behaved.iter().take(CORPUS_MAX.saturating_sub(n)) {
        let file = folder.join(format!("{behaviour:016x}"));
        if !file.exists() {
            fs::write(file, [&[*kind], bytes.as_slice()].concat())?;
        }
    }
    Ok(())
}

fn report(tally: &Tally, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{} cases in {seconds:.0} s", tally.cases());
    println!(
        "{:18} {:>9} {:>9} {:>9} {:>9}",
        "", "cases", "sent on", "unread", "refused"
    );
    for (kind, [all, sent, unread, refused]) in &tally.kinds {
        println!("{:18} {all:9} {sent:9} {unread:9} {refused:9}", name(*kind));
    }
    println!(
        "of those sent on, the engine itself would refuse {}",
        tally.left_to_engine
    );
    let n: u64 = tally.forbidden.values().sum();
    println!(
        "the reader saw {n} forbidden things of {} kinds in the originals",
        tally.forbidden.len()
    );
}
