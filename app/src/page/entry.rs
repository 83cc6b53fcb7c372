//! The doors: the first account, and signing in. Plain forms also with script: whoever comes in
//! gets a new page, with nothing left of what was before.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use model::{AccountName, PASSWORD_MAX, PASSWORD_MIN};

use crate::api::{self, PasskeySignIn, SetupFinish, SignIn};
use crate::page::account::done;
use crate::page::passkey::{Purpose, next_field, passkey_form};
use crate::page::provider::provider_form;
use crate::page::query;
use crate::root::Me;
use crate::ui::{Change, FormError, LanguageSwitch, Logo, TextField, load};
use crate::words::{t, tf};

/// The frame of both doors: the constellation on one side, the form on the other.
pub fn door(title: &'static str, lead: &'static str, form: AnyView) -> AnyView {
    view! {
        <Title text=title/>
        <div class="door" data-door>
            <div class="door-art">
                <p class="door-brand"><Logo/> "Carina"</p>
                <Constellation/>
                <p class="door-claim">{t("A Docker cluster in the time it takes to read this line.")}</p>
            </div>
            <section class="door-form">
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                {form}
                <LanguageSwitch/>
            </section>
        </div>
    }
    .into_any()
}

pub fn sign_in() -> AnyView {
    if let Some(form) = crate::unsaved::unsaved() {
        return crate::page::unsaved::page(form);
    }
    if expect_context::<Me>().0.is_some() {
        return view! { <Redirect path="/clusters"/> }.into_any();
    }
    let failure = Change::new(SignIn::url()).failure;
    let passkey_failure = Change::new(PasskeySignIn::url()).failure;
    let nonce = use_nonce();
    let next = query("next").unwrap_or_default();
    let done = done(&[("reset", "Your new password is set. Sign in with it.")]);
    let view = move |(setup_needed, is_open): (bool, bool)| {
        if setup_needed {
            return door(
                t("Set up Carina"),
                t("There is no account yet."),
                where_the_link_is(),
            );
        }
        let sign_up = is_open.then(|| {
            view! { <p class="door-other"><a href="/sign-up">{t("Make an account")}</a></p> }
        });
        let host = crate::server::browser_authority();
        let can_passkey = crate::server::control().passkey_obstacle(&host).is_none();
        let passkey = can_passkey
            .then(|| passkey_form(Purpose::SignIn, next_field(next.clone()), nonce.clone()));
        let provider = crate::server::control().provider_name();
        let provider = provider.map(|name| provider_form(&name, "sign-in", next.clone()));
        let form = view! {
            {done}
            <FormError failure=failure.clone() fields=&["name", "password"]/>
            <FormError failure=passkey_failure.clone()/>
            <form method="post" action=SignIn::url() class="form">
                <input type="hidden" name="next" value=next.clone()/>
                <TextField
                    name="name" label=t("Name") failure=failure.clone() autocomplete="username"
                    max_length=AccountName::MAX autofocus=true
                />
                <TextField
                    name="password" label=t("Password") failure kind="password"
                    autocomplete="current-password" max_length=PASSWORD_MAX
                />
                <button type="submit" class="button button-wide">{t("Sign in")}</button>
            </form>
            {passkey}
            {provider}
            {sign_up}
        };
        door(t("Sign in"), t("Good to see you."), form.into_any())
    };
    let asked = async { Ok((api::setup_needed().await?, api::sign_up_is_open().await?)) };
    load(asked, view)
}

pub fn setup() -> AnyView {
    let failure = Change::new(SetupFinish::url()).failure;
    let token = query("token").unwrap_or_default();
    let view = move |setup_needed: bool| {
        if !setup_needed {
            let link = view! {
                <a class="button button-wide" href="/sign-in">{t("Go to the sign-in")}</a>
            };
            return door(
                t("Set up already"),
                t("Carina has its first account."),
                link.into_any(),
            );
        }
        if token.is_empty() {
            return door(
                t("Set up Carina"),
                t("There is no account yet."),
                where_the_link_is(),
            );
        }
        let password_hint = tf(
            "At least {n} characters; a few words are better than a short riddle.",
            &[("n", &PASSWORD_MIN)],
        );
        let form = view! {
            <FormError failure=failure.clone() fields=&["name", "password"]/>
            <form method="post" action=SetupFinish::url() class="form">
                <input type="hidden" name="token" value=token.clone()/>
                <TextField
                    name="name" label=t("Name") failure=failure.clone() autocomplete="username"
                    hint=t("Lower-case letters, digits, dots, hyphens.") check="account-name"
                    max_length=AccountName::MAX autofocus=true
                />
                <TextField
                    name="password" label=t("Password") failure kind="password"
                    autocomplete="new-password" hint=password_hint
                    min_length=PASSWORD_MIN max_length=PASSWORD_MAX
                />
                <button type="submit" class="button button-wide">{t("Create the account")}</button>
            </form>
        };
        door(
            t("Set up Carina"),
            t("Make the first account. It will administer this panel."),
            form.into_any(),
        )
    };
    load(api::setup_needed(), view)
}

fn where_the_link_is() -> AnyView {
    view! {
        <p>
            {t("The first account is made by a link that only whoever runs the panel has. \
                It was printed when the panel started. For a new one, run this on the panel's machine:")}
        </p>
        <pre class="code"><code>"carina admin setup-link"</code></pre>
    }
    .into_any()
}

/// Carina as it stands in the southern sky, the keel joined up; Canopus shines.
#[component]
fn Constellation() -> impl IntoView {
    view! {
        <svg class="constellation" viewBox="0 0 400 300" aria-hidden="true" focusable="false">
            <path class="sky-lines" d="M52 70 118 118 176 128 238 176 300 168 348 214 286 238 222 226 238 176M176 128 222 226"/>
            <g class="sky-dust">
                <circle cx="30" cy="190" r="1.2"/><circle cx="90" cy="40" r="1"/>
                <circle cx="150" cy="220" r="1.3"/><circle cx="210" cy="60" r="1"/>
                <circle cx="270" cy="96" r="1.4"/><circle cx="330" cy="60" r="1"/>
                <circle cx="372" cy="140" r="1.2"/><circle cx="110" cy="260" r="1"/>
                <circle cx="190" cy="276" r="1.1"/><circle cx="352" cy="272" r="1.3"/>
                <circle cx="60" cy="130" r="1"/><circle cx="250" cy="30" r="1.1"/>
            </g>
            <g class="sky-stars">
                <circle cx="118" cy="118" r="3"/><circle cx="176" cy="128" r="3.600"/>
                <circle cx="238" cy="176" r="4.200"/><circle cx="300" cy="168" r="3"/>
                <circle cx="348" cy="214" r="3.600"/><circle cx="286" cy="238" r="4.200"/>
                <circle cx="222" cy="226" r="3.200"/>
            </g>
            <path class="sky-canopus" d="M52 46l5.600 18.400L76 70l-18.400 5.600L52 94l-5.600-18.400L28 70l18.400-5.600z"/>
        </svg>
    }
}
