-- name: add_letter
INSERT INTO letter (
    key, kind, about, until, report_id, account, recipient, subject, message_id, packed, intended_at, next_attempt_at
) VALUES (
    :key, 'report', :about, :until, :report_id, :account, :recipient, :subject, :message_id, :packed, :now, :now
)
ON CONFLICT (key) DO NOTHING
RETURNING *

-- name: take_letter
UPDATE letter
   SET state = 'sending', claimed_by = :worker, lease_until = :lease_until, started_at = :now, attempts = attempts + 1
 WHERE id = :id AND state = 'intended' AND next_attempt_at <= :now
RETURNING *

-- name: finish_letter
-- Only by who has it, or had it: a report that comes after the lease is better than none. What evidence has shown stays.
UPDATE letter
   SET state = :state, lease_until = NULL, detail = :detail, sent_at = :sent_at,
       next_attempt_at = CASE WHEN :state = 'intended' THEN :retry_at ELSE next_attempt_at END,
       packed = CASE WHEN :state = 'intended' THEN packed END
 WHERE id = :id AND claimed_by = :worker AND (state = 'sending' OR state = 'uncertain' AND :state <> 'intended')

-- name: letters_expired
SELECT id FROM letter WHERE state = 'sending' AND lease_until <= :now LIMIT 1

-- name: expire_letters
UPDATE letter
   SET state = 'uncertain', lease_until = NULL, packed = NULL, detail = 'the process that sent it did not report back'
 WHERE state = 'sending' AND lease_until <= :now
RETURNING *

-- name: settle_letter
UPDATE letter SET state = :state, detail = :detail, sent_at = :sent_at, packed = NULL
 WHERE id = :id AND (state = 'uncertain' AND :state = 'sent' OR state = 'intended' AND :state = 'withdrawn')

-- name: letters
SELECT * FROM letter
 WHERE 1 = 1
   AND state IN (:states) -- if states
   AND about = :about -- if about
   AND until = :until -- if until
   AND key IN (:keys) -- if keys
   AND intended_at >= :since -- if since
 ORDER BY intended_at, id
