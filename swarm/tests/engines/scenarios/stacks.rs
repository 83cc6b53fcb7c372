//! Stacks, the nodes that tasks are steered to, and the images that follow them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::node;
use super::services::{LIMIT, replicas_wait};
use crate::lab::Lab;

/// What the proxy's port shows.
fn page(ip: Ipv4Addr) -> Option<String> {
    let address = SocketAddr::from((ip, 8089));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(page)
}

const STACK: &str = r#"
services:
  proxy:
    image: busybox
    command: sh -c "mkdir /w && wget -qO /w/index.html http://web && httpd -f -p 80 -h /w"
    ports: [{target: 80, published: 8089, mode: host}]
    networks: [front]
    # A name that is not there yet is to be missed at once.
    dns: [127.0.0.1]
    configs: [settings]
    deploy: {endpoint_mode: dnsrr, restart_policy: {condition: any, delay: 500ms}}
  web:
    image: busybox
    command: sh -c "echo from a task > /index.html && httpd -f -p 80 -h /"
    networks: {front: {aliases: [pages]}}
    volumes: ["data:/data"]
    deploy:
      endpoint_mode: dnsrr
      replicas: 2
      update_config: {parallelism: 1, order: start-first, failure_action: rollback, max_failure_ratio: 0.1}
      placement: {max_replicas_per_node: 1, preferences: [{spread: node.id}]}
      resources: {limits: {cpus: "0.5", memory: 64M, pids: 50}, reservations: {memory: 8M}}
networks: {front: {}}
volumes: {data: {}}
configs: {settings: {file: ./settings}}
"#;

pub fn a_stack_is_deployed(lab: &mut Lab) {
    let file = lab.path("stack.yaml");
    std::fs::write(&file, format!("version: \"3.9\"\n{STACK}")).expect("a file");
    std::fs::write(lab.path("settings"), "x=1").expect("a file");
    let file = file.to_string_lossy().into_owned();
    let deploy = [
        "stack",
        "deploy",
        "-d",
        "--resolve-image",
        "never",
        "-c",
        &file,
        "shop",
    ];
    lab.docker_ok(&deploy);
    lab.docker_ok(&["stack", "ls"]);
    lab.wait_until("the stack runs", LIMIT, |lab| {
        let services = lab
            .docker(&[
                "stack",
                "services",
                "--format",
                "{{.Name}} {{.Replicas}}",
                "shop",
            ])
            .out;
        services.contains("shop_proxy 1/1") && services.contains("shop_web 2/2")
    });
    let tasks = lab.docker_ok(&[
        "stack",
        "ps",
        "--format",
        "{{.Name}} {{.Node}}",
        "-f",
        "desired-state=running",
        "shop",
    ]);
    assert_eq!(tasks.lines().count(), 3, "{tasks}");
    let proxy = tasks
        .lines()
        .find_map(|line| line.strip_prefix("shop_proxy.1 "))
        .expect(&tasks);
    let ip = lab
        .nodes
        .iter()
        .find(|node| node.name == proxy)
        .expect("a node")
        .ip;
    lab.wait_until("the proxy shows a page of a task", LIMIT, |_| {
        page(ip).is_some_and(|page| page.ends_with("from a task\n"))
    });
    // Deployed again with a change, it is updated.
    std::fs::write(
        &file,
        format!(
            "version: \"3.9\"\n{}",
            STACK.replace("replicas: 2", "replicas: 3")
        ),
    )
    .expect("a file");
    lab.docker_ok(&deploy);
    replicas_wait(lab, "shop_web", "3/3 (max 1 per node)");
    let bad = STACK.replace("\"data:/data\"", "\"/:/data\"");
    std::fs::write(&file, format!("version: \"3.9\"\n{bad}")).expect("a file");
    let error = lab.docker_err(&deploy);
    assert!(error.contains("CARINA-1002"), "{error}");
    lab.docker_ok(&["stack", "rm", "shop"]);
    lab.wait_until("nothing of the stack is left", LIMIT, |lab| {
        let networks = lab.docker(&["network", "ls", "-q", "-f", "name=shop_"]).out;
        let containers = lab.docker(&["ps", "-aq", "-f", "name=shop_"]).out;
        networks.is_empty() && containers.is_empty()
    });
    assert_eq!(lab.docker_ok(&["config", "ls", "-q"]), "");
    for k in 0..3 {
        lab.engine(k, &["volume", "rm", "shop_data"]);
    }
}

