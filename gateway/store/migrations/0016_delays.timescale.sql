-- How long a reading took to arrive instead of when it did (docs/decisions/0018-columnstore.md). What is in the columnstore
-- comes out of it first, since a column there cannot change its type; the policy converts it again.

CALL remove_columnstore_policy('readings', if_exists => true);
SELECT decompress_chunk(chunk, if_compressed => true) FROM show_chunks('readings') AS chunk;
ALTER TABLE readings SET (timescaledb.enable_columnstore = false);
ALTER TABLE readings
    ALTER COLUMN received_at TYPE bigint USING ceil(extract(epoch FROM received_at - ts) * 1000)::bigint;
ALTER TABLE readings RENAME COLUMN received_at TO delay_ms;
ALTER TABLE readings SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device_no', timescaledb.orderby = 'ts'
);
CALL add_columnstore_policy('readings', after => interval '14 days');

-- The hourly rows are as many as the readings of hourly meters. A refresh works an hour out for all devices and so takes
-- the week's rows out of the columnstore again: chunks are short, and what may still come late is not converted.
SELECT set_chunk_time_interval(
    format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)::regclass, interval '7 days')
FROM timescaledb_information.continuous_aggregates WHERE view_name = 'readings_hourly';
ALTER MATERIALIZED VIEW readings_hourly SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device_no', timescaledb.orderby = 'hour'
);
CALL add_columnstore_policy('readings_hourly', after => interval '35 days');
