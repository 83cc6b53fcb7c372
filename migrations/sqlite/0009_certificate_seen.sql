-- Which machine somebody's credentials are for, in their own words, and when a manager of the cluster
-- last let their certificate in.
ALTER TABLE certificate ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN last_seen_at BIGINT;
ALTER TABLE bundle_link ADD COLUMN label TEXT NOT NULL DEFAULT '';
