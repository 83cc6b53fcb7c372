//! The way to an identity provider and back.

use control::ProviderAnswer;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::ApiError;
use crate::api;
use crate::page::entry::door;
use crate::page::query;
use crate::root::Me;
use crate::ui::{FormError, Icon, load};
use crate::words::{t, tf};

const PAGE: &str = "/sign-in/provider";

/// A form of one button. It is answered by a page of ours that leads on to the provider.
pub fn provider_form(name: &str, purpose: &'static str, next: String) -> AnyView {
    let text = match purpose {
        "sign-in" => tf("Sign in with {name}", &[("name", &name)]),
        "confirm" => tf("Confirm with {name}", &[("name", &name)]),
        _ => tf("Connect with {name}", &[("name", &name)]),
    };
    let class = match purpose {
        "sign-in" => "button button-quiet button-wide",
        _ => "button button-quiet",
    };
    view! {
        <form method="post" action=PAGE class="form-below">
            <input type="hidden" name="make" value="provider"/>
            <input type="hidden" name="purpose" value=purpose/>
            <input type="hidden" name="next" value=next/>
            <button type="submit" class=class>{Icon::Key.view()} <span>{text}</span></button>
        </form>
    }
    .into_any()
}

/// On the way: the answer to that form.
pub fn provider() -> AnyView {
    let Some(name) = crate::server::control().provider_name() else {
        return crate::page::not_found();
    };
    let asked = async { Ok(api::provider_begun().await) };
    load(asked, move |begun: Result<Option<String>, ApiError>| {
        let url = match begun {
            Ok(Some(url)) => url,
            Ok(None) => return view! { <Redirect path="/sign-in"/> }.into_any(),
            Err(error) => return failed(&name, error),
        };
        crate::server::go_on_to(&url);
        let text = tf("Go on to {name}", &[("name", &name)]);
        let link = view! {
            <p role="status">{t("One moment…")}</p>
            <a class="button button-wide" href=url rel="noreferrer">{text}</a>
        };
        door(
            t("Sign in"),
            t("You sign in there, and come back here by yourself."),
            link.into_any(),
        )
    })
}

/// Back again, with whatever the provider says.
pub fn provider_back() -> AnyView {
    let Some(name) = crate::server::control().provider_name() else {
        return crate::page::not_found();
    };
    let word = |name: &str| query(name).unwrap_or_default();
    let answer = ProviderAnswer {
        code: word("code"),
        state: word("state"),
        issuer: word("iss"),
        error: word("error"),
    };
    let asked = async { Ok(api::provider_finished(answer).await) };
    load(asked, move |done: Result<(), ApiError>| match done {
        // Led on already.
        Ok(()) => ().into_any(),
        Err(error) => failed(&name, error),
    })
}

/// Why it did not work, with the ways on.
fn failed(name: &str, error: ApiError) -> AnyView {
    crate::server::page_status_set(error.error.status());
    let is_member = expect_context::<Me>().0.is_some();
    let ways = match is_member {
        true => view! {
            <a class="button button-wide" href="/account">{t("Go to your account")}</a>
        }
        .into_any(),
        false => view! {
            {provider_form(name, "sign-in", String::new())}
            <p class="door-other"><a href="/sign-in">{t("Go to the sign-in")}</a></p>
        }
        .into_any(),
    };
    let body = view! {
        <FormError failure=Some(error)/>
        {ways}
    };
    door(t("Sign in"), t("That did not work."), body.into_any())
}
