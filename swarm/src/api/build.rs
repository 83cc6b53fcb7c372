//! What stands as JSON in the query of a build, and of an image's attestations.

use std::collections::BTreeMap;

object! {
    /// Where a build's result goes.
    pub struct BuildOutput {
        "Type" kind: String,
        "Attrs" attributes: BTreeMap<String, String>,
    }
}

object! {
    pub struct Platform {
        "architecture" architecture: String,
        "os" os: String,
        "os.version" os_version: String,
        "os.features" os_features: Vec<String>,
        "variant" variant: String,
    }
}
