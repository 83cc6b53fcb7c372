//! Making a cluster.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterName, QuotaView};

use crate::api::{self, ClusterCreate};
use crate::page::for_members;
use crate::page::size::{Choice, SizeChoice, brings, left_after, stays};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, PageHead, TextField, load,
};
use crate::words::{t, tf};

pub fn cluster_new() -> AnyView {
    for_members(|| {
        let change = Change::new(ClusterCreate::url());
        load(
            async { Ok((api::quota().await?, api::cluster_name_suggest().await?)) },
            move |(quota, name)| {
                if quota.clusters_used >= quota.clusters_max {
                    quota_reached(quota)
                } else {
                    form(change, quota, name)
                }
            },
        )
    })
}

fn quota_reached(quota: QuotaView) -> AnyView {
    view! {
        <PageHead title=t("Add cluster") back=("/clusters".to_owned(), t("Clusters").to_owned())/>
        <section class="panel narrow">
            <h2>{t("All your clusters are in use")}</h2>
            <p>
                {tf("Your account may have {max} clusters and has {used}.", &[("max", &quota.clusters_max), ("used", &quota.clusters_used)])}
                " "
                {t("Delete one you no longer need, and its place is free at once. \
                    Or make a cluster you have larger.")}
            </p>
            <A href="/clusters" attr:class="button">{t("See your clusters")}</A>
        </section>
    }
    .into_any()
}

fn form(change: Change, quota: QuotaView, suggested: String) -> AnyView {
    let failure = change.failure.clone();
    let chosen = failure
        .as_ref()
        .and_then(|error| error.value_of("segments").and_then(|n| n.parse().ok()))
        .filter(|n| (1..=quota.segments_max).contains(n))
        .unwrap_or(1);
    let choices = (1..=quota.segments_max)
        .map(|segments| Choice {
            segments,
            is_beyond: left_after(quota, segments).is_none(),
            consequence: view! { <span>{brings(quota, segments)}</span> {stays(quota, segments)} }
                .into_any(),
            button: None,
        })
        .collect();
    let is_autoscaled = failure
        .as_ref()
        .is_some_and(|error| error.value_of("autoscale") == Some("true"));
    let left = quota.clusters_max - quota.clusters_used;
    let lead = tf(
        "{left} of {max} clusters left, up to {segments} segments each.",
        &[
            ("left", &left),
            ("max", &quota.clusters_max),
            ("segments", &quota.segments_max),
        ],
    );
    view! {
        <PageHead title=t("Add cluster") back=("/clusters".to_owned(), t("Clusters").to_owned()) lead/>
        <section class="panel">
            <FormError failure=failure.clone() fields=&["name", "segments"]/>
            <ChangeForm change class="form">
                <TextField
                    name="name" label=t("Cluster name") failure=failure.clone() value=suggested check="cluster-name"
                    hint=t("Lower-case letters, digits and hyphens. It names the folder of your credentials, too.")
                    max_length=ClusterName::MAX autofocus=true
                />
                <SizeChoice legend=t("How many segments to begin with") choices chosen/>
                <FieldError name="segments" failure/>
                <label class="check">
                    <input type="checkbox" name="autoscale" value="true" checked=is_autoscaled/>
                    <span>{t("Grow by itself: add a segment, up to your quota, when more than 80 % of CPU or memory was in use for ten minutes.")}</span>
                </label>
                <p class="hint">{t("You can change the size at any time.")}</p>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Create cluster") pending=t("Creating…")/>
                    <A href="/clusters" attr:class="button button-quiet">{t("Cancel")}</A>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
