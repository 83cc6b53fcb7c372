//! What containers used, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its helpers too"
)]

use store::testing::{TestStore, stores};
use store::{MetricPlace, SegmentActive};

const ACTIVE: &str = "01890000-0000-4000-8000-00000000000a";

/// An account with clusters: one that is active with two segments, of which one answers, and three
/// that are not to be asked.
async fn inhabited(test: &TestStore) {
    const ROWS: [&str; 5] = [
        "INSERT INTO owner (id) VALUES ('01890000-0000-7000-8000-000000000001')",
        "INSERT INTO cluster (id, owner_id, name, host, network_mode, subnet, front_door_port,
                token, authorities, segments, desired_generation, rebuild_generation, autoscale,
                deleting_since, created_at)
            VALUES ('01890000-0000-4000-8000-00000000000a', '01890000-0000-7000-8000-000000000001',
                    'active', 'h', 'nat', '10.84.1.0/24', 1, 'a', '', 2, 1, 0, FALSE, NULL, 1),
                ('01890000-0000-4000-8000-00000000000b', '01890000-0000-7000-8000-000000000001',
                    'degraded', 'h', 'nat', '10.84.2.0/24', 2, 'b', '', 1, 1, 0, FALSE, NULL, 1),
                ('01890000-0000-4000-8000-00000000000c', '01890000-0000-7000-8000-000000000001',
                    'deleting', 'h', 'nat', '10.84.3.0/24', 3, 'c', '', 1, 1, 0, FALSE, 7, 1),
                ('01890000-0000-4000-8000-00000000000d', '01890000-0000-7000-8000-000000000001',
                    'unseen', 'h', 'nat', '10.84.4.0/24', 4, 'd', '', 1, 1, 0, FALSE, NULL, 1)",
        "INSERT INTO segment (cluster_id, ordinal, address, id_base, mac, image, memory_mib, vcpus,
                disk_bytes, pids, seed_generation, material, placed_at)
            VALUES ('01890000-0000-4000-8000-00000000000a', 1, '10.84.1.11', 1, 'm', 'i', 1, 1, 1, 1, 1, '', 1),
                ('01890000-0000-4000-8000-00000000000a', 2, '10.84.1.12', 2, 'm', 'i', 1, 1, 1, 1, 1, '', 1),
                ('01890000-0000-4000-8000-00000000000b', 1, '10.84.2.11', 3, 'm', 'i', 1, 1, 1, 1, 1, '', 1),
                ('01890000-0000-4000-8000-00000000000c', 1, '10.84.3.11', 4, 'm', 'i', 1, 1, 1, 1, 1, '', 1),
                ('01890000-0000-4000-8000-00000000000d', 1, '10.84.4.11', 5, 'm', 'i', 1, 1, 1, 1, 1, '', 1)",
        "INSERT INTO cluster_fact (cluster_id, observed_generation, phase, observed_at, last_plan,
                last_round_ms)
            VALUES ('01890000-0000-4000-8000-00000000000a', 1, 'active', 1, '[]', 1),
                ('01890000-0000-4000-8000-00000000000b', 1, 'degraded', 1, '[]', 1),
                ('01890000-0000-4000-8000-00000000000c', 1, 'active', 1, '[]', 1)",
        "INSERT INTO segment_fact (cluster_id, ordinal, phase, is_answering)
            VALUES ('01890000-0000-4000-8000-00000000000a', 1, 'starting', FALSE),
                ('01890000-0000-4000-8000-00000000000a', 2, 'active', TRUE),
                ('01890000-0000-4000-8000-00000000000b', 1, 'active', TRUE),
                ('01890000-0000-4000-8000-00000000000c', 1, 'active', TRUE)",
    ];
    for row in ROWS {
        test.raw(row).await.unwrap();
    }
}

#[tokio::test]
async fn only_segments_that_answer_of_active_clusters_are_asked() {
    for test in stores().await {
        inhabited(&test).await;
        let mut tx = test.store.read().await.unwrap();
        let expect = SegmentActive {
            cluster_id: ACTIVE.parse().unwrap(),
            ordinal: 2,
            address: store::Text("10.84.1.12".parse().unwrap()),
        };
        assert_eq!(
            tx.segment_active().await.unwrap(),
            [expect],
            "{}",
            test.engine
        );
    }
}

fn place(series: i64, step_s: i64, place: i64, at: i64) -> MetricPlace {
    MetricPlace {
        series,
        step_s,
        place,
        at,
    }
}

#[tokio::test]
async fn rows_are_written_over_read_by_time_and_emptied() {
    for test in stores().await {
        let engine = test.engine;
        inhabited(&test).await;
        let id = ACTIVE.parse().unwrap();
        let mut tx = test.store.write().await.unwrap();
        for ordinal in [1, 2] {
            tx.metric_series_add(id, ordinal).await.unwrap();
        }
        // Twice round a ring of three; another segment and another width beside it.
        for n in 0..6 {
            let data = [u8::try_from(n).unwrap()];
            let here = place(1, 60, n % 3, n * 60_000);
            tx.container_metric_put(here, &data).await.unwrap();
        }
        tx.container_metric_put(place(2, 60, 0, 240_000), b"other")
            .await
            .unwrap();
        tx.container_metric_put(place(1, 360, 0, 0), b"wide")
            .await
            .unwrap();
        tx.commit().await.unwrap();

        let mut tx = test.store.read().await.unwrap();
        assert_eq!(
            tx.container_metric_size().await.unwrap(),
            (5, 12),
            "{engine}"
        );
        let rows = tx.container_metric_since(id, 60, 200_000).await.unwrap();
        let rows: Vec<_> = rows.iter().map(|row| (row.ordinal, row.at)).collect();
        assert_eq!(rows, [(1, 240_000), (1, 300_000), (2, 240_000)], "{engine}");
        let places = tx.container_metric_places(1, 60, 0..2, 0..300_000).await;
        assert_eq!(places.unwrap(), [vec![3], vec![4]], "{engine}");
        drop(tx);

        let mut tx = test.store.write().await.unwrap();
        tx.container_metric_clear(1, 60, 0..3, 300_000)
            .await
            .unwrap();
        let rows = tx.container_metric_since(id, 60, 0).await.unwrap();
        let rows: Vec<_> = rows.iter().map(|row| (row.ordinal, row.at)).collect();
        assert_eq!(rows, [(1, 300_000), (2, 240_000)], "{engine}");
        tx.commit().await.unwrap();
        test.raw("DELETE FROM segment WHERE ordinal = 1")
            .await
            .unwrap();
        let mut tx = test.store.read().await.unwrap();
        assert_eq!(
            tx.container_metric_size().await.unwrap(),
            (1, 5),
            "{engine}"
        );
    }
}
