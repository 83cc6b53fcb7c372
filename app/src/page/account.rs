//! One's own account, a page for each of its sides.

mod passkeys;
mod quota;
mod sessions;
mod tokens;
mod two_factor;

pub use passkeys::passkeys;
pub use quota::{meters, quota};
pub use sessions::sessions;
pub use tokens::tokens;
pub use two_factor::two_factor;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{PASSWORD_MAX, PASSWORD_MIN, Role, TokenView, WaysInView};

use crate::ApiError;
use crate::api::{self, PasswordChange, ProviderDisconnect};
use crate::format::list;
use crate::page::provider::provider_form;
use crate::page::{for_members, here, query};
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, Failure, FormError, Icon, PageHead, SignOutForm, TextField,
    Time, load,
};
use crate::words::{t, tf};

const SECTIONS: [(&str, &str); 6] = [
    ("/account", "Password"),
    ("/account/passkeys", "Passkeys"),
    ("/account/two-factor", "Two-factor sign-in"),
    ("/account/sessions", "Sessions"),
    ("/account/tokens", "API tokens"),
    ("/account/quota", "Quota"),
];

/// The heading and the way to the other sides.
fn head(document_title: &'static str) -> AnyView {
    let lead = expect_context::<Me>().0.map(|me| {
        tf(
            "Signed in as {name}, {role}",
            &[("name", &me.name), ("role", &role_word(me.role))],
        )
    });
    let here = here();
    let links = SECTIONS
        .into_iter()
        .map(|(path, title)| {
            let is_here = (path == here).then_some("page");
            view! { <a href=path aria-current=is_here>{t(title)}</a> }
        })
        .collect_view();
    view! {
        <PageHead title=t("Account") document_title=t(document_title) lead=lead.unwrap_or_default()/>
        <nav class="sections" aria-label=t("Account")>{links}</nav>
    }
    .into_any()
}

/// What the last change did, by the word in the address.
pub fn done(words: &[(&str, &'static str)]) -> AnyView {
    let said = query("done").and_then(|done| {
        let found = words.iter().find(|(word, _)| *word == done);
        found.map(|(_, text)| t(text))
    });
    said.map(|text| view! { <p class="done" role="status">{Icon::Check.view()} {text}</p> })
        .into_any()
}

pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Administrator => t("administrator"),
        Role::Member => t("member"),
        Role::Viewer => t("viewer"),
    }
}

pub fn account() -> AnyView {
    for_members(|| load(found(), page))
}

async fn found() -> Result<(WaysInView, Vec<TokenView>), ApiError> {
    Ok((api::ways_in().await?, api::token_list().await?))
}

fn page((ways, tokens): (WaysInView, Vec<TokenView>)) -> AnyView {
    let password = match ways.has_password {
        true => password_form(&tokens),
        false => view! {
            <p class="hint">{t("Your account has no password. An administrator can give you a link that sets one.")}</p>
        }
        .into_any(),
    };
    view! {
        {head("Account")}
        {done(&[
            ("password", "Your password is changed. Other browsers were signed out."),
            ("connect", "Your account is connected."),
            ("disconnect", "Your account is not connected any more."),
        ])}
        {tokens_stay(&tokens)}
        <section class="panel" aria-labelledby="password">
            <h2 id="password">{t("Password")}</h2>
            {password}
        </section>
        {provider_panel(&ways)}
        <section class="panel" aria-labelledby="leave">
            <h2 id="leave">{t("Leave")}</h2>
            <p class="hint">{t("Ends the session of this browser.")}</p>
            <SignOutForm class="button button-quiet"/>
        </section>
    }
    .into_any()
}

