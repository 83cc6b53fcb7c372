//! What an owner decides about a cluster that exists: its name, growing by itself, its disks, whose
//! it is, and its end.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterName, ClusterSettingsView, ClusterTeam};

use crate::ApiError;
use crate::api::{self, ClusterAutoscale, ClusterDiskGrow, ClusterRename};
use crate::page::account::done;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::disks::disks_panel;
use crate::page::hand_over::hand_over;
use crate::page::{cluster_param, for_members};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, load};
use crate::words::{t, tf};

pub fn cluster_settings() -> AnyView {
    for_members(|| {
        let changes = Changes {
            rename: Change::new(ClusterRename::url()),
            autoscale: Change::new(ClusterAutoscale::url()),
            grow: Change::new(ClusterDiskGrow::url()),
        };
        load(found(cluster_param()), move |(settings, teams)| {
            page(&settings, teams, changes)
        })
    })
}

/// A form each.
struct Changes {
    rename: Change,
    autoscale: Change,
    grow: Change,
}

/// With the teams that it could be handed to.
async fn found(id: String) -> Result<(ClusterSettingsView, Vec<ClusterTeam>), ApiError> {
    let settings = api::cluster_settings(id).await?;
    let mut teams = api::team_choices().await?;
    teams.retain(|team| settings.team.as_ref() != Some(team));
    Ok((settings, teams))
}

fn page(settings: &ClusterSettingsView, teams: Vec<ClusterTeam>, changes: Changes) -> AnyView {
    let name = settings.name.to_string();
    let document_title = tf("Settings of {name}", &[("name", &name)]);
    let panels = match settings.may_change {
        true => view! {
            {name_panel(settings, changes.rename)}
            {autoscale_panel(settings, changes.autoscale)}
            {disks_panel(settings, changes.grow)}
            {hand_over(settings, teams)}
            {more_panel(settings)}
        }
        .into_any(),
        false => looking(settings),
    };
    view! {
        <PageHead
            title=name document_title
            back=("/clusters".to_owned(), t("Clusters").to_owned())
        />
        <ClusterNav id=settings.id here=ClusterPage::Settings/>
        {done(&[
            ("renamed", "The cluster has its new name."),
            ("handed", "The cluster has its new owner."),
        ])}
        {panels}
    }
    .into_any()
}

/// For whoever may change nothing of it.
fn looking(settings: &ClusterSettingsView) -> AnyView {
    let word = if settings.autoscale {
        t("on")
    } else {
        t("off")
    };
    let room = tf(
        "It has {n} of at most {max} segments.",
        &[("n", &settings.segments), ("max", &settings.segments_max)],
    );
    view! {
        <section class="panel">
            <p>{t("You may look at this cluster and change nothing.")}</p>
            <p class="hint">{t("Autoscale")} ": " {word} ". " {room}</p>
        </section>
    }
    .into_any()
}

fn name_panel(settings: &ClusterSettingsView, rename: Change) -> AnyView {
    let failure = rename.failure.clone();
    let (id, name) = (settings.id.to_string(), settings.name.to_string());
    view! {
        <section class="panel" aria-labelledby="rename">
            <h2 id="rename">{t("Name")}</h2>
            <FormError failure=failure.clone() fields=&["name"]/>
            <ChangeForm change=rename class="form narrow">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="name" label=t("Cluster name") failure value=name
                    hint=t("Addresses, credentials and what runs stay as they are.")
                    check="cluster-name" max_length=ClusterName::MAX
                />
                <div class="form-actions">
                    <ChangeButton icon=Icon::Check text=t("Rename") pending=t("Renaming…")/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn autoscale_panel(settings: &ClusterSettingsView, autoscale: Change) -> AnyView {
    let (tone, word, button) = match settings.autoscale {
        true => ("badge good", t("on"), t("Switch it off")),
        false => ("badge", t("off"), t("Switch it on")),
    };
    let (id, other) = (settings.id.to_string(), (!settings.autoscale).to_string());
    let room = tf(
        "It has {n} of at most {max} segments.",
        &[("n", &settings.segments), ("max", &settings.segments_max)],
    );
    view! {
        <section class="panel" aria-labelledby="autoscale">
            <div class="change-head">
                <h2 id="autoscale">{t("Autoscale")}</h2>
                <span class=tone><i aria-hidden="true"></i>{word}</span>
            </div>
            <p class="settings-words">
                {t("Every ten minutes the panel looks at what the whole cluster used in that time. Is more than 80 % of its CPU or of its memory in use, it adds a segment, up to the quota. It never takes one away.")}
                " " {room}
            </p>
            <FormError failure=autoscale.failure.clone()/>
            <ChangeForm change=autoscale>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="on" value=other/>
                <ChangeButton icon=Icon::Scale text=button class="button button-quiet"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn more_panel(settings: &ClusterSettingsView) -> AnyView {
    let path = |tail: &str| format!("/clusters/{}/{tail}", settings.id);
    view! {
        <section class="panel" aria-labelledby="more">
            <h2 id="more">{t("More")}</h2>
            <ul class="settings-links">
                <li>
                    <A href=path("scale") attr:class="button button-quiet">{Icon::Scale.view()} {t("Scale")}</A>
                    <span>{t("More segments, or fewer.")}</span>
                </li>
                <li>
                    <A href=path("rebuild") attr:class="button button-quiet">{Icon::Rebuild.view()} {t("Rebuild")}</A>
                    <span>{t("Makes the management containers again; yours stay.")}</span>
                </li>
                <li>
                    <A href=path("delete") attr:class="button button-danger">{Icon::Trash.view()} {t("Delete")}</A>
                    <span>{t("Takes everything away for good. It asks first.")}</span>
                </li>
            </ul>
        </section>
    }
    .into_any()
}
