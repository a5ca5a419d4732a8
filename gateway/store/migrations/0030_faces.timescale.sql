-- How many of the passages were by a face: whom a terminal that gives no pseudonyms does not know is a face without any
-- id, and no card. A continuous aggregate takes no new column; it is made anew from the single passages, which are kept as long
-- as it was.
DROP MATERIALIZED VIEW passages_hourly;
CREATE MATERIALIZED VIEW passages_hourly
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT device_no,
       time_bucket('1 hour', ts) AS hour,
       coalesce(unit_id, '') AS unit_id,
       coalesce(person_id, '') AS person_id,
       coalesce(stranger_id, '') AS stranger_id,
       count(*) AS passages,
       count(*) FILTER (WHERE method = 'face') AS faces
FROM door_events
WHERE kind = 'passage'
GROUP BY device_no, time_bucket('1 hour', ts), coalesce(unit_id, ''), coalesce(person_id, ''), coalesce(stranger_id, '')
WITH NO DATA;
SELECT add_continuous_aggregate_policy('passages_hourly',
    start_offset => interval '3 days', end_offset => interval '1 hour', schedule_interval => interval '10 minutes');
