//! A named volume lives on one segment, and what mounts it goes there.

use std::time::Duration;

use super::node;
use crate::lab::Lab;

/// On which engines there is a volume of the name, counted from 1.
fn holders(lab: &Lab, volume: &str) -> Vec<usize> {
    let has = |k: &usize| lab.engine(k - 1, &["volume", "inspect", volume]).ok;
    (1..=3).filter(has).collect()
}

fn node_of(lab: &Lab, container: &str) -> String {
    lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", container])
}

pub fn volumes_have_their_node(lab: &mut Lab) {
    lab.docker_ok(&["volume", "create", "data"]);
    assert_eq!(
        holders(lab, "data").len(),
        1,
        "a volume lives on one segment"
    );
    lab.docker_ok(&["volume", "create", "data"]);
    assert_eq!(holders(lab, "data").len(), 1, "made again it is the same");
    // By its bare name, since there is one; with its node in front as well.
    let list =
        |filter: &str| lab.docker_ok(&["volume", "ls", "--format", "{{.Name}}", "-f", filter]);
    assert_eq!(
        list("name=data")
            .lines()
            .filter(|name| *name == "data")
            .count(),
        1
    );
    let name = ["volume", "inspect", "-f", "{{.Name}}"];
    assert_eq!(lab.docker_ok(&[&name[..], &["data"]].concat()), "data");
    let k = holders(lab, "data")[0];
    for node in [node(k), format!("n{k}")] {
        let qualified = format!("{node}/data");
        assert_eq!(lab.docker_ok(&[&name[..], &[&qualified]].concat()), "data");
        assert!(
            list(&format!("node={node}"))
                .lines()
                .any(|name| name == "data")
        );
    }
    let elsewhere = format!("n{}/data", k % 3 + 1);
    assert!(!lab.docker(&["volume", "inspect", &elsewhere]).ok);
    // What every segment has is called by its node.
    let system = list("name=swarm-data");
    assert_eq!(system.lines().count(), 3, "{system}");
    assert!(system.lines().all(|name| name.ends_with("/swarm-data")));
    let which = lab.docker_err(&["volume", "inspect", "swarm-data"]);
    assert!(which.contains("no such volume"), "{which}");
    assert!(which.contains("n1, n2, n3"), "{which}");
    lab.docker_ok(&["volume", "rm", "data"]);
    assert!(!lab.docker(&["volume", "inspect", "data"]).ok);
    // Where people say.
    lab.docker_ok(&["volume", "create", "n3/there"]);
    assert_eq!(holders(lab, "there"), [3]);
    let label = "carina.segment=n2";
    lab.docker_ok(&["volume", "create", "--label", label, "labelled"]);
    assert_eq!(holders(lab, "labelled"), [2]);
    let whitelist = format!(r#"com.docker.swarm.whitelists=["node=={}"]"#, node(3));
    lab.docker_ok(&["volume", "create", "--label", &whitelist, "listed"]);
    assert_eq!(holders(lab, "listed"), [3]);
    let wrong = lab.docker_err(&["volume", "create", "--label", label, "there"]);
    assert!(wrong.contains("volume there is on segment n3"), "{wrong}");
    let nobody = lab.docker_err(&["volume", "create", "nobody/x"]);
    assert!(nobody.contains("n1: constraint node==nobody"), "{nobody}");
    let reserved = lab.docker_err(&["volume", "create", "--label", "carina.system=x", "x"]);
    assert!(reserved.contains("CARINA-1018"), "{reserved}");
    // By themselves they spread.
    for name in ["one", "two", "three"] {
        lab.docker_ok(&["volume", "create", name]);
    }
    let mut at: Vec<usize> = ["one", "two", "three"]
        .iter()
        .flat_map(|name| holders(lab, name))
        .collect();
    at.sort_unstable();
    assert!(at.len() == 3 && at[0] < at[2], "{at:?}");
    // Engines before 23 know no `-a` and take all that are idle.
    lab.docker_ok(&["volume", "prune", "-f"]);
    for name in ["there", "labelled", "listed", "one", "two", "three"] {
        lab.docker(&["volume", "rm", name]);
        assert_eq!(holders(lab, name), [0; 0], "{name}");
    }
    assert_eq!(holders(lab, "swarm-data"), [1, 2, 3]);
}

pub fn containers_follow_their_volume(lab: &mut Lab) {
    lab.docker_ok(&["volume", "create", "n2/data"]);
    let write = "echo kept > /d/f";
    lab.docker_ok(&["run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", write]);
    for _ in 0..3 {
        let read = ["run", "--rm", "-v", "data:/d:ro", "busybox", "cat", "/d/f"];
        assert_eq!(lab.docker_ok(&read), "kept");
        let mount = "type=volume,source=data,target=/d";
        let read = ["run", "--rm", "--mount", mount, "busybox", "cat", "/d/f"];
        assert_eq!(lab.docker_ok(&read), "kept");
    }
    // One that a container makes by itself has its place from then on.
    let first = ["run", "-d", "--name", "first", "-v", "made:/d"];
    lab.docker_ok(&[&first[..], &["busybox", "sh", "-c", "echo x > /d/f"]].concat());
    let at = node_of(lab, "first");
    for k in 0..3 {
        let name = format!("later{k}");
        lab.docker_ok(&[
            "create", "--name", &name, "-v", "made:/d", "busybox", "true",
        ]);
        assert_eq!(node_of(lab, &name), at);
    }
    assert_eq!(holders(lab, "made").len(), 1);
    // Anonymous ones are nobody else's, wherever they are.
    let own = [
        "create",
        "--name",
        "own",
        "-e",
        "constraint:node==n1",
        "-v",
        "/d",
    ];
    lab.docker_ok(&[&own[..], &["busybox", "true"]].concat());
    let user = [
        "run",
        "--name",
        "user",
        "--volumes-from",
        "own",
        "busybox",
        "true",
    ];
    lab.docker_ok(&user);
    assert_eq!(node_of(lab, "user"), node(1));
    // In use and out of use again.
    let used = lab.docker_err(&["volume", "rm", "made"]);
    assert!(used.contains("volume is in use"), "{used}");
    lab.containers_remove();
    lab.docker_ok(&["volume", "rm", "made", "data"]);
    assert_eq!(holders(lab, "made"), [0; 0]);
}

pub fn two_that_make_a_volume_share_it(lab: &mut Lab) {
    for round in 0..3 {
        let (volume, bind) = (format!("both{round}"), format!("both{round}:/d"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    lab.docker_ok(&["create", "-v", &bind, "busybox", "true"]);
                });
            }
            scope.spawn(|| lab.docker_ok(&["volume", "create", &volume]));
        });
        assert_eq!(holders(lab, &volume).len(), 1, "{volume}");
    }
    lab.containers_remove();
    for round in 0..3 {
        lab.docker_ok(&["volume", "rm", &format!("both{round}")]);
    }
}

