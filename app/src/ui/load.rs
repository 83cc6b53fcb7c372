//! Showing what is being asked for, and what to say when it does not come.

use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use model::UserError;

use crate::page::{Answer, Shown, missing};
use crate::root::Live;
use crate::ui::IntoWhole;
use crate::{ApiError, browser};

type Ask = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;
type View = Arc<dyn Fn(Shown) -> AnyView + Send + Sync>;

/// Asks once and shows the answer. For forms: what a person fills in is not drawn anew.
pub fn load<T, F>(
    ask: impl Fn() -> F + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Into<Shown> + TryFrom<Shown> + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    loaded(None, erase_ask(ask), erase_view(view))
}

/// Asks again whenever something changed, and keeps showing the old until the new is there.
pub fn load_live<T, F>(
    ask: impl Fn() -> F + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Into<Shown> + TryFrom<Shown> + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    loaded(
        Some(expect_context::<Live>()),
        erase_ask(ask),
        erase_view(view),
    )
}

fn erase_ask<T, F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Ask
where
    T: Into<Shown>,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    Arc::new(move || {
        let asked = ask();
        Box::pin(async move { Answer(asked.await.map(Into::into)) })
    })
}

fn erase_view<T: TryFrom<Shown>>(view: impl Fn(T) -> AnyView + Send + Sync + 'static) -> View {
    Arc::new(move |shown| T::try_from(shown).map_or_else(|_| ().whole(), &view))
}

fn loaded(live: Option<Live>, ask: Ask, view: View) -> AnyView {
    let resource = Resource::new_str(move || live.map(|live| live.0.get()), move |_| ask());
    let shown = move || {
        let view = view.clone();
        Suspend::new(async move {
            match resource.await.0 {
                Ok(shown) => view(shown),
                Err(error) => problem(&error),
            }
        })
    };
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"One moment…"</p> }>
            {shown}
        </Transition>
    }
    .whole()
}

/// The page, when its subject cannot be shown.
fn problem(error: &ApiError) -> AnyView {
    match &error.error {
        UserError::SignedOut => signed_out(),
        UserError::NotFound { what } => missing(&format!("There is no such {what}.")),
        other => {
            #[cfg(feature = "ssr")]
            crate::server::page_status_set(other.status());
            view! {
                <Title text="Something is wrong"/>
                <section class="notice">
                    <p class="notice-code">{other.status().to_string()}</p>
                    <h1>"This did not work"</h1>
                    <p role="alert">{other.to_string()}</p>
                    <p class="notice-actions">
                        <A href="/clusters" attr:class="button">"Back to your clusters"</A>
                    </p>
                </section>
            }
            .whole()
        }
    }
}

/// The session ended while the page was open; on the server a page never gets here.
fn signed_out() -> AnyView {
    Effect::new(browser::leave_to_sign_in);
    view! {
        <p class="loading">
            "Your session has ended. " <a href="/sign-in">"Sign in again"</a>
        </p>
    }
    .whole()
}
