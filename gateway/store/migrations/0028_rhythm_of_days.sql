-- The rhythm of a meter's day: the logarithm of its hours' use against a wave of a day's length (cosine and sine) and one
-- of half a day's. Null as the other hourly figures are, where too little is known.
ALTER TABLE meter_days
    ADD COLUMN rhythm_cos  real,
    ADD COLUMN rhythm_sin  real,
    ADD COLUMN rhythm_cos2 real,
    ADD COLUMN rhythm_sin2 real;

-- Days that stand already are worked out again by the next refresh, as far back as readings are kept.
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM readings GROUP BY device_no;
