//! Images on several nodes: pulled, named, packed and removed on all that have them.

use super::image::{copied, made_at, seen};
use super::{Line, Seed, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/pull",
        Seed::Yes,
        "on all nodes, listed once",
        pull_reaches_every_node,
    ),
    passes("api/pull", Seed::Yes, "by digest", pull_by_digest),
    passes(
        "api/pull",
        Seed::Yes,
        "of what is missing fails",
        pull_of_what_is_missing_fails,
    ),
    passes(
        "api/rmi",
        Seed::Yes,
        "from every node that has it",
        rmi_removes_from_all_nodes,
    ),
    passes(
        "api/rmi",
        Seed::Yes,
        "a part of a name is refused: \"No such image\"",
        rmi_refuses_a_prefix_of_a_name,
    ),
    passes(
        "api/rmi",
        Seed::Yes,
        "without a tag it is latest",
        rmi_without_a_tag_means_latest,
    ),
    passes(
        "api/rmi",
        Seed::Yes,
        "by id with two tags only by -f",
        rmi_by_id_with_two_tags,
    ),
    passes("api/rmi", Seed::Yes, "by digest", rmi_by_digest),
    passes("api/rmi", Seed::Yes, "by id", rmi_by_id),
    passes(
        "api/rmi",
        Seed::Yes,
        "-f of one tag leaves the other",
        rmi_f_of_one_tag_leaves_the_other,
    ),
    passes(
        "api/save",
        Seed::Yes,
        "a tar archive, by -o and on standard output",
        save_is_a_tar,
    ),
    passes(
        "api/save",
        Seed::Yes,
        "several images: one node must have them all; the archive can be loaded",
        save_needs_one_node_with_all,
    ),
    passes(
        "api/tag",
        Seed::Yes,
        "where the image is",
        tag_happens_where_the_image_is,
    ),
    passes(
        "api/tag",
        Seed::Yes,
        "on all that have it",
        tag_happens_on_all_holders,
    ),
];

fn pull_reaches_every_node(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-pull");
    let said = lab.ok(&format!("pull {image}"));
    for k in 0..3 {
        let line = format!("{}: Pulling {image}:latest... : downloaded", lab.node(k));
        assert!(said.contains(&line), "{line}: {said}");
        assert!(lab.engine_says(k, &format!("image inspect {image}")).ok);
    }
    assert_eq!(lab.ok(&format!("images -q {image}")).lines().count(), 1);
    lab.ok(&format!("rmi {image}"));
}

fn pull_by_digest(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-digest");
    let by_digest = digest_of(lab, &image);
    lab.ok(&format!("pull {by_digest}"));
    for k in 0..3 {
        let said = lab.engine_says(k, &format!("image inspect {by_digest}"));
        assert!(said.ok, "{k}: {}", said.err);
    }
    assert!(
        lab.ok("images --digests")
            .contains(&by_digest[by_digest.len() - 64..])
    );
    lab.ok(&format!("rmi {by_digest}"));
}

fn pull_of_what_is_missing_fails(lab: &mut Lab) {
    let image = format!("{}/h-missing", lab.registry.address);
    let text = lab.fails(&format!("pull {image}"));
    assert!(text.contains("manifest unknown"), "{text}");
    assert!(text.contains(lab.node(0)), "says on which node: {text}");
}

fn rmi_removes_from_all_nodes(lab: &mut Lab) {
    made_at(lab, 0, "h-rmi", "");
    copied(lab, 0, 1, "h-rmi");
    seen(lab, "h-rmi", "latest");
    lab.ok("rmi h-rmi");
    for k in 0..3 {
        assert!(!lab.engine_says(k, "image inspect h-rmi").ok, "{k}");
    }
    assert_eq!(lab.ok("images -q h-rmi"), "");
}

fn rmi_refuses_a_prefix_of_a_name(lab: &mut Lab) {
    made_at(lab, 0, "h-prefix", "");
    let text = lab.fails("rmi h-pre");
    assert!(text.contains("No such image"), "{text}");
    assert_eq!(lab.ok("images -q h-prefix").lines().count(), 1);
    lab.ok("rmi h-prefix");
}

