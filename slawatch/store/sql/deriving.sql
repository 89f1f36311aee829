-- name: add_derived
INSERT INTO derived (message_id) VALUES (:message_id)

-- name: forget_replies
DELETE FROM reply WHERE message_id = :message_id

-- name: forget_promises
DELETE FROM promise WHERE message_id = :message_id

-- name: learned_from
SELECT company, key, request_id FROM learned WHERE message_id = :message_id

-- name: judge_taught_again
UPDATE derived SET rules = 'again'
 WHERE message_id <> :message_id
   AND message_id IN (SELECT reply.message_id FROM reply
                       WHERE reply.request_id IN (:request_ids) AND reply.evidence IN ('ticket', 'thread'))

-- name: forget_learned
DELETE FROM learned WHERE message_id = :message_id

-- name: learned_of
SELECT DISTINCT key FROM learned WHERE request_id = :request_id ORDER BY key

-- name: add_learned
INSERT INTO learned (company, key, request_id, message_id) VALUES (:company, :key, :request_id, :message_id)
ON CONFLICT (company, key, request_id, message_id) DO NOTHING

-- name: save_derived
INSERT INTO derived (message_id, rules, own, kind, because, how_long, why, complete, fingerprint, says_machine)
VALUES (:message_id, :rules, :own, :kind, :because, :how_long, :why, :complete, :fingerprint, :says_machine)
ON CONFLICT (message_id) DO UPDATE
   SET rules = excluded.rules, own = excluded.own, kind = excluded.kind, because = excluded.because,
       how_long = excluded.how_long, why = excluded.why, complete = excluded.complete,
       fingerprint = excluded.fingerprint, says_machine = excluded.says_machine

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
SELECT reply.*, derived.kind, derived.because, derived.how_long, derived.why, derived.complete, derived.says_machine,
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
SELECT LOWER(remote_id), id FROM request
 WHERE remote_id <> ''
   AND LOWER(remote_id) IN (:keys) -- if keys
UNION ALL
SELECT own_id, request_id FROM follow_up
 WHERE 1 = 1
   AND own_id IN (:keys) -- if keys
UNION ALL
SELECT LOWER(remote_id), request_id FROM follow_up
 WHERE remote_id <> ''
   AND LOWER(remote_id) IN (:keys) -- if keys

-- name: known_envelope_ids
SELECT envelope_id AS key, request_id AS id FROM attempt
 WHERE 1 = 1
   AND envelope_id IN (:keys) -- if keys
UNION ALL
SELECT envelope_id, request_id FROM follow_up
 WHERE 1 = 1
   AND envelope_id IN (:keys) -- if keys

-- name: known_follow_ups
SELECT own_id AS key FROM follow_up
 WHERE 1 = 1
   AND own_id IN (:keys) -- if keys
UNION ALL
SELECT envelope_id FROM follow_up
 WHERE 1 = 1
   AND envelope_id IN (:keys) -- if keys
UNION ALL
SELECT LOWER(remote_id) FROM follow_up
 WHERE remote_id <> ''
   AND LOWER(remote_id) IN (:keys) -- if keys

-- name: taught
SELECT DISTINCT key, request_id, message_id FROM learned
 WHERE company IN (:companies) AND key IN (:keys)

-- name: open_requests
SELECT request.id, request.company, request.channel, request.target, request.subject, request.token,
       request.intended_at, request.accepted_at,
       (SELECT MIN(message.stamp_at)
          FROM reply
          JOIN derived ON derived.message_id = reply.message_id
          JOIN message ON message.id = reply.message_id
         WHERE reply.request_id = request.id AND derived.own = 0
           AND derived.kind IN ('answer', 'handoff', 'refusal')
           AND reply.strength <> 'weak' AND reply.writer = 'company') AS answered_at
  FROM request
 WHERE request.company IN (:companies) AND request.intended_at >= :since AND request.intended_at <= :until
   AND request.account = :account AND request.delivery IN ('sent', 'uncertain')
   AND request.origin IN ('sent', 'adopted') AND request.made_up = 0
 ORDER BY request.intended_at, request.id

-- name: same_text
SELECT DISTINCT reply.request_id AS id
  FROM derived
  JOIN reply ON reply.message_id = derived.message_id
  JOIN request ON request.id = reply.request_id
 WHERE derived.fingerprint = :fingerprint AND derived.message_id <> :message_id AND request.company = :company

-- name: judge_same_text_again
UPDATE derived SET rules = 'again'
 WHERE fingerprint = :fingerprint AND message_id <> :message_id AND rules = :rules
   AND kind IN ('answer', 'interim', 'question', 'handoff', 'refusal', 'unknown')
   AND message_id IN (SELECT reply.message_id FROM reply JOIN request ON request.id = reply.request_id
                       WHERE request.company = :company)
   AND EXISTS (SELECT 1 FROM derived AS this WHERE this.message_id = :message_id AND this.rules = '')
