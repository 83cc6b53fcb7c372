//! Forms that a passkey fills in. A small script of their own (`client/passkey`) asks the browser for
//! it and sends them; without script they are not there, and the page says so.

use leptos::nonce::Nonce;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::PasskeyObstacle;

use crate::api::{
    PasskeyAdd, PasskeyAddBegin, PasskeyConfirm, PasskeyConfirmBegin, PasskeySignIn,
    PasskeySignInBegin,
};
use crate::ui::Icon;
use crate::words::{t, tf};

/// How whoever runs the panel gives it a name.
const EXAMPLE: &str = "[http]\npublic_origin = \"https://panel.example.org\"";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    SignIn,
    Confirm,
    Add,
}

/// With `fields` before its button. The words are those that the script says, where the form is.
pub fn passkey_form(purpose: Purpose, fields: AnyView, nonce: Option<Nonce>) -> AnyView {
    let (path, begin, class, button, text) = match purpose {
        Purpose::SignIn => (
            PasskeySignIn::url(),
            PasskeySignInBegin::url(),
            "form form-below awake-only",
            "button button-quiet button-wide",
            t("Sign in with a passkey"),
        ),
        Purpose::Confirm => (
            PasskeyConfirm::url(),
            PasskeyConfirmBegin::url(),
            "form form-below awake-only",
            "button button-quiet",
            t("Confirm with a passkey"),
        ),
        Purpose::Add => (
            PasskeyAdd::url(),
            PasskeyAddBegin::url(),
            "form awake-only",
            "button",
            t("Add a passkey"),
        ),
    };
    let verb = match purpose {
        Purpose::Add => "create",
        Purpose::SignIn | Purpose::Confirm => "get",
    };
    view! {
        <form
            method="post" action=path class=class data-passkey=begin data-passkey-verb=verb
            data-said-stopped=t("It was stopped: by you, by your device, or because no passkey fits.")
            data-said-late=t("That took too long. Begin again.")
            data-said-known=t("This device has a passkey for your account already.")
            data-said-elsewhere=t("Passkeys do not work at this address of the panel. Open it at the one that people are told.")
            data-said-unable=t("This browser, or this device, has no passkeys that are unlocked by a fingerprint, a face or a PIN.")
            data-said-failed=t("The browser could not do it. Try again, or use another one.")
        >
            {fields}
            <input type="hidden" name="answer"/>
            <div class="form-actions">
                <button type="submit" class=button>{Icon::Key.view()} <span>{text}</span></button>
            </div>
        </form>
        <noscript><p class="hint form-below">{t("Passkeys need script, which your browser does not run here.")}</p></noscript>
        <script type="module" nonce=nonce src="/pkg/passkey.js"></script>
    }
    .into_any()
}

/// Where a form leads on to.
pub fn next_field(next: String) -> AnyView {
    view! { <input type="hidden" name="next" value=next/> }.into_any()
}

/// Why there are none here, and what to do about it.
pub fn obstacle(found: &PasskeyObstacle) -> AnyView {
    let why = match found {
        PasskeyObstacle::Address { host } => tf(
            "{host} is an address, and passkeys belong to names. Open the panel by a name.",
            &[("host", host)],
        ),
        PasskeyObstacle::Insecure { host } => tf(
            "Browsers use passkeys over https alone, and {host} is reached without.",
            &[("host", host)],
        ),
    };
    view! {
        <p>{why}</p>
        <p class="hint">{t("Whoever runs the panel says in its configuration what people type. With certificates of its own it needs [http] tls, too:")}</p>
        <pre class="code"><code>{EXAMPLE}</code></pre>
    }
    .into_any()
}
