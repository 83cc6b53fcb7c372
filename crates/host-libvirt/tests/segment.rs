//! A real segment from inside: its engine answers, its system containers are there and come back,
//! and a stop leaves nothing. With `CARINA_TEST_LIBVIRT=1` only, and it says so when it does not
//! run. What listens in the system containers is another test's affair: the seed has no real
//! certificates.

mod segments;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::Host;
use host::contract::engine::{check_answer, check_growth};
use host::contract::{Ground, check};
use host_libvirt::LibvirtHost;
use model::ClusterId;
use segments::{BOOTS_WITHIN, SWITCH, image, inside, wait_for};
use uuid::Uuid;
use wire::{ContainersUsage, INIT_SOCKET, SYSTEM_CONTAINERS, SegmentStatus, route};

const COMES_BACK_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_segment_runs_its_engine_and_keeps_its_system_containers() {
    if std::env::var(SWITCH).as_deref() != Ok("1") {
        eprintln!("skipped: set {SWITCH}=1 on a prepared host to run it");
        return;
    }
    let host: Arc<dyn Host> = Arc::new(LibvirtHost::new("test", "lxc:///"));
    let ground = Ground {
        cluster: ClusterId(Uuid::from_bytes(*b"carina-segment-t")),
        subnet: "10.84.252.0/24".parse().expect("a subnet"),
        id_base: 2_101_018_624,
        image: image(),
    };
    check(host, ground, |host, ground| Box::pin(lives(host, ground))).await;
}

async fn lives(host: &dyn Host, ground: &Ground) {
    let node = ground.node(1);
    host.network_ensure(&ground.network())
        .await
        .expect("a network");
    host.segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await
        .expect("a segment");
    let began = Instant::now();
    host.segment_ensure_running(&node).await.expect("a start");
    let inside = inside(&node.to_string());
    let status = wait_for(BOOTS_WITHIN, || {
        let status = look_at(&inside)?;
        let has_all = status.system.iter().all(|one| one.state != "missing");
        (status.engine_version.is_some() && has_all).then_some(status)
    });
    eprintln!("up after {:?}: {:?}", began.elapsed(), status.boot);
    assert_eq!(status.node, node.to_string());
    assert_eq!(status.system.len(), SYSTEM_CONTAINERS.len());
    assert!(status.memory_bytes > 0 && status.memory_limit_bytes == 2 << 30);
    assert!(status.disk_total_bytes > 15 << 30);

    let docker = inside.join("run/docker.sock");
    tells_what_containers_use(&inside, &docker);

    // Only the segment's owner could do this, through the engine itself.
    for name in SYSTEM_CONTAINERS {
        let path = format!("/v1.41/containers/{name}?force=1");
        assert!(ask(&docker, "DELETE", &path, "").is_some(), "{name}");
    }
    wait_for(COMES_BACK_WITHIN, || {
        let status = look_at(&inside)?;
        let has_all = status.system.iter().all(|one| one.state != "missing");
        has_all.then_some(())
    });

    // An image of somebody's, under the system's name and labels, does not become the next agent.
    let ours = image_of(&docker, "swarm-agent").expect("an image");
    let path = "/v1.41/commit?container=swarm-data&repo=swarm&tag=latest";
    assert_eq!(ask(&docker, "POST", path, "{}").expect("an answer").0, 201);
    let path = "/v1.41/containers/swarm-agent?force=1";
    assert_eq!(ask(&docker, "DELETE", path, "").expect("an answer").0, 204);
    let again = wait_for(COMES_BACK_WITHIN, || image_of(&docker, "swarm-agent"));
    let tagged = json_of(&docker, "/v1.41/images/swarm:latest/json").expect("an image");
    assert_eq!(again, ours);
    assert_eq!(tagged["Id"], ours, "the name was not taken back");

    // A newer seed is taken, an older one and another segment's are not.
    let rebuild = |seed: Vec<u8>| {
        let seed = String::from_utf8(seed).expect("a seed is JSON");
        let answer = ask(&init_socket(&inside), "POST", route::REBUILD, &seed);
        answer.expect("an answer").0
    };
    assert_eq!(rebuild(ground.seed(1, 3)), 202);
    assert_eq!(rebuild(ground.seed(1, 2)), 409);
    assert_eq!(rebuild(ground.seed(2, 9)), 409);
    assert_eq!(rebuild(b"{}".to_vec()), 400);
    wait_for(COMES_BACK_WITHIN, || {
        let status = look_at(&inside)?;
        let has_all = status.system.iter().all(|one| one.state != "missing");
        (has_all && status.generation == 3).then_some(())
    });

    // What was taken outlives a stop, although the volume still holds the first one. A disk that
    // grew meanwhile is as large inside.
    host.segment_ensure_stopped(&node, 15)
        .await
        .expect("a stop");
    host.disk_ensure_grown(&node, 30 << 30)
        .await
        .expect("a larger disk");
    host.segment_ensure_running(&node).await.expect("a start");
    let inside = segments::inside(&node.to_string());
    let status = wait_for(BOOTS_WITHIN, || {
        look_at(&inside).filter(|status| status.engine_version.is_some())
    });
    assert_eq!(status.generation, 3);
    assert!(status.disk_total_bytes > 28 << 30, "{status:?}");
}

