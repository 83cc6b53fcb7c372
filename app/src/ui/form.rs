//! Fields, and what is wrong with them, beside them.

use leptos::prelude::*;

use crate::ui::{Failure, Icon};
use crate::words::{Language, t};

/// What no field of the form stands for.
#[component]
pub fn FormError(
    failure: Failure,
    /// Fields that show their own errors.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    failure
        .filter(|error| error.field().is_none_or(|field| !fields.contains(&field)))
        .map(|error| {
            view! {
                <p class="alert" role="alert">
                    {Icon::Alert.view()}
                    <span>{error.said()}</span>
                </p>
            }
        })
}

/// What is wrong with one field. The place is always there, so that it can be announced.
#[component]
pub fn FieldError(name: &'static str, failure: Failure) -> impl IntoView {
    let text = failure
        .filter(|error| error.field() == Some(name))
        .map(|error| error.said());
    view! { <p class="field-error" id=format!("{name}-error") aria-live="polite">{text}</p> }
}

/// What stands in a text area, where it is written as it is: it must not end there. The browser takes the
/// first line break away.
pub fn area_text(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("\n{text}")
}

/// What may be wrong with a name, where the browser must not say it in English: a line for each
/// kind of `model::NameError`.
fn name_words() -> Option<String> {
    let words = [
        ("empty", t("Type a name.")),
        ("long", t("Use at most {n} characters.")),
        ("short", t("Use at least {n} characters.")),
        (
            "character",
            t("Use lower-case letters a-z, digits and hyphens; “{c}” can't be in a name."),
        ),
        ("beginning", t("Begin with a letter.")),
        ("end", t("End with a letter or a digit.")),
    ];
    let lines = words.map(|(kind, text)| format!("{kind}: {text}"));
    (Language::now() != Language::English).then(|| lines.join("\n"))
}

#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: String,
    failure: Failure,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    /// What stands in it at first, unless something typed before is kept.
    #[prop(optional, into)]
    value: String,
    /// The rule that the browser, too, judges it by while it is being typed.
    #[prop(optional)]
    check: Option<&'static str>,
    #[prop(optional)] min_length: Option<usize>,
    #[prop(default = 256)] max_length: usize,
    #[prop(optional)] autofocus: bool,
    #[prop(default = true)] required: bool,
    /// Which keys a phone shows.
    #[prop(optional)]
    input_mode: Option<&'static str>,
    /// Filled in with what stands behind the `#` of the address, which no server sees.
    #[prop(optional)]
    from_fragment: bool,
) -> impl IntoView {
    let typed = failure.as_ref().and_then(|error| error.value_of(name));
    let value = typed.map_or(value, str::to_owned);
    let is_wrong = failure
        .as_ref()
        .is_some_and(|error| error.field() == Some(name));
    let hint = hint.filter(|hint| !hint.is_empty());
    let hint_id = format!("{name}-hint");
    let described_by = if hint.is_some() {
        format!("{name}-error {hint_id}")
    } else {
        format!("{name}-error")
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                minlength=min_length.map(|n| n.to_string())
                maxlength=max_length.to_string()
                required=required
                autofocus=autofocus
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=described_by
                data-check=check
                data-words=check.and_then(|_| name_words())
                data-fragment=from_fragment.then_some("")
                inputmode=input_mode
            />
            <FieldError name failure/>
        </div>
    }
}
