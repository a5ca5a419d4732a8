-- name: lock
SELECT pg_advisory_lock(hashtext('rollups'))

-- name: unlock
SELECT pg_advisory_unlock(hashtext('rollups'))

-- name: analyze
ANALYZE readings, door_events, meter_days, passage_days

-- name: notes
SELECT stale_id FROM stale_hours

-- name: settle
DELETE FROM stale_hours WHERE stale_id = ANY(%(ids)s::int8[])

-- name: note_everything
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM readings GROUP BY device_no
UNION ALL
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM door_events GROUP BY device_no

-- name: stretches
-- What lies within a day of each other is one stretch.
WITH noted AS (
    SELECT device_no, hour AS first, coalesce(last_hour, hour) AS last
    FROM stale_hours, unnest(device_nos) AS device_no
    WHERE stale_id = ANY(%(ids)s::int8[])
    UNION ALL
    SELECT device_no, hour, coalesce(last_hour, hour)
    FROM stale_hours, devices
    WHERE stale_id = ANY(%(ids)s::int8[]) AND device_nos IS NULL
), begun AS (
    SELECT *, first > max(last) OVER (
        PARTITION BY device_no ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) + interval '1 day' AS anew
    FROM noted
), numbered AS (
    SELECT *, count(*) FILTER (WHERE anew) OVER (PARTITION BY device_no ORDER BY first, last ROWS UNBOUNDED PRECEDING) AS number
    FROM begun
)
SELECT device_no, kind, register_digits, timezone, min(first) AS first, max(last) + interval '1 hour'
FROM numbered
JOIN devices USING (device_no)
JOIN estates USING (estate_id)
GROUP BY device_no, kind, register_digits, timezone, number
ORDER BY first, device_no

-- Each stretch reads its own rows by their index (LATERAL, and OFFSET 0 so that it stays so). As a plain join the planner
-- chooses, and statistics never know the rows that came last: it expects one, and goes through all stretches for each
-- of the millions there are.

-- name: refresh_readings_hourly
-- Nobody else writes here (the refresh holds a lock), so new rows are plainly inserted, and rows that stand as they
-- should are not touched: ON CONFLICT would take twice the time for the first and lock each of the others.
WITH now AS MATERIALIZED (
    SELECT device_no, hour, now.register, now.last_ts, now.readings, stood.last_ts IS NOT NULL AS stood
    FROM (
        SELECT device_no, date_trunc('hour', ts) AS hour, (array_agg(register ORDER BY ts DESC))[1] AS register,
               max(ts) AS last_ts, count(*) AS readings
        FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[], %(ends)s::timestamptz[])
            AS changed (device_no, first, until)
        CROSS JOIN LATERAL (
            SELECT ts, register FROM readings r
            WHERE r.device_no = changed.device_no AND ts >= first AND ts < until AND ts >= %(least)s AND ts < %(most)s
            OFFSET 0
        ) AS read
        GROUP BY 1, 2
    ) AS now
    LEFT JOIN LATERAL (
        SELECT register, last_ts, readings FROM readings_hourly h
        WHERE h.device_no = now.device_no AND h.hour = now.hour
        OFFSET 0
    ) AS stood ON true
    WHERE (now.register, now.last_ts, now.readings) IS DISTINCT FROM (stood.register, stood.last_ts, stood.readings)
), moved AS (
    UPDATE readings_hourly AS old SET register = now.register, last_ts = now.last_ts, readings = now.readings
    FROM now
    WHERE stood AND old.device_no = now.device_no AND old.hour = now.hour
)
INSERT INTO readings_hourly (device_no, hour, register, last_ts, readings)
SELECT device_no, hour, register, last_ts, readings FROM now WHERE NOT stood

-- name: refresh_passages_hourly
INSERT INTO passages_hourly AS old (device_no, hour, unit_id, person_id, stranger_id, passages, faces)
SELECT device_no, date_trunc('hour', ts), coalesce(unit_id, ''), coalesce(person_id, ''), coalesce(stranger_id, ''), count(*),
       count(*) FILTER (WHERE method = 'face')
FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[], %(ends)s::timestamptz[])
    AS changed (device_no, first, until)
CROSS JOIN LATERAL (
    SELECT ts, unit_id, person_id, stranger_id, method FROM door_events e
    WHERE e.device_no = changed.device_no AND kind = 'passage'
      AND ts >= first AND ts < until AND ts >= %(least)s AND ts < %(most)s
    OFFSET 0
) AS passed
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (device_no, hour, unit_id, person_id, stranger_id) DO UPDATE
    SET passages = excluded.passages, faces = excluded.faces
