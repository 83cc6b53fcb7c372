//! What the policy lets through opens nothing, judged by a reader of the JSON that is sent, not by
//! the policy's own models.
//!
//! Input: the body of a container's create.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use swarm::api::{ContainerCreate, json};
use swarm::policy::{Cluster, Policy};

fuzz_target!(|input: &[u8]| {
    let Ok(mut create) = json::read::<ContainerCreate>(input) else {
        return;
    };
    let policy = Policy::carina();
    if policy
        .container_create(None, &mut create, &Cluster(&[]))
        .is_err()
    {
        return;
    }
    let written = json::write(&create);
    let sent: Value = serde_json::from_slice(&written).expect("JSON");
    judge(&sent);

    // What was let through once is let through again, unchanged.
    let mut again: ContainerCreate = json::read(&written).expect("what was written can be read");
    policy
        .container_create(None, &mut again, &Cluster(&[]))
        .expect("it was let through before");
    assert_eq!(json::write(&again), written);
});

fn judge(sent: &Value) {
    let host = &sent["HostConfig"];
    let text = |key: &str| host[key].as_str().unwrap_or_default();
    let list = |key: &str| host[key].as_array().map_or(&[][..], Vec::as_slice);
    assert_ne!(host["Privileged"], true, "{sent}");
    for empty in [
        "CapAdd",
        "CapDrop",
        "Capabilities",
        "Devices",
        "DeviceRequests",
        "DeviceCgroupRules",
    ] {
        assert!(list(empty).is_empty(), "{empty}: {sent}");
    }
    for mode in [
        "NetworkMode",
        "PidMode",
        "IpcMode",
        "UTSMode",
        "UsernsMode",
        "CgroupnsMode",
        "Cgroup",
    ] {
        assert!(!text(mode).eq_ignore_ascii_case("host"), "{mode}: {sent}");
    }
    for mode in ["PidMode", "IpcMode"] {
        assert!(!text(mode).starts_with("container:"), "{mode}: {sent}");
    }
    assert_eq!(text("CgroupParent"), "", "{sent}");
    for option in list("SecurityOpt") {
        let option = option.as_str().unwrap_or_default();
        assert!(option.starts_with("no-new-privileges"), "{sent}");
    }
    for bind in list("Binds") {
        let bind = bind.as_str().unwrap_or_default();
        let source = bind.split_once(':').map_or("", |(source, _)| source);
        assert!(
            !source.contains('/') && !source.starts_with(['.', '~']),
            "{sent}"
        );
        let options = bind.splitn(3, ':').nth(2).unwrap_or_default();
        assert!(
            !options.contains("shared") && !options.contains("slave"),
            "{sent}"
        );
    }
    for mount in list("Mounts") {
        let kind = mount["Type"].as_str().unwrap_or_default();
        assert!(matches!(kind, "volume" | "tmpfs"), "{sent}");
        let source = mount["Source"].as_str().unwrap_or_default();
        assert!(!source.contains('/') && !source.starts_with('.'), "{sent}");
        let options = &mount["VolumeOptions"]["DriverConfig"]["Options"];
        assert!(
            options.as_object().is_none_or(|options| options.is_empty()),
            "{sent}"
        );
    }
    for name in host["Sysctls"]
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys())
    {
        assert!(name.starts_with("net."), "{sent}");
    }
    assert!(
        matches!(text("Runtime"), "" | "runc" | "io.containerd.runc.v2"),
        "{sent}"
    );
    let log = host["LogConfig"]["Type"].as_str().unwrap_or_default();
    assert!(matches!(log, "" | "json-file" | "local" | "none"), "{sent}");
}
