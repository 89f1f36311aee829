-- name: add_follow_up
-- Counted inside the statement, so that two processes together cannot write more often than is allowed.
INSERT INTO follow_up (
    request_id, message_id, purpose, by_hand, subject, body, own_id, envelope_id, delivery, intended_at
)
SELECT :request_id, :message_id, :purpose, :by_hand, :subject, :body, :own_id, :envelope_id, 'intended', :now
 WHERE 1 = 1
   AND :most > (SELECT COUNT(*) FROM follow_up WHERE request_id = :request_id AND purpose = :purpose) -- if most
ON CONFLICT (message_id, request_id, purpose) DO NOTHING
RETURNING *

-- name: anew_by_hand
-- Only what surely did not leave: whatever was begun and not refused may lie at the company.
UPDATE follow_up
   SET by_hand = 1, subject = :subject, body = :body, own_id = :own_id, envelope_id = :envelope_id,
       delivery = 'intended', intended_at = :now, started_at = NULL, next_attempt_at = NULL, detail = ''
 WHERE message_id = :message_id AND request_id = :request_id AND purpose = :purpose
   AND (delivery IN ('intended', 'refused') OR delivery = 'withdrawn' AND started_at IS NULL)
RETURNING *

-- name: record_follow_up
INSERT INTO follow_up (
    request_id, message_id, purpose, by_hand, subject, body, own_id, envelope_id, delivery, intended_at, sent_at,
    uncertainty, detail
) VALUES (
    :request_id, :message_id, :purpose, 1, :subject, :body, :own_id, :envelope_id, 'sent', :now, :sent_at,
    :uncertainty, :detail
)
ON CONFLICT (message_id, request_id, purpose) DO UPDATE
   SET by_hand = 1, subject = excluded.subject, body = excluded.body, own_id = excluded.own_id, delivery = 'sent',
       sent_at = excluded.sent_at, uncertainty = excluded.uncertainty, detail = excluded.detail, started_at = NULL,
       next_attempt_at = NULL
 WHERE follow_up.delivery NOT IN ('sending', 'sent')
RETURNING *

-- name: take_follow_up
UPDATE follow_up
   SET delivery = 'sending', claimed_by = :worker, lease_until = :lease_until, started_at = :now, next_attempt_at = NULL
 WHERE id = :id AND delivery = 'intended' AND (next_attempt_at IS NULL OR next_attempt_at <= :now)
RETURNING *

-- name: finish_follow_up
-- A report that comes after the lease is better than none, but what evidence has shown stays.
UPDATE follow_up
   SET delivery = :delivery, lease_until = NULL, next_attempt_at = :retry_at, detail = :detail,
       started_at = CASE WHEN :left THEN started_at END, sent_at = :sent_at, uncertainty = :uncertainty,
       remote_id = :remote_id
 WHERE id = :id AND started_at IS NOT NULL
   AND (delivery IN ('sending', 'uncertain') OR delivery = 'withdrawn' AND :delivery = 'sent')

-- name: follow_up_expired
SELECT id FROM follow_up WHERE delivery = 'sending' AND lease_until <= :now LIMIT 1

-- name: expire_follow_ups
UPDATE follow_up
   SET delivery = 'uncertain', lease_until = NULL, detail = 'the process that sent it did not report back'
 WHERE delivery = 'sending' AND lease_until <= :now
RETURNING *

-- name: settle_follow_up
UPDATE follow_up
   SET delivery = :delivery, lease_until = NULL, next_attempt_at = NULL, detail = :detail,
       started_at = CASE WHEN :left THEN started_at END, sent_at = :sent_at, uncertainty = :uncertainty,
       remote_id = CASE WHEN :remote_id <> '' THEN :remote_id ELSE remote_id END
 WHERE id = :id
   AND (delivery = 'uncertain'
        OR delivery = 'withdrawn' AND started_at IS NOT NULL AND :delivery = 'sent'
        OR delivery = 'intended' AND :delivery = 'withdrawn'
        OR delivery = 'sent' AND :delivery = 'refused')

-- name: follow_ups
SELECT * FROM follow_up
 WHERE 1 = 1
   AND request_id IN (:request_ids) -- if request_ids
   AND delivery IN (:delivery) -- if delivery
   AND own_id IN (:own_ids) -- if own_ids
   AND LOWER(remote_id) IN (:remote_ids) AND remote_id <> '' -- if remote_ids
   AND envelope_id IN (:envelope_ids) -- if envelope_ids
 ORDER BY COALESCE(sent_at, intended_at), id

-- name: questions_open
-- CROSS JOIN keeps the order: there are few questions, and an index of them; otherwise SQLite reads every reply ever.
SELECT DISTINCT reply.request_id AS id
  FROM derived
  CROSS JOIN reply ON reply.message_id = derived.message_id
  CROSS JOIN message ON message.id = reply.message_id
 WHERE derived.kind = 'question' AND derived.own = 0 AND message.stamp_at >= :since
   AND NOT EXISTS (SELECT 1 FROM follow_up
                    WHERE follow_up.message_id = reply.message_id AND follow_up.request_id = reply.request_id
                      AND follow_up.purpose = 'reply')

-- name: answers_unthanked
SELECT DISTINCT reply.request_id AS id
  FROM derived
  JOIN reply ON reply.message_id = derived.message_id
  JOIN message ON message.id = reply.message_id
 WHERE derived.kind = 'answer' AND derived.own = 0 AND message.stamp_at >= :since
   AND NOT EXISTS (SELECT 1 FROM follow_up WHERE request_id = reply.request_id AND purpose = 'thanks')

-- name: cited_replies
SELECT message.id AS message_id, reply.request_id
  FROM message
  JOIN reply ON reply.message_id = message.id
  JOIN derived ON derived.message_id = message.id
 WHERE message.account = :account AND message.own_id <> '' AND message.own_id IN (:own_ids) AND derived.own = 0
 ORDER BY message.stamp_at DESC, message.id DESC
