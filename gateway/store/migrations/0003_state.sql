-- Beside the stream: what makes events unique, what could not be taken in, and what is worked out from it.

-- Names this installation, so that two gateways on one broker never take each other's MQTT session.
CREATE TABLE installation (
    installation_id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO installation DEFAULT VALUES;

-- A door event is known by device and event id whatever its time says, so its key stands apart from the
-- time-partitioned rows. It holds no person, and is kept as long as a repeat may come (400 days and some).
CREATE TABLE door_event_keys (
    device_no integer NOT NULL,
    event_id  text NOT NULL,
    ts        timestamptz NOT NULL,
    PRIMARY KEY (device_no, event_id)
);

-- Hours whose rows changed since the rollups were last made. Append-only, so that writers never wait.
CREATE TABLE stale_hours (
    stale_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour     timestamptz NOT NULL
);

-- A meter's day in its estate's time zone. No row: the meter was not in service. use is litres or kWh;
-- coverage is the share of the day that readings bound; use is null where coverage is 0.
-- The hourly figures look only at hours that readings bound at most three hours apart.
CREATE TABLE meter_days (
    device_no    integer NOT NULL,
    day          date NOT NULL,
    use          double precision,
    coverage     real NOT NULL,
    hours_known  smallint NOT NULL,
    active_hours smallint NOT NULL,
    min_hour     double precision,
    max_hour     double precision,
    night        double precision,
    evening      double precision,
    flags        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (device_no, day)
);
CREATE INDEX meter_days_day ON meter_days (day);

-- A door's day: how often it saw whom. Kept when the single passages are gone.
CREATE TABLE passage_days (
    device_no   integer NOT NULL,
    day         date NOT NULL,
    unit_id     text NOT NULL,
    person_id   text NOT NULL,
    stranger_id text NOT NULL,
    passages    integer NOT NULL,
    PRIMARY KEY (device_no, day, unit_id, person_id, stranger_id)
);
CREATE INDEX passage_days_day ON passage_days (day);

-- Days on which a door controller said anything at all: its coverage.
CREATE TABLE door_days (
    device_no integer NOT NULL,
    day       date NOT NULL,
    PRIMARY KEY (device_no, day)
);

CREATE TABLE device_status (
    device_no   integer PRIMARY KEY REFERENCES devices,
    online      boolean,
    firmware    text,
    status_at   timestamptz,
    battery     real,
    rssi        real,
    received_at timestamptz NOT NULL
);

-- A message that could not be taken in, whole but for images. A repeat of the same message counts up.
CREATE TABLE quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest        bytea NOT NULL UNIQUE,
    topic         text NOT NULL,
    payload       bytea NOT NULL,
    source        text NOT NULL CHECK (source IN ('mqtt', 'history')),
    reason        text NOT NULL,
    detail        text NOT NULL,
    state         text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'replayed')),
    times         bigint NOT NULL DEFAULT 1,
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    replayed_at   timestamptz
);
CREATE INDEX quarantine_state ON quarantine (state, quarantine_id DESC);

-- Written in the same transaction as the rows they count, so that they survive and agree.
CREATE TABLE ingest_counters (
    worker text NOT NULL,
    name   text NOT NULL,
    value  bigint NOT NULL,
    PRIMARY KEY (worker, name)
);

-- The parts that run now; readiness looks here.
CREATE TABLE workers (
    worker     text PRIMARY KEY,
    pid        integer NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    connected  boolean NOT NULL
);

-- One row a unit and day. Where several meters serve a unit, all in service must be covered.
CREATE VIEW daily_use AS
SELECT d.unit_id,
       m.day,
       CASE WHEN min(m.coverage) FILTER (WHERE d.kind = 'water') > 0
            THEN sum(m.use) FILTER (WHERE d.kind = 'water') END AS water_l,
       CASE WHEN min(m.coverage) FILTER (WHERE d.kind = 'electricity') > 0
            THEN sum(m.use) FILTER (WHERE d.kind = 'electricity') END AS electricity_kwh,
       coalesce(min(m.coverage) FILTER (WHERE d.kind = 'water'), 0) AS water_coverage,
       coalesce(min(m.coverage) FILTER (WHERE d.kind = 'electricity'), 0) AS electricity_coverage
FROM meter_days m JOIN devices d USING (device_no)
WHERE d.unit_id IS NOT NULL
GROUP BY d.unit_id, m.day;

-- Who passed for which unit on which day. The lists decide at the time of reading, so a person who is listed
-- later stops being a stranger. registered: tenants and members of the unit; visitor: other listed people
-- (carers, visitors, staff, neighbours); stranger: a face or id that no list names or whose listing is over;
-- unidentified: a card, code or button that names nobody. Passages that belong to no unit are not shown.
CREATE VIEW daily_passages AS
SELECT * FROM (
    SELECT coalesce(nullif(p.unit_id, ''), d.unit_id, h.unit_id) AS unit_id,
           p.day,
           CASE
               WHEN who.person_id IS NOT NULL
                    AND p.day BETWEEN coalesce(who.valid_from, '-infinity') AND coalesce(who.valid_to, 'infinity')
                   THEN CASE WHEN who.role IN ('tenant', 'member')
                                  AND h.unit_id = coalesce(nullif(p.unit_id, ''), d.unit_id, h.unit_id)
                             THEN 'registered' ELSE 'visitor' END
               WHEN p.stranger_id <> '' OR p.person_id <> '' THEN 'stranger'
               ELSE 'unidentified'
           END AS class,
           p.person_id,
           p.stranger_id,
           p.passages,
           p.device_no  -- readers name the doors of their estate, so that no other estate's rows are read
    FROM passage_days p
    JOIN devices d USING (device_no)
    LEFT JOIN persons who ON who.person_id = p.person_id AND p.person_id <> ''
    LEFT JOIN households h ON h.household_id = who.household_id
) AS attributed
WHERE unit_id IS NOT NULL;

-- Whether the doors that serve a unit spoke on a day: its own door, its entrance's, its building's, the estate's.
CREATE VIEW unit_doors AS
SELECT u.unit_id, d.device_no
FROM units u
JOIN devices d ON d.kind = 'door' AND d.estate_id = u.estate_id
    AND (d.unit_id = u.unit_id
         OR (d.unit_id IS NULL
             AND (d.building = '' OR d.building = u.building)
             AND (d.entrance = '' OR d.entrance = u.entrance)));
