//! What lies beyond the policy: held by the segment, the host or the panel, and tried there.

pub struct Elsewhere {
    pub id: &'static str,
    /// What holds, in words for the page.
    pub why: &'static str,
    /// From the repository's root.
    pub file: &'static str,
    /// The test, or the line that it tries.
    pub test: &'static str,
}

const fn row(
    id: &'static str,
    why: &'static str,
    file: &'static str,
    test: &'static str,
) -> Elsewhere {
    Elsewhere {
        id,
        why,
        file,
        test,
    }
}

const LAB: &str = "swarm/tests/engines/scenarios/ways.rs";
const ATTEMPTS: &str = "crates/host-libvirt/tests/escape/attempts.rs";
const NETWORK: &str = "crates/host-libvirt/tests/escape/attempts/network.rs";
const EXHAUST: &str = "crates/host-libvirt/tests/escape/exhaust.rs";

#[rustfmt::skip]
pub const ELSEWHERE: &[Elsewhere] = &[
    row("B24", "fuzzed", "fuzz/fuzz_targets/json.rs", "fuzz_target!"),
    row("C29", "an image gets no more than its container", LAB, "images_declare_nothing_more"),
    row("D5", "the engine keeps to the volume", LAB, "links_lead_nowhere"),
    row("E5", "nothing passes between clusters", NETWORK, "another cluster's agent"),
    row("F2", "the engine keeps to the container", LAB, "links_lead_nowhere"),
    row("F3", "the engine loads none of the container's", LAB, "links_lead_nowhere"),
    row("F4", "the host's files are not the segment's: ids of its own", ATTEMPTS, "give a file to an id of the host's"),
    row("F7", "the system's image is known by its id, not its name", "segment/src/init/image.rs", "only_a_record_of_the_same_program_is_believed"),
    row("H6", "all off in the engine", "segment/src/init/daemons.rs", "no_build_gets_more_than_a_container"),
    row("H6", "refused in BuildKit's orders", "swarm/tests/engines/scenarios/buildkit.rs", "buildkit_gets_no_more_than_a_container"),
    row("H5", "each order is read and written anew", "swarm/tests/engines/scenarios/buildkit.rs", "buildkit_gets_no_more_than_a_container"),
    row("H7", "the engine's entitlements hold", "swarm/tests/engines/scenarios/buildkit.rs", "RUN --network=host"),
    row("H8", "the engine keeps to the context", LAB, "a_dockerfile_keeps_to_its_context"),
    row("H9", "a build is inside the segment's own limits", EXHAUST, "all memory"),
    row("I6", "placed by Docker's scheduler on the cluster's own nodes", "swarm/tests/engines/scenarios/placing.rs", "a_service_goes_to_its_segment"),
    row("J1", "segments reach neither the host nor metadata", NETWORK, "a cloud's metadata"),
    row("L1", "the engine listens on a socket that nothing can mount", "segment/src/init/daemons.rs", "fn start_dockerd"),
    row("L2", "the host answers on two ports", NETWORK, "the panel at its gateway"),
    row("L3", "frames that are not the segment's own are dropped at its link", "crates/host-libvirt/tests/escape/frames.rs", "a packet from its gateway's address"),
    row("L7", "paths are opened below the segment's root, links not followed", "segment/src/hook/place.rs", "no_link_in_a_segments_files_is_followed"),
    row("L8", "unprivileged, AppArmor", ATTEMPTS, "/proc/sysrq-trigger"),
    row("L9", "limits of memory, CPU, processes, disk and inodes", EXHAUST, "a fork bomb"),
    row("L10", "origin and session are looked at", "server/tests/panel/session.rs", "a_change_from_another_site_is_refused"),
    row("L11", "refused, or not found", "server/tests/panel/anonymous.rs", "every_server_function_refuses"),
    row("L11", "refused, or not found", "server/tests/panel/foreign.rs", "pages_functions_and_bundles_are_not_found"),
    row("L12", "the panel's use cases decide, not its pages", "server/tests/panel/foreign.rs", "every_function_about_a_cluster_is_in_the_list"),
    row("L13", "taken from neighbors alone", "swarm/src/manage/gate.rs", "the_cluster_s_own_certificate_opens_from_inside_alone"),
    row("L13", "not let in from outside", "swarm/tests/engines/scenarios/doors.rs", "the_cluster_s_own_certificate_opens_from_inside_alone"),
    row("M2", "an id goes before a name that looks like it", "swarm/src/policy/tests/create.rs", "c5_a_name_like_a_short_id_hides_no_system_container"),
    row("M5", "made anew in its place, and its name is nobody's", "crates/host-libvirt/tests/segment.rs", "a_segment_runs_its_engine_and_keeps_its_system_containers"),
    row("N", "recorded requests of four clients pass", "swarm/src/api/tests/recorded.rs", "fn "),
    row("CVE-2019-5736", "stopped by the engine's runc", LAB, "runc_keeps_its_own_file"),
    row("CVE-2022-0492", "no group's release_agent can be written", LAB, "a_container_has_no_release_agent"),
    row("CVE-2024-21626", "an image's directory in /proc/self/fd leads nowhere", LAB, "images_declare_nothing_more"),
    row("CVE-2026-31431", "the segment's own filter of calls", "segment/src/init/confine/calls.rs", "what_nobody_needs_is_refused"),
];
