//! Teams: those one is in, and for administrators all there are.

mod people;
mod team;

pub use team::team;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterTeam, ListPage, Role, TeamLineView, TeamName};

use crate::api::{self, TeamCreate};
use crate::page::account::{done, role_word};
use crate::page::for_members;
use crate::page::paging::{address, page_asked, paging};
use crate::page::quota_fields::QuotaFields;
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, load_live,
};
use crate::words::{t, tf};

/// A team as a form or an address names it; empty for what is one's own.
pub fn team_id(team: Option<&ClusterTeam>) -> String {
    team.map(|team| team.id.to_string()).unwrap_or_default()
}

/// The team that something is of.
pub fn team_chip(team: &ClusterTeam) -> AnyView {
    let (href, name) = (format!("/teams/{}", team.id), team.name.to_string());
    let title = tf("Team {name}", &[("name", &name)]);
    view! { <a href=href class="chip" title=title>{Icon::Team.view()} <span>{name}</span></a> }
        .into_any()
}

pub fn teams() -> AnyView {
    for_members(|| load_live(api::team_list(page_asked("page")), page))
}

fn page(teams: ListPage<TeamLineView>) -> AnyView {
    let me = expect_context::<Me>().0;
    let is_administrator = me.is_some_and(|me| me.role == Role::Administrator);
    let ways = paging(teams.at, t("Pages of teams"), |page| {
        address("/teams", &[("page", page)])
    });
    let body = match teams.rows.is_empty() {
        true => what_for(is_administrator),
        false => view! {
            <section class="panel" aria-labelledby="found">
                <h2 id="found" class="unseen">{t("Teams")}</h2>
                {table(teams.rows)}
                {ways}
            </section>
        }
        .into_any(),
    };
    let lead = t("People who own clusters together, with a quota of the team's own.");
    view! {
        <PageHead title=t("Teams") lead/>
        {done(&[
            ("delete", "The team is deleted."),
            ("leave", "You have left the team."),
        ])}
        {body}
        {is_administrator.then(new_team)}
    }
    .into_any()
}

fn table(teams: Vec<TeamLineView>) -> AnyView {
    let rows = teams.into_iter().map(row).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Your role")}</th>
                    <th scope="col">{t("People")}</th>
                    <th scope="col">{t("Clusters")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(team: TeamLineView) -> AnyView {
    let role = match team.role {
        Some(role) => role_word(role).into_any(),
        None => view! { <span class="hint">{t("not in it")}</span> }.into_any(),
    };
    let clusters = tf(
        "{n} of {max}",
        &[("n", &team.clusters), ("max", &team.clusters_max)],
    );
    view! {
        <tr data-key=team.id.to_string()>
            <th scope="row"><A href=format!("/teams/{}", team.id)>{team.name.to_string()}</A></th>
            <td data-label=t("Your role")>{role}</td>
            <td data-label=t("People")>{team.people.to_string()}</td>
            <td data-label=t("Clusters")>{clusters}</td>
        </tr>
    }
    .into_any()
}

/// What there would be, before there is any.
fn what_for(is_administrator: bool) -> AnyView {
    let next = match is_administrator {
        true => t("Make the first one below, then take people in."),
        false => t("An administrator of the panel makes one and takes you in."),
    };
    let ticks = [
        t("A cluster of a team is there for everybody in it: it stays when somebody goes."),
        t("Each person has a role in the team: look, work with its clusters, or manage its people."),
        t("It has a quota of its own, beside those of its people."),
    ]
    .map(|text| view! { <li>{Icon::Check.view()} <span>{text}</span></li> })
    .collect_view();
    view! {
        <section class="panel narrow">
            <h2>{t("No teams yet")}</h2>
            <ul class="ticks">{ticks}</ul>
            <p>{next}</p>
        </section>
    }
    .into_any()
}

fn new_team() -> AnyView {
    let change = Change::new(TeamCreate::url());
    let failure = change.failure.clone();
    let nothing = [const { String::new() }; 4];
    view! {
        <section class="panel" aria-labelledby="new-team">
            <h2 id="new-team">{t("New team")}</h2>
            <FormError failure=failure.clone() fields=&["name", "clusters", "segments", "memory_mib", "disk_gib"]/>
            <ChangeForm change class="form">
                <TextField
                    name="name" label=t("Name of the team") failure=failure.clone() check="cluster-name"
                    hint=t("Lower-case letters, digits and hyphens.") max_length=TeamName::MAX
                />
                <fieldset class="field-group">
                    <legend>{t("Quota")}</legend>
                    <p class="hint">{t("What is left empty follows the panel's configuration.")}</p>
                    <QuotaFields values=nothing is_optional=true failure/>
                </fieldset>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Make the team")/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
