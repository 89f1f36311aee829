-- name: add_derived
INSERT INTO derived (message_id) VALUES (:message_id)

-- name: forget_replies
DELETE FROM reply WHERE message_id = :message_id

-- name: forget_promises
DELETE FROM promise WHERE message_id = :message_id

-- name: save_derived
INSERT INTO derived (message_id, rules, own, kind, because, how_long, why, complete, fingerprint)
VALUES (:message_id, :rules, :own, :kind, :because, :how_long, :why, :complete, :fingerprint)
ON CONFLICT (message_id) DO UPDATE
   SET rules = excluded.rules, own = excluded.own, kind = excluded.kind, because = excluded.because,
       how_long = excluded.how_long, why = excluded.why, complete = excluded.complete,
       fingerprint = excluded.fingerprint

-- name: add_promise
INSERT INTO promise (message_id, number, quote, about, within, business_days, business_time, due_at)
VALUES (:message_id, :number, :quote, :about, :within, :business_days, :business_time, :due_at)

-- name: promises
SELECT DISTINCT promise.*
  FROM promise
  JOIN reply ON reply.message_id = promise.message_id
 WHERE 1 = 1
   AND reply.request_id IN (:request_ids) -- if request_ids
   AND reply.message_id IN (:message_ids) -- if message_ids
 ORDER BY promise.message_id, promise.number

-- name: add_reply
INSERT INTO reply (message_id, request_id, evidence, strength, saw, writer, writer_saw)
VALUES (:message_id, :request_id, :evidence, :strength, :saw, :writer, :writer_saw)

-- name: replies
SELECT reply.*, derived.kind, derived.because, derived.how_long, derived.why, derived.complete,
       COALESCE((SELECT 1 - review.undone FROM review WHERE review.message_id = reply.message_id
                  ORDER BY review.id DESC LIMIT 1), 0) AS settled,
       message.sender, message.subject, message.stamp_at, message.stamp_source, message.stamp_why, message.stamp_earlier,
       message.stamp_later, message.internal_at, message.date_header_at
  FROM reply
  JOIN derived ON derived.message_id = reply.message_id
  JOIN message ON message.id = reply.message_id
 WHERE derived.own = 0
   AND reply.request_id IN (:request_ids) -- if request_ids
   AND reply.message_id IN (:message_ids) -- if message_ids
 ORDER BY message.stamp_at, message.id

-- name: known_tokens
SELECT token AS key, id FROM request
 WHERE 1 = 1
   AND token IN (:keys) -- if keys

-- name: known_message_ids
SELECT message_id AS key, id FROM request
 WHERE 1 = 1
   AND message_id IN (:keys) -- if keys
UNION ALL
SELECT own_id, request_id FROM follow_up
 WHERE 1 = 1
   AND own_id IN (:keys) -- if keys

-- name: known_envelope_ids
SELECT envelope_id AS key, request_id AS id FROM attempt
 WHERE 1 = 1
   AND envelope_id IN (:keys) -- if keys
UNION ALL
SELECT envelope_id, request_id FROM follow_up
 WHERE 1 = 1
   AND envelope_id IN (:keys) -- if keys
