-- name: lock
SELECT pg_advisory_lock(hashtext('history'))

-- name: unlock
SELECT pg_advisory_unlock(hashtext('history'))

-- name: stored_among
-- Times of readings that lie between the block's own of a device. A block is dense, so there are hardly others.
WITH there AS (
    SELECT r.device_no, r.ts
    FROM unnest(%(device_no)s::int[], %(first)s::timestamptz[], %(last)s::timestamptz[]) AS block (device_no, first, last)
    CROSS JOIN LATERAL (
        SELECT device_no, ts FROM readings
        WHERE device_no = block.device_no AND ts BETWEEN first AND last AND ts BETWEEN %(least)s AND %(most)s
    ) AS r
    LIMIT %(limit)s
)
SELECT device_no, string_agg(timestamptz_send(ts), '') FROM there GROUP BY device_no

-- name: copy_readings
COPY readings (device_no, ts, register, delay_ms) FROM STDIN (FORMAT binary)

-- name: note
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(first)), date_trunc('hour', max(last)), array_agg(device_no ORDER BY device_no)
FROM unnest(%(device_no)s::int[], %(first)s::timestamptz[], %(last)s::timestamptz[]) AS touched (device_no, first, last)
GROUP BY date_trunc('day', first)

-- name: progress
SELECT read_bytes, read_lines, digest, stored, duplicate, quarantined FROM history_files WHERE head = %(head)s

-- name: store_progress
INSERT INTO history_files (head, name, read_bytes, read_lines, digest, stored, duplicate, quarantined, written_at)
VALUES (%(head)s, %(name)s, %(read_bytes)s, %(read_lines)s, %(digest)s, %(stored)s, %(duplicate)s, %(quarantined)s, now())
ON CONFLICT (head) DO UPDATE SET
    name = excluded.name, read_bytes = excluded.read_bytes, read_lines = excluded.read_lines, digest = excluded.digest,
    stored = excluded.stored, duplicate = excluded.duplicate, quarantined = excluded.quarantined,
    written_at = excluded.written_at

-- name: forget_progress
DELETE FROM history_files WHERE head = ANY(%(heads)s) OR written_at < now() - interval '90 days'
