-- name: take_turn
SELECT pg_try_advisory_lock(hashtext('polls'), hashtext(%(down)s))

-- name: devices
SELECT d.device_no, d.estate_id, coalesce(u.building, d.building), coalesce(u.entrance, d.entrance), d.device_id
FROM devices d
LEFT JOIN units u USING (unit_id)
WHERE d.codec = %(codec)s AND (%(estate_id)s::text IS NULL OR d.estate_id = %(estate_id)s)
ORDER BY d.device_no

-- name: last_heard
SELECT device_no, extract(epoch FROM newest.received_at)::double precision
FROM unnest(%(device_nos)s::int[]) AS polled (device_no)
CROSS JOIN LATERAL (
    SELECT ts + delay_ms * interval '1 ms' AS received_at FROM readings r WHERE r.device_no = polled.device_no ORDER BY ts DESC LIMIT 1) AS newest

-- name: answered
-- A meter's own clock may be wrong, so the arrival counts; its milliseconds are rounded up, so none lies before the asking.
SELECT asked.device_no
FROM unnest(%(device_nos)s::int[], %(asked_at)s::timestamptz[]) AS asked (device_no, asked_at)
WHERE EXISTS (
    SELECT FROM readings r
    WHERE r.device_no = asked.device_no AND r.ts > asked.asked_at - interval '2 days'
      AND r.ts + r.delay_ms * interval '1 ms' >= asked.asked_at)
