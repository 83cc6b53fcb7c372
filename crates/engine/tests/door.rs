//! The door against a segment that behaves, and against one that does not: real sockets, real TLS.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use engine::Engines;
use host::{ClientIdentity, Engine as _, EngineError, EngineTarget, NodeName, SwarmState};
use model::ClusterId;
use pki::{Authority, Leaf, Usage};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Each test has a segment's address of its own in 127.0.0.0/8: the port is always the agent's.
struct Segment {
    target: EngineTarget,
    authority: Authority,
    /// What was asked, in order: `POST /v1.44/swarm/leave?force=true`.
    asked: Arc<Mutex<Vec<String>>>,
}

type Answers = HashMap<&'static str, (u16, String)>;

fn identity(authority: &Authority, usage: Usage, name: &str) -> ClientIdentity {
    let issued = authority
        .issue(&Leaf {
            common_name: name,
            organization: None,
            usage,
            names: &[name.to_owned()],
            cluster: None,
            days: 1,
        })
        .unwrap();
    ClientIdentity {
        ca_pem: authority.cert_pem().to_owned(),
        cert_pem: issued.cert_pem,
        key_pem: issued.key_pem,
    }
}

fn acceptor(authority: &Authority, address: Ipv4Addr) -> TlsAcceptor {
    let server = identity(authority, Usage::Server, &address.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(server.ca_pem.as_bytes()).unwrap())
        .unwrap();
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(&provider),
    )
    .build()
    .unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(server.cert_pem.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(server.key_pem.0.as_bytes()).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Segment {
    /// Answers by `METHOD path`; what is not there is 404.
    async fn new(last: u8, ordinal: u32, answers: Answers) -> Self {
        let authority = Authority::make("engines").unwrap();
        let address = Ipv4Addr::new(127, 84, 0, last);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind((address, wire::AGENT_PORT))
            .await
            .unwrap();
        let acceptor = acceptor(&authority, address);
        tokio::spawn(serve(listener, acceptor, answers, Arc::clone(&asked)));
        let node = NodeName {
            cluster: ClusterId(uuid::Uuid::nil()),
            ordinal,
        };
        Self {
            target: EngineTarget {
                node,
                address,
                identity: Arc::new(identity(&authority, Usage::Client, wire::caller::PANEL)),
            },
            authority,
            asked,
        }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    answers: Answers,
    asked: Arc<Mutex<Vec<String>>>,
) {
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(tcp).await else {
            continue;
        };
        let mut held = Vec::new();
        let mut chunk = [0; 4096];
        // The requests of these tests fit in what one read gives, or come in two.
        while let Ok(length @ 1..) = stream.read(&mut chunk).await {
            held.extend_from_slice(&chunk[..length]);
            let text = String::from_utf8_lossy(&held).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let wanted = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() < wanted {
                continue;
            }
            let line = head.lines().next().unwrap();
            let question = line.trim_end_matches(" HTTP/1.1").to_owned();
            held.clear();
            let missing = (404, "{\"message\":\"nothing here\"}".to_owned());
            let (status, body) = answers.get(question.as_str()).unwrap_or(&missing);
            asked.lock().unwrap().push(question);
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body.as_bytes()).await;
        }
    }
}

const INFO: &str = "GET /v1.44/info";
const STATUS: &str = "GET /carina/v1/status";

fn status(node: &str) -> (u16, String) {
    let text = format!(
        r#"{{"node":"{node}","generation":3,"engine_version":"26.1.5","system":[],"memory_bytes":1,
           "memory_limit_bytes":2,"cpu_usage_us":3,"disk_used_bytes":4,"disk_total_bytes":5,"boot":[]}}"#
    );
    (200, text)
}

fn node(ordinal: u32) -> String {
    format!("{}-n{ordinal}", uuid::Uuid::nil())
}