pub fn a_volume_on_a_dead_segment_is_waited_for(lab: &mut Lab) {
    lab.docker_ok(&["volume", "create", "n3/lost"]);
    lab.nodes[2].engine_stop();
    lab.wait_until("the node is unhealthy", Duration::from_secs(10), |lab| {
        lab.docker_ok(&["info"]).contains("Status: Unhealthy")
    });
    for k in 0..2 {
        let refused = lab.docker_at(k, &lab.alice, &["run", "-v", "lost:/d", "busybox"]);
        let text = "volume lost is on segment n3, which cannot take this container: not healthy (";
        assert!(!refused.ok && refused.err.contains(text), "{}", refused.err);
    }
    for args in [
        &["volume", "inspect", "lost"][..],
        &["volume", "rm", "lost"],
    ] {
        let refused = lab.docker_err(args);
        let text = "volume lost is on segment n3, which is not healthy";
        assert!(refused.contains(text), "{refused}");
    }
    lab.docker_err(&["volume", "create", "lost"]);
    lab.nodes[2].engine_start();
    lab.nodes[2].engine_wait();
    lab.wait_until("the node is back", Duration::from_secs(15), |lab| {
        lab.docker_ok(&["info"]).matches("Status: Healthy").count() == 3
    });
    lab.docker_ok(&["run", "--rm", "-v", "lost:/d", "busybox", "true"]);
    assert_eq!(holders(lab, "lost"), [3]);
    lab.docker_ok(&["volume", "rm", "lost"]);
}
