-- A note says which devices it is about, so that a refresh costs what changed.

-- hour to last_hour (null: hour alone) of these devices (null: of all, as notes of earlier versions mean).
ALTER TABLE stale_hours
    ADD COLUMN last_hour  timestamptz,
    ADD COLUMN device_nos integer[];

-- The shares of the day at which the meter's service begins (its first reading) and ends (its last one so far).
ALTER TABLE meter_days
    ADD COLUMN service_from real NOT NULL DEFAULT 0,
    ADD COLUMN service_to   real NOT NULL DEFAULT 1;

-- What share of a day is known where several meters serve a unit: the time in which one was in service, less what
-- the worst of them leaves unknown. A meter that was swapped is out of service after its last reading and the new
-- one before its first, so that both make one day between them. `gap` lies between the old one's end and the new
-- one's beginning.
CREATE FUNCTION covered_together(meters bigint, worst real, first real, last real, gap real, unknown real) RETURNS real
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN meters = 0 THEN 0
                WHEN meters = 1 THEN worst
                ELSE greatest(last - first - greatest(coalesce(gap, 0), 0) - unknown, 0) END
$$;

-- One row a unit and day.
CREATE OR REPLACE VIEW daily_use AS
SELECT unit_id, day,
       CASE WHEN water_coverage > 0 THEN water_l END AS water_l,
       CASE WHEN electricity_coverage > 0 THEN electricity_kwh END AS electricity_kwh,
       water_coverage, electricity_coverage
FROM (
    SELECT d.unit_id,
           m.day,
           sum(m.use) FILTER (WHERE d.kind = 'water') AS water_l,
           sum(m.use) FILTER (WHERE d.kind = 'electricity') AS electricity_kwh,
           covered_together(
               count(*) FILTER (WHERE d.kind = 'water'),
               min(m.coverage) FILTER (WHERE d.kind = 'water'),
               min(m.service_from) FILTER (WHERE d.kind = 'water'),
               max(m.service_to) FILTER (WHERE d.kind = 'water'),
               min(m.service_from) FILTER (WHERE d.kind = 'water' AND m.service_to = 1)
                   - max(m.service_to) FILTER (WHERE d.kind = 'water' AND m.service_from = 0),
               max(m.service_to - m.service_from - m.coverage) FILTER (WHERE d.kind = 'water')
           ) AS water_coverage,
           covered_together(
               count(*) FILTER (WHERE d.kind = 'electricity'),
               min(m.coverage) FILTER (WHERE d.kind = 'electricity'),
               min(m.service_from) FILTER (WHERE d.kind = 'electricity'),
               max(m.service_to) FILTER (WHERE d.kind = 'electricity'),
               min(m.service_from) FILTER (WHERE d.kind = 'electricity' AND m.service_to = 1)
                   - max(m.service_to) FILTER (WHERE d.kind = 'electricity' AND m.service_from = 0),
               max(m.service_to - m.service_from - m.coverage) FILTER (WHERE d.kind = 'electricity')
           ) AS electricity_coverage
    FROM meter_days m JOIN devices d USING (device_no)
    WHERE d.unit_id IS NOT NULL
    GROUP BY d.unit_id, m.day
) AS summed;

-- What was wrong with a device's clock on a day (of arrival, in the estate's zone): flags of gateway/rollup/use.py.
-- Written with the rows, not worked out from them: a message whose time is impossible leaves no row.
CREATE TABLE device_day_flags (
    device_no integer NOT NULL,
    day       date NOT NULL,
    flag      integer NOT NULL,
    PRIMARY KEY (device_no, day, flag)
);
