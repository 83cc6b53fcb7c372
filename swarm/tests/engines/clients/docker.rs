//! The docker client, in the versions that people have.

mod services;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::program::Docker;
use crate::lab::{Lab, run};

/// The version of `/usr/bin/docker` on Debian 12.
const OLD: &str = "20.10.";

pub fn docker_of_debian_12(lab: &mut Lab) {
    let Some(folder) = super::folder() else {
        return;
    };
    let tree = folder.join("debian-12");
    let installed = || match tree.is_dir() {
        true => Docker::of_tree(lab, &tree),
        false => Docker::installed(lab, "/usr/bin/docker"),
    };
    let docker = installed();
    let version = docker.ok(&["version", "--format", "{{.Client.Version}}"]);
    assert!(version.starts_with(OLD), "{version}");
    day_of_work(lab, &docker);
    // It has BuildKit's client in itself, without the plugin of today.
    let docker = installed().with_buildkit_asked();
    let context = context_make(lab, "asked-context");
    let build = ["build", "--build-arg=WORD=asked", "-t", "asked:1", &context];
    let built = docker.says(&build);
    assert!(built.ok && built.err.contains("exporting"), "{}", built.err);
    assert_eq!(docker.ok(&["run", "--rm", "asked:1"]), "asked");
    docker.ok(&["rmi", "asked:1"]);
}

pub fn docker_of_debian_13(lab: &mut Lab) {
    let Some(folder) = super::folder() else {
        return;
    };
    let docker = Docker::of_tree(lab, &folder.join("debian-13"));
    let version = docker.ok(&["version", "--format", "{{.Client.Version}}"]);
    assert!(version.starts_with("26.1."), "{version}");
    day_of_work(lab, &docker);
}

/// Whichever is first on the path; on a fresh Debian it is one of the other two.
pub fn docker_of_this_machine(lab: &mut Lab) {
    let mut which = std::process::Command::new("sh");
    which.args(["-c", "command -v docker"]);
    let found = String::from_utf8_lossy(&run(which).stdout)
        .trim()
        .to_owned();
    if found == "/usr/bin/docker" || found == "/bin/docker" {
        println!("the docker client on the path is Debian's");
        return;
    }
    day_of_work(lab, &Docker::installed(lab, &found));
}

/// What people do with a client, command by command.
fn day_of_work(lab: &Lab, docker: &Docker<'_>) {
    about_the_cluster(docker);
    containers(lab, docker);
    inside_a_container(lab, docker);
    images(lab, docker);
    volumes_and_networks(docker);
    services::change_and_go_back(lab, docker);
    services::secrets_and_configs(lab, docker);
    services::nodes_are_told_of(docker);
    tidying(lab, docker);
}

fn about_the_cluster(docker: &Docker<'_>) {
    // A client may be newer than the engines: it comes down to what they speak.
    let spoken = docker.ok(&["version", "--format", "{{.Client.APIVersion}}"]);
    let offered = docker.ok(&["version", "--format", "{{.Server.APIVersion}}"]);
    let number = |version: &str| -> u32 {
        let minor = version.strip_prefix("1.").expect("an API version");
        minor.parse().expect("a number")
    };
    assert!(number(&spoken) <= number(&offered), "{spoken} {offered}");
    let info = docker.ok(&["info"]);
    assert!(info.contains("Nodes: 3"), "{info}");
    assert_eq!(info.matches("Status: Healthy").count(), 3, "{info}");
    assert_eq!(docker.ok(&["info", "--format", "{{.Driver}}"]), "overlay2");
}

