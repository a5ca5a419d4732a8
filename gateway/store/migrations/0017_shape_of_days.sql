-- The shape of a meter's day: use from 06:00 to 12:00, the mean difference from hour to hour, and the hour of the greatest
-- use. Null as the other hourly figures are, where too little is known.
ALTER TABLE meter_days
    ADD COLUMN morning   double precision,
    ADD COLUMN roughness double precision,
    ADD COLUMN peak_hour smallint;

-- Days that stand already are worked out again by the next refresh, as far back as readings are kept.
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM readings GROUP BY device_no;
