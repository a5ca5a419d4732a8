-- How far the import of a file has come, written with the rows themselves: a start after a kill goes on from there.
-- `head` knows the file again by how it begins; `digest` is of all that was read, so that another file is not skipped.
CREATE TABLE history_files (
    head        bytea PRIMARY KEY,
    name        text NOT NULL,
    read_bytes  bigint NOT NULL,
    read_lines  bigint NOT NULL,
    digest      bytea NOT NULL,
    stored      bigint NOT NULL,
    duplicate   bigint NOT NULL,
    quarantined bigint NOT NULL,
    written_at  timestamptz NOT NULL
);

-- Nothing asks for times of all devices without a month's partition or a device; the index was two fifths of what it
-- costs to store a reading.
DROP INDEX readings_ts;
