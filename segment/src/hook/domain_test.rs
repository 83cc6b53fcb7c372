use super::*;

const NODE: &str = "00000000-0000-0000-0000-000000000007-n2";

/// The shape libvirt hands to the hook.
fn xml() -> String {
    let filesystems: String = crate::hook::place::filesystems(NODE)
        .iter()
        .map(|(source, target)| {
            format!(
                "<filesystem type='mount' accessmode='passthrough'><source dir='{source}'/>\
                 <target dir='{target}'/></filesystem>"
            )
        })
        .collect();
    format!(
        "<domain type='lxc' id='4711'><name>{NODE}</name>\
         <uuid>00000000-0000-8000-8000-000000000009</uuid>\
         <metadata><carina:segment xmlns:carina='{}' \
         cluster='00000000-0000-0000-0000-000000000007' ordinal='2' id-base='196608' \
         image='0123456789abcdef' address='10.83.0.12' discovery-port='17946' pids='4096'/>\
         </metadata><memory unit='KiB'>2097152</memory>\
         <cputune><period>100000</period><quota>200000</quota></cputune>\
         <idmap><uid start='0' target='196608' count='65536'/>\
         <gid start='0' target='196608' count='65536'/></idmap>\
         <seclabel type='static' model='apparmor' relabel='no'>\
         <label>carina-segment</label></seclabel>\
         <devices>{filesystems}<interface type='network'>\
         <source network='carina-00000000-0000-0000-0000-000000000007' bridge='crn01234567'/>\
         <mac address='52:54:00:53:00:0c'/><target dev='crs0a53000c'/></interface></devices></domain>",
        wire::METADATA_NAMESPACE
    )
}

fn checked(name: &str, text: &str) -> Result<Option<Domain>, HookError> {
    let domain = crate::hook::domain_of(name, text)?;
    if let Some(domain) = &domain {
        domain.check_limits()?;
    }
    Ok(domain)
}

#[test]
fn a_segment_is_accepted() {
    let domain = checked(NODE, &xml()).unwrap().unwrap();
    assert_eq!(domain.controller().unwrap(), 4711);
    assert_eq!(domain.bridge(), Some("crn01234567"));
    assert_eq!(domain.mac().unwrap(), "52:54:00:53:00:0c");
}

#[test]
fn domains_of_others_are_left_alone() {
    let text = xml().replace(wire::METADATA_NAMESPACE, "https://other.invalid");
    assert!(checked(NODE, &text).unwrap().is_none());
    // Even when they are not XML at all.
    assert!(checked("x", "<domain").unwrap().is_none());
}

#[test]
fn what_a_segment_must_not_be_is_refused() {
    for (what, with) in [
        ("id-base='196608'", "id-base='0'"),
        ("target='196608'", "target='0'"),
        ("count='65536'", "count='4294967295'"),
        ("<quota>200000</quota>", ""),
        ("<quota>200000</quota>", "<quota>-1</quota>"),
        ("<memory unit='KiB'>2097152</memory>", ""),
        ("type='network'", "type='direct'"),
        ("network='carina-", "network='other-"),
        ("/disk/docker'", "/../../../etc'"),
        ("/lower/usr/lib/carina'", "/root/usr/lib/carina'"),
        ("dev='crs0a53000c'", "dev='crs0a53000d'"),
        ("52:54:00:53:00:0c", "52:54:00:53:00:0c, x"),
        ("target dir='/'", "target dir='/proc'"),
        ("<devices>", "<devices><hostdev/>"),
        ("<devices>", "<devices><interface type='bridge'/>"),
        (
            "<devices>",
            "<devices><filesystem><source dir='/'/><target dir='/mnt'/></filesystem>",
        ),
        ("type='lxc'", "type='qemu'"),
        ("ordinal='2'", "ordinal='3'"),
    ] {
        let text = xml().replacen(what, with, 1);
        assert_ne!(text, xml(), "{what}");
        assert!(checked(NODE, &text).is_err(), "{what} -> {with}");
    }
    assert!(checked("another-name", &xml()).is_err());
}

#[test]
fn nothing_is_mounted_over_the_programs() {
    let text = xml();
    let (before, last) = text.split_at(text.rfind("<filesystem ").unwrap());
    let (last, after) = last.split_at(last.find("<interface").unwrap());
    let earlier = before.rfind("<filesystem ").unwrap();
    let text = format!("{}{last}{}{after}", &before[..earlier], &before[earlier..]);
    assert_eq!(text.len(), xml().len());
    assert!(checked(NODE, &text).is_err());
}

#[test]
fn confinement_needs_the_label_and_a_uuid() {
    let domain = checked(NODE, &xml()).unwrap().unwrap();
    let profile = domain.profile().unwrap();
    assert_eq!(profile, "libvirt-00000000-0000-8000-8000-000000000009");
    assert!(domain.is_confined_by("carina-segment"));
    for (what, with) in [
        ("type='static'", "type='none'"),
        ("<label>carina-", "<label>other-"),
        ("model='apparmor'", "model='selinux'"),
    ] {
        let domain = checked(NODE, &xml().replacen(what, with, 1)).unwrap();
        assert!(!domain.unwrap().is_confined_by("carina-segment"), "{what}");
    }
    let without = xml().replace("000000000009</uuid>", "</uuid>");
    assert!(checked(NODE, &without).unwrap().unwrap().profile().is_err());
}
