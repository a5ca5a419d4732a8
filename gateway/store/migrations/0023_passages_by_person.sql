-- Who passed for which unit on which day, as before. Whoever passed is looked up by the index, each person once (LATERAL,
-- and OFFSET 0 so that it stays so): as a plain join every reader of an estate's passages goes through the persons and
-- households of all estates.
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
               WHEN p.stranger_id <> '' OR p.person_id <> '' THEN 'stranger'
               ELSE 'unidentified'
           END AS class,
           p.person_id,
           p.stranger_id,
           p.passages,
           p.device_no  -- readers name the doors of their estate, so that no other estate's rows are read
    FROM passage_days p
    JOIN devices d USING (device_no)
    LEFT JOIN LATERAL (
        SELECT person_id, role, valid_from, valid_to, h.unit_id
        FROM persons LEFT JOIN households h USING (household_id)
        WHERE persons.person_id = p.person_id AND p.person_id <> ''
        OFFSET 0
    ) AS who ON true
) AS attributed
WHERE unit_id IS NOT NULL;
