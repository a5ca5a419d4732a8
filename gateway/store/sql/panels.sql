-- name: units
SELECT unit_id, tenure FROM units WHERE estate_id = %(estate_id)s ORDER BY unit_id

-- name: first_day
SELECT least(
    (SELECT min(m.day) FROM meter_days m JOIN devices d USING (device_no) WHERE d.estate_id = %(estate_id)s),
    (SELECT min(v.day) FROM door_days v JOIN devices d USING (device_no) WHERE d.estate_id = %(estate_id)s))

-- name: latest_day
WITH heard AS (
    SELECT m.day FROM meter_days m JOIN devices d USING (device_no)
    WHERE d.estate_id = %(estate_id)s AND m.coverage >= 0.5 AND m.day <= %(last)s
    UNION ALL
    SELECT v.day FROM door_days v JOIN devices d USING (device_no)
    WHERE d.estate_id = %(estate_id)s AND v.day <= %(last)s
), counted AS (
    SELECT day, count(*) AS devices FROM heard WHERE day > (SELECT max(day) FROM heard) - 60 GROUP BY day
)
SELECT max(day) FROM counted WHERE devices >= 0.5 * (SELECT max(devices) FROM counted)

-- name: use
SELECT u.position - 1, d.day - %(first)s::date,
       d.water_l, d.water_coverage, d.electricity_kwh, d.electricity_coverage
FROM daily_use d
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE d.unit_id = ANY(%(unit_ids)s::text[]) AND d.day BETWEEN %(first)s AND %(last)s

-- name: hours
SELECT u.position - 1, m.day - %(first)s::date,
       min(m.hours_known),
       CASE WHEN min(m.hours_known) > 0 THEN max(m.active_hours) END,
       CASE WHEN bool_and(m.min_hour IS NOT NULL) THEN sum(m.min_hour) END,
       CASE WHEN bool_and(m.max_hour IS NOT NULL) THEN sum(m.max_hour) END,
       CASE WHEN bool_and(m.evening IS NOT NULL) THEN sum(m.evening) END
FROM meter_days m
JOIN devices d USING (device_no)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE d.kind = %(kind)s AND m.day BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2

-- name: doors
SELECT DISTINCT u.position - 1, v.day - %(first)s::date
FROM door_days v
JOIN unit_doors w USING (device_no)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE v.day BETWEEN %(first)s AND %(last)s

-- name: passages
SELECT u.position - 1, p.day - %(first)s::date,
       coalesce(sum(p.passages) FILTER (WHERE p.class = 'registered'), 0),
       count(DISTINCT p.person_id) FILTER (WHERE p.class = 'registered'),
       coalesce(sum(p.passages) FILTER (WHERE p.class = 'visitor'), 0),
       coalesce(sum(p.passages) FILTER (WHERE p.class = 'stranger'), 0),
       count(DISTINCT coalesce(nullif(p.stranger_id, ''), p.person_id)) FILTER (WHERE p.class = 'stranger'),
       coalesce(sum(p.passages) FILTER (WHERE p.class = 'unidentified'), 0)
FROM daily_passages p
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE p.day BETWEEN %(first)s AND %(last)s
  AND p.device_no = ANY(ARRAY(SELECT device_no FROM devices WHERE estate_id = %(estate_id)s AND kind = 'door'))
GROUP BY 1, 2

-- name: returning
WITH seen AS (
    SELECT DISTINCT u.position, p.day, coalesce(nullif(p.stranger_id, ''), p.person_id) AS who
    FROM daily_passages p
    JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
    WHERE p.class = 'stranger' AND p.day BETWEEN %(first)s::date - 28 AND %(last)s
      AND p.device_no = ANY(ARRAY(SELECT device_no FROM devices WHERE estate_id = %(estate_id)s AND kind = 'door'))
), steps AS (
    SELECT position, day, day - lag(day) OVER (PARTITION BY position, who ORDER BY day) AS since FROM seen
)
SELECT position - 1, day - %(first)s::date, count(*)
FROM steps
WHERE since <= 28 AND day >= %(first)s
GROUP BY 1, 2

-- name: leases
SELECT u.position - 1, h.lease_start, h.lease_end, h.size, h.care = 'lone_elder'
FROM households h
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
ORDER BY coalesce(h.lease_start, '-infinity'), coalesce(h.lease_end, 'infinity'), h.household_id

-- name: enrolled
SELECT u.position - 1, greatest(p.valid_from, h.lease_start), least(p.valid_to, h.lease_end)
FROM persons p
JOIN households h USING (household_id)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE p.role IN ('tenant', 'member') AND p.face_enrolled

-- name: absences
SELECT u.position - 1, a."start", a."end"
FROM absences a
JOIN households h USING (household_id)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
