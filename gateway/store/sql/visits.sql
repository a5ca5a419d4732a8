-- name: page
SELECT v.*, u.building, u.entrance, u.floor, u.room, e.timezone
FROM visits v JOIN units u USING (unit_id) JOIN estates e ON e.estate_id = v.estate_id
WHERE (%(date)s::date IS NULL OR v.date = %(date)s::date)
  AND (%(inspector)s::text IS NULL OR v.inspector = %(inspector)s::text)
  AND (%(estates)s::text[] IS NULL OR v.estate_id = ANY(%(estates)s::text[]))
  AND (%(unit_id)s::text IS NULL OR v.unit_id = %(unit_id)s::text)
  AND CASE WHEN %(state)s::text IS NULL THEN v.state <> 'cancelled' ELSE v.state = %(state)s::text END
  AND (%(after_date)s::date IS NULL
       OR v.date < %(after_date)s::date
       OR (v.date = %(after_date)s::date
           AND (v.inspector, v."order", v.visit_id)
               > (%(after_inspector)s::text, %(after_order)s::bigint, %(after_id)s::bigint)))
ORDER BY v.date DESC, v.inspector, v."order", v.visit_id
LIMIT %(limit)s

-- name: one
SELECT v.*, u.building, u.entrance, u.floor, u.room, e.timezone
FROM visits v JOIN units u USING (unit_id) JOIN estates e ON e.estate_id = v.estate_id
WHERE v.visit_id = %(visit_id)s

-- name: places
SELECT unit_id, estate_id, building, entrance, floor, room FROM units WHERE unit_id = ANY(%(unit_ids)s::text[])

-- name: open_alerts
SELECT a.alert_id FROM alerts a
WHERE a.state = 'open' AND a.unit_id IS NOT NULL
  AND (%(estate_id)s::text IS NULL OR a.estate_id = %(estate_id)s::text)

-- name: open_alerts_of_unit
SELECT alert_id FROM alerts WHERE state = 'open' AND unit_id = %(unit_id)s

-- name: outcomes
SELECT unit_id, date, outcome FROM visits
WHERE estate_id = %(estate_id)s AND state = 'done' AND date >= %(since)s AND outcome = ANY(%(outcomes)s::text[])
ORDER BY unit_id, date, visit_id

-- name: below_the_line
SELECT s.unit_id, s.kind, s.probability, coalesce(s.raw, s.probability), s.facts
FROM unit_scores s JOIN units u USING (unit_id)
WHERE s.kind = ANY(%(kinds)s::text[]) AND s.probability >= %(least)s AND s.as_of > %(day)s::date - 7
  AND (%(estate_id)s::text IS NULL OR u.estate_id = %(estate_id)s::text)
  AND NOT EXISTS (
      SELECT 1 FROM alerts a
      WHERE a.unit_id = s.unit_id AND (a.state NOT IN ('dismissed', 'resolved') OR a.until >= %(day)s))
ORDER BY s.unit_id, s.kind

-- name: raw_scores
SELECT unit_id, kind, coalesce(raw, probability) FROM unit_scores
WHERE unit_id = ANY(%(unit_ids)s::text[]) AND probability IS NOT NULL

-- name: last_visits
SELECT DISTINCT ON (unit_id) unit_id, date, outcome
FROM visits
WHERE state <> 'cancelled' AND date > %(since)s
ORDER BY unit_id, date DESC, visit_id DESC

-- name: count_planned
SELECT count(*) FROM visits
WHERE date = %(date)s AND inspector = %(inspector)s AND state <> 'cancelled'
  AND (%(estate_id)s::text IS NULL OR estate_id = %(estate_id)s::text)

-- name: insert
INSERT INTO visits (date, inspector, estate_id, unit_id, "order", alert_ids, reasons, questions, best_hours, explores,
                    chance, signals, created_at)
VALUES (%(date)s, %(inspector)s, %(estate_id)s, %(unit_id)s, 0, %(alert_ids)s::bigint[], %(reasons)s, %(questions)s,
        %(best_hours)s, %(explores)s, %(chance)s, %(signals)s, %(now)s)
RETURNING visit_id

-- name: on_day
SELECT visit_id, state FROM visits
WHERE date = %(date)s AND unit_id = %(unit_id)s AND state <> 'cancelled'

-- name: join
UPDATE visits
SET alert_ids = alert_ids || %(alert_ids)s::bigint[],
    reasons = reasons || %(reasons)s::jsonb,
    questions = %(questions)s::jsonb,
    signals = signals || %(signals)s::jsonb
WHERE visit_id = %(visit_id)s

-- name: route
SELECT v.visit_id, u.estate_id, u.building, u.entrance, u.floor, u.room
FROM visits v JOIN units u USING (unit_id)
WHERE v.date = %(date)s AND v.inspector = %(inspector)s AND v.state <> 'cancelled'

-- name: number
UPDATE visits SET "order" = route.position
FROM unnest(%(visit_ids)s::bigint[]) WITH ORDINALITY AS route (visit_id, position)
WHERE visits.visit_id = route.visit_id

-- name: release
WITH left_over AS (
    SELECT visit_id, array_remove(alert_ids, %(alert_id)s) AS alert_ids,
           cardinality(array_remove(alert_ids, %(alert_id)s)) = 0
               AND NOT reasons @> '[{"code": "ordered"}]' AS is_nothing
    FROM visits WHERE state = 'planned' AND %(alert_id)s = ANY(alert_ids)
)
UPDATE visits v
SET state = CASE WHEN l.is_nothing THEN 'cancelled' ELSE v.state END,
    alert_ids = CASE WHEN l.is_nothing THEN v.alert_ids ELSE l.alert_ids END
FROM left_over l WHERE v.visit_id = l.visit_id

-- name: lapsed
SELECT visit_id, alert_ids FROM visits
WHERE state = 'planned' AND date < %(before)s AND (%(estate_id)s::text IS NULL OR estate_id = %(estate_id)s::text)
FOR UPDATE

-- name: cancel
UPDATE visits SET state = 'cancelled' WHERE visit_id = %(visit_id)s

-- name: result
SELECT * FROM visit_results WHERE key = %(key)s

-- name: results
SELECT * FROM visit_results WHERE visit_id = %(visit_id)s ORDER BY found_at, received_at, key

-- name: insert_result
INSERT INTO visit_results (key, visit_id, outcome, note, found_at, received_at, inspector)
VALUES (%(key)s, %(visit_id)s, %(outcome)s, %(note)s, %(found_at)s, %(received_at)s, %(inspector)s)

-- name: finish
UPDATE visits SET state = 'done', outcome = %(outcome)s WHERE visit_id = %(visit_id)s
