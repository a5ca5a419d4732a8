-- What ingestion had counted by the end of a day (UTC), for figures of a month. Begins with what there is now.
CREATE TABLE counter_days (
    day   date NOT NULL,
    name  text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (name, day)
);
INSERT INTO counter_days (day, name, value)
SELECT (now() AT TIME ZONE 'UTC')::date - 1, 'images_removed', coalesce(sum(value), 0)
FROM ingest_counters WHERE name = 'images_removed';
