-- A note says which devices it is about, so that a refresh costs what changed.

-- hour to last_hour (null: hour alone) of these devices (null: of all, as notes of earlier versions mean).
ALTER TABLE stale_hours
    ADD COLUMN last_hour  timestamptz,
    ADD COLUMN device_nos integer[];

-- The shares of the day at which the meter's service begins (its first reading) and ends (its last one so far).
ALTER TABLE meter_days
    ADD COLUMN service_from real NOT NULL DEFAULT 0,
    ADD COLUMN service_to   real NOT NULL DEFAULT 1;
