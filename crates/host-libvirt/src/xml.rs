//! The XML that libvirt is given. Pure, and compared with files in `tests/xml`.

use host::{NetworkMode, NetworkSpec, SegmentSpec};
use wire::{ID_RANGE, METADATA_NAMESPACE, PROGRAMS_IN_SEGMENT, SEED_DIR_IN_SEGMENT, STATE_DIR};

/// Name of a cluster's network.
pub fn network_name(cluster: model::ClusterId) -> String {
    format!("carina-{cluster}")
}

/// AppArmor profile of segments, loaded by `carina host prepare` where there is AppArmor.
pub const PROFILE: &str = "carina-segment";

/// Element in a network's `<metadata>` that makes it ours.
pub const NETWORK_MARK: &str = "network";

pub fn network(spec: &NetworkSpec) -> String {
    let name = network_name(spec.cluster);
    let cluster = spec.cluster;
    let forward = match spec.mode {
        NetworkMode::Nat => "nat",
        NetworkMode::Routed => "route",
    };
    let bridge = escaped(&spec.bridge);
    let (gateway, netmask) = (spec.gateway, spec.subnet.netmask());
    // With STP a new port would forward after two seconds only.
    format!(
        "<network>
  <name>{name}</name>
  <metadata>
    <carina:{NETWORK_MARK} xmlns:carina='{METADATA_NAMESPACE}' cluster='{cluster}'/>
  </metadata>
  <forward mode='{forward}'/>
  <bridge name='{bridge}' stp='off' delay='0'/>
  <ip address='{gateway}' netmask='{netmask}'/>
</network>
"
    )
}