WHERE (old.passages, old.faces) IS DISTINCT FROM (excluded.passages, excluded.faces)

-- name: refresh_without_limit
-- An hour that comes late takes its week of all devices out of the columnstore; before 2.21 TimescaleDB stops at 100,000 rows.
SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0

-- name: refresh_aggregate_readings
CALL refresh_continuous_aggregate('readings_hourly', %(first)s::timestamptz, %(end)s::timestamptz)

-- name: refresh_aggregate_passages
CALL refresh_continuous_aggregate('passages_hourly', %(first)s::timestamptz, %(end)s::timestamptz)

-- name: registers
-- The bounds of all stretches stand beside each one's own: they tell partitions and chunks that are not needed.
SELECT (at - 1)::int,
       array_agg(date_part('epoch', last_ts) ORDER BY hour),
       array_agg(register ORDER BY hour)
FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY AS around (device_no, first, until, at)
CROSS JOIN LATERAL (
    SELECT hour, last_ts, register FROM readings_hourly h
    WHERE h.device_no = around.device_no AND hour >= first AND hour < until AND hour >= %(least)s AND hour < %(most)s
    OFFSET 0
) AS stood
GROUP BY at

-- name: registers_before
SELECT (at - 1)::int, array_agg(date_part('epoch', last_ts) ORDER BY hour), array_agg(register ORDER BY hour)
FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[]) WITH ORDINALITY AS around (device_no, first, at)
CROSS JOIN LATERAL (
    SELECT hour, last_ts, register FROM readings_hourly h
    WHERE h.device_no = around.device_no AND h.hour < around.first - %(near)s::interval
    ORDER BY hour DESC LIMIT %(beside)s
) AS beside
GROUP BY at

-- name: registers_after
SELECT (at - 1)::int, array_agg(date_part('epoch', last_ts) ORDER BY hour), array_agg(register ORDER BY hour)
FROM unnest(%(device_no)s::int[], %(ends)s::timestamptz[]) WITH ORDINALITY AS around (device_no, until, at)
CROSS JOIN LATERAL (
    SELECT hour, last_ts, register FROM readings_hourly h
    WHERE h.device_no = around.device_no AND h.hour >= around.until + %(near)s::interval
    ORDER BY hour LIMIT %(beside)s
) AS beside
GROUP BY at

-- name: store_meter_days
INSERT INTO meter_days AS old (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, least_flow,
                               night, morning, evening, roughness, peak_hour, rhythm_cos, rhythm_sin, rhythm_cos2,
                               rhythm_sin2, flags, service_from, service_to)
SELECT device_no, day, nullif(use, 'NaN'), coverage, hours_known, active_hours, nullif(min_hour, 'NaN'),
       nullif(max_hour, 'NaN'), nullif(least_flow, 'NaN'), nullif(night, 'NaN'), nullif(morning, 'NaN'),
       nullif(evening, 'NaN'), nullif(roughness, 'NaN'), nullif(peak_hour, 'NaN'), nullif(rhythm_cos, 'NaN'),
       nullif(rhythm_sin, 'NaN'), nullif(rhythm_cos2, 'NaN'), nullif(rhythm_sin2, 'NaN'), flags, service_from,
       service_to
FROM unnest(%(device_no)s::int[], %(day)s::date[], %(use)s::float8[], %(coverage)s::float4[], %(hours_known)s::int[],
            %(active_hours)s::int[], %(min_hour)s::float8[], %(max_hour)s::float8[], %(least_flow)s::float8[],
            %(night)s::float8[], %(morning)s::float8[], %(evening)s::float8[], %(roughness)s::float8[],
            %(peak_hour)s::float8[],
            %(rhythm_cos)s::float4[], %(rhythm_sin)s::float4[], %(rhythm_cos2)s::float4[], %(rhythm_sin2)s::float4[],
            %(flags)s::int[], %(service_from)s::float4[], %(service_to)s::float4[])
    AS new (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, least_flow, night, morning,
            evening, roughness, peak_hour, rhythm_cos, rhythm_sin, rhythm_cos2, rhythm_sin2, flags, service_from,
            service_to)
