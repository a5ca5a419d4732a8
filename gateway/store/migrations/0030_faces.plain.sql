-- How many of the passages were by a face: whom a terminal that gives no pseudonyms does not know is a face without any
-- id, and no card. Null where an earlier version counted and the single passages are gone since.
ALTER TABLE passages_hourly ADD COLUMN faces bigint;
