//! What surrounds every page: the bar above, the heading, the foot.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;
use model::{AccountView, Role};

use crate::api::SignOut;
use crate::ui::{AsOf, Icon, LanguageSwitch, Logo};
use crate::words::{t, tn};

#[component]
pub fn TopBar(account: AccountView) -> impl IntoView {
    let is_administrator = account.role == Role::Administrator;
    view! {
        <header class="topbar">
            <div class="topbar-in">
                <A href="/clusters" attr:class="brand">
                    <Logo/>
                    <span>"Carina"</span>
                </A>
                <nav aria-label=t("Main")>
                    <A href="/clusters">{t("Clusters")}</A>
                    {teams_link(is_administrator)}
                    {is_administrator.then(people_link)}
                    {is_administrator.then(|| view! { <A href="/hosts">{t("Hosts")}</A> })}
                </nav>
                <div class="topbar-end">
                    <ThemeButton/>
                    <details class="menu" name="menu">
                        <summary class="account-button">
                            {Icon::Account.view()}
                            <span class="account-name">{account.name.to_string()}</span>
                            {Icon::Chevron.view()}
                        </summary>
                        <div class="menu-list">
                            <A href="/account">{t("Account")}</A>
                            <A href="/audit">{t("Audit")}</A>
                            {is_administrator.then(|| view! { <A href="/settings">{t("Settings")}</A> })}
                            <SignOutForm/>
                        </div>
                    </details>
                </div>
            </div>
        </header>
    }
}

/// For whoever is in a team, and for those who make them.
fn teams_link(is_administrator: bool) -> AnyView {
    let link = || view! { <A href="/teams">{t("Teams")}</A> };
    if is_administrator {
        return link().into_any();
    }
    let asked = async move { crate::server::has_teams().await.then(link) };
    view! { {Suspend::new(asked)} }.into_any()
}

/// With the number of requests that wait. A browser with script puts a newer one in its place.
fn people_link() -> AnyView {
    let asked = async {
        let n = crate::server::requests_waiting().await;
        let waiting = (n > 0).then(|| {
            let words = tn(n as usize, "1 request waits", "{n} requests wait");
            let title = words.clone();
            view! { " " <span class="count" title=title><span aria-hidden="true">{n}</span><span class="unseen">{words}</span></span> }
        });
        view! { <A href="/people">{t("People")} <span id="waiting">{waiting}</span></A> }
    };
    view! { {Suspend::new(asked)} }.into_any()
}

/// A plain form, also with script: leaving an account loads a new page.
#[component]
pub fn SignOutForm(#[prop(optional)] class: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=SignOut::url()>
            <button type="submit" class=class>{t("Sign out")}</button>
        </form>
    }
}

/// Needs script, so it appears once the page is awake. Without it the system's choice holds.
#[component]
fn ThemeButton() -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button awake-only"
            aria-label=t("Switch between light and dark")
            title=t("Light or dark")
            data-theme-toggle
        >
            {Icon::Theme.view()}
        </button>
    }
}

/// A link back, above a heading.
pub type Crumb = (String, String);

/// The page's title and its one `h1`.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    /// Of the document, where it differs from the heading.
    #[prop(optional, into)]
    document_title: Option<String>,
    #[prop(optional)] back: Option<Crumb>,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let document_title = document_title.unwrap_or_else(|| title.clone());
    view! {
        <Title text=document_title/>
        {back.map(|(href, text)| view! { <a href=href class="crumb">{Icon::Back.view()}{text}</a> })}
        <div class="page-head">
            <div>
                <h1>{title}</h1>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </div>
    }
    .into_any()
}

#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="foot">
            <div class="foot-in">
                <p>"Carina " {env!("CARGO_PKG_VERSION")} " · " {t("your containers, on segments of your own")}</p>
                <AsOf/>
                <LanguageSwitch/>
            </div>
        </footer>
    }
}
