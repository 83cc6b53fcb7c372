//! Statements about people: accounts as administrators handle them, invitations, links, requests,
//! and reading the audit.

statements! {
    ACCOUNT_ROLE_SET = "UPDATE account SET role = $2 WHERE id = $1";
    ACCOUNT_SUSPEND_SET = "UPDATE account SET suspended_at = $2 WHERE id = $1";
    ACCOUNT_SIGNED_IN = "UPDATE account SET last_sign_in_at = $2 WHERE id = $1";
    ACCOUNT_QUOTA_SET = "UPDATE account SET quota_clusters = $2, quota_segments = $3,
            quota_memory_mib = $4, quota_disk_gib = $5
        WHERE id = $1";
    ACCOUNT_DELETE = "DELETE FROM account WHERE id = $1";
    ACCOUNT_ADMINISTRATORS = "SELECT COUNT(*) FROM account
        WHERE role = 'administrator' AND suspended_at IS NULL
            AND (password_hash <> '' OR EXISTS (SELECT 1 FROM identity_link
                    WHERE identity_link.account_id = account.id AND identity_link.issuer = $1)
                OR EXISTS (SELECT 1 FROM passkey
                    WHERE passkey.account_id = account.id
                        AND ($2 = '' OR passkey.site = $2)))";
    QUOTA_CLUSTERS = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN cluster.deleting_since IS NULL
            THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM cluster WHERE cluster.owner_id = $1";
    QUOTA_SEGMENTS = "SELECT CAST(COALESCE(SUM(segment.memory_mib), 0) AS BIGINT),
            CAST(COALESCE(SUM(segment.disk_bytes), 0) AS BIGINT)
        FROM segment JOIN cluster ON cluster.id = segment.cluster_id
        WHERE cluster.owner_id = $1
            AND (segment.removing_since IS NULL OR segment.ordinal <= cluster.segments)
            AND cluster.deleting_since IS NULL";
    PERSON_COUNT = "SELECT COUNT(*) FROM account WHERE name LIKE $1 ESCAPE '!'";
    PERSON_PAGE = "SELECT account.id, account.name, account.role, account.password_hash,
            account.created_at, account.suspended_at, account.last_sign_in_at, account.epoch,
            account.quota_clusters, account.quota_segments, account.quota_memory_mib,
            account.quota_disk_gib,
            (SELECT COUNT(*) FROM cluster WHERE cluster.owner_id = account.id) AS clusters,
            (SELECT COUNT(*) FROM passkey WHERE passkey.account_id = account.id) AS passkeys,
            (SELECT COUNT(*) FROM two_factor WHERE two_factor.account_id = account.id
                AND two_factor.confirmed_at IS NOT NULL) AS factors
        FROM account WHERE account.name LIKE $1 ESCAPE '!'
        ORDER BY account.name LIMIT $2 OFFSET $3";
    PERSON_GET = "SELECT account.id, account.name, account.role, account.password_hash,
            account.created_at, account.suspended_at, account.last_sign_in_at, account.epoch,
            account.quota_clusters, account.quota_segments, account.quota_memory_mib,
            account.quota_disk_gib,
            (SELECT COUNT(*) FROM cluster WHERE cluster.owner_id = account.id) AS clusters,
            (SELECT COUNT(*) FROM passkey WHERE passkey.account_id = account.id) AS passkeys,
            (SELECT COUNT(*) FROM two_factor WHERE two_factor.account_id = account.id
                AND two_factor.confirmed_at IS NOT NULL) AS factors
        FROM account WHERE account.id = $1";

    INVITATION_INSERT = "INSERT INTO invitation (id, token_hash, note, role, quota_clusters,
            quota_segments, quota_memory_mib, quota_disk_gib, made_by, made_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    INVITATION_LIST = "SELECT id, note, role, quota_clusters, quota_segments, quota_memory_mib,
            quota_disk_gib, made_by, made_at, expires_at
        FROM invitation WHERE expires_at > $1 ORDER BY made_at DESC, id DESC";
    INVITATION_GET = "SELECT id, note, role, quota_clusters, quota_segments, quota_memory_mib,
            quota_disk_gib, made_by, made_at, expires_at
        FROM invitation WHERE token_hash = $1 AND expires_at > $2";
    INVITATION_DELETE = "DELETE FROM invitation WHERE id = $1";
    INVITATION_CLEAR_BY = "DELETE FROM invitation WHERE made_by = $1";
    INVITATION_SWEEP = "DELETE FROM invitation WHERE expires_at <= $1";

    RESET_LINK_CLEAR = "DELETE FROM reset_link WHERE account_id = $1";
    RESET_LINK_CLEAR_ALL = "DELETE FROM reset_link";
    RESET_LINK_INSERT = "INSERT INTO reset_link (token_hash, account_id, expires_at)
        VALUES ($1, $2, $3)";
    RESET_LINK_GET = "SELECT account_id FROM reset_link WHERE token_hash = $1 AND expires_at > $2";
    RESET_LINK_SWEEP = "DELETE FROM reset_link WHERE expires_at <= $1";

    REQUEST_INSERT = "INSERT INTO quota_request (id, owner_id, made_by, clusters, segments,
            memory_mib, disk_gib, reason, state, made_at, answer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, '')";
    REQUEST_BY_OWNER = "SELECT id, owner_id, made_by, clusters, segments, memory_mib, disk_gib,
            reason, state, made_at, decided_at, decided_by, answer
        FROM quota_request WHERE owner_id = $1 ORDER BY made_at DESC, id DESC LIMIT 20";
    REQUEST_OPEN = "SELECT id, owner_id, made_by, clusters, segments, memory_mib, disk_gib, reason,
            state, made_at, decided_at, decided_by, answer
        FROM quota_request WHERE state = 'open' ORDER BY made_at, id LIMIT $1 OFFSET $2";
    REQUEST_OPEN_COUNT = "SELECT COUNT(*) FROM quota_request WHERE state = 'open'";
    REQUEST_GET = "SELECT id, owner_id, made_by, clusters, segments, memory_mib, disk_gib, reason,
            state, made_at, decided_at, decided_by, answer
        FROM quota_request WHERE id = $1";
    REQUEST_DECIDE = "UPDATE quota_request SET state = $2, decided_at = $3, decided_by = $4,
            answer = $5
        WHERE id = $1 AND state = 'open'";

    AUDIT_SEARCH = "SELECT id, at, actor_id, actor_name, action, subject, subject_id, owner_id,
            detail
        FROM audit
        WHERE ($1 = '' OR actor_id = $1 OR subject_id = $1 OR owner_id = $1
                OR owner_id IN (SELECT team_id FROM team_person WHERE account_id = $1))
            AND ($2 = '' OR actor_name = $2)
            AND ($3 = '' OR action = $3)
            AND ($4 = '' OR subject = $4 OR subject_id = $4
                OR subject_id IN (SELECT cluster.id FROM cluster WHERE cluster.name = $4
                    AND ($1 = '' OR cluster.owner_id = $1 OR cluster.owner_id IN
                        (SELECT team_id FROM team_person WHERE account_id = $1))))
            AND at >= $5 AND at < $6
            AND (at < $7 OR (at = $7 AND id < $8))
        ORDER BY at DESC, id DESC LIMIT $9";
}
