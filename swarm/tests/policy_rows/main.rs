//! The manager's door, from outside: what the policy or the route table refuses reaches no engine,
//! and what is allowed reaches it as we write it. The ids are those of the list of known ways round.

mod door;
mod engine;

use door::Door;
use engine::CONTAINERS;
use swarm::api::route::{Body, Treatment, rows};
use swarm::api::{Route, Version};

#[test]
fn what_is_refused_reaches_no_engine() {
    let door = Door::open();
    refused_requests(&door);
    system_containers(&door);
    odd_bytes(&door);
    allowed_requests(&door);
}

fn refused_requests(door: &Door) {
    let create = |id: &str, host_config: &str, code: &str| {
        let body = format!(r#"{{"Image":"busybox","HostConfig":{host_config}}}"#);
        door.refused(
            id,
            "POST",
            "/v1.45/containers/create?name=x",
            &body,
            403,
            code,
        );
        // Unversioned and oddly escaped, it is the same route.
        door.refused(
            id,
            "POST",
            "/%63ontainers/cre%61te?name=x",
            &body,
            403,
            code,
        );
    };
    create(
        "C1",
        r#"{"Binds":["/:/h"]}"#,
        "CARINA-1002: Host mount path(s) not allowed by policy: /",
    );
    create(
        "C2",
        r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}"#,
        "CARINA-1002",
    );
    create(
        "C3",
        r#"{"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":{"device":"/"}}}}]}"#,
        "CARINA-1014",
    );
    create("C5", r#"{"VolumesFrom":["swarm-agent"]}"#, "CARINA-1019");
    create("C5", r#"{"VolumesFrom":["5b"]}"#, "CARINA-1019");
    create("C8", r#"{"Privileged":true}"#, "CARINA-1001");
    create("C9", r#"{"CapAdd":["ALL"]}"#, "CARINA-1003");
    create("C9", r#"{"CapDrop":["ALL"]}"#, "CARINA-1004");
    create(
        "C10",
        r#"{"SecurityOpt":["seccomp=unconfined"]}"#,
        "CARINA-1000",
    );
    create("C11", r#"{"MaskedPaths":[]}"#, "CARINA-1013");
    create("C12", r#"{"PidMode":"host"}"#, "CARINA-1007");
    create("C13", r#"{"IpcMode":"host"}"#, "CARINA-1006");
    create("C15", r#"{"NetworkMode":"host"}"#, "CARINA-1007");
    create("C15", r#"{"NetworkMode":"e1b"}"#, "CARINA-1007");
    create(
        "C15",
        r#"{"NetworkMode":"container:swarm-manager"}"#,
        "CARINA-1019",
    );
    create(
        "C17",
        r#"{"Devices":[{"PathOnHost":"/dev/null"}]}"#,
        "CARINA-1008",
    );

    #[rustfmt::skip]
    let rows: &[(&str, &str, &str, &str, u16, &str)] = &[
        ("A1", "POST", "/containers/create", "", 400, ""),
        ("B1", "POST", "/containers/create", r#"{"Image":"busybox","hostconfig":{"Privileged":true}}"#, 400, ""),
        ("B2", "POST", "/containers/create", r#"{"Image":"busybox","Ho\u017ftConfig":{"Privileged":true}}"#, 400, ""),
        ("B3", "POST", "/containers/create", r#"{"HostConfig":{"Privileged":true},"HostConfig":{}}"#, 400, "comes twice"),
        ("B8", "POST", "/containers/create", r#"{"Image":"busybox"}{"HostConfig":{}}"#, 400, ""),
        ("B10", "POST", "/containers/create", r#"{"Image":"busybox","Privileged":true}"#, 400, ""),
        ("B13", "POST", "/containers//create", r#"{"Image":"busybox"}"#, 400, ""),
        ("B16", "POST", "/v1.18/containers/web/start", r#"{"Privileged":true}"#, 400, "too old"),
        ("C28", "POST", "/containers/create?name=swarm-data", r#"{"Image":"busybox"}"#, 403, "CARINA-1016"),
        ("D1", "POST", "/volumes/create", r#"{"Name":"x","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#, 403, "CARINA-1014"),
        ("D2", "PUT", "/volumes/data", "{}", 403, "CARINA-1024"),
        ("D4", "DELETE", "/volumes/swarm-data?force=1", "", 403, "CARINA-1016"),
        ("E1", "POST", "/networks/create", r#"{"Name":"x","Driver":"macvlan"}"#, 403, "CARINA-1015"),
        ("E4", "POST", "/networks/bridge/connect", r#"{"Container":"swarm-agent"}"#, 403, "CARINA-1019"),
        ("E4", "POST", "/networks/host/connect", r#"{"Container":"web"}"#, 403, "CARINA-1007"),
        ("E4", "POST", "/networks/bridge/disconnect", r#"{"Container":"5a","Force":true}"#, 403, "CARINA-1019"),
        ("E4", "DELETE", "/networks/bridge", "", 403, "CARINA-1015"),
        ("F6", "POST", "/commit?container=web&changes=ONBUILD+RUN+x", "", 403, "CARINA-1023"),
        ("F5", "POST", "/commit?container=swarm-agent&repo=x", "", 403, "CARINA-1019"),
        ("F8", "POST", "/images/create?fromSrc=http%3A%2F%2F169.254.169.254%2F&repo=x", "", 403, "CARINA-1026"),
        ("F2", "GET", "/containers/web/archive?path=%2Fproc%2F1%2Froot", "", 403, "CARINA-1022"),
        ("J3", "POST", "/images/busybox/tag?repo=swarm&tag=latest", "", 403, "CARINA-1016"),
        ("J3", "DELETE", "/images/swarm?force=1", "", 403, "CARINA-1016"),
        ("J3", "POST", "/images/create?fromImage=swarm&tag=latest", "", 403, "CARINA-1016"),
        ("G1", "POST", "/containers/web/exec", r#"{"Cmd":["sh"],"Privileged":true}"#, 403, "CARINA-1001"),
        ("G1", "POST", "/containers/web/exec", r#"{"Cmd":["sh"],"WorkingDir":"/proc/self/fd/8"}"#, 403, "CARINA-1022"),
        ("G2", "POST", "/containers/web/rename?name=swarm-agent", "", 403, "CARINA-1016"),
        ("G3", "POST", "/containers/web/update", r#"{"Devices":[{"PathOnHost":"/dev/sda"}]}"#, 403, "CARINA-1008"),
        ("G4", "POST", "/containers/web/start?checkpoint=x", "", 400, ""),
        ("G6", "POST", "/containers/old/start", "", 403, "CARINA-1001"),
        ("G6", "POST", "/containers/old/restart", "", 403, "CARINA-1001"),
        ("H1", "POST", "/build?networkmode=host", "", 403, "CARINA-1023"),
        ("H5", "POST", "/build?version=3", "", 403, "CARINA-1023"),
        ("H5", "POST", "/build?version=2&networkmode=host", "", 403, "CARINA-1023"),
        ("A8", "POST", "/session", "", 400, "h2c"),
        ("A8", "POST", "/grpc", "", 400, "h2c"),
        ("A8", "GET", "/containers/web/attach/ws", "", 400, "websocket"),
        ("J1", "POST", "/auth", r#"{"username":"a","unknown":"b"}"#, 400, ""),
        ("-", "GET", "/images/busybox/attestations", "", 501, "1.57"),
        ("I1", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}}"#, 403, "CARINA-1002"),
        ("I1", "POST", "/services/web/update?version=7", r#"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}}"#, 403, "CARINA-1002"),
        ("I2", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"volume","Source":"{{\"swarm-data\"}}","Target":"/h"}]}}}"#, 403, "CARINA-1021"),
        ("I3", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"ContainerSpec":{"Privileges":{"Seccomp":{"Mode":"unconfined"}}}}}"#, 403, "CARINA-1000"),
        ("I4", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"Runtime":"plugin","PluginSpec":{"Remote":"x"}}}"#, 403, "CARINA-1011"),
        ("I5", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"Networks":[{"Target":"host"}]}}"#, 403, "CARINA-1007"),
        ("I5", "POST", "/services/create", r#"{"Name":"x","TaskTemplate":{"Networks":[{"Target":"../info"}]}}"#, 400, ""),
        ("I7", "POST", "/services/web/update?version=7&rollback=previous", r#"{"Name":"web"}"#, 403, "CARINA-1002"),
        ("I7", "POST", "/services/web/update?version=8&rollback=previous", r#"{"Name":"web"}"#, 500, "out of sequence"),
        ("I7", "POST", "/services/web/update?version=7&rollback=Previous", r#"{"Name":"web"}"#, 400, ""),
        ("I8", "GET", "/swarm/unlockkey", "", 403, "CARINA-1024"),
        ("I10", "POST", "/nodes/n2/update?version=1", r#"{"Role":"manager","Availability":"active"}"#, 403, "CARINA-1024"),
        ("I10", "DELETE", "/nodes/n2?force=1", "", 403, "CARINA-1024"),
        ("I11", "POST", "/secrets/create", r#"{"Name":"x","Driver":{"Name":"vault"}}"#, 403, "CARINA-1011"),
        ("I9", "POST", "/swarm/leave?force=true", "", 403, "CARINA-1024"),
        ("I12", "POST", "/plugins/pull?remote=x", "", 403, "CARINA-1024"),
        ("K", "POST", "/containers/prune?filters=%7B%22label%21%22%3A%5B%22x%22%5D%7D", "", 403, "CARINA-1018"),
        ("K", "POST", "/volumes/prune?filters=%7B%22label%21%22%3A%5B%22x%22%5D%7D", "", 403, "CARINA-1018"),
        ("-", "GET", "/debug/vars", "", 403, "CARINA-1024"),
        ("-", "GET", "/no/such/route", "", 404, ""),
        ("-", "GET", "/events?since=yesterday", "", 400, "is no time: seconds since 1970"),
        ("-", "GET", "/events?until=10m", "", 400, "is no time: seconds since 1970"),
        ("-", "GET", "/events?since=9&until=8", "", 400, "`since` cannot be after `until`"),
    ];
    for (id, method, target, body, status, code) in rows {
        door.refused(id, method, target, body, *status, code);
    }
}

/// Every route of the table that takes a container, with every spelling of a system one.
fn system_containers(door: &Door) {
    for row in rows() {
        let deed = match row.route {
            Route::ContainerInspect
            | Route::ContainerLogs
            | Route::ContainerStats
            | Route::ContainerTop
            | Route::ContainerChanges
            | Route::ContainerWait => continue,
            Route::ContainerDelete => "CARINA-1005",
            _ => "CARINA-1019",
        };
        if row.treatment != Treatment::ContainerNode || !row.pattern.starts_with("/containers/{") {
            continue;
        }
        let body = if matches!(row.body, Body::Json(_)) {
            "{}"
        } else {
            ""
        };
        for name in [
            "swarm-agent",
            "n1/swarm-agent",
            CONTAINERS[1].1,
            &CONTAINERS[1].1[..12],
            "5b",
        ] {
            let target = row.pattern.replace("{name:.*}", name);
            let code = if row.method.as_str() == "HEAD" {
                ""
            } else {
                deed
            };
            if row.upgrade() == Some("websocket") {
                let upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")];
                let got = door.try_send(row.method.as_str(), &target, &upgrade, b"");
                let (status, answer) = got.expect(name);
                assert!(
                    status == 403 && answer.contains(code),
                    "G8 {name}: {answer}"
                );
                assert_eq!(door.reached(), [""; 0], "G8 {name}");
                continue;
            }
            door.refused("G2", row.method.as_str(), &target, body, 403, code);
        }
    }
}

/// An id, the headers and the answer's status.
type OddHeaders = (&'static str, &'static [(&'static str, &'static str)], u16);

fn odd_bytes(door: &Door) {
    let create = r#"{"Image":"busybox"}"#;
    const JSON: (&str, &str) = ("Content-Type", "application/json");
    #[rustfmt::skip]
    let rows: &[OddHeaders] = &[
        ("A3", &[("Content-Type", "text/plain")], 415),
        ("A3", &[], 415),
        ("A6", &[JSON, ("Content-Encoding", "gzip")], 415),
        ("A7", &[("Content-Type", "application/grpc")], 415),
        ("A8", &[JSON, ("Connection", "Upgrade"), ("Upgrade", "tcp")], 400),
        ("A8", &[JSON, ("Connection", "Upgrade"), ("Upgrade", "h2c")], 400),
        ("A14", &[JSON, ("X-Long", LONG)], 431),
        ("B20", &[("Content-Type", "application/x-www-form-urlencoded")], 415),
        ("B21", &[("Content-Type", "multipart/form-data; boundary=x")], 415),
    ];
    for (id, headers, status) in rows {
        let (got, answer) = door
            .try_send("POST", "/containers/create", headers, create.as_bytes())
            .expect(id);
        assert_eq!(got, *status, "{id} {headers:?}: {answer}");
        assert_eq!(door.reached(), [""; 0], "{id}");
    }
    #[rustfmt::skip]
    let raw: &[(&str, &str)] = &[
        ("A5", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("A7", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("A11", "POST containers/web/kill HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("B14", "POST http://docker/containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ("B12", "POST /containers/web%2500/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ("B23", "post /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    ];
    for (id, bytes) in raw {
        let answer = door.raw(bytes.as_bytes());
        assert!(
            answer.as_ref().is_none_or(|(status, _)| *status >= 400),
            "{id} {bytes}: {answer:?}"
        );
        assert_eq!(door.reached(), [""; 0], "{id} {bytes}");
    }
    // A5: with both the chunks count, as for engines; what goes on is framed anew and says one thing.
    let both = "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nPOST /containers/web/stop HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n\r\n";
    door.raw(both.as_bytes());
    for request in door.engine.take() {
        let framing = request
            .headers
            .iter()
            .filter(|(name, _)| name == "transfer-encoding")
            .count();
        assert_eq!((request.body.len(), framing), (0, 0), "A5 {request:?}");
        assert!(request.target.ends_with("/kill"), "A5 {request:?}");
    }
    // A9: bytes that are sent along with an upgrade that is refused start no stream.
    let early = "POST /containers/swarm-agent/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\nPOST /containers/web/kill";
    let (status, _) = door.raw(early.as_bytes()).expect("an answer");
    assert_eq!(status, 403);
    assert_eq!(door.reached(), [""; 0], "A9");
    let large = format!(r#"{{"Image":"{}"}}"#, "x".repeat(1 << 20));
    let (status, answer) = door
        .try_send("POST", "/containers/create", &[JSON], large.as_bytes())
        .expect("an answer");
    assert_eq!(status, 413, "A2 {answer}");
    assert_eq!(door.reached(), [""; 0], "A2");
}

const LONG: &str = {
    const TEXT: &[u8; 40_000] = &[b'x'; 40_000];
    match std::str::from_utf8(TEXT) {
        Ok(text) => text,
        Err(_) => "",
    }
};

fn allowed_requests(door: &Door) {
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Cookie", "a=b"),
        ("Expect", "100-continue"),
    ];
    let body = r#" { "Image":"busybox", "Env":["A=1","constraint:node==n1"], "HostConfig":{"Privileged":false,"VolumesFrom":["swarm-data"],"Binds":["data:/data"]} } "#;
    let (_, answer) = door
        .try_send(
            "POST",
            "/v1.24/containers/create?name=%2Fnew",
            &headers,
            body.as_bytes(),
        )
        .expect("an answer");
    let reached = door.engine.take();
    let Some(create) = reached
        .iter()
        .find(|request| request.target.contains("/containers/create"))
    else {
        panic!("N: {answer} {reached:?}");
    };
    assert_eq!(create.target, "/v1.24/containers/create?name=new");
    let sent: serde_json::Value = serde_json::from_slice(&create.body).expect("JSON");
    assert_eq!(sent["Env"], serde_json::json!(["A=1"]));
    assert_eq!(
        sent["HostConfig"]["VolumesFrom"],
        serde_json::json!(["swarm-data:ro"])
    );
    assert_eq!(sent["HostConfig"]["IpcMode"], "private", "B16");
    assert_eq!(sent["HostConfig"]["CgroupnsMode"], "private", "B16");
    let header = |name: &str| {
        create
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(header("content-type"), Some("application/json"));
    for dropped in [
        "x-http-method-override",
        "cookie",
        "expect",
        "connection",
        "upgrade",
    ] {
        assert_eq!(header(dropped), None, "A12 {dropped}");
    }

    // By name, prefix or node: the engine gets the whole id and only what the route knows.
    let id = CONTAINERS[3].1;
    for name in ["web", "n1/web", "n1%2Fweb", "7a0"] {
        let target = format!("/v1.45/containers/{name}/kill?signal=HUP");
        let (status, answer) = door.try_send("POST", &target, &[], b"").expect("an answer");
        assert!(status < 300, "{answer}");
        assert_eq!(
            door.reached(),
            [format!(
                "POST /v{}/containers/{id}/kill?signal=HUP",
                Version::new(1, 45)
            )]
        );
    }
    // A rollback is judged by what comes back, not by what runs and clients send along (I7).
    let headers = [("Content-Type", "application/json")];
    let runs = r#"{"Name":"mended","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}}"#;
    let target = "/services/mended/update?version=7&rollback=previous";
    let (status, answer) = door
        .try_send("POST", target, &headers, runs.as_bytes())
        .expect("an answer");
    assert!(status < 300, "I7 {answer}");
    assert_eq!(
        door.reached(),
        ["POST /v1.45/services/mended/update?rollback=previous&version=7"],
        "I7"
    );
    // A start's body is not sent on (G5).
    let headers = [("Content-Type", "application/json")];
    door.try_send(
        "POST",
        "/v1.45/containers/web/start",
        &headers,
        br#"{"Privileged":true}"#,
    )
    .expect("an answer");
    let reached = door.engine.take();
    let start = reached
        .iter()
        .find(|request| request.target.ends_with("/start"))
        .expect("a start");
    assert_eq!(start.body, b"", "G5");
    // System containers may be looked at.
    for target in [
        "/containers/swarm-agent/json",
        "/containers/swarm-agent/logs?stdout=1",
    ] {
        let (status, answer) = door.try_send("GET", target, &[], b"").expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }
}
