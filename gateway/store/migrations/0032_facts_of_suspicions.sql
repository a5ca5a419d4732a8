-- What the detector rests its word on, from 10 % on: {subtype, evidence {code: weight}}. Outcomes of visits are learnt
-- from it where no alert keeps it.
ALTER TABLE unit_scores ADD COLUMN facts jsonb;
