-- name: any
SELECT EXISTS (SELECT FROM users)

-- name: cookie_key
SELECT cookie_key FROM installation

-- name: by_session
-- A session ends twelve hours after its last use, and a week after its login; a look once a minute is enough.
WITH found AS (
    SELECT s.digest, s.user_id, s.seen_at FROM sessions s
    WHERE s.digest = %(digest)s AND s.seen_at > now() - interval '12 hours' AND s.created_at > now() - interval '7 days'
), seen AS (
    UPDATE sessions SET seen_at = now() FROM found
    WHERE sessions.digest = found.digest AND found.seen_at < now() - interval '1 minute'
)
SELECT u.user_id, u.name, u.role, u.all_estates,
       ARRAY(SELECT estate_id FROM user_estates e WHERE e.user_id = u.user_id) AS estates
FROM found JOIN users u USING (user_id)
WHERE u.disabled_at IS NULL

-- name: by_token
WITH found AS (
    SELECT t.token_id, t.user_id, t.last_used_on FROM user_tokens t
    WHERE t.digest = %(digest)s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
), used AS (
    UPDATE user_tokens SET last_used_on = current_date FROM found
    WHERE user_tokens.token_id = found.token_id AND found.last_used_on IS DISTINCT FROM current_date
)
SELECT u.user_id, u.name, u.role, u.all_estates,
       ARRAY(SELECT estate_id FROM user_estates e WHERE e.user_id = u.user_id) AS estates
FROM found JOIN users u USING (user_id)
WHERE u.disabled_at IS NULL

-- name: by_name
SELECT user_id, name, password_hash, disabled_at IS NOT NULL AS disabled
FROM users WHERE lower(name) = lower(%(name)s)

-- name: all
SELECT u.user_id, u.name, u.role, u.all_estates, u.password_hash IS NOT NULL AS has_password,
       u.disabled_at IS NOT NULL AS disabled, u.created_at,
       ARRAY(SELECT estate_id FROM user_estates e WHERE e.user_id = u.user_id ORDER BY estate_id) AS estates,
       (SELECT count(*) FROM user_tokens t
        WHERE t.user_id = u.user_id AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > now())) AS tokens
FROM users u ORDER BY lower(u.name)

-- name: insert
INSERT INTO users (name, password_hash, role, all_estates)
VALUES (%(name)s, %(password_hash)s, %(role)s, %(all_estates)s)
ON CONFLICT DO NOTHING
RETURNING user_id

-- name: set_password
UPDATE users SET password_hash = %(password_hash)s WHERE user_id = %(user_id)s

-- name: set_disabled
UPDATE users SET disabled_at = CASE WHEN %(disabled)s THEN now() END WHERE user_id = %(user_id)s

-- name: set_role
UPDATE users SET role = %(role)s WHERE user_id = %(user_id)s

-- name: set_all_estates
UPDATE users SET all_estates = %(all_estates)s WHERE user_id = %(user_id)s

-- name: unknown_estates
SELECT wanted FROM unnest(%(estates)s::text[]) AS wanted WHERE wanted NOT IN (SELECT estate_id FROM estates)

-- name: grant
INSERT INTO user_estates (user_id, estate_id) SELECT %(user_id)s, unnest(%(estates)s::text[]) ON CONFLICT DO NOTHING

-- name: ungrant
DELETE FROM user_estates WHERE user_id = %(user_id)s AND estate_id = ANY(%(estates)s::text[])

-- name: add_token
INSERT INTO user_tokens (user_id, label, digest, expires_at)
VALUES (%(user_id)s, %(label)s, %(digest)s, now() + %(lasts)s::interval)
RETURNING token_id

-- name: tokens
SELECT token_id, label, created_at, expires_at, last_used_on FROM user_tokens
WHERE user_id = %(user_id)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY token_id

-- name: revoke_token
UPDATE user_tokens SET revoked_at = now() WHERE token_id = %(token_id)s AND revoked_at IS NULL RETURNING token_id

-- name: add_session
WITH old AS (
    DELETE FROM sessions WHERE seen_at < now() - interval '12 hours' OR created_at < now() - interval '7 days'
)
INSERT INTO sessions (digest, user_id) VALUES (%(digest)s, %(user_id)s)

-- name: end_session
DELETE FROM sessions WHERE digest = %(digest)s

-- name: end_sessions
DELETE FROM sessions WHERE user_id = %(user_id)s

-- name: log
INSERT INTO access_log (user_id, name, what, unit_id, estate_id, about)
VALUES (%(user_id)s, %(name)s, %(what)s, %(unit_id)s, %(estate_id)s, %(about)s)

-- name: log_page
SELECT seq, at, name, what, unit_id, estate_id, about FROM access_log
WHERE (%(name)s::text IS NULL OR name = %(name)s::text)
  AND (%(unit_id)s::text IS NULL OR unit_id = %(unit_id)s::text)
  AND (%(estates)s::text[] IS NULL OR estate_id = ANY(%(estates)s::text[]))
  AND (%(before)s::bigint IS NULL OR seq < %(before)s::bigint)
ORDER BY seq DESC
LIMIT %(limit)s
