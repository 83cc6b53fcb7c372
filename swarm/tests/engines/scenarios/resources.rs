//! Networks, and tidying up.

use std::time::Duration;

use super::node;
use crate::lab::Lab;

pub fn networks_have_their_node(lab: &mut Lab) {
    // Bridge, host, none and docker_gwbridge on each, and ingress: the last come with the swarm.
    lab.wait_until("the networks are there", Duration::from_secs(10), |lab| {
        let list = lab.docker_ok(&["network", "ls", "--format", "{{.Name}}"]);
        list.lines().count() == 13
    });
    assert!(
        lab.docker_err(&["network", "inspect", "bridge"])
            .contains("No such network")
    );
    let bridge = format!("{}/bridge", node(1));
    let inspect = ["network", "inspect", "-f", "{{.Name}}"];
    assert_eq!(
        lab.docker_ok(&[&inspect[..], &[&bridge]].concat()),
        "bridge"
    );
    let name = format!("{}/mine", node(2));
    lab.docker_ok(&["network", "create", "-d", "bridge", &name]);
    assert!(lab.docker_ok(&["network", "ls"]).contains(&name));
    // By its plain name as well: there is only one, and the container goes to it.
    lab.docker_ok(&[
        "run", "-d", "--name", "inside", "--net", "mine", "busybox", "sleep", "300",
    ]);
    assert_eq!(
        lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", "inside"]),
        node(2)
    );
    lab.docker_ok(&[
        "network",
        "connect",
        &format!("{}/bridge", node(2)),
        "inside",
    ]);
    let networks = "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}";
    assert_eq!(
        lab.docker_ok(&["inspect", "-f", networks, "inside"]),
        "bridge mine"
    );
    lab.docker_ok(&[
        "network",
        "disconnect",
        &format!("{}/bridge", node(2)),
        "inside",
    ]);
    assert_eq!(
        lab.docker_ok(&["inspect", "-f", networks, "inside"]),
        "mine"
    );
    lab.docker_ok(&["rm", "-f", "inside"]);
    lab.docker_ok(&["network", "rm", &name]);
    assert!(!lab.docker_ok(&["network", "ls"]).contains(&name));
    let nowhere = lab.docker_err(&["network", "create", "-d", "bridge", "nobody/x"]);
    assert!(nowhere.contains("nobody"), "{nowhere}");
}

pub fn pruning_leaves_the_system_alone(lab: &mut Lab) {
    for k in 1..=3 {
        let constraint = format!("constraint:node=={}", node(k));
        lab.docker_ok(&["run", "-e", &constraint, "busybox", "true"]);
    }
    let df = lab.docker_ok(&["system", "df"]);
    assert!(df.contains("Containers") && df.contains("Images"), "{df}");
    let pruned = lab.docker_ok(&["container", "prune", "-f"]);
    assert_eq!(
        pruned.lines().filter(|line| line.len() == 64).count(),
        3,
        "{pruned}"
    );
    lab.docker_ok(&["volume", "prune", "-f"]);
    lab.docker_ok(&["network", "prune", "-f"]);
    lab.docker_ok(&["image", "prune", "-f"]);
    let left = lab.docker_ok(&["ps", "-aq", "-f", "name=swarm-"]);
    assert_eq!(left.lines().count(), 9, "{left}");
    for k in 0..3 {
        assert!(lab.engine(k, &["volume", "inspect", "swarm-data"]).ok);
    }
}

/// Over Docker's own swarm between the engines.
pub fn an_overlay_spans_the_segments(lab: &mut Lab) {
    let info = lab.docker_ok(&["info", "-f", "{{json .Swarm}}"]);
    assert!(!info.contains("SWMTKN"), "{info}");
    lab.docker_ok(&["network", "create", "wide"]);
    assert_eq!(
        lab.docker_ok(&["network", "inspect", "-f", "{{.Driver}}", "wide"]),
        "overlay"
    );
    for k in 1..=3 {
        let (name, constraint) = (format!("w{k}"), format!("constraint:node=={}", node(k)));
        let run = [
            "run",
            "-d",
            "--name",
            &name,
            "--net",
            "wide",
            "-e",
            &constraint,
        ];
        lab.docker_ok(&[&run[..], &["busybox", "sleep", "300"]].concat());
    }
    let ping = lab.docker_ok(&["exec", "w1", "ping", "-c", "1", "-w", "5", "w3"]);
    assert!(ping.contains("1 packets received"), "{ping}");
    let list = lab.docker_ok(&[
        "network",
        "ls",
        "--format",
        "{{.Name}}",
        "-f",
        "driver=overlay",
    ]);
    assert_eq!(
        list.lines().filter(|name| *name == "wide").count(),
        1,
        "{list}"
    );
    lab.docker_ok(&["rm", "-f", "w1", "w2", "w3"]);
    lab.docker_ok(&["network", "rm", "wide"]);
}

