-- When the message arrived that told it: the last one is right, whichever process stores its own first.
ALTER TABLE codec_memory ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX codec_memory_told_at ON codec_memory (told_at);
