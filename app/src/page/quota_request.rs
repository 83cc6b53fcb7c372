//! Asking for a larger quota, for oneself or for a team, and what became of it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{QuotaOwner, QuotaRequestView, QuotaView, RequestState, TeamId};

use crate::api::{QuotaRequestMake, QuotaRequestWithdraw};
use crate::page::quota_fields::{QuotaFields, limits_words};
use crate::ui::{Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, Time};
use crate::words::{t, tf};

/// One at a time: whoever waits for an answer asks for nothing else.
pub fn is_any_open(requests: &[QuotaRequestView]) -> bool {
    requests
        .iter()
        .any(|request| request.state == RequestState::Open)
}

/// Begins with what there is. Without a team it is for oneself.
pub fn ask(quota: QuotaView, team: Option<TeamId>) -> AnyView {
    let change = Change::new(QuotaRequestMake::url());
    let failure = change.failure.clone();
    let team = team.map(|team| {
        let id = team.to_string();
        view! { <input type="hidden" name="team" value=id/> }
    });
    view! {
        <section class="panel" aria-labelledby="ask">
            <h2 id="ask">{t("Ask for more")}</h2>
            <FormError failure=failure.clone() fields=&["clusters", "segments", "memory_mib", "disk_gib", "reason"]/>
            <ChangeForm change class="form">
                {team}
                <QuotaFields
                    values=[
                        quota.clusters_max.to_string(),
                        quota.segments_max.to_string(),
                        quota.memory_max_mib.to_string(),
                        quota.disk_max_gib.to_string(),
                    ]
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
pub fn requests(title: &'static str, list: Vec<QuotaRequestView>, may_ask: bool) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let withdraw = Change::new(QuotaRequestWithdraw::url());
    let failure = withdraw.failure.clone();
    let items = list
        .into_iter()
        .map(|request| item(request, may_ask.then_some(&withdraw)))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="requests">
            <h2 id="requests">{title}</h2>
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
    // In a team it may have been somebody else.
    let by = match &request.owner {
        QuotaOwner::Account { .. } => None,
        QuotaOwner::Team { .. } => Some(format!(
            " · {}",
            tf("By {name}", &[("name", &request.made_by)])
        )),
    };
    view! {
        <li data-key=key>
            <p><span class=tone><i aria-hidden="true"></i>{word}</span> " " <b>{limits_words(request.wanted)}</b></p>
            <p>{request.reason}</p>
            <p class="hint">{t("Asked for")} " " <Time at=request.made_at/> {by}</p>
            {decided}
            {answer}
            {back}
        </li>
    }
    .into_any()
}
