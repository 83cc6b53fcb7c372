//! What passes, and in which form.

use serde_json::{Value, json};

use super::one;
use crate::cluster::{Cluster, request};
use crate::refused;
use crate::state::CONTAINERS;
use crate::tally::Tally;

/// A create in an old version, with everything a proxy could be confused by, as it goes on.
pub fn create_as_written(cluster: &Cluster, tally: &mut Tally) {
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Carina-Client-Serial", "00"),
        ("X-Carina-Manager", "10.0.0.1"),
        ("X-Carina-Term", "99999999999"),
        ("Cookie", "a=b"),
        ("Authorization", "Basic eA=="),
        ("X-Forwarded-For", "10.0.0.1"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Trailer", "X-Late"),
        ("Connection", "close, X-Registry-Auth"),
        ("X-Registry-Auth", "eyJhIjoiYiJ9"),
        ("Transfer-Encoding", "chunked"),
    ];
    let body = r#" { "\u0049mage":"busybox", "Env":["A=1","constraint:node==n1"], "HostConfig":{"Privileged":false,"VolumesFrom":["swarm-data:rw"],"Binds":["data:/data"],"ContainerIDFile":"/x"} } "#;
    let chunked = format!("{:x}\r\n{body}\r\n0\r\nX-Late: x\r\n\r\n", body.len());
    let (status, answer) = cluster.raw(&request(
        "POST",
        "/v1.24/%63ontainers/create?name=%2Fnew",
        &headers,
        chunked.as_bytes(),
    ));
    assert!(answer.contains("HTTP/1.1 201"), "{status} {answer}");
    let create = one(cluster, "N");
    assert_eq!(create.target, "/v1.24/containers/create?name=new");
    tally.add("B12", "canonical");
    assert_eq!(create.protocol, "HTTP/1.1", "A7");
    let sent = create.json();
    assert_eq!(sent["Env"], json!(["A=1"]));
    assert_eq!(sent["Image"], "busybox");
    tally.add("B6", "read, then written anew");
    let host = &sent["HostConfig"];
    assert_eq!(host["VolumesFrom"], json!(["swarm-data:ro"]), "C5");
    tally.add("C5", "swarm-data alone, read-only");
    assert_eq!(
        (&host["IpcMode"], &host["CgroupnsMode"]),
        (&json!("private"), &json!("private"))
    );
    tally.add("B16", "defaults written out");
    assert_eq!(host["ContainerIDFile"], Value::Null, "C25");
    tally.add("C25", "dropped");
    assert_eq!(sent.get("Privileged"), None);
    assert_eq!(host["Privileged"], json!(false));
    tally.add("B9", "one model, written anew");
    assert_eq!(create.header("content-type"), Some("application/json"));
    let mut names: Vec<&str> = create
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in &names {
        // The term is the manager's own, and its own value.
        let known = [
            "accept",
            "content-length",
            "content-type",
            "host",
            "user-agent",
        ];
        assert!(known.contains(name), "A12: {name} went on");
    }
    tally.add("A12", "not sent on");
    tally.add("A6", "not sent on");
}

/// Tar archives: what goes on, and what would be unpacked by the container's own programs.
pub fn archives(cluster: &Cluster, tally: &mut Tally) {
    let put = |body: &[u8], path: &str| {
        let target = format!("/containers/web/archive?path={path}");
        cluster.raw(&request(
            "PUT",
            &target,
            &[("Content-Type", "application/x-tar")],
            body,
        ))
    };
    for mark in [
        &b"\x1f\x8b\x08\0\0\0\0\0\0\0"[..],
        b"\xfd7zXZ\0\0\x04",
        b"BZh91AY&SY",
        b"\x28\xb5\x2f\xfd\0\0\0",
        b"\x50\x2a\x4d\x18\0\0\0\0",
        b"\x5d\0\0\x80\0\xff",
    ] {
        let got = put(mark, "%2F");
        tally.add("F1", refused(cluster, &format!("F1 {mark:?}"), 1022, got));
    }
    let mut tar = b"name".to_vec();
    tar.resize(1024, 0);
    let (status, answer) = put(&tar, "%2Ftmp");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(one(cluster, "F1").body, tar, "F1");
    // In pieces smaller than the mark it is the same.
    let head = "PUT /containers/web/archive?path=%2F HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = [
        head.as_bytes(),
        b"1\r\n\x1f\r\n1\r\n\x8b\r\n1\r\n\x08\r\n4\r\nabcd\r\n0\r\n\r\n",
    ]
    .concat();
    let got = cluster.raw(&bytes);
    tally.add("F1", refused(cluster, "F1", 1022, got));
    for path in ["%2Fproc%2F1%2Froot", "%2Fsys", "%2Fx%2F..%2Fproc"] {
        let got = put(&tar, path);
        tally.add("F2", refused(cluster, &format!("F2 {path}"), 1022, got));
    }
    // A start's body is not sent on.
    let body = r#"{"Privileged":true}"#;
    cluster.ask("POST /v1.45/containers/web/start", body);
    assert!(one(cluster, "G5").body.is_empty(), "G5");
    tally.add("G5", "not sent on");
}

