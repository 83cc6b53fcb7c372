//! `key==value`, `key!=~glob*`, `key==/regex/`.

/// One constraint, affinity or whitelist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    pub key: String,
    pub equal: bool,
    pub value: String,
    pub soft: bool,
}
