-- The MQTT sessions that ingest processes sharing a subscription have with the broker, and when their process was
-- last seen. A session whose process is gone holds messages that nobody else gets: another process empties it.
CREATE TABLE shared_sessions (
    session_group text NOT NULL,
    slot          integer NOT NULL,
    seen_at       timestamptz NOT NULL,
    PRIMARY KEY (session_group, slot)
);
