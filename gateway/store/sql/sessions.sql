-- name: installation
SELECT installation_id::text FROM installation

-- name: lock
SELECT pg_try_advisory_lock(hashtext(%(group)s), %(slot)s)

-- name: unlock
SELECT pg_advisory_unlock(hashtext(%(group)s), %(slot)s)

-- name: beat
INSERT INTO shared_sessions (session_group, slot, seen_at)
SELECT %(group)s, slot, now() FROM unnest(%(slots)s::int[]) AS held (slot)
ON CONFLICT (session_group, slot) DO UPDATE SET seen_at = now()

-- name: orphans
SELECT slot FROM shared_sessions
WHERE session_group = %(group)s AND seen_at < now() - make_interval(secs => %(after_s)s)
ORDER BY slot

-- name: forget
DELETE FROM shared_sessions WHERE session_group = %(group)s AND slot = %(slot)s
