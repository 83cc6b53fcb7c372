//! Choosing the host of a new cluster, where the panel has more than one.

use leptos::prelude::*;
use model::{HostChoiceView, HostFreeView};

use crate::format::bytes;
use crate::ui::{Failure, FieldError};
use crate::words::{t, tf, tn};

/// Nothing where there is nothing to choose. `segments_max` is the largest size on offer.
pub fn placement(hosts: &[HostChoiceView], segments_max: u32, failure: Failure) -> AnyView {
    if hosts.is_empty() {
        return ().into_any();
    }
    let typed = failure.as_ref().and_then(|error| error.value_of("host"));
    // A host that is gone meanwhile leaves the choice to the panel.
    let chosen = typed.and_then(|name| hosts.iter().find(|host| host.name == name));
    let chosen = chosen.map(|host| host.name.as_str());
    let cards = hosts
        .iter()
        .zip(1..)
        .map(|(host, n)| card(host, n, segments_max, chosen == Some(host.name.as_str())))
        .collect_view();
    view! {
        <fieldset class="choices placement" aria-describedby="placement-hint host-error">
            <legend>{t("Placement")}</legend>
            <p class="hint" id="placement-hint">
                {t("All segments of a cluster are on one host, and so are those that it gets later.")}
            </p>
            <div class="choices-row">
                <label class="choice" for="host-0">
                    <input type="radio" name="host" id="host-0" value="" checked=chosen.is_none()/>
                    <span class="choice-title">{t("Automatic")}</span>
                    <span class="choice-text">
                        <span>{t("The host with the fewest segments of those that have room.")}</span>
                    </span>
                </label>
                {cards}
            </div>
        </fieldset>
        <FieldError name="host" failure/>
    }
    .into_any()
}

/// One that takes nothing cannot be chosen, but stays chosen where it was: sent once more, it must
/// not quietly become another.
fn card(host: &HostChoiceView, n: usize, segments_max: u32, is_chosen: bool) -> AnyView {
    let takes_none = host.is_drained || host.segments_fit == Some(0);
    let (id, is_for) = (format!("host-{n}"), format!("host-{n}"));
    let fit = (!host.is_drained).then_some(host.segments_fit).flatten();
    let too_small = fit
        .is_some_and(|fit| fit > 0 && fit < segments_max)
        .then(|| view! { <b class="loss too-small">{t("Too little room for this size.")}</b> });
    view! {
        <label class="choice" for=is_for data-fit=fit.map(|fit| fit.to_string())>
            <input
                type="radio" name="host" id=id value=host.name.clone()
                checked=is_chosen disabled={takes_none && !is_chosen}
            />
            <span class="choice-title">{host.name.clone()}</span>
            <span class="choice-text">
                <span class="host-room">{room(host, segments_max)}</span>
                {host.free.map(|free| view! { <span>{numbers(free)}</span> })}
                {too_small}
            </span>
        </label>
    }
    .into_any()
}

fn room(host: &HostChoiceView, segments_max: u32) -> String {
    match host.segments_fit {
        _ if host.is_drained => t("Takes nothing new at present.").to_owned(),
        None => t("Does not answer just now. The cluster waits until it does.").to_owned(),
        Some(0) => t("Full.").to_owned(),
        Some(fit) if fit >= segments_max => t("Has room for every size.").to_owned(),
        Some(fit) => tn(
            fit as usize,
            "Has room for 1 segment.",
            "Has room for {n} segments.",
        ),
    }
}

fn numbers(free: HostFreeView) -> String {
    let there = tn(free.segments as usize, "1 segment", "{n} segments");
    tf(
        "{there}, room for {more} more · {memory} memory and {disk} disk free",
        &[
            ("there", &there),
            ("more", &free.segments_fit),
            ("memory", &bytes(free.memory_bytes)),
            ("disk", &bytes(free.disk_bytes)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_has_left_is_said_in_words() {
        let host = |is_drained, segments_fit| HostChoiceView {
            name: "north".to_owned(),
            is_drained,
            segments_fit,
            free: None,
        };
        for (is_drained, fit, expect) in [
            (true, Some(3), "Takes nothing new at present."),
            (
                false,
                None,
                "Does not answer just now. The cluster waits until it does.",
            ),
            (false, Some(0), "Full."),
            (false, Some(1), "Has room for 1 segment."),
            (false, Some(2), "Has room for every size."),
        ] {
            assert_eq!(room(&host(is_drained, fit), 2), expect);
        }
    }
}
