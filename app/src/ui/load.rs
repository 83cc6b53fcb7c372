//! Showing what is being asked for, and what to say when it does not come.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use model::UserError;

use crate::ApiError;
use crate::page::{here, missing};
use crate::words::{say, t};

/// Draws the answer to `ask`.
pub fn load<T: Send + 'static>(
    ask: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView {
    let drawn = async move {
        match ask.await {
            Ok(shown) => view(shown),
            Err(error) => problem(&error),
        }
    };
    // Not within a closure: the question would be asked twice.
    view! { {Suspend::new(drawn)} }.into_any()
}

/// The same, on a page that a browser with script asks for again whenever something changed.
pub fn load_live<T: Send + 'static>(
    ask: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView {
    view! {
        <template data-live></template>
        {load(ask, view)}
    }
    .into_any()
}

/// The page, when its subject cannot be shown.
fn problem(error: &ApiError) -> AnyView {
    match &error.error {
        UserError::SignedOut => {
            leptos_axum::redirect(&format!("/sign-in?next={}", here()));
            ().into_any()
        }
        UserError::ConfirmFirst => {
            leptos_axum::redirect(&format!("/confirm?next={}", here()));
            ().into_any()
        }
        other @ UserError::NotFound { .. } => missing(&say(&other.to_string())),
        other => {
            crate::server::page_status_set(other.status());
            view! {
                <Title text=t("Something is wrong")/>
                <section class="notice">
                    <p class="notice-code">{other.status().to_string()}</p>
                    <h1>{t("This did not work")}</h1>
                    <p role="alert">{say(&other.to_string())}</p>
                    <p class="notice-actions">
                        <A href="/clusters" attr:class="button">{t("Back to your clusters")}</A>
                    </p>
                </section>
            }
            .into_any()
        }
    }
}
