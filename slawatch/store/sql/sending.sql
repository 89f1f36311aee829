-- name: add_request
INSERT INTO request (
    public_id, origin, company, channel, target, account, probe, lang, variant, subject, body, token, message_id,
    delivery, due_at, zone, intended_at, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty,
    proof, copy_received_at, void_reason, void_detail, slot_id, campaign, made_up, claimed_by, form, remote_id, asked_by, network,
    continues, told_again
) VALUES (
    :public_id, :origin, :company, :channel, :target, :account, :probe, :lang, :variant, :subject, :body, :token, :message_id,
    :delivery, :due_at, :zone, :intended_at, :accepted_at, :accepted_uncertainty, :submitted_at, :submitted_uncertainty,
    :proof, :copy_received_at, :void_reason, :void_detail, :slot_id, :campaign, :made_up, :worker, :form, :remote_id,
    :asked_by, :network, :continues, :told_again
)
RETURNING *

-- name: take_request
UPDATE request SET delivery = 'sending', claimed_by = :worker, lease_until = :lease_until, next_attempt_at = NULL
 WHERE id = :id AND delivery = 'intended' AND (next_attempt_at IS NULL OR next_attempt_at <= :now)
RETURNING account

-- name: add_attempt
INSERT INTO attempt (request_id, number, envelope_id, account, worker, started_at)
VALUES (
    :request_id, (SELECT COUNT(*) + 1 FROM attempt WHERE request_id = :request_id), :envelope_id, :account, :worker, :now
)
RETURNING *

-- name: end_attempt
UPDATE attempt SET outcome = :outcome, detail = :detail, ended_at = :now WHERE id = :id

-- name: finish_request
UPDATE request
   SET delivery = :delivery, lease_until = NULL, next_attempt_at = :retry_at,
       accepted_at = :accepted_at, accepted_uncertainty = :uncertainty, proof = :proof,
       submitted_at = :accepted_at, submitted_uncertainty = :uncertainty, remote_id = :remote_id,
       network = CASE WHEN :network = '' THEN network ELSE :network END,
       void_reason = :void_reason, void_detail = :void_detail
 WHERE id = :request_id AND delivery IN ('sending', 'uncertain') AND (void_reason IS NULL OR :delivery = 'sent')
   AND :attempt_id = (SELECT MAX(id) FROM attempt WHERE attempt.request_id = request.id)

-- name: expired
SELECT id FROM request WHERE delivery = 'sending' AND lease_until <= :now LIMIT 1

-- name: abandon_attempts
UPDATE attempt
   SET outcome = 'uncertain', detail = :detail,
       ended_at = (SELECT lease_until FROM request WHERE request.id = attempt.request_id)
 WHERE outcome = 'started'
   AND request_id IN (SELECT id FROM request WHERE delivery = 'sending' AND lease_until <= :now)

-- name: expire_leases
UPDATE request SET delivery = 'uncertain', lease_until = NULL
 WHERE delivery = 'sending' AND lease_until <= :now
RETURNING id

-- name: settle
UPDATE request
   SET delivery = :delivery, lease_until = NULL, next_attempt_at = NULL,
       accepted_at = :accepted_at, accepted_uncertainty = :uncertainty, proof = :proof,
       submitted_at = :accepted_at, submitted_uncertainty = :uncertainty, remote_id = :remote_id,
       void_reason = :void_reason, void_detail = :detail
 WHERE id = :id
   AND (delivery = 'uncertain' AND :delivery <> 'skipped'
        OR delivery = 'intended' AND :delivery IN ('refused', 'withdrawn')
        OR delivery = 'intended' AND origin = 'adopted' AND :delivery IN ('sent', 'skipped')
        OR delivery = 'skipped' AND :delivery = 'sent')
   AND NOT EXISTS (SELECT 1 FROM request AS other
                    WHERE :remote_id <> '' AND other.remote_id <> '' AND LOWER(other.remote_id) = LOWER(:remote_id)
                      AND other.id <> :id)

-- name: mark_copy
UPDATE request SET copy_received_at = :at
 WHERE id = :id AND (copy_received_at IS NULL OR copy_received_at > :at)

-- name: mark_proof
UPDATE request SET proof = 'proven' WHERE id = :id AND :proof = 'proven'

-- name: mark_accepted
UPDATE request SET accepted_at = :at, accepted_uncertainty = :uncertainty WHERE id = :id AND delivery = 'sent'

-- name: withdraw
-- What a person was to post is skipped: it may turn out to have been posted.
UPDATE request
   SET delivery = CASE WHEN origin = 'adopted' THEN 'skipped' ELSE 'withdrawn' END, next_attempt_at = NULL,
       void_reason = CASE WHEN origin = 'adopted' THEN NULL ELSE 'withdrawn' END, void_detail = :why, lease_until = NULL
 WHERE id = :id AND delivery = 'intended'

-- name: requests
SELECT * FROM request
 WHERE 1 = 1
   AND id IN (:ids) -- if ids
   AND public_id = :public_id -- if public_id
   AND delivery IN (:delivery) -- if delivery
   AND void_reason IS NULL -- if undecided
   AND company = :company -- if company
   AND LOWER(remote_id) = LOWER(:remote_id) AND remote_id <> '' -- if remote_id
   AND campaign = :campaign -- if campaign
   AND COALESCE(accepted_at, intended_at) >= :since -- if since
   AND COALESCE(accepted_at, intended_at) < :until -- if until
 ORDER BY COALESCE(accepted_at, intended_at), id

-- name: attempts
SELECT * FROM attempt WHERE request_id = :request_id ORDER BY number

-- name: sent_instants
SELECT started_at FROM attempt
 WHERE account = :account AND started_at >= :since AND outcome IN ('started', 'sent', 'uncertain')
UNION ALL
SELECT follow_up.started_at FROM follow_up
  JOIN request ON request.id = follow_up.request_id
 WHERE request.account = :account AND follow_up.started_at >= :since
 ORDER BY started_at
