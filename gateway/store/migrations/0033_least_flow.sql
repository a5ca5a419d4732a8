-- The least use an hour of a meter's day, by readings of up to five hours apart: the least hour where hours are known.
ALTER TABLE meter_days ADD COLUMN least_flow double precision;

-- Days that stand already are worked out again by the next refresh, as far back as readings are kept.
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM readings GROUP BY device_no;
