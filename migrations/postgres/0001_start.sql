-- Wish and fact never share a table: use-cases write `cluster` and `segment`, the record of a
-- round writes `*_fact` and `operation_step`, the loop writes `cluster_loop`.

CREATE TABLE panel (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- Every writing transaction begins by counting here. On PostgreSQL that row's lock puts writers
-- in a line, as SQLite does by itself, so that quota, addresses and ids are never taken twice.
CREATE TABLE turn (
    id BIGINT PRIMARY KEY NOT NULL,
    count BIGINT NOT NULL
);
INSERT INTO turn (id, count) VALUES (1, 0);

CREATE TABLE account (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE session (
    id_hash TEXT PRIMARY KEY NOT NULL,
    public_id TEXT NOT NULL UNIQUE,
    account_id TEXT REFERENCES account (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE setup_link (
    token_hash TEXT PRIMARY KEY NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE cluster (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
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
    UNIQUE (account_id, name)
);

CREATE TABLE cluster_fact (
    cluster_id TEXT PRIMARY KEY NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    observed_generation BIGINT NOT NULL,
    phase TEXT NOT NULL,
    reason TEXT,
    next_try_at BIGINT,
    waiting_since BIGINT,
    first_active_at BIGINT,
    observed_at BIGINT NOT NULL,
    last_plan TEXT NOT NULL,
    last_round_ms BIGINT NOT NULL
);

CREATE TABLE cluster_loop (
    cluster_id TEXT PRIMARY KEY NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT
);

CREATE TABLE segment (
    cluster_id TEXT NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    address TEXT NOT NULL UNIQUE,
    id_base BIGINT NOT NULL UNIQUE,
    mac TEXT NOT NULL,
    image TEXT NOT NULL,
    memory_mib BIGINT NOT NULL,
    vcpus BIGINT NOT NULL,
    disk_bytes BIGINT NOT NULL,
    pids BIGINT NOT NULL,
    seed_generation BIGINT NOT NULL,
    material TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    removing_since BIGINT,
    PRIMARY KEY (cluster_id, ordinal)
);

CREATE TABLE segment_fact (
    cluster_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    phase TEXT NOT NULL,
    reason TEXT,
    engine_version TEXT,
    is_answering BOOLEAN NOT NULL,
    running_since BIGINT,
    PRIMARY KEY (cluster_id, ordinal),
    FOREIGN KEY (cluster_id, ordinal) REFERENCES segment (cluster_id, ordinal) ON DELETE CASCADE
);

CREATE TABLE operation (
    id TEXT PRIMARY KEY NOT NULL,
    cluster_id TEXT NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    summary TEXT NOT NULL,
    generation BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX operation_cluster ON operation (cluster_id);

CREATE TABLE operation_step (
    operation_id TEXT NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    key TEXT NOT NULL,
    label TEXT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (operation_id, key)
);

CREATE TABLE certificate (
    serial TEXT PRIMARY KEY NOT NULL,
    cluster_id TEXT NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX certificate_cluster ON certificate (cluster_id);

CREATE TABLE bundle_link (
    token_hash TEXT PRIMARY KEY NOT NULL,
    cluster_id TEXT NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    browser_host TEXT,
    expires_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
