//! The choice of the pages' language.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;

use crate::api::LanguageChoose;
use crate::words::{Language, t};

/// A plain form, also with script: every text of the page changes. Each language is called by its
/// own name, so that whoever cannot read the others finds it.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let now = Language::now();
    let buttons = Language::ALL
        .map(|one| {
            let is_now = (one == now).then_some("true");
            view! {
                <button type="submit" name="language" value=one.tag() lang=one.tag() aria-current=is_now>
                    {one.name()}
                </button>
            }
        })
        .collect_view();
    view! {
        <form
            method="post" action=LanguageChoose::url() class="languages" aria-label=t("Language")
        >
            <input type="hidden" name="back" value=back()/>
            {buttons}
        </form>
    }
}

/// The address of the page, without an error that it shows once.
fn back() -> String {
    let location = use_location();
    let path = location.pathname.get_untracked();
    // What a provider sent the browser back with is used up, and no business of a form's.
    if path.starts_with("/sign-in/provider") {
        return "/sign-in".to_owned();
    }
    let search = location.search.get_untracked();
    let search = search.trim_start_matches('?');
    if search.is_empty() || search.contains("__err=") {
        path
    } else {
        format!("{path}?{search}")
    }
}
