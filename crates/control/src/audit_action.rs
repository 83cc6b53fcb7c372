//! What the audit calls the things that are done: words for its filter.

/// By name. A test compares it with what is written.
pub const AUDIT_ACTIONS: &[&str] = &[
    "account_create",
    "account_sign_in",
    "bundle_make",
    "certificate_make",
    "certificate_revoke",
    "certificate_revoke_all",
    "cluster_autoscale",
    "cluster_create",
    "cluster_delete",
    "cluster_disk_grow",
    "cluster_hand_over",
    "cluster_rebuild",
    "cluster_rename",
    "cluster_retry",
    "cluster_scale",
    "cluster_take_over",
    "code_wrong",
    "console_open",
    "container_environment",
    "container_kill",
    "container_pause",
    "container_remove",
    "container_restart",
    "container_start",
    "container_stop",
    "container_unpause",
    "docker_refused",
    "host_drain",
    "image_prune",
    "image_pull",
    "image_remove",
    "invitation_accept",
    "invitation_make",
    "invitation_revoke",
    "network_create",
    "network_remove",
    "passkey_add",
    "passkey_refused",
    "passkey_remove",
    "passkey_reset",
    "password_change",
    "password_reset",
    "person_delete",
    "person_suspend",
    "person_unsuspend",
    "proof_wrong",
    "provider_connect",
    "provider_disconnect",
    "quota_default_set",
    "quota_request_decline",
    "quota_request_grant",
    "quota_request_make",
    "quota_request_withdraw",
    "quota_set",
    "recovery_code_use",
    "recovery_codes_make",
    "reset_finish",
    "reset_link_make",
    "role_kept",
    "role_set",
    "segment_drain",
    "segment_replace",
    "service_remove",
    "service_scale",
    "session_end",
    "setup_finish",
    "setup_link_make",
    "sign_up",
    "sign_up_set",
    "stack_deploy",
    "stack_remove",
    "status_page_set",
    "team_create",
    "team_delete",
    "team_leave",
    "team_person_remove",
    "team_person_set",
    "team_quota_set",
    "team_rename",
    "token_make",
    "token_revoke",
    "two_factor_off",
    "two_factor_on",
    "two_factor_reset",
    "volume_create",
    "volume_remove",
];

#[cfg(test)]
mod tests {
    use model::{ContainerAction, ThingKind};

    use super::AUDIT_ACTIONS;

    /// The words that stand as they are in calls that write rows of the audit.
    fn written(source: &str) -> Vec<String> {
        let calls = source.split("audit(").skip(1);
        let word = |call: &str| {
            let (_, rest) = call.split_once(',')?;
            let (word, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
            Some(word.to_owned())
        };
        calls.filter_map(word).collect()
    }

    #[test]
    fn the_filter_offers_whatever_is_written() {
        assert!(AUDIT_ACTIONS.is_sorted());
        let mut all: Vec<String> = Vec::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_this = path.ends_with("audit_action.rs");
            if path.extension().is_some_and(|end| end == "rs") && !is_this {
                all.extend(written(&std::fs::read_to_string(&path).unwrap()));
            }
        }
        assert!(all.len() > 40, "calls are found");
        let of_containers = ContainerAction::ALL.iter();
        all.extend(of_containers.map(|action| format!("container_{action}")));
        all.extend(ThingKind::ALL.iter().map(|kind| format!("{kind}_remove")));
        let missing: Vec<_> = all
            .iter()
            .filter(|word| !AUDIT_ACTIONS.contains(&word.as_str()))
            .collect();
        assert!(missing.is_empty(), "add to AUDIT_ACTIONS: {missing:?}");
    }
}
