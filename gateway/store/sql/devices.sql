-- name: page
-- last_seen: what arrived fresh counts by its arrival, backfill by its own time (docs/ingestion.md, Device health).
SELECT d.device_id, d.estate_id, d.kind, d.unit_id,
       coalesce(u.building, d.building) AS building, coalesce(u.entrance, d.entrance) AS entrance, d.codec, e.timezone,
       s.online, s.firmware, s.battery, s.rssi,
       -- a word of flags stands until a newer reading, and for the days of an alarm at least
       coalesce(CASE WHEN coalesce(s.flags_at >= newest.ts, true)
                       OR s.flags_at > now() - %(alarm_days)s * interval '1 day' THEN s.flags END, '{}') AS flags,
       newest.ts AS last_device_time,
       greatest(
           CASE WHEN newest.received_at - newest.ts <= interval '1 day' THEN newest.received_at ELSE newest.ts END,
           CASE WHEN s.online THEN least(s.status_at, s.received_at) END,
           (SELECT max(q.last_at) FROM quarantine q
            WHERE q.device_id = d.device_id AND q.reason IN ('time_ahead', 'time_too_old'))) AS last_seen,
       h.interval_s, h.patience_s, coalesce(h.conditions, '{}') AS conditions, h.heard_at,
       h.device_no IS NOT NULL AS judged
FROM devices d
JOIN estates e USING (estate_id)
LEFT JOIN units u ON u.unit_id = d.unit_id
LEFT JOIN device_status s USING (device_no)
LEFT JOIN device_health h USING (device_no)
LEFT JOIN LATERAL (
    (SELECT ts, ts + delay_ms * interval '1 ms' AS received_at FROM readings r
     WHERE d.kind <> 'door' AND r.device_no = d.device_no
     ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT ts, received_at FROM door_events v WHERE d.kind = 'door' AND v.device_no = d.device_no
     ORDER BY ts DESC LIMIT 1)
) AS newest ON true
WHERE (%(estates)s::text[] IS NULL OR d.estate_id = ANY(%(estates)s::text[]))
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s::text)
  AND (%(unit_id)s::text IS NULL OR d.unit_id = %(unit_id)s::text)
  AND (%(after)s::text IS NULL OR d.device_id > %(after)s::text)
  AND (%(condition)s::text IS NULL
       OR (%(condition)s = 'any' AND h.conditions <> '{}')
       OR %(condition)s = ANY(h.conditions))
ORDER BY d.device_id
LIMIT %(limit)s

-- name: counts
-- Devices of every estate, and of them those with each condition; a null condition counts all.
SELECT estate_id, NULL AS condition, count(*) FROM devices GROUP BY estate_id
UNION ALL
SELECT d.estate_id, c.condition, count(*)
FROM device_health h JOIN devices d USING (device_no), unnest(h.conditions) AS c (condition)
GROUP BY d.estate_id, c.condition
ORDER BY 1, 2 NULLS FIRST

-- name: facts
-- What is known of every device of an estate at a moment: one probe of an index each, whatever its past.
SELECT d.device_no, d.device_id, d.kind, d.unit_id,
       coalesce(u.building, d.building) AS building, coalesce(u.entrance, d.entrance) AS entrance,
       extract(epoch FROM newest.ts)::float8 AS told_s,
       extract(epoch FROM newest.received_at)::float8 AS row_s,
       CASE WHEN newest.ts IS NULL THEN (
           SELECT extract(epoch FROM ((max(day) + 1)::timestamp AT TIME ZONE e.timezone))::float8
           FROM (SELECT max(m.day) AS day FROM meter_days m
                 WHERE m.device_no = d.device_no AND m.coverage > 0 AND m.day < %(at)s::date
                 UNION ALL
                 SELECT max(v.day) FROM door_days v WHERE v.device_no = d.device_no AND v.day < %(at)s::date) AS days)
       END AS day_s,
       -- a retained status comes again with every new subscription, so its own time counts; a last will is no word
       CASE WHEN s.online AND s.received_at <= %(at)s
            THEN extract(epoch FROM least(s.status_at, s.received_at))::float8 END AS status_s,
       CASE WHEN s.received_at <= %(at)s THEN s.online END AS online, s.battery,
       coalesce(CASE WHEN s.flags_at <= %(at)s::timestamptz + interval '10 minutes'
                      AND (coalesce(s.flags_at >= newest.ts, true)
                           OR s.flags_at > %(at)s::timestamptz - %(alarm_days)s * interval '1 day')
                     THEN s.flags END, '{}') AS flags,
       extract(epoch FROM s.flags_at)::float8 AS flags_s,
       held.times AS held, held.reason AS held_reason, held.last_s AS held_s,
       flagged.reset_day,
       alarms.tampered, alarms.forced,
       twin.first_day, twin.last_day,
       h.interval_s, h.patience_s, extract(epoch FROM h.learnt_at)::float8 AS learnt_s,
       extract(epoch FROM h.together_at)::float8 AS together_s
