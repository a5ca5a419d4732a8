-- name: beat
INSERT INTO workers AS old (worker, pid, started_at, seen_at, connected, since, queued, redelivered, broker_reconnects,
                            database_reconnects)
VALUES (%(worker)s, %(pid)s, %(started_at)s, now(), %(connected)s, now(), %(queued)s, %(redelivered)s,
        %(broker_reconnects)s, %(database_reconnects)s)
ON CONFLICT (worker) DO UPDATE SET
    pid = excluded.pid, started_at = excluded.started_at, seen_at = now(), connected = excluded.connected,
    since = CASE WHEN old.connected = excluded.connected THEN old.since ELSE now() END,
    queued = excluded.queued, redelivered = excluded.redelivered,
    broker_reconnects = excluded.broker_reconnects, database_reconnects = excluded.database_reconnects

-- name: listen
-- The present stretch grows; after a pause that devices would notice a new one begins.
WITH grown AS (
    UPDATE listening SET ended = greatest(ended, now())
    WHERE began = (SELECT max(began) FROM listening) AND ended > now() - %(pause)s
    RETURNING began
)
INSERT INTO listening (began, ended) SELECT now(), now() WHERE NOT EXISTS (SELECT FROM grown) ON CONFLICT DO NOTHING

-- name: stretches
SELECT began, ended FROM listening ORDER BY began

-- name: forget
DELETE FROM workers WHERE worker = %(worker)s AND pid = %(pid)s

-- name: all
SELECT worker, connected, extract(epoch FROM now() - seen_at)::double precision AS silent_s,
       extract(epoch FROM now() - since)::double precision AS since_s,
       queued, redelivered, broker_reconnects, database_reconnects
FROM workers
ORDER BY worker

-- name: counters
SELECT name, mod(sum(value), 2::numeric ^ 63)::bigint FROM ingest_counters GROUP BY name ORDER BY name

-- name: rollup_lag
SELECT coalesce(greatest(extract(epoch FROM now() - min(hour)), 0), 0)::double precision FROM stale_hours
