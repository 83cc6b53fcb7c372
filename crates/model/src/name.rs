//! Names, parsed once at the edge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is wrong with a name, in words for the form beside it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("Type a name.")]
    Empty,
    #[error("Use at most {0} characters.")]
    TooLong(usize),
    #[error("Use at least {0} characters.")]
    TooShort(usize),
    #[error("Use lower-case letters a-z, digits and hyphens; “{0}” can't be in a name.")]
    Character(char),
    #[error("Begin with a letter.")]
    Beginning,
    #[error("End with a letter or a digit.")]
    End,
}

impl NameError {
    /// A word for it, where a page brings the words of another language.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "long",
            Self::TooShort(_) => "short",
            Self::Character(_) => "character",
            Self::Beginning => "beginning",
            Self::End => "end",
        }
    }

    /// What its text has a hole for.
    pub fn value(&self) -> Option<String> {
        match self {
            Self::TooLong(n) | Self::TooShort(n) => Some(n.to_string()),
            Self::Character(c) => Some(c.to_string()),
            Self::Empty | Self::Beginning | Self::End => None,
        }
    }
}

fn check(text: &str, min: usize, max: usize, extra: &[char]) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(c) = text
        .chars()
        .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-' || extra.contains(c)))
    {
        return Err(NameError::Character(c));
    }
    if text.len() > max {
        return Err(NameError::TooLong(max));
    }
    if text.len() < min {
        return Err(NameError::TooShort(min));
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(NameError::Beginning);
    }
    if !text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Err(NameError::End);
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $min:expr, $max:expr, $extra:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub const MAX: usize = $max;

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            /// White space around the name is dropped, nothing else is mended.
            fn from_str(text: &str) -> Result<Self, NameError> {
                let text = text.trim();
                check(text, $min, $max, $extra)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A cluster's name: a DNS label, since it is a folder, a context and perhaps a host name.
    /// Unique within its owner, an account or a team.
    ClusterName, 1, 40, &[]
);
name!(
    /// A team's name, by the rule of a cluster's; no two teams have the same.
    TeamName, 1, 40, &[]
);
name!(
    /// What a person signs in with.
    AccountName, 2, 32, &['.', '_']
);

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(text: &str) -> Result<String, NameError> {
        text.parse::<ClusterName>().map(String::from)
    }

    #[test]
    fn good_names_pass_and_lose_only_the_white_space_around_them() {
        assert_eq!(cluster("web"), Ok("web".into()));
        assert_eq!(cluster("  lab-3 "), Ok("lab-3".into()));
        assert_eq!(cluster("a"), Ok("a".into()));
        assert_eq!(cluster(&"a".repeat(40)), Ok("a".repeat(40)));
    }

    #[test]
    fn bad_names_say_what_is_wrong() {
        assert_eq!(cluster(""), Err(NameError::Empty));
        assert_eq!(cluster("   "), Err(NameError::Empty));
        assert_eq!(cluster(&"a".repeat(41)), Err(NameError::TooLong(40)));
        assert_eq!(cluster("Web"), Err(NameError::Character('W')));
        assert_eq!(cluster("naïve"), Err(NameError::Character('ï')));
        assert_eq!(cluster("a/b"), Err(NameError::Character('/')));
        assert_eq!(cluster("../x"), Err(NameError::Character('.')));
        assert_eq!(cluster("3web"), Err(NameError::Beginning));
        assert_eq!(cluster("-web"), Err(NameError::Beginning));
        assert_eq!(cluster("web-"), Err(NameError::End));
    }

    #[test]
    fn account_names_allow_dots_and_underscores_inside() {
        assert!("ada.lovelace".parse::<AccountName>().is_ok());
        assert_eq!("a".parse::<AccountName>(), Err(NameError::TooShort(2)));
        assert_eq!("ada_".parse::<AccountName>(), Err(NameError::End));
    }

    #[test]
    fn a_bad_name_does_not_deserialize() {
        let name = serde_json::from_str::<ClusterName>("\"Not Good\"");
        assert!(name.is_err());
    }
}
