//! Showing what is being asked for, and what to say when it does not come.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use model::UserError;

use crate::browser;
use crate::{ApiError, page};

/// Shows a resource; keeps what it shows while it is asked for again.
#[component]
pub fn Loaded<T, V>(resource: Resource<Result<T, ApiError>>, view: V) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    let shown = move || {
        let view = view.clone();
        Suspend::new(async move {
            match resource.await {
                Ok(value) => view(value),
                Err(error) => problem(&error),
            }
        })
    };
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"One moment…"</p> }>
            {shown}
        </Transition>
    }
}

/// The page, when its subject cannot be shown.
pub fn problem(error: &ApiError) -> AnyView {
    match &error.error {
        UserError::SignedOut => {
            // The session ended while the page was open; on the server a page never gets here.
            Effect::new(|| browser::leave_to(&format!("/sign-in?next={}", browser::here())));
            view! { <p class="loading">"Your session has ended. " <a href="/sign-in">"Sign in again"</a></p> }
                .into_any()
        }
        UserError::NotFound { what } => page::missing(&format!("There is no such {what}.")),
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
            .into_any()
        }
    }
}