fn containers(lab: &Lab, docker: &Docker<'_>) {
    for k in 1..=3 {
        let name = format!("--name=w{k}");
        let loops = "trap exit TERM; while :; do echo tick; sleep 0.2; done";
        docker.ok(&["run", "-d", &name, "busybox", "sh", "-c", loops]);
    }
    let names = docker.ok(&["ps", "--filter", "name=w[123]", "--format", "{{.Names}}"]);
    for node in ["-n1/", "-n2/", "-n3/"] {
        assert_eq!(names.matches(node).count(), 1, "spread: {names}");
    }
    assert_eq!(docker.ok(&["run", "--rm", "busybox", "echo", "hi"]), "hi");
    let gone = docker.says(&["run", "--rm", "busybox", "sh", "-c", "exit 7"]);
    assert!(!gone.ok);
    lab.wait_until("it speaks", Duration::from_secs(5), |_| {
        docker
            .ok(&["logs", "--tail", "1", "--timestamps", "w1"])
            .contains("tick")
    });
    docker.ok(&["pause", "w1"]);
    let state = ["inspect", "-f", "{{.State.Status}} {{.Name}}", "w1"];
    let paused = docker.ok(&state);
    assert!(paused.starts_with("paused"), "{paused}");
    docker.ok(&["unpause", "w1"]);
    docker.ok(&["rename", "w1", "first"]);
    assert!(docker.fails(&["rename", "w2", "first"]).contains("already"));
    docker.ok(&["update", "--memory", "64m", "--memory-swap", "64m", "first"]);
    docker.ok(&["restart", "-t", "2", "first"]);
    assert!(docker.ok(&["top", "first"]).contains("sleep 0.2"));
    let stats = docker.ok(&["stats", "--no-stream", "first", "w2"]);
    assert!(stats.contains("64MiB"), "{stats}");
    docker.ok(&["kill", "w2"]);
    assert_eq!(docker.ok(&["wait", "w2"]), "137");
    docker.ok(&["stop", "-t", "2", "w3"]);
    docker.ok(&["start", "w3"]);
    let past = ["events", "--since=30s", "--until=0s", "--filter=event=die"];
    let events = docker.ok(&past);
    assert!(events.contains("exitCode=7"), "{events}");
    assert!(docker.fails(&["rm", "first"]).contains("running"));
    docker.ok(&["rm", "-f", "first", "w2", "w3"]);
}

fn inside_a_container(lab: &Lab, docker: &Docker<'_>) {
    docker.ok(&[
        "run",
        "-d",
        "--name=web",
        "-p=8000",
        "busybox",
        "sh",
        "-c",
        "mkdir /www; echo page > /www/index.html; exec httpd -f -p 8000 -h /www",
    ]);
    let port = docker.ok(&["port", "web", "8000"]);
    let address = port.lines().next().expect("a port");
    let mut get = std::process::Command::new("busybox");
    get.args(["wget", "-qO-", &format!("http://{address}/")]);
    let page = run(get);
    assert_eq!(String::from_utf8_lossy(&page.stdout).trim(), "page");
    assert_eq!(
        docker.ok(&["exec", "web", "cat", "/www/index.html"]),
        "page"
    );
    let failed = docker.says(&[
        "exec", "-w", "/www", "-e", "X=1", "web", "sh", "-c", "exit $X",
    ]);
    assert!(!failed.ok);
    let file = lab.path("carried");
    std::fs::write(&file, "carried").expect("a file");
    let file = file.to_string_lossy();
    docker.ok(&["cp", &file, "web:/www/carried"]);
    assert!(docker.ok(&["diff", "web"]).contains("A /www/carried"));
    let back = lab.path("back");
    let back = back.to_string_lossy();
    docker.ok(&["cp", "web:/www/carried", &back]);
    assert_eq!(std::fs::read_to_string(&*back).expect("it came"), "carried");
    docker.ok(&["export", "-o", &back, "web"]);
    docker.ok(&["commit", "-m", "grown", "web", "grown:1"]);
    let cat = ["run", "--rm", "grown:1", "cat", "/www/carried"];
    assert_eq!(docker.ok(&cat), "carried");
    docker.ok(&["rm", "-f", "web"]);
    docker.ok(&["rmi", "grown:1"]);
}

fn images(lab: &Lab, docker: &Docker<'_>) {
    let context = context_make(lab, "classic-context");
    let built = docker.ok(&["build", "--build-arg=WORD=said", "-t", "own:1", &context]);
    assert!(built.contains("Successfully tagged own:1"), "{built}");
    assert_eq!(docker.ok(&["run", "--rm", "own:1"]), "said");
    assert!(docker.ok(&["history", "own:1"]).contains("WORD"));
    docker.ok(&["tag", "own:1", "own:2"]);
    let tar = lab.path("own.tar");
    let tar = tar.to_string_lossy();
    docker.ok(&["save", "-o", &tar, "own:2"]);
    docker.ok(&["rmi", "own:1", "own:2"]);
    let gone = docker.ok(&["images", "-q", "own"]);
    assert!(gone.is_empty(), "{gone}");
    assert!(docker.ok(&["load", "-i", &tar]).contains("own:2"));
    docker.ok(&["image", "inspect", "own:2"]);
    docker.ok(&["rmi", "own:2"]);
    let missing = docker.fails(&["run", "--rm", "localhost:1/missing"]);
    assert!(missing.contains("localhost:1"), "{missing}");
}

