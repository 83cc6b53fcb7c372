//! An engine's lists between two readings.

use std::sync::Arc;

use serde_json::Value;

/// A list as the engine gave it, kept as text: parsed it takes five times the memory, and of a
/// thousand engines few are asked for it.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<[u8]>);

impl Kept {
    pub fn new(list: &[Value]) -> Self {
        Self(serde_json::to_vec(list).unwrap_or_default().into())
    }

    pub fn read(&self) -> Vec<Value> {
        // Empty until the first reading; otherwise it is what was written above.
        serde_json::from_slice(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_comes_back_whole() {
        assert!(Kept::default().read().is_empty());
        let list = vec![
            json!({"Name": "a\"b", "Labels": null, "Size": 7}),
            json!({}),
        ];
        assert_eq!(Kept::new(&list).read(), list);
    }
}
