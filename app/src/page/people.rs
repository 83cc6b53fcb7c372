//! People, for administrators: who there is, who is invited, who asks for more.

mod invite;
mod person;

pub use invite::{RoleChoice, invite};
pub use person::person;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{InvitationView, ListPage, PersonView, QuotaOwner, QuotaRequestView};

use crate::ApiError;
use crate::api::{self, InvitationRevoke, QuotaRequestDecide, SignUpSet};
use crate::page::account::{done, role_word};
use crate::page::paging::{address, name_filter, page_asked, paging};
use crate::page::quota_fields::limits_words;
use crate::page::{for_members, query};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, Time, load_live};
use crate::words::{t, tf, tn};

struct Shown {
    people: ListPage<PersonView>,
    invitations: Vec<InvitationView>,
    requests: ListPage<QuotaRequestView>,
    is_open: bool,
}

/// What the address asks for.
#[derive(Clone)]
struct Asked {
    /// A part of a name.
    filter: String,
    page: u32,
    /// Of the requests.
    requests: u32,
}

async fn found(asked: Asked) -> Result<Shown, ApiError> {
    Ok(Shown {
        people: api::person_list(asked.filter, asked.page).await?,
        invitations: api::invitation_list().await?,
        requests: api::quota_request_list(asked.requests).await?,
        is_open: api::sign_up_is_open().await?,
    })
}

pub fn people() -> AnyView {
    for_members(|| {
        let asked = Asked {
            filter: query("q").unwrap_or_default(),
            page: page_asked("page"),
            requests: page_asked("requests"),
        };
        load_live(found(asked.clone()), move |shown| {
            page(shown, &asked.filter)
        })
    })
}

fn page(shown: Shown, filter: &str) -> AnyView {
    let (at, of_requests) = (shown.people.at, shown.requests.at);
    let lead = tn(at.total as usize, "One account", "{n} accounts");
    // Each goes on by itself, and leaves the other where it is.
    let place = |n: u32| match n {
        1 => String::new(),
        n => n.to_string(),
    };
    let (page, asked) = (place(at.page), place(of_requests.page));
    let ways = paging(at, t("Pages of accounts"), |page| {
        address(
            "/people",
            &[("q", filter), ("page", page), ("requests", &asked)],
        )
    });
    let ways_of_requests = paging(of_requests, t("Pages of requests"), |requests| {
        address(
            "/people",
            &[("q", filter), ("page", &page), ("requests", requests)],
        )
    });
    view! {
        <PageHead title=t("People") lead>
            <A href="/people/invite" attr:class="button">{Icon::Plus.view()} {t("Invite somebody")}</A>
        </PageHead>
        {done(&[
            ("delete", "The account is deleted."),
            ("revoke", "The invitation is void."),
            ("request", "The request is decided. Whoever asked sees it."),
            ("sign-up", "The setting is changed."),
        ])}
        {requests(shown.requests.rows, ways_of_requests)}
        <section class="panel" aria-labelledby="accounts">
            <h2 id="accounts">{t("Accounts")}</h2>
            {name_filter(at, "/people", filter, "{found} of {total} accounts")}
            {table(shown.people.rows)}
            {ways}
        </section>
        {invitations(shown.invitations)}
        {sign_up(shown.is_open)}
    }
    .into_any()
}

fn table(people: Vec<PersonView>) -> AnyView {
    if people.is_empty() {
        return view! { <p class="empty">{t("Nothing is like that.")}</p> }.into_any();
    }
    let rows = people.into_iter().map(row).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Role")}</th>
                    <th scope="col">{t("Clusters")}</th>
                    <th scope="col">{t("Two-factor")}</th>
                    <th scope="col">{t("Last sign-in")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(person: PersonView) -> AnyView {
    let seen = match person.last_sign_in_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t("never").into_any(),
    };
    let suspended = person.suspended_at.map(
        |_| view! { " " <span class="badge bad"><i aria-hidden="true"></i>{t("suspended")}</span> },
    );
    let clusters = tf(
        "{n} of {max}",
        &[("n", &person.clusters), ("max", &person.limits.clusters)],
    );
    view! {
        <tr data-key=person.id.to_string()>
            <th scope="row">
                <A href=format!("/people/{}", person.id)>{person.name.to_string()}</A>
                {suspended}
            </th>
            <td data-label=t("Role")>{role_word(person.role)}</td>
            <td data-label=t("Clusters")>{clusters}</td>
            <td data-label=t("Two-factor")>{two_factor_badge(person.has_two_factor)}</td>
            <td data-label=t("Last sign-in")>{seen}</td>
        </tr>
    }
    .into_any()
}

fn two_factor_badge(is_on: bool) -> AnyView {
    if is_on {
        view! { <span class="badge good"><i aria-hidden="true"></i>{t("on")}</span> }.into_any()
    } else {
        view! { <span class="badge"><i aria-hidden="true"></i>{t("off")}</span> }.into_any()
    }
}

fn requests(requests: Vec<QuotaRequestView>, ways: AnyView) -> AnyView {
    if requests.is_empty() {
        return ().into_any();
    }
    let decide = Change::new(QuotaRequestDecide::url());
    let failure = decide.failure.clone();
    let items = requests
        .into_iter()
        .map(|request| request_item(request, &decide))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="requests">
            <h2 id="requests">{t("Requests for more")}</h2>
            <FormError failure/>
            <ul class="requests">{items}</ul>
            {ways}
        </section>
    }
    .into_any()
}

