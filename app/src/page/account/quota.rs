//! What one may have, and asking for more.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{QuotaRequestView, QuotaView, RequestState, Role};

use crate::ApiError;
use crate::api::{self, QuotaRequestMake, QuotaRequestWithdraw};
use crate::page::account::{done, head};
use crate::page::for_members;
use crate::page::people::{QuotaFields, limits_words};
use crate::root::Me;
use crate::ui::{Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, Time, load};
use crate::words::{t, tf};

async fn found() -> Result<(QuotaView, Vec<QuotaRequestView>), ApiError> {
    let quota = api::quota(String::new()).await?;
    Ok((quota, api::quota_request_own().await?))
}

pub fn quota() -> AnyView {
    for_members(|| load(found(), |(quota, requests)| page(quota, requests)))
}

fn page(quota: QuotaView, requests: Vec<QuotaRequestView>) -> AnyView {
    let is_open = requests
        .iter()
        .any(|request| request.state == RequestState::Open);
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
        {own_requests(requests, may_ask)}
        {(may_ask && !is_open).then(|| ask(quota))}
    }
    .into_any()
}

/// What of a quota is in use.
pub fn meters(quota: QuotaView) -> AnyView {
    let each = tf(
        "A cluster may have up to {n} segments. Each takes {memory} MiB of memory and {disk} GiB of disk.",
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

fn ask(quota: QuotaView) -> AnyView {
    let change = Change::new(QuotaRequestMake::url());
    let failure = change.failure.clone();
    view! {
        <section class="panel" aria-labelledby="ask">
            <h2 id="ask">{t("Ask for more")}</h2>
            <FormError failure=failure.clone() fields=&["clusters", "segments", "memory_mib", "disk_gib", "reason"]/>
            <ChangeForm change class="form">
                <QuotaFields
                    values=[
                        quota.clusters_max.to_string(),
                        quota.segments_max.to_string(),
                        quota.memory_max_mib.to_string(),
                        quota.disk_max_gib.to_string(),
                    ]
                    defaults=None
                    failure=failure.clone()
                />
                <div class="field">
                    <label for="reason">{t("What it is for")}</label>
                    <textarea id="reason" name="reason" rows="3" maxlength="500" required></textarea>
                    <FieldError name="reason" failure/>
                </div>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Send the request")/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

/// One that is open can be taken back by whoever may make another.
fn own_requests(requests: Vec<QuotaRequestView>, may_ask: bool) -> AnyView {
    if requests.is_empty() {
        return ().into_any();
    }
    let withdraw = Change::new(QuotaRequestWithdraw::url());
    let failure = withdraw.failure.clone();
    let items = requests
        .into_iter()
        .map(|request| item(request, may_ask.then_some(&withdraw)))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="requests">
            <h2 id="requests">{t("Your requests")}</h2>
            <FormError failure/>
            <ul class="requests">{items}</ul>
        </section>
    }
    .into_any()
}

fn item(request: QuotaRequestView, withdraw: Option<&Change>) -> AnyView {
    let (tone, word) = match request.state {
        RequestState::Open => ("badge busy", t("waiting")),
        RequestState::Granted => ("badge good", t("granted")),
        RequestState::Declined => ("badge bad", t("declined")),
        RequestState::Withdrawn => ("badge", t("taken back")),
    };
    let decided = request
        .decided_at
        .zip(request.decided_by)
        .filter(|_| request.state != RequestState::Withdrawn)
        .map(|(at, by)| view! { <p class="hint">{by} " · " <Time at/></p> });
    let answer =
        (!request.answer.is_empty()).then(|| view! { <p class="reason">{request.answer}</p> });
    let (key, id) = (request.id.to_string(), request.id.to_string());
    let withdraw = withdraw.filter(|_| request.state == RequestState::Open);
    let back = withdraw.cloned().map(|withdraw| {
        view! {
            <ChangeForm change=withdraw>
                <input type="hidden" name="id" value=id/>
                <ChangeButton icon=Icon::Back text=t("Take it back") class="button button-quiet button-small"/>
            </ChangeForm>
        }
    });
    view! {
        <li data-key=key>
            <p><span class=tone><i aria-hidden="true"></i>{word}</span> " " <b>{limits_words(request.wanted)}</b></p>
            <p>{request.reason}</p>
            <p class="hint">{t("Asked for")} " " <Time at=request.made_at/></p>
            {decided}
            {answer}
            {back}
        </li>
    }
    .into_any()
}
