//! What a client means by a container's name.

use super::facts::{ContainerFacts, NodeView, Pending};
use crate::api::Refusal;

/// A container and the node it is on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<'a> {
    pub node: &'a NodeView,
    pub container: &'a ContainerFacts,
}

/// Docker's short form of an id.
const SHORT: usize = 12;

/// The one container that is meant, by classic Swarm's rules, in its order: an id (full or short),
/// a swarm id (likewise), a name or `node/name`, the unique prefix of an id. Ambiguous is none.
pub fn container_find<'a>(nodes: &[&'a NodeView], reference: &str) -> Option<Found<'a>> {
    let reference = reference.strip_prefix('/').unwrap_or(reference);
    if reference.is_empty() {
        return None;
    }
    let all = || {
        nodes.iter().flat_map(|node| {
            node.containers
                .iter()
                .map(move |container| Found { node, container })
        })
    };
    // Ids are hexadecimal; most names are not, and looking for them as ids costs the most.
    let may_be_id = reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ids = || all().filter(|_| may_be_id);
    ids()
        .find(|found| is_id(&found.container.id, reference))
        .or_else(|| {
            ids().find(|found| {
                found
                    .container
                    .swarm_id()
                    .is_some_and(|id| is_id(id, reference))
            })
        })
        .or_else(|| {
            match only(all().filter(|found| is_name(found, reference))) {
                Only::None => None,
                Only::One(found) => Some(Some(found)),
                // Two names: a prefix must not decide what the name did not.
                Only::More => Some(None),
            }
            .unwrap_or_else(|| {
                match only(ids().filter(|found| is_prefix(found, reference))) {
                    Only::One(found) => Some(found),
                    Only::None | Only::More => None,
                }
            })
        })
}

/// Every container that a reference to *another* container may stand for, with its node. As on an
/// engine a prefix only counts when it is nobody's name or id, here in the whole cluster.
///
/// The policy looks at all of these, placement and [`super::pin`] choose among these and no others:
/// otherwise a name made to look like the beginning of a system container's id would be one thing
/// to the check and another to the use.
pub fn container_meant<'a>(nodes: &[&'a NodeView], reference: &str) -> Vec<Found<'a>> {
    let reference = reference.strip_prefix('/').unwrap_or(reference);
    if reference.is_empty() {
        return Vec::new();
    }
    let all = || {
        nodes.iter().flat_map(|node| {
            node.containers
                .iter()
                .map(move |container| Found { node, container })
        })
    };
    let is_exact = |found: &Found<'_>| {
        is_name(found, reference)
            || is_id(&found.container.id, reference)
            || found
                .container
                .swarm_id()
                .is_some_and(|id| is_id(id, reference))
    };
    let exact: Vec<_> = all().filter(is_exact).collect();
    if exact.is_empty() {
        all().filter(|found| is_prefix(found, reference)).collect()
    } else {
        exact
    }
}

/// 409 when the name is taken anywhere in the cluster, or by one that is being made.
pub fn name_conflict(nodes: &[&NodeView], pending: &[Pending], name: &str) -> Result<(), Refusal> {
    name_conflict_but(nodes, pending, name, None)
}

/// As [`name_conflict`], but for the container with the id `but`, whose name it is to be.
pub fn name_conflict_but(
    nodes: &[&NodeView],
    pending: &[Pending],
    name: &str,
    but: Option<&str>,
) -> Result<(), Refusal> {
    let name = name.strip_prefix('/').unwrap_or(name);
    if name.is_empty() {
        return Ok(());
    }
    let holder = nodes.iter().find(|node| {
        let mut containers = node.containers.iter();
        containers.any(|c| c.name == name && Some(c.id.as_str()) != but)
    });
    let coming = pending.iter().find(|pending| pending.facts.name == name);
    let place = match (holder, coming) {
        (Some(node), _) => format!("It is on segment {}.", node.called()),
        (None, Some(coming)) if coming.in_doubt => {
            "Whether it was made is not known: its segment has not said so yet.".to_owned()
        }
        (None, Some(_)) => "It is being made at this moment.".to_owned(),
        (None, None) => return Ok(()),
    };
    Err(Refusal::conflict(format!(
        "Conflict: The name {name} is already assigned. You have to delete (or rename) that container to be able to assign {name} to a container again. {place}"
    )))
}

