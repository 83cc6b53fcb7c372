//! What containers used.

statements! {
    SEGMENT_ACTIVE = "SELECT segment.cluster_id, segment.ordinal, segment.address
        FROM segment JOIN cluster ON cluster.id = segment.cluster_id
            JOIN cluster_fact ON cluster_fact.cluster_id = segment.cluster_id
            JOIN segment_fact ON segment_fact.cluster_id = segment.cluster_id
                AND segment_fact.ordinal = segment.ordinal
        WHERE cluster.deleting_since IS NULL AND segment.removing_since IS NULL
            AND cluster_fact.phase = 'active' AND segment_fact.phase = 'active'
        ORDER BY segment.cluster_id, segment.ordinal";
    CONTAINER_METRIC_PUT = "INSERT INTO container_metric (series, step_s, place, at, data)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (series, step_s, place) DO UPDATE SET at = excluded.at, data = excluded.data";
    CONTAINER_METRIC_CLEAR = "DELETE FROM container_metric
        WHERE series = $1 AND step_s = $2 AND place >= $3 AND place < $4 AND at < $5";
    CONTAINER_METRIC_PLACES = "SELECT at, data FROM container_metric
        WHERE series = $1 AND step_s = $2 AND place >= $3 AND place < $4 AND at >= $5 AND at < $6
        ORDER BY at";
    CONTAINER_METRIC_SINCE = "SELECT metric_series.ordinal, container_metric.at,
            container_metric.data
        FROM metric_series JOIN container_metric ON container_metric.series = metric_series.id
        WHERE metric_series.cluster_id = $1 AND container_metric.step_s = $2
            AND container_metric.at >= $3
        ORDER BY metric_series.ordinal, container_metric.at";
    CONTAINER_METRIC_SIZE = "SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(data)), 0) AS BIGINT)
        FROM container_metric";
}
