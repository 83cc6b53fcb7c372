//! `swarm manage`: the cluster's Docker API.

use crate::cli::{Fatal, ManageOptions};

pub async fn run(_options: ManageOptions) -> Result<(), Fatal> {
    Err(Fatal::new("not written yet"))
}
