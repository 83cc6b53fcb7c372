//! What one may have, and asking for more.

use leptos::prelude::*;
use model::{QuotaRequestView, QuotaView, Role};

use crate::ApiError;
use crate::api;
use crate::page::account::{done, head};
use crate::page::for_members;
use crate::page::quota_request::{ask, is_any_open, requests};
use crate::root::Me;
use crate::ui::load_live;
use crate::words::{t, tf};

async fn found() -> Result<(QuotaView, Vec<QuotaRequestView>), ApiError> {
    let quota = api::quota(String::new()).await?;
    Ok((quota, api::quota_request_own().await?))
}

pub fn quota() -> AnyView {
    for_members(|| load_live(found(), |(quota, requests)| page(quota, requests)))
}

fn page(quota: QuotaView, own: Vec<QuotaRequestView>) -> AnyView {
    let is_open = is_any_open(&own);
    let may_ask = expect_context::<Me>()
        .0
        .is_some_and(|me| me.role != Role::Viewer);
    view! {
        {head("Quota")}
        {done(&[
            ("request", "Your request is with the administrators."),
            ("withdraw", "Your request is taken back."),
        ])}
        <section class="panel" aria-labelledby="quota">
            <h2 id="quota">{t("Quota")}</h2>
            {meters(quota)}
        </section>
        {requests(t("Your requests"), own, may_ask)}
        {(may_ask && !is_open).then(|| ask(quota, None))}
    }
    .into_any()
}

/// What of a quota is in use.
pub fn meters(quota: QuotaView) -> AnyView {
    let each = tf(
        "A cluster may have up to {n} segments. Each takes {memory} MiB of memory and, where nothing else was chosen, {disk} GiB of disk.",
        &[
            ("n", &quota.segments_max),
            ("memory", &quota.memory_per_segment_mib),
            ("disk", &(quota.disk_per_segment_bytes >> 30)),
        ],
    );
    view! {
        <dl class="meters">
            {meter(t("Clusters"), quota.clusters_used.into(), quota.clusters_max.into(), "")}
            {meter(t("Memory"), quota.memory_used_mib, quota.memory_max_mib, " MiB")}
            {meter(t("Disk"), quota.disk_used_gib, quota.disk_max_gib, " GiB")}
        </dl>
        <p class="hint">{each}</p>
    }
    .into_any()
}

fn meter(title: &'static str, used: u64, most: u64, unit: &'static str) -> AnyView {
    let words = tf(
        "{used} of {most}{unit}",
        &[("used", &used), ("most", &most), ("unit", &unit)],
    );
    view! {
        <div>
            <dt>{title}</dt>
            <dd>
                <meter
                    min="0" max=most.max(1).to_string() value=used.to_string() aria-label=title
                    high=(most * 9 / 10).to_string()
                ></meter>
                <span class="slots-text">{words}</span>
            </dd>
        </div>
    }
    .into_any()
}
