//! Other doors: the second step of a sign-in, proving again to be there, accounts by invitation or
//! sign-up, a new password by a link.

use leptos::nonce::{Nonce, use_nonce};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Redirect;
use model::{AccountName, PASSWORD_MAX, PASSWORD_MIN, WaysInView};

use crate::api::{
    self, Confirm, InvitationAccept, PasskeyConfirm, ResetFinish, SignInCode, SignUp,
};
use crate::page::entry::door;
use crate::page::passkey::{Purpose, next_field, passkey_form};
use crate::page::provider::provider_form;
use crate::page::{for_members, query};
use crate::root::Me;
use crate::ui::{Change, Failure, FormError, PageHead, TextField, load};
use crate::words::{t, tf};

pub fn sign_in_code() -> AnyView {
    if expect_context::<Me>().0.is_some() {
        return view! { <Redirect path="/clusters"/> }.into_any();
    }
    let failure = Change::new(SignInCode::url()).failure;
    let next = query("next").unwrap_or_default();
    load(crate::session::pending(), move |pending| {
        if pending.is_none() {
            return view! { <Redirect path="/sign-in"/> }.into_any();
        }
        let form = view! {
            <FormError failure=failure.clone() fields=&["code"]/>
            <form method="post" action=SignInCode::url() class="form">
                <input type="hidden" name="next" value=next/>
                <TextField
                    name="code" label=t("Code") failure autocomplete="one-time-code" autofocus=true
                    max_length=40
                    hint=t("The six digits that your authenticator shows, or one of your recovery codes.")
                />
                <button type="submit" class="button button-wide">{t("Sign in")}</button>
            </form>
            <p class="door-other"><a href="/sign-in">{t("Begin again")}</a></p>
        };
        door(
            t("One more step"),
            t("Your password was right."),
            form.into_any(),
        )
    })
}

/// Asked for before dangerous acts, when the last proof is older than ten minutes.
pub fn confirm() -> AnyView {
    for_members(|| {
        let failure = Change::new(Confirm::url()).failure;
        let passkey_failure = Change::new(PasskeyConfirm::url()).failure;
        let nonce = use_nonce();
        let next = query("next").unwrap_or_default();
        let asked = async { Ok((api::two_factor_get().await?, api::ways_in().await?)) };
        load(asked, move |(state, ways)| {
            let has_code = state.on_since.is_some();
            let form = (has_code || ways.has_password)
                .then(|| confirm_form(has_code, next.clone(), failure.clone()));
            let passkey = confirm_passkey(&ways, next.clone(), nonce);
            let there = ways.provider.filter(|_| ways.connected_since.is_some());
            let nothing = (form.is_none() && passkey.is_none() && there.is_none()).then(|| {
                view! { <p class="hint">{t("None of your ways in works at this address. Open the panel where you signed in.")}</p> }
            });
            view! {
                <PageHead title=t("Confirm that it is you")/>
                <section class="panel narrow" data-door>
                    <p>{t("What comes next cannot easily be undone. This browser is not asked again for ten minutes.")}</p>
                    <FormError failure fields=&["code"]/>
                    <FormError failure=passkey_failure/>
                    {form}
                    {passkey}
                    {nothing}
                    {there.map(|name| provider_form(&name, "confirm", next))}
                </section>
            }
            .into_any()
        })
    })
}

/// For who has one that works here.
fn confirm_passkey(ways: &WaysInView, next: String, nonce: Option<Nonce>) -> Option<AnyView> {
    let host = crate::server::browser_authority();
    let can = ways.passkeys > 0 && crate::server::control().passkey_obstacle(&host).is_none();
    can.then(|| passkey_form(Purpose::Confirm, next_field(next), nonce))
}

