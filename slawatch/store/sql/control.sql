-- name: meta
SELECT value FROM meta WHERE key = :key

-- name: set_meta
INSERT INTO meta (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: add_campaign
INSERT INTO campaign (name, started_at, until) VALUES (:name, :started_at, :until)
RETURNING *

-- name: campaign
SELECT * FROM campaign
 WHERE 1 = 1
   AND id = :id -- if id
   AND ended_at IS NULL -- if still_open
 ORDER BY id DESC
 LIMIT 1

-- name: end_campaign
UPDATE campaign SET ended_at = :now WHERE id = :id AND ended_at IS NULL

-- name: pause
INSERT INTO pause (scope, why, since) VALUES (:scope, :why, :now)
ON CONFLICT (scope) DO UPDATE SET why = excluded.why

-- name: resume
DELETE FROM pause WHERE scope = :scope

-- name: paused
SELECT scope, why FROM pause ORDER BY scope

-- name: add_event
INSERT INTO event (at, kind, ref, detail) VALUES (:now, :kind, :ref, :detail)

-- name: events
SELECT at, kind, ref, detail FROM event WHERE at >= :since ORDER BY id
