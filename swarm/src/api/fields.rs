//! How the models are written down: one line a field, Docker's spelling first.

/// Declares a JSON object of Docker's.
///
/// Every field may be absent or `null` (Go clients send `null` for whatever they left alone) and is
/// left out again when it is. Unknown keys are refused. The spelling is exact: Go's decoder would
/// take any case, ours does not. An array in an object's place, which serde would read by position,
/// is refused: hence the derived reader is hidden behind one that takes maps only.
macro_rules! object {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* $key:literal $field:ident: $kind:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, remote = "Self")]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(rename = $key, default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$kind>,
            )*
        }

        impl $name {
            /// The keys this object may have, in Docker's spelling.
            pub const KEYS: &'static [&'static str] = &[$($key),*];
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let map = serde_json::Map::deserialize(deserializer)?;
                Self::deserialize(serde_json::Value::Object(map)).map_err(serde::de::Error::custom)
            }
        }
    };
}
