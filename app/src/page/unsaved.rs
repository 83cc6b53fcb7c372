//! The answer to a form whose session had ended: what it said, and how to go on.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{Icon, Logo, area_text};
use crate::unsaved::Unsaved;
use crate::words::t;

/// Longer values are shown; shorter ones travel along unseen.
const SHORT: usize = 64;

pub fn page(form: Unsaved) -> AnyView {
    crate::server::page_status_set(401);
    let sign_in = format!("/sign-in?next={}", form.page);
    let what = match form.is_whole {
        true => t(
            "Your session had ended when this came. Nothing was saved, and nothing you typed is lost: sign in in another tab, then send it again from here.",
        ),
        false => t(
            "Your session had ended when this came, so nothing was saved. Sign in, and fill the form in once more.",
        ),
    };
    let other_tab = form.is_whole.then(|| {
        view! {
            <a class="button" href="/sign-in" target="_blank">{Icon::Account.view()} {t("Sign in in another tab")}</a>
        }
    });
    view! {
        <Title text=t("Nothing was saved")/>
        <section class="notice unsaved" data-door>
            <Logo/>
            <h1>{t("You are signed out, and nothing was saved")}</h1>
            <p role="alert">{what}</p>
            <p class="notice-actions">
                {other_tab}
                <a class="button button-quiet" href=sign_in>{t("Sign in here")}</a>
            </p>
            {form.is_whole.then(|| again(form))}
        </section>
    }
    .into_any()
}

fn again(form: Unsaved) -> AnyView {
    let action = form.again();
    let fields = form.fields.into_iter().map(field).collect_view();
    view! {
        <form method="post" action=action class="form" data-again>
            {fields}
            <div class="form-actions">
                <button type="submit" class="button button-quiet">{Icon::Rebuild.view()} <span>{t("Send it again")}</span></button>
            </div>
        </form>
    }
    .into_any()
}

fn field((name, value): (String, String)) -> AnyView {
    let is_long = value.contains('\n') || value.chars().count() > SHORT;
    if !is_long {
        return view! { <input type="hidden" name=name value=value/> }.into_any();
    }
    let id = format!("unsaved-{name}");
    view! {
        <div class="field compose-field">
            <label for=id.clone()>{t("What you typed")}</label>
            <textarea id=id name=name rows="14" wrap="off" spellcheck="false" autocomplete="off">{area_text(&value)}</textarea>
        </div>
    }
    .into_any()
}
