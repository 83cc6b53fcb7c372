//! All certificates revoked at once: what to do when one may have been lost.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{CertificateKind, CertificateView, ClusterView};

use crate::ApiError;
use crate::api::{self, CertificateRevokeAll};
use crate::page::{cluster_param, for_confirmed, only_looking};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, Time, load,
};
use crate::words::{t, tf, tv};

pub fn rotate() -> AnyView {
    for_confirmed(|| {
        let change = Change::new(CertificateRevokeAll::url());
        load(found(cluster_param()), move |shown| page(shown, change))
    })
}

async fn found(id: String) -> Result<(ClusterView, Vec<CertificateView>), ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    if !cluster.may_use {
        return Err(only_looking());
    }
    let mut list = api::certificate_list(id).await?;
    list.retain(|one| one.revoked_at.is_none());
    Ok((cluster, list))
}

fn page((cluster, list): (ClusterView, Vec<CertificateView>), change: Change) -> AnyView {
    let failure = change.failure.clone();
    let name = cluster.name.to_string();
    let home = format!("/clusters/{}/access", cluster.id);
    let gone = list.into_iter().map(line).collect_view();
    view! {
        <PageHead
            title=tf("Rotate the certificates of {name}", &[("name", &name)])
            back=(home.clone(), t("Get access").to_owned())
        />
        <section class="panel narrow danger-zone">
            <p>
                {t("When a file with a key may have come into other hands: every certificate there is opens nothing from now on, and everybody downloads a new one. Containers go on as they are.")}
            </p>
            <h2>{t("This stops working at once, for good")}</h2>
            <ul class="gone">
                {gone}
                <li>{t("One-line commands that were not used yet")}</li>
                <li>{t("Connections that are open: logs that are followed, consoles, copies")}</li>
            </ul>
            <FormError failure=failure.clone() fields=&["confirm_name"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=cluster.id.to_string()/>
                <TextField
                    name="confirm_name" label=tf("Type {name} to confirm", &[("name", &name)]) failure max_length=64
                />
                <div class="form-actions">
                    <ChangeButton
                        icon=Icon::Rebuild text=t("Revoke them all") pending=t("Revoking…")
                        class="button button-danger"
                    />
                    <A href=home attr:class="button button-quiet">{t("Cancel")}</A>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn line(one: CertificateView) -> AnyView {
    let what = match (one.kind, one.label.is_empty()) {
        (CertificateKind::Panel, _) => t("the panel").to_owned(),
        (CertificateKind::Bundle, true) => t("a download").to_owned(),
        (CertificateKind::Bundle, false) => one.label,
    };
    let made_at = one.made_at;
    let holes = [
        ("what", view! { <b>{what}</b> }.into_any()),
        ("name", one.made_by.into_any()),
        ("time", view! { <Time at=made_at/> }.into_any()),
    ];
    let words = tv("{what}, made by {name} {time}", holes);
    let seen = one.last_seen_at.map(|at| {
        let time = view! { <Time at/> }.into_any();
        view! { ", " {tv("last seen {time}", [("time", time)])} }
    });
    view! { <li>{words} {seen}</li> }.into_any()
}