FROM devices d
JOIN estates e USING (estate_id)
LEFT JOIN units u ON u.unit_id = d.unit_id
LEFT JOIN device_status s USING (device_no)
LEFT JOIN device_health h USING (device_no)
LEFT JOIN LATERAL (
    (SELECT ts, ts + delay_ms * interval '1 ms' AS received_at FROM readings r
     WHERE d.kind <> 'door' AND r.device_no = d.device_no
       AND r.ts > %(at)s::timestamptz - %(reach)s::interval AND r.ts <= %(at)s
     ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT ts, received_at FROM door_events v
     WHERE d.kind = 'door' AND v.device_no = d.device_no
       AND v.ts > %(at)s::timestamptz - %(reach)s::interval AND v.ts <= %(at)s
     ORDER BY ts DESC LIMIT 1)
) AS newest ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS times, (array_agg(q.reason ORDER BY q.last_at DESC))[1] AS reason,
           extract(epoch FROM max(q.last_at))::float8 AS last_s
    FROM quarantine q
    WHERE q.device_id = d.device_id AND q.reason IN ('time_ahead', 'time_too_old') AND q.state = 'held'
      AND q.last_at > %(at)s::timestamptz - interval '2 days' AND q.last_at <= %(at)s
) AS held ON true
LEFT JOIN LATERAL (
    SELECT max(m.day) AS reset_day
    FROM meter_days m
    WHERE m.device_no = d.device_no AND m.flags & %(reset)s > 0
      AND m.day > %(at)s::date - %(reset_days)s::int AND m.day <= %(at)s::date
) AS flagged ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE v.kind = 'tamper') AS tampered,
           count(*) FILTER (WHERE v.kind = 'forced_open') AS forced
    FROM door_events v
    WHERE d.kind = 'door' AND v.device_no = d.device_no AND v.kind IN ('tamper', 'forced_open')
      AND v.ts > %(at)s::timestamptz - %(alarm_days)s * interval '1 day' AND v.ts <= %(at)s
) AS alarms ON true
LEFT JOIN LATERAL (
    SELECT min(m.day) AS first_day, max(m.day) AS last_day
    FROM meter_days m
    WHERE m.device_no = d.device_no AND m.coverage > 0
      AND EXISTS (SELECT FROM devices o
                  WHERE o.unit_id = d.unit_id AND o.kind = d.kind AND o.device_no <> d.device_no)
) AS twin ON true
WHERE d.estate_id = %(estate_id)s
ORDER BY d.device_id

-- name: words
-- The last rows of some devices: when they arrived and the time they bear. Doors speak in bursts, meters by the clock.
SELECT d.device_no, array_agg(date_part('epoch', w.received_at)), array_agg(date_part('epoch', w.ts))
FROM devices d
JOIN LATERAL (
    (SELECT ts + delay_ms * interval '1 ms' AS received_at, ts FROM readings r
     WHERE d.kind <> 'door' AND r.device_no = d.device_no
       AND r.ts > %(at)s::timestamptz - %(reach)s::interval AND r.ts <= %(at)s
     ORDER BY ts DESC LIMIT 300)
    UNION ALL
    (SELECT received_at, ts FROM door_events v
     WHERE d.kind = 'door' AND v.device_no = d.device_no
       AND v.ts > %(at)s::timestamptz - %(reach)s::interval AND v.ts <= %(at)s
     ORDER BY ts DESC LIMIT 3000)
) AS w ON true
WHERE d.device_no = ANY(%(device_no)s::int[])
GROUP BY d.device_no

-- name: store_habits
INSERT INTO device_health AS old (device_no, interval_s, patience_s, learnt_at)
SELECT device_no, nullif(interval_s, 'NaN'), nullif(patience_s, 'NaN'), %(at)s
FROM unnest(%(device_no)s::int[], %(interval_s)s::float8[], %(patience_s)s::float8[])
    AS new (device_no, interval_s, patience_s)
ON CONFLICT (device_no) DO UPDATE SET
    interval_s = coalesce(excluded.interval_s, old.interval_s),
    patience_s = coalesce(excluded.patience_s, old.patience_s),
    learnt_at = excluded.learnt_at

-- name: store_conditions
INSERT INTO device_health AS old (device_no, conditions, heard_at, together_at)
SELECT device_no, string_to_array(conditions, ' '), CASE WHEN heard_s > 0 THEN to_timestamp(heard_s) END,
       CASE WHEN together THEN %(at)s::timestamptz END
FROM unnest(%(device_no)s::int[], %(conditions)s::text[], %(heard_s)s::float8[], %(together)s::bool[])
    AS new (device_no, conditions, heard_s, together)
ON CONFLICT (device_no) DO UPDATE SET
    conditions = excluded.conditions,
    heard_at = excluded.heard_at,
    together_at = coalesce(excluded.together_at, old.together_at)
WHERE (old.conditions, old.heard_at) IS DISTINCT FROM (excluded.conditions, excluded.heard_at)
   OR excluded.together_at IS NOT NULL

-- name: stills
-- Days of the electricity meters whose last two whole days show no use at all, and of the water in the same home.
WITH still AS (
    SELECT d.device_no, d.unit_id
    FROM devices d
    WHERE d.estate_id = %(estate_id)s AND d.kind = 'electricity' AND d.unit_id IS NOT NULL
      AND (SELECT count(*) FROM meter_days m
           WHERE m.device_no = d.device_no AND m.day BETWEEN %(last)s::date - 1 AND %(last)s::date
             AND m.use = 0 AND m.coverage >= %(whole)s) = 2
)
SELECT s.device_no, m.day - %(first)s::date, m.use, m.coverage, w.water_l, w.water_hours
FROM still s
JOIN meter_days m ON m.device_no = s.device_no AND m.day BETWEEN %(first)s AND %(last)s
LEFT JOIN LATERAL (
    SELECT sum(x.use) AS water_l, max(x.active_hours) FILTER (WHERE x.hours_known >= 20) AS water_hours
    FROM devices o JOIN meter_days x ON x.device_no = o.device_no AND x.day = m.day
    WHERE o.unit_id = s.unit_id AND o.kind = 'water' AND x.coverage > 0
) AS w ON true
