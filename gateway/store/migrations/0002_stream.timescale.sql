-- What devices send, on TimescaleDB: hypertables, columnstore, continuous aggregates.
-- The primary keys are the promise that a repeat changes nothing. Retention stands in settings, so the
-- gateway sets those policies (store/retention.py).

CREATE EXTENSION IF NOT EXISTS timescaledb;

CREATE TABLE readings (
    device_no   integer NOT NULL,
    ts          timestamptz NOT NULL,
    register    double precision NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device_no, ts)
);
SELECT create_hypertable('readings', by_range('ts', interval '7 days'));
ALTER TABLE readings SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device_no', timescaledb.orderby = 'ts'
);
CALL add_columnstore_policy('readings', after => interval '14 days');

CREATE TABLE door_events (
    device_no   integer NOT NULL,
    ts          timestamptz NOT NULL,
    event_id    text NOT NULL,
    kind        text NOT NULL,
    method      text NOT NULL,
    direction   text NOT NULL,
    person_id   text,
    stranger_id text,
    unit_id     text,
    similarity  real,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device_no, ts, event_id)
);
SELECT create_hypertable('door_events', by_range('ts', interval '7 days'));
ALTER TABLE door_events SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device_no', timescaledb.orderby = 'ts'
);
CALL add_columnstore_policy('door_events', after => interval '14 days');

-- The last register of each hour.
CREATE MATERIALIZED VIEW readings_hourly
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT device_no,
       time_bucket('1 hour', ts) AS hour,
       last(register, ts) AS register,
       max(ts) AS last_ts,
       count(*) AS readings
FROM readings
GROUP BY device_no, time_bucket('1 hour', ts)
WITH NO DATA;
SELECT add_continuous_aggregate_policy('readings_hourly',
    start_offset => interval '3 days', end_offset => interval '1 hour', schedule_interval => interval '10 minutes');

-- Passages of each hour by whom the door said it was; empty text where it did not say.
CREATE MATERIALIZED VIEW passages_hourly
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT device_no,
       time_bucket('1 hour', ts) AS hour,
       coalesce(unit_id, '') AS unit_id,
       coalesce(person_id, '') AS person_id,
       coalesce(stranger_id, '') AS stranger_id,
       count(*) AS passages
FROM door_events
WHERE kind = 'passage'
GROUP BY device_no, time_bucket('1 hour', ts), coalesce(unit_id, ''), coalesce(person_id, ''), coalesce(stranger_id, '')
WITH NO DATA;
SELECT add_continuous_aggregate_policy('passages_hourly',
    start_offset => interval '3 days', end_offset => interval '1 hour', schedule_interval => interval '10 minutes');
