-- name: backend
SELECT pg_backend_pid()

-- name: is_deaf
-- Whether the server waits for us, while we wait for it: an answer was lost on the way.
SELECT NOT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE pid = %(pid)s
      AND (state_change > now() - interval '10 seconds' OR (state = 'active' AND wait_event IS DISTINCT FROM 'ClientRead'))
)

-- name: end_former
-- A connection that was cut may live on at the server, with its locks; a worker is known by the slot that it holds.
SELECT pg_terminate_backend(l.pid, 2000)
FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.granted AND l.pid = %(pid)s AND d.datname = current_database()
