-- Counts up whenever all of an account's sessions end. A session is good in the epoch of the proof that it
-- began with: one that is written after the end, by a proof of before, opens nothing.
ALTER TABLE account ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