fn inactive() -> (u16, String) {
    (200, r#"{"Swarm":{"LocalNodeState":"inactive"}}"#.to_owned())
}

fn worker() -> (u16, String) {
    let text = r#"{"Swarm":{"LocalNodeState":"active","NodeID":"w1","ControlAvailable":false}}"#;
    (200, text.to_owned())
}

#[tokio::test]
async fn a_segment_is_observed_by_one_connection() {
    let answers = [(STATUS, status(&node(1))), (INFO, inactive())].into();
    let segment = Segment::new(1, 1, answers).await;
    let seen = Engines::new().observe(&segment.target).await.unwrap();
    assert_eq!(seen.status.generation, 3);
    assert_eq!(seen.swarm, SwarmState::Inactive);
    assert_eq!(segment.asked(), [STATUS, INFO]);
}

#[tokio::test]
async fn a_segment_that_says_it_is_another_is_refused() {
    let answers = [(STATUS, status(&node(2))), (INFO, inactive())].into();
    let segment = Segment::new(2, 1, answers).await;
    let error = Engines::new().observe(&segment.target).await.unwrap_err();
    assert!(matches!(error, EngineError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_at_once() {
    let segment = Segment::new(3, 1, Answers::new()).await;
    let mut target = segment.target.clone();
    target.address = Ipv4Addr::new(127, 84, 0, 33);
    let error = Engines::new().observe(&target).await.unwrap_err();
    assert!(matches!(error, EngineError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn neither_side_trusts_a_stranger() {
    let segment = Segment::new(4, 1, [(STATUS, status(&node(1)))].into()).await;
    let stranger = Authority::make("strangers").unwrap();
    let own = &segment.target.identity;
    let client_of_stranger = identity(&stranger, Usage::Client, wire::caller::PANEL);
    for (what, identity) in [
        (
            "a server of another authority",
            ClientIdentity {
                ca_pem: stranger.cert_pem().to_owned(),
                ..ClientIdentity::clone(own)
            },
        ),
        (
            "a client of another authority",
            ClientIdentity {
                ca_pem: own.ca_pem.clone(),
                ..client_of_stranger
            },
        ),
        (
            "a server's certificate for a client",
            identity(&segment.authority, Usage::Server, "127.84.0.4"),
        ),
    ] {
        let mut target = segment.target.clone();
        target.identity = Arc::new(identity);
        let error = Engines::new().observe(&target).await.unwrap_err();
        assert!(
            matches!(error, EngineError::Unreachable { .. }),
            "{what}: {error}"
        );
    }
    assert!(segment.asked().is_empty());
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let long = (200, format!("[{}]", "1,".repeat(5 << 20)));
    let question = "GET /v1.44/containers/json?all=true";
    let segment = Segment::new(5, 1, [(question, long)].into()).await;
    let error = Engines::new()
        .containers(&segment.target)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("limit"), "{error}");
}

#[tokio::test]
async fn a_refusal_keeps_dockers_words() {
    let no = (500, r#"{"message":"disk is full"}"#.to_owned());
    let segment = Segment::new(6, 1, [("POST /carina/v1/rebuild", no)].into()).await;
    let error = Engines::new().rebuild(&segment.target, b"{}").await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("rebuild") && error.contains("disk is full"),
        "{error}"
    );
}

#[tokio::test]
async fn a_swarm_is_made_once() {
    let init = "POST /v1.44/swarm/init";
    let yes = (200, "\"n1\"".to_owned());
    let segment = Segment::new(7, 1, [(INFO, inactive()), (init, yes)].into()).await;
    Engines::new()
        .swarm_ensure_init(&segment.target)
        .await
        .unwrap();
    assert_eq!(segment.asked(), [INFO, init]);
    let in_one = Segment::new(8, 1, [(INFO, worker())].into()).await;
    Engines::new()
        .swarm_ensure_init(&in_one.target)
        .await
        .unwrap();
    assert_eq!(in_one.asked(), [INFO]);
}

#[tokio::test]
async fn a_member_stays_and_a_stranger_leaves_before_it_joins() {
    let token = r#"{"JoinTokens":{"Worker":"SWMTKN-1-x","Manager":"SWMTKN-1-y"}}"#;
    let nodes = format!(
        r#"[{{"ID":"w1","Description":{{"Hostname":"{0}"}}}},
            {{"ID":"old","Description":{{"Hostname":"{0}"}}}},
            {{"ID":"other","Description":{{"Hostname":"{1}"}}}}]"#,
        node(2),
        node(3),
    );
    let common = [
        ("GET /v1.44/swarm", (200, token.to_owned())),
        ("GET /v1.44/nodes", (200, nodes)),
        ("DELETE /v1.44/nodes/old?force=true", (200, String::new())),
    ];
    let leave = "POST /v1.44/swarm/leave?force=true";
    let join = "POST /v1.44/swarm/join";
    let yes = (200, String::new());
    let member = [(INFO, worker()), (leave, yes.clone()), (join, yes)];

    let mut knows: Answers = common.clone().into();
    knows.insert("GET /v1.44/nodes/w1", (200, "{}".to_owned()));
    let manager = Segment::new(9, 1, knows).await;
    let target = Segment::new(10, 2, member.clone().into()).await;
    let engines = Engines::new();
    let joined = engines.swarm_ensure_joined(&target.target, &manager.target);
    joined.await.unwrap();
    assert_eq!(target.asked(), [INFO]);

    let manager = Segment::new(11, 1, common.into()).await;
    let target = Segment::new(12, 2, member.into()).await;
    let joined = engines.swarm_ensure_joined(&target.target, &manager.target);
    joined.await.unwrap();
    assert_eq!(target.asked(), [INFO, leave, join, INFO]);
    let asked = manager.asked();
    assert!(asked.contains(&"DELETE /v1.44/nodes/old?force=true".to_owned()));
    assert!(
        !asked
            .iter()
            .any(|q| q.starts_with("DELETE") && !q.contains("/old"))
    );

    let names = engines.swarm_nodes(&manager.target).await.unwrap();
    assert_eq!(names.len(), 2, "one name for former and present selves");
}

const CONTAINERS: &str = "GET /carina/v1/containers";

fn counters(node: &str, ids: &[String]) -> (u16, String) {
    let one = |id: &String| {
        format!(
            r#"{{"id":"{id}","cpu_us":5,"memory_bytes":6,"received_bytes":7,"sent_bytes":8,
               "read_bytes":null,"written_bytes":null}}"#
        )
    };
    let all: Vec<_> = ids.iter().map(one).collect();
    let text = format!(r#"{{"node":"{node}","containers":[{}]}}"#, all.join(","));
    (200, text)
}

#[tokio::test]
async fn what_all_containers_use_is_one_question() {
    let ids = [format!("{:064x}", 1), format!("{:064x}", 2)];
    let answers = [(CONTAINERS, counters(&node(1), &ids))].into();
    let segment = Segment::new(13, 1, answers).await;
    let told = Engines::new().containers_usage(&segment.target).await;
    let told = told.unwrap();
    assert_eq!((told.len(), &told[1].id), (2, &ids[1]));
    assert_eq!((told[0].sent_bytes, told[0].read_bytes), (Some(8), None));
    assert_eq!(segment.asked(), [CONTAINERS]);
}

#[tokio::test]
async fn a_segment_that_lies_about_its_containers_is_not_believed() {
    let many: Vec<_> = (0..65).map(|n| format!("{n:064x}")).collect();
    let twice = [many[0].clone(), many[0].clone()];
    let lies = [
        ("another segment's", counters(&node(2), &[])),
        ("too many", counters(&node(1), &many)),
        ("one twice", counters(&node(1), &twice)),
        ("no id", counters(&node(1), &["../../etc".to_owned()])),
        ("too long", (200, format!("[{}]", "1,".repeat(64 << 10)))),
        ("no answer", (200, "[]".to_owned())),
        ("an older init", (404, String::new())),
    ];
    for (n, (what, lie)) in lies.into_iter().enumerate() {
        let last = 14 + u8::try_from(n).unwrap();
        let segment = Segment::new(last, 1, [(CONTAINERS, lie)].into()).await;
        let told = Engines::new().containers_usage(&segment.target).await;
        let refused = matches!(told, Err(EngineError::Refused { .. }));
        assert!(refused, "{what}: {told:?}");
    }
}
