//! Projects of several containers: a module a file of the archived suite, each with its `LINES`.

use super::Line;

/// In the order in which they run.
pub const PARTS: &[&[Line]] = &[];
