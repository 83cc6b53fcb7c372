//! What a server function answers when it cannot do what was asked.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::UserError;
use serde::{Deserialize, Serialize};

/// A `UserError` on its way to a page, with what the person had typed.
///
/// Without script the error travels in the address of the page that held the form. The page
/// is drawn anew there, so the values that are not secret travel along and stay in the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    #[serde(flatten)]
    pub error: UserError,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<(String, String)>,
}

/// Longer input is not worth keeping: no name is that long, and the address should stay short.
const TYPED_MAX: usize = 64;

impl ApiError {
    /// Keeps what was typed into `field`, shortened. Never call it with a secret.
    #[must_use]
    pub fn typed(mut self, field: &str, value: &str) -> Self {
        self.typed
            .push((field.to_owned(), value.chars().take(TYPED_MAX).collect()));
        self
    }

    /// What was typed into `field`.
    pub fn value_of(&self, field: &str) -> Option<&str> {
        self.typed
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, value)| value.as_str())
    }

    /// The field the error is about; a page without that field shows it above the form.
    pub fn field(&self) -> Option<&str> {
        match &self.error {
            UserError::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
}

impl ApiError {
    /// In the language of the request.
    pub fn said(&self) -> String {
        crate::words::say(&self.error.to_string())
    }
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        Self {
            error,
            typed: Vec::new(),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let error = match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => UserError::invalid(
                "",
                "The form could not be read. Load the page again and send it once more.",
            ),
            _ => UserError::Unavailable {
                what: "The panel".to_owned(),
            },
        };
        crate::server::status_set(&error);
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_travels_whole_and_flat() {
        let error = ApiError::from(UserError::invalid("name", "Type a name.")).typed("name", "A B");
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(
            text,
            r#"{"kind":"invalid","field":"name","why":"Type a name.","typed":[["name","A B"]]}"#
        );
        assert_eq!(serde_json::from_str::<ApiError>(&text).unwrap(), error);
        assert_eq!(error.value_of("name"), Some("A B"));
    }

    #[test]
    fn without_typed_values_only_the_error_travels() {
        let text = serde_json::to_string(&ApiError::from(UserError::SignedOut)).unwrap();
        assert_eq!(text, r#"{"kind":"signed_out"}"#);
        assert_eq!(
            serde_json::from_str::<ApiError>(&text).unwrap(),
            UserError::SignedOut.into()
        );
    }

    #[test]
    fn what_is_kept_is_short() {
        let error = ApiError::from(UserError::SignedOut).typed("name", &"x".repeat(5_000));
        assert_eq!(error.value_of("name").map(str::len), Some(TYPED_MAX));
    }
}
