//! Every statement of the panel, once: the portable subset of SQLite's and PostgreSQL's SQL.
//! A test prepares each on both engines, which is what catches a typo.

macro_rules! statements {
    ($($name:ident = $text:literal;)+) => {
        $(pub const $name: &str = $text;)+
        /// Name and text of each.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),+];
    };
}

mod identity;
mod metric;
mod passkey;
mod people;
mod proof;
mod team;

pub use identity::*;
pub use metric::*;
pub use passkey::*;
pub use people::*;
pub use proof::*;
pub use team::*;

/// Every statement there is.
pub fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [
        ALL,
        identity::ALL,
        metric::ALL,
        passkey::ALL,
        people::ALL,
        proof::ALL,
        team::ALL,
    ]
    .into_iter()
    .flatten()
}

statements! {
    TURN_TAKE = "UPDATE turn SET count = count + 1 WHERE id = 1";
    PANEL_GET = "SELECT value FROM panel WHERE key = $1";
    PANEL_SET = "INSERT INTO panel (key, value) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value";

    OWNER_INSERT = "INSERT INTO owner (id) VALUES ($1)";
    OWNER_DELETE = "DELETE FROM owner WHERE id = $1";
    OWNER_QUOTA = "SELECT quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib
        FROM account WHERE id = $1
        UNION ALL
        SELECT quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib
        FROM team WHERE id = $1";

    ACCOUNT_COUNT = "SELECT COUNT(*) FROM account";
    ACCOUNT_INSERT = "INSERT INTO account (id, name, role, password_hash, created_at,
            quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    ACCOUNT_BY_ID = "SELECT id, name, role, password_hash, created_at, suspended_at, last_sign_in_at,
            epoch, quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib
        FROM account WHERE id = $1";
    ACCOUNT_BY_NAME = "SELECT id, name, role, password_hash, created_at, suspended_at, last_sign_in_at,
            epoch, quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib
        FROM account WHERE name = $1";
    ACCOUNT_LIST = "SELECT id, name, role, password_hash, created_at, suspended_at, last_sign_in_at,
            epoch, quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib
        FROM account ORDER BY name";
    ACCOUNT_EPOCH_NEXT = "UPDATE account SET epoch = epoch + 1 WHERE id = $1";
    ACCOUNT_PASSWORD_SET = "UPDATE account SET password_hash = $2 WHERE id = $1";

    SETUP_LINK_CLEAR = "DELETE FROM setup_link";
    SETUP_LINK_INSERT = "INSERT INTO setup_link (token_hash, expires_at) VALUES ($1, $2)";
    SETUP_LINK_TAKE = "DELETE FROM setup_link WHERE token_hash = $1 AND expires_at > $2
        RETURNING expires_at";

    SESSION_INSERT = "INSERT INTO session (id_hash, public_id, account_id, data, agent, address,
            created_at, last_seen_at, expires_at, epoch)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)";
    SESSION_SAVE = "UPDATE session SET account_id = $2, data = $3, agent = $4, address = $5,
            last_seen_at = $6, expires_at = $7
        WHERE id_hash = $1";
    SESSION_GET = "SELECT public_id, account_id, data, agent, address, created_at, last_seen_at,
            expires_at
        FROM session WHERE id_hash = $1 AND epoch = COALESCE(
            (SELECT account.epoch FROM account WHERE account.id = session.account_id), 0)";
    SESSION_TOUCH = "UPDATE session SET last_seen_at = $2 WHERE id_hash = $1";
    SESSION_LEFT = "UPDATE session SET id_hash = 'left ' || id_hash, data = '{}', expires_at = $2
        WHERE id_hash = $1";
    SESSION_RENEW = "UPDATE session SET id_hash = $1, account_id = $3, data = $4, agent = $5,
            address = $6, last_seen_at = $7, expires_at = $8
        WHERE public_id = $2";
    SESSION_DELETE = "DELETE FROM session WHERE id_hash = $1";
    SESSION_LIST = "SELECT public_id, account_id, data, agent, address, created_at, last_seen_at,
            expires_at
        FROM session WHERE account_id = $1 AND expires_at > $2 AND last_seen_at > $3
            AND created_at > $4
            AND epoch = (SELECT account.epoch FROM account WHERE account.id = session.account_id)
        ORDER BY last_seen_at DESC";
    SESSION_END = "DELETE FROM session WHERE account_id = $1 AND public_id = $2";
    SESSION_END_OTHERS = "DELETE FROM session WHERE account_id = $1 AND public_id <> $2";
    SESSION_EPOCH = "UPDATE session
        SET epoch = (SELECT account.epoch FROM account WHERE account.id = session.account_id)
        WHERE account_id = $1";
    SESSION_SWEEP = "DELETE FROM session
        WHERE expires_at <= $1 OR last_seen_at <= $2 OR created_at <= $3";

    CLUSTER_INSERT = "INSERT INTO cluster (id, owner_id, name, host, network_mode, subnet,
            front_door_port, token, authorities, segments, desired_generation, rebuild_generation,
            autoscale, disk_gib, deleting_since, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    CLUSTER_BY_ID = "SELECT id, owner_id, name, host, network_mode, subnet, front_door_port,
            token, authorities, segments, desired_generation, rebuild_generation, autoscale,
            disk_gib, deleting_since, created_at
        FROM cluster WHERE id = $1";
    CLUSTER_BY_TOKEN = "SELECT id, owner_id, name, host, network_mode, subnet, front_door_port,
            token, authorities, segments, desired_generation, rebuild_generation, autoscale,
            disk_gib, deleting_since, created_at
        FROM cluster WHERE token = $1";
    CLUSTER_BY_OWNER = "SELECT id, owner_id, name, host, network_mode, subnet,
            front_door_port, token, authorities, segments, desired_generation, rebuild_generation,
            autoscale, disk_gib, deleting_since, created_at
        FROM cluster WHERE owner_id = $1 ORDER BY created_at, id";
    CLUSTER_SEEN = "SELECT id, owner_id, name, host, network_mode, subnet, front_door_port,
            token, authorities, segments, desired_generation, rebuild_generation, autoscale,
            disk_gib, deleting_since, created_at
        FROM cluster
        WHERE owner_id = $1
            OR owner_id IN (SELECT team_id FROM team_person WHERE account_id = $1)
        ORDER BY created_at, id";
    CLUSTER_ALL = "SELECT id, owner_id, name, host, network_mode, subnet, front_door_port,
            token, authorities, segments, desired_generation, rebuild_generation, autoscale,
            disk_gib, deleting_since, created_at
        FROM cluster ORDER BY created_at, id";
    CLUSTER_SCALE = "UPDATE cluster SET segments = $2, desired_generation = $3 WHERE id = $1";
    CLUSTER_DISK_SET = "UPDATE cluster SET disk_gib = $2, desired_generation = $3 WHERE id = $1";
    CLUSTER_REBUILD = "UPDATE cluster SET rebuild_generation = $2, desired_generation = $2
        WHERE id = $1";
    CLUSTER_DELETING = "UPDATE cluster SET deleting_since = $2, desired_generation = $3
        WHERE id = $1 AND deleting_since IS NULL";
    CLUSTER_DELETE = "DELETE FROM cluster WHERE id = $1 AND deleting_since IS NOT NULL";

    FACT_PUT = "INSERT INTO cluster_fact (cluster_id, observed_generation, phase, reason,
            next_try_at, waiting_since, first_active_at, observed_at, last_plan, last_round_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (cluster_id) DO UPDATE SET
            observed_generation = excluded.observed_generation, phase = excluded.phase,
            reason = excluded.reason, next_try_at = excluded.next_try_at,
            waiting_since = excluded.waiting_since, first_active_at = excluded.first_active_at,
            observed_at = excluded.observed_at, last_plan = excluded.last_plan,
            last_round_ms = excluded.last_round_ms";
    FACT_GET = "SELECT observed_generation, phase, reason, next_try_at, waiting_since,
            first_active_at, observed_at, last_plan, last_round_ms
        FROM cluster_fact WHERE cluster_id = $1";

    LOOP_INSERT = "INSERT INTO cluster_loop (cluster_id, attempt, due_at) VALUES ($1, 0, $2)";
    LOOP_ALL = "SELECT cluster_id, attempt, due_at FROM cluster_loop ORDER BY due_at, cluster_id";
    LOOP_DUE_NOW = "UPDATE cluster_loop SET attempt = 0, due_at = $2 WHERE cluster_id = $1";
    LEASE_TAKE = "UPDATE cluster_loop SET lease_owner = $2, lease_until = $4
        WHERE cluster_id = $1 AND (lease_until IS NULL OR lease_until < $3)
        RETURNING attempt";
    LEASE_RENEW = "UPDATE cluster_loop SET lease_until = $4
        WHERE cluster_id = $1 AND lease_owner = $2 AND lease_until >= $3
        RETURNING attempt";
    LEASE_RETURN = "UPDATE cluster_loop
        SET lease_owner = NULL, lease_until = NULL, attempt = $3, due_at = $4
        WHERE cluster_id = $1 AND lease_owner = $2";
    LEASE_CLEAR = "UPDATE cluster_loop SET lease_owner = NULL, lease_until = NULL";

    SEGMENT_INSERT = "INSERT INTO segment (cluster_id, ordinal, address, id_base, mac, image,
            memory_mib, vcpus, disk_bytes, pids, seed_generation, material, placed_at,
            removing_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    SEGMENT_LIST = "SELECT cluster_id, ordinal, address, id_base, mac, image, memory_mib, vcpus,
            disk_bytes, pids, seed_generation, material, placed_at, removing_since
        FROM segment WHERE cluster_id = $1 ORDER BY ordinal";
    SEGMENT_ID_BASES = "SELECT id_base FROM segment ORDER BY id_base";
    SEGMENT_HOSTS = "SELECT cluster.host, COUNT(*) AS all_there, SUM(CASE
            WHEN segment_fact.phase IN ('joining', 'active') THEN 0 ELSE 1 END) AS coming
        FROM segment JOIN cluster ON cluster.id = segment.cluster_id
            LEFT JOIN segment_fact ON segment_fact.cluster_id = segment.cluster_id
                AND segment_fact.ordinal = segment.ordinal
        WHERE segment.removing_since IS NULL
            OR (segment.ordinal <= cluster.segments AND cluster.deleting_since IS NULL)
        GROUP BY cluster.host";
    SEGMENT_REMOVING = "UPDATE segment SET removing_since = $3
        WHERE cluster_id = $1 AND ordinal = $2";
    SEGMENT_DISK_GROW = "UPDATE segment SET disk_bytes = $3
        WHERE cluster_id = $1 AND ordinal <= $2 AND disk_bytes < $3";
    SEGMENT_SEED = "UPDATE segment SET seed_generation = $3, material = $4
        WHERE cluster_id = $1 AND ordinal = $2";
    SEGMENT_DELETE = "DELETE FROM segment
        WHERE cluster_id = $1 AND ordinal = $2 AND removing_since IS NOT NULL";
    SEGMENT_FACT_PUT = "INSERT INTO segment_fact (cluster_id, ordinal, phase, reason,
            engine_version, is_answering, running_since, disk_bytes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (cluster_id, ordinal) DO UPDATE SET phase = excluded.phase,
            reason = excluded.reason, engine_version = excluded.engine_version,
            is_answering = excluded.is_answering, running_since = excluded.running_since,
            disk_bytes = excluded.disk_bytes";
    SEGMENT_FACT_LIST = "SELECT ordinal, phase, reason, engine_version, is_answering,
            running_since, disk_bytes
        FROM segment_fact WHERE cluster_id = $1 ORDER BY ordinal";

    OPERATION_INSERT = "INSERT INTO operation (id, cluster_id, kind, summary, generation, by_name,
            state, started_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
    OPERATION_END_RUNNING = "UPDATE operation SET state = $2, ended_at = $3
        WHERE cluster_id = $1 AND state = 'running'";
    OPERATION_DONE = "UPDATE operation SET state = 'done', ended_at = $3
        WHERE cluster_id = $1 AND state = 'running' AND generation <= $2
        RETURNING id";
    OPERATION_LIST = "SELECT id, cluster_id, kind, summary, generation, by_name, state,
            started_at, ended_at
        FROM operation WHERE cluster_id = $1 ORDER BY started_at DESC, id DESC LIMIT 20";
    OPERATION_PAGE = "SELECT id, cluster_id, kind, summary, generation, by_name, state,
            started_at, ended_at
        FROM operation
        WHERE cluster_id = $1 AND (started_at < $2 OR (started_at = $2 AND id < $3))
        ORDER BY started_at DESC, id DESC LIMIT $4";
    STEP_INSERT = "INSERT INTO operation_step (operation_id, position, key, label, done_at)
        VALUES ($1, $2, $3, $4, $5)";
    STEP_DONE = "UPDATE operation_step SET done_at = $3
        WHERE operation_id = $1 AND key = $2 AND done_at IS NULL";
    STEP_LIST = "SELECT position, key, label, done_at FROM operation_step
        WHERE operation_id = $1 ORDER BY position";

    CERTIFICATE_INSERT = "INSERT INTO certificate (serial, cluster_id, kind, label, made_by, made_at,
            expires_at, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    CERTIFICATE_SWEEP = "DELETE FROM certificate
        WHERE cluster_id = $1 AND kind = $2 AND expires_at < $3 AND revoked_at IS NULL";
    CERTIFICATE_LIST = "SELECT serial, kind, label, made_by, made_at, expires_at, revoked_at,
            last_seen_at FROM certificate
        WHERE cluster_id = $1 ORDER BY made_at DESC, serial";
    CERTIFICATE_PAGE = "SELECT serial, kind, label, made_by, made_at, expires_at, revoked_at,
            last_seen_at FROM certificate
        WHERE cluster_id = $1 AND expires_at > $2 ORDER BY made_at DESC, serial LIMIT $3 OFFSET $4";
    CERTIFICATE_COUNT = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN revoked_at IS NULL
            THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM certificate WHERE cluster_id = $1 AND expires_at > $2";
    CERTIFICATE_REVOKE = "UPDATE certificate SET revoked_at = $3
        WHERE cluster_id = $1 AND serial = $2 AND revoked_at IS NULL";
    CERTIFICATE_REVOKE_OF = "UPDATE certificate SET revoked_at = $2
        WHERE made_by = $1 AND revoked_at IS NULL";
    CERTIFICATE_REVOKE_OWNED = "UPDATE certificate SET revoked_at = $3
        WHERE made_by = $1 AND revoked_at IS NULL
            AND cluster_id IN (SELECT id FROM cluster WHERE owner_id = $2)";
    CERTIFICATE_MAKERS = "SELECT DISTINCT made_by FROM certificate
        WHERE cluster_id = $1 AND revoked_at IS NULL ORDER BY made_by";
    CERTIFICATE_REVOKE_BY = "UPDATE certificate SET revoked_at = $3
        WHERE cluster_id = $1 AND made_by = $2 AND revoked_at IS NULL";
    CERTIFICATE_SEEN = "UPDATE certificate SET last_seen_at = $3
        WHERE cluster_id = $1 AND serial = $2 AND revoked_at IS NULL
            AND (last_seen_at IS NULL OR last_seen_at < $3)";
    CERTIFICATE_ENDING = "SELECT COUNT(*), MIN(expires_at) FROM certificate
        WHERE cluster_id = $1 AND kind = 'bundle' AND revoked_at IS NULL
            AND expires_at > $2 AND expires_at <= $3
            AND (last_seen_at > $4 OR NOT EXISTS (SELECT 1 FROM certificate AS later
                WHERE later.cluster_id = certificate.cluster_id AND later.kind = 'bundle'
                    AND later.made_by = certificate.made_by AND later.revoked_at IS NULL
                    AND later.expires_at > certificate.expires_at))";
    CERTIFICATE_REVOKED = "SELECT serial FROM certificate
        WHERE cluster_id = $1 AND revoked_at IS NOT NULL ORDER BY revoked_at, serial";

    BUNDLE_LINK_INSERT = "INSERT INTO bundle_link (token_hash, cluster_id, account_id,
            browser_host, label, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    BUNDLE_LINK_TAKE = "DELETE FROM bundle_link WHERE token_hash = $1
        RETURNING cluster_id, account_id, browser_host, label, expires_at";
    BUNDLE_LINK_DROP = "DELETE FROM bundle_link WHERE cluster_id = $1";
    BUNDLE_LINK_DROP_OWNED = "DELETE FROM bundle_link
        WHERE account_id = $1
            AND cluster_id IN (SELECT id FROM cluster WHERE owner_id = $2)";
    BUNDLE_LINK_SWEEP = "DELETE FROM bundle_link WHERE expires_at <= $1";

    AUDIT_INSERT = "INSERT INTO audit (id, at, actor_id, actor_name, action, subject, subject_id,
            owner_id, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    AUDIT_LIST = "SELECT id, at, actor_id, actor_name, action, subject, subject_id, owner_id, detail
        FROM audit ORDER BY at DESC, id DESC LIMIT 100";

    METRIC_SERIES_ADD = "INSERT INTO metric_series (id, cluster_id, ordinal)
        SELECT COALESCE(MAX(id), 0) + 1, CAST($1 AS TEXT), CAST($2 AS BIGINT)
        FROM metric_series WHERE 1 = 1
        ON CONFLICT (cluster_id, ordinal) DO NOTHING";
    METRIC_SERIES_LIST = "SELECT id, cluster_id, ordinal FROM metric_series ORDER BY id";
    METRIC_PUT = "INSERT INTO metric (series, step_s, place, at, data) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (series, step_s, place) DO UPDATE SET at = excluded.at, data = excluded.data";
    METRIC_PLACES = "SELECT at, data FROM metric
        WHERE series = $1 AND step_s = $2 AND place >= $3 AND place < $4 AND at >= $5 AND at < $6
        ORDER BY at";
    METRIC_SINCE = "SELECT metric_series.ordinal, metric.at, metric.data
        FROM metric_series JOIN metric ON metric.series = metric_series.id
        WHERE metric_series.cluster_id = $1 AND metric.step_s = $2 AND metric.at >= $3
        ORDER BY metric_series.ordinal, metric.at";
    METRIC_COUNT = "SELECT COUNT(*) FROM metric";
    CLUSTER_RENAME = "UPDATE cluster SET name = $2 WHERE id = $1";
    CLUSTER_OWNER_SET = "UPDATE cluster SET owner_id = $2 WHERE id = $1";
    CLUSTER_AUTOSCALE = "UPDATE cluster SET autoscale = $2 WHERE id = $1";
    CLUSTER_AUTOSCALING = "SELECT id FROM cluster WHERE autoscale AND deleting_since IS NULL
        ORDER BY created_at, id";
    CLUSTER_NAMES = "SELECT id, name FROM cluster
        WHERE owner_id = $1
            OR owner_id IN (SELECT team_id FROM team_person WHERE account_id = $1)
        ORDER BY created_at, id";
    NUMBERS_CLUSTERS = "SELECT cluster.id, cluster.name, cluster.host, cluster.deleting_since,
            cluster_fact.phase, cluster_fact.last_round_ms, cluster_loop.attempt
        FROM cluster LEFT JOIN cluster_fact ON cluster_fact.cluster_id = cluster.id
            LEFT JOIN cluster_loop ON cluster_loop.cluster_id = cluster.id
        ORDER BY cluster.created_at, cluster.id";
    NUMBERS_SEGMENTS = "SELECT segment.cluster_id, segment.ordinal, segment.memory_mib,
            segment.vcpus, segment.disk_bytes, segment.image, segment.removing_since,
            segment_fact.phase, segment_fact.is_answering
        FROM segment LEFT JOIN segment_fact ON segment_fact.cluster_id = segment.cluster_id
            AND segment_fact.ordinal = segment.ordinal
        ORDER BY segment.cluster_id, segment.ordinal";
    NUMBERS_OPERATIONS = "SELECT kind, state, COUNT(*) FROM operation
        GROUP BY kind, state ORDER BY kind, state";
    SEGMENT_KEYS = "SELECT cluster_id, ordinal FROM segment ORDER BY cluster_id, ordinal";
}
