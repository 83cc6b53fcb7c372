//! Every flag and key of the clients: what becomes of it, seen with the client that is installed.

mod build;
mod compose;
mod run;
mod service;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::Cluster;
use crate::compare;

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Works,
    /// As written; other values pass.
    Refused(u16),
    /// It is the client's own business, and is not tried.
    Client,
    /// Nothing for segments: what the engine says to it.
    Engine,
}

/// A flag, an example of it, its fate, and what there is to say.
pub type Row = (&'static str, &'static [&'static str], Fate, &'static str);

const HEAD: &str = "\
# Flags

Every flag of `docker run`, `docker service create` and `docker build`, and every key of a service in a compose file.
A test asks the installed client for its flags, so that none is missing, and gives each to it, so that each works, or
is refused with the code that stands here (`swarm/tests/policy_rows/flags`). What a code means:
[security.md](security.md#the-layers).

";

/// With the client on the path.
pub fn run(cluster: &Cluster) {
    for (command, front, back, rows) in [
        ("run", &["create"][..], &["busybox", "true"][..], run::ROWS),
        (
            "service create",
            &["service", "create", "--detach", "--no-resolve-image"],
            &["busybox", "true"],
            service::ROWS,
        ),
        ("build", &["build"], &["CONTEXT"], build::ROWS),
    ] {
        let known = flags_of(cluster, command);
        if known.is_empty() {
            println!("skipped: no docker client is installed");
            return;
        }
        all_listed(
            &format!("docker {command}"),
            &known,
            rows.iter().map(|row| row.0),
        );
        let (mut tried, mut wrong) = (0, Vec::new());
        for row in rows.iter().filter(|row| known.contains(row.0)) {
            tried += usize::from(row.2 != Fate::Client);
            wrong.extend(row_wrong(cluster, front, back, row));
        }
        assert!(wrong.is_empty(), "docker {command}:\n{}", wrong.join("\n"));
        println!("docker {command}: {tried} of {} flags tried", known.len());
    }
    schema_compare();
    buildx_compare();
    cluster.reached();
}

/// Nothing that `what` knows is without a row.
fn all_listed(what: &str, known: &BTreeSet<String>, listed: impl Iterator<Item = &'static str>) {
    let listed: BTreeSet<&str> = listed.collect();
    let is_missing = |word: &&String| !listed.contains(word.as_str());
    let missing: Vec<&String> = known.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{what}: no row for {missing:?}");
}

fn docker(cluster: &Cluster, args: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("docker")
        .args(args)
        .env("DOCKER_HOST", format!("tcp://{}:2376", cluster.ip))
        .env("DOCKER_TLS_VERIFY", "1")
        .env("DOCKER_CERT_PATH", &cluster.alice.dir)
        .env("DOCKER_CONFIG", cluster.dir.path().join("docker-config"))
        .env("DOCKER_BUILDKIT", "0")
        .output()
        .ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

/// The long flags that the client's help knows.
fn flags_of(cluster: &Cluster, command: &str) -> BTreeSet<String> {
    let args: Vec<&str> = command.split(' ').chain(["--help"]).collect();
    match docker(cluster, &args) {
        Some((true, help)) => flags_in(&help),
        _ => BTreeSet::new(),
    }
}

fn flags_in(help: &str) -> BTreeSet<String> {
    // A flag stands at a line's beginning, perhaps behind its short form; below it is text.
    let flag = |line: &str| -> Option<String> {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start();
        let long = match line.strip_prefix("--") {
            Some(long) if indent == 6 => long,
            _ => {
                line.split_once(", --")
                    .filter(|(short, _)| short.len() == 2 && indent == 2)?
                    .1
            }
        };
        Some(format!("--{}", long.split(' ').next()?))
    };
    help.lines()
        .filter_map(flag)
        .filter(|flag| flag != "--help")
        .collect()
}

fn row_wrong(cluster: &Cluster, front: &[&str], back: &[&str], row: &Row) -> Option<String> {
    let (flag, args, fate, _) = row;
    if *fate == Fate::Client {
        return None;
    }
    let context = cluster.dir.path().join("context");
    std::fs::create_dir_all(&context).expect("a directory");
    for (name, text) in [
        ("Dockerfile", "FROM busybox\n"),
        ("env", "A=b\n"),
        ("labels", "a=b\n"),
    ] {
        std::fs::write(context.join(name), text).expect("a file");
    }
    let fill = |word: &&str| word.replace("CONTEXT", &context.to_string_lossy());
    let words: Vec<String> = [front, args, back].concat().iter().map(fill).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    cluster.reached();
    let (ok, text) = docker(cluster, &words).expect("the client is there");
    let reached = cluster.reached();
    let has_reached = reached.iter().any(|request| request.method == "POST");
    let is_right = match fate {
        Fate::Works => ok && has_reached,
        Fate::Refused(code) => !ok && text.contains(&format!("CARINA-{code}")) && !has_reached,
        Fate::Engine => has_reached || !text.contains("CARINA-"),
        Fate::Client => true,
    };
    (!is_right).then(|| format!("{flag} {args:?}: not {fate:?}, but {text}"))
}

/// The keys of a compose file's services, out of the schema that the plugin carries.
fn schema_compare() {
    let Some(plugin) = plugin("docker-compose") else {
        println!("skipped: no docker compose is installed");
        return;
    };
    let keys = schema_keys(&plugin).expect("the plugin carries its schema");
    all_listed("compose", &keys, compose::ROWS.iter().map(|row| row.0));
    println!("compose: {} keys have a row", keys.len());
}

fn buildx_compare() {
    let help = plugin("docker-buildx").and_then(|plugin| {
        let output = Command::new(plugin)
            .args(["build", "--help"])
            .output()
            .ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    });
    let Some(help) = help else {
        println!("skipped: no docker buildx is installed");
        return;
    };
    let known = flags_in(&help);
    assert!(!known.is_empty(), "{help}");
    let rows = build::BUILDX.iter().map(|row| row.0);
    all_listed("docker buildx build", &known, rows);
    println!("docker buildx build: {} flags have a row", known.len());
}

fn plugin(name: &str) -> Option<PathBuf> {
    let clients = std::env::var_os("CARINA_TEST_CLIENTS").map(PathBuf::from);
    let mut places: Vec<PathBuf> = [
        "/usr/libexec",
        "/usr/lib",
        "/usr/local/lib",
        "/usr/local/libexec",
    ]
    .map(PathBuf::from)
    .into();
    places.extend(clients.map(|folder| folder.join("debian-13/usr/libexec")));
    let mut plugins = places
        .iter()
        .map(|place| place.join("docker/cli-plugins").join(name));
    plugins.find(|plugin| plugin.exists())
}

fn schema_keys(plugin: &Path) -> Option<BTreeSet<String>> {
    let bytes = std::fs::read(plugin).ok()?;
    let find = |part: &[u8], from: usize| {
        let at = bytes[from..]
            .windows(part.len())
            .position(|window| window == part)?;
        Some(from + at)
    };
    let mut from = 0;
    // Several texts name it; one is the schema itself.
    while let Some(at) = find(b"compose_spec.json", from) {
        from = at + 1;
        let begin = bytes[..at].iter().rposition(|byte| *byte == b'{')?;
        let mut documents =
            serde_json::Deserializer::from_slice(&bytes[begin..]).into_iter::<serde_json::Value>();
        if let Some(Ok(schema)) = documents.next()
            && let Some(keys) = schema["definitions"]["service"]["properties"].as_object()
        {
            return Some(keys.keys().cloned().collect());
        }
    }
    None
}

/// docs/flags.md.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (title, rows) in [
        ("docker run, docker create", run::ROWS),
        ("docker service create", service::ROWS),
        ("docker build, the classic builder", build::ROWS),
        ("docker buildx build", build::BUILDX),
    ] {
        let _ = writeln!(page, "## {title}\n\n| flag | | |\n|---|---|---|");
        for (flag, args, fate, why) in rows {
            let example = args.join(" ").replace("CONTEXT", ".");
            let fate = match fate {
                Fate::Works => "works".to_owned(),
                Fate::Refused(code) => format!("refused: CARINA-{code}"),
                Fate::Client => "the client's own".to_owned(),
                Fate::Engine => "the engine's word".to_owned(),
            };
            let shown = if example.is_empty() {
                (*flag).to_owned()
            } else {
                example
            };
            let _ = writeln!(page, "| `{}` | {fate} | {why} |", shown.replace('|', "\\|"));
        }
        page.push('\n');
    }
    page.push_str("## Compose: keys of a service\n\nEach becomes what the flag does that stands beside it.\n\n| key | | |\n|---|---|---|\n");
    for (key, like, why) in compose::ROWS {
        let _ = writeln!(page, "| `{key}` | {like} | {why} |");
    }
    page
}

/// docs/flags.md is what the rows say.
pub fn page_compare() {
    compare::page_compare("flags.md", &page(), "--test policy_rows");
}