fn request_item(request: QuotaRequestView, decide: &Change) -> AnyView {
    let (key, id) = (request.id.to_string(), request.id.to_string());
    let answer = format!("answer-{id}");
    let has = tf(
        "Has {limits}.",
        &[("limits", &limits_words(request.present))],
    );
    let (href, name, by) = match request.owner {
        QuotaOwner::Account { id, name } => (format!("/people/{id}"), name.to_string(), None),
        QuotaOwner::Team { id, name } => {
            let name = tf("Team {name}", &[("name", &name)]);
            let by = tf("By {name}", &[("name", &request.made_by)]);
            (format!("/teams/{id}"), name, Some(format!(" · {by}")))
        }
    };
    view! {
        <li data-key=key>
            <p>
                <A href>{name}</A>
                " " <b>{limits_words(request.wanted)}</b>
            </p>
            <p class="reason">{request.reason}</p>
            <p class="hint">{has} " " {t("Asked for")} " " <Time at=request.made_at/> {by}</p>
            <ChangeForm change=decide.clone() class="request-answer">
                <input type="hidden" name="id" value=id/>
                <div class="field">
                    <label for=answer.clone()>{t("Your answer, if there is something to say")}</label>
                    <input id=answer.clone() name="answer" type="text" maxlength="500" autocomplete="off"/>
                </div>
                <div class="form-actions">
                    <button type="submit" class="button button-small" name="decision" value="grant">{t("Grant")}</button>
                    <button type="submit" class="button button-quiet button-small" name="decision" value="decline">{t("Decline")}</button>
                </div>
            </ChangeForm>
        </li>
    }
    .into_any()
}

fn invitations(list: Vec<InvitationView>) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let revoke = Change::new(InvitationRevoke::url());
    let failure = revoke.failure.clone();
    let rows = list
        .into_iter()
        .map(|invitation| {
            let (key, id) = (invitation.id.to_string(), invitation.id.to_string());
            let note = if invitation.note.is_empty() {
                t("Somebody").to_owned()
            } else {
                invitation.note
            };
            view! {
                <tr data-key=key>
                    <th scope="row">{note}</th>
                    <td data-label=t("Role")>{role_word(invitation.role)}</td>
                    <td data-label=t("By")>{invitation.made_by}</td>
                    <td data-label=t("Expires")><Time at=invitation.expires_at/></td>
                    <td class="row-action">
                        <ChangeForm change=revoke.clone()>
                            <input type="hidden" name="id" value=id/>
                            <ChangeButton icon=Icon::Trash text=t("Take back") class="button button-quiet button-small"/>
                        </ChangeForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="invitations">
            <h2 id="invitations">{t("Invitations not taken yet")}</h2>
            <FormError failure/>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("For")}</th>
                        <th scope="col">{t("Role")}</th>
                        <th scope="col">{t("By")}</th>
                        <th scope="col">{t("Expires")}</th>
                        <th scope="col"><span class="unseen">{t("Take back")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn sign_up(is_open: bool) -> AnyView {
    let change = Change::new(SignUpSet::url());
    let (words, button) = if is_open {
        (
            t("Open: whoever finds this panel can make an account as a member."),
            t("Close sign-up"),
        )
    } else {
        (
            t("Closed: new people come by invitation."),
            t("Open sign-up"),
        )
    };
    view! {
        <section class="panel" aria-labelledby="sign-up">
            <h2 id="sign-up">{t("Sign-up")}</h2>
            <FormError failure=change.failure.clone()/>
            <p>{words}</p>
            <ChangeForm change class="form-below">
                <input type="hidden" name="open" value=(!is_open).to_string()/>
                <ChangeButton icon=Icon::Account text=button class="button button-quiet"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}
