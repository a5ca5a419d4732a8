-- What is watched: the gateway's own work, and the devices.

-- since: how long the broker has been there, or has not. The other columns are what a worker tells of itself.
ALTER TABLE workers
    ADD COLUMN since               timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN queued              integer NOT NULL DEFAULT 0,
    ADD COLUMN redelivered         bigint NOT NULL DEFAULT 0,
    ADD COLUMN broker_reconnects   bigint NOT NULL DEFAULT 0,
    ADD COLUMN database_reconnects bigint NOT NULL DEFAULT 0;

-- Stretches of time in which ingestion had broker and database. Outside of them no device could be heard.
CREATE TABLE listening (
    began timestamptz PRIMARY KEY,
    ended timestamptz NOT NULL
);

-- Whose message is held, where that is known: a device with a wrong clock speaks, and is not silent.
ALTER TABLE quarantine ADD COLUMN device_id text;
CREATE INDEX quarantine_clocks ON quarantine (device_id, last_at) WHERE reason IN ('time_ahead', 'time_too_old');

CREATE INDEX door_events_tamper ON door_events (device_no, ts) WHERE kind IN ('tamper', 'forced_open');

-- How a device usually behaves, learnt from its own past (seconds; null: not known yet), and what is wrong with it
-- now. heard_at is its last word when it was judged; together_at when it was last silent together with others.
CREATE TABLE device_health (
    device_no   integer PRIMARY KEY REFERENCES devices,
    interval_s  double precision,
    patience_s  double precision,
    learnt_at   timestamptz,
    conditions  text[] NOT NULL DEFAULT '{}',
    heard_at    timestamptz,
    together_at timestamptz
);
