-- The two lists: who lives where, and which device hangs where (contract, section 2).

CREATE TABLE estates (
    estate_id text PRIMARY KEY,
    name      text NOT NULL,
    timezone  text NOT NULL
);

CREATE TABLE units (
    unit_id   text PRIMARY KEY,
    estate_id text NOT NULL REFERENCES estates,
    building  text NOT NULL,
    entrance  text NOT NULL,
    floor     integer,
    room      text NOT NULL,
    area_m2   double precision,
    tenure    text NOT NULL CHECK (tenure IN ('leased', 'vacant', 'held', 'repair'))
);
CREATE INDEX units_estate ON units (estate_id, building, entrance);

CREATE TABLE households (
    household_id text PRIMARY KEY,
    unit_id      text NOT NULL REFERENCES units,
    size         integer,
    lease_start  date,
    lease_end    date,
    category     text NOT NULL DEFAULT '',
    care         text NOT NULL DEFAULT '' CHECK (care IN ('', 'lone_elder'))
);
CREATE INDEX households_unit ON households (unit_id);

-- household_id is empty for property staff, who belong to no household.
CREATE TABLE persons (
    person_id     text PRIMARY KEY,
    household_id  text REFERENCES households,
    role          text NOT NULL CHECK (role IN ('tenant', 'member', 'caregiver', 'visitor', 'staff')),
    valid_from    date,
    valid_to      date,
    face_enrolled boolean NOT NULL
);
CREATE INDEX persons_household ON persons (household_id);

-- device_no keeps the rows of the stream narrow; devices are never renumbered.
CREATE TABLE devices (
    device_no       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id       text NOT NULL UNIQUE,
    estate_id       text NOT NULL REFERENCES estates,
    kind            text NOT NULL CHECK (kind IN ('water', 'electricity', 'door')),
    unit_id         text REFERENCES units,
    building        text NOT NULL DEFAULT '',
    entrance        text NOT NULL DEFAULT '',
    codec           text NOT NULL DEFAULT 'native',
    register_digits smallint
);
CREATE INDEX devices_unit ON devices (unit_id);

CREATE TABLE absences (
    household_id text NOT NULL REFERENCES households,
    "start"      date NOT NULL,
    "end"        date,
    reason       text NOT NULL DEFAULT '',
    PRIMARY KEY (household_id, "start")
);

-- One row an import; its id is the lists' version, by which running parts notice a change.
CREATE TABLE registry_imports (
    import_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    imported_at timestamptz NOT NULL DEFAULT now(),
    source      text NOT NULL,
    counts      jsonb NOT NULL
);
