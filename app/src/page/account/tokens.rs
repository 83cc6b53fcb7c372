//! Tokens for programs. A new one is drawn once, as the answer to this page's own form.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{Role, Scope, TokenView};

use crate::ApiError;
use crate::api::{self, TokenRevoke, TokenRevokeAll};
use crate::page::account::{done, head};
use crate::page::for_confirmed;
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, CopyField, Failure, FieldError, FormError, Icon, TextField,
    Time, load,
};
use crate::words::t;

const PAGE: &str = "/account/tokens";

type Shown = (Vec<TokenView>, Option<String>, Failure);

async fn found() -> Result<Shown, ApiError> {
    let made = api::token_posted().await;
    let list = api::token_list().await?;
    let (token, failure) = match made {
        Ok(token) => (token, None),
        Err(error) => (None, Some(error)),
    };
    Ok((list, token, failure))
}

pub fn tokens() -> AnyView {
    for_confirmed(|| load(found(), page))
}

pub fn scope_words(scope: Scope) -> (&'static str, &'static str) {
    match scope {
        Scope::Read => (t("Read"), t("List clusters and see how they are.")),
        Scope::Deploy => (t("Deploy"), t("Make, scale and delete clusters.")),
        Scope::Access => (
            t("Access"),
            t("Get credentials of clusters: whoever has those is their master."),
        ),
    }
}

fn page((list, made, failure): Shown) -> AnyView {
    let revoke = Change::new(TokenRevoke::url());
    let all = (list.len() > 1).then(revoke_all);
    let made = made.map(|token| {
        view! {
            <section class="panel made" aria-labelledby="made">
                <h2 id="made">{t("Your new token")}</h2>
                <p class="hint">{t("It is not shown again. Whoever has it acts for you: treat it as a password.")}</p>
                <CopyField text=token label=t("The token")/>
            </section>
        }
    });
    view! {
        {head("API tokens")}
        {done(&[
            ("revoke", "The token is revoked. Nothing gets in by it any more."),
            ("revoke-all", "All tokens are revoked. Nothing gets in by them any more."),
        ])}
        {made}
        <section class="panel" aria-labelledby="tokens">
            <h2 id="tokens">{t("API tokens")}</h2>
            <p class="hint">{t("For programs that use the panel in your name.")}</p>
            <FormError failure=revoke.failure.clone()/>
            {table(list, &revoke)}
            {all}
        </section>
        <section class="panel" aria-labelledby="new-token">
            <h2 id="new-token">{t("New token")}</h2>
            {form(failure)}
        </section>
    }
    .into_any()
}

fn revoke_all() -> AnyView {
    let change = Change::new(TokenRevokeAll::url());
    view! {
        <FormError failure=change.failure.clone()/>
        <details class="menu confirm form-below" name="menu">
            <summary class="button button-quiet">{t("Revoke all…")}</summary>
            <div class="menu-list">
                <p>{t("Every program that uses one of them is shut out at once.")}</p>
                <ChangeForm change>
                    <ChangeButton
                        icon=Icon::Trash text=t("Revoke all tokens") class="button button-danger button-small"
                    />
                </ChangeForm>
            </div>
        </details>
    }
    .into_any()
}

fn form(failure: Failure) -> AnyView {
    let me = expect_context::<Me>().0;
    let only_looks = me.is_some_and(|me| me.role == Role::Viewer);
    // Of what the person may not do themselves a token makes nothing.
    let scopes = Scope::ALL
        .iter()
        .filter(|scope| !only_looks || **scope == Scope::Read)
        .map(|scope| {
            let (title, words) = scope_words(*scope);
            let name = format!("scope-{scope}");
            view! {
                <label class="check" for=name.clone()>
                    <input type="checkbox" id=name.clone() name=name.clone() value="on" checked=*scope == Scope::Read/>
                    <span><b>{title}</b> " " <span class="hint">{words}</span></span>
                </label>
            }
        })
        .collect_view();
    view! {
        <FormError failure=failure.clone() fields=&["name", "scopes", "days"]/>
        <form method="post" action=PAGE class="form">
            <input type="hidden" name="make" value="token"/>
            <TextField
                name="name" label=t("What it is for") failure=failure.clone()
                hint=t("So that you know later which one to revoke.") max_length=60
            />
            <fieldset class="field checks">
                <legend>{t("What it may do")}</legend>
                {scopes}
                <FieldError name="scopes" failure=failure.clone()/>
            </fieldset>
            <div class="field">
                <label for="days">{t("Good for")}</label>
                <select id="days" name="days">
                    <option value="7">{t("7 days")}</option>
                    <option value="30" selected>{t("30 days")}</option>
                    <option value="90">{t("90 days")}</option>
                    <option value="365">{t("365 days")}</option>
                </select>
                <FieldError name="days" failure/>
            </div>
            <div class="form-actions">
                <button type="submit" class="button">{Icon::Key.view()} {t("Make the token")}</button>
            </div>
        </form>
    }
    .into_any()
}

fn table(list: Vec<TokenView>, revoke: &Change) -> AnyView {
    if list.is_empty() {
        return view! { <p class="empty">{t("None yet.")}</p> }.into_any();
    }
    let rows = list
        .into_iter()
        .map(|token| row(token, revoke))
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("For")}</th>
                    <th scope="col">{t("May")}</th>
                    <th scope="col">{t("Last used")}</th>
                    <th scope="col">{t("Expires")}</th>
                    <th scope="col"><span class="unseen">{t("Revoke")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(token: TokenView, revoke: &Change) -> AnyView {
    let scopes: Vec<&str> = token
        .scopes
        .iter()
        .map(|scope| scope_words(*scope).0)
        .collect();
    let used = match token.last_used_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t("never").into_any(),
    };
    let (key, id) = (token.id.to_string(), token.id.to_string());
    view! {
        <tr data-key=key>
            <th scope="row">{token.name}</th>
            <td data-label=t("May")>{scopes.join(", ")}</td>
            <td data-label=t("Last used")>{used}</td>
            <td data-label=t("Expires")><Time at=token.expires_at/></td>
            <td class="row-action">
                <ChangeForm change=revoke.clone()>
                    <input type="hidden" name="id" value=id/>
                    <ChangeButton icon=Icon::Trash text=t("Revoke") class="button button-quiet button-small"/>
                </ChangeForm>
            </td>
        </tr>
    }
    .into_any()
}
