use wire::DomainMark;
use wire::xml::Element;

use super::*;

fn domain() -> Domain {
    let mark = DomainMark {
        cluster: uuid::Uuid::from_u128(7),
        ordinal: 1,
        id_base: 196_608,
        image: "0123456789abcdef".into(),
        address: "10.83.0.11".parse().unwrap(),
        discovery_port: 17_946,
        pids: 4096,
    };
    let name = mark.node();
    let xml = Element::parse(&format!("<domain type='lxc'><name>{name}</name></domain>")).unwrap();
    Domain::check(&name, mark, xml).ok().unwrap()
}

fn seed() -> String {
    crate::init::test_seed(1, &domain().node)
}

#[test]
fn the_padding_of_the_volume_is_cut_off() {
    let mut bytes = seed().into_bytes();
    let length = bytes.len();
    bytes.resize(8192, 0);
    assert_eq!(checked(&domain(), &bytes).ok().unwrap().len(), length);
}

#[test]
fn what_is_not_this_segments_seed_is_refused() {
    for (what, with) in [
        ("\"version\":1", "\"version\":2"),
        ("-n1\"", "-n2\""),
        ("\"ordinal\":1", "\"ordinal\":2"),
        ("10.83.0.11", "10.83.0.12"),
        ("000007\",", "000008\","),
        ("\"ordinal\":1", "\"ordinal\":1,\"more\":1"),
    ] {
        let text = seed().replacen(what, with, 1);
        assert_ne!(text, seed(), "{what}");
        assert!(checked(&domain(), text.as_bytes()).is_err(), "{what}");
    }
    let behind = [seed().as_bytes(), b"\0\0x"].concat();
    assert!(checked(&domain(), &behind).is_err());
}
