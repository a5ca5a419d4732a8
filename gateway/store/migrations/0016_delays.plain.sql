-- How long a reading took to arrive instead of when it did (docs/decisions/0018-columnstore.md).

ALTER TABLE readings
    ALTER COLUMN received_at TYPE bigint USING ceil(extract(epoch FROM received_at - ts) * 1000)::bigint;
ALTER TABLE readings RENAME COLUMN received_at TO delay_ms;
