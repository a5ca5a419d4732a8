-- What devices send, on PostgreSQL without TimescaleDB: monthly partitions, made when first needed.
-- The primary keys are the promise that a repeat changes nothing.

CREATE TABLE readings (
    device_no   integer NOT NULL,
    ts          timestamptz NOT NULL,
    register    double precision NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device_no, ts)
) PARTITION BY RANGE (ts);
CREATE INDEX readings_ts ON readings (ts);

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
) PARTITION BY RANGE (ts);
CREATE INDEX door_events_ts ON door_events (ts);

-- Monthly partitions (UTC) of both tables that cover first_ts to last_ts. Two workers may call it at once.
CREATE FUNCTION ensure_partitions(first_ts timestamptz, last_ts timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', first_ts, 'UTC');
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    WHILE month <= last_ts LOOP
        FOREACH parent IN ARRAY ARRAY['readings', 'door_events'] LOOP
            child := format('%s_%s', parent, to_char(month AT TIME ZONE 'UTC', 'YYYYMM'));
            IF to_regclass(child) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                               child, parent, month, month + interval '1 month');
            END IF;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
END $$;

-- Drop the partitions of a table that end before a time, and with them rows that are past their keeping.
CREATE FUNCTION drop_partitions_before(parent regclass, oldest timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    child record;
    dropped integer := 0;
BEGIN
    FOR child IN
        SELECT i.inhrelid::regclass AS name,
               substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz AS ends
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent
    LOOP
        IF child.ends <= oldest THEN
            EXECUTE format('DROP TABLE %s', child.name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$;

-- The last register of each hour; kept by the gateway from stale_hours. On TimescaleDB a continuous aggregate.
CREATE TABLE readings_hourly (
    device_no integer NOT NULL,
    hour      timestamptz NOT NULL,
    register  double precision NOT NULL,
    last_ts   timestamptz NOT NULL,
    readings  bigint NOT NULL,
    PRIMARY KEY (device_no, hour)
);

-- Passages of each hour by whom the door said it was; empty text where it did not say.
CREATE TABLE passages_hourly (
    device_no   integer NOT NULL,
    hour        timestamptz NOT NULL,
    unit_id     text NOT NULL,
    person_id   text NOT NULL,
    stranger_id text NOT NULL,
    passages    bigint NOT NULL,
    PRIMARY KEY (device_no, hour, unit_id, person_id, stranger_id)
);
CREATE INDEX passages_hourly_hour ON passages_hourly (hour);
