//! Networks and volumes.

use super::node;
use crate::lab::Lab;

pub fn networks_have_their_node(lab: &mut Lab) {
    let list = lab.docker_ok(&["network", "ls", "--format", "{{.Name}}"]);
    assert_eq!(list.lines().count(), 9, "bridge, host and none on each: {list}");
    assert!(lab.docker_err(&["network", "inspect", "bridge"]).contains("No such network"));
    let bridge = format!("{}/bridge", node(1));
    let inspect = ["network", "inspect", "-f", "{{.Name}}"];
    assert_eq!(lab.docker_ok(&[&inspect[..], &[&bridge]].concat()), "bridge");
    let name = format!("{}/mine", node(2));
    lab.docker_ok(&["network", "create", "-d", "bridge", &name]);
    assert!(lab.docker_ok(&["network", "ls"]).contains(&name));
    // By its plain name as well: there is only one, and the container goes to it.
    lab.docker_ok(&["run", "-d", "--name", "inside", "--net", "mine", "busybox", "sleep", "300"]);
    assert_eq!(lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", "inside"]), node(2));
    lab.docker_ok(&["network", "connect", &format!("{}/bridge", node(2)), "inside"]);
    let networks = "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}";
    assert_eq!(lab.docker_ok(&["inspect", "-f", networks, "inside"]), "bridge mine");
    lab.docker_ok(&["network", "disconnect", &format!("{}/bridge", node(2)), "inside"]);
    assert_eq!(lab.docker_ok(&["inspect", "-f", networks, "inside"]), "mine");
    lab.docker_ok(&["rm", "-f", "inside"]);
    lab.docker_ok(&["network", "rm", &name]);
    assert!(!lab.docker_ok(&["network", "ls"]).contains(&name));
    let nowhere = lab.docker_err(&["network", "create", "-d", "bridge", "nobody/x"]);
    assert!(nowhere.contains("nobody"), "{nowhere}");
    // Without a swarm there is no overlay; what a client asks for without a driver is a bridge.
    lab.docker_ok(&["network", "create", "plain"]);
    lab.docker_ok(&["network", "rm", "plain"]);
}

pub fn volumes_have_their_node(lab: &mut Lab) {
    lab.docker_ok(&["volume", "create", "data"]);
    let held = (0..3).filter(|k| lab.engine(*k, &["volume", "inspect", "data"]).ok).count();
    assert_eq!(held, 1, "a volume lives on one segment");
    let write = ["run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", "echo kept > /d/f"];
    lab.docker_ok(&write);
    for _ in 0..3 {
        let read = ["run", "--rm", "-v", "data:/d", "busybox", "cat", "/d/f"];
        assert_eq!(lab.docker_ok(&read), "kept");
    }
    let list = lab.docker_ok(&["volume", "ls", "--format", "{{.Name}}", "-f", "name=data"]);
    assert!(list.lines().any(|name| name.ends_with("/data")), "{list}");
    assert_eq!(lab.docker_ok(&["volume", "inspect", "-f", "{{.Name}}", "data"]), "data");
    assert!(lab.docker_err(&["volume", "inspect", "swarm-data"]).contains("no such volume"));
    lab.docker_ok(&["volume", "rm", "data"]);
    assert!(!lab.docker(&["volume", "inspect", "data"]).ok);
}
