//! The document around the pages, what all of them share, and which address shows which page.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};
use model::AccountView;

use crate::browser;
use crate::page;
use crate::ui::{Footer, TopBar};

/// Runs before the first paint, so that a chosen theme does not flash.
#[cfg(feature = "ssr")]
const THEME_SCRIPT: &str = "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// The document that the server sends.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let nonce = leptos::nonce::use_nonce();
    if let Some(nonce) = &nonce {
        crate::server::content_policy_set(nonce);
    }
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#0b1530"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href="/pkg/carina.css"/>
                <script nonce=nonce inner_html=THEME_SCRIPT></script>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Who is signed in. It never changes while a page is open: signing in and out load a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me(pub Option<AccountView>);

/// The browser's clock, by the second. `None` on the server and until the page is awake, so that
/// both draw the same page at first.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub RwSignal<Option<i64>>);

/// Grows whenever the panel says that something changed; every list reads it as its source.
#[derive(Debug, Clone, Copy)]
pub struct Live(pub RwSignal<u32>);

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let me = SharedValue::new(me).into_inner();
    let now = RwSignal::new(None);
    let live = RwSignal::new(0_u32);
    provide_context(Now(now));
    provide_context(Live(live));
    provide_context(Me(me.clone()));
    wake(now, live, me.is_some());

    view! {
        <Title formatter=|text: String| format!("{text} · Carina")/>
        <a class="skip" href="#main">"Skip to the content"</a>
        <Router>
            {me.map(|account| view! { <TopBar account/> })}
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=page::not_found>
                    <Route path=path!("/") view=page::home ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=page::setup ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=page::sign_in ssr=SsrMode::Async/>
                    <Route path=path!("/clusters") view=page::cluster_list ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/new") view=page::cluster_new ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id") view=page::cluster_detail ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/access") view=page::access ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/scale") view=page::scale ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/rebuild") view=page::rebuild ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:id/delete") view=page::delete ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=page::account ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
            <Footer/>
        </Router>
    }
}

#[cfg(feature = "ssr")]
fn me() -> Option<AccountView> {
    crate::server::signed_in().map(|actor| actor.account)
}

/// Not called in the browser: the server's answer comes with the page.
#[cfg(not(feature = "ssr"))]
fn me() -> Option<AccountView> {
    None
}

/// How often numbers that announce no change (memory, CPU) are asked for.
const REFRESH_S: i64 = 5;

/// In the browser, once: the clock, the stream of changes, the menus.
fn wake(now: RwSignal<Option<i64>>, live: RwSignal<u32>, is_signed_in: bool) {
    Effect::new(move || {
        now.set(Some(browser::now_ms()));
        browser::menus_close_by_themselves();
        browser::address_forget_error();
        if is_signed_in {
            browser::on_change(move || live.update(|n| *n = n.wrapping_add(1)));
        }
        let mut ticks = 0;
        let every_second = move || {
            now.set(Some(browser::now_ms()));
            ticks += 1;
            if ticks % REFRESH_S == 0 && is_signed_in && browser::is_visible() {
                live.update(|n| *n = n.wrapping_add(1));
            }
        };
        let every_second = std::cell::RefCell::new(every_second);
        set_interval(
            move || (every_second.borrow_mut())(),
            std::time::Duration::from_secs(1),
        );
    });
}
