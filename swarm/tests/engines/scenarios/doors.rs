//! Who comes in, and who does not.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::lab::{CLUSTER, Client, Lab, Node, Process, Said, api, door, run};

pub fn only_this_cluster_s_clients_come_in(lab: &mut Lab) {
    let ip = lab.nodes[0].ip;
    let ping = |client: Option<&Client>| api(&lab.certs, ip, client, "GET /_ping", "");
    assert_eq!(ping(Some(&lab.alice)).map(|got| got.0), Some(200));
    assert_eq!(ping(None), None, "no certificate");
    let other = "0190a5f2-7a3b-7c00-8000-0000000000ff";
    for client in [
        lab.certs.client_foreign("signed-elsewhere", CLUSTER),
        lab.certs.client("of-another-cluster", other),
        lab.certs.client_wrong_usage("a-server", CLUSTER),
    ] {
        assert_eq!(ping(Some(&client)), None, "{}", client.dir.display());
        assert!(!lab.docker_at(0, &client, &["ps"]).ok);
    }
    // Only managers may speak for others: a client's header is taken away, and does no harm.
    lab.docker_ok(&["ps"]);
}

/// The pair that `swarm-data` shows to containers: from the lab's gateway, which is where a front
/// door connects from, nobody comes in with it.
pub fn the_cluster_s_own_certificate_opens_from_inside_alone(lab: &mut Lab) {
    let dir = lab.path("own-bundle");
    std::fs::create_dir_all(&dir).expect("a directory");
    for (from, name) in [
        (lab.certs.cluster_ca(), "ca.pem"),
        (lab.certs.server_cert(), "cert.pem"),
        (lab.certs.server_key(), "key.pem"),
    ] {
        std::fs::copy(from, dir.join(name)).expect("copied");
    }
    let own = Client {
        dir,
        serial: String::new(),
    };
    for k in 0..lab.nodes.len() {
        let outside = lab.docker_at(k, &own, &["ps", "-q"]);
        assert!(!outside.ok, "{k}: {}", outside.out);
        // From each segment at each manager: its own address, and a neighbor's.
        for node in &lab.nodes {
            let inside = Said::from(run(docker_in(lab, node, k, &own)));
            assert!(inside.ok, "{} at {k}: {}", node.name, inside.err);
        }
    }
    container_comes_in(lab, &own);
}

/// `docker ps` in the network of `node`, at the `k`th manager.
fn docker_in(lab: &Lab, node: &Node, k: usize, client: &Client) -> Command {
    let mut command = node.command("docker");
    command.args(["ps", "-q"]);
    for (key, value) in lab.docker_command(k, client, &[]).get_envs() {
        if let Some(value) = value {
            command.env(key, value);
        }
    }
    command
}

/// What comes from a container on the engine's own bridge: it passes on a connection of a client's
/// that is outside, which is what one that somebody left running can do.
fn container_comes_in(lab: &Lab, own: &Client) {
    let ip = lab.nodes[0].ip;
    let pass = format!("nc -ll -p 2376 -e nc {ip} 2376");
    let create = ["run", "-d", "--name", "passing", "-p", "12377:2376"];
    let on_first = ["-e", "constraint:node==*-n1", "busybox", "sh", "-c", &pass];
    lab.docker_ok(&[&create[..], &on_first[..]].concat());
    let host = format!("tcp://{ip}:12377");
    lab.wait_until("a container comes in", Duration::from_secs(10), |lab| {
        let mut command = lab.docker_command(0, own, &["ps", "-q"]);
        command.env("DOCKER_HOST", &host);
        run(command).status.success()
    });
}

pub fn garbage_is_shrugged_off(lab: &mut Lab) {
    for k in 0..2 {
        let ip = lab.nodes[k].ip;
        for port in [2376, 42376] {
            for garbage in [
                &b"GET / HTTP/1.1\r\n\r\n"[..],
                &[0; 4096],
                &[0xff; 100_000],
                b"\x16\x03\x01\xff\xff\x01",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"",
            ] {
                throw(ip, port, garbage);
            }
        }
        assert!(lab.docker_at(k, &lab.alice, &["ps"]).ok);
    }
    // Two hundred who say nothing keep nobody out.
    let ip = lab.nodes[0].ip;
    let silent: Vec<TcpStream> = (0..200)
        .filter_map(|_| TcpStream::connect((ip, 2376)).ok())
        .collect();
    let began = Instant::now();
    assert!(lab.docker(&["ps"]).ok);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    drop(silent);
}

