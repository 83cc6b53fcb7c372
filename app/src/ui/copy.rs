//! Text to take along.

use leptos::prelude::*;

use crate::ui::Icon;
use crate::words::t;

/// A line that can be selected and, with script, copied by a button.
#[component]
pub fn CopyField(
    #[prop(into)] text: String,
    /// What the line is, for those who do not see it.
    label: &'static str,
) -> impl IntoView {
    view! {
        <div class="copy-field">
            <input type="text" readonly value=text aria-label=label spellcheck="false"/>
            <button type="button" class="button button-quiet copy-button awake-only" data-copy>
                {Icon::Copy.view()}
                <span aria-live="polite" data-done=t("Copied")>{t("Copy")}</span>
            </button>
        </div>
    }
}
