-- A team asks for more, as an account does: whoever owns clusters has requests, and `made_by` is the
-- name of whoever wrote one.
--
-- SQLite cannot point a foreign key elsewhere in place: the table is made anew. Nothing points at it.

CREATE TABLE quota_request_new (
    id TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
    made_by TEXT NOT NULL,
    clusters BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    memory_mib BIGINT NOT NULL,
    disk_gib BIGINT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    answer TEXT NOT NULL
);
INSERT INTO quota_request_new (id, owner_id, made_by, clusters, segments, memory_mib, disk_gib,
        reason, state, made_at, decided_at, decided_by, answer)
    SELECT quota_request.id, quota_request.account_id, account.name, quota_request.clusters,
        quota_request.segments, quota_request.memory_mib, quota_request.disk_gib,
        quota_request.reason, quota_request.state, quota_request.made_at, quota_request.decided_at,
        quota_request.decided_by, quota_request.answer
    FROM quota_request JOIN account ON account.id = quota_request.account_id;
DROP TABLE quota_request;
ALTER TABLE quota_request_new RENAME TO quota_request;
CREATE INDEX quota_request_owner ON quota_request (owner_id);
