-- name: create_migrations
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    form       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: lock_migrations
LOCK TABLE schema_migrations IN EXCLUSIVE MODE

-- name: applied
SELECT number FROM schema_migrations

-- name: record
INSERT INTO schema_migrations (number, name, form) VALUES (%(number)s, %(name)s, %(form)s)

-- name: form
SELECT form FROM schema_migrations ORDER BY number DESC LIMIT 1

-- name: timescale_available
SELECT exists(SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
