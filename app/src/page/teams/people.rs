//! Who is in a team: roles, taking somebody in, taking somebody out, leaving.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{AccountName, Role, TeamPersonView, TeamView};

use crate::api::{TeamPersonRemove, TeamPersonSet};
use crate::page::account::role_word;
use crate::page::container_list::option;
use crate::page::paging::{address, paging};
use crate::page::people::RoleChoice;
use crate::root::Me;
use crate::ui::{Change, ChangeButton, ChangeForm, Failure, FormError, Icon, TextField, Time};
use crate::words::{t, tf};

const ROLES: [Role; 3] = [Role::Viewer, Role::Member, Role::Administrator];

/// What each may in a team, as far as the account may do it at all.
fn role_words(role: Role) -> &'static str {
    match role {
        Role::Administrator => t("Everything a member may, and the team's name and people."),
        Role::Member => t("Makes, uses, changes and deletes the team's clusters."),
        Role::Viewer => t("Looks, and changes nothing."),
    }
}

pub fn people(team: &TeamView) -> AnyView {
    let set = Change::new(TeamPersonSet::url());
    let remove = Change::new(TeamPersonRemove::url());
    let failure = set.failure.clone().or(remove.failure.clone());
    let here = format!("/teams/{}", team.id);
    let ways = paging(team.people.at, t("Pages of people"), |page| {
        address(&here, &[("page", page)])
    });
    let body = match team.people.rows.is_empty() {
        true => view! { <p class="empty">{t("Nobody is in it yet.")}</p> }.into_any(),
        false => table(team, &set, &remove),
    };
    let add = team.may_manage.then(|| add(team, &set, failure.clone()));
    view! {
        <section class="panel" aria-labelledby="people">
            <h2 id="people">{t("People")}</h2>
            <FormError failure fields=&["person", "role"]/>
            {body}
            {ways}
            {add}
        </section>
    }
    .into_any()
}

fn table(team: &TeamView, set: &Change, remove: &Change) -> AnyView {
    let rows = team
        .people
        .rows
        .iter()
        .map(|person| row(team, person, set, remove))
        .collect_view();
    view! {
        <table class="table team-people">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Role")}</th>
                    <th scope="col">{t("Since")}</th>
                    <th scope="col"><span class="unseen">{t("Actions")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(team: &TeamView, person: &TeamPersonView, set: &Change, remove: &Change) -> AnyView {
    let me = expect_context::<Me>().0;
    let is_me = me.is_some_and(|me| me.id == person.id);
    let role = match team.may_manage {
        true => role_form(team, person, set),
        false => role_word(person.role).into_any(),
    };
    let suspended = person.is_suspended.then(
        || view! { " " <span class="badge bad"><i aria-hidden="true"></i>{t("suspended")}</span> },
    );
    let you = is_me.then(|| view! { " " <span class="hint">{t("you")}</span> });
    let out = (team.may_manage || is_me).then(|| remove_form(team, person, is_me, remove));
    view! {
        <tr data-key=person.id.to_string()>
            <th scope="row">{person.name.to_string()} {you} {suspended}</th>
            <td data-label=t("Role")>{role}</td>
            <td data-label=t("Since") class="nowrap"><Time at=person.since/></td>
            <td class="row-action">{out}</td>
        </tr>
    }
    .into_any()
}

fn role_form(team: &TeamView, person: &TeamPersonView, set: &Change) -> AnyView {
    let (id, name, set) = (team.id.to_string(), person.name.to_string(), set.clone());
    let label = tf("Role of {name}", &[("name", &name)]);
    let button = tf("Change the role of {name}", &[("name", &name)]);
    let choices = ROLES
        .map(|role| {
            option(
                role.to_string(),
                role_word(role).to_owned(),
                role == person.role,
            )
        })
        .collect_view();
    view! {
        <ChangeForm change=set class="filters">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="person" value=name/>
            <select name="role" aria-label=label>{choices}</select>
            <button type="submit" class="button button-quiet button-small" aria-label=button data-pending=t("One moment…")>
                <span>{t("Change it")}</span>
            </button>
        </ChangeForm>
    }
    .into_any()
}

/// Two steps: opening it shows what happens and the button that does it.
fn remove_form(team: &TeamView, person: &TeamPersonView, is_me: bool, remove: &Change) -> AnyView {
    let (id, account, remove) = (team.id.to_string(), person.id.to_string(), remove.clone());
    let (icon, word, text, warning) = match is_me {
        true => (
            Icon::Leave,
            t("Leave the team…"),
            t("Leave the team"),
            t("You see its clusters no more, and your certificates for them are revoked at once."),
        ),
        false => (
            Icon::Trash,
            t("Take out…"),
            t("Take out"),
            t(
                "They see its clusters no more, and their certificates for them are revoked at once.",
            ),
        ),
    };
    let label = match is_me {
        true => word.to_owned(),
        false => tf("Take {name} out", &[("name", &person.name)]),
    };
    view! {
        <details class="menu confirm" name="menu">
            <summary class="button button-quiet button-small" aria-label=label>{word}</summary>
            <div class="menu-list">
                <p>{warning}</p>
                <ChangeForm change=remove>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="person" value=account/>
                    <ChangeButton icon text class="button button-danger button-small"/>
                </ChangeForm>
            </div>
        </details>
    }
    .into_any()
}

fn add(team: &TeamView, set: &Change, failure: Failure) -> AnyView {
    let (id, set) = (team.id.to_string(), set.clone());
    view! {
        <div class="team-add">
            <h3 id="add">{t("Take somebody in")}</h3>
            <ChangeForm change=set class="form">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="person" label=t("Name of their account") failure=failure.clone()
                    hint=t("As they sign in with it.") max_length=AccountName::MAX
                />
                <RoleChoice chosen=Role::Member failure words=role_words/>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Take them in")/>
                </div>
            </ChangeForm>
        </div>
    }
    .into_any()
}
