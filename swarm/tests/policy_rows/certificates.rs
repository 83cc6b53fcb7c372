//! Certificates and handshakes of every wrong kind, at the manager's door, at the agent's door, and
//! shown to our own programs by somebody who says to be a server of ours.

mod handshake;
mod server;

use std::net::Ipv4Addr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use rustls::ClientConfig;

use crate::cluster::{CLUSTER, Cluster, client_config, connect, exchange, request};
use crate::lab::Client;
use crate::lab::certs::{By, leaf};
use crate::tally::Tally;

const OTHER: &str = "0190a5f2-7a3b-7c00-8000-0000000000ff";
const MANAGER: u16 = 2376;
const AGENT: u16 = 42376;

pub fn run(cluster: &Cluster, tally: &mut Tally) {
    clients(cluster, tally);
    handshake::versions(cluster, tally);
    handshake::no_second_try(cluster, tally);
    handshake::names_asked_for(cluster, tally);
    server::servers(cluster, tally);
    server::engines_doors(cluster, tally);
    assert!(cluster.reached().is_empty(), "L6");
}

fn is_let_in(config: &Arc<ClientConfig>, ip: Ipv4Addr, port: u16) -> bool {
    let ping = request("GET", "/_ping", &[], b"");
    connect(config, ip, port).is_some_and(|tls| exchange(tls, &ping).0 == 200)
}

/// A client's certificate and where it opens something.
struct Row {
    id: &'static str,
    what: &'static str,
    client: Client,
    at_manager: bool,
    at_agent: bool,
}

fn clients(cluster: &Cluster, tally: &mut Tally) {
    for row in client_rows(cluster) {
        for (port, ca, is_expected) in [
            (MANAGER, cluster.certs.cluster_ca(), row.at_manager),
            (AGENT, cluster.certs.engine_ca(), row.at_agent),
        ] {
            let config = client_config(&ca, Some(&row.client.dir));
            let is = is_let_in(&config, cluster.ip, port);
            assert_eq!(is, is_expected, "{} {} at {port}", row.id, row.what);
            if !is_expected {
                tally.add(row.id, "not let in");
            }
        }
    }
    for (port, ca) in [
        (MANAGER, cluster.certs.cluster_ca()),
        (AGENT, cluster.certs.engine_ca()),
    ] {
        assert!(
            !is_let_in(&client_config(&ca, None), cluster.ip, port),
            "none at {port}"
        );
        tally.add("L6", "not let in");
    }
}

fn client_rows(cluster: &Cluster) -> Vec<Row> {
    use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    let certs = &cluster.certs;
    let manager = wire::caller::MANAGER;
    let plain = |name: &str| leaf(name, CLUSTER, &[ClientAuth]);
    let with = |name: &str, change: &dyn Fn(&mut CertificateParams)| {
        let mut params = plain(name);
        change(&mut params);
        params
    };
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2090, 1, 1);
    let authority = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let nameless = |params: &mut CertificateParams| params.subject_alt_names.clear();
    let of_two = |params: &mut CertificateParams| {
        let other = leaf("x", OTHER, &[]).subject_alt_names;
        params.subject_alt_names.extend(other);
    };
    let server = |name: &str| leaf(name, CLUSTER, &[ServerAuth]);
    let other = |name: &str| leaf(name, OTHER, &[ClientAuth]);
    let row = |id, what, client, at_manager, at_agent| Row {
        id,
        what,
        client,
        at_manager,
        at_agent,
    };
    // Both doors are shown each certificate: signed by whom it would have to be, there.
    let mut rows = vec![
        row(
            "L6",
            "a person's",
            certs.signed("p1", By::Cluster, plain("ada")),
            true,
            false,
        ),
        row(
            "L6",
            "a person's, called as a manager",
            certs.signed("p2", By::Cluster, plain(manager)),
            true,
            false,
        ),
        row(
            "L6",
            "the cluster's own, from inside",
            certs.signed(
                "p0",
                By::Cluster,
                leaf("n1", CLUSTER, &[ServerAuth, ClientAuth]),
            ),
            true,
            false,
        ),
        row(
            "L6",
            "a manager's",
            certs.signed("p3", By::Engine, plain(manager)),
            true,
            true,
        ),
        row(
            "L6",
            "the panel's",
            certs.signed("p4", By::Engine, plain(wire::caller::PANEL)),
            false,
            true,
        ),
        row(
            "L6",
            "another name's, of the engines' authority",
            certs.signed("p5", By::Engine, plain("ada")),
            false,
            false,
        ),
        row(
            "L6",
            "the discovery's authority's",
            certs.signed("p6", By::Panel, plain(manager)),
            false,
            false,
        ),
        row(
            "L4",
            "a stranger's authority's",
            certs.signed("p7", By::Stranger, plain("ada")),
            false,
            false,
        ),
        row(
            "L4",
            "a stranger's authority's, a manager's name",
            certs.signed("p8", By::Stranger, plain(manager)),
            false,
            false,
        ),
        row(
            "L6",
            "its own",
            certs.signed("p9", By::Itself, plain(manager)),
            false,
            false,
        ),
    ];
    for (by, tag) in [(By::Cluster, "c"), (By::Engine, "e")] {
        let signed = |n: usize, params| certs.signed(&format!("{tag}{n}"), by, params);
        rows.extend([
            row(
                "L5",
                "of another cluster",
                signed(1, other(manager)),
                false,
                false,
            ),
            row(
                "L5",
                "of two clusters",
                signed(2, with(manager, &of_two)),
                false,
                false,
            ),
            row(
                "L6",
                "of no cluster",
                signed(3, with(manager, &nameless)),
                false,
                false,
            ),
            row(
                "L6",
                "expired",
                signed(4, with(manager, &expired)),
                false,
                false,
            ),
            row(
                "L6",
                "not yet valid",
                signed(5, with(manager, &early)),
                false,
                false,
            ),
            row("L6", "a server's", signed(6, server(manager)), false, false),
            row(
                "L6",
                "an authority's",
                signed(7, with(manager, &authority)),
                false,
                false,
            ),
            row(
                "L6",
                "signed by a leaf",
                certs.signed_by_leaf(&format!("{tag}8"), plain("ada"), plain(manager), by),
                false,
                false,
            ),
        ]);
    }
    // Of another cluster, as its own authority would have signed it for itself.
    rows.push(row(
        "L5",
        "another cluster's own",
        certs.signed("o1", By::Stranger, other("ada")),
        false,
        false,
    ));
    rows
}
