-- name: lock
SELECT pg_advisory_lock(hashtext('rollups'))

-- name: unlock
SELECT pg_advisory_unlock(hashtext('rollups'))

-- name: analyze
ANALYZE readings, door_events, meter_days, passage_days

-- name: stale
SELECT stale_id, hour FROM stale_hours

-- name: settle
DELETE FROM stale_hours WHERE stale_id = ANY(%(ids)s::int8[])

-- name: refresh_readings_hourly
INSERT INTO readings_hourly AS old (device_no, hour, register, last_ts, readings)
SELECT DISTINCT ON (device_no, hour) device_no, hour, register, ts, count(*) OVER (PARTITION BY device_no, hour)
FROM (
    SELECT device_no, date_trunc('hour', ts) AS hour, register, ts
    FROM readings
    WHERE ts >= %(first)s AND ts < %(end)s
) AS changed
ORDER BY device_no, hour, ts DESC
ON CONFLICT (device_no, hour) DO UPDATE SET
    register = excluded.register, last_ts = excluded.last_ts, readings = excluded.readings
WHERE (old.register, old.last_ts, old.readings) IS DISTINCT FROM (excluded.register, excluded.last_ts, excluded.readings)

-- name: refresh_passages_hourly
INSERT INTO passages_hourly AS old (device_no, hour, unit_id, person_id, stranger_id, passages)
SELECT device_no, date_trunc('hour', ts), coalesce(unit_id, ''), coalesce(person_id, ''), coalesce(stranger_id, ''), count(*)
FROM door_events
WHERE kind = 'passage' AND ts >= %(first)s AND ts < %(end)s
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (device_no, hour, unit_id, person_id, stranger_id) DO UPDATE SET passages = excluded.passages
WHERE old.passages <> excluded.passages

-- name: refresh_aggregate_readings
CALL refresh_continuous_aggregate('readings_hourly', %(first)s::timestamptz, %(end)s::timestamptz)

-- name: refresh_aggregate_passages
CALL refresh_continuous_aggregate('passages_hourly', %(first)s::timestamptz, %(end)s::timestamptz)

-- name: meters
SELECT device_no, kind, register_digits, timezone
FROM devices JOIN estates USING (estate_id)
WHERE kind <> 'door'
ORDER BY device_no

-- name: registers
SELECT device_no,
       array_agg(extract(epoch FROM last_ts)::float8 ORDER BY last_ts),
       array_agg(register ORDER BY last_ts)
FROM readings_hourly
WHERE device_no = ANY(%(device_no)s::int[]) AND hour >= %(first)s AND hour < %(end)s
GROUP BY device_no

-- name: store_meter_days
INSERT INTO meter_days AS old (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, night, evening,
                               flags)
SELECT device_no, day, nullif(use, 'NaN'), coverage, hours_known, active_hours, nullif(min_hour, 'NaN'),
       nullif(max_hour, 'NaN'), nullif(night, 'NaN'), nullif(evening, 'NaN'), flags
FROM unnest(%(device_no)s::int[], %(day)s::date[], %(use)s::float8[], %(coverage)s::float4[], %(hours_known)s::int[],
            %(active_hours)s::int[], %(min_hour)s::float8[], %(max_hour)s::float8[], %(night)s::float8[],
            %(evening)s::float8[], %(flags)s::int[])
    AS new (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, night, evening, flags)
ON CONFLICT (device_no, day) DO UPDATE SET
    use = excluded.use, coverage = excluded.coverage, hours_known = excluded.hours_known,
    active_hours = excluded.active_hours, min_hour = excluded.min_hour, max_hour = excluded.max_hour,
    night = excluded.night, evening = excluded.evening, flags = excluded.flags
WHERE (old.use, old.coverage, old.hours_known, old.active_hours, old.min_hour, old.max_hour, old.night, old.evening, old.flags)
    IS DISTINCT FROM (excluded.use, excluded.coverage, excluded.hours_known, excluded.active_hours, excluded.min_hour,
                      excluded.max_hour, excluded.night, excluded.evening, excluded.flags)

-- name: store_passage_days
-- Passages are only ever added, so the greater count is the complete one even where single passages are gone.
INSERT INTO passage_days AS old (device_no, day, unit_id, person_id, stranger_id, passages)
SELECT device_no, (hour AT TIME ZONE timezone)::date AS day, p.unit_id, person_id, stranger_id, sum(passages)
FROM passages_hourly p
JOIN devices USING (device_no)
JOIN estates USING (estate_id)
WHERE hour >= %(first)s AND hour < %(end)s
GROUP BY device_no, day, p.unit_id, person_id, stranger_id
ORDER BY device_no, day, p.unit_id, person_id, stranger_id
ON CONFLICT (device_no, day, unit_id, person_id, stranger_id) DO UPDATE
    SET passages = greatest(old.passages, excluded.passages)
WHERE old.passages < excluded.passages

-- name: store_door_days
INSERT INTO door_days (device_no, day)
SELECT DISTINCT device_no, (ts AT TIME ZONE timezone)::date
FROM door_events
JOIN devices USING (device_no)
JOIN estates USING (estate_id)
WHERE ts >= %(first)s AND ts < %(end)s
ORDER BY 1, 2
ON CONFLICT DO NOTHING

-- name: store_door_days_online
INSERT INTO door_days (device_no, day)
SELECT device_no, (now() AT TIME ZONE timezone)::date
FROM device_status
JOIN devices USING (device_no)
JOIN estates USING (estate_id)
WHERE kind = 'door' AND online
ON CONFLICT DO NOTHING

-- name: keep_readings
SELECT add_retention_policy('readings', make_interval(days => %(days)s), if_not_exists => true)

-- name: keep_passages
SELECT add_retention_policy('door_events', make_interval(days => %(days)s), if_not_exists => true),
       add_retention_policy('passages_hourly', make_interval(days => %(days)s), if_not_exists => true)

-- name: keep_nothing
SELECT remove_retention_policy('readings', if_exists => true),
       remove_retention_policy('door_events', if_exists => true),
       remove_retention_policy('passages_hourly', if_exists => true)

-- name: drop_readings
SELECT drop_partitions_before('readings', now() - make_interval(days => %(days)s))

-- name: drop_passages
SELECT drop_partitions_before('door_events', now() - make_interval(days => %(days)s))

-- name: drop_readings_hourly
DELETE FROM readings_hourly WHERE hour < now() - make_interval(days => %(days)s)

-- name: drop_passages_hourly
DELETE FROM passages_hourly WHERE hour < now() - make_interval(days => %(days)s)

-- name: drop_event_keys
DELETE FROM door_event_keys WHERE ts < now() - interval '430 days'
