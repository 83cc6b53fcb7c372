//! Servers that say to be ours: the discovery service, and engines' doors.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use rustls::{ServerConnection, StreamOwned};
use swarm::cli::TlsFiles;
use swarm::tls;

use super::AGENT;
use crate::cluster::{CLUSTER, Cluster};
use crate::lab::certs::{By, leaf, with_ips};
use crate::lab::{Client, Process};
use crate::tally::Tally;

/// A server's certificate, and whether our programs believe it.
fn server_rows(cluster: &Cluster, ip: Ipv4Addr, right: By) -> Vec<(&'static str, Client, bool)> {
    use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    let certs = &cluster.certs;
    let plain = |ip| with_ips(leaf("server", CLUSTER, &[ServerAuth]), &[ip]);
    let mut expired = plain(ip);
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut early = plain(ip);
    early.not_before = date_time_ymd(2090, 1, 1);
    let mut authority = plain(ip);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let client = with_ips(leaf("server", CLUSTER, &[ClientAuth]), &[ip]);
    let wrong = if right == By::Panel {
        By::Cluster
    } else {
        By::Panel
    };
    let tag = format!("{right:?}");
    let signed = |name: &str, by, params| certs.signed(&format!("s-{tag}-{name}"), by, params);
    vec![
        ("right", signed("right", right, plain(ip)), true),
        (
            "another authority's",
            signed("wrong", wrong, plain(ip)),
            false,
        ),
        (
            "a stranger's",
            signed("stranger", By::Stranger, plain(ip)),
            false,
        ),
        ("its own", signed("self", By::Itself, plain(ip)), false),
        ("expired", signed("expired", right, expired), false),
        ("not yet valid", signed("early", right, early), false),
        ("an authority's", signed("ca", right, authority), false),
        ("a client's", signed("client", right, client), false),
        (
            "of another address",
            signed("address", right, plain(Ipv4Addr::new(192, 0, 2, 1))),
            false,
        ),
        (
            "without a name",
            signed("nameless", right, leaf("server", CLUSTER, &[ServerAuth])),
            false,
        ),
    ]
}

/// Serves one connection after the other; counts those whose other side believed the certificate.
fn serve(at: (Ipv4Addr, u16), client: &Client) -> (u16, Arc<AtomicUsize>) {
    let files = TlsFiles {
        ca: None,
        cert: client.dir.join("cert.pem"),
        key: client.dir.join("key.pem"),
    };
    let identity = tls::Identity::read(&files).expect("an identity");
    let config = Arc::new(tls::server_config(identity, None).expect("a configuration"));
    let listener = TcpListener::bind(at).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let believed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&believed);
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = socket.set_read_timeout(Some(Duration::from_secs(2)));
            let Ok(mut connection) = ServerConnection::new(Arc::clone(&config)) else {
                continue;
            };
            if connection.complete_io(&mut socket).is_err() {
                continue;
            }
            count.fetch_add(1, Ordering::Relaxed);
            let mut tls = StreamOwned::new(connection, socket);
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !request.ends_with(b"\r\n\r\n") {
                match tls.read(&mut piece) {
                    Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            let _ = tls.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]",
            );
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    (port, believed)
}

/// The discovery service, as agents and managers come to it.
pub fn servers(cluster: &Cluster, tally: &mut Tally) {
    let ip = cluster.discovery_ip();
    for (what, client, is_believed) in server_rows(cluster, ip, By::Panel) {
        let (port, believed) = serve((ip, 0), &client);
        let output = Command::new(env!("CARGO_BIN_EXE_swarm"))
            .args([
                "list",
                &format!("token://{ip}:{port}/v1/00112233445566778899aabbccddeeff"),
            ])
            .env("SSL_CERT_FILE", cluster.certs.panel_ca())
            .output()
            .expect("it starts");
        assert_eq!(
            output.status.success(),
            is_believed,
            "discovery {what}: {output:?}"
        );
        assert_eq!(
            believed.load(Ordering::Relaxed) > 0,
            is_believed,
            "discovery {what}"
        );
        if !is_believed {
            tally.add("L6", "not believed");
        }
    }
}

/// Agents' doors, as managers come to them.
pub fn engines_doors(cluster: &Cluster, tally: &mut Tally) {
    let [a, b, c, _] = cluster.ip.octets();
    let mut doors = Vec::new();
    let mut entries = Vec::new();
    for last in 201..211_u8 {
        let ip = Ipv4Addr::new(a, b, c, last);
        let rows = server_rows(cluster, ip, By::Engine);
        let (what, client, is_believed) = rows
            .into_iter()
            .nth(usize::from(last - 201))
            .expect("a row");
        let (_, believed) = serve((ip, AGENT), &client);
        entries.push(format!("{ip}:{AGENT}"));
        doors.push((what, believed, is_believed));
    }
    let socket = cluster.dir.path().join("second.sock");
    let certs = &cluster.certs;
    let mut manager = Command::new(env!("CARGO_BIN_EXE_swarm"));
    manager
        .args(["manage", &format!("-H=unix://{}", socket.display())])
        .arg(format!("nodes://{}", entries.join(",")))
        .env("SWARM_ENGINE_TLSCACERT", certs.engine_ca())
        .env("SWARM_ENGINE_TLSCERT", certs.manager_cert())
        .env("SWARM_ENGINE_TLSKEY", certs.manager_key());
    let process = Process::start(manager, &cluster.dir.path().join("second.log"));
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while doors[0].1.load(Ordering::Relaxed) == 0 {
        assert!(std::time::Instant::now() < end, "the right one is believed");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The others were tried at the same moment.
    std::thread::sleep(Duration::from_millis(500));
    drop(process);
    for (what, believed, is_believed) in doors {
        assert_eq!(
            believed.load(Ordering::Relaxed) > 0,
            is_believed,
            "an agent's door, {what}"
        );
        if !is_believed {
            tally.add("L6", "not believed");
        }
    }
}
