//! Images: brought in, listed once, found where they are, taken away everywhere.

use std::time::Duration;

use super::{Line, Seed, dead, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/build",
        Seed::Yes,
        "what was built is listed",
        build_is_listed,
    ),
    passes("api/build", Seed::Yes, "build-arg", build_takes_arguments),
    dead(
        "api/build",
        Seed::Yes,
        "for another operating system",
        "skipped in the archived suite: engines of two systems in one swarm",
    ),
    passes(
        "api/history",
        Seed::Yes,
        "the node that has the image is asked",
        history_asks_the_holder,
    ),
    passes(
        "api/images",
        Seed::Yes,
        "nodes with the same, with different and with no images: one line each",
        images_are_grouped,
    ),
    passes(
        "api/images",
        Seed::Yes,
        "filters before, since, node, reference, label, dangling",
        images_are_filtered,
    ),
    passes(
        "api/images",
        Seed::Yes,
        "by name, and with -a",
        images_by_name,
    ),
    passes(
        "api/images",
        Seed::Yes,
        "an image committed on an engine directly appears within 5 s",
        images_committed_on_an_engine,
    ),
    passes(
        "api/import",
        Seed::Yes,
        "on every node",
        import_reaches_every_node,
    ),
    passes(
        "api/import",
        Seed::Yes,
        "garbage fails",
        import_of_garbage_fails,
    ),
    passes(
        "api/load",
        Seed::Yes,
        "on every node, listed once",
        load_reaches_every_node,
    ),
    passes(
        "api/load",
        Seed::Yes,
        "an empty file fails",
        load_of_an_empty_file_fails,
    ),
];

fn build_is_listed(lab: &mut Lab) {
    let context = context(lab, "FROM busybox\nRUN touch /built\n");
    lab.ok(&format!("build -t h-build {context}"));
    assert_eq!(lab.ok("images -q h-build").lines().count(), 1);
    assert_eq!(lab.ok("run --rm h-build ls /built"), "/built");
    lab.ok("rmi -f h-build");
}

fn build_takes_arguments(lab: &mut Lab) {
    let context = context(
        lab,
        "FROM busybox\nARG greeting\nRUN echo $greeting > /said\n",
    );
    lab.ok(&format!(
        "build --build-arg greeting=hello -t h-buildarg {context}"
    ));
    assert_eq!(lab.ok("run --rm h-buildarg cat /said"), "hello");
    lab.ok("rmi -f h-buildarg");
}

fn history_asks_the_holder(lab: &mut Lab) {
    made_at(lab, 1, "h-history", "");
    let history = lab.ok("history h-history");
    assert!(history.contains("made for h-history"), "{history}");
    lab.ok("rmi h-history");
}

/// Two nodes with images of their own and one of both, a third with none of them.
fn images_are_grouped(lab: &mut Lab) {
    made_at(lab, 0, "h-a", "");
    made_at(lab, 1, "h-b", "");
    made_at(lab, 0, "h-both", "");
    copied(lab, 0, 1, "h-both");
    assert!(lab.engine_says(1, "tag h-both h-both:two").ok);
    seen(lab, "h-both", "two");
    let lines = ours(lab, "images --format {{.Repository}}:{{.Tag}}");
    let mut sorted = lines.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        ["h-a:latest", "h-b:latest", "h-both:latest", "h-both:two"],
        "each once: {lines:?}"
    );
    assert_eq!(
        lab.ok("images -q h-both").lines().count(),
        2,
        "a line a tag"
    );
    assert_eq!(lab.ok("images -q h-nothing"), "");
    lab.ok("rmi h-a h-b h-both:latest h-both:two");
}

fn images_are_filtered(lab: &mut Lab) {
    made_at(lab, 0, "h-old", "LABEL color=red");
    wait_a_second();
    made_at(lab, 1, "h-mid", "LABEL color=blue");
    wait_a_second();
    made_at(lab, 2, "h-new", "");
    let list = |filter: &str| {
        let mut list = ours(
            lab,
            &format!("images --format {{{{.Repository}}}} {filter}"),
        );
        list.sort();
        list
    };
    assert_eq!(list("-f before=h-mid"), ["h-old"]);
    assert_eq!(list("-f before=h-new"), ["h-mid", "h-old"]);
    assert_eq!(list("-f since=h-mid"), ["h-new"]);
    assert_eq!(list("-f since=h-old"), ["h-mid", "h-new"]);
    assert_eq!(list("-f since=h-old -f before=h-new"), ["h-mid"]);
    assert_eq!(list("-f reference=h-m*"), ["h-mid"]);
    assert_eq!(list("-f label=color"), ["h-mid", "h-old"]);
    assert_eq!(list("-f label=color=red"), ["h-old"]);
    assert_eq!(list("-f label=color=green"), [""; 0]);
    for (k, name) in ["h-old", "h-mid", "h-new"].iter().enumerate() {
        assert_eq!(list(&format!("-f node={}", lab.node(k))), [*name]);
    }
    assert_eq!(list("-f node=nobody"), [""; 0]);
    assert_eq!(list("-f dangling=true"), [""; 0]);
    for key in ["before", "since"] {
        let text = lab.fails(&format!("images -f {key}=h-nothing"));
        assert!(text.contains("o such image"), "{text}");
    }
    let text = lab.fails("images -f nonsense=1").to_lowercase();
    assert!(text.contains("invalid filter"), "{text}");
    lab.ok("rmi h-old h-mid h-new");
}

