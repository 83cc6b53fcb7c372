//! What was done, as the audit's page says it. In the rows, the addresses and the exports it is a word
//! that stays the same, whoever reads it.

use crate::words::t;

/// None for a word that no panel of today writes.
pub fn audit_words(action: &str) -> Option<&'static str> {
    Some(match action {
        "account_create" => t("Account made"),
        "account_sign_in" => t("Signed in"),
        "bundle_make" => t("Credentials downloaded"),
        "certificate_make" => t("Certificate made"),
        "certificate_revoke" => t("Certificate revoked"),
        "certificate_revoke_all" => t("All certificates revoked"),
        "cluster_autoscale" => t("Growing by itself switched"),
        "cluster_create" => t("Cluster made"),
        "cluster_delete" => t("Cluster deleted"),
        "cluster_disk_grow" => t("Disks of the cluster enlarged"),
        "cluster_hand_over" => t("Cluster handed over"),
        "cluster_rebuild" => t("Cluster rebuilt"),
        "cluster_rename" => t("Cluster renamed"),
        "cluster_retry" => t("Cluster tried again"),
        "cluster_scale" => t("Size of the cluster changed"),
        "cluster_take_over" => t("Cluster received"),
        "code_wrong" => t("Wrong code at the sign-in"),
        "console_open" => t("Console opened"),
        "container_environment" => t("Environment of a container read"),
        "container_kill" => t("Container killed"),
        "container_pause" => t("Container paused"),
        "container_remove" => t("Container removed"),
        "container_restart" => t("Container restarted"),
        "container_start" => t("Container started"),
        "container_stop" => t("Container stopped"),
        "container_unpause" => t("Container continued"),
        "docker_refused" => t("Docker request refused"),
        "host_drain" => t("Draining of a host switched"),
        "image_prune" => t("Images without a name removed"),
        "image_pull" => t("Image pulled"),
        "image_remove" => t("Image removed"),
        "invitation_accept" => t("Invitation taken"),
        "invitation_make" => t("Invitation made"),
        "invitation_revoke" => t("Invitation taken back"),
        "network_create" => t("Network made"),
        "network_remove" => t("Network removed"),
        "passkey_add" => t("Passkey added"),
        "passkey_refused" => t("Passkey refused"),
        "passkey_remove" => t("Passkey removed"),
        "passkey_reset" => t("All passkeys of a person removed"),
        "password_change" => t("Password changed"),
        "password_reset" => t("Password set on the panel's machine"),
        "person_delete" => t("Account deleted"),
        "person_suspend" => t("Person suspended"),
        "person_unsuspend" => t("Person let in again"),
        "proof_wrong" => t("Wrong proof of who it is"),
        "provider_connect" => t("Connected with the identity provider"),
        "provider_disconnect" => t("Disconnected from the identity provider"),
        "quota_default_set" => t("Quota for everybody changed"),
        "quota_request_decline" => t("Request for more declined"),
        "quota_request_grant" => t("Request for more granted"),
        "quota_request_make" => t("Asked for more"),
        "quota_request_withdraw" => t("Request for more taken back"),
        "quota_set" => t("Quota of a person changed"),
        "recovery_code_use" => t("Recovery code used"),
        "recovery_codes_make" => t("Recovery codes made"),
        "reset_finish" => t("New password set by a link"),
        "reset_link_make" => t("Link for a new password made"),
        "role_kept" => t("Role of the last administrator kept"),
        "role_set" => t("Role changed"),
        "segment_drain" => t("Draining of a segment switched"),
        "segment_replace" => t("Segment replaced"),
        "service_remove" => t("Service removed"),
        "service_scale" => t("Number of a service's tasks changed"),
        "session_end" => t("Session ended"),
        "setup_finish" => t("Carina set up"),
        "setup_link_make" => t("Link for the setup made"),
        "sign_up" => t("Signed up"),
        "sign_up_set" => t("Sign-up opened or closed"),
        "stack_deploy" => t("Stack deployed"),
        "stack_remove" => t("Stack removed"),
        "status_page_set" => t("Status page shown or hidden"),
        "team_create" => t("Team made"),
        "team_delete" => t("Team deleted"),
        "team_leave" => t("Team left"),
        "team_person_remove" => t("Taken out of a team"),
        "team_person_set" => t("Place in a team given"),
        "team_quota_set" => t("Quota of a team changed"),
        "team_rename" => t("Team renamed"),
        "token_make" => t("API token made"),
        "token_revoke" => t("API token revoked"),
        "two_factor_off" => t("Two-factor sign-in turned off"),
        "two_factor_on" => t("Two-factor sign-in turned on"),
        "two_factor_reset" => t("Two-factor sign-in of a person turned off"),
        "volume_create" => t("Volume made"),
        "volume_remove" => t("Volume removed"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use control::AUDIT_ACTIONS;

    use super::audit_words;

    #[test]
    fn every_action_has_words_of_its_own() {
        let nothing = AUDIT_ACTIONS
            .iter()
            .filter(|action| audit_words(action).is_none());
        assert_eq!(nothing.collect::<Vec<_>>(), Vec::<&&str>::new());
        let words: BTreeSet<_> = AUDIT_ACTIONS
            .iter()
            .filter_map(|action| audit_words(action))
            .collect();
        assert_eq!(words.len(), AUDIT_ACTIONS.len(), "no two are told alike");
        assert_eq!(audit_words("cluster_melt"), None);
    }
}
