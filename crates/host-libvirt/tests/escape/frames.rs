//! L3: a segment that speaks with somebody else's address.

use std::net::Ipv4Addr;

use host::SegmentSpec;

use crate::ask;
use crate::page::Row;
use crate::probe::{From, Outcome};
use crate::world::{Clusters, output};

const GROUP: &str = "Somebody else's address (L3)";
const LISTENS_S: u64 = 4;

/// A frame that the other segment of the cluster would see.
struct Frame {
    letter: char,
    what: &'static str,
    bytes: Vec<u8>,
}

pub fn spoof(clusters: &Clusters) -> Vec<Row> {
    let frames = frames(&clusters.attacker, &clusters.peer_spec);
    // The first lines wait for what the last ones send.
    let listening = clusters.peer.begin(
        From::Segment,
        &[],
        &format!("heard sniff eth0 {LISTENS_S}\n"),
    );
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let lines: String = frames
        .iter()
        .map(|frame| {
            let hex: String = frame
                .bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("{} frame eth0 {hex}\n", frame.letter)
        })
        .collect();
    let sent = clusters.engine.run(From::Segment, &lines);
    assert!(
        sent.values().all(|outcome| *outcome == Outcome::Done),
        "{sent:?}"
    );
    let heard = match listening.end().remove("heard") {
        Some(Outcome::Saw(letters)) => letters,
        other => panic!("the other segment heard {other:?}"),
    };
    let mut rows: Vec<Row> = frames
        .iter()
        .map(|frame| {
            let arrived = heard.contains(frame.letter);
            let is_control = frame.letter == 'a';
            Row {
                group: GROUP,
                what: format!("send {}", frame.what),
                from: From::Segment,
                how: if arrived {
                    "arrives"
                } else {
                    "does not arrive"
                }
                .into(),
                is_control,
                holds: arrived == is_control,
            }
        })
        .collect();
    rows.push(claimed(clusters));
    rows
}

/// What the host believes about its neighbours after all that.
fn claimed(clusters: &Clusters) -> Row {
    let table = output("ip", &["neighbour", "show", "dev", &clusters.bridge]);
    let mac = clusters.attacker.mac.to_lowercase();
    let foreign = table.lines().find(|line| {
        line.contains(&mac) && !line.starts_with(&clusters.attacker.address.to_string())
    });
    Row {
        group: GROUP,
        what: "be somebody else in the host's table of neighbours".into(),
        from: From::Segment,
        how: foreign.map_or("only its own address is there".into(), str::to_owned),
        is_control: false,
        holds: foreign.is_none(),
    }
}

fn frames(own: &SegmentSpec, peer: &SegmentSpec) -> Vec<Frame> {
    let (mac, to) = (bytes(&own.mac), bytes(&peer.mac));
    let other = [0x52, 0x54, 0, 0x99, 0x99, 0x99];
    let stranger = Ipv4Addr::from_bits(own.address.to_bits() + 77);
    let ip = |letter, what, from_mac: [u8; 6], from: Ipv4Addr| Frame {
        letter,
        what,
        bytes: frame(to, from_mac, [8, 0], &packet(letter, from, peer.address)),
    };
    let arp = |letter, what, from_mac: [u8; 6], says: [u8; 6], from: Ipv4Addr| Frame {
        letter,
        what,
        bytes: frame(
            to,
            from_mac,
            [8, 6],
            &reply(letter, says, from, to, peer.address),
        ),
    };
    let tagged = [&[0, 5, 8, 0][..], &packet('h', own.address, peer.address)].concat();
    vec![
        ip('a', "a packet from its own addresses", mac, own.address),
        ip(
            'b',
            "a packet from another hardware address",
            other,
            own.address,
        ),
        ip(
            'c',
            "a packet from an address that nobody has",
            mac,
            stranger,
        ),
        ip('d', "a packet from its gateway's address", mac, own.gateway),
        arp(
            'e',
            "an ARP reply for its gateway's address",
            mac,
            mac,
            own.gateway,
        ),
        arp(
            'f',
            "an ARP reply with another hardware address in it",
            mac,
            other,
            own.address,
        ),
        Frame {
            letter: 'g',
            what: "an IPv6 packet",
            bytes: frame(
                to,
                mac,
                [0x86, 0xDD],
                &[&[0x60; 40][..], b"carina-probe-g"].concat(),
            ),
        },
        Frame {
            letter: 'h',
            what: "a packet with a VLAN's tag",
            bytes: frame(to, mac, [0x81, 0], &tagged),
        },
        Frame {
            letter: 'i',
            what: "a frame of no protocol at all",
            bytes: frame(to, mac, [0x88, 0xB5], b"carina-probe-i"),
        },
    ]
}

fn bytes(mac: &str) -> [u8; 6] {
    let mut bytes = [0; 6];
    for (byte, part) in bytes.iter_mut().zip(mac.split(':')) {
        *byte = u8::from_str_radix(part, 16).expect("a MAC");
    }
    bytes
}

fn frame(to: [u8; 6], from: [u8; 6], kind: [u8; 2], rest: &[u8]) -> Vec<u8> {
    let mut frame = [&to[..], &from, &kind, rest].concat();
    frame.resize(frame.len().max(60), 0);
    frame
}

/// An IPv4 packet with a datagram in it.
fn packet(letter: char, from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
    let text = format!("carina-probe-{letter}");
    let length = u16::try_from(28 + text.len()).expect("short").to_be_bytes();
    let mut header = vec![0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, 17, 0, 0];
    header.extend(from.octets());
    header.extend(to.octets());
    let mut sum: u32 = header
        .chunks(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
        .sum();
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    let sum = (!u16::try_from(sum).expect("folded")).to_be_bytes();
    header[10..12].copy_from_slice(&sum);
    let datagram = u16::try_from(8 + text.len()).expect("short").to_be_bytes();
    // No checksum is one that is not checked.
    header.extend([0, 9, 0, 9, datagram[0], datagram[1], 0, 0]);
    header.extend(text.bytes());
    header
}

fn reply(letter: char, says: [u8; 6], from: Ipv4Addr, to_mac: [u8; 6], to: Ipv4Addr) -> Vec<u8> {
    [
        &[0, 1, 8, 0, 6, 4, 0, 2][..],
        &says,
        &from.octets(),
        &to_mac,
        &to.octets(),
        format!("carina-probe-{letter}").as_bytes(),
    ]
    .concat()
}

/// The neighbour, in another cluster, on the same machine: its network still works.
pub fn neighbour_works(clusters: &Clusters) -> bool {
    let line = format!("connect {}:53", clusters.neighbour_spec.gateway);
    ask(&clusters.neighbour, From::Segment, &line) == Outcome::Done
}