pub fn nodes_of_the_swarm_are_steered(lab: &mut Lab) {
    let list = lab.docker_ok(&[
        "node",
        "ls",
        "--format",
        "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}} {{.Self}}",
    ]);
    assert!(
        list.contains(&format!("{} Ready Active Leader true", node(1))),
        "{list}"
    );
    assert!(
        list.contains(&format!("{} Ready Active  false", node(2))),
        "{list}"
    );
    assert_eq!(
        lab.docker_ok(&["node", "inspect", "-f", "{{.Spec.Role}}", "self"]),
        "manager"
    );
    lab.docker_ok(&["node", "update", "--label-add", "disk=fast", &node(2)]);
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "pinned",
        "--endpoint-mode",
        "dnsrr",
        "--constraint",
        "node.labels.disk==fast",
        "busybox",
        "sleep",
        "300",
    ]);
    replicas_wait(lab, "pinned", "1/1");
    let tasks = lab.docker_ok(&[
        "node",
        "ps",
        "--format",
        "{{.Name}}",
        "-f",
        "desired-state=running",
        &node(2),
    ]);
    assert!(tasks.contains("pinned.1"), "{tasks}");
    lab.docker_ok(&["node", "update", "--availability", "drain", &node(2)]);
    replicas_wait(lab, "pinned", "0/1");
    // Containers heed it as tasks do.
    let there = [
        "create",
        "--name",
        "there",
        "-e",
        "constraint:node==n2",
        "busybox",
    ];
    lab.wait_until("n2 takes no container", LIMIT, |lab| {
        let said = lab.docker(&there);
        if said.ok {
            lab.docker_ok(&["rm", "there"]);
        }
        said.err.contains("n2: it is drained")
    });
    let made: Vec<String> = (0..6)
        .map(|_| lab.docker_ok(&["create", "busybox"]))
        .collect();
    let on = ["inspect", "-f", "{{.Node.Name}}"];
    let made: Vec<&str> = made.iter().map(String::as_str).collect();
    let nodes = lab.docker_ok(&[&on[..], &made].concat());
    assert!(!nodes.contains(&node(2)), "{nodes}");
    lab.docker_ok(&[&["rm"][..], &made].concat());
    lab.docker_ok(&[
        "node",
        "update",
        "--availability",
        "active",
        "--label-rm",
        "disk",
        &node(2),
    ]);
    lab.wait_until("n2 takes containers again", LIMIT, |lab| {
        lab.docker(&there).ok
    });
    lab.docker_ok(&["rm", "there"]);
    for args in [["node", "promote", &node(2)], ["node", "demote", &node(1)]] {
        let error = lab.docker_err(&args);
        assert!(error.contains("CARINA-1024"), "{args:?}: {error}");
    }
    let error = lab.docker_err(&["node", "update", "--label-add", "carina.x=y", &node(2)]);
    assert!(error.contains("CARINA-1018"), "{error}");
    let info = lab.docker_ok(&["info", "-f", "{{json .Swarm}}"]);
    assert!(
        info.contains("\"ControlAvailable\":true") && !info.contains("BEGIN"),
        "{info}"
    );
    lab.docker_ok(&["service", "rm", "pinned"]);
}

/// A service's image that one segment alone has is brought to all: tasks run anywhere.
pub fn an_image_follows_its_service(lab: &mut Lab) {
    let tree = lab.path("busybox.tar");
    let import = ["import", "-m", "alone", &tree.to_string_lossy(), "alone:1"].map(str::to_owned);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    lab.engine_ok(1, &import);
    lab.wait_until("the image is known", LIMIT, |lab| {
        lab.docker(&["image", "inspect", "alone:1"]).ok
    });
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "alone",
        "--mode",
        "global",
        "--endpoint-mode",
        "dnsrr",
        "alone:1",
        "sleep",
        "300",
    ]);
    for k in 0..3 {
        assert!(lab.engine(k, &["image", "inspect", "alone:1"]).ok, "{k}");
    }
    replicas_wait(lab, "alone", "3/3");
    lab.docker_ok(&["service", "rm", "alone"]);
    lab.containers_remove();
    lab.docker_ok(&["rmi", "-f", "alone:1"]);
}

/// While the swarm's manager is away, services go on and a call about them says who is missing.
pub fn services_wait_for_their_manager(lab: &mut Lab) {
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "patient",
        "--mode",
        "global",
        "--endpoint-mode",
        "dnsrr",
        "busybox",
        "sleep",
        "300",
    ]);
    replicas_wait(lab, "patient", "3/3");
    lab.nodes[0].agent = None;
    let list = ["service", "ls"];
    lab.wait_until("the manager is missed", LIMIT, |lab| {
        let said = lab.docker(&list);
        !said.ok && said.err.contains(&node(1)) && said.err.contains("does not answer")
    });
    assert!(lab.engine(0, &list).out.contains("3/3"));
    lab.agent_start(0);
    lab.wait_until("the manager is back", LIMIT, |lab| lab.docker(&list).ok);
    lab.docker_ok(&["service", "rm", "patient"]);
    lab.wait_until("every node is healthy", LIMIT, |lab| {
        lab.docker(&["info"]).out.matches("Status: Healthy").count() == lab.nodes.len()
    });
}