/// Every engine tells of its own containers only; here they are together.
pub fn networks_are_the_cluster_s(lab: &mut Lab) {
    // Two at once of the same name: one is made.
    let made: usize = std::thread::scope(|scope| {
        let create = || usize::from(lab.docker(&["network", "create", "front"]).ok);
        let both = [scope.spawn(create), scope.spawn(create)];
        both.into_iter()
            .map(|one| one.join().expect("no panic"))
            .sum()
    });
    assert_eq!(made, 1);
    let twice = lab.docker_err(&["network", "create", "front"]);
    assert!(
        twice.contains("network with name front already exists"),
        "{twice}"
    );
    lab.docker_ok(&["network", "create", "--label", "tier=back", "back"]);
    for k in 1..=3 {
        let (name, label) = (format!("f{k}"), format!("carina.segment=n{k}"));
        let run = [
            "run", "-d", "--name", &name, "--label", &label, "--net", "front",
        ];
        lab.docker_ok(&[&run[..], &["busybox", "sleep", "300"]].concat());
    }
    let names = [
        "network",
        "inspect",
        "-f",
        "{{range .Containers}}{{.Name}} {{end}}",
    ];
    let on_front = lab.docker_ok(&[&names[..], &["front"]].concat());
    for k in 1..=3 {
        let name = format!("f{k}");
        assert!(on_front.split(' ').any(|known| known == name), "{on_front}");
    }
    let used = lab.docker_err(&["network", "rm", "front"]);
    assert!(
        used.contains("in use") || used.contains("active endpoints"),
        "{used}"
    );
    // On two of them from the start.
    let pair = [
        "run",
        "-d",
        "--name",
        "pair",
        "--label",
        "carina.segment=n2",
    ];
    let nets = ["--net", "front", "--net", "back", "busybox", "sleep", "300"];
    let version: u32 = lab
        .docker_ok(&["version", "-f", "{{.Server.APIVersion}}"])
        .trim_start_matches("1.")
        .parse()
        .expect("a number");
    if version >= 44 {
        lab.docker_ok(&[&pair[..], &nets].concat());
    } else {
        // Older engines take one, and the client says so.
        let nets = ["--net", "front", "busybox", "sleep", "300"];
        lab.docker_ok(&[&pair[..], &nets].concat());
        lab.docker_ok(&["network", "connect", "back", "pair"]);
    }
    let both = "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}";
    assert_eq!(
        lab.docker_ok(&["inspect", "-f", both, "pair"]),
        "back front"
    );
    let ping = lab.docker_ok(&["exec", "pair", "ping", "-c", "1", "-w", "5", "f3"]);
    assert!(ping.contains("1 packets received"), "{ping}");
    lab.docker_ok(&["network", "disconnect", "back", "pair"]);
    assert_eq!(lab.docker_ok(&["inspect", "-f", both, "pair"]), "front");
    let list = ["network", "ls", "--format", "{{.Name}}", "-f"];
    assert_eq!(
        lab.docker_ok(&[&list[..], &["label=tier=back"]].concat()),
        "back"
    );
    // The idle one goes, the used one stays. A swarm lets go of what was left a moment later.
    lab.wait_until("the idle one is gone", Duration::from_secs(20), |lab| {
        lab.docker_ok(&["network", "prune", "-f", "--filter", "label=tier=back"]);
        let left = lab.docker_ok(&[&list[..], &["driver=overlay"]].concat());
        assert!(left.contains("front"), "{left}");
        !left.contains("back")
    });
    lab.containers_remove();
    lab.docker_ok(&["network", "rm", "front"]);
    let nobody = lab.docker_err(&["network", "create", "nobody/x"]);
    assert!(nobody.contains("No healthy node nobody in the cluster: there are n1, n2, n3"));
}
