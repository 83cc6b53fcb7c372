//! That a cluster grows by itself, what became of it, and why it cannot.

use leptos::prelude::*;
use model::{AutoscaleView, ClusterView, Phase};

use crate::ui::{Icon, Time};
use crate::words::{say, t, tn, tv};

/// Nothing for a cluster that does not, or that is being deleted.
pub fn autoscale(cluster: &ClusterView) -> AnyView {
    let state = cluster.autoscale.as_ref();
    match state.filter(|_| cluster.phase != Phase::Deleting) {
        None => ().into_any(),
        Some(AutoscaleView::Watching) => quiet(t("Grows by itself when it is full.").into_any()),
        Some(AutoscaleView::Grown { segments, at }) => {
            let size = tn(*segments as usize, "1 segment", "{n} segments");
            quiet(tv(
                "Grows by itself: it was full and got {size} {time}.",
                [
                    ("size", size.into_any()),
                    ("time", view! { <Time at=*at/> }.into_any()),
                ],
            ))
        }
        Some(AutoscaleView::Stuck { why, at }) => stuck(cluster, why, *at),
    }
}

fn quiet(words: AnyView) -> AnyView {
    view! { <p class="hint autoscale">{Icon::Scale.view()} <span>{words}</span></p> }.into_any()
}

/// It is full: what stands in the way, and what there is to do.
fn stuck(cluster: &ClusterView, why: &str, at: i64) -> AnyView {
    let words = tv(
        "It is full and cannot grow by itself: {why}",
        [("why", say(why).into_any())],
    );
    let next = tv(
        "Looked at {time}; the panel tries again every ten minutes.",
        [("time", view! { <Time at/> }.into_any())],
    );
    let quota = (cluster.team.is_none() && cluster.may_change).then(|| {
        view! { " " <a href="/account/quota#ask">{t("Ask for more")}</a> }
    });
    view! {
        <p class="reason">{words}</p>
        <p class="hint autoscale">
            <span>
                {next} " "
                {t("Until then it goes on with what it has: stop what is not needed, or move some of it to another cluster.")}
                {quota}
            </span>
        </p>
    }
    .into_any()
}
