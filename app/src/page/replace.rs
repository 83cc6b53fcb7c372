//! One segment made anew. What goes with it is named before it goes.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use model::{ClusterView, SegmentContentsView, UserError};

use crate::ApiError;
use crate::api::{self, SegmentDrain, SegmentReplace};
use crate::page::loss::{moving_text, short};
use crate::page::{cluster_param, for_members, only_looking};
use crate::scale::{Tasks, lost};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, load};
use crate::words::{t, tf};

pub fn replace() -> AnyView {
    for_members(|| {
        let ordinal = use_params_map().read_untracked().get("ordinal");
        let ordinal = ordinal.and_then(|ordinal| ordinal.parse().ok());
        let change = Change::new(SegmentReplace::url());
        let drain = Change::new(SegmentDrain::url());
        load(found(cluster_param(), ordinal), move |shown| {
            page(shown, change, drain)
        })
    })
}

type Shown = (ClusterView, SegmentContentsView);

async fn found(id: String, ordinal: Option<u32>) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    if !cluster.may_change {
        return Err(only_looking());
    }
    let contents = api::cluster_contents(id).await?;
    let loss = contents
        .into_iter()
        .find(|loss| Some(loss.ordinal) == ordinal);
    match loss {
        Some(loss) => Ok((cluster, loss)),
        None => Err(crate::server::refused(UserError::NotFound {
            what: "segment".to_owned(),
        })),
    }
}

fn page((cluster, loss): Shown, change: Change, drain: Change) -> AnyView {
    let failure = change.failure.clone();
    let name = cluster.name.to_string();
    let home = format!("/clusters/{}", cluster.id);
    let title = tf(
        "Drain or replace segment {n} of {name}",
        &[("n", &loss.ordinal), ("name", &name)],
    );
    let is_leading = is_leading(&cluster, loss.ordinal);
    let gone = gone(is_leading, &loss);
    let found = loss.found.as_ref().filter(|_| !is_leading);
    let moving = found.and_then(|found| moving_text(found, Tasks::Move));
    let is_only = cluster.segments_wanted == 1;
    view! {
        <PageHead title back=(home.clone(), name.clone())/>
        {draining(&cluster, loss.ordinal, drain)}
        <section class="panel narrow danger-zone" aria-labelledby="replace">
            <h2 id="replace">{t("Replace")}</h2>
            <p>
                {t("Containers cannot move from one segment to another. The segment goes with all that is on it, and an empty one takes its place: with a disk and an address of its own, and the newest image.")}
            </p>
            <h3>{t("This goes, and cannot be brought back")}</h3>
            <ul class="gone">
                {gone}
                {is_only.then(|| view! { <li>{t("For as long as it takes, the endpoint: it is the only segment")}</li> })}
            </ul>
            {moving.map(|text| view! { <p>{text}</p> })}
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

/// Keeps new containers off the segment; nothing that is on it is touched.
fn draining(cluster: &ClusterView, ordinal: u32, change: Change) -> AnyView {
    let segment = cluster.segments.iter().find(|one| one.ordinal == ordinal);
    let is_drained = segment.is_some_and(|segment| segment.is_drained);
    let (id, failure) = (cluster.id.to_string(), change.failure.clone());
    let (text, icon, button) = match is_drained {
        false => (
            t(
                "A drained segment takes no new containers, and tasks of services move to other segments. Containers that are on it stay and go on.",
            ),
            Icon::Pause,
            t("Drain"),
        ),
        true => (
            t("It is drained: it takes no new containers. Those on it stay and go on."),
            Icon::Play,
            t("Take containers again"),
        ),
    };
    let drained =
        (!is_drained).then(|| view! { <input type="hidden" name="drained" value="yes"/> });
    view! {
        <section class="panel narrow" aria-labelledby="drain">
            <h2 id="drain">{t("Drain")}</h2>
            <p>{text}</p>
            <FormError failure/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="ordinal" value=ordinal.to_string()/>
                {drained}
                <div class="form-actions">
                    <ChangeButton icon text=button class="button button-quiet"/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

/// The lowest segment's engine manages Docker's swarm, and takes it along.
fn is_leading(cluster: &ClusterView, ordinal: u32) -> bool {
    !cluster.segments.iter().any(|one| one.ordinal < ordinal)
}

fn gone(is_leading: bool, loss: &SegmentContentsView) -> AnyView {
    let swarm = is_leading.then(|| {
        view! { <li>{t("Services, secrets and configs of Docker's swarm, wherever they run: this segment keeps them. Deploy stacks again from their files.")}</li> }
    });
    let Some(found) = &loss.found else {
        return view! {
            <li>{t("Whatever is on it. It does not answer, so that its containers and volumes cannot be listed.")}</li>
            <li>{t("Every image and volume on it")}</li>
            {swarm}
        }
        .into_any();
    };
    let tasks = match is_leading {
        true => Tasks::Go,
        false => Tasks::Move,
    };
    let each = lost(found, tasks);
    let containers = match each.is_empty() {
        true => view! { <li>{t("No containers of yours are on it.")}</li> }.into_any(),
        false => each
            .into_iter()
            .map(|container| view! { <li>{t("Container")} " " <b>{container}</b></li> })
            .collect_view()
            .into_any(),
    };
    let volumes = match &found.volumes {
        None => view! { <li>{t("Its volumes could not be listed. They go, too.")}</li> }.into_any(),
        Some(names) => names
            .iter()
            .map(|name| view! { <li>{t("Volume")} " " <b>{short(name)}</b></li> })
            .collect_view()
            .into_any(),
    };
    view! {
        {containers}
        {volumes}
        <li>{t("Every image on it")}</li>
        {swarm}
    }
    .into_any()
}
