//! What people do with a cluster, one function each.

mod buildkit;
mod classic;
mod containers;
mod doors;
mod failures;
mod faults;
mod image_copy;
mod images;
mod matrix;
mod placing;
mod refusals;
mod registry;
mod resources;
pub mod services;
mod stacks;
mod streams;
mod volumes;
mod ways;
mod websocket;

use crate::lab::{CLUSTER, Lab};

pub type Scenario = (&'static str, fn(&mut Lab));

/// In this order: what kills engines comes last.
pub const ALL: &[Scenario] = &[
    (
        "containers_run_and_are_seen",
        containers::containers_run_and_are_seen,
    ),
    (
        "the_seed_s_commands_work",
        containers::the_seed_s_commands_work,
    ),
    (
        "streams_end_at_both_ends",
        containers::streams_end_at_both_ends,
    ),
    ("a_container_is_changed", containers::a_container_is_changed),
    ("files_go_in_and_out", containers::files_go_in_and_out),
    ("names_stay_unique", containers::names_stay_unique),
    (
        "placing_follows_the_rules",
        containers::placing_follows_the_rules,
    ),
    (
        "events_come_from_everywhere",
        containers::events_come_from_everywhere,
    ),
    ("every_manager_answers", containers::every_manager_answers),
    (
        "a_plain_classic_swarm_works",
        containers::a_plain_classic_swarm_works,
    ),
    ("images_are_everywhere", images::images_are_everywhere),
    (
        "an_image_follows_its_container",
        images::an_image_follows_its_container,
    ),
    ("images_are_built", images::images_are_built),
    ("a_registry_is_asked", registry::a_registry_is_asked),
    (
        "a_websocket_is_attached",
        websocket::a_websocket_is_attached,
    ),
    (
        "a_terminal_is_attached_and_left",
        streams::a_terminal_is_attached_and_left,
    ),
    (
        "a_half_closed_stream_still_answers",
        streams::a_half_closed_stream_still_answers,
    ),
    (
        "who_goes_away_leaves_nothing",
        streams::who_goes_away_leaves_nothing,
    ),
    (
        "streams_have_their_speed",
        streams::streams_have_their_speed,
    ),
    ("buildkit_builds", buildkit::buildkit_builds),
    (
        "buildkit_gets_no_more_than_a_container",
        buildkit::buildkit_gets_no_more_than_a_container,
    ),
    (
        "the_last_build_of_a_name_is_meant",
        image_copy::the_last_build_of_a_name_is_meant,
    ),
    (
        "an_image_is_copied_by_any_name",
        image_copy::an_image_is_copied_by_any_name,
    ),
    (
        "creates_at_once_copy_once",
        image_copy::creates_at_once_copy_once,
    ),
    (
        "a_broken_holder_is_passed_over",
        image_copy::a_broken_holder_is_passed_over,
    ),
    (
        "a_pull_tells_of_every_node",
        image_copy::a_pull_tells_of_every_node,
    ),
    (
        "networks_have_their_node",
        resources::networks_have_their_node,
    ),
    (
        "networks_are_the_cluster_s",
        resources::networks_are_the_cluster_s,
    ),
    ("volumes_have_their_node", volumes::volumes_have_their_node),
    (
        "containers_follow_their_volume",
        volumes::containers_follow_their_volume,
    ),
    (
        "two_that_make_a_volume_share_it",
        volumes::two_that_make_a_volume_share_it,
    ),
    (
        "refusals_say_why_of_each_segment",
        placing::refusals_say_why_of_each_segment,
    ),
    (
        "segments_are_chosen_by_name",
        placing::segments_are_chosen_by_name,
    ),
    (
        "a_service_goes_to_its_segment",
        placing::a_service_goes_to_its_segment,
    ),
    (
        "pruning_leaves_the_system_alone",
        resources::pruning_leaves_the_system_alone,
    ),
    (
        "an_overlay_spans_the_segments",
        resources::an_overlay_spans_the_segments,
    ),
    ("services_run_and_change", services::services_run_and_change),
    (
        "services_hold_to_the_policy",
        services::services_hold_to_the_policy,
    ),
    (
        "secrets_and_configs_reach_tasks",
        services::secrets_and_configs_reach_tasks,
    ),
    ("tasks_are_containers", services::tasks_are_containers),
    ("a_stack_is_deployed", stacks::a_stack_is_deployed),
    (
        "an_image_follows_its_service",
        stacks::an_image_follows_its_service,
    ),
    (
        "nodes_of_the_swarm_are_steered",
        stacks::nodes_of_the_swarm_are_steered,
    ),
    (
        "what_breaks_isolation_is_refused",
        refusals::what_breaks_isolation_is_refused,
    ),
    (
        "system_containers_are_protected",
        refusals::system_containers_are_protected,
    ),
    (
        "what_is_not_known_is_refused",
        refusals::what_is_not_known_is_refused,
    ),
    (
        "every_known_way_round_is_refused",
        ways::every_known_way_round_is_refused,
    ),
    (
        "images_declare_nothing_more",
        ways::images_declare_nothing_more,
    ),
    ("links_lead_nowhere", ways::links_lead_nowhere),
    (
        "a_dockerfile_keeps_to_its_context",
        ways::a_dockerfile_keeps_to_its_context,
    ),
    ("runc_keeps_its_own_file", ways::runc_keeps_its_own_file),
    (
        "a_container_has_no_release_agent",
        ways::a_container_has_no_release_agent,
    ),
    (
        "only_this_cluster_s_clients_come_in",
        doors::only_this_cluster_s_clients_come_in,
    ),
    (
        "the_cluster_s_own_certificate_opens_from_inside_alone",
        doors::the_cluster_s_own_certificate_opens_from_inside_alone,
    ),
    ("garbage_is_shrugged_off", doors::garbage_is_shrugged_off),
    (
        "the_engine_s_door_knows_two_callers",
        doors::the_engine_s_door_knows_two_callers,
    ),
    (
        "a_revoked_certificate_is_cut_off",
        doors::a_revoked_certificate_is_cut_off,
    ),
    (
        "services_wait_for_their_manager",
        stacks::services_wait_for_their_manager,
    ),
    (
        "fault_ten_names_are_given_once",
        faults::ten_names_are_given_once,
    ),
    (
        "fault_a_killed_primary_loses_no_create",
        faults::a_killed_primary_loses_no_create,
    ),
    (
        "fault_a_frozen_primary_decides_nothing_when_it_wakes",
        faults::a_frozen_primary_decides_nothing_when_it_wakes,
    ),
    (
        "fault_a_slow_engine_s_name_is_given_once",
        faults::a_slow_engine_s_name_is_given_once,
    ),
    (
        "fault_a_frozen_engine_holds_nobody",
        faults::a_frozen_engine_holds_nobody,
    ),
    (
        "fault_matrix_a_client_goes_away",
        matrix::a_client_goes_away,
    ),
    ("fault_matrix_an_engine_is_slow", matrix::an_engine_is_slow),
    (
        "fault_matrix_a_manager_is_killed",
        matrix::a_manager_is_killed,
    ),
    (
        "fault_matrix_the_primary_is_killed",
        matrix::the_primary_is_killed,
    ),
    (
        "fault_matrix_an_engine_is_frozen",
        matrix::an_engine_is_frozen,
    ),
    ("fault_matrix_a_link_is_cut", matrix::a_link_is_cut),
    (
        "fault_matrix_an_engine_is_killed",
        matrix::an_engine_is_killed,
    ),
    ("ranges_name_engines", classic::ranges_name_engines),
    (
        "pages_of_others_may_ask_when_told_so",
        classic::pages_of_others_may_ask_when_told_so,
    ),
    (
        "a_moved_container_stays_on_its_overlay",
        classic::a_moved_container_stays_on_its_overlay,
    ),
    (
        "another_manager_takes_over",
        failures::another_manager_takes_over,
    ),
    (
        "a_dead_engine_is_told_of",
        failures::a_dead_engine_is_told_of,
    ),
    (
        "a_volume_on_a_dead_segment_is_waited_for",
        volumes::a_volume_on_a_dead_segment_is_waited_for,
    ),
];

/// Name of the node that the `k`th manager is on, counted from 1.
fn node(k: usize) -> String {
    format!("{CLUSTER}-n{k}")
}
