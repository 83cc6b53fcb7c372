//! Docker Compose with a project of five services, over three segments.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::program::Docker;
use crate::lab::Lab;

const COMPOSE: &str = "\
name: shop
services:
  proxy:
    image: busybox:latest
    command: [httpd, -f, -p, '8080', -h, /pages]
    stop_signal: SIGKILL
    ports: ['8080']
    volumes: ['pages:/pages']
    depends_on: [web]
  web:
    build: ./web
    image: shop-web:1
    environment: { GREETING: hello }
    stop_signal: SIGKILL
    deploy: { replicas: 2 }
    healthcheck:
      test: [CMD, wget, -qO-, 'http://127.0.0.1:8000/who']
      interval: 1s
      timeout: 5s
      retries: 10
    depends_on:
      database: { condition: service_started }
      migrate: { condition: service_completed_successfully }
  database:
    image: busybox:latest
    command: [sh, -c, 'echo row >> /data/rows; exec nc -ll -p 5432 -e cat /data/rows']
    stop_signal: SIGKILL
    volumes: ['data:/data']
  migrate:
    image: busybox:latest
    command: [sh, -c, 'until nc database 5432 </dev/null | grep row; do sleep 0.2; done; echo migrated']
    depends_on: [database]
  watcher:
    image: busybox:latest
    command: [sh, -c, 'while :; do wget -qO- http://web:8000/who; sleep 0.3; done']
    stop_signal: SIGKILL
    depends_on: { web: { condition: service_healthy } }
volumes:
  data: {}
  pages: {}
";

const DOCKERFILE: &str = "\
FROM busybox:latest
RUN mkdir /www
CMD echo web $(hostname) $GREETING > /www/who && exec httpd -f -p 8000 -h /www
";

struct Project<'a> {
    docker: Docker<'a>,
    file: String,
}

impl Project<'_> {
    fn compose(&self, args: &[&str]) -> String {
        let front = ["compose", "--progress", "plain", "-f", &self.file];
        let all = [&front[..], args].concat();
        // On a busy machine an engine's runc now and then loses the process that it has just made.
        // That start failed, engine or cluster alike; `up` again goes on where it stood.
        if args[0] == "up" {
            let said = self.docker.says(&all);
            if said.ok {
                return said.out;
            }
            assert!(said.err.contains("runc create failed"), "{}", said.err);
            eprintln!("runc failed once: {}", said.err);
        }
        self.docker.ok(&all)
    }

    /// `service` → the nodes that its containers are on.
    fn nodes_of(&self, service: &str) -> Vec<String> {
        let ids = self.compose(&["ps", "-q", service]);
        let mut nodes: Vec<String> = ids
            .lines()
            .map(|id| self.docker.ok(&["inspect", "-f", "{{json .}}", id]))
            .map(|text| {
                let container: serde_json::Value =
                    serde_json::from_str(&text).expect("JSON of a container");
                container["Node"]["Name"]
                    .as_str()
                    .expect("a node")
                    .to_owned()
            })
            .collect();
        nodes.sort();
        nodes
    }

    /// Every container's id and start, by which a second `up` is seen to have changed nothing.
    fn state(&self, services: &[&str]) -> BTreeSet<String> {
        let ids = self.compose(&[&["ps", "-q"][..], services].concat());
        ids.lines()
            .map(|id| {
                let format = ["inspect", "-f", "{{.Id}} {{.State.StartedAt}}", id];
                self.docker.ok(&format)
            })
            .collect()
    }
}

pub fn compose_runs_a_shop(lab: &mut Lab) {
    let Some(folder) = super::folder() else {
        return;
    };
    let shop = lab.path("shop");
    std::fs::create_dir_all(shop.join("web")).expect("a folder");
    std::fs::write(shop.join("compose.yaml"), COMPOSE).expect("a file");
    std::fs::write(shop.join("web/Dockerfile"), DOCKERFILE).expect("a file");
    let project = Project {
        docker: Docker::of_tree(lab, &folder.join("debian-13")).with_buildkit(),
        file: shop.join("compose.yaml").to_string_lossy().into_owned(),
    };
    assert!(project.compose(&["version", "--short"]).starts_with("2."));
    project.compose(&["build"]);
    project.compose(&["up", "-d"]);
    comes_up_everywhere(&project);
    finds_itself_by_name(lab, &project);
    a_second_up_changes_nothing(&project);
    grows_and_shrinks(lab, &project);
    the_data_stays(&project);
    works_from_day_to_day(&project, &shop);
    goes_without_a_trace(lab, &project);
}

fn comes_up_everywhere(project: &Project<'_>) {
    let all = project.compose(&["ps", "-a", "--format", "{{.Service}} {{.State}}"]);
    let mut all: Vec<&str> = all.lines().collect();
    all.sort_unstable();
    let wanted = [
        "database running",
        "migrate exited",
        "proxy running",
        "watcher running",
        "web running",
        "web running",
    ];
    assert_eq!(all, wanted);
    let services = ["proxy", "web", "database", "watcher"];
    let nodes: BTreeSet<String> = services
        .iter()
        .flat_map(|name| project.nodes_of(name))
        .collect();
    assert_eq!(nodes.len(), 3, "they are spread: {nodes:?}");
    let replicas = project.nodes_of("web");
    assert_ne!(replicas[0], replicas[1], "replicas are apart");
}

