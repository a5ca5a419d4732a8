-- name: lock
SELECT pg_advisory_xact_lock(hashtext('estate_alerts'))

-- name: page
SELECT a.*, e.timezone, coalesce(u.building, w.building, v.building) AS building,
       coalesce(u.entrance, w.entrance, v.entrance) AS entrance, u.floor, u.room
FROM alerts a JOIN estates e USING (estate_id) LEFT JOIN units u ON u.unit_id = a.unit_id
    LEFT JOIN devices v ON v.device_id = a.device_id LEFT JOIN units w ON w.unit_id = v.unit_id
WHERE (%(states)s::text[] IS NULL OR a.state = ANY(%(states)s::text[]))
  AND (%(kinds)s::text[] IS NULL OR a.kind = ANY(%(kinds)s::text[]))
  AND (%(levels)s::text[] IS NULL OR a.level = ANY(%(levels)s::text[]))
  AND (%(estates)s::text[] IS NULL OR a.estate_id = ANY(%(estates)s::text[]))
  AND (%(unit_id)s::text IS NULL OR a.unit_id = %(unit_id)s::text)
  AND (%(before)s::timestamptz IS NULL
       OR (a.updated_at, a.alert_id) < (%(before)s::timestamptz, %(before_id)s::bigint))
ORDER BY a.updated_at DESC, a.alert_id DESC
LIMIT %(limit)s

-- name: one
SELECT a.*, e.timezone, coalesce(u.building, w.building, v.building) AS building,
       coalesce(u.entrance, w.entrance, v.entrance) AS entrance, u.floor, u.room
FROM alerts a JOIN estates e USING (estate_id) LEFT JOIN units u ON u.unit_id = a.unit_id
    LEFT JOIN devices v ON v.device_id = a.device_id LEFT JOIN units w ON w.unit_id = v.unit_id
WHERE a.alert_id = %(alert_id)s

-- name: several
SELECT a.*, e.timezone, coalesce(u.building, w.building, v.building) AS building,
       coalesce(u.entrance, w.entrance, v.entrance) AS entrance, u.floor, u.room
FROM alerts a JOIN estates e USING (estate_id) LEFT JOIN units u ON u.unit_id = a.unit_id
    LEFT JOIN devices v ON v.device_id = a.device_id LEFT JOIN units w ON w.unit_id = v.unit_id
WHERE a.alert_id = ANY(%(alert_ids)s::bigint[])
ORDER BY a.alert_id

-- name: latest
SELECT DISTINCT ON (coalesce(a.unit_id, ''), coalesce(a.device_id, ''), a.kind)
       a.*, e.timezone, coalesce(u.building, w.building, v.building) AS building,
       coalesce(u.entrance, w.entrance, v.entrance) AS entrance, u.floor, u.room
FROM alerts a JOIN estates e USING (estate_id) LEFT JOIN units u ON u.unit_id = a.unit_id
    LEFT JOIN devices v ON v.device_id = a.device_id LEFT JOIN units w ON w.unit_id = v.unit_id
WHERE a.estate_id = %(estate_id)s
ORDER BY coalesce(a.unit_id, ''), coalesce(a.device_id, ''), a.kind,
         a.state IN ('dismissed', 'resolved'), a.alert_id DESC

-- name: live_twin
SELECT alert_id FROM alerts
WHERE coalesce(unit_id, '') = coalesce(%(unit_id)s::text, '')
  AND coalesce(device_id, '') = coalesce(%(device_id)s::text, '')
  AND kind = %(kind)s AND alert_id <> %(alert_id)s
  AND state NOT IN ('dismissed', 'resolved')

-- name: insert
INSERT INTO alerts (kind, subtype, level, state, unit_id, device_id, estate_id, since, probability, evidence,
                    clears, opened_at, updated_at, last_found_on, until)
VALUES (%(kind)s, %(subtype)s, %(level)s, %(state)s, %(unit_id)s, %(device_id)s, %(estate_id)s, %(since)s,
        %(probability)s, %(evidence)s, %(clears)s, %(opened_at)s, %(updated_at)s, %(last_found_on)s, %(until)s)
RETURNING alert_id

-- name: update
UPDATE alerts
SET subtype = %(subtype)s, level = %(level)s, state = %(state)s, since = %(since)s, probability = %(probability)s,
    evidence = %(evidence)s, clears = %(clears)s, updated_at = %(updated_at)s, last_found_on = %(last_found_on)s, until = %(until)s
WHERE alert_id = %(alert_id)s

-- name: insert_change
WITH change AS (
    INSERT INTO alert_changes (alert_id, at, actor, action, from_state, to_state, reason, data)
    VALUES (%(alert_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(reason)s, %(data)s)
    RETURNING seq
)
SELECT seq, pg_notify('estate_alerts', '') FROM change

-- name: history
SELECT * FROM alert_changes WHERE alert_id = %(alert_id)s ORDER BY seq

-- name: changes
SELECT c.* FROM alert_changes c
WHERE c.seq > %(since)s
  AND (%(estates)s::text[] IS NULL
       OR EXISTS (SELECT FROM alerts a WHERE a.alert_id = c.alert_id AND a.estate_id = ANY(%(estates)s::text[])))
ORDER BY c.seq LIMIT %(limit)s

-- name: last_seq
SELECT coalesce(max(seq), 0) FROM alert_changes

-- name: counts
SELECT kind, state, level, count(*) FROM alerts GROUP BY kind, state, level
