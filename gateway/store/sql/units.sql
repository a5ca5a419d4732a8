-- name: estates
SELECT e.estate_id, e.name, e.timezone,
       (SELECT count(*) FROM units u WHERE u.estate_id = e.estate_id) AS units,
       (SELECT count(*) FROM alerts a
        WHERE a.estate_id = e.estate_id AND a.state NOT IN ('dismissed', 'resolved')) AS live_alerts
FROM estates e
WHERE (%(after)s::text IS NULL OR e.estate_id > %(after)s::text)
  AND (%(estates)s::text[] IS NULL OR e.estate_id = ANY(%(estates)s::text[]))
ORDER BY e.estate_id
LIMIT %(limit)s

-- name: page
SELECT u.*, e.timezone,
       coalesce(s.state, 'unknown') AS state, s.since AS state_since, s.as_of,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', c.kind, 'probability', c.probability,
                                                     'not_ready', c.not_ready) ORDER BY c.kind)
                 FROM unit_scores c WHERE c.unit_id = u.unit_id), '[]') AS scores,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.alert_id, 'kind', a.kind, 'level', a.level,
                                                     'state', a.state) ORDER BY a.alert_id)
                 FROM alerts a
                 WHERE a.unit_id = u.unit_id AND a.state NOT IN ('dismissed', 'resolved')), '[]') AS alerts
FROM units u
JOIN estates e USING (estate_id)
LEFT JOIN unit_states s USING (unit_id)
WHERE (%(estates)s::text[] IS NULL OR u.estate_id = ANY(%(estates)s::text[]))
  AND (%(building)s::text IS NULL OR u.building = %(building)s::text)
  AND (%(unit_id)s::text IS NULL OR u.unit_id = %(unit_id)s::text)
  AND (%(after)s::text IS NULL OR u.unit_id > %(after)s::text)
ORDER BY u.unit_id
LIMIT %(limit)s

-- name: household
SELECT household_id, size, lease_start, lease_end, category, care
FROM households
WHERE unit_id = %(unit_id)s
ORDER BY coalesce(lease_end, 'infinity') DESC, coalesce(lease_start, '-infinity') DESC, household_id
LIMIT 1

-- name: devices
SELECT device_id, kind FROM devices WHERE unit_id = %(unit_id)s ORDER BY device_id

-- name: timeline
WITH days AS (
    SELECT day::date AS day FROM generate_series(%(start)s::date::timestamp, %(end)s::date, interval '1 day') AS day
), passages AS (
    SELECT day,
           sum(passages) FILTER (WHERE class = 'registered') AS registered,
           sum(passages) FILTER (WHERE class = 'visitor') AS visitor,
           sum(passages) FILTER (WHERE class = 'stranger') AS stranger,
           sum(passages) FILTER (WHERE class = 'unidentified') AS unidentified
    FROM daily_passages
    WHERE unit_id = %(unit_id)s AND day BETWEEN %(start)s AND %(end)s
      AND device_no = ANY(ARRAY(SELECT d.device_no FROM devices d JOIN units u USING (estate_id)
                                WHERE u.unit_id = %(unit_id)s AND d.kind = 'door'))
    GROUP BY day
), doors AS (
    SELECT DISTINCT d.day FROM door_days d JOIN unit_doors u USING (device_no)
    WHERE u.unit_id = %(unit_id)s AND d.day BETWEEN %(start)s AND %(end)s
), flags AS (
    SELECT day,
           coalesce(bit_or(flag) FILTER (WHERE kind = 'water'), 0) AS water,
           coalesce(bit_or(flag) FILTER (WHERE kind = 'electricity'), 0) AS electricity,
           coalesce(bit_or(flag) FILTER (WHERE kind = 'door'), 0) AS door,
           max(active_hours) FILTER (WHERE kind = 'water' AND hours_known >= 20) AS water_hours
    FROM (
        SELECT device_no, day, flags AS flag, active_hours, hours_known FROM meter_days
        UNION ALL
        SELECT device_no, day, flag, NULL, NULL FROM device_day_flags
    ) AS noticed
    JOIN devices USING (device_no)
    WHERE day BETWEEN %(start)s AND %(end)s
      AND device_no = ANY(ARRAY(SELECT d.device_no FROM devices d WHERE d.unit_id = %(unit_id)s
                                UNION SELECT w.device_no FROM unit_doors w WHERE w.unit_id = %(unit_id)s))
    GROUP BY day
)
SELECT days.day,
       u.water_l,
       u.electricity_kwh,
       coalesce(u.water_coverage, 0) AS water_coverage,
       coalesce(u.electricity_coverage, 0) AS electricity_coverage,
       coalesce(f.water, 0) AS water_flags,
       coalesce(f.electricity, 0) AS electricity_flags,
       coalesce(f.door, 0) AS door_flags,
       f.water_hours,
       doors.day IS NOT NULL AS door_spoke,
       coalesce(p.registered, 0) AS registered,
       coalesce(p.visitor, 0) AS visitor,
       coalesce(p.stranger, 0) AS stranger,
       coalesce(p.unidentified, 0) AS unidentified
FROM days
LEFT JOIN daily_use u ON u.unit_id = %(unit_id)s AND u.day = days.day
    AND u.day BETWEEN %(start)s AND %(end)s
LEFT JOIN passages p ON p.day = days.day
LEFT JOIN doors ON doors.day = days.day
LEFT JOIN flags f ON f.day = days.day
ORDER BY days.day

-- name: hours
SELECT u.unit_id, 'passages' AS source,
       extract(hour FROM p.hour AT TIME ZONE e.timezone)::integer AS hour,
       sum(p.passages)::double precision AS amount
FROM passages_hourly p
JOIN devices d USING (device_no)
LEFT JOIN persons w ON w.person_id = nullif(p.person_id, '')
LEFT JOIN households h ON h.household_id = w.household_id
JOIN units u ON u.unit_id = coalesce(nullif(p.unit_id, ''), d.unit_id, h.unit_id)
JOIN estates e ON e.estate_id = u.estate_id
WHERE u.unit_id = ANY(%(unit_ids)s::text[]) AND p.hour >= %(start)s AND p.hour < %(end)s
  AND p.device_no = ANY(ARRAY(
      SELECT b.device_no FROM devices b
      WHERE b.kind = 'door'
        AND b.estate_id IN (SELECT estate_id FROM units WHERE unit_id = ANY(%(unit_ids)s::text[]))))
GROUP BY 1, 3
UNION ALL
SELECT unit_id, 'electricity', extract(hour FROM hour AT TIME ZONE timezone)::integer, avg(used)
FROM (
    SELECT d.unit_id, e.timezone, r.hour,
           r.register - lag(r.register) OVER (PARTITION BY r.device_no ORDER BY r.hour) AS used,
           r.hour - lag(r.hour) OVER (PARTITION BY r.device_no ORDER BY r.hour) AS gap
    FROM readings_hourly r
    JOIN devices d USING (device_no)
    JOIN estates e ON e.estate_id = d.estate_id
    WHERE d.kind = 'electricity' AND d.unit_id = ANY(%(unit_ids)s::text[])
      AND r.hour >= %(start)s AND r.hour < %(end)s
) AS steps
WHERE gap = interval '1 hour' AND used >= 0
GROUP BY 1, 3