fn finds_itself_by_name(lab: &Lab, project: &Project<'_>) {
    let who = project.compose(&["exec", "-T", "proxy", "wget", "-qO-", "http://web:8000/who"]);
    assert!(who.starts_with("web ") && who.ends_with(" hello"), "{who}");
    // The watcher meets both replicas behind the one name.
    lab.wait_until("both answer", Duration::from_secs(20), |_| {
        let said = project.compose(&["logs", "--no-log-prefix", "--no-color", "watcher"]);
        let hosts: BTreeSet<&str> = said
            .lines()
            .filter_map(|line| line.split(' ').nth(1))
            .collect();
        hosts.len() == 2
    });
    let migrated = project.compose(&["logs", "--no-color", "--tail", "1", "migrate"]);
    assert!(migrated.contains("migrated"), "{migrated}");
    let ran = [
        "run",
        "--rm",
        "-T",
        "--no-deps",
        "proxy",
        "nc",
        "database",
        "5432",
    ];
    assert_eq!(project.compose(&ran), "row");
}

fn a_second_up_changes_nothing(project: &Project<'_>) {
    let lasting = ["proxy", "web", "database", "watcher"];
    let before = project.state(&lasting);
    project.compose(&["up", "-d"]);
    assert_eq!(project.state(&lasting), before);
}

fn grows_and_shrinks(lab: &Lab, project: &Project<'_>) {
    let count = || project.compose(&["ps", "-q", "web"]).lines().count();
    project.compose(&["up", "-d", "--no-recreate", "--scale", "web=4"]);
    assert_eq!(count(), 4);
    // Spread counts all containers, not those of one service: two nodes may have room for all four.
    let nodes: BTreeSet<String> = project.nodes_of("web").into_iter().collect();
    assert!(nodes.len() >= 2, "{nodes:?}");
    project.compose(&["scale", "--no-deps", "web=2"]);
    assert_eq!(count(), 2);
    let started = || project.state(&["web"]);
    let before = started();
    project.compose(&["restart", "web"]);
    assert!(started().is_disjoint(&before), "they were started anew");
    lab.wait_until("they are healthy", Duration::from_secs(20), |_| {
        let said = project.compose(&["ps", "--format", "{{.Health}}", "web"]);
        said.lines().all(|health| health == "healthy")
    });
}

fn the_data_stays(project: &Project<'_>) {
    let node = project.nodes_of("database");
    project.compose(&["up", "-d", "--no-deps", "--force-recreate", "database"]);
    assert_eq!(project.nodes_of("database"), node, "back to its volume");
    let rows = ["exec", "-T", "database", "cat", "/data/rows"];
    assert_eq!(project.compose(&rows), "row\nrow");
    project.compose(&["down"]);
    project.compose(&["up", "-d", "database"]);
    assert_eq!(project.nodes_of("database"), node, "after `down` too");
    assert_eq!(project.compose(&rows), "row\nrow\nrow");
    project.compose(&["up", "-d"]);
}

fn works_from_day_to_day(project: &Project<'_>, shop: &Path) {
    project.compose(&["pause", "watcher"]);
    project.compose(&["unpause", "watcher"]);
    project.compose(&["stop", "watcher"]);
    project.compose(&["start", "watcher"]);
    assert!(project.compose(&["top", "watcher"]).contains("sleep 0.3"));
    assert!(project.compose(&["port", "proxy", "8080"]).contains(':'));
    assert!(project.compose(&["images"]).contains("shop-web"));
    assert!(project.compose(&["ls"]).contains("shop"));
    let copied = shop.join("passwd");
    let copied = copied.to_string_lossy();
    project.compose(&["cp", "watcher:/etc/passwd", &copied]);
    let text = std::fs::read_to_string(&*copied).expect("it came");
    assert!(text.starts_with("root:"), "{text}");
    project.compose(&["kill", "watcher"]);
    project.compose(&["rm", "-f", "watcher"]);
}

fn goes_without_a_trace(lab: &Lab, project: &Project<'_>) {
    project.compose(&["down", "-v", "--rmi", "local"]);
    for list in [
        &[
            "ps",
            "-aq",
            "--filter",
            "label=com.docker.compose.project=shop",
        ][..],
        &["volume", "ls", "-q", "--filter", "name=shop_"],
        &["network", "ls", "-q", "--filter", "name=shop_"],
    ] {
        assert_eq!(lab.docker_ok(list), "", "{list:?}");
    }
    lab.docker(&["rmi", "-f", "shop-web:1"]);
}

const BUILT: &str = "\
name: built
services:
  said:
    build: .
    image: built-said:1
    command: cat /word
";

/// With either builder, by itself and on the way up.
pub fn compose_builds(lab: &mut Lab) {
    let Some(folder) = super::folder() else {
        return;
    };
    let dir = lab.path("built");
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("compose.yaml"), BUILT).expect("a file");
    let docker = || Docker::of_tree(lab, &folder.join("debian-13"));
    for (docker, word) in [(docker(), "classic"), (docker().with_buildkit(), "kit")] {
        let project = Project {
            docker,
            file: dir.join("compose.yaml").to_string_lossy().into_owned(),
        };
        let dockerfile = |word: &str| {
            let text = format!("FROM busybox\nRUN echo {word} > /word\n");
            std::fs::write(dir.join("Dockerfile"), text).expect("a file");
        };
        dockerfile(word);
        project.compose(&["build"]);
        let said = ["run", "--rm", "-T", "said"];
        assert_eq!(project.compose(&said), word);
        let anew = format!("{word}-anew");
        dockerfile(&anew);
        project.compose(&["up", "--build", "--no-log-prefix"]);
        let logs = ["logs", "--no-log-prefix", "--no-color", "said"];
        // Some versions clear the line first.
        let logs = project.compose(&logs);
        assert_eq!(logs.trim_start_matches("\u{1b}[2K"), anew);
        project.compose(&["down", "--rmi", "all"]);
        assert_eq!(lab.docker_ok(&["images", "-q", "built-said"]), "");
    }
}
