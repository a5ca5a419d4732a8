-- The enforcement ledger (台账): what was confirmed, and every step until it is struck off.

-- grounds: the alerts that led here as they stood then, kept whatever becomes of them and of their data.
CREATE TABLE cases (
    case_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('vacancy', 'sublet', 'misuse')),
    subtype      text,
    state        text NOT NULL CHECK (state IN ('found', 'persuaded', 'interviewed', 'rectification_ordered',
                                                'rectified', 'transferred', 'answered', 'closed')),
    estate_id    text NOT NULL REFERENCES estates,
    unit_id      text NOT NULL REFERENCES units,
    visit_id     bigint REFERENCES visits,
    alert_ids    bigint[] NOT NULL,
    grounds      jsonb NOT NULL,
    opened_at    timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    due          date,
    closed_from  text,
    statement    text NOT NULL DEFAULT '',
    statement_at timestamptz
);
CREATE UNIQUE INDEX cases_one_live ON cases (unit_id, kind) WHERE state <> 'closed';
CREATE INDEX cases_newest ON cases (updated_at DESC, case_id DESC);
CREATE INDEX cases_alerts ON cases USING gin (alert_ids);

CREATE TABLE case_changes (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id    bigint NOT NULL REFERENCES cases,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    data       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX case_changes_case ON case_changes (case_id, seq);
CREATE INDEX case_changes_at ON case_changes (at);

-- Every hand-over of a household's data to another body: to whom, when, by whom.
CREATE TABLE case_handovers (
    handover_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL REFERENCES cases,
    body        text NOT NULL,
    reference   text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL,
    actor       text NOT NULL
);
CREATE INDEX case_handovers_case ON case_handovers (case_id);