/// The domain's UUID follows from its name, so that defining it again is the same domain, and the
/// hook and libvirt mean the same AppArmor profile.
pub fn domain_uuid(node: &host::NodeName) -> uuid::Uuid {
    let mut bytes = *node.cluster.0.as_bytes();
    for (byte, ordinal) in bytes[12..].iter_mut().zip(node.ordinal.to_be_bytes()) {
        *byte ^= ordinal;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// `is_confined`: the host has AppArmor.
pub fn domain(spec: &SegmentSpec, is_confined: bool) -> String {
    let node = spec.node.to_string();
    let network = network_name(spec.node.cluster);
    let mark: String = spec
        .mark
        .attributes()
        .iter()
        .map(|(name, value)| format!(" {name}='{}'", escaped(value)))
        .collect();
    let id_base = spec.mark.id_base;
    let period_us = 100_000;
    let quota_us = u64::from(spec.vcpus) * period_us;
    let (memory_mib, vcpus) = (spec.memory_mib, spec.vcpus);
    let (mac, address, prefix, gateway) =
        (escaped(&spec.mac), spec.address, spec.prefix, spec.gateway);
    let link = spec.mark.link();
    let own = format!("{STATE_DIR}/segments/{node}");
    let uuid = domain_uuid(&spec.node);
    let label = if is_confined {
        format!(
            "
  <seclabel type='static' model='apparmor' relabel='no'>
    <label>{PROFILE}</label>
  </seclabel>"
        )
    } else {
        String::new()
    };
    // MKNOD: without it in the bounding set no container starts; the user namespace keeps the
    // devices themselves out of reach. The programs come last, so that nothing is mounted over
    // them: whoever was root in the segment cannot change what it starts with next time. Their
    // mount is read-only as the hook made it, which libvirt could not repeat in the user namespace.
    format!(
        "<domain type='lxc'>
  <name>{node}</name>
  <uuid>{uuid}</uuid>
  <title>Carina segment {node}</title>
  <metadata>
    <carina:segment xmlns:carina='{METADATA_NAMESPACE}'{mark}/>
  </metadata>
  <memory unit='MiB'>{memory_mib}</memory>
  <vcpu>{vcpus}</vcpu>
  <cputune>
    <period>{period_us}</period>
    <quota>{quota_us}</quota>
  </cputune>
  <os>
    <type>exe</type>
    <init>{PROGRAMS_IN_SEGMENT}/segment-init</init>
  </os>
  <idmap>
    <uid start='0' target='{id_base}' count='{ID_RANGE}'/>
    <gid start='0' target='{id_base}' count='{ID_RANGE}'/>
  </idmap>
  <features>
    <capabilities policy='default'>
      <mknod state='on'/>
    </capabilities>
  </features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
    <filesystem type='mount'>
      <source dir='{own}/root'/>
      <target dir='/'/>
    </filesystem>
    <filesystem type='mount'>
      <source dir='{own}/disk/docker'/>
      <target dir='/var/lib/docker'/>
    </filesystem>
    <filesystem type='mount'>
      <source dir='{own}/seed'/>
      <target dir='{SEED_DIR_IN_SEGMENT}'/>
      <readonly/>
    </filesystem>
    <filesystem type='mount'>
      <source dir='{own}/lower{PROGRAMS_IN_SEGMENT}'/>
      <target dir='{PROGRAMS_IN_SEGMENT}'/>
    </filesystem>
    <interface type='network'>
      <source network='{network}'/>
      <mac address='{mac}'/>
      <target dev='{link}'/>
      <ip address='{address}' family='ipv4' prefix='{prefix}'/>
      <route family='ipv4' address='0.0.0.0' prefix='0' gateway='{gateway}'/>
    </interface>
    <console type='pty'/>
  </devices>{label}
</domain>
"
    )
}

/// A volume of root's alone; sparse.
pub fn volume(name: &str, bytes: u64) -> String {
    let name = escaped(name);
    format!(
        "<volume>
  <name>{name}</name>
  <capacity unit='bytes'>{bytes}</capacity>
  <allocation unit='bytes'>0</allocation>
  <target>
    <format type='raw'/>
    <permissions><mode>0600</mode><owner>0</owner><group>0</group></permissions>
  </target>
</volume>
"
    )
}

pub fn pool(name: &str) -> String {
    format!(
        "<pool type='dir'>
  <name>{name}</name>
  <target>
    <path>{STATE_DIR}/pool</path>
    <permissions><mode>0700</mode><owner>0</owner><group>0</group></permissions>
  </target>
</pool>
"
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use host::NodeName;
    use model::ClusterId;
    use wire::DomainMark;
    use wire::xml::Element;

    use super::*;

    fn spec() -> SegmentSpec {
        let cluster = uuid::Uuid::from_u128(7);
        let address = Ipv4Addr::new(10, 83, 0, 12);
        SegmentSpec {
            node: NodeName {
                cluster: ClusterId(cluster),
                ordinal: 2,
            },
            mark: DomainMark {
                cluster,
                ordinal: 2,
                id_base: 196_608,
                image: "0123456789abcdef".into(),
                address,
                discovery_port: 17_946,
                pids: 4096,
            },
            mac: wire::segment_mac(address),
            address,
            prefix: 24,
            gateway: Ipv4Addr::new(10, 83, 0, 1),
            memory_mib: 2048,
            vcpus: 2,
            disk_bytes: 20 << 30,
        }
    }

    /// Rewrite the files with `CARINA_BLESS=1 cargo test -p host-libvirt`.
    fn check(name: &str, text: &str) {
        let path = format!("{}/tests/xml/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("CARINA_BLESS").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, expected, "{path}");
    }

    #[test]
    fn a_segment_as_libvirt_gets_it() {
        check("segment.xml", &domain(&spec(), false));
        check("segment-confined.xml", &domain(&spec(), true));
    }

    #[test]
    fn every_segment_has_a_uuid_of_its_own() {
        let node = spec().node;
        let other = NodeName {
            ordinal: 3,
            ..node.clone()
        };
        assert_eq!(domain_uuid(&node), domain_uuid(&node));
        assert_ne!(domain_uuid(&node), domain_uuid(&other));
    }

    #[test]
    fn the_hook_finds_the_mark_again() {
        let xml = Element::parse(&domain(&spec(), false)).unwrap();
        assert_eq!(xml.domain_mark().unwrap(), Some(spec().mark));
    }

    #[test]
    fn a_network_as_libvirt_gets_it() {
        let spec = NetworkSpec {
            cluster: spec().node.cluster,
            mode: NetworkMode::Nat,
            bridge: "crn00000007".into(),
            subnet: "10.83.0.0/24".parse().unwrap(),
            gateway: Ipv4Addr::new(10, 83, 0, 1),
        };
        check("network.xml", &network(&spec));
    }

    #[test]
    fn nothing_breaks_out_of_an_attribute() {
        let mut spec = spec();
        spec.mac = "'/><evil x='".into();
        let xml = Element::parse(&domain(&spec, false)).unwrap();
        let mac = xml.at(&["devices", "interface", "mac"]).unwrap();
        assert_eq!(mac.attribute("address"), Some("'/><evil x='"));
    }
}