fn is_id(id: &str, reference: &str) -> bool {
    id == reference || (reference.len() == SHORT && id.starts_with(reference))
}

fn is_name(found: &Found<'_>, reference: &str) -> bool {
    let name = found.container.name.as_str();
    name == reference
        || reference
            .split_once('/')
            .is_some_and(|(node, rest)| rest == name && found.node.is_called(node))
}

fn is_prefix(found: &Found<'_>, reference: &str) -> bool {
    found.container.id.starts_with(reference)
        || found
            .container
            .swarm_id()
            .is_some_and(|id| id.starts_with(reference))
}

enum Only<T> {
    None,
    One(T),
    More,
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Only<T> {
    match (items.next(), items.next()) {
        (None, _) => Only::None,
        (Some(item), None) => Only::One(item),
        (Some(_), Some(_)) => Only::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::testing::{container, node};

    fn cluster() -> [NodeView; 2] {
        let mut n1 = node("n1");
        n1.containers = vec![
            container("aaaabbbbcccc01", "web"),
            container("aaaaffff000002", "swarm-data"),
        ];
        let mut n2 = node("n2");
        n2.containers = vec![
            container("bbbb0000000003", "db"),
            container("cccc0000000004", "swarm-data"),
        ];
        n2.containers[0]
            .labels
            .insert("com.docker.swarm.id".into(), "5555666677778888".into());
        // A name that looks like the id of another one.
        n2.containers.push(container("dddd0000000005", "bbbb"));
        [n1, n2]
    }

    #[test]
    fn references_mean_what_they_meant_in_classic_swarm() {
        let [n1, n2] = cluster();
        let cases: &[(&str, Option<&str>)] = &[
            ("aaaabbbbcccc01", Some("web")),
            ("aaaabbbbcccc", Some("web")),
            ("5555666677778888", Some("db")),
            ("555566667777", Some("db")),
            ("5555", Some("db")),
            ("web", Some("web")),
            ("/web", Some("web")),
            ("n1/web", Some("web")),
            ("n2/web", None),
            ("id-of-n1/web", Some("web")),
            ("aaaab", Some("web")),
            ("aaaa", None),
            ("bbbb", Some("bbbb")),
            ("bbbb0", Some("db")),
            ("swarm-data", None),
            ("n1/swarm-data", Some("swarm-data")),
            ("nothing", None),
            ("", None),
        ];
        for (reference, expect) in cases {
            let found = container_find(&[&n1, &n2], reference);
            assert_eq!(
                found.map(|f| f.container.name.as_str()),
                *expect,
                "{reference:?}"
            );
        }
    }

    #[test]
    fn every_spelling_of_a_container_is_a_match() {
        let [n1, n2] = cluster();
        for (reference, count) in [
            ("swarm-data", 2),
            ("aaaa", 2),
            ("n1/swarm-data", 1),
            ("c", 1),
            ("bbbb", 1),
            ("zz", 0),
            ("", 0),
        ] {
            assert_eq!(
                container_meant(&[&n1, &n2], reference).len(),
                count,
                "{reference:?}"
            );
        }
    }

    #[test]
    fn a_name_is_taken_by_what_exists_and_by_what_is_being_made() {
        let [n1, n2] = cluster();
        let coming = |name: &str, in_doubt: bool| Pending {
            node: "n1".into(),
            facts: container("", name),
            in_doubt,
        };
        let pending = [coming("coming", false), coming("open", true)];
        for (name, is_free) in [
            ("web", false),
            ("/web", false),
            ("db", false),
            ("coming", false),
            ("open", false),
            ("aaaa", true),
            ("new", true),
            ("", true),
        ] {
            let got = name_conflict(&[&n1, &n2], &pending, name);
            assert_eq!(got.is_ok(), is_free, "{name}");
            if let Err(refusal) = got {
                assert_eq!(refusal.status, 409);
                assert!(
                    refusal.message.starts_with("Conflict: The name"),
                    "{refusal}"
                );
            }
        }
        let own = &n1.containers[0].id;
        assert!(name_conflict_but(&[&n1, &n2], &pending, "web", Some(own)).is_ok());
        assert!(name_conflict_but(&[&n1, &n2], &pending, "db", Some(own)).is_err());
    }
}
