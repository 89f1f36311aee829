-- name: retain_messages
-- By the partial index, so that what holds nothing any more is not gone through again.
SELECT id, sha256, seen_at, purged_at, COALESCE(duplicate_of, id) AS first FROM message
 WHERE text_purged_at IS NULL AND id > :after ORDER BY id LIMIT :most

-- name: retain_ties
-- Replies, and copies of what we sent.
SELECT reply.message_id, request.company, COALESCE(request.accepted_at, request.intended_at) AS asked_at
  FROM reply JOIN request ON request.id = reply.request_id
 WHERE reply.message_id IN (:message_ids) AND reply.writer <> 'bystander'
UNION ALL
SELECT message.id, request.company, COALESCE(request.accepted_at, request.intended_at)
  FROM message JOIN request ON request.message_id = LOWER(message.own_id)
 WHERE message.id IN (:message_ids)

-- name: retain_requests
-- What is still to be sent needs its text. An imported one came when its file did.
SELECT request.id, request.company, COALESCE(request.accepted_at, request.intended_at) AS asked_at,
       COALESCE(import.at, request.intended_at) AS came_at
  FROM request
  LEFT JOIN given ON given.request_id = request.id
  LEFT JOIN import ON import.id = given.import_id
 WHERE request.sealed_at IS NULL AND request.delivery NOT IN ('intended', 'sending') AND request.id > :after
 ORDER BY request.id LIMIT :most

-- name: retain_exhibits
SELECT exhibit.id, exhibit.sha256, exhibit.at AS came_at, request.company,
       COALESCE(request.accepted_at, request.intended_at) AS asked_at
  FROM exhibit JOIN request ON request.id = exhibit.request_id
 WHERE exhibit.purged_at IS NULL AND exhibit.id > :after ORDER BY exhibit.id LIMIT :most

-- name: publications
SELECT scope, since, until, made_at FROM report ORDER BY made_at

-- name: seal_raw
UPDATE message SET purged_at = :now WHERE id = :id AND purged_at IS NULL

-- name: seal_exhibit
UPDATE exhibit SET purged_at = :now, name = '' WHERE id = :id

-- name: seal_message_text
UPDATE message SET text_purged_at = :now, subject = '', sender = '' WHERE id = :id

-- name: seal_reply_text
UPDATE reply SET saw = '', writer_saw = '' WHERE message_id = :id

-- name: seal_review
UPDATE review SET reason = '', reason_sha256 = :digest WHERE id = :id

-- name: reviews_to_seal
SELECT id, reason FROM review WHERE message_id = :message_id AND reason_sha256 = '' AND reason <> ''

-- name: request_to_seal
SELECT id, subject, body, text_sha256 FROM request WHERE id = :id

-- name: seal_request
UPDATE request SET sealed_at = :now, subject = '', body = '', text_sha256 = :digest, void_detail = '' WHERE id = :id

-- name: seal_former
UPDATE former SET void_detail = '' WHERE request_id = :id

-- name: seal_attempts
UPDATE attempt SET detail = '' WHERE request_id = :id

-- name: follow_ups_to_seal
SELECT id, subject, body FROM follow_up WHERE request_id = :request_id AND text_sha256 = ''

-- name: seal_follow_up
UPDATE follow_up SET subject = '', body = '', detail = '', text_sha256 = :digest WHERE id = :id

-- name: moments_to_seal
SELECT * FROM moment WHERE request_id = :request_id ORDER BY at, kind, saw

-- name: seal_moment
UPDATE moment SET saw = :sign, saw_sha256 = :digest
 WHERE request_id = :request_id AND at = :at AND kind = :kind AND saw = :saw

-- name: seal_events
UPDATE event SET detail = ''
 WHERE id IN (SELECT id FROM event WHERE at <= :before AND detail <> '' ORDER BY at LIMIT :most)

-- name: seal_looks
UPDATE look SET note = '' WHERE id IN (SELECT id FROM look WHERE ended_at <= :before AND note <> '' LIMIT :most)

-- name: seal_alerts
UPDATE alert SET words = ''
 WHERE id IN (SELECT id FROM alert WHERE resolved_at <= :before AND words <> '' LIMIT :most)

-- name: seal_alert_deliveries
UPDATE alert_delivery SET words = '', detail = ''
 WHERE id IN (SELECT alert_delivery.id FROM alert_delivery
               WHERE state NOT IN ('intended', 'sending') AND intended_at <= :before AND words || detail <> ''
               LIMIT :most)

-- name: seal_letters
UPDATE letter SET packed = NULL, subject = '', detail = ''
 WHERE id IN (SELECT id FROM letter
               WHERE state NOT IN ('intended', 'sending') AND intended_at <= :before
                 AND (packed IS NOT NULL OR subject || detail <> '')
               LIMIT :most)