/// Connecting wants a proof that is young: whoever is connected comes in from then on.
fn provider_panel(ways: &WaysInView) -> Option<AnyView> {
    let name = ways.provider.clone()?;
    let title = tf("Sign-in with {name}", &[("name", &name)]);
    let end = Change::new(ProviderDisconnect::url());
    let has_other = ways.has_password || ways.passkeys > 0;
    let body = match (ways.connected_since, has_other) {
        (None, _) if crate::server::is_confirmed() => view! {
            <p class="hint">{t("Connected, you can sign in there as well, with the second factor that is asked for there.")}</p>
            {provider_form(&name, "connect", "/account?done=connect".to_owned())}
        }
        .into_any(),
        (None, _) => view! {
            <p class="hint">{t("Connected, you can sign in there as well, with the second factor that is asked for there.")}</p>
            <p class="form-below"><a class="button button-quiet" href="/confirm?next=/account">{t("Confirm that it is you")}</a></p>
        }
        .into_any(),
        (Some(since), true) => view! {
            <p>{t("Connected")} " " <Time at=since/></p>
            <FormError failure=end.failure.clone()/>
            <ChangeForm change=end class="form-below">
                <ChangeButton icon=Icon::Alert text=t("Disconnect") class="button button-quiet"/>
            </ChangeForm>
        }
        .into_any(),
        (Some(since), false) => view! {
            <p>{t("Connected")} " " <Time at=since/></p>
            <p class="hint">{t("It is your only way in, so it cannot be taken away.")}</p>
        }
        .into_any(),
    };
    let panel = view! {
        <section class="panel" aria-labelledby="provider">
            <h2 id="provider">{title}</h2>
            {body}
        </section>
    };
    Some(panel.into_any())
}

/// After a new password: whoever knew the old one may have made a token with it.
fn tokens_stay(tokens: &[TokenView]) -> Option<AnyView> {
    if tokens.is_empty() || query("done").as_deref() != Some("password") {
        return None;
    }
    let text = tf(
        "These API tokens go on working: {names}.",
        &[("names", &names(tokens))],
    );
    let way = view! { <a href="/account/tokens">{t("See and revoke them")}</a> };
    Some(view! { <p class="alert is-warn" role="status">{Icon::Key.view()} <span>{text} " " {way}</span></p> }.into_any())
}

fn names(tokens: &[TokenView]) -> String {
    let names: Vec<String> = tokens.iter().map(|token| token.name.clone()).collect();
    list(&names)
}

/// What becomes of tokens, where there are some.
fn tokens_choice(tokens: &[TokenView], failure: &Failure) -> Option<AnyView> {
    let typed = failure
        .as_ref()
        .and_then(|error| error.value_of("end_tokens"));
    let is_ticked = typed == Some("true");
    let text = tf(
        "Also revoke my API tokens: {names}. Otherwise they go on working.",
        &[("names", &names(tokens))],
    );
    let view = view! {
        <label class="check" for="end_tokens">
            <input type="checkbox" id="end_tokens" name="end_tokens" value="true" checked=is_ticked/>
            <span>{text}</span>
        </label>
    };
    (!tokens.is_empty()).then(|| view.into_any())
}

/// A plain form also with script: the new page has empty fields.
fn password_form(tokens: &[TokenView]) -> AnyView {
    let failure = Change::new(PasswordChange::url()).failure;
    let tokens = tokens_choice(tokens, &failure);
    let hint = tf("At least {n} characters.", &[("n", &PASSWORD_MIN)]);
    view! {
        <FormError failure=failure.clone() fields=&["current", "new"]/>
        <form method="post" action=PasswordChange::url() class="form narrow">
            <TextField
                name="current" label=t("Current password") failure=failure.clone() kind="password"
                autocomplete="current-password" max_length=PASSWORD_MAX
            />
            <TextField
                name="new" label=t("New password") failure kind="password"
                autocomplete="new-password" hint min_length=PASSWORD_MIN max_length=PASSWORD_MAX
            />
            {tokens}
            <div class="form-actions">
                <button type="submit" class="button">{t("Change password")}</button>
            </div>
        </form>
    }
    .into_any()
}
