-- How large the disk of each of a cluster's segments is to be, in GiB; NULL: as the configuration says.
ALTER TABLE cluster ADD COLUMN disk_gib BIGINT;
-- How large its host says that a segment's disk is; NULL: it has none, or nobody has looked yet.
ALTER TABLE segment_fact ADD COLUMN disk_bytes BIGINT;
