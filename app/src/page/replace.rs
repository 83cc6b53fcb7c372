//! One segment made anew. What goes with it is named before it goes.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use model::{ClusterView, ContainerView, UserError};

use crate::ApiError;
use crate::api::{self, SegmentReplace};
use crate::page::{cluster_param, for_members};
use crate::scale::{Loss, losses};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, load};
use crate::words::{t, tf};

pub fn replace() -> AnyView {
    for_members(|| {
        let ordinal = use_params_map().read_untracked().get("ordinal");
        let ordinal = ordinal.and_then(|ordinal| ordinal.parse().ok());
        let change = Change::new(SegmentReplace::url());
        load(found(cluster_param(), ordinal), move |shown| {
            page(shown, change)
        })
    })
}

async fn found(id: String, ordinal: Option<u32>) -> Result<(ClusterView, Loss), ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    // An engine that is down must not stand in the way: that may be why it is replaced.
    let containers: Vec<ContainerView> = api::cluster_containers(id).await.unwrap_or_default();
    let loss = losses(&cluster, &containers, 0)
        .into_iter()
        .find(|loss| Some(loss.ordinal) == ordinal);
    match loss {
        Some(loss) => Ok((cluster, loss)),
        None => Err(crate::server::refused(UserError::NotFound {
            what: "segment".to_owned(),
        })),
    }
}

fn page((cluster, loss): (ClusterView, Loss), change: Change) -> AnyView {
    let failure = change.failure.clone();
    let name = cluster.name.to_string();
    let home = format!("/clusters/{}", cluster.id);
    let title = tf(
        "Replace segment {n} of {name}",
        &[("n", &loss.ordinal), ("name", &name)],
    );
    let gone = if loss.containers.is_empty() {
        view! { <li>{t("No containers of yours are on it, as far as it answers.")}</li> }.into_any()
    } else {
        let each = loss.containers.iter().cloned();
        each.map(|container| view! { <li>{t("Container")} " " <b>{container}</b></li> })
            .collect_view()
            .into_any()
    };
    let is_only = cluster.segments_wanted == 1;
    view! {
        <PageHead title back=(home.clone(), name.clone())/>
        <section class="panel narrow danger-zone">
            <p>
                {t("Containers cannot move from one segment to another. The segment goes with all that is on it, and an empty one takes its place: with a disk and an address of its own, and the newest image.")}
            </p>
            <h2>{t("This goes, and cannot be brought back")}</h2>
            <ul class="gone">
                {gone}
                <li>{t("Every image and volume on it")}</li>
                {is_only.then(|| view! { <li>{t("For as long as it takes, the endpoint: it is the only segment")}</li> })}
            </ul>
            <FormError failure=failure.clone() fields=&["confirm_name"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=cluster.id.to_string()/>
                <input type="hidden" name="ordinal" value=loss.ordinal.to_string()/>
                <TextField
                    name="confirm_name" label=tf("Type {name} to confirm", &[("name", &name)])
                    failure max_length=64
                />
                <div class="form-actions">
                    <ChangeButton
                        icon=Icon::Rebuild text=tf("Replace segment {n}", &[("n", &loss.ordinal)])
                        pending=t("Replacing…") class="button button-danger"
                    />
                    <A href=home attr:class="button button-quiet">{t("Cancel")}</A>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
