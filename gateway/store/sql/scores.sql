-- name: write_scores
INSERT INTO unit_scores AS old (unit_id, kind, as_of, probability, raw, not_ready, facts)
SELECT unit_id, kind, %(as_of)s, nullif(probability, 'NaN'), nullif(raw, 'NaN'), nullif(not_ready, ''), facts
-- all units of the first kind, then all of the second, and so on
FROM unnest(%(probability)s::float8[], %(raw)s::float8[], %(not_ready)s::text[]) WITH ORDINALITY
    AS said (probability, raw, not_ready, number)
JOIN unnest(%(kinds)s::text[]) WITH ORDINALITY AS k (kind, its)
    ON its = 1 + (number - 1) / cardinality(%(unit_ids)s::text[])
JOIN unnest(%(unit_ids)s::text[]) WITH ORDINALITY AS u (unit_id, position)
    ON position = 1 + (number - 1) %% cardinality(%(unit_ids)s::text[])
LEFT JOIN unnest(%(told_of)s::text[], %(told_kinds)s::text[], %(facts)s::jsonb[]) AS told (told_of, told_kind, facts)
    ON told_of = unit_id AND told_kind = kind
ON CONFLICT (unit_id, kind) DO UPDATE SET
    as_of = excluded.as_of, probability = excluded.probability, raw = excluded.raw, not_ready = excluded.not_ready,
    facts = excluded.facts
WHERE old.as_of <= excluded.as_of

-- name: write_states
INSERT INTO unit_states AS old (unit_id, as_of, state, since)
SELECT unit_id, %(as_of)s, state, since
FROM unnest(%(unit_ids)s::text[], %(states)s::text[], %(since)s::date[]) AS new (unit_id, state, since)
ON CONFLICT (unit_id) DO UPDATE SET as_of = excluded.as_of, state = excluded.state, since = excluded.since
WHERE old.as_of <= excluded.as_of
