-- What containers used: one row for a segment and a time, with all of its containers in `data` as
-- `control` packs them. A row's place is its time modulo the length of its ring, as in `metric`, so
-- a segment never has more rows than places. Rows of one or two kilobytes lie in a table better than
-- in an index.
CREATE TABLE container_metric (
    series BIGINT NOT NULL REFERENCES metric_series (id) ON DELETE CASCADE,
    step_s BIGINT NOT NULL,
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (series, step_s, place)
);
