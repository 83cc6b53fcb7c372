//! Fields, and what is wrong with them, beside them.

use leptos::prelude::*;

use crate::ui::{Failure, Icon, IntoWhole};

/// What no field of the form stands for.
#[component]
pub fn FormError(
    failure: Failure,
    /// Fields that show their own errors.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    move || {
        failure
            .get()
            .filter(|error| error.field().is_none_or(|field| !fields.contains(&field)))
            .map(|error| {
                view! {
                    <p class="alert" role="alert">
                        {Icon::Alert.view()}
                        <span>{error.to_string()}</span>
                    </p>
                }
            })
    }
}

/// What is wrong with one field. The place is always there, so that it can be announced.
#[component]
pub fn FieldError(name: &'static str, text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <p class="field-error" id=format!("{name}-error") aria-live="polite">
            {move || text.get()}
        </p>
    }
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
    /// Judges what is being typed.
    #[prop(optional)]
    check: Option<fn(&str) -> Option<String>>,
    #[prop(optional)] min_length: Option<usize>,
    #[prop(default = 256)] max_length: usize,
    #[prop(optional)] autofocus: bool,
    #[prop(default = true)] required: bool,
) -> impl IntoView {
    let value = failure
        .get_untracked()
        .and_then(|error| error.value_of(name).map(str::to_owned))
        .unwrap_or(value);
    // Some(judgement) once something was typed: the server's word is about older text then.
    let judged = RwSignal::new(None::<Option<String>>);
    Effect::new(move || {
        failure.track();
        judged.set(None);
    });
    let from_server = move || {
        failure
            .get()
            .filter(|error| error.field() == Some(name))
            .map(|error| error.to_string())
    };
    let error = Signal::derive(move || judged.get().unwrap_or_else(from_server));
    let on_input = move |ev| {
        judged.set(Some(
            check.and_then(|check| check(&event_target_value(&ev))),
        ))
    };
    let hint_id = format!("{name}-hint");
    let described_by = format!(
        "{name}-error{}",
        if hint.is_some() {
            format!(" {hint_id}")
        } else {
            String::new()
        }
    );
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
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=described_by
                on:input=on_input
            />
            <FieldError name text=error/>
        </div>
    }
    .whole()
}
