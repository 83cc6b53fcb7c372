"""Writes a day of use into a showcase's database, so that charts have something to draw: a picture
cannot wait for it. Rows are as crates/control/src/metric/bucket.rs packs them.

history.py DATABASE CLUSTER
"""
import math
import sqlite3
import struct
import sys
import time

database, cluster = sys.argv[1:]
connection = sqlite3.connect(database, timeout=10)
series = connection.execute(
    "SELECT id, ordinal FROM metric_series WHERE cluster_id = ?", (cluster,)
).fetchall()
if not series:
    sys.exit("nothing was measured yet")
now = int(time.time())


def bucket(at, ordinal, step):
    """CPU, memory, network in and out, disk in use, read, written: lowest, mean, highest."""
    hour = at / 3600 + ordinal
    busy = 0.45 + 0.35 * math.sin(hour * math.tau / 24 - 2) + 0.12 * math.sin(hour * 5.1)
    jitter = (at * 2654435761 + ordinal * 97) % 1000 / 1000
    load = max(0.05, busy + 0.1 * (jitter - 0.5))
    spread = 0.25 + step / 7200
    means = [
        60 * load / ordinal ** 0.5,
        (180 + 420 / ordinal + 160 * load) * 1024,
        240_000 * load / ordinal,
        610_000 * load / ordinal,
        (2.1 + 0.7 * ordinal) * 1024 * 1024 + (at - now) * 0.5,
        9_000 * load,
        48_000 * load,
    ]
    data = struct.pack("<H", 6)
    for n, mean in enumerate(means):
        wide = 0.02 if n in (1, 4) else spread
        data += struct.pack("<III", int(mean * (1 - wide)), int(mean), int(mean * (1 + wide)))
    return data


for one, ordinal in series:
    for step, places in ((60, 1_440), (600, 1_008), (3_600, 720)):
        last = now // step - 1
        for n in range(last - places + 2, last + 1):
            at = n * step
            connection.execute(
                "INSERT OR REPLACE INTO metric (series, step_s, place, at, data) VALUES (?, ?, ?, ?, ?)",
                (one, step, n % places, at * 1000, bucket(at, ordinal, step)),
            )
connection.commit()
