//! Statements about teams and who is in them.

statements! {
    TEAM_INSERT = "INSERT INTO team (id, name, quota_clusters, quota_segments, quota_memory_mib,
            quota_disk_gib, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TEAM_BY_ID = "SELECT id, name, quota_clusters, quota_segments, quota_memory_mib, quota_disk_gib,
            created_at
        FROM team WHERE id = $1";
    TEAM_LINES = "SELECT team.id, team.name, team.quota_clusters, team.quota_segments,
            team.quota_memory_mib, team.quota_disk_gib, team.created_at, mine.role,
            (SELECT COUNT(*) FROM team_person WHERE team_person.team_id = team.id) AS people,
            (SELECT COUNT(*) FROM cluster WHERE cluster.owner_id = team.id) AS clusters
        FROM team LEFT JOIN team_person AS mine
            ON mine.team_id = team.id AND mine.account_id = $1
        WHERE $2 OR mine.role IS NOT NULL
        ORDER BY team.name LIMIT $3 OFFSET $4";
    TEAM_COUNT = "SELECT COUNT(*) FROM team LEFT JOIN team_person AS mine
            ON mine.team_id = team.id AND mine.account_id = $1
        WHERE $2 OR mine.role IS NOT NULL";
    TEAM_OF = "SELECT team.id, team.name, team_person.role
        FROM team_person JOIN team ON team.id = team_person.team_id
        WHERE team_person.account_id = $1 ORDER BY team.name";
    TEAM_RENAME = "UPDATE team SET name = $2 WHERE id = $1";
    TEAM_QUOTA_SET = "UPDATE team SET quota_clusters = $2, quota_segments = $3,
            quota_memory_mib = $4, quota_disk_gib = $5
        WHERE id = $1";
    TEAM_DELETE = "DELETE FROM team WHERE id = $1";
    TEAM_CLUSTERS = "SELECT cluster.id, cluster.name, cluster.segments, cluster.deleting_since,
            cluster_fact.phase
        FROM cluster LEFT JOIN cluster_fact ON cluster_fact.cluster_id = cluster.id
        WHERE cluster.owner_id = $1 ORDER BY cluster.name";

    TEAM_ROLE = "SELECT role FROM team_person WHERE team_id = $1 AND account_id = $2";
    TEAM_PEOPLE = "SELECT account.id, account.name, team_person.role, team_person.since,
            account.suspended_at
        FROM team_person JOIN account ON account.id = team_person.account_id
        WHERE team_person.team_id = $1 ORDER BY account.name LIMIT $2 OFFSET $3";
    TEAM_ACCOUNTS = "SELECT account_id FROM team_person WHERE team_id = $1 ORDER BY account_id";
    TEAM_PEOPLE_COUNT = "SELECT COUNT(*) FROM team_person WHERE team_id = $1";
    TEAM_PERSON_SET = "INSERT INTO team_person (team_id, account_id, role, since)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (team_id, account_id) DO UPDATE SET role = excluded.role";
    TEAM_PERSON_DELETE = "DELETE FROM team_person WHERE team_id = $1 AND account_id = $2";
}
