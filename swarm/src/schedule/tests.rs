//! Placement, by request and cluster.
use super::*;
