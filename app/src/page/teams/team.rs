//! One team: its people, its clusters, its quota, its name, its end.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{Role, TeamClusterView, TeamName, TeamView};

use super::people::people;
use crate::api::{self, TeamDelete, TeamQuotaSet, TeamRename};
use crate::page::account::{done, meters, role_word};
use crate::page::paging::page_asked;
use crate::page::quota_fields::choice_form;
use crate::page::quota_request::{ask, is_any_open, requests};
use crate::page::{for_members, team_param};
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, StatusBadge, TextField, load_live,
};
use crate::words::{t, tf, tn};

pub fn team() -> AnyView {
    for_members(|| {
        let found = api::team_get(team_param(), page_asked("page"));
        load_live(found, |team| page(&team))
    })
}

fn page(team: &TeamView) -> AnyView {
    let me = expect_context::<Me>().0;
    let is_administrator = me.is_some_and(|me| me.role == Role::Administrator);
    let back = ("/teams".to_owned(), t("Teams").to_owned());
    // Whoever may give it themselves asks nobody.
    let may_ask = team.may_ask && !is_administrator && !is_any_open(&team.requests);
    let lead = match team.role {
        Some(role) => tf("You are in it as {role}.", &[("role", &role_word(role))]),
        None => {
            t("You are not in it. As an administrator you see its people and its quota.").to_owned()
        }
    };
    let add = team.may_create.then(|| {
        let href = format!("/clusters/new?team={}", team.id);
        view! { <A href attr:class="button">{Icon::Plus.view()} {t("Add cluster")}</A> }
    });
    view! {
        <PageHead title=team.name.to_string() back lead>{add}</PageHead>
        {done(&[
            ("create", "The team is made. Take people in."),
            ("rename", "The team has its new name."),
            ("quota", "The quota is changed."),
            ("request", "The request is with the administrators of the panel."),
            ("withdraw", "The request is taken back."),
            ("person", "The person has their place in the team. It holds from now on."),
            ("remove", "The person is not in the team any more. Their certificates for its clusters are revoked."),
        ])}
        {people(team)}
        {clusters(team)}
        {quota(team, is_administrator)}
        {requests(t("Requests for more"), team.requests.clone(), team.may_ask)}
        {may_ask.then(|| ask(team.quota, Some(team.id)))}
        {team.may_manage.then(|| rename(team))}
        {is_administrator.then(|| delete(team))}
    }
    .into_any()
}

fn clusters(team: &TeamView) -> AnyView {
    let body = match (team.role, team.clusters.is_empty()) {
        (None, _) => {
            let n = team.clusters_all as usize;
            let count = match n {
                0 => t("It has no clusters.").to_owned(),
                n => tn(n, "It has 1 cluster.", "It has {n} clusters."),
            };
            let why = t("Which they are is for whoever is in the team.");
            view! { <p>{count} " " {why}</p> }.into_any()
        }
        (Some(_), true) => view! {
            <p class="empty">{t("No clusters yet. Whoever is more than a viewer in it can add one, or hand one of their own over in its settings.")}</p>
        }
        .into_any(),
        (Some(_), false) => table(&team.clusters),
    };
    view! {
        <section class="panel" aria-labelledby="team-clusters">
            <h2 id="team-clusters">{t("Clusters")}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn table(clusters: &[TeamClusterView]) -> AnyView {
    let rows = clusters
        .iter()
        .cloned()
        .map(|cluster| {
            let href = format!("/clusters/{}", cluster.id);
            view! {
                <tr data-key=cluster.id.to_string()>
                    <th scope="row"><A href>{cluster.name.to_string()}</A></th>
                    <td data-label=t("Status")><StatusBadge phase=cluster.phase/></td>
                    <td data-label=t("Segments")>{cluster.segments.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Status")}</th>
                    <th scope="col">{t("Segments")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn quota(team: &TeamView, is_administrator: bool) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="quota">
            <h2 id="quota">{t("Quota")}</h2>
            {meters(team.quota)}
            {is_administrator.then(|| quota_form(team))}
        </section>
    }
    .into_any()
}

fn quota_form(team: &TeamView) -> AnyView {
    let change = Change::new(TeamQuotaSet::url());
    let is_open = change.failure.is_some();
    let form = choice_form(change, team.id.to_string(), team.choice, team.limits);
    view! {
        <details class="more" open=is_open>
            <summary>{t("Change the quota")}</summary>
            {form}
        </details>
    }
    .into_any()
}

fn rename(team: &TeamView) -> AnyView {
    let change = Change::new(TeamRename::url());
    let failure = change.failure.clone();
    let (id, name) = (team.id.to_string(), team.name.to_string());
    view! {
        <section class="panel" aria-labelledby="rename">
            <h2 id="rename">{t("Name")}</h2>
            <FormError failure=failure.clone() fields=&["name"]/>
            <ChangeForm change class="form narrow">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="name" label=t("Name of the team") failure value=name check="cluster-name"
                    hint=t("Lower-case letters, digits and hyphens.") max_length=TeamName::MAX
                />
                <div class="form-actions">
                    <ChangeButton icon=Icon::Check text=t("Rename") pending=t("Renaming…") class="button button-quiet"/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn delete(team: &TeamView) -> AnyView {
    let change = Change::new(TeamDelete::url());
    let failure = change.failure.clone();
    let (id, name) = (team.id.to_string(), team.name.to_string());
    let body = if team.clusters_all > 0 {
        let n = team.clusters_all as usize;
        let words = tf(
            "A team is deleted once it owns nothing. {name} still has {n}.",
            &[("name", &name), ("n", &tn(n, "1 cluster", "{n} clusters"))],
        );
        view! { <p>{words}</p> }.into_any()
    } else {
        view! {
            <p class="hint">{t("Nobody is in it any more then, and its requests for more go with it; nothing else does.")}</p>
            <FormError failure=failure.clone() fields=&["confirm_name"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="confirm_name" failure
                    label=tf("Type {name} to confirm", &[("name", &name)])
                />
                <div class="form-actions">
                    <ChangeButton icon=Icon::Trash text=t("Delete the team") class="button button-danger"/>
                </div>
            </ChangeForm>
        }
        .into_any()
    };
    view! {
        <section class="panel danger-zone" aria-labelledby="delete">
            <h2 id="delete">{t("Delete")}</h2>
            {body}
        </section>
    }
    .into_any()
}