fn images_by_name(lab: &mut Lab) {
    made_at(lab, 0, "h-named", "");
    made_at(lab, 1, "h-named:2", "");
    assert_eq!(lab.ok("images -q h-named").lines().count(), 2);
    assert_eq!(lab.ok("images -q h-named:2").lines().count(), 1);
    assert_eq!(lab.ok("images -a -q h-named").lines().count(), 2);
    lab.ok("rmi h-named h-named:2");
}

/// Behind the manager's back; the engine's event tells it.
fn images_committed_on_an_engine(lab: &mut Lab) {
    let made = lab.engine_says(
        2,
        "create --name h-source --label com.docker.swarm.id=h busybox",
    );
    assert!(made.ok, "{}", made.err);
    assert!(lab.engine_says(2, "commit h-source h-direct").ok);
    lab.wait_until("it is listed", Duration::from_secs(5), |lab| {
        !lab.ok("images -q h-direct").is_empty()
    });
    lab.ok("rmi h-direct");
}

fn import_reaches_every_node(lab: &mut Lab) {
    let tar = small_tar(lab);
    let id = lab.ok(&format!("import -c 'CMD [\"x\"]' {tar} h-import"));
    for k in 0..3 {
        let there = lab.engine_says(k, "image inspect -f {{.Id}} h-import");
        assert!(id.ends_with(&there.out) && there.ok, "{k}: {}", there.err);
    }
    lab.ok("rmi h-import");
}

fn import_of_garbage_fails(lab: &mut Lab) {
    let said = lab.docker_fed(0, b"this is no archive", &["import", "-", "h-garbage"]);
    assert!(!said.ok, "{}", said.out);
    assert_eq!(lab.ok("images -q h-garbage"), "");
}

fn load_reaches_every_node(lab: &mut Lab) {
    made_at(lab, 0, "h-load", "");
    let tar = lab.path("h-load.tar");
    lab.ok(&format!("save -o {} h-load", tar.display()));
    lab.ok("rmi h-load");
    let said = lab.ok(&format!("load -i {}", tar.display()));
    assert!(said.contains("Loaded image: h-load:latest"), "{said}");
    for k in 0..3 {
        assert!(lab.engine_says(k, "image inspect h-load").ok, "{k}");
    }
    assert_eq!(lab.ok("images -q h-load").lines().count(), 1);
    lab.ok("rmi h-load");
}

fn load_of_an_empty_file_fails(lab: &mut Lab) {
    let empty = lab.path("empty.tar");
    std::fs::write(&empty, "").expect("a file");
    lab.fails(&format!("load -i {}", empty.display()));
}

/// An image of its own, made on the engine `k` behind the manager's back, and seen by it.
pub fn made_at(lab: &Lab, k: usize, name: &str, change: &str) {
    let tar = small_tar(lab);
    let change = if change.is_empty() {
        "CMD [\"x\"]"
    } else {
        change
    };
    let message = format!("made for {name}");
    lab.engine_ok(k, &["import", "-m", &message, "-c", change, &tar, name]);
    let (repository, tag) = name.split_once(':').unwrap_or((name, "latest"));
    seen(lab, repository, tag);
}

/// Without a filter the manager tells what it has in mind, with one it asks the engines.
pub fn seen(lab: &Lab, repository: &str, tag: &str) {
    let line = format!("{repository}:{tag}");
    lab.wait_until("the manager sees it", Duration::from_secs(5), |lab| {
        let list = lab.ok("images --format {{.Repository}}:{{.Tag}}");
        list.lines().any(|known| known == line)
    });
}

pub fn copied(lab: &Lab, from: usize, to: usize, name: &str) {
    let tar = lab.path("copied.tar");
    let tar = tar.display();
    lab.engine_ok(from, &["save", "-o", &tar.to_string(), name]);
    lab.engine_ok(to, &["load", "-i", &tar.to_string()]);
    lab.wait_until("the manager knows", Duration::from_secs(5), |lab| {
        let format = "--format {{.Repository}}";
        let list = lab.ok(&format!("images -f node={} {format}", lab.node(to)));
        list.lines().any(|known| known == name)
    });
}

fn small_tar(lab: &Lab) -> String {
    let tar = lab.path("small.tar");
    if !tar.exists() {
        std::fs::write(lab.path("small"), "small").expect("a file");
        let mut pack = std::process::Command::new("tar");
        pack.arg("-C")
            .arg(lab.path(""))
            .arg("-cf")
            .arg(&tar)
            .arg("small");
        crate::lab::run_quiet(pack);
    }
    tar.to_string_lossy().into_owned()
}

fn ours(lab: &Lab, line: &str) -> Vec<String> {
    let list = lab.ok(line);
    let ours = list.lines().filter(|line| line.starts_with("h-"));
    ours.map(str::to_owned).collect()
}

fn context(lab: &Lab, dockerfile: &str) -> String {
    let context = lab.path("h-context");
    std::fs::create_dir_all(&context).expect("a directory");
    std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
    context.to_string_lossy().into_owned()
}

/// Images tell their age in whole seconds.
fn wait_a_second() {
    std::thread::sleep(Duration::from_millis(1001));
}
