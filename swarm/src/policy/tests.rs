//! POLICY.md
