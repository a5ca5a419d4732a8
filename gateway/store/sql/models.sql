-- name: lock
SELECT pg_advisory_xact_lock(hashtext('models'))

-- name: newest
SELECT model_id, fitted_at, labels, parameters, drift, copy_of FROM models ORDER BY model_id DESC LIMIT %(limit)s

-- name: before
SELECT model_id, fitted_at, labels, parameters, drift, copy_of FROM models
WHERE model_id < %(model_id)s AND copy_of IS NULL
ORDER BY model_id DESC LIMIT 1

-- name: insert
INSERT INTO models (fitted_at, labels, parameters, drift, copy_of)
VALUES (%(fitted_at)s, %(labels)s, %(parameters)s, %(drift)s, %(copy_of)s)

-- name: outcomes
SELECT unit_id, signals, chance, outcome FROM visits
WHERE state = 'done' AND outcome = ANY(%(outcomes)s::text[]) AND signals <> '[]'
ORDER BY date, visit_id
