//! A section of the configuration, written down once: its type, its defaults, its words.

/// One key, as `carina config --example` prints it and as the environment names it.
pub struct Key {
    pub name: &'static str,
    /// The doc comment, line by line.
    pub doc: &'static [&'static str],
    /// In TOML; what stands there when nothing is said, or an example of what could.
    pub value: String,
    /// Whether the key has a value when nothing is said.
    pub is_set: bool,
}

/// A type whose keys all have names, words and defaults.
pub trait Section {
    fn keys() -> Vec<Key>;
}

/// Declares a section. `key: Type = default` or, for a key without a default,
/// `key: Option<Type> = None, for example value`.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])*
        pub struct $Name:ident {
            $(
                $(#[doc = $doc:literal])+
                $(#[serde($($serde:tt)+)])?
                pub $key:ident : $Type:ty = $default:expr $(, for example $example:expr)? ;
            )+
        }
    ) => {
        $(#[doc = $section_doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $Name {
            $( $(#[doc = $doc])+ $(#[serde($($serde)+)])? pub $key: $Type, )+
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        impl $crate::config::section::Section for $Name {
            fn keys() -> Vec<$crate::config::section::Key> {
                let default = Self::default();
                let set = $crate::config::section::values(&default);
                let example = Self { $( $key: $crate::config::section::section!(
                    @example default.$key $(, $example)?), )+ };
                let shown = $crate::config::section::values(&example);
                [$( (stringify!($key), &[$($doc),+] as &[&str]), )+]
                    .into_iter()
                    .filter_map(|(name, doc)| Some($crate::config::section::Key {
                        name,
                        doc,
                        value: shown.get(name)?.to_string(),
                        is_set: set.contains_key(name),
                    }))
                    .collect()
            }
        }
    };
    (@example $default:expr) => { $default };
    (@example $default:expr, $example:expr) => { $example };
}
pub(crate) use section;

/// The values of a section as TOML; a `None` is not among them.
pub fn values(section: &impl serde::Serialize) -> toml::Table {
    toml::Table::try_from(section).expect("because a section is plain values")
}
