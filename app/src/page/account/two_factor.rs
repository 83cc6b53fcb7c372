//! The second factor: setting it up, its recovery codes, turning it off. What is shown once is
//! drawn as the answer to this page's own form.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{TwoFactorSetup, TwoFactorView};
use qrcode::{Color, EcLevel, QrCode};

use crate::ApiError;
use crate::api::{self, TwoFactorBegin, TwoFactorEnd};
use crate::page::account::{done, head};
use crate::page::for_confirmed;
use crate::ui::{
    Change, ChangeButton, ChangeForm, CopyField, Failure, FormError, Icon, TextField, Time, load,
};
use crate::words::{t, tn};

const PAGE: &str = "/account/two-factor";

/// The state, and the codes that this very page was asked for.
type Shown = (TwoFactorView, Option<Vec<String>>, Failure);

async fn found() -> Result<Shown, ApiError> {
    let made = api::recovery_codes_posted().await;
    let view = api::two_factor_get().await?;
    let (codes, failure) = match made {
        Ok(codes) => (codes, None),
        Err(error) => (None, Some(error)),
    };
    Ok((view, codes, failure))
}

pub fn two_factor() -> AnyView {
    for_confirmed(|| load(found(), page))
}

fn page((state, codes, failure): Shown) -> AnyView {
    let body = match (codes, state.on_since, state.setup) {
        (Some(codes), ..) => codes_panel(&codes),
        (None, Some(since), _) => on(since, state.recovery_codes_left, failure),
        (None, None, Some(setup)) => setting_up(&setup, failure),
        (None, None, None) => off(),
    };
    view! {
        {head("Two-factor sign-in")}
        {done(&[("off", "Two-factor sign-in is off. Your password alone signs you in.")])}
        {body}
    }
    .into_any()
}

fn off() -> AnyView {
    let begin = Change::new(TwoFactorBegin::url());
    view! {
        <section class="panel">
            <h2>{t("Two-factor sign-in is off")}</h2>
            <FormError failure=begin.failure.clone()/>
            <p class="narrow">
                {t("With it, signing in takes your password and a code that an app on your phone shows. \
                    Whoever learns your password still stays outside.")}
            </p>
            <ChangeForm change=begin class="form-below">
                <ChangeButton icon=Icon::Key text=t("Set it up")/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn setting_up(setup: &TwoFactorSetup, failure: Failure) -> AnyView {
    let anew = Change::new(TwoFactorBegin::url());
    let secret = setup.secret.clone();
    view! {
        <section class="panel">
            <h2>{t("Set up two-factor sign-in")}</h2>
            <ol class="steps">
                <li>
                    <p>{t("Scan this with an authenticator app, or type the key into it.")}</p>
                    <div class="qr-row">
                        {qr(&setup.uri)}
                        <div class="qr-key">
                            <CopyField text=secret label=t("The key")/>
                            <p class="hint">{t("Time-based, six digits, thirty seconds: what every app takes when it is not asked.")}</p>
                        </div>
                    </div>
                </li>
                <li>
                    <p>{t("Type the code that the app shows now.")}</p>
                    <FormError failure=failure.clone() fields=&["code"]/>
                    <form method="post" action=PAGE class="form">
                        <input type="hidden" name="make" value="two-factor"/>
                        <TextField
                            name="code" label=t("Code") failure autocomplete="one-time-code"
                            max_length=12 input_mode="numeric"
                        />
                        <div class="form-actions">
                            <button type="submit" class="button">{t("Turn it on")}</button>
                        </div>
                    </form>
                </li>
            </ol>
        </section>
        <section class="panel">
            <h2>{t("Not this key?")}</h2>
            <p class="hint">{t("A new key makes this one void.")}</p>
            <ChangeForm change=anew>
                <ChangeButton icon=Icon::Rebuild text=t("Make another key") class="button button-quiet"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn on(since: model::UnixMs, left: u32, failure: Failure) -> AnyView {
    let end = Change::new(TwoFactorEnd::url());
    let left_text = tn(
        left as usize,
        "One recovery code is left. Each works once, when the phone is not at hand.",
        "{n} recovery codes are left. Each works once, when the phone is not at hand.",
    );
    view! {
        <section class="panel">
            <h2>{t("Two-factor sign-in is on")}</h2>
            <p><span class="badge good"><i aria-hidden="true"></i>{t("on")}</span> " " <Time at=since/></p>
        </section>
        <section class="panel" aria-labelledby="codes">
            <h2 id="codes">{t("Recovery codes")}</h2>
            <FormError failure/>
            <p>{left_text}</p>
            <form method="post" action=PAGE class="form-below">
                <input type="hidden" name="make" value="codes"/>
                <button type="submit" class="button button-quiet">{Icon::Rebuild.view()} {t("Make new codes")}</button>
            </form>
            <p class="hint">{t("New codes make the old ones void.")}</p>
        </section>
        <section class="panel danger-zone" aria-labelledby="off">
            <h2 id="off">{t("Turn it off")}</h2>
            <FormError failure=end.failure.clone()/>
            <p>{t("Your password alone signs you in then.")}</p>
            <ChangeForm change=end class="form-below">
                <ChangeButton icon=Icon::Alert text=t("Turn two-factor sign-in off") class="button button-danger"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

/// Shown once; nothing that looks again may take it away.
fn codes_panel(codes: &[String]) -> AnyView {
    let items = codes
        .iter()
        .map(|code| view! { <li><code>{code.clone()}</code></li> })
        .collect_view();
    let all = codes.join(" ");
    view! {
        <section class="panel" aria-labelledby="codes">
            <h2 id="codes">{t("Your recovery codes")}</h2>
            <p class="done" role="status">{Icon::Check.view()} {t("Two-factor sign-in is on.")}</p>
            <p class="narrow">
                {t("Keep these where your phone is not: print them, or put them into a password \
                    manager. Each signs you in once without the phone. They are not shown again.")}
            </p>
            <ul class="recovery">{items}</ul>
            <CopyField text=all label=t("All codes in one line")/>
            <p class="form-below"><a class="button" href=PAGE>{t("I have kept them")}</a></p>
        </section>
    }
    .into_any()
}

/// Dark on light in both themes: cameras want it so.
fn qr(uri: &str) -> AnyView {
    let Ok(code) = QrCode::with_error_correction_level(uri, EcLevel::M) else {
        return ().into_any();
    };
    let width = code.width();
    let colors = code.to_colors();
    let path: String = colors
        .iter()
        .enumerate()
        .filter(|(_, color)| **color == Color::Dark)
        .map(|(n, _)| format!("M{} {}h1v1h-1z", n % width + 4, n / width + 4))
        .collect();
    let side = width + 8;
    view! {
        <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=t("QR code of the key")>
            <rect width=side.to_string() height=side.to_string() fill="#fff"/>
            <path d=path fill="#000"/>
        </svg>
    }
    .into_any()
}
