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

-- `cluster.account_id` becomes `owner_id`. SQLite cannot point a foreign key elsewhere in place: the
-- table is made anew. With foreign keys on, dropping the old one would take everything of every
-- cluster with it: migrations run without them (`db.rs`), and this one makes sure of it.
CREATE TABLE must_be_zero (
    count BIGINT NOT NULL CHECK (count = 0)
);
INSERT INTO must_be_zero (count) SELECT foreign_keys FROM pragma_foreign_keys;

CREATE TABLE cluster_new (
    id TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL REFERENCES owner (id),
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    network_mode TEXT NOT NULL,
    subnet TEXT NOT NULL UNIQUE,
    front_door_port BIGINT NOT NULL UNIQUE,
    token TEXT NOT NULL UNIQUE,
    authorities TEXT NOT NULL,
    segments BIGINT NOT NULL,
    desired_generation BIGINT NOT NULL,
    rebuild_generation BIGINT NOT NULL,
    autoscale BOOLEAN NOT NULL,
    deleting_since BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);
INSERT INTO cluster_new (id, owner_id, name, host, network_mode, subnet, front_door_port, token,
        authorities, segments, desired_generation, rebuild_generation, autoscale, deleting_since,
        created_at)
    SELECT id, account_id, name, host, network_mode, subnet, front_door_port, token, authorities,
        segments, desired_generation, rebuild_generation, autoscale, deleting_since, created_at
    FROM cluster;
DROP TABLE cluster;
ALTER TABLE cluster_new RENAME TO cluster;

-- Whose it was when it happened: whoever is in that team reads what was done with its clusters.
ALTER TABLE audit ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_owner ON audit (owner_id, at, id);

-- All of this or nothing: no row may point nowhere now.
INSERT INTO must_be_zero (count) SELECT COUNT(*) FROM pragma_foreign_key_check;
DROP TABLE must_be_zero;
