-- Teams: people who own clusters together. Whatever owns a cluster, an account or a team, has its
-- id in `owner`, so that a cluster has one owner and not one of two.

CREATE TABLE owner (
    id TEXT PRIMARY KEY NOT NULL
);
INSERT INTO owner (id) SELECT id FROM account;

CREATE TABLE team (
    id TEXT PRIMARY KEY NOT NULL REFERENCES owner (id),
    name TEXT NOT NULL UNIQUE,
    -- What is NULL follows the configuration.
    quota_clusters BIGINT,
    quota_segments BIGINT,
    quota_memory_mib BIGINT,
    quota_disk_gib BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE team_person (
    team_id TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (team_id, account_id)
);
CREATE INDEX team_person_account ON team_person (account_id);

ALTER TABLE cluster DROP CONSTRAINT cluster_account_id_fkey;
ALTER TABLE cluster RENAME COLUMN account_id TO owner_id;
ALTER TABLE cluster RENAME CONSTRAINT cluster_account_id_name_key TO cluster_owner_id_name_key;
ALTER TABLE cluster ADD CONSTRAINT cluster_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES owner (id);

-- Whose it was when it happened: whoever is in that team reads what was done with its clusters.
ALTER TABLE audit ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_owner ON audit (owner_id, at, id);
