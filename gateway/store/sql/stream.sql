-- name: ensure_partitions
SELECT ensure_partitions(%(first)s, %(last)s)

-- name: store_readings
WITH stored AS (
    INSERT INTO readings (device_no, ts, register, delay_ms)
    SELECT * FROM unnest(%(device_no)s::int[], %(ts)s::timestamptz[], %(register)s::float8[], %(delay_ms)s::int8[])
        AS arrived (device_no, ts, register, delay_ms)
    ORDER BY device_no, ts  -- all writers lock in one order, so none waits in a circle
    ON CONFLICT DO NOTHING
    RETURNING device_no, ts
), stale AS (
    INSERT INTO stale_hours (hour, last_hour, device_nos)
    SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), array_agg(DISTINCT device_no)
    FROM stored GROUP BY date_trunc('day', ts)
)
SELECT count(*) FROM stored

-- name: store_door_events
WITH arrived AS (
    SELECT DISTINCT ON (device_no, event_id) *
    FROM unnest(%(device_no)s::int[], %(ts)s::timestamptz[], %(event_id)s::text[], %(kind)s::text[], %(method)s::text[],
                %(direction)s::text[], %(person_id)s::text[], %(stranger_id)s::text[], %(unit_id)s::text[],
                %(similarity)s::float4[], %(received_at)s::timestamptz[])
        AS a (device_no, ts, event_id, kind, method, direction, person_id, stranger_id, unit_id, similarity, received_at)
    ORDER BY device_no, event_id, received_at
), fresh AS (
    INSERT INTO door_event_keys (device_no, event_id, ts)
    SELECT device_no, event_id, ts FROM arrived ORDER BY device_no, event_id
    ON CONFLICT DO NOTHING
    RETURNING device_no, event_id
), stored AS (
    INSERT INTO door_events (device_no, ts, event_id, kind, method, direction, person_id, stranger_id, unit_id, similarity,
                             received_at)
    SELECT device_no, ts, event_id, kind, method, direction, person_id, stranger_id, unit_id, nullif(similarity, 'NaN'),
           received_at
    FROM arrived JOIN fresh USING (device_no, event_id)
    ON CONFLICT DO NOTHING
    RETURNING device_no, ts
), stale AS (
    INSERT INTO stale_hours (hour, last_hour, device_nos)
    SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), array_agg(DISTINCT device_no)
    FROM stored GROUP BY date_trunc('day', ts)
)
SELECT count(*) FROM stored

-- name: flag_days
INSERT INTO device_day_flags (device_no, day, flag)
SELECT DISTINCT device_no, (at AT TIME ZONE timezone)::date, flag
FROM unnest(%(device_id)s::text[], %(at)s::timestamptz[], %(flag)s::int[]) AS noticed (device_id, at, flag)
JOIN devices USING (device_id)
JOIN estates USING (estate_id)
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING

-- name: store_status
-- The last word to arrive stands, whatever time it bears: a last will is written when the device connects.
INSERT INTO device_status AS old (device_no, online, firmware, status_at, received_at)
SELECT * FROM unnest(%(device_no)s::int[], %(online)s::bool[], %(firmware)s::text[], %(status_at)s::timestamptz[],
                     %(received_at)s::timestamptz[])
    AS new (device_no, online, firmware, status_at, received_at)
ORDER BY device_no
ON CONFLICT (device_no) DO UPDATE SET
    online = excluded.online,
    firmware = coalesce(excluded.firmware, old.firmware),
    status_at = excluded.status_at,
    received_at = excluded.received_at
WHERE excluded.received_at >= old.received_at

-- name: store_vitals
INSERT INTO device_status AS old (device_no, battery, rssi, received_at)
SELECT device_no, nullif(battery, 'NaN'), nullif(rssi, 'NaN'), received_at
FROM unnest(%(device_no)s::int[], %(battery)s::float4[], %(rssi)s::float4[], %(received_at)s::timestamptz[])
    AS new (device_no, battery, rssi, received_at)
ORDER BY device_no
ON CONFLICT (device_no) DO UPDATE SET
    battery = coalesce(excluded.battery, old.battery),
    rssi = coalesce(excluded.rssi, old.rssi),
    received_at = greatest(excluded.received_at, old.received_at)

-- name: store_flags
-- The newest by the device's own time stand, so that a repeat changes nothing and backfill does not undo them.
INSERT INTO device_status AS old (device_no, flags, flags_at, received_at)
SELECT device_no, string_to_array(flags, ' '), flags_at, received_at
FROM unnest(%(device_no)s::int[], %(flags)s::text[], %(flags_at)s::timestamptz[], %(received_at)s::timestamptz[])
    AS new (device_no, flags, flags_at, received_at)
ORDER BY device_no
ON CONFLICT (device_no) DO UPDATE SET
    flags = excluded.flags,
    flags_at = excluded.flags_at,
    received_at = greatest(excluded.received_at, old.received_at)
WHERE old.flags_at IS NULL OR excluded.flags_at >= old.flags_at

-- name: hold
INSERT INTO quarantine AS old (digest, topic, payload, source, reason, detail, first_at, last_at, device_id)
VALUES (%(digest)s, %(topic)s, %(payload)s, %(source)s, %(reason)s, %(detail)s, %(at)s, %(at)s, %(device_id)s)
ON CONFLICT (digest) DO UPDATE SET
    times = old.times + 1,
    last_at = greatest(old.last_at, excluded.last_at),
    reason = excluded.reason,
    detail = excluded.detail,
    device_id = excluded.device_id,
    state = 'held',
    replayed_at = NULL

-- name: count_up
-- A counter that is full begins again, as Prometheus knows counters to do; it must never stop what it counts.
INSERT INTO ingest_counters AS old (worker, name, value)
SELECT %(worker)s, * FROM unnest(%(name)s::text[], %(value)s::int8[])
ON CONFLICT (worker, name) DO UPDATE SET value = mod(old.value::numeric + excluded.value, 2::numeric ^ 63)::bigint

-- name: held_message
SELECT topic, payload, source, last_at FROM quarantine WHERE quarantine_id = %(id)s AND state = 'held' FOR UPDATE

-- name: mark_replayed
UPDATE quarantine SET state = 'replayed', replayed_at = now() WHERE quarantine_id = %(id)s

-- name: still_held
UPDATE quarantine SET reason = %(reason)s, detail = %(detail)s WHERE quarantine_id = %(id)s

-- name: memory
SELECT key, value, (extract(epoch FROM arrived_at) * 1000000)::int8 FROM codec_memory
WHERE told_at >= coalesce(%(since)s::timestamptz, '-infinity')

-- name: memory_moment
SELECT now() - interval '1 minute'

-- name: remember
INSERT INTO codec_memory AS old (key, value, told_at, arrived_at)
SELECT told.key, told.value, now(), told.arrived_at
FROM unnest(%(key)s::text[], %(value)s::bytea[], %(arrived_at)s::timestamptz[]) AS told (key, value, arrived_at)
ON CONFLICT (key) DO UPDATE
    SET value = excluded.value, told_at = excluded.told_at, arrived_at = excluded.arrived_at
    WHERE excluded.arrived_at >= old.arrived_at
