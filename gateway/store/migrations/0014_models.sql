-- What visits teach the ranking.

-- The detectors' own word before outcomes corrected it; null in rows of earlier versions, which nothing had corrected.
ALTER TABLE unit_scores ADD COLUMN raw double precision;

-- chance: with which the unit was chosen (null: a person chose it). signals: what was known of each suspicion then,
-- {kind, score, said, subtype, evidence {code: weight}}: the outcome is compared with it.
ALTER TABLE visits
    ADD COLUMN explores boolean NOT NULL DEFAULT false,
    ADD COLUMN chance   double precision CHECK (chance > 0 AND chance <= 1),
    ADD COLUMN signals  jsonb NOT NULL DEFAULT '[]';

-- Corrections of probabilities, never changed: the newest row is in force. copy_of: a person went back to that one
-- (0: to none), and it is not fitted again before a person says so.
CREATE TABLE models (
    model_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fitted_at  timestamptz NOT NULL,
    labels     integer NOT NULL,
    parameters jsonb NOT NULL,
    drift      jsonb NOT NULL,
    copy_of    bigint
);