fn volumes_and_networks(docker: &Docker<'_>) {
    docker.ok(&["volume", "create", "stock"]);
    let stock = ["run", "--rm", "-v", "stock:/stock", "busybox", "sh", "-c"];
    docker.ok(&[&stock[..], &["echo one > /stock/list"]].concat());
    let read = docker.ok(&[&stock[..], &["cat /stock/list"]].concat());
    assert_eq!(read, "one", "the container goes where its volume is");
    assert!(docker.ok(&["volume", "ls", "-q"]).contains("stock"));
    docker.ok(&["volume", "inspect", "stock"]);
    docker.ok(&["volume", "rm", "stock"]);
    docker.ok(&["network", "create", "lane"]);
    for (name, node) in [("east", "1"), ("west", "2")] {
        let node = format!("constraint:node=={}-n{node}", crate::lab::CLUSTER);
        let name = format!("--name={name}");
        let sleep = ["--net=lane", "busybox", "sleep", "60"];
        docker.ok(&[&["run", "-d", &name, "-e", &node][..], &sleep].concat());
    }
    docker.ok(&["exec", "east", "ping", "-c1", "-W5", "west"]);
    let members = [
        "network",
        "inspect",
        "lane",
        "-f",
        "{{range .Containers}}{{.Name}} {{end}}",
    ];
    let members = docker.ok(&members);
    assert!(
        members.contains("east") && members.contains("west"),
        "{members}"
    );
    docker.ok(&["network", "disconnect", "-f", "lane", "west"]);
    docker.ok(&["rm", "-f", "east", "west"]);
    docker.ok(&["network", "rm", "lane"]);
}

fn tidying(lab: &Lab, docker: &Docker<'_>) {
    docker.ok(&["create", "--name=never", "busybox"]);
    let space = docker.ok(&["system", "df"]);
    assert!(space.contains("Containers"), "{space}");
    docker.ok(&["container", "prune", "-f"]);
    assert!(docker.fails(&["inspect", "never"]).contains("No such"));
    assert!(
        docker
            .fails(&["run", "--privileged", "busybox"])
            .contains("CARINA-1001")
    );
    let system = lab.docker_ok(&["ps", "-aq"]);
    assert_eq!(system.lines().count(), 9, "system containers: {system}");
}

pub fn buildx_builds(lab: &mut Lab) {
    let Some(folder) = super::folder() else {
        return;
    };
    let docker = Docker::of_tree(lab, &folder.join("debian-13")).with_buildkit();
    let context = context_make(lab, "buildx-context");
    let listed = docker.ok(&["buildx", "ls"]);
    assert!(listed.contains("running"), "{listed}");
    let build = ["buildx", "build", "--build-arg=WORD=anew", "-t", "kit:1"];
    docker.ok(&[&build[..], &[&context]].concat());
    assert_eq!(docker.ok(&["run", "--rm", "kit:1"]), "anew");
    let again = docker.says(&[&build[..], &["--load", &context]].concat());
    assert!(again.ok && again.err.contains("CACHED"), "{}", again.err);
    // Files instead of an image, to where the client is.
    let out = lab.path("out");
    let output = format!("type=local,dest={}", out.display());
    docker.ok(&["buildx", "build", "-o", &output, &context]);
    let word = std::fs::read_to_string(out.join("word")).expect("it came");
    assert_eq!(word.trim(), "none");
    // A failing step says so, and is the end.
    let bad = folder_with(lab, "bad-context", "FROM busybox\nRUN exit 9\n");
    let failed = docker.fails(&["buildx", "build", &bad]);
    assert!(failed.contains("exit code: 9"), "{failed}");
    docker.ok(&["rmi", "-f", "kit:1"]);
}

fn context_make(lab: &Lab, name: &str) -> String {
    let dockerfile = "FROM busybox\nARG WORD=none\nRUN echo $WORD > /word\nCMD cat /word\n";
    folder_with(lab, name, dockerfile)
}

fn folder_with(lab: &Lab, name: &str, dockerfile: &str) -> String {
    let folder: PathBuf = lab.path(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(Path::new(&folder).join("Dockerfile"), dockerfile).expect("a file");
    folder.to_string_lossy().into_owned()
}
