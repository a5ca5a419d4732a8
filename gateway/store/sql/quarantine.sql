-- name: page
SELECT quarantine_id, topic, source, reason, detail, state, times, first_at, last_at, replayed_at
FROM quarantine
WHERE (%(state)s::text IS NULL OR state = %(state)s::text)
  AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
  AND (%(before)s::bigint IS NULL OR quarantine_id < %(before)s::bigint)
  AND (%(estates)s::text[] IS NULL
       OR (starts_with(topic, 'estate/v1/') AND split_part(topic, '/', 3) = ANY(%(estates)s::text[]))
       OR device_id IN (SELECT device_id FROM devices WHERE estate_id = ANY(%(estates)s::text[])))
ORDER BY quarantine_id DESC
LIMIT %(limit)s

-- name: one
SELECT quarantine_id, topic, source, reason, detail, state, times, first_at, last_at, replayed_at
FROM quarantine
WHERE quarantine_id = %(quarantine_id)s
  AND (%(estates)s::text[] IS NULL
       OR (starts_with(topic, 'estate/v1/') AND split_part(topic, '/', 3) = ANY(%(estates)s::text[]))
       OR device_id IN (SELECT device_id FROM devices WHERE estate_id = ANY(%(estates)s::text[])))

-- name: payload
SELECT payload FROM quarantine WHERE quarantine_id = %(quarantine_id)s

-- name: counts
SELECT reason, count(*) FROM quarantine WHERE state = 'held' GROUP BY reason

-- name: unlisted
-- The newest message of each device that no list had; the detail is its id.
SELECT DISTINCT ON (detail) detail, topic, payload
FROM quarantine WHERE state = 'held' AND reason = 'unknown_device' AND source = 'mqtt'
ORDER BY detail, last_at DESC
