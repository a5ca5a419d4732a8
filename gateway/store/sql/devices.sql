-- name: page
SELECT d.device_id, d.estate_id, d.kind, d.unit_id, d.building, d.entrance, d.codec, e.timezone,
       s.online, s.firmware, s.battery, s.rssi,
       greatest(s.received_at, heard.ts) AS last_seen
FROM devices d
JOIN estates e USING (estate_id)
LEFT JOIN device_status s USING (device_no)
LEFT JOIN LATERAL (
    SELECT greatest(
        (SELECT max(r.ts) FROM readings r WHERE d.kind <> 'door' AND r.device_no = d.device_no),
        (SELECT max(v.ts) FROM door_events v WHERE d.kind = 'door' AND v.device_no = d.device_no)) AS ts
) AS heard ON true
WHERE (%(estate_id)s::text IS NULL OR d.estate_id = %(estate_id)s::text)
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s::text)
  AND (%(unit_id)s::text IS NULL OR d.unit_id = %(unit_id)s::text)
  AND (%(after)s::text IS NULL OR d.device_id > %(after)s::text)
ORDER BY d.device_id
LIMIT %(limit)s