ON CONFLICT (device_no, day) DO UPDATE SET
    use = excluded.use, coverage = excluded.coverage, hours_known = excluded.hours_known,
    active_hours = excluded.active_hours, min_hour = excluded.min_hour, max_hour = excluded.max_hour,
    least_flow = excluded.least_flow, night = excluded.night, morning = excluded.morning,
    evening = excluded.evening, roughness = excluded.roughness, peak_hour = excluded.peak_hour,
    rhythm_cos = excluded.rhythm_cos, rhythm_sin = excluded.rhythm_sin, rhythm_cos2 = excluded.rhythm_cos2,
    rhythm_sin2 = excluded.rhythm_sin2, flags = excluded.flags, service_from = excluded.service_from, service_to = excluded.service_to
WHERE (old.use, old.coverage, old.hours_known, old.active_hours, old.min_hour, old.max_hour, old.least_flow,
       old.night, old.morning, old.evening, old.roughness, old.peak_hour, old.rhythm_cos, old.rhythm_sin,
       old.rhythm_cos2, old.rhythm_sin2, old.flags, old.service_from, old.service_to)
    IS DISTINCT FROM (excluded.use, excluded.coverage, excluded.hours_known, excluded.active_hours, excluded.min_hour,
                      excluded.max_hour, excluded.least_flow, excluded.night, excluded.morning, excluded.evening,
                      excluded.roughness, excluded.peak_hour, excluded.rhythm_cos, excluded.rhythm_sin,
                      excluded.rhythm_cos2, excluded.rhythm_sin2, excluded.flags, excluded.service_from,
                      excluded.service_to)

-- name: store_passage_days
-- Passages are only ever added, so the greater count is the complete one even where single passages are gone; only its
-- faces are known to be all.
WITH days AS (
    SELECT DISTINCT device_no, timezone, day::date AS day
    FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[], %(ends)s::timestamptz[])
        AS changed (device_no, first, until)
    JOIN devices USING (device_no)
    JOIN estates USING (estate_id),
    generate_series((first AT TIME ZONE timezone)::date::timestamp, until AT TIME ZONE timezone, interval '1 day') AS day
)
INSERT INTO passage_days AS old (device_no, day, unit_id, person_id, stranger_id, passages, faces)
SELECT device_no, day, unit_id, person_id, stranger_id, sum(passages), sum(faces)
FROM days
CROSS JOIN LATERAL (
    SELECT unit_id, person_id, stranger_id, passages, faces FROM passages_hourly h
    WHERE h.device_no = days.device_no
      AND hour >= day::timestamp AT TIME ZONE timezone AND hour < (day + 1)::timestamp AT TIME ZONE timezone
      AND hour >= %(least)s::timestamptz - interval '2 days' AND hour < %(most)s::timestamptz + interval '2 days'
    OFFSET 0
) AS passed
GROUP BY device_no, day, unit_id, person_id, stranger_id
ORDER BY device_no, day, unit_id, person_id, stranger_id
ON CONFLICT (device_no, day, unit_id, person_id, stranger_id) DO UPDATE
    SET passages = excluded.passages, faces = excluded.faces
WHERE (old.passages, coalesce(old.faces, -1)) < (excluded.passages, excluded.faces)

-- name: store_door_days
INSERT INTO door_days (device_no, day)
SELECT DISTINCT device_no, (ts AT TIME ZONE timezone)::date
FROM unnest(%(device_no)s::int[], %(firsts)s::timestamptz[], %(ends)s::timestamptz[])
    AS changed (device_no, first, until)
JOIN devices USING (device_no)
JOIN estates USING (estate_id)
CROSS JOIN LATERAL (
    SELECT ts FROM door_events e
    WHERE e.device_no = changed.device_no AND ts >= first AND ts < until AND ts >= %(least)s AND ts < %(most)s
    OFFSET 0
) AS seen
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
SELECT add_retention_policy('readings', make_interval(days => %(days)s), if_not_exists => true),
       add_retention_policy('readings_hourly', make_interval(days => %(days)s), if_not_exists => true)

-- name: keep_passages
SELECT add_retention_policy('door_events', make_interval(days => %(days)s), if_not_exists => true),
       add_retention_policy('passages_hourly', make_interval(days => %(days)s), if_not_exists => true)

-- name: keep_nothing
SELECT remove_retention_policy('readings', if_exists => true),
       remove_retention_policy('readings_hourly', if_exists => true),
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

-- name: drop_attributions
-- A panel looks back a year and four weeks; longer than that nobody needs to know whose visitor a face was.
WITH old AS (DELETE FROM stranger_units WHERE week_end < current_date - 430)
DELETE FROM stranger_weeks WHERE week_end < current_date - 430

-- name: drop_looks
DELETE FROM access_log WHERE at < now() - make_interval(days => %(days)s)
