//! Versions, protocols, second handshakes, names.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, StreamOwned, SupportedProtocolVersion,
};
use rustls_pki_types::ServerName;
use swarm::cli::TlsFiles;
use swarm::tls;

use super::{AGENT, MANAGER, OTHER, is_let_in};
use crate::cluster::{CLUSTER, Cluster, Tls, connect, exchange, request};
use crate::tally::Tally;

/// A client of Alice's that speaks only these versions and protocols.
fn config_of(
    cluster: &Cluster,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> ClientConfig {
    let files = TlsFiles {
        ca: None,
        cert: cluster.alice.dir.join("cert.pem"),
        key: cluster.alice.dir.join("key.pem"),
    };
    let identity = tls::Identity::read(&files).expect("an identity");
    let roots = tls::roots_read(&cluster.certs.cluster_ca()).expect("an authority");
    let mut config = ClientConfig::builder_with_protocol_versions(versions)
        .with_root_certificates(roots)
        .with_client_auth_cert(identity.chain, identity.key)
        .expect("a configuration");
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    config
}

pub fn versions(cluster: &Cluster, tally: &mut Tally) {
    for version in [&TLS12, &TLS13] {
        let config = Arc::new(config_of(cluster, &[version], &[]));
        assert!(is_let_in(&config, cluster.ip, MANAGER), "{version:?}");
    }
    for port in [MANAGER, AGENT] {
        // The same hello of TLS 1.2 is greeted back.
        assert_eq!(
            hello(cluster.ip, port, 3).first(),
            Some(&0x16),
            "3.3 at {port}"
        );
        for minor in [0, 1, 2] {
            let answer = hello(cluster.ip, port, minor);
            // A fatal alert.
            assert_eq!(
                answer.first(),
                Some(&0x15),
                "3.{minor} at {port}: {answer:?}"
            );
            assert_eq!(answer.get(5), Some(&2), "3.{minor} at {port}: {answer:?}");
            tally.add("L6", "not let in");
        }
    }
    // HTTP/2 ends nowhere: not alone, and not beside.
    let config = Arc::new(config_of(cluster, &[&TLS13], &["h2"]));
    assert!(!is_let_in(&config, cluster.ip, MANAGER), "A7: h2");
    tally.add("A7", "no HTTP/2 in TLS");
    let config = Arc::new(config_of(cluster, &[&TLS13], &["h2", "http/1.1"]));
    let tls = connect(&config, cluster.ip, MANAGER).expect("it is let in");
    assert_eq!(tls.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
}

/// A hello as programs without TLS 1.3 say it (3.0 is SSL 3, 3.1 TLS 1.0, 3.2 TLS 1.1, 3.3 TLS 1.2).
fn hello(ip: Ipv4Addr, port: u16, minor: u8) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    // No session; ECDHE with ECDSA as of TLS 1.2 and as of 1.0; no compression.
    body.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    // Groups x25519 and P-256, points as they are, signatures with ECDSA.
    let extensions = [
        0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3,
    ];
    body.extend(length(&extensions));
    body.extend(extensions);
    let mut message = vec![1, 0];
    message.extend(length(&body));
    message.extend(body);
    let mut hello = vec![0x16, 3, 1];
    hello.extend(length(&message));
    hello.extend(message);
    let mut stream = TcpStream::connect((ip, port)).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .expect("a limit");
    stream.write_all(&hello).expect("sent");
    let mut answer = [0; 512];
    let n = stream.read(&mut answer).unwrap_or(0);
    answer[..n].to_vec()
}

/// No session is taken up again, so nothing can be said before the certificate is looked at.
pub fn no_second_try(cluster: &Cluster, tally: &mut Tally) {
    for version in [&TLS12, &TLS13] {
        let mut config = config_of(cluster, &[version], &[]);
        config.enable_early_data = true;
        let config = Arc::new(config);
        for _ in 0..2 {
            let name = ServerName::IpAddress(std::net::IpAddr::V4(cluster.ip).into());
            let mut connection =
                ClientConnection::new(Arc::clone(&config), name).expect("a connection");
            assert!(connection.early_data().is_none(), "{version:?}: early data");
            let mut socket = TcpStream::connect((cluster.ip, MANAGER)).expect("it listens");
            socket
                .set_read_timeout(Some(Duration::from_secs(2)))
                .expect("a limit");
            connection.complete_io(&mut socket).expect("it is let in");
            let mut tls: Tls = StreamOwned::new(connection, socket);
            tls.write_all(&request("GET", "/_ping", &[], b""))
                .expect("sent");
            let _ = tls.read_to_end(&mut Vec::new());
            assert_ne!(
                tls.conn.handshake_kind(),
                Some(HandshakeKind::Resumed),
                "{version:?}"
            );
        }
        tally.add("L6", "no resumption, no 0-RTT");
    }
    renegotiation(cluster, tally);
}

/// With a client that can ask for a second handshake on the same connection.
fn renegotiation(cluster: &Cluster, tally: &mut Tally) {
    let child = Command::new("openssl")
        .args([
            "s_client",
            "-tls1_2",
            "-connect",
            &format!("{}:{MANAGER}", cluster.ip),
        ])
        .arg("-CAfile")
        .arg(cluster.certs.cluster_ca())
        .arg("-cert")
        .arg(cluster.alice.dir.join("cert.pem"))
        .arg("-key")
        .arg(cluster.alice.dir.join("key.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: without openssl nobody asks for a second handshake");
        return;
    };
    let mut input = child.stdin.take().expect("a pipe");
    std::thread::sleep(Duration::from_millis(300));
    let _ = input.write_all(b"R\n");
    std::thread::sleep(Duration::from_millis(300));
    let _ = input.write_all(b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    std::thread::sleep(Duration::from_millis(300));
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("RENEGOTIATING"), "it asked: {text}");
    assert!(!text.contains("200 OK"), "L6: {text}");
    tally.add("L6", "no renegotiation");
}

/// Whatever name a client asks for, its certificate decides.
pub fn names_asked_for(cluster: &Cluster, tally: &mut Tally) {
    let foreign = cluster.certs.client("of-another", OTHER);
    for name in [
        "localhost",
        "other.example",
        CLUSTER,
        OTHER,
        "a.b.c.d.example",
    ] {
        for (client, is_expected) in [(&cluster.alice, true), (&foreign, false)] {
            let files = TlsFiles {
                ca: None,
                cert: client.dir.join("cert.pem"),
                key: client.dir.join("key.pem"),
            };
            let identity = tls::Identity::read(&files).expect("an identity");
            let config = tls::client_config_unverified(Some(identity)).expect("a configuration");
            let name = ServerName::try_from(name.to_owned()).expect("a name");
            let mut connection =
                ClientConnection::new(Arc::new(config), name).expect("a connection");
            let mut socket = TcpStream::connect((cluster.ip, MANAGER)).expect("it listens");
            socket
                .set_read_timeout(Some(Duration::from_secs(2)))
                .expect("a limit");
            let is = connection.complete_io(&mut socket).is_ok() && {
                let tls: Tls = StreamOwned::new(connection, socket);
                exchange(tls, &request("GET", "/_ping", &[], b"")).0 == 200
            };
            assert_eq!(is, is_expected, "L5 {:?}", client.dir);
        }
        tally.add("L5", "not let in");
    }
}
