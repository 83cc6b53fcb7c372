-- What segments used. A row's place is its time modulo the length of its ring, so a segment never
-- has more rows than its three rings have places, and an old row is written over. `data` holds the
-- numbers as `control` packs them.
CREATE TABLE metric_series (
    id BIGINT PRIMARY KEY NOT NULL,
    cluster_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    UNIQUE (cluster_id, ordinal),
    FOREIGN KEY (cluster_id, ordinal) REFERENCES segment (cluster_id, ordinal) ON DELETE CASCADE
);

CREATE TABLE metric (
    series BIGINT NOT NULL REFERENCES metric_series (id) ON DELETE CASCADE,
    step_s BIGINT NOT NULL,
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (series, step_s, place)
);
