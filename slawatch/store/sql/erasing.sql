-- name: every_blob
SELECT message.id, message.sha256 FROM message JOIN blob ON blob.sha256 = message.sha256
 WHERE message.id > :after ORDER BY message.id LIMIT :most

-- name: messages_alike
-- Duplicates hold the same words, and so does what came in by another account.
SELECT id FROM message
 WHERE id IN (:ids) OR duplicate_of IN (:ids) OR id IN (SELECT duplicate_of FROM message WHERE id IN (:ids))
    OR sha256 IN (SELECT sha256 FROM message WHERE id IN (:ids))

-- name: messages_of_requests
SELECT reply.message_id AS id FROM reply WHERE reply.request_id IN (:request_ids)
UNION
SELECT message.id FROM message JOIN request ON request.message_id = LOWER(message.own_id)
 WHERE request.id IN (:request_ids)
UNION
SELECT message.id FROM message JOIN follow_up ON LOWER(follow_up.own_id) = LOWER(message.own_id)
 WHERE follow_up.request_id IN (:request_ids)

-- name: exhibits_of_requests
SELECT id, sha256, request_id FROM exhibit WHERE purged_at IS NULL
   AND request_id IN (:request_ids) -- if request_ids

-- name: messages_to_erase
SELECT id, sha256, purged_at FROM message WHERE id IN (:ids) ORDER BY id

-- name: erase_writer
UPDATE message SET sender = '', purged_at = COALESCE(purged_at, :now), text_purged_at = COALESCE(text_purged_at, :now)
 WHERE id = :id

-- name: moments_that_mention
SELECT DISTINCT request_id FROM moment WHERE mentions(saw)

-- name: requests_that_mention
SELECT id FROM request WHERE mentions(subject) OR mentions(body)
UNION
SELECT request_id FROM follow_up WHERE mentions(subject) OR mentions(body)
 ORDER BY 1

-- name: identities_that_mention
SELECT rowid AS id FROM identity WHERE mentions(address) OR mentions(handle) OR mentions(name) OR mentions(id)

-- name: erase_identities
DELETE FROM identity WHERE mentions(address) OR mentions(handle) OR mentions(name) OR mentions(id)

-- name: reviews_that_mention
SELECT id, reason FROM review WHERE mentions(reason) AND reason_sha256 = ''

-- name: letters_kept
SELECT id, packed, state FROM letter WHERE packed IS NOT NULL

-- name: erase_letter
UPDATE letter SET packed = NULL, state = CASE WHEN state = 'intended' THEN 'withdrawn' ELSE state END WHERE id = :id

-- name: intended_that_mention
SELECT id FROM request WHERE delivery = 'intended' AND mentions(target)

-- name: slots_that_mention
SELECT id FROM slot WHERE state = 'planned' AND mentions(target)

-- name: former_that_mention
UPDATE former SET void_detail = rewritten(void_detail) WHERE mentions(void_detail)

-- name: audit_that_mentions
SELECT COUNT(*) AS n FROM audit_log WHERE mentions(scope) OR mentions(detail)

-- name: opt_outs_that_mention
SELECT COUNT(*) AS n FROM opt_out WHERE mentions(scope)
