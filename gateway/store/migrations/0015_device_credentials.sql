-- With what devices log in to the broker. Revoked ones stay, so that their lines are found and taken out of its files.
CREATE TABLE device_credentials (
    device_id     text PRIMARY KEY REFERENCES devices (device_id),
    password_hash text NOT NULL,
    rights        jsonb NOT NULL,
    made_at       timestamptz NOT NULL,
    revoked_at    timestamptz
);
