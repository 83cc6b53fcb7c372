"""Writes a day of use into a showcase's database, so that charts have something to draw: a picture
cannot wait for it. Rows are as crates/control/src/metric packs them: bucket.rs those of segments,
container/pack.rs those of their containers.

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


def small(value):
    """Eleven bits, and how far they are shifted."""
    value = int(value)
    shift = max(0, value.bit_length() - 11)
    return shift << 11 | value >> shift


def fnv(text):
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


# As crates/host/src/sim/guest.rs has them: a container's id begins with the hash of its name, what
# it uses comes out of that of its image.
guests = {
    1: [("web", "nginx:1.29-alpine"), ("queue", "redis:8-alpine")],
    2: [("shop-db", "postgres:18")],
    3: [("worker", "shop/worker:2.4.1")],
}


def containers(at, ordinal, step):
    """All of a segment's, by key; a minute holds one sample, wider rows lowest, mean and highest."""
    data = b"\x01" if step == 60 else b"\x02"
    for key, image in sorted((fnv(name), image) for name, image in guests[ordinal]):
        cpu, memory = 5 + fnv(image) % 30, (24 + fnv(image) % 96) * 1024
        hour = at / 3600 + key % 7
        busy = 0.55 + 0.4 * math.sin(hour * math.tau / 24 - 2) + 0.15 * math.sin(hour * 5.1)
        jitter = (at * 2654435761 + key) % 1000 / 1000
        load = max(0.04, busy + 0.25 * (jitter - 0.5) * min(1, 600 / step))
        grown = 0.8 + 0.2 * load + 0.1 * (at % 86_400) / 86_400
        spread = min(0.5, 0.15 + step / 30_000)
        rates = (37_000, 112_000, 400, 3_000)
        means = [2 * cpu * load, memory * grown] + [2 * rate * load for rate in rates]
        data += struct.pack("<Q", key)
        if step > 60:
            data += struct.pack("<B", min(255, step // 60))
        for n, mean in enumerate(means):
            wide = 0.03 if n == 1 else spread
            parts = (1,) if step == 60 else (1 - wide, 1, 1 + wide)
            data += struct.pack(f"<{len(parts)}H", *(small(mean * part) for part in parts))
    return data


for one, ordinal in series:
    for step, places in ((60, 120), (360, 240), (3_600, 168), (14_400, 180)):
        last = now // step - 1
        for n in range(last - places + 2, last + 1):
            # Somebody had stopped them for a while.
            if 9_000 < now - n * step < 14_000 and step < 3_600:
                continue
            connection.execute(
                "INSERT OR REPLACE INTO container_metric (series, step_s, place, at, data) VALUES (?, ?, ?, ?, ?)",
                (one, step, n % places, n * step * 1000, containers(n * step, ordinal, step)),
            )
    for step, places in ((60, 1_440), (600, 1_008), (3_600, 720)):
        last = now // step - 1
        for n in range(last - places + 2, last + 1):
            at = n * step
            connection.execute(
                "INSERT OR REPLACE INTO metric (series, step_s, place, at, data) VALUES (?, ?, ?, ?, ?)",
                (one, step, n % places, at * 1000, bucket(at, ordinal, step)),
            )
connection.commit()
