//! Forms that change something.
//!
//! To a browser without script they are plain forms. With script the very same request is made in
//! the background and its answer put in place of the page (`data-change`), so that errors appear
//! beside their fields and what was typed stays.

use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::error::ServerFnUrlError;

use crate::ApiError;
use crate::ui::Icon;
use crate::words::t;

/// One kind of change on a page: where it is sent to, and how the last try went.
#[derive(Clone)]
pub struct Change {
    path: &'static str,
    pub failure: Failure,
}

/// Why the last try failed: it stands in the address that the form came back to.
pub type Failure = Option<ApiError>;

impl Change {
    /// `path` is the server function's `url()`.
    pub fn new(path: &'static str) -> Self {
        let failure = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| ServerFnUrlError::decode_err(error.err()));
        Self { path, failure }
    }
}

#[component]
pub fn ChangeForm(
    change: Change,
    #[prop(optional)] class: &'static str,
    /// The page itself, where it draws the answer.
    #[prop(optional, into)]
    action: Option<String>,
    children: Children,
) -> impl IntoView {
    let action = action.unwrap_or_else(|| change.path.to_owned());
    view! {
        <form method="post" action=action class=class data-change>
            {children()}
        </form>
    }
}

/// The button of a change: with script it says that the change is on its way, and takes no second
/// click.
#[component]
pub fn ChangeButton(
    icon: Icon,
    #[prop(into)] text: String,
    #[prop(default = "button")] class: &'static str,
    #[prop(default = t("One moment…"))] pending: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=class data-pending=pending>
            {icon.view()}
            <span>{text}</span>
        </button>
    }
}
