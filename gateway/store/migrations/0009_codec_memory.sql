-- What earlier messages told that later ones cannot be understood without (the metrics of a Sparkplug birth).
CREATE TABLE codec_memory (
    key     text PRIMARY KEY,
    value   bytea NOT NULL,
    told_at timestamptz NOT NULL
);
