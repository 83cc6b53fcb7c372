//! Forms that change something.
//!
//! To a browser without script they are plain forms. With script the same request is made in the
//! background, so that errors appear in place and what was typed stays. Leptos' `ActionForm` does
//! it, too, at the price of one more copy of everything for each form.

use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::UserError;

use crate::root::Live;
use crate::ui::{Icon, IntoWhole};
use crate::{ApiError, browser};

/// What came of a form that was sent in the background.
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "only a browser sends forms")
)]
pub enum Sent {
    /// Done; the server says where to go.
    Redirect(String),
    /// Done; what the server function answered, as JSON.
    Done(String),
    Refused(ApiError),
}

/// One kind of change on a page: where it is sent to, and how the last try went.
#[derive(Clone, Copy)]
pub struct Change {
    path: &'static str,
    pub failure: Failure,
    pub is_pending: RwSignal<bool>,
    pub answer: RwSignal<Option<String>>,
}

/// Why the last try failed: from the answer, or from the address after a form post without script.
pub type Failure = RwSignal<Option<ApiError>>;

impl Change {
    /// `path` is the server function's `url()`.
    pub fn new(path: &'static str) -> Self {
        let from_address = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| ServerFnUrlError::decode_err(error.err()));
        Self {
            path,
            failure: RwSignal::new(from_address),
            is_pending: RwSignal::new(false),
            answer: RwSignal::new(None),
        }
    }
}

#[component]
pub fn ChangeForm(
    change: Change,
    #[prop(optional)] class: &'static str,
    /// Where a browser without script sends it, if the page itself draws the answer.
    #[prop(optional)]
    plain_action: Option<String>,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let live = expect_context::<Live>();
    let received = move |sent: Sent| {
        change.is_pending.set(false);
        match sent {
            Sent::Redirect(path) => {
                change.failure.set(None);
                live.0.update(|n| *n = n.wrapping_add(1));
                navigate(&path, NavigateOptions::default());
            }
            Sent::Done(answer) => {
                change.failure.set(None);
                change.answer.set(Some(answer));
            }
            Sent::Refused(ApiError {
                error: UserError::SignedOut,
                ..
            }) => {
                browser::leave_to_sign_in();
            }
            Sent::Refused(error) => change.failure.set(Some(error)),
        }
    };
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // A second click while the first is on its way would ask for the same twice.
        if !change.is_pending.get_untracked() {
            change.is_pending.set(true);
            browser::send(&event, change.path, received.clone());
        }
    };
    let action = plain_action.unwrap_or_else(|| change.path.to_owned());
    view! {
        <form method="post" action=action class=class on:submit=on_submit>
            {children()}
        </form>
    }
    .whole()
}

/// The button of a change: says that it is on its way, and takes no second click.
#[component]
pub fn ChangeButton(
    change: Change,
    icon: Icon,
    #[prop(into)] text: Signal<String>,
    #[prop(default = Signal::stored("button"), into)] class: Signal<&'static str>,
    #[prop(default = "One moment…")] pending: &'static str,
) -> impl IntoView {
    let is_pending = change.is_pending;
    view! {
        <button type="submit" class=move || class.get() disabled=move || is_pending.get()>
            {icon.view()}
            <span>{move || if is_pending.get() { pending.to_owned() } else { text.get() }}</span>
        </button>
    }
    .whole()
}