fn rmi_without_a_tag_means_latest(lab: &mut Lab) {
    made_at(lab, 0, "h-tagged:2", "");
    let text = lab.fails("rmi h-tagged");
    assert!(text.contains("No such image"), "{text}");
    lab.ok("tag h-tagged:2 h-tagged");
    assert!(lab.ok("rmi h-tagged").contains("Untagged: h-tagged:latest"));
    assert_eq!(lab.ok("images -q h-tagged").lines().count(), 1);
    lab.ok("rmi h-tagged:2");
}

fn rmi_by_id_with_two_tags(lab: &mut Lab) {
    made_at(lab, 0, "h-two:1", "");
    lab.ok("tag h-two:1 h-two:2");
    let id = lab.ok("images -q h-two:1");
    let text = lab.fails(&format!("rmi {id}"));
    assert!(text.contains("must be forced"), "{text}");
    lab.ok(&format!("rmi -f {id}"));
    assert_eq!(lab.ok("images -q h-two"), "");
}

fn rmi_by_digest(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-rmidigest");
    let by_digest = digest_of(lab, &image);
    lab.ok(&format!("pull {by_digest}"));
    lab.ok(&format!("rmi {by_digest}"));
    for k in 0..3 {
        assert!(
            !lab.engine_says(k, &format!("image inspect {by_digest}")).ok,
            "{k}"
        );
    }
}

fn rmi_by_id(lab: &mut Lab) {
    made_at(lab, 1, "h-byid", "");
    let id = lab.ok("images -q --no-trunc h-byid");
    lab.ok(&format!("rmi {id}"));
    assert_eq!(lab.ok("images -q h-byid"), "");
}

fn rmi_f_of_one_tag_leaves_the_other(lab: &mut Lab) {
    made_at(lab, 0, "h-one:1", "");
    lab.ok("tag h-one:1 h-one:2");
    lab.ok("rmi -f h-one:1");
    assert_eq!(lab.ok("images --format {{.Tag}} h-one"), "2");
    lab.ok("rmi -f h-one:2");
}

fn save_is_a_tar(lab: &mut Lab) {
    let tar = lab.path("h-save.tar");
    lab.ok(&format!("save -o {} busybox", tar.display()));
    let to_stdout = lab
        .docker_command(0, &lab.alice, &["save", "busybox"])
        .output();
    let bytes = to_stdout.expect("it runs").stdout;
    assert_eq!(bytes.get(257..262), Some(&b"ustar"[..]), "a tar archive");
    let file = std::fs::read(&tar).expect("a file");
    assert_eq!(file.get(257..262), Some(&b"ustar"[..]), "a tar archive");
}

fn save_needs_one_node_with_all(lab: &mut Lab) {
    made_at(lab, 0, "h-here", "");
    made_at(lab, 1, "h-there", "");
    let tar = lab.path("h-multi.tar");
    let save = format!("save -o {} h-here h-there", tar.display());
    let text = lab.fails(&save);
    let wanted = "Unable to find a healthy engine containing all images";
    assert!(text.contains(wanted), "{text}");
    copied(lab, 0, 1, "h-here");
    lab.ok(&save);
    lab.ok("rmi h-here h-there");
    let said = lab.ok(&format!("load -i {}", tar.display()));
    assert!(
        said.contains("h-here") && said.contains("h-there"),
        "{said}"
    );
    lab.ok("rmi h-here h-there");
}

fn tag_happens_where_the_image_is(lab: &mut Lab) {
    made_at(lab, 1, "h-tag", "");
    lab.ok("tag h-tag h-tag:new");
    assert!(lab.engine_says(1, "image inspect h-tag:new").ok);
    assert!(!lab.engine_says(0, "image inspect h-tag:new").ok);
    let text = lab.fails("tag h-nothing h-tag:x");
    assert!(text.contains("No such image"), "{text}");
    lab.ok("rmi h-tag h-tag:new");
}

fn tag_happens_on_all_holders(lab: &mut Lab) {
    lab.ok("tag busybox h-tagall");
    for k in 0..3 {
        assert!(lab.engine_says(k, "image inspect h-tagall").ok, "{k}");
    }
    lab.ok("rmi h-tagall");
}

/// `name@sha256:…` of what was pushed last.
fn digest_of(lab: &Lab, image: &str) -> String {
    let digest = lab.registry.digest(image);
    format!("{image}@{}", digest.expect("it was pushed"))
}
