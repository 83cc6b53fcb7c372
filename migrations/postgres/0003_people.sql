-- People: suspension, quotas of their own, invitations, reset links, requests for more; and an
-- audit that can be searched and only ever grows.

ALTER TABLE account ADD COLUMN suspended_at BIGINT;
ALTER TABLE account ADD COLUMN last_sign_in_at BIGINT;
-- What is NULL follows the configuration.
ALTER TABLE account ADD COLUMN quota_clusters BIGINT;
ALTER TABLE account ADD COLUMN quota_segments BIGINT;
ALTER TABLE account ADD COLUMN quota_memory_mib BIGINT;
ALTER TABLE account ADD COLUMN quota_disk_gib BIGINT;

CREATE TABLE invitation (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL,
    role TEXT NOT NULL,
    quota_clusters BIGINT,
    quota_segments BIGINT,
    quota_memory_mib BIGINT,
    quota_disk_gib BIGINT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE reset_link (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE quota_request (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
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
CREATE INDEX quota_request_account ON quota_request (account_id);

-- The id of the account or cluster that it was done to, where there is one.
ALTER TABLE audit ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_actor ON audit (actor_id, at, id);
CREATE INDEX audit_subject ON audit (subject_id, at, id);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END
$$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
