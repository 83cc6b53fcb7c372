//! Networks, and tidying up.

use super::node;
use crate::lab::Lab;

pub fn networks_have_their_node(lab: &mut Lab) {
    let list = lab.docker_ok(&["network", "ls", "--format", "{{.Name}}"]);
    assert_eq!(
        list.lines().count(),
        13,
        "bridge, host, none and docker_gwbridge on each, and ingress: {list}"
    );
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
