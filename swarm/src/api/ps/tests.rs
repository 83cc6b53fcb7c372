//! `docker ps` on three nodes, one of them down.

use super::*;
use crate::api::query::Kind;
use crate::schedule::facts::{ImageFacts, MountFacts, PortUse};
use crate::schedule::testing::{container, node};

fn cluster() -> Vec<NodeView> {
    let mut n1 = node("n1");
    let mut web = container("aa01", "web");
    web.created = 10;
    web.image = "nginx".into();
    web.image_id = "sha256:f00dcafe".into();
    web.labels.insert("tier".into(), "front".into());
    web.health = "healthy".into();
    web.networks.insert("bridge".into());
    web.exposed.insert("80/tcp".into());
    web.ports.push(PortUse {
        container_port: "80/tcp".into(),
        host_ip: String::new(),
        host_port: "8080".into(),
    });
    let mut job = container("aa02", "job");
    job.created = 30;
    job.state = "exited".into();
    job.exit_code = 3;
    job.mounts.push(MountFacts {
        name: "data".into(),
        destination: "/data".into(),
        ..Default::default()
    });
    n1.images.push(ImageFacts {
        id: "sha256:f00dcafe".into(),
        repo_tags: vec!["nginx:latest".into(), "mine:1".into()],
        ..Default::default()
    });
    n1.containers = vec![web, job, system("aa03", 5)];
    let mut n2 = node("n2");
    let mut db = container("bb01", "db");
    db.created = 20;
    db.labels.insert("tier".into(), "back".into());
    db.labels
        .insert("com.docker.swarm.id".into(), "5555".into());
    n2.containers = vec![db, system("bb02", 6)];
    let mut n3 = node("n3");
    n3.health = 0;
    let mut lost = container("cc01", "lost");
    lost.created = 15;
    n3.containers = vec![lost];
    vec![n1, n2, n3]
}

fn system(id: &str, created: i64) -> ContainerFacts {
    let mut system = container(id, "swarm-manager");
    system.image = "swarm:latest".into();
    system.created = created;
    system
}

fn ps(query: &str) -> Result<String, u16> {
    const KEYS: crate::api::query::Keys = &[
        ("all", Kind::Flag),
        ("limit", Kind::Int),
        ("before", Kind::Text),
        ("since", Kind::Text),
        ("filters", Kind::Filters),
    ];
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let mut encoded = String::new();
    crate::api::path::encode(query, b"=&", &mut encoded);
    let query = Query::parse(KEYS, &encoded).map_err(|refusal| refusal.status)?;
    let selected = select(&nodes, &order(&nodes), &query).map_err(|refusal| refusal.status)?;
    Ok(selected
        .iter()
        .map(|at| {
            let node = nodes[at.node as usize];
            format!(
                "{}/{}",
                node.name, node.containers[at.container as usize].name
            )
        })
        .collect::<Vec<_>>()
        .join(" "))
}

#[test]
fn containers_are_listed_as_classic_swarm_did() {
    let cases = [
        ("", "n2/db n1/web"),
        (
            "all=1",
            "n1/job n2/db n3/lost n1/web n2/swarm-manager n1/swarm-manager",
        ),
        ("limit=1", "n1/job"),
        ("limit=0", "n2/db n1/web"),
        ("limit=-1", "n2/db n1/web"),
        ("before=db", "n3/lost n1/web"),
        ("since=web", "n1/job n2/db n3/lost"),
        (r#"filters={"since":["web"],"node":["n2"]}"#, "n2/db"),
        (r#"filters={"name":["web"]}"#, "n1/web"),
        (r#"filters={"name":{"^/web$":true}}"#, "n1/web"),
        (r#"filters={"name":["n2/"]}"#, "n2/db"),
        (r#"filters={"name":["("]}"#, ""),
        // seed.md: docker ps -aq -f name=swarm-manager -n 1
        (
            r#"all=1&limit=1&filters={"name":["swarm-manager"]}"#,
            "n2/swarm-manager",
        ),
        (r#"filters={"name":["swarm-manager"]}"#, ""),
        (r#"filters={"id":["aa"]}"#, "n1/web"),
        (r#"filters={"label":["tier"]}"#, "n2/db n1/web"),
        (r#"filters={"label":["tier=front"]}"#, "n1/web"),
        (r#"filters={"label":["tier","tier=back"]}"#, "n2/db"),
        (r#"filters={"label":["com.docker.swarm.id=5555"]}"#, "n2/db"),
        (r#"filters={"status":["exited"]}"#, "n1/job"),
        (
            r#"filters={"status":["exited","running"]}"#,
            "n1/job n2/db n3/lost n1/web",
        ),
        (r#"filters={"exited":["3"]}"#, "n1/job"),
        (r#"filters={"exited":["0"]}"#, ""),
        (r#"filters={"node":["n2"]}"#, "n2/db"),
        (r#"filters={"node":["id-of-n1"]}"#, "n1/web"),
        (r#"filters={"health":["healthy"]}"#, "n1/web"),
        (r#"filters={"health":["none"]}"#, "n2/db"),
        (r#"filters={"is-task":["true"]}"#, ""),
        (r#"filters={"network":["bridge"]}"#, "n1/web"),
        (r#"all=1&filters={"volume":["data"]}"#, "n1/job"),
        (r#"all=1&filters={"volume":["/data"]}"#, "n1/job"),
        (r#"filters={"ancestor":["nginx"]}"#, "n1/web"),
        (r#"filters={"ancestor":["mine:1"]}"#, "n1/web"),
        (r#"filters={"ancestor":["f00d"]}"#, "n1/web"),
        (r#"filters={"publish":["8000-8100"]}"#, "n1/web"),
        (r#"filters={"publish":["8080/udp"]}"#, ""),
        (r#"filters={"expose":["80"]}"#, "n1/web"),
    ];
    for (query, expect) in cases {
        assert_eq!(ps(query), Ok(expect.to_owned()), "{query}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for (query, status) in [
        (r#"filters={"colour":["red"]}"#, 400),
        (r#"filters={"status":["asleep"]}"#, 400),
        (r#"filters={"exited":["x"]}"#, 400),
        (r#"filters={"health":["fine"]}"#, 400),
        (r#"filters=nonsense"#, 400),
        (r#"filters={"name":"web"}"#, 400),
        ("limit=many", 400),
        ("before=nobody", 404),
    ] {
        assert_eq!(ps(query), Err(status), "{query}");
    }
}
