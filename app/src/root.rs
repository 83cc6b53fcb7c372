//! The document around the pages, what all of them share, and which address shows which page.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};
use model::AccountView;

use crate::page;
use crate::ui::{Footer, TopBar};
use crate::words::{Language, t};

/// Runs before the first paint, so that a chosen theme does not flash.
const THEME_SCRIPT: &str = "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// Wakes the page: `client`, made by wasm-bindgen.
/// It is found where the browser loads it from already: the panel need not be at `/`.
const WAKE_SCRIPT: &str = "const js=document.querySelector('link[rel=modulepreload]').href;\
    const {default:wake}=await import(js);wake({module_or_path:js.replace(/\\.js$/,'_bg.wasm')})";

/// What a form says whose answer never came.
fn unreachable() -> &'static str {
    t("The panel did not answer. What you typed is still here: try again in a moment.")
}

/// What a form says whose session has ended.
fn signed_out() -> &'static str {
    t("You are signed out. Sign in again, then send this once more: what you typed is still here.")
}

/// What a form says that has got back what was typed before.
fn kept() -> &'static str {
    t("What you typed before is here again: nothing of it was sent yet.")
}

/// What stands in `<title>`, where it is written as it is: names of containers are a segment's to
/// choose, and may end an element.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with a text of its own"
)]
fn title(text: String) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("{text} · Carina")
}

/// The document that the server sends.
pub fn shell(_: LeptosOptions) -> impl IntoView {
    let nonce = leptos::nonce::use_nonce();
    if let Some(nonce) = &nonce {
        crate::server::content_policy_set(nonce);
    }
    let me = crate::server::signed_in();
    let account = me.as_ref().map(|actor| actor.account.id.to_string());
    let events = me.map(|_| "/events");
    // Whatever changes from now on may be missing in the page.
    let since = events.map(|_| crate::server::control().now());
    view! {
        <!DOCTYPE html>
        <html lang=Language::now().tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#0b1530"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href="/pkg/carina.css"/>
                <link rel="modulepreload" href="/pkg/carina.js" nonce=nonce.clone()/>
                <script nonce=nonce.clone() inner_html=THEME_SCRIPT></script>
                <script type="module" nonce=nonce inner_html=WAKE_SCRIPT></script>
                <MetaTags/>
            </head>
            <body
                data-events=events data-since=since data-unreachable=unreachable()
                data-signed-out=signed_out() data-sign-in=t("Sign in in another tab")
                data-account=account data-kept=kept()
            >
                <App/>
            </body>
        </html>
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me(pub Option<AccountView>);

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let me = crate::server::signed_in().map(|actor| actor.account);
    provide_context(Me(me.clone()));
    view! {
        <Title formatter=title/>
        <a class="skip" href="#main">{t("Skip to the content")}</a>
        <Router>
            {me.map(|account| view! { <TopBar account/> })}
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=page::not_found>
                    <Route path=path!("/") view=page::home ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=page::setup ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=page::sign_in ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/code") view=page::sign_in_code ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/provider") view=page::provider ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/provider/back") view=page::provider_back ssr=SsrMode::Async/>
                    <Route path=path!("/sign-up") view=page::sign_up ssr=SsrMode::Async/>
                    <Route path=path!("/invitation") view=page::invitation ssr=SsrMode::Async/>
                    <Route path=path!("/reset") view=page::reset ssr=SsrMode::Async/>
                    <Route path=path!("/confirm") view=page::confirm ssr=SsrMode::Async/>
                    <Route path=path!("/clusters") view=page::cluster_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/new") view=page::cluster_new ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id") view=page::cluster_detail ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/changes") view=page::changes ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/settings") view=page::cluster_settings ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/segments/:ordinal/replace") view=page::replace ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/metrics") view=page::metrics ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/access") view=page::access ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/access/rotate") view=page::rotate ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/containers") view=page::container_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/containers/:container") view=page::container_detail ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/containers/:container/console") view=page::console ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/logs") view=page::log ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/events") view=page::events ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/images") view=page::image_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/volumes") view=page::volume_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/networks") view=page::network_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/services") view=page::service_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/stacks") view=page::stack_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/stacks/new") view=page::stack_new ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/scale") view=page::scale ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/rebuild") view=page::rebuild ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/delete") view=page::delete ssr=SsrMode::Async/>
                    <Route path=path!("/hosts") view=page::hosts ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=page::settings ssr=SsrMode::Async/>
                    <Route path=path!("/status") view=page::status ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=page::account ssr=SsrMode::Async/>
                    <Route path=path!("/account/passkeys") view=page::passkeys ssr=SsrMode::Async/>
                    <Route path=path!("/account/two-factor") view=page::two_factor ssr=SsrMode::Async/>
                    <Route path=path!("/account/sessions") view=page::sessions ssr=SsrMode::Async/>
                    <Route path=path!("/account/tokens") view=page::tokens ssr=SsrMode::Async/>
                    <Route path=path!("/account/quota") view=page::quota ssr=SsrMode::Async/>
                    <Route path=path!("/people") view=page::people ssr=SsrMode::Async/>
                    <Route path=path!("/people/invite") view=page::invite ssr=SsrMode::Async/>
                    <Route path=path!("/people/:id") view=page::person ssr=SsrMode::Async/>
                    <Route path=path!("/teams") view=page::teams ssr=SsrMode::Async/>
                    <Route path=path!("/teams/:id") view=page::team ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=page::audit ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
            <Footer/>
        </Router>
    }
}