/// What answers tell.
pub fn answers(cluster: &Cluster, tally: &mut Tally) {
    let (status, swarm) = cluster.ask("GET /swarm", "");
    assert_eq!(status, 200, "{swarm}");
    for secret in ["SWMTKN", "TrustRoot", "SigningCAKey", "secret"] {
        assert!(!swarm.contains(secret), "I8: {swarm}");
    }
    tally.add("I8", "left out");
    let (status, info) = cluster.ask("GET /info", "");
    assert_eq!(status, 200, "{info}");
    assert!(!info.contains("secret"), "K: {info}");
    tally.add("K", "left out");
    let (_, plugins) = cluster.ask("GET /plugins", "");
    assert!(plugins.ends_with("[]"), "I12: {plugins}");
    // Prunes pass over what carries the system's label, whatever else is asked for.
    cluster.reached();
    for target in [
        "/containers/prune",
        "/volumes/prune?filters=%7B%22all%22%3A%7B%22true%22%3Atrue%7D%7D",
    ] {
        cluster.ask(&format!("POST {target}"), "");
        let reached = cluster.reached();
        assert_eq!(reached.len(), 2, "K {reached:?}");
        for request in reached {
            let filter = "label%21%22%3A%7B%22carina.system%22%3Atrue";
            assert!(request.target.contains(filter), "K {request:?}");
        }
        tally.add("K", "the system's are passed over");
    }
}

/// What clients send every day, and names in every spelling.
pub fn clients_everyday(cluster: &Cluster, tally: &mut Tally) {
    let plain = r#"{"Hostname":"","Env":null,"Cmd":["true"],"Image":"busybox","Volumes":{},"Entrypoint":null,"OnBuild":null,"Labels":{},"HostConfig":{"Binds":["data:/x:ro"],"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default","PortBindings":{},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[24,80],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"","Dns":[],"IpcMode":"","Cgroup":"","PidMode":"","Privileged":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":0,"BlkioWeightDevice":[],"Devices":[],"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":null,"MaskedPaths":null,"ReadonlyPaths":null},"NetworkingConfig":{"EndpointsConfig":{"default":{}}}}"#;
    for target in [
        "POST /containers/create",
        "POST /v1.45/containers/create?name=n",
    ] {
        let (status, answer) = cluster.ask(target, plain);
        assert!(status == 201, "N {status} {answer}");
        one(cluster, "N");
        tally.add("N", "works");
    }
    let web = CONTAINERS[6].id();
    for name in ["web", "n1/web", "n1%2Fweb", "7777", &web[..12], &web] {
        let (status, answer) = cluster.ask(
            &format!("POST /v1.45/containers/{name}/kill?signal=HUP"),
            "",
        );
        assert!(status < 300, "{name}: {answer}");
        // The engine gets the whole id and only what the route knows.
        let reached = one(cluster, name);
        assert_eq!(
            reached.target,
            format!("/v1.45/containers/{web}/kill?signal=HUP")
        );
        tally.add("M2", "the whole id is sent on");
    }
    // A rollback is judged by what comes back, not by what runs and clients send along.
    let runs = r#"{"Name":"mended","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}}"#;
    let back = "POST /services/mended/update?version=7&rollback=previous";
    let (status, answer) = cluster.ask(back, runs);
    assert_eq!(status, 200, "I7 {answer}");
    let reached = one(cluster, "I7");
    assert_eq!(
        reached.target,
        "/v1.45/services/mended/update?rollback=previous&version=7"
    );
    tally.add("I7", "judged by what comes back");
    for target in [
        "GET /containers/n1/swarm-agent/json",
        "GET /v1.45/containers/n2/swarm-agent/logs?stdout=1",
        "GET /containers/n2/swarm-manager/top",
        "GET /images/swarm/json",
        "GET /volumes/n1/swarm-data",
    ] {
        let (status, answer) = cluster.ask(target, "");
        assert_eq!(status, 200, "{target}: {answer}");
        tally.add("N", "works");
    }
    cluster.reached();
}

/// Passwords of registries stand in no log, though everything is logged.
pub fn secrets_in_logs(cluster: &Cluster, tally: &mut Tally) {
    let secret = "c2VjcmV0LXdvcmQtMTcyOQ";
    let auth = format!(r#"{{"username":"a","password":"{secret}","serveraddress":"r.example"}}"#);
    cluster.ask("POST /auth", &auth);
    let headers = [("X-Registry-Auth", secret), ("X-Registry-Config", secret)];
    cluster.raw(&request("POST", "/images/busybox/push", &headers, b""));
    cluster.raw(&request("POST", "/build", &headers, b""));
    let bad = format!(r#"{{"password":"{secret}","x":1}}"#);
    cluster.ask("POST /auth", &bad);
    let passed = cluster.reached();
    assert!(passed.len() >= 3, "J2 {passed:?}");
    let log = cluster.log();
    let refusal = "refused by policy code=CARINA-1001";
    assert!(log.contains(refusal), "what is refused is noted: {log}");
    assert!(!log.contains(secret), "J2");
    tally.add("J2", "in no log");
    let (_, answer) = cluster.ask("POST /auth", &bad);
    assert!(!answer.contains(secret), "J2 {answer}");
    // Whichever registry is meant, an engine asks it: what it may reach is for the segment's rules.
    cluster.reached();
}