/// With a container that goes on trying to register somewhere where nobody is.
fn tells_what_containers_use(inside: &Path, docker: &Path) {
    let body = r#"{"Image":"swarm:latest","Cmd":["join","--advertise","192.0.2.1:1",
        "token://192.0.2.1:1/v1/none"]}"#;
    let path = "/v1.41/containers/create?name=busy";
    let (code, made) = ask(docker, "POST", path, body).expect("an answer");
    assert_eq!(code, 201, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let id = made["Id"].as_str().expect("an id");
    let path = "/v1.41/containers/busy/start";
    assert_eq!(ask(docker, "POST", path, "").expect("an answer").0, 204);
    let look = || {
        let (code, body) = ask(&init_socket(inside), "GET", route::CONTAINERS, "")?;
        assert_eq!(code, 200, "{body}");
        let told: ContainersUsage = serde_json::from_str(&body).expect("an answer");
        check_answer(&told.containers);
        let of = told.containers.into_iter().find(|one| one.id == id)?;
        (of.cpu_us > 0 && of.received_bytes.is_some()).then_some(of)
    };
    let first = wait_for(COMES_BACK_WITHIN, look);
    check_growth(&first, &wait_for(COMES_BACK_WITHIN, look));
    let path = "/v1.41/containers/busy?force=1";
    assert_eq!(ask(docker, "DELETE", path, "").expect("an answer").0, 204);
}

/// The id of the image that a container was made from, once it is there.
fn image_of(docker: &Path, name: &str) -> Option<String> {
    let container = json_of(docker, &format!("/v1.41/containers/{name}/json"))?;
    container["Image"].as_str().map(str::to_owned)
}

fn json_of(docker: &Path, path: &str) -> Option<serde_json::Value> {
    let (code, body) = ask(docker, "GET", path, "")?;
    (code == 200).then(|| serde_json::from_str(&body).expect("JSON"))
}

fn init_socket(inside: &Path) -> PathBuf {
    inside.join(INIT_SOCKET.trim_start_matches('/'))
}

fn look_at(inside: &Path) -> Option<SegmentStatus> {
    let (code, body) = ask(&init_socket(inside), "GET", route::STATUS, "")?;
    (code == 200).then(|| serde_json::from_str(&body).expect("a status"))
}

/// One request, by HTTP/1.0 so that no answer comes in chunks; `None` while nobody listens.
fn ask(socket: &Path, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = UnixStream::connect(socket).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: x\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let code = head.split(' ').nth(1)?.parse().ok()?;
    Some((code, body.to_owned()))
}