fn confirm_form(has_code: bool, next: String, failure: Failure) -> AnyView {
    let field = if has_code {
        view! {
            <TextField
                name="code" label=t("Code") failure
                autocomplete="one-time-code" autofocus=true max_length=40
                hint=t("The six digits that your authenticator shows, or one of your recovery codes.")
            />
        }
        .into_any()
    } else {
        view! {
            <TextField
                name="code" label=t("Password") failure kind="password"
                autocomplete="current-password" autofocus=true max_length=PASSWORD_MAX
            />
        }
        .into_any()
    };
    view! {
        <form method="post" action=Confirm::url() class="form form-below">
            <input type="hidden" name="next" value=next/>
            {field}
            <div class="form-actions">
                <button type="submit" class="button">{t("Confirm")}</button>
            </div>
        </form>
    }
    .into_any()
}

fn name_field(failure: Failure) -> AnyView {
    view! {
        <TextField
            name="name" label=t("Name") failure autocomplete="username"
            hint=t("Lower-case letters, digits, dots, hyphens.") check="account-name"
            max_length=AccountName::MAX
        />
    }
    .into_any()
}

fn password_field(label: &'static str, failure: Failure) -> AnyView {
    let hint = tf(
        "At least {n} characters; a few words are better than a short riddle.",
        &[("n", &PASSWORD_MIN)],
    );
    view! {
        <TextField
            name="password" label failure kind="password" autocomplete="new-password" hint
            min_length=PASSWORD_MIN max_length=PASSWORD_MAX
        />
    }
    .into_any()
}

/// With script it is filled in from behind the address's `#`, which no server ever sees.
fn token_field(failure: Failure) -> AnyView {
    view! {
        <TextField
            name="token" label=t("Code of the link") failure from_fragment=true max_length=100
            hint=t("What stands behind the # of the link you got.")
        />
    }
    .into_any()
}

pub fn invitation() -> AnyView {
    let failure = Change::new(InvitationAccept::url()).failure;
    let form = view! {
        <FormError failure=failure.clone() fields=&["name", "password"]/>
        <form method="post" action=InvitationAccept::url() class="form">
            {token_field(failure.clone())}
            {name_field(failure.clone())}
            {password_field(t("Password"), failure)}
            <button type="submit" class="button button-wide">{t("Create the account")}</button>
        </form>
    };
    door(
        t("You are invited"),
        t("Make your account on this panel."),
        form.into_any(),
    )
}

pub fn reset() -> AnyView {
    let failure = Change::new(ResetFinish::url()).failure;
    let form = view! {
        <FormError failure=failure.clone() fields=&["password"]/>
        <form method="post" action=ResetFinish::url() class="form">
            {token_field(failure.clone())}
            {password_field(t("New password"), failure)}
            <button type="submit" class="button button-wide">{t("Set the password")}</button>
        </form>
    };
    door(
        t("A new password"),
        t("Your other sessions end with it."),
        form.into_any(),
    )
}

pub fn sign_up() -> AnyView {
    if expect_context::<Me>().0.is_some() {
        return view! { <Redirect path="/clusters"/> }.into_any();
    }
    let failure = Change::new(SignUp::url()).failure;
    load(api::sign_up_is_open(), move |is_open| {
        if !is_open {
            let link = view! {
                <a class="button button-wide" href="/sign-in">{t("Go to the sign-in")}</a>
            };
            return door(
                t("Sign-up is closed"),
                t("New people come by invitation. Ask whoever runs this panel."),
                link.into_any(),
            );
        }
        let form = view! {
            <FormError failure=failure.clone() fields=&["name", "password"]/>
            <form method="post" action=SignUp::url() class="form">
                {name_field(failure.clone())}
                {password_field(t("Password"), failure)}
                <button type="submit" class="button button-wide">{t("Create the account")}</button>
            </form>
            <p class="door-other"><a href="/sign-in">{t("I have an account")}</a></p>
        };
        door(
            t("Make an account"),
            t("It takes a name and a password."),
            form.into_any(),
        )
    })
}
