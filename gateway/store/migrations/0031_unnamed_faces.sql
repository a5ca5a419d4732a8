-- The same of a day. Where it is known, a day's passages that name nobody are told apart: faces without a pseudonym are
-- strangers, as no list names them; cards, codes and buttons stay unidentified.
ALTER TABLE passage_days ADD COLUMN faces integer;

CREATE OR REPLACE VIEW daily_passages AS
SELECT * FROM (
    SELECT coalesce(nullif(p.unit_id, ''), d.unit_id, who.unit_id) AS unit_id,
           p.day,
           CASE
               WHEN who.person_id IS NOT NULL
                    AND p.day BETWEEN coalesce(who.valid_from, '-infinity') AND coalesce(who.valid_to, 'infinity')
                   THEN CASE WHEN who.role IN ('tenant', 'member')
                                  AND who.unit_id = coalesce(nullif(p.unit_id, ''), d.unit_id, who.unit_id)
                             THEN 'registered' ELSE 'visitor' END
               WHEN p.person_id <> '' OR p.stranger_id <> '' OR part.unnamed THEN 'stranger'
               ELSE 'unidentified'
           END AS class,
           p.person_id,
           p.stranger_id,
           CASE WHEN p.person_id <> '' OR p.stranger_id <> '' THEN p.passages
                WHEN part.unnamed THEN p.faces
                ELSE p.passages - coalesce(p.faces, 0) END AS passages,
           p.device_no,  -- readers name the doors of their estate, so that no other estate's rows are read
           p.faces
    FROM passage_days p
    JOIN devices d USING (device_no)
    JOIN (VALUES (true), (false)) AS part (unnamed)
        ON CASE WHEN p.person_id <> '' OR p.stranger_id <> '' THEN NOT part.unnamed
                WHEN part.unnamed THEN p.faces > 0
                ELSE p.passages > coalesce(p.faces, 0) END
    LEFT JOIN LATERAL (
        SELECT person_id, role, valid_from, valid_to, h.unit_id
        FROM persons LEFT JOIN households h USING (household_id)
        WHERE persons.person_id = p.person_id AND p.person_id <> ''
        OFFSET 0
    ) AS who ON true
) AS attributed
WHERE unit_id IS NOT NULL;

-- Days that stand already are counted again by the next refresh, as far back as single passages are kept.
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT date_trunc('hour', min(ts)), date_trunc('hour', max(ts)), ARRAY[device_no] FROM door_events GROUP BY device_no;
