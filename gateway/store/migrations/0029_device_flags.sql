-- What a device says is the matter with it (gateway/codecs/flags.py), as of its own time; null: it never told.
ALTER TABLE device_status ADD COLUMN flags text[], ADD COLUMN flags_at timestamptz;
