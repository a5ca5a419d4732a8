-- name: weeks_done
SELECT week_end FROM stranger_weeks WHERE estate_id = %(estate_id)s

-- name: done
INSERT INTO stranger_weeks (estate_id, week_end) VALUES (%(estate_id)s, %(week_end)s) ON CONFLICT DO NOTHING

-- name: faces
-- Faces at shared doors that came on enough days of the window without a unit; people of the lists are no strangers.
SELECT p.device_no, p.stranger_id
FROM passage_days p
WHERE p.device_no = ANY(ARRAY(SELECT device_no FROM devices
                              WHERE estate_id = %(estate_id)s AND kind = 'door' AND unit_id IS NULL))
  AND p.day BETWEEN %(first)s AND %(last)s AND p.unit_id = '' AND p.stranger_id <> ''
  AND NOT EXISTS (SELECT FROM persons WHERE person_id = p.person_id)
GROUP BY 1, 2
HAVING count(DISTINCT p.day) >= %(least_days)s
ORDER BY 1, 2

-- name: face_passages
-- Place of the face, time in µs, 1 in, -1 out, 0 not known, place of the unit that was named, -1 none, -2 another.
SELECT array_agg((f.place - 1)::int), array_agg((date_part('epoch', e.ts) * 1e6)::bigint),
       array_agg(CASE e.direction WHEN 'in' THEN 1 WHEN 'out' THEN -1 ELSE 0 END),
       array_agg(CASE WHEN e.unit_id IS NULL THEN -1 ELSE coalesce(u.position - 1, -2)::int END)
FROM unnest(%(device_no)s::int[], %(stranger_id)s::text[]) WITH ORDINALITY AS f (device_no, stranger_id, place)
JOIN door_events e ON e.device_no = f.device_no AND e.stranger_id = f.stranger_id
LEFT JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) ON u.unit_id = e.unit_id
WHERE e.kind = 'passage' AND e.ts >= %(start)s AND e.ts < %(end)s
  AND NOT EXISTS (SELECT FROM persons WHERE person_id = e.person_id)
HAVING count(*) > 0

-- name: registered_passages
-- Door, time in µs, place of the unit in which the person is registered.
SELECT array_agg(e.device_no), array_agg((date_part('epoch', e.ts) * 1e6)::bigint), array_agg((u.position - 1)::int)
FROM door_events e
JOIN persons p USING (person_id)
JOIN households h USING (household_id)
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) ON u.unit_id = h.unit_id
WHERE e.device_no = ANY(%(device_no)s::int[]) AND e.kind = 'passage' AND e.ts >= %(start)s AND e.ts < %(end)s
  AND p.role IN ('tenant', 'member')
HAVING count(*) > 0

-- name: served
SELECT array_agg(w.device_no ORDER BY w.device_no, u.position), array_agg((u.position - 1)::int ORDER BY w.device_no, u.position)
FROM unit_doors w
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position) USING (unit_id)
WHERE w.device_no = ANY(%(device_no)s::int[])
HAVING count(*) > 0

-- name: registers
-- Place of the unit, hour of the window from -1 on, the last register in it.
SELECT array_agg((u.position - 1)::int),
       array_agg((date_part('epoch', r.hour - %(start)s::timestamptz) / 3600)::int),
       array_agg(r.register)
FROM unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position)
JOIN devices d ON d.unit_id = u.unit_id AND d.kind = %(kind)s AND u.position - 1 = ANY(%(served)s::int[])
JOIN readings_hourly r ON r.device_no = d.device_no
    AND r.hour >= %(start)s::timestamptz - interval '1 hour' AND r.hour < %(end)s
HAVING count(*) > 0

-- name: store
INSERT INTO stranger_units (device_no, week_end, stranger_id, unit_id, probability)
SELECT device_no, %(week_end)s, stranger_id, unit_id, probability
FROM unnest(%(device_no)s::int[], %(stranger_id)s::text[], %(unit_id)s::text[], %(probability)s::real[])
    AS new (device_no, stranger_id, unit_id, probability)
ON CONFLICT (device_no, week_end, stranger_id, unit_id) DO UPDATE SET probability = excluded.probability
