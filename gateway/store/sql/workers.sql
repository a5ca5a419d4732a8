-- name: beat
INSERT INTO workers (worker, pid, started_at, seen_at, connected)
VALUES (%(worker)s, %(pid)s, %(started_at)s, now(), %(connected)s)
ON CONFLICT (worker) DO UPDATE SET
    pid = excluded.pid, started_at = excluded.started_at, seen_at = now(),
    connected = excluded.connected

-- name: forget
DELETE FROM workers WHERE worker = %(worker)s AND pid = %(pid)s

-- name: all
SELECT worker, connected, extract(epoch FROM now() - seen_at)::double precision AS silent_s FROM workers ORDER BY worker

-- name: counters
SELECT name, sum(value)::bigint FROM ingest_counters GROUP BY name ORDER BY name

-- name: rollup_lag
SELECT coalesce(greatest(extract(epoch FROM now() - min(hour)), 0), 0)::double precision FROM stale_hours
