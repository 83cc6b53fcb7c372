//! What a field says while somebody fills it in. The server judges again, and alone decides.

use model::{AccountName, ClusterName, NameError};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

use crate::dom::{address_replace, all, document, on, target, window};

pub fn listen() {
    on("input", |event| {
        let Some(field) = target(&event, "input[data-check]") else {
            return;
        };
        let field: HtmlInputElement = field.unchecked_into();
        let rule = field.get_attribute("data-check").unwrap_or_default();
        let words = field.get_attribute("data-words");
        let wrong = wrong(&rule, &field.value());
        let wrong = wrong.map(|error| told(&error, words.as_deref().unwrap_or_default()));
        show(&field, wrong.as_deref());
    });
    on("change", |event| {
        if let Some(choice) = target(&event, "input[data-button]") {
            button_say(&choice);
        }
    });
}

/// A secret that came behind the `#`: into its field, and out of the address and the history.
pub fn fragment_take() {
    let location = window().location();
    let Ok(fragment) = location.hash() else {
        return;
    };
    let secret = fragment.trim_start_matches('#');
    if secret.is_empty() {
        return;
    }
    if let Some(field) = all("input[data-fragment]").into_iter().next() {
        field.unchecked_into::<HtmlInputElement>().set_value(secret);
        address_replace(&location.pathname().unwrap_or_default());
    }
}

/// Why `text` breaks the rule.
fn wrong(rule: &str, text: &str) -> Option<NameError> {
    match rule {
        "cluster-name" => text.parse::<ClusterName>().err(),
        "account-name" => text.parse::<AccountName>().err(),
        _ => None,
    }
}

/// In the words that the page brought, a line `kind: text` each, else in English.
fn told(error: &NameError, words: &str) -> String {
    let text = words
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(kind, _)| *kind == error.kind());
    let Some((_, text)) = text else {
        return error.to_string();
    };
    match (text.split_once('{'), error.value()) {
        (Some((before, rest)), Some(value)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            format!("{before}{value}{after}")
        }
        _ => text.to_owned(),
    }
}

/// The server's word is about older text, so it goes in any case.
fn show(field: &HtmlInputElement, wrong: Option<&str>) {
    if let Some(place) = document().get_element_by_id(&format!("{}-error", field.name())) {
        place.set_text_content(wrong);
    }
    let _ = match wrong {
        Some(_) => field.set_attribute("aria-invalid", "true"),
        None => field.remove_attribute("aria-invalid"),
    };
}

/// The form's button says what the choice means.
fn button_say(choice: &Element) {
    let Ok(Some(form)) = choice.closest("form") else {
        return;
    };
    let Ok(Some(button)) = form.query_selector("button[type=submit]") else {
        return;
    };
    if let Ok(Some(text)) = button.query_selector("span") {
        text.set_text_content(choice.get_attribute("data-button").as_deref());
    }
    let is_danger = choice.has_attribute("data-danger");
    let _ = button
        .class_list()
        .toggle_with_force("button-danger", is_danger);
}

#[cfg(test)]
mod tests {
    use super::{told, wrong};
    use model::NameError;

    #[test]
    fn the_rules_are_those_of_the_server() {
        assert_eq!(wrong("cluster-name", "harbor"), None);
        assert!(wrong("cluster-name", "Not A Name").is_some());
        assert!(wrong("account-name", "").is_some());
        assert_eq!(wrong("no such rule", ""), None);
    }

    #[test]
    fn the_words_are_those_of_the_page() {
        let words = "empty: Geben Sie einen Namen ein.\nlong: Höchstens {n} Zeichen.";
        assert_eq!(told(&NameError::Empty, words), "Geben Sie einen Namen ein.");
        assert_eq!(
            told(&NameError::TooLong(40), words),
            "Höchstens 40 Zeichen."
        );
        assert_eq!(told(&NameError::End, words), NameError::End.to_string());
    }
}
