-- name: units
SELECT unit_id, tenure FROM units WHERE estate_id = %(estate_id)s ORDER BY unit_id

-- name: first_day
-- Each device's first day by its index.
SELECT min(first.day)
FROM devices d CROSS JOIN LATERAL (
    (SELECT m.day FROM meter_days m WHERE m.device_no = d.device_no ORDER BY m.day LIMIT 1)
    UNION ALL
    (SELECT v.day FROM door_days v WHERE v.device_no = d.device_no ORDER BY v.day LIMIT 1)
) AS first
WHERE d.estate_id = %(estate_id)s

-- name: latest_day
-- Where half of all devices spoke on the newest day, no other day needs counting.
WITH own AS MATERIALIZED (
    SELECT device_no FROM devices WHERE estate_id = %(estate_id)s
), newest AS MATERIALIZED (
    SELECT newest.day
    FROM own CROSS JOIN LATERAL (
        (SELECT m.day FROM meter_days m
         WHERE m.device_no = own.device_no AND m.coverage >= 0.5 AND m.day <= %(last)s ORDER BY m.day DESC LIMIT 1)
        UNION ALL
        (SELECT v.day FROM door_days v WHERE v.device_no = own.device_no AND v.day <= %(last)s ORDER BY v.day DESC LIMIT 1)
    ) AS newest
), heard AS (
    SELECT m.day FROM meter_days m
    WHERE m.device_no = ANY(ARRAY(SELECT device_no FROM own)) AND m.coverage >= 0.5 AND m.day <= %(last)s
      AND m.day > (SELECT max(day) FROM newest) - 60
    UNION ALL
    SELECT v.day FROM door_days v
    WHERE v.device_no = ANY(ARRAY(SELECT device_no FROM own)) AND v.day <= %(last)s
      AND v.day > (SELECT max(day) FROM newest) - 60
), counted AS (
    SELECT day, count(*) AS devices FROM heard GROUP BY day
)
SELECT CASE
    WHEN (SELECT count(*) FROM newest WHERE day = (SELECT max(day) FROM newest)) >= 0.5 * (SELECT count(*) FROM own)
        THEN (SELECT max(day) FROM newest)
    ELSE (SELECT max(day) FROM counted WHERE devices >= 0.5 * (SELECT max(devices) FROM counted))
END

-- name: meters
SELECT coalesce(array_agg(d.device_no), '{}'), coalesce(array_agg((u.position - 1)::int), '{}')
FROM devices d
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE d.estate_id = %(estate_id)s AND d.kind = %(kind)s

-- name: meter_days
-- A column an array, NaN where there is no figure. After meter and day stand the figures of `METER_FIGURES`.
-- The meters are named, so that the pages they share are read once, in their order.
SELECT array_agg(device_no), array_agg(day - %(first)s::date),
       array_agg(coalesce(use, 'NaN')::real),
       array_agg(coverage),
       array_agg(hours_known::real),
       array_agg(active_hours::real),
       array_agg(coalesce(min_hour, 'NaN')::real),
       array_agg(coalesce(max_hour, 'NaN')::real),
       array_agg(coalesce(least_flow, min_hour, 'NaN')::real),
       array_agg(coalesce(evening, 'NaN')::real),
       array_agg(coalesce(morning, 'NaN')::real),
       array_agg(coalesce(roughness, 'NaN')::real),
       array_agg(coalesce(peak_hour::real, 'NaN')),
       array_agg(coalesce(rhythm_cos, 'NaN')),
       array_agg(coalesce(rhythm_sin, 'NaN')),
       array_agg(coalesce(rhythm_cos2, 'NaN')),
       array_agg(coalesce(rhythm_sin2, 'NaN')),
       array_agg(service_from),
       array_agg(service_to)
FROM meter_days
WHERE device_no = ANY(%(device_no)s::int[]) AND day BETWEEN %(first)s AND %(last)s
HAVING count(*) > 0

-- name: served
SELECT array_agg((u.position - 1)::int), array_agg(w.device_no)
FROM unit_doors w
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE w.estate_id = %(estate_id)s
HAVING count(*) > 0

-- name: spoke
SELECT array_agg(v.device_no), array_agg(v.day - %(first)s::date)
FROM door_days v
WHERE v.day BETWEEN %(first)s AND %(last)s
  AND v.device_no = ANY(ARRAY(SELECT device_no FROM devices WHERE estate_id = %(estate_id)s AND kind = 'door'))
HAVING count(*) > 0

-- name: passages
-- From 28 days before the window on, for a stranger may have been seen before. Units and people are told by numbers
-- made of their ids, classes by their place in `CLASSES`.
SELECT array_agg(hashtextextended(p.unit_id, 0)), array_agg(p.day - %(first)s::date),
       array_agg(CASE p.class
           WHEN 'registered' THEN 0 WHEN 'visitor' THEN 1
           WHEN 'stranger' THEN CASE WHEN p.person_id = '' AND p.stranger_id = '' THEN 3 ELSE 2 END
           ELSE CASE WHEN p.faces IS NULL THEN 5 ELSE 4 END END),
       array_agg(hashtextextended(
           CASE p.class WHEN 'registered' THEN p.person_id
                        WHEN 'stranger' THEN coalesce(nullif(p.stranger_id, ''), p.person_id) ELSE '' END, 0)),
       array_agg(p.passages::real)
FROM daily_passages p
WHERE p.day BETWEEN %(first)s::date - %(seen_days)s AND %(last)s
  AND p.device_no = ANY(ARRAY(SELECT device_no FROM devices WHERE estate_id = %(estate_id)s AND kind = 'door'))
HAVING count(*) > 0

-- name: likely_passages
-- The same of faces that a shared door let in without naming a unit, and how likely each is the unit's.
SELECT array_agg(hashtextextended(s.unit_id, 0)), array_agg(p.day - %(first)s::date), array_agg(2),
       array_agg(hashtextextended(p.stranger_id, 0)), array_agg(p.passages::real), array_agg(s.probability)
FROM stranger_units s
JOIN passage_days p ON p.device_no = s.device_no AND p.stranger_id = s.stranger_id
    AND p.day > s.week_end AND p.day <= s.week_end + 7
WHERE s.device_no = ANY(ARRAY(SELECT device_no FROM devices WHERE estate_id = %(estate_id)s AND kind = 'door'))
  AND s.week_end >= %(first)s::date - %(seen_days)s - 7 AND s.week_end < %(last)s
  AND p.day BETWEEN %(first)s::date - %(seen_days)s AND %(last)s AND p.unit_id = ''
  AND NOT EXISTS (SELECT FROM persons WHERE person_id = p.person_id)
HAVING count(*) > 0

-- name: numbers
SELECT array_agg(hashtextextended(unit_id, 0) ORDER BY position)
FROM unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position)

-- name: leases
SELECT u.position - 1, h.lease_start, h.lease_end, h.size, h.care = 'lone_elder'
FROM households h
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE h.unit_id = ANY(%(unit_ids)s::text[])
ORDER BY coalesce(h.lease_start, '-infinity'), coalesce(h.lease_end, 'infinity'), h.household_id

-- name: enrolled
SELECT u.position - 1, greatest(p.valid_from, h.lease_start), least(p.valid_to, h.lease_end)
FROM persons p
JOIN households h USING (household_id)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE p.role IN ('tenant', 'member') AND p.face_enrolled AND h.unit_id = ANY(%(unit_ids)s::text[])

-- name: absences
SELECT u.position - 1, a."start", a."end"
FROM absences a
JOIN households h USING (household_id)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE h.unit_id = ANY(%(unit_ids)s::text[])