fn throw(ip: Ipv4Addr, port: u16, garbage: &[u8]) {
    let mut stream = TcpStream::connect((ip, port)).expect("it listens");
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = stream.write_all(garbage);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(
        !answer.windows(8).any(|part| part == b"HTTP/1.1"),
        "nothing is served in the clear"
    );
}

pub fn the_engine_s_door_knows_two_callers(lab: &mut Lab) {
    let ip = lab.nodes[0].ip;
    let status = |who, request| door(&lab.certs, ip, who, request).map(|got| got.0);
    assert_eq!(status("manager", "GET /_ping"), Some(200));
    assert_eq!(status("owner", "GET /info"), Some(200));
    assert_eq!(status("stranger", "GET /_ping"), None);
    assert_eq!(status("manager", "GET /carina/v1/status"), Some(403));
    // There is no init here to answer; but it is asked.
    assert_eq!(status("owner", "GET /carina/v1/status"), Some(502));
    // The cluster's own certificates open no engine, and engines' certificates no manager.
    assert_eq!(status("discovery", "GET /_ping"), None);
    let owner = lab.certs.pair("owner");
    let dir = lab.path("owner-bundle");
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::copy(owner.0, dir.join("cert.pem")).expect("copied");
    std::fs::copy(owner.1, dir.join("key.pem")).expect("copied");
    let client = Client {
        dir,
        serial: String::new(),
    };
    assert_eq!(api(&lab.certs, ip, Some(&client), "GET /_ping", ""), None);
}

pub fn a_revoked_certificate_is_cut_off(lab: &mut Lab) {
    lab.docker_ok(&[
        "run",
        "-d",
        "--name",
        "talk",
        "busybox",
        "sh",
        "-c",
        "while :; do date; sleep 1; done",
    ]);
    let bob = lab.certs.client("bob", CLUSTER);
    assert!(lab.docker_at(0, &bob, &["ps"]).ok);
    // A stream, and a hijacked connection; one of them through a replica.
    let mut events = lab.docker_background(0, &bob, "bob-events.log", &["events"]);
    let sleep = ["exec", "talk", "sh", "-c", "echo begun; sleep 300"];
    let mut exec = lab.docker_background(1, &bob, "bob-exec.log", &sleep);
    // BuildKit's session and its orders are tunnels of their own.
    let context = lab.path("bob-context");
    std::fs::create_dir_all(&context).expect("a directory");
    let dockerfile = "FROM busybox\nRUN echo bob-builds; sleep 299\n";
    std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
    let context = context.to_string_lossy().into_owned();
    let build = [
        "buildx",
        "build",
        "--progress=plain",
        "--no-cache",
        &context,
    ];
    let buildx = lab.docker_with_plugins(0, &build).map(|mut command| {
        command.env("DOCKER_CERT_PATH", &bob.dir);
        Process::start(command, &lab.path("bob-build.log"))
    });
    lab.wait_until("bob is connected", Duration::from_secs(20), |lab| {
        let builds = lab.read("bob-build.log").matches("bob-builds").count() > 1;
        lab.read("bob-exec.log").contains("begun") && (builds || buildx.is_none())
    });
    assert!(events.is_running() && exec.is_running());
    let mut all = vec![("stream", &mut events), ("hijacked connection", &mut exec)];
    let mut buildx = buildx;
    all.extend(buildx.as_mut().map(|process| ("build", process)));
    lab.discovery.revoke(&bob.serial);
    let end = Instant::now() + Duration::from_secs(3);
    while all.iter_mut().any(|(_, process)| process.is_running()) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    for (what, process) in all {
        assert!(!process.is_running(), "the {what} is cut");
    }
    lab.wait_until("nothing builds", Duration::from_secs(10), |lab| {
        let trees = lab.nodes.iter().flat_map(|node| node.engine_tree());
        let commands = trees.map(|pid| std::fs::read(format!("/proc/{pid}/cmdline")));
        !commands
            .flatten()
            .any(|command| command.ends_with(b"sleep\x00299\x00"))
    });
    for k in 0..3 {
        assert!(!lab.docker_at(k, &bob, &["ps"]).ok, "{k}");
    }
    assert!(lab.docker(&["ps"]).ok, "others stay");
}
