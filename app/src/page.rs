//! The pages, one file each. A page reads what it shows, holds its forms, and decides nothing.

mod access;
mod account;
mod advice;
mod audit;
mod autoscale;
mod certificates;
mod change;
mod changes;
mod cluster_detail;
mod cluster_list;
mod cluster_nav;
mod cluster_new;
mod cluster_settings;
mod console;
mod container_act;
mod container_detail;
mod container_facts;
mod container_history;
mod container_list;
mod containers;
mod disks;
mod docker_words;
mod doors;
mod entry;
mod events;
mod hand_over;
mod history;
mod hosts;
mod image_list;
mod inventory;
mod list_filter;
mod log;
mod log_viewer;
mod loss;
mod metrics;
mod network_list;
mod paging;
mod passkey;
mod people;
mod picture;
mod placement;
mod port;
mod provider;
mod quota_fields;
mod quota_request;
mod replace;
mod segments;
mod service_list;
mod settings;
mod size;
mod stack_list;
mod stack_new;
mod status;
mod teams;
mod timeline;
mod unsaved;
mod volume_list;

pub use access::{access, rotate};
pub use account::{account, passkeys, quota, sessions, tokens, two_factor};
pub use audit::audit;
pub use change::{delete, rebuild, scale};
pub use changes::changes;
pub use cluster_detail::cluster_detail;
pub use cluster_list::cluster_list;
pub use cluster_new::cluster_new;
pub use cluster_settings::cluster_settings;
pub use console::console;
pub use container_detail::container_detail;
pub use container_list::container_list;
pub(crate) use container_list::segment_words;
pub use doors::{confirm, invitation, reset, sign_in_code, sign_up};
pub use entry::{setup, sign_in};
pub use events::events;
pub use hosts::hosts;
pub use image_list::image_list;
pub use log::log;
pub use metrics::metrics;
pub use network_list::network_list;
pub use people::{invite, people, person};
pub use provider::{provider, provider_back};
pub use replace::replace;
pub use service_list::service_list;
pub use settings::settings;
pub use stack_list::stack_list;
pub use stack_new::stack_new;
pub use status::status;
pub use teams::{team, teams};
pub use volume_list::volume_list;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Redirect};
use leptos_router::hooks::{use_location, use_params_map, use_query_map};

use crate::root::Me;
use crate::ui::Logo;
use crate::words::t;

/// Leads to where a person wants to be.
pub fn home() -> AnyView {
    let path = if expect_context::<Me>().0.is_some() {
        "/clusters"
    } else {
        "/sign-in"
    };
    view! { <Redirect path/> }.into_any()
}

/// A page for people with an account; others sign in first and come back.
fn for_members(view: impl FnOnce() -> AnyView) -> AnyView {
    if expect_context::<Me>().0.is_some() {
        return view();
    }
    let path = match crate::server::is_page_posted() {
        true => crate::unsaved::door(&here()),
        false => format!("/sign-in?next={}", here()),
    };
    view! { <Redirect path/> }.into_any()
}

/// A page of dangerous acts: who did not prove lately to be there does so first and comes back, so
/// that nothing typed is lost on the way.
fn for_confirmed(view: impl FnOnce() -> AnyView) -> AnyView {
    for_members(|| {
        if crate::server::is_confirmed() {
            return view();
        }
        let path = format!("/confirm?next={}", here());
        view! { <Redirect path/> }.into_any()
    })
}

/// The path of the page that is being drawn.
pub fn here() -> String {
    use_location().pathname.get_untracked()
}

/// The cluster's id in the address, as it stands there.
fn cluster_param() -> String {
    use_params_map()
        .read_untracked()
        .get("id")
        .unwrap_or_default()
}

/// The team in the address, as it stands there.
fn team_param() -> String {
    cluster_param()
}

/// What a page answers that only changes something, to whoever may only look.
fn only_looking() -> crate::ApiError {
    let why = "You may look at this cluster and change nothing.".to_owned();
    crate::server::refused(model::UserError::NotAllowed { why })
}

/// The container in the address, as it stands there.
fn container_param() -> String {
    use_params_map()
        .read_untracked()
        .get("container")
        .unwrap_or_default()
}

/// All words of that name in the address's query; empty ones say nothing.
fn queries(name: &str) -> Vec<String> {
    let all = use_query_map().read_untracked().get_all(name);
    let said = all.unwrap_or_default().into_iter();
    said.filter(|word| !word.is_empty()).collect()
}

/// A word in the address's query.
fn query(name: &str) -> Option<String> {
    use_query_map().read_untracked().get(name)
}

/// The address leads nowhere.
pub fn not_found() -> AnyView {
    missing(t("There is no page at this address."))
}

/// Whatever the page is about does not exist, or may not be seen.
pub fn missing(what: &str) -> AnyView {
    crate::server::page_status_set(404);
    view! {
        <Title text=t("Not found")/>
        <section class="notice">
            <Logo/>
            <p class="notice-code">"404"</p>
            <h1>{t("Nothing here")}</h1>
            <p>{what.to_owned()} " " {t("It may have been deleted, or the address has a slip in it.")}</p>
            <p class="notice-actions">
                <A href="/clusters" attr:class="button">{t("Go to your clusters")}</A>
            </p>
        </section>
    }
    .into_any()
}

/// Lets a page without script look again while something is being made.
fn look_again(is_busy: bool) -> AnyView {
    is_busy
        .then(|| view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"2\">"></noscript> })
        .into_any()
}
