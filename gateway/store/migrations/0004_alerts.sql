-- What is suspected, what people did about it, and who is asked to go and look.

-- The detectors' last word on every unit; probability is null where the data do not allow one.
CREATE TABLE unit_scores (
    unit_id     text NOT NULL REFERENCES units,
    kind        text NOT NULL,
    as_of       date NOT NULL,
    probability double precision,
    not_ready   text,
    PRIMARY KEY (unit_id, kind)
);

CREATE TABLE unit_states (
    unit_id text PRIMARY KEY REFERENCES units,
    as_of   date NOT NULL,
    state   text NOT NULL CHECK (state IN ('occupied', 'away', 'vacant', 'unknown')),
    since   date
);

CREATE TABLE alerts (
    alert_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('vacancy', 'sublet', 'misuse', 'care', 'leak', 'device')),
    subtype       text,
    level         text NOT NULL CHECK (level IN ('yellow', 'red')),
    state         text NOT NULL CHECK (state IN
                      ('open', 'acknowledged', 'snoozed', 'dispatched', 'confirmed', 'dismissed', 'resolved')),
    unit_id       text REFERENCES units,
    device_id     text REFERENCES devices (device_id),
    estate_id     text NOT NULL REFERENCES estates,
    since         date NOT NULL,
    probability   double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
    evidence      jsonb NOT NULL CHECK (jsonb_array_length(evidence) > 0),
    opened_at     timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_found_on date NOT NULL,
    until         date
);
-- At most one live alert a unit (or device) and kind; confirmed ones live until the pattern or the case ends.
CREATE UNIQUE INDEX alerts_one_live ON alerts (coalesce(unit_id, ''), coalesce(device_id, ''), kind)
    WHERE state NOT IN ('dismissed', 'resolved');
CREATE INDEX alerts_newest ON alerts (updated_at DESC, alert_id DESC);
CREATE INDEX alerts_unit ON alerts (unit_id);

-- Every change of an alert. Writers take one lock, so seq is also the order of commits and a reader misses none.
CREATE TABLE alert_changes (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id   bigint NOT NULL REFERENCES alerts,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    data       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX alert_changes_alert ON alert_changes (alert_id, seq);

CREATE TABLE visits (
    visit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    date       date NOT NULL,
    inspector  text NOT NULL DEFAULT '',
    estate_id  text NOT NULL REFERENCES estates,
    unit_id    text NOT NULL REFERENCES units,
    "order"    integer NOT NULL,
    alert_ids  bigint[] NOT NULL,
    reasons    jsonb NOT NULL,
    questions  jsonb NOT NULL,
    best_hours jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done', 'cancelled')),
    outcome    text CHECK (outcome IN ('confirmed_sublet', 'confirmed_vacant', 'confirmed_misuse', 'normal',
                                       'no_answer', 'refused', 'other')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX visits_one_planned ON visits (date, unit_id) WHERE state <> 'cancelled';

-- What an inspector found; key is made by the phone, so that sending twice stores once.
CREATE TABLE visit_results (
    key         text PRIMARY KEY,
    visit_id    bigint NOT NULL REFERENCES visits,
    outcome     text NOT NULL,
    note        text NOT NULL DEFAULT '',
    found_at    timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    inspector   text NOT NULL DEFAULT ''
);
CREATE INDEX visit_results_visit ON visit_results (visit_id);
