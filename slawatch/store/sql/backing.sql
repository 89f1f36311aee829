-- name: close_overdue
UPDATE slot SET state = 'closed', why = :why WHERE state = 'planned' AND due_at <= :now

-- name: begin_unsent
INSERT INTO attempt (request_id, number, envelope_id, account, worker, started_at)
SELECT id, (SELECT COUNT(*) + 1 FROM attempt WHERE request_id = request.id),
       'restored-' || id || '-' || :now, account, :worker, :since
  FROM request
 WHERE delivery = 'intended' AND origin = 'sent'

-- name: doubt_requests
UPDATE request SET delivery = 'sending', claimed_by = :worker, lease_until = :now, next_attempt_at = NULL
 WHERE (delivery = 'intended' AND origin = 'sent') OR delivery = 'sending'

-- name: doubt_follow_ups
UPDATE follow_up
   SET delivery = 'sending', claimed_by = :worker, lease_until = :now, next_attempt_at = NULL,
       started_at = COALESCE(started_at, :since)
 WHERE delivery IN ('intended', 'sending')

-- name: doubt_letters
UPDATE letter SET state = 'sending', claimed_by = :worker, lease_until = :now, started_at = COALESCE(started_at, :since)
 WHERE state IN ('intended', 'sending')
