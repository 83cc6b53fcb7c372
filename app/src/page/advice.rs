//! What the reason of a cluster's state means, and what there is to do about it.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, Phase, Role};

use crate::root::Me;
use crate::words::t;

/// Meaning, and what to do.
type Advice = (&'static str, &'static str);

/// Nothing for a cluster that is well, or for a reason that nobody knows more of.
pub fn advice(cluster: &ClusterView) -> AnyView {
    let reason = cluster.reason.as_deref();
    let known = reason.filter(|_| cluster.phase != Phase::Active);
    let Some((meaning, to_do)) = known.and_then(of) else {
        return ().into_any();
    };
    let me = use_context::<Me>().and_then(|me| me.0);
    let is_administrator = me.is_some_and(|me| me.role == Role::Administrator);
    let hosts = is_administrator.then(|| {
        view! { " " <A href="/hosts">{t("Look at the hosts")}</A> }
    });
    view! {
        <div class="advice">
            <p>{meaning}</p>
            <p>{to_do} {hosts}</p>
        </div>
    }
    .into_any()
}

/// By the words that `host` and `control` make reasons of.
fn of(reason: &str) -> Option<Advice> {
    let reason = match reason.strip_prefix("Segment ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, why)| why),
        None => reason,
    };
    let has = |words: &str| reason.contains(words);
    Some(
        if reason.starts_with("host ") && has(" cannot be reached") {
            (
                t(
                    "The panel does not reach the machine that this cluster is on. What runs there goes on, and Docker answers as before; only changes wait.",
                ),
                t(
                    "There is nothing to do here: as soon as the machine answers, the panel goes on by itself. If it lasts, tell the panel's owner.",
                ),
            )
        } else if reason.starts_with("host ") && has(" is not prepared") {
            (
                t("The machine lacks something that segments are made of."),
                t(
                    "Tell the panel's owner: “carina host prepare” on the machine mends it, and the next try goes through.",
                ),
            )
        } else if has(" exists and is not Carina's") {
            (
                t(
                    "On the machine something else has the name that is wanted here. Carina touches nothing that it did not make.",
                ),
                t("Tell the panel's owner, who can rename it or take it away."),
            )
        } else if has("another start of segment") {
            (
                t("The segment stopped right after it was started."),
                t(
                    "The panel tries again by itself. If it stops again and again, replace the segment: what runs in it is lost then.",
                ),
            )
        } else if has("Docker in the segment") || has("the engine of segment") {
            (
                t(
                    "The segment is there, but Docker in it does not answer. Usually that takes a second or two.",
                ),
                t(
                    "The panel goes on asking. If it stays like this, replace the segment: what runs in it is lost then, what runs elsewhere is not.",
                ),
            )
        } else if has("has nothing to make segments from") {
            (
                t(
                    "Each segment starts from an image that whoever runs the panel puts on the machine once. It is not there.",
                ),
                t(
                    "Tell the panel's owner: “carina host prepare” on the machine mends it, and the next try goes through.",
                ),
            )
        } else if reason.starts_with("The machine ") {
            (
                t(
                    "The machine refused a step. What was made before it stays, and nothing that runs is touched.",
                ),
                t(
                    "The panel tries again by itself, less and less often; “Try again now” does not wait. If the same words come back, tell them to the panel's owner.",
                ),
            )
        } else {
            return None;
        },
    )
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn every_kind_of_reason_has_its_own_advice() {
        let reasons = [
            "host local cannot be reached: connection refused",
            "host local is not prepared: there is no storage pool named carina",
            "Segment 2: a network named crn exists and is not Carina's",
            "Segment 1: The machine could not start the segment: no space left on device",
            "Segment 1: The machine has nothing to make segments from: the image 0 is missing there",
            "Waiting for the engine of segment 3",
            "Waiting for another start of segment 1 (it stopped right after the last)",
        ];
        let mut meanings: Vec<_> = reasons
            .iter()
            .map(|reason| of(reason).expect(reason).0)
            .collect();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), reasons.len());
        assert!(of("Segment 2: Docker in the segment does not answer: timed out").is_some());
        assert_eq!(of("Waiting for the endpoint of segment 1"), None);
    }
}
