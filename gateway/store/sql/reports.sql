-- name: snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: tenure
SELECT tenure, count(*) FROM units WHERE estate_id = %(estate_id)s GROUP BY tenure

-- name: alerts
-- By kind, level and what happened in the month: each alert once, whatever it went through; live: at the month's end.
WITH steps AS (
    SELECT a.alert_id, a.kind, a.level, c.seq, c.at, c.from_state, c.to_state
    FROM alert_changes c JOIN alerts a USING (alert_id)
    WHERE a.estate_id = %(estate_id)s AND c.at < %(end)s
), last AS (
    SELECT DISTINCT ON (alert_id) kind, level, to_state FROM steps ORDER BY alert_id, seq DESC
)
SELECT kind, level, 'opened' AS what, count(*) FROM alerts
WHERE estate_id = %(estate_id)s AND opened_at >= %(begin)s AND opened_at < %(end)s
GROUP BY kind, level
UNION ALL
SELECT kind, level, to_state, count(DISTINCT alert_id) FROM steps
WHERE at >= %(begin)s AND from_state <> to_state AND to_state IN ('confirmed', 'dismissed', 'resolved')
GROUP BY kind, level, to_state
UNION ALL
SELECT kind, level, 'live', count(*) FROM last WHERE to_state NOT IN ('dismissed', 'resolved') GROUP BY kind, level

-- name: suspected_vacant
SELECT count(DISTINCT unit_id) FROM (
    SELECT DISTINCT ON (a.alert_id) a.unit_id, c.to_state
    FROM alert_changes c JOIN alerts a USING (alert_id)
    WHERE a.estate_id = %(estate_id)s AND a.kind = 'vacancy' AND c.at < %(end)s
    ORDER BY a.alert_id, c.seq DESC
) AS last JOIN units u USING (unit_id)
WHERE to_state NOT IN ('dismissed', 'resolved') AND u.tenure = 'leased'

-- name: visits
SELECT state, outcome, count(*) FROM visits
WHERE estate_id = %(estate_id)s AND state <> 'cancelled' AND date BETWEEN %(begin_day)s AND %(end_day)s
GROUP BY state, outcome

-- name: cases
-- What happened in the month, each case once; overdue: at its end, by the day that the last order before it had set.
WITH steps AS (
    SELECT c.case_id, s.seq, s.at, s.from_state, s.to_state, s.action, s.data
    FROM case_changes s JOIN cases c USING (case_id)
    WHERE c.estate_id = %(estate_id)s AND s.at < %(end)s
), last AS (
    SELECT DISTINCT ON (case_id) case_id, to_state FROM steps ORDER BY case_id, seq DESC
), ordered AS (
    SELECT DISTINCT ON (case_id) case_id, (data ->> 'due')::date AS due FROM steps
    WHERE action = 'order' ORDER BY case_id, seq DESC
)
SELECT 'opened' AS what, count(*) FROM cases
WHERE estate_id = %(estate_id)s AND opened_at >= %(begin)s AND opened_at < %(end)s
UNION ALL
SELECT 'closed', count(DISTINCT case_id) FROM steps
WHERE at >= %(begin)s AND to_state = 'closed' AND from_state <> 'closed'
UNION ALL
SELECT 'handed_over', count(*) FROM case_handovers h JOIN cases c USING (case_id)
WHERE c.estate_id = %(estate_id)s AND h.at >= %(begin)s AND h.at < %(end)s
UNION ALL
SELECT 'overdue', count(*) FROM last JOIN ordered USING (case_id)
WHERE to_state = 'rectification_ordered' AND due <= %(last)s

-- name: cases_live
SELECT to_state, count(*) FROM (
    SELECT DISTINCT ON (c.case_id) c.case_id, s.to_state
    FROM case_changes s JOIN cases c USING (case_id)
    WHERE c.estate_id = %(estate_id)s AND s.at < %(end)s
    ORDER BY c.case_id, s.seq DESC
) AS last
WHERE to_state <> 'closed'
GROUP BY to_state

-- name: devices
-- By kind: devices, those with a known day in the month, and the sum of what is known of their days.
SELECT d.kind, count(*), count(*) FILTER (WHERE its.known > 0), coalesce(sum(its.known), 0)::float8
FROM devices d
LEFT JOIN LATERAL (
    SELECT sum(m.coverage)::float8 AS known FROM meter_days m
    WHERE d.kind <> 'door' AND m.device_no = d.device_no AND m.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT count(*)::float8 FROM door_days o
    WHERE d.kind = 'door' AND o.device_no = d.device_no AND o.day BETWEEN %(first)s AND %(last)s
) AS its ON its.known > 0
WHERE d.estate_id = %(estate_id)s
GROUP BY d.kind

-- name: conditions
-- Devices that ail now; a null condition counts each of them once. A meter that was exchanged is no fault.
SELECT NULL AS condition, count(*) FROM device_health h JOIN devices d USING (device_no)
WHERE d.estate_id = %(estate_id)s AND array_remove(h.conditions, 'replaced') <> '{}'
UNION ALL
SELECT c.condition, count(*) FROM device_health h JOIN devices d USING (device_no), unnest(h.conditions) AS c (condition)
WHERE d.estate_id = %(estate_id)s AND c.condition <> 'replaced'
GROUP BY c.condition

-- name: quarantine
SELECT reason,
       count(*) FILTER (WHERE first_at >= %(begin)s AND first_at < %(end)s) AS new,
       count(*) FILTER (WHERE replayed_at >= %(begin)s AND replayed_at < %(end)s) AS replayed,
       count(*) FILTER (WHERE state = 'held') AS held
FROM quarantine
GROUP BY reason
HAVING count(*) FILTER (WHERE first_at >= %(begin)s AND first_at < %(end)s
                           OR replayed_at >= %(begin)s AND replayed_at < %(end)s OR state = 'held') > 0
ORDER BY reason

-- name: looks
SELECT count(*) FROM access_log WHERE at >= %(begin)s AND at < %(end)s

-- name: note_counters
-- What has been counted up to now, kept as the day's last word; a month is a difference of two days' words.
INSERT INTO counter_days (day, name, value)
SELECT (now() AT TIME ZONE 'UTC')::date, name, sum(value) FROM ingest_counters
WHERE name = 'images_removed'
GROUP BY name
ON CONFLICT (day, name) DO UPDATE SET value = excluded.value

-- name: counted_by
SELECT value FROM counter_days WHERE name = %(name)s AND day <= %(day)s ORDER BY day DESC LIMIT 1

-- name: counted_at_first
SELECT value FROM counter_days WHERE name = %(name)s ORDER BY day LIMIT 1

-- name: counted_ever
SELECT coalesce(sum(value), 0)::bigint FROM ingest_counters WHERE name = %(name)s
