-- name: any_estate
SELECT exists(SELECT FROM estates)
