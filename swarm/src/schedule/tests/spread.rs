//! Which of the nodes that will do: the archived formula, and what counts in it.

use super::*;

#[test]
fn spread_takes_the_node_with_the_fewest_containers() {
    let mut nodes = three();
    assert_eq!(check(&nodes, &[], "{}"), Ok("n1".into()), "ties go by name");
    nodes[0].containers.push(container("a", "a"));
    assert_eq!(check(&nodes, &[], "{}"), Ok("n2".into()));
    let coming = Pending {
        node: "n2".into(),
        facts: container("", "coming"),
        in_doubt: false,
    };
    assert_eq!(
        check(&nodes, std::slice::from_ref(&coming), "{}"),
        Ok("n3".into()),
        "pending ones count"
    );
    nodes[1].containers.push(container("b", "coming"));
    nodes[2]
        .containers
        .extend([container("c", "c"), container("d", "d")]);
    assert_eq!(check(&nodes, &[coming], "{}"), Ok("n1".into()), "once");
}

#[test]
fn spread_follows_the_archived_formula() {
    let mut nodes = three();
    // Used after placing 1 CPU: 50 + 100, 100 + 100 … the total of 2 stays 2 with 5 % overcommit.
    nodes[0].containers.push(ContainerFacts {
        cpus: 1,
        ..container("a", "a")
    });
    let one_cpu = r#"{"HostConfig":{"CpuShares":1}}"#;
    assert_eq!(check(&nodes, &[], one_cpu), Ok("n2".into()));
    nodes[1].containers.push(ContainerFacts {
        cpus: 1,
        ..container("b", "b")
    });
    nodes[2].containers.push(ContainerFacts {
        cpus: 2,
        state: "exited".into(),
        ..container("c", "c")
    });
    assert_eq!(
        check(&nodes, &[], one_cpu),
        Ok("n1".into()),
        "a stopped one keeps what it reserved"
    );
    // Memory: 2 GiB + 5 %.
    let fits = format!(
        r#"{{"HostConfig":{{"Memory":{}}}}}"#,
        (2i64 << 30) + (2i64 << 30) / 20
    );
    assert_eq!(check(&nodes, &[], &fits), Ok("n1".into()));
    nodes[0].containers[0].memory = 1 << 26;
    assert_eq!(check(&nodes, &[], &fits), Ok("n2".into()));
    // A sick node is taken last.
    let mut nodes = three();
    nodes[0].health = 67;
    assert_eq!(check(&nodes, &[], "{}"), Ok("n2".into()));
}

#[test]
fn the_system_s_containers_reserve_nothing() {
    let mut full = node("n1");
    for (id, name) in [("a1", "swarm-manager"), ("a2", "swarm-agent")] {
        let mut system = container(id, name);
        system.memory = 256 << 20;
        full.containers.push(system);
    }
    let create = format!(
        r#"{{"Image":"x","HostConfig":{{"Memory":{}}}}}"#,
        2_i64 << 30
    );
    assert_eq!(check(&[full.clone()], &[], &create), Ok("n1".into()));
    full.containers[0].name = "web".into();
    assert!(check(&[full], &[], &create).is_err());
}

#[test]
fn overcommit_is_counted_in_whole_per_cents() {
    let settings = Settings::default();
    for (real, expect) in [(2, 2), (12, 12), (20, 21), (4 << 30, 4_509_715_660), (0, 0)] {
        assert_eq!(settings.overcommitted(real), expect);
    }
    let less = Settings {
        overcommit: -0.5,
        ..Settings::default()
    };
    assert_eq!(less.overcommitted(20), 10);
}

#[test]
fn shares_are_cpus_on_the_way_there_and_back() {
    for (cpus, engine, shares) in [(1, 2, 512), (2, 2, 1024), (1, 3, 342), (0, 2, 0), (3, 0, 3)] {
        assert_eq!(request::shares_of_cpus(cpus, engine), shares);
    }
    for engine in 1..9 {
        for cpus in 0..=engine {
            assert_eq!(
                request::cpus_of_shares(request::shares_of_cpus(cpus, engine), engine),
                cpus
            );
        }
    }
}
