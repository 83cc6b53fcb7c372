//! Inviting somebody: the link is drawn once, as the answer to this page's own form.

use leptos::prelude::*;
use leptos_router::components::A;
use model::Role;

use crate::ApiError;
use crate::api;
use crate::page::account::role_word;
use crate::page::for_confirmed;
use crate::page::quota_fields::QuotaFields;
use crate::ui::{CopyField, Failure, FieldError, FormError, Icon, PageHead, TextField, load};
use crate::words::t;

const PAGE: &str = "/people/invite";

async fn found() -> Result<(Option<String>, Failure), ApiError> {
    // Whoever may not invite sees no form for it.
    api::invitation_list().await?;
    Ok(match api::invitation_posted().await {
        Ok(link) => (link, None),
        Err(error) => (None, Some(error)),
    })
}

pub fn invite() -> AnyView {
    for_confirmed(|| load(found(), |(link, failure)| page(link, failure)))
}

fn page(link: Option<String>, failure: Failure) -> AnyView {
    let back = ("/people".to_owned(), t("People").to_owned());
    let body = match link {
        Some(link) => made(link),
        None => form(failure),
    };
    view! {
        <PageHead title=t("Invite somebody") back/>
        <section class="panel">{body}</section>
    }
    .into_any()
}

fn made(link: String) -> AnyView {
    view! {
        <p class="done" role="status">{Icon::Check.view()} {t("The invitation is made.")}</p>
        <p>{t("Send this link to the person, by a way that nobody else reads. It makes one account, once, and is not shown again.")}</p>
        <div class="form-below"><CopyField text=link label=t("The link")/></div>
        <p class="form-actions form-below">
            <A href="/people" attr:class="button">{t("Back to people")}</A>
            <a class="button button-quiet" href=PAGE>{t("Invite another")}</a>
        </p>
    }
    .into_any()
}

pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Administrator => {
            t("Everything a member may, and people, quotas and the whole audit.")
        }
        Role::Member => t("Makes and changes clusters of their own."),
        Role::Viewer => t("Looks, and changes nothing."),
    }
}

/// One radio button for each role.
#[component]
pub fn RoleChoice(
    chosen: Role,
    failure: Failure,
    /// A heading right above says it already.
    #[prop(optional)]
    is_titled: bool,
    /// What each means here.
    #[prop(default = role_words)]
    words: fn(Role) -> &'static str,
) -> impl IntoView {
    let choices = [Role::Member, Role::Viewer, Role::Administrator]
        .into_iter()
        .map(|role| {
            let id = format!("role-{role}");
            view! {
                <label class="check" for=id.clone()>
                    <input type="radio" id=id.clone() name="role" value=role.as_str() checked=role == chosen required/>
                    <span><b>{role_word(role)}</b> " " <span class="hint">{words(role)}</span></span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field checks">
            <legend class=is_titled.then_some("unseen")>{t("Role")}</legend>
            {choices}
            <FieldError name="role" failure/>
        </fieldset>
    }
}

fn form(failure: Failure) -> AnyView {
    let fields = &[
        "note",
        "role",
        "days",
        "clusters",
        "segments",
        "memory_mib",
        "disk_gib",
    ];
    view! {
        <FormError failure=failure.clone() fields/>
        <form method="post" action=PAGE class="form">
            <input type="hidden" name="make" value="invitation"/>
            <TextField
                name="note" label=t("For whom") failure=failure.clone() required=false
                hint=t("So that you recognize it in the list; the person chooses their own name.")
                max_length=100
            />
            <RoleChoice chosen=Role::Member failure=failure.clone()/>
            <fieldset class="field-group">
                <legend>{t("Quota")}</legend>
                <p class="hint">{t("What is left empty follows the panel's configuration.")}</p>
                <QuotaFields
                    values=[const { String::new() }; 4]
                    is_optional=true failure=failure.clone()
                />
            </fieldset>
            <div class="field">
                <label for="days">{t("Good for")}</label>
                <select id="days" name="days">
                    <option value="1">{t("1 day")}</option>
                    <option value="7" selected>{t("7 days")}</option>
                    <option value="30">{t("30 days")}</option>
                </select>
                <FieldError name="days" failure/>
            </div>
            <div class="form-actions">
                <button type="submit" class="button">{Icon::Key.view()} {t("Make the link")}</button>
                <A href="/people" attr:class="button button-quiet">{t("Cancel")}</A>
            </div>
        </form>
    }
    .into_any()
}
