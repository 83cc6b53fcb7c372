//! Who holds keys to a cluster.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{CertificateKind, CertificateView, CertificatesView, ClusterView, ListPage};

use crate::page::paging::{address, paging};
use crate::ui::{Change, ChangeButton, ChangeForm, Icon, Time};
use crate::words::{t, tv};

pub fn certificates(cluster: &ClusterView, found: CertificatesView, revoke: &Change) -> AnyView {
    let here = format!("/clusters/{}/access", cluster.id);
    let rotate = format!("{here}/rotate");
    let is_any = cluster.may_use && found.open > 0;
    let ListPage { rows: list, at } = found.list;
    let ways = paging(at, t("Pages of certificates"), |page| {
        address(&here, &[("page", page)])
    });
    let body = if list.is_empty() {
        view! { <p class="empty">{t("None yet. Each download makes one, and it is listed here.")}</p> }
            .into_any()
    } else {
        let rows = list
            .into_iter()
            .map(|one| row(cluster, one, revoke))
            .collect_view();
        view! {
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("For")}</th>
                        <th scope="col">{t("By")}</th>
                        <th scope="col">{t("Made")}</th>
                        <th scope="col">{t("Last seen")}</th>
                        <th scope="col">{t("Expires")}</th>
                        <th scope="col"><span class="unseen">{t("Revoke")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="certificates">
            <h2 id="certificates">{t("Certificates")}</h2>
            <p class="hint">
                {t("Every file that was downloaded holds its own certificate. The key exists in that file only. The panel makes itself one for a day in the name of whoever looks at containers here; its key is in memory only.")}
            </p>
            {is_any.then(|| view! {
                <div class="list-bar">
                    <p class="hint">{t("The managers tell once a minute which certificates were used. One that you do not know, or that nobody uses, is better revoked.")}</p>
                    <A href=rotate attr:class="button button-quiet button-small">{Icon::Rebuild.view()} {t("Rotate all…")}</A>
                </div>
            })}
            {body}
            {ways}
        </section>
    }
    .into_any()
}

fn row(cluster: &ClusterView, certificate: CertificateView, revoke: &Change) -> AnyView {
    let short = certificate.serial.chars().take(12).collect::<String>();
    let kind = match (certificate.kind, certificate.label.is_empty()) {
        (CertificateKind::Panel, _) => t("the panel").to_owned(),
        (CertificateKind::Bundle, true) => t("a download").to_owned(),
        (CertificateKind::Bundle, false) => certificate.label.clone(),
    };
    let seen = match certificate.last_seen_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => view! { <span class="hint">{t("not yet")}</span> }.into_any(),
    };
    let state = match certificate.revoked_at {
        Some(at) => {
            let words = tv(
                "revoked {time}",
                [("time", view! { <Time at/> }.into_any())],
            );
            view! { <span class="badge free"><i aria-hidden="true"></i>{words}</span> }.into_any()
        }
        None if cluster.may_use => revoke_form(cluster, &certificate, revoke),
        None => ().into_any(),
    };
    view! {
        <tr data-key=certificate.serial.clone()>
            <th scope="row"><span>{kind}</span> <code class="container-image" title=certificate.serial.clone()>{short} "…"</code></th>
            <td data-label=t("By")>{certificate.made_by}</td>
            <td data-label=t("Made")><Time at=certificate.made_at/></td>
            <td data-label=t("Last seen")>{seen}</td>
            <td data-label=t("Expires")><Time at=certificate.expires_at/></td>
            <td class="row-action">{state}</td>
        </tr>
    }
    .into_any()
}

/// Two steps: opening it shows what happens and the button that does it.
fn revoke_form(cluster: &ClusterView, certificate: &CertificateView, revoke: &Change) -> AnyView {
    let cluster = cluster.id.to_string();
    let serial = certificate.serial.clone();
    view! {
        <details class="menu confirm" name="menu">
            <summary class="button button-quiet button-small">{t("Revoke…")}</summary>
            <div class="menu-list">
                <p>{t("Whoever uses this certificate is cut off at once, for good.")}</p>
                <ChangeForm change=revoke.clone()>
                    <input type="hidden" name="id" value=cluster/>
                    <input type="hidden" name="serial" value=serial/>
                    <ChangeButton
                        icon=Icon::Trash text=t("Revoke this certificate")
                        class="button button-danger button-small"
                    />
                </ChangeForm>
            </div>
        </details>
    }
    .into_any()
}
