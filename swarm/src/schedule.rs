//! On which segment a container goes.
//!
//! The rules are classic Swarm's, down to the formula and the text of its errors, so that what
//! people wrote for it places their containers the same way. Where it left ties to chance they are
//! broken by name here: the same cluster and the same request always give the same answer.

pub mod expression;
pub mod facts;
pub mod filter;
pub mod held;
pub mod names;
pub mod pin;
pub mod request;
pub mod spread;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use expression::Expression;
pub use facts::{
    ContainerFacts, ImageFacts, MountFacts, NetworkFacts, NodeView, Pending, PortUse, VolumeFacts,
};
pub use filter::{Candidate, FILTERS, Filter, Filters};
pub use names::{Found, container_find, name_conflict, name_conflict_but};
pub use request::Request;
pub use spread::Capacity;

use std::collections::BTreeSet;

use crate::api::Refusal;
use held::held_find;
pub use request::Asks;

/// What the operator set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// `--cluster-opt swarm.overcommit`.
    pub overcommit: f64,
    /// `--filter`.
    pub filters: Filters,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            overcommit: 0.05,
            filters: Filters::default(),
        }
    }
}

impl Settings {
    /// What a node is taken to have: its own and a part more, in whole per cents.
    pub fn overcommitted(&self, real: i64) -> i64 {
        let percent = (self.overcommit * 100.0).round() as i128;
        let total = i128::from(real) + i128::from(real) * percent / 100;
        i64::try_from(total).unwrap_or(i64::MAX)
    }
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement<'a> {
    /// [`NodeView::name`]s, best first and never none. The first one is it; the others are for a
    /// second try when that one fails.
    pub ranked: Vec<&'a str>,
}

impl<'a> Placement<'a> {
    pub fn node(&self) -> &'a str {
        self.ranked[0]
    }
}

/// The nodes with what is on its way to each. An entry that its engine shows already counts once.
pub fn candidates<'a>(nodes: &[&'a NodeView], pending: &'a [Pending]) -> Vec<Candidate<'a>> {
    nodes
        .iter()
        .map(|node| Candidate {
            node,
            pending: pending
                .iter()
                .filter(|entry| entry.node == node.name && entry.is_container())
                .map(|entry| &entry.facts)
                .filter(|facts| {
                    facts.name.is_empty() || node.containers.iter().all(|c| c.name != facts.name)
                })
                .collect(),
        })
        .collect()
}

/// Chooses. `nodes` are all of the cluster's, healthy or not; `drained` names those that are to take
/// nothing new; `pending` are containers that were placed and not yet seen on their engine.
pub fn place<'a>(
    nodes: &[&'a NodeView],
    drained: &BTreeSet<&str>,
    pending: &'a [Pending],
    request: &Request,
    settings: &Settings,
) -> Result<Placement<'a>, Refusal> {
    if nodes.is_empty() {
        return Err(Refusal::failed("No nodes available in the cluster"));
    }
    let mut request = request.clone();
    request.held = held_find(nodes, pending, &request);
    request.dependencies_find(nodes);
    let (closed, open): (Vec<_>, Vec<_>) = candidates(nodes, pending)
        .into_iter()
        .partition(|candidate| drained.contains(candidate.node.name.as_str()));
    let closed: Vec<_> = closed
        .iter()
        .map(|candidate| (candidate.node, DRAINED.to_owned()))
        .collect();
    if open.is_empty() {
        let text = "Every node of the cluster is drained".to_owned();
        return Err(explained(text, &request, closed));
    }
    attempt(&open, &request, settings, true, &closed)
        .or_else(|_| attempt(&open, &request, settings, false, &closed))
}

const DRAINED: &str =
    "it is drained; docker node update --availability active <node> lets it take containers again";

fn attempt<'a>(
    candidates: &[Candidate<'a>],
    request: &Request,
    settings: &Settings,
    with_soft: bool,
    closed: &[(&'a NodeView, String)],
) -> Result<Placement<'a>, Refusal> {
    let mut left = candidates.to_vec();
    let mut reasons = closed.to_vec();
    for filter in settings.filters.iter() {
        left.retain(
            |candidate| match filter.admit(candidate, request, with_soft) {
                Ok(()) => true,
                Err(reason) => {
                    reasons.push((candidate.node, reason));
                    false
                }
            },
        );
        if left.is_empty() {
            return Err(unplaced(filter, request, settings, reasons));
        }
    }
    match spread::rank(&left, request, settings) {
        Ok(ranked) => Ok(Placement {
            ranked: ranked.iter().map(|c| c.node.name.as_str()).collect(),
        }),
        Err(full) => {
            reasons.extend(full);
            Err(explained(
                "no resources available to schedule container".to_owned(),
                request,
                reasons,
            ))
        }
    }
}

/// The archived text for the filter that left nothing over, then what is wrong with each node.
fn unplaced(
    last: Filter,
    request: &Request,
    settings: &Settings,
    reasons: Vec<(&NodeView, String)>,
) -> Refusal {
    if last == Filter::Health {
        let text = "No healthy node available in the cluster".to_owned();
        return explained(text, request, reasons);
    }
    let mut text = "Unable to find a node that satisfies the following conditions ".to_owned();
    for filter in settings.filters.iter() {
        let conditions = filter.conditions(request);
        if !conditions.is_empty() {
            text.push_str(&format!("\n[{}]", conditions.join(" ")));
        }
        if filter == last {
            break;
        }
    }
    explained(text, request, reasons)
}

/// One line for people, and one for each thing that only some segments have: there it had to go.
fn explained(
    mut text: String,
    request: &Request,
    mut reasons: Vec<(&NodeView, String)>,
) -> Refusal {
    let what = match request.asks {
        Asks::Container => "this container",
        Asks::Volume => "this volume",
        Asks::Work => "this",
    };
    reasons.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let all: Vec<String> = reasons
        .iter()
        .map(|(node, reason)| format!("{}: {reason}", node.called()))
        .collect();
    text.push_str(&format!("\nno segment can take {what}: {}", all.join("; ")));
    for held in &request.held {
        let there = reasons
            .iter()
            .filter(|(node, _)| held.nodes.contains(&node.name));
        for (node, reason) in there {
            text.push_str(&format!(
                "\n{} {} is on segment {}, which cannot take {what}: {reason}",
                held.what,
                held.name,
                node.called()
            ));
        }
    }
    Refusal::failed(text)
}
