-- Who may see and do what, and who has looked at what.

-- Signs the cookies of this installation.
ALTER TABLE installation
    ADD COLUMN cookie_key bytea NOT NULL DEFAULT sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea);

-- Accounts are disabled, never removed: the histories name them, and login stays needed for ever.
CREATE TABLE users (
    user_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    password_hash text,
    role          text NOT NULL CHECK (role IN ('operator', 'inspector', 'auditor', 'admin')),
    all_estates   boolean NOT NULL DEFAULT false,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_name ON users (lower(name));

CREATE TABLE user_estates (
    user_id   bigint NOT NULL REFERENCES users,
    estate_id text NOT NULL REFERENCES estates,
    PRIMARY KEY (user_id, estate_id)
);

-- Of tokens and sessions only hashes are kept.
CREATE TABLE user_tokens (
    token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users,
    label        text NOT NULL DEFAULT '',
    digest       bytea NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_on date
);

CREATE TABLE sessions (
    digest     bytea PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

-- Every look at a home's or a person's data: who, when, what. user_id is null while there are no accounts.
CREATE TABLE access_log (
    seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    user_id   bigint REFERENCES users,
    name      text NOT NULL,
    what      text NOT NULL,
    unit_id   text,
    estate_id text,
    about     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX access_log_at ON access_log (at);
CREATE INDEX access_log_unit ON access_log (unit_id, seq);
CREATE INDEX access_log_name ON access_log (name, seq);
