-- A note says which devices it is about, so that a refresh costs what changed.

-- hour to last_hour (null: hour alone) of these devices (null: of all, as notes of earlier versions mean).
ALTER TABLE stale_hours
    ADD COLUMN last_hour  timestamptz,
    ADD COLUMN device_nos integer[];

-- The shares of the day at which the meter's service begins (its first reading) and ends (its last one so far).
ALTER TABLE meter_days
    ADD COLUMN service_from real NOT NULL DEFAULT 0,
    ADD COLUMN service_to   real NOT NULL DEFAULT 1;

-- What share of a day is known of a unit whose meters begin or end their service on it: the time in which one was
-- in service, less what the worst of them leaves unknown. A meter that was exchanged is out of service after its last
-- reading and the new one before its first, so that both make one day between them.
CREATE FUNCTION coverage_of_exchange(unit text, on_day date, of_kind text) RETURNS real
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN count(*) = 1 THEN min(coverage) ELSE greatest(
               max(service_to) - min(service_from)
               - greatest(coalesce(min(service_from) FILTER (WHERE service_to = 1)
                                   - max(service_to) FILTER (WHERE service_from = 0), 0), 0)
               - max(service_to - service_from - coverage), 0) END
    FROM meter_days JOIN devices USING (device_no)
    WHERE unit_id = unit AND day = on_day AND kind = of_kind
$$;

-- One row a unit and day. Where several meters serve a unit, all in service must be covered.
CREATE OR REPLACE VIEW daily_use AS
SELECT unit_id, day,
       CASE WHEN water_coverage > 0 THEN water_l END AS water_l,
       CASE WHEN electricity_coverage > 0 THEN electricity_kwh END AS electricity_kwh,
       water_coverage, electricity_coverage
FROM (
    SELECT unit_id, day, water_l, electricity_kwh,
           CASE WHEN water_partly > 0 THEN coverage_of_exchange(unit_id, day, 'water')
                ELSE coalesce(water_least, 0) END AS water_coverage,
           CASE WHEN electricity_partly > 0 THEN coverage_of_exchange(unit_id, day, 'electricity')
                ELSE coalesce(electricity_least, 0) END AS electricity_coverage
    FROM (
        SELECT d.unit_id, m.day,
               sum(m.use) FILTER (WHERE d.kind = 'water') AS water_l,
               sum(m.use) FILTER (WHERE d.kind = 'electricity') AS electricity_kwh,
               min(m.coverage) FILTER (WHERE d.kind = 'water') AS water_least,
               min(m.coverage) FILTER (WHERE d.kind = 'electricity') AS electricity_least,
               count(*) FILTER (WHERE d.kind = 'water' AND (m.service_from > 0 OR m.service_to < 1)) AS water_partly,
               count(*) FILTER (WHERE d.kind = 'electricity' AND (m.service_from > 0 OR m.service_to < 1))
                   AS electricity_partly
        FROM meter_days m JOIN devices d USING (device_no)
        WHERE d.unit_id IS NOT NULL
        GROUP BY d.unit_id, m.day
    ) AS summed
) AS covered;

-- What was wrong with a device's clock on a day (of arrival, in the estate's zone): flags of gateway/rollup/use.py.
-- Written with the rows, not worked out from them: a message whose time is impossible leaves no row.
CREATE TABLE device_day_flags (
    device_no integer NOT NULL,
    day       date NOT NULL,
    flag      integer NOT NULL,
    PRIMARY KEY (device_no, day, flag)
);
