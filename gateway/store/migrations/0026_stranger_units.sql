-- Whose visitor is a face that a shared door let in without naming a unit? What four weeks say holds for the
-- week after them. Single passages are gone after some months; this stays, like the counts of days.
CREATE TABLE stranger_units (
    device_no   integer NOT NULL,
    week_end    date NOT NULL,
    stranger_id text NOT NULL,
    unit_id     text NOT NULL,
    probability real NOT NULL,
    PRIMARY KEY (device_no, week_end, stranger_id, unit_id)
);

-- Week ends that were worked out.
CREATE TABLE stranger_weeks (
    estate_id text NOT NULL,
    week_end  date NOT NULL,
    PRIMARY KEY (estate_id, week_end)
);
