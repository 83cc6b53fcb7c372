//! Text to take along.

use leptos::html::Input;
use leptos::prelude::*;

use crate::browser;
use crate::root::Now;
use crate::ui::{Icon, IntoWhole};

/// A line that can be selected and, once the page is awake, copied by a button.
#[component]
pub fn CopyField(
    #[prop(into)] text: String,
    /// What the line is, for those who do not see it.
    label: &'static str,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let is_copied = RwSignal::new(false);
    let now = expect_context::<Now>();
    let is_awake = Memo::new(move |_| now.0.get().is_some());
    let copy = move |_| {
        if let Some(field) = field.get() {
            browser::copy(&field);
            is_copied.set(true);
            set_timeout(
                move || is_copied.set(false),
                std::time::Duration::from_secs(2),
            );
        }
    };
    let button = move || {
        is_awake.get().then(|| {
            view! {
                <button type="button" class="button button-quiet copy-button" on:click=copy>
                    {move || if is_copied.get() { Icon::Check } else { Icon::Copy }.view()}
                    <span aria-live="polite">
                        {move || if is_copied.get() { "Copied" } else { "Copy" }}
                    </span>
                </button>
            }
        })
    };
    view! {
        <div class="copy-field">
            <input node_ref=field type="text" readonly value=text aria-label=label spellcheck="false"/>
            {button}
        </div>
    }
    .whole()
}
