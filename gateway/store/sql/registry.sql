-- Rows that change nothing are taken out before the insert: they cost no write, and no device number.
-- A row that the insert made has no xmax; one that it changed has our transaction's.

-- name: lock
LOCK TABLE registry_imports IN EXCLUSIVE MODE

-- name: record
INSERT INTO registry_imports (source, counts) VALUES (%(source)s, %(counts)s) RETURNING import_id

-- name: version
SELECT coalesce(max(import_id), 0) FROM registry_imports

-- name: known_estates
SELECT estate_id, timezone FROM estates

-- name: known_units
SELECT unit_id, estate_id FROM units

-- name: known_households
SELECT household_id FROM households

-- name: known_devices
SELECT device_id, kind, estate_id FROM devices

-- name: never_spoke
SELECT d.device_id
FROM devices d
WHERE d.device_id = ANY(%(device_ids)s)
  AND NOT EXISTS (SELECT FROM readings r WHERE r.device_no = d.device_no)
  AND NOT EXISTS (SELECT FROM door_events e WHERE e.device_no = d.device_no)
  AND NOT EXISTS (SELECT FROM door_event_keys k WHERE k.device_no = d.device_no)
  AND NOT EXISTS (SELECT FROM meter_days m WHERE m.device_no = d.device_no)
  AND NOT EXISTS (SELECT FROM door_days s WHERE s.device_no = d.device_no)

-- name: write_estates
WITH written AS (
    INSERT INTO estates (estate_id, name, timezone)
    (SELECT * FROM unnest(%(estate_id)s::text[], %(name)s::text[], %(timezone)s::text[])
     EXCEPT SELECT estate_id, name, timezone FROM estates)
    ON CONFLICT (estate_id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: write_units
WITH written AS (
    INSERT INTO units (unit_id, estate_id, building, entrance, floor, room, area_m2, tenure)
    (SELECT * FROM unnest(%(unit_id)s::text[], %(estate_id)s::text[], %(building)s::text[], %(entrance)s::text[],
                          %(floor)s::integer[], %(room)s::text[], %(area_m2)s::double precision[], %(tenure)s::text[])
     EXCEPT SELECT unit_id, estate_id, building, entrance, floor, room, area_m2, tenure FROM units)
    ON CONFLICT (unit_id) DO UPDATE SET
        estate_id = excluded.estate_id, building = excluded.building, entrance = excluded.entrance,
        floor = excluded.floor, room = excluded.room, area_m2 = excluded.area_m2, tenure = excluded.tenure
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: write_households
WITH written AS (
    INSERT INTO households (household_id, unit_id, size, lease_start, lease_end, category, care)
    (SELECT * FROM unnest(%(household_id)s::text[], %(unit_id)s::text[], %(size)s::integer[],
                          %(lease_start)s::date[], %(lease_end)s::date[], %(category)s::text[], %(care)s::text[])
     EXCEPT SELECT household_id, unit_id, size, lease_start, lease_end, category, care FROM households)
    ON CONFLICT (household_id) DO UPDATE SET
        unit_id = excluded.unit_id, size = excluded.size, lease_start = excluded.lease_start,
        lease_end = excluded.lease_end, category = excluded.category, care = excluded.care
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: write_persons
WITH written AS (
    INSERT INTO persons (person_id, household_id, role, valid_from, valid_to, face_enrolled)
    (SELECT * FROM unnest(%(person_id)s::text[], %(household_id)s::text[], %(role)s::text[],
                          %(valid_from)s::date[], %(valid_to)s::date[], %(face_enrolled)s::boolean[])
     EXCEPT SELECT person_id, household_id, role, valid_from, valid_to, face_enrolled FROM persons)
    ON CONFLICT (person_id) DO UPDATE SET
        household_id = excluded.household_id, role = excluded.role, valid_from = excluded.valid_from,
        valid_to = excluded.valid_to, face_enrolled = excluded.face_enrolled
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: write_devices
WITH written AS (
    INSERT INTO devices (device_id, estate_id, kind, unit_id, building, entrance, codec, register_digits)
    (SELECT * FROM unnest(%(device_id)s::text[], %(estate_id)s::text[], %(kind)s::text[], %(unit_id)s::text[],
                          %(building)s::text[], %(entrance)s::text[], %(codec)s::text[],
                          %(register_digits)s::smallint[])
     EXCEPT SELECT device_id, estate_id, kind, unit_id, building, entrance, codec, register_digits FROM devices)
    ORDER BY 1
    ON CONFLICT (device_id) DO UPDATE SET
        estate_id = excluded.estate_id, kind = excluded.kind, unit_id = excluded.unit_id,
        building = excluded.building, entrance = excluded.entrance, codec = excluded.codec,
        register_digits = excluded.register_digits
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: write_absences
WITH written AS (
    INSERT INTO absences (household_id, "start", "end", reason)
    (SELECT * FROM unnest(%(household_id)s::text[], %(start)s::date[], %(end)s::date[], %(reason)s::text[])
     EXCEPT SELECT household_id, "start", "end", reason FROM absences)
    ON CONFLICT (household_id, "start") DO UPDATE SET "end" = excluded."end", reason = excluded.reason
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written

-- name: remove_absences_not_given
DELETE FROM absences a
WHERE a.household_id = ANY(%(household_id)s::text[])
  AND NOT EXISTS (
      SELECT FROM unnest(%(household_id)s::text[], %(start)s::date[]) AS given (household_id, "start")
      WHERE given.household_id = a.household_id AND given."start" = a."start")

-- name: load_estates
SELECT estate_id, name, timezone FROM estates ORDER BY 1

-- name: load_units
SELECT unit_id, estate_id, building, entrance, floor, room, area_m2, tenure FROM units ORDER BY 1

-- name: load_households
SELECT household_id, unit_id, size, lease_start, lease_end, category, care FROM households ORDER BY 1

-- name: load_persons
SELECT person_id, household_id, role, valid_from, valid_to, face_enrolled FROM persons ORDER BY 1

-- name: load_devices
SELECT device_id, estate_id, kind, unit_id, building, entrance, codec, register_digits FROM devices ORDER BY 1

-- name: load_absences
SELECT household_id, "start", "end", reason FROM absences ORDER BY 1, 2

-- name: device_entries
SELECT d.device_no, d.device_id, d.estate_id, d.kind, d.unit_id, d.codec, d.register_digits, e.timezone
FROM devices d JOIN estates e USING (estate_id)

-- name: last_heard
SELECT d.device_id, greatest(r.ts, e.ts, CASE WHEN s.online THEN s.received_at END)
FROM devices d
LEFT JOIN LATERAL (
    SELECT ts FROM readings WHERE d.kind <> 'door' AND device_no = d.device_no ORDER BY ts DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT ts FROM door_events WHERE d.kind = 'door' AND device_no = d.device_no ORDER BY ts DESC LIMIT 1) e ON true
LEFT JOIN device_status s USING (device_no)

-- name: persons_seen
SELECT d.estate_id, e.person_id, max(e.ts), count(*), min(d.device_id)
FROM door_events e JOIN devices d USING (device_no)
WHERE e.person_id <> ''
GROUP BY 1, 2

-- name: refused_messages
SELECT topic, reason, detail, sum(times)::bigint
FROM quarantine
WHERE state = 'held' AND reason = ANY(%(reasons)s)
GROUP BY 1, 2, 3
