-- name: page
SELECT c.*, e.timezone, u.building, u.entrance, u.floor, u.room
FROM cases c JOIN units u USING (unit_id) JOIN estates e ON e.estate_id = c.estate_id
WHERE (%(states)s::text[] IS NULL OR c.state = ANY(%(states)s::text[]))
  AND (%(kinds)s::text[] IS NULL OR c.kind = ANY(%(kinds)s::text[]))
  AND (%(estates)s::text[] IS NULL OR c.estate_id = ANY(%(estates)s::text[]))
  AND (%(unit_id)s::text IS NULL OR c.unit_id = %(unit_id)s::text)
  AND (%(overdue)s::boolean IS NULL
       OR %(overdue)s::boolean = (c.state = 'rectification_ordered'
                                  AND c.due < (%(now)s::timestamptz AT TIME ZONE e.timezone)::date))
  AND (%(before)s::timestamptz IS NULL
       OR (c.updated_at, c.case_id) < (%(before)s::timestamptz, %(before_id)s::bigint))
ORDER BY c.updated_at DESC, c.case_id DESC
LIMIT %(limit)s

-- name: one
SELECT c.*, e.timezone, u.building, u.entrance, u.floor, u.room
FROM cases c JOIN units u USING (unit_id) JOIN estates e ON e.estate_id = c.estate_id
WHERE c.case_id = %(case_id)s

-- name: live
SELECT * FROM cases WHERE unit_id = %(unit_id)s AND kind = %(kind)s AND state <> 'closed'

-- name: live_of_alert
SELECT * FROM cases WHERE alert_ids @> ARRAY[%(alert_id)s::bigint] AND state <> 'closed'

-- name: live_of_visit
SELECT * FROM cases WHERE visit_id = %(visit_id)s AND state <> 'closed'

-- name: latest_of_alert
SELECT max(case_id) FROM cases WHERE alert_ids @> ARRAY[%(alert_id)s::bigint]

-- name: insert
INSERT INTO cases (kind, subtype, state, estate_id, unit_id, visit_id, alert_ids, grounds, opened_at, updated_at, due,
                   closed_from, statement, statement_at)
VALUES (%(kind)s, %(subtype)s, %(state)s, %(estate_id)s, %(unit_id)s, %(visit_id)s, %(alert_ids)s, %(grounds)s,
        %(opened_at)s, %(updated_at)s, %(due)s, %(closed_from)s, %(statement)s, %(statement_at)s)
RETURNING case_id

-- name: update
UPDATE cases
SET subtype = %(subtype)s, state = %(state)s, visit_id = %(visit_id)s, alert_ids = %(alert_ids)s,
    grounds = %(grounds)s, updated_at = %(updated_at)s, due = %(due)s, closed_from = %(closed_from)s,
    statement = %(statement)s, statement_at = %(statement_at)s
WHERE case_id = %(case_id)s

-- name: insert_change
INSERT INTO case_changes (case_id, at, actor, action, from_state, to_state, reason, data)
VALUES (%(case_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(reason)s, %(data)s)

-- name: insert_handover
INSERT INTO case_handovers (case_id, body, reference, at, actor)
VALUES (%(case_id)s, %(body)s, %(reference)s, %(at)s, %(actor)s)

-- name: history
SELECT seq, at, actor, action, from_state, to_state, reason, data
FROM case_changes WHERE case_id = %(case_id)s ORDER BY seq

-- name: handovers
SELECT body, reference, at, actor FROM case_handovers WHERE case_id = %(case_id)s ORDER BY handover_id
