-- name: device
SELECT device_id, estate_id, kind, codec FROM devices WHERE device_id = %(device_id)s

-- name: put
INSERT INTO device_credentials AS old (device_id, password_hash, rights, made_at)
VALUES (%(device_id)s, %(password_hash)s, %(rights)s, now())
ON CONFLICT (device_id) DO UPDATE SET
    password_hash = excluded.password_hash, rights = excluded.rights, made_at = excluded.made_at, revoked_at = NULL

-- name: revoke
UPDATE device_credentials SET revoked_at = now() WHERE device_id = %(device_id)s AND revoked_at IS NULL
RETURNING device_id

-- name: all
SELECT c.device_id, c.password_hash, c.rights, c.made_at, c.revoked_at, d.estate_id, d.kind
FROM device_credentials c JOIN devices d USING (device_id)
ORDER BY c.device_id
