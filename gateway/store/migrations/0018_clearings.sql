-- What would make an alert end, as its last finding told it; empty until the next run finds it again.
ALTER TABLE alerts ADD COLUMN clears jsonb NOT NULL DEFAULT '[]';
