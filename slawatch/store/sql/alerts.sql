-- name: alerts
SELECT * FROM alert
 WHERE 1 = 1
   AND resolved_at IS NULL -- if still_open
   AND raised_at >= :since -- if since
 ORDER BY raised_at, id

-- name: raise_alert
INSERT INTO alert (key, kind, severity, ours, passing, words, raised_at)
VALUES (:key, :kind, :severity, :ours, :passing, :words, :now)
ON CONFLICT (key) WHERE resolved_at IS NULL DO NOTHING
RETURNING *

-- name: reword_alert
UPDATE alert SET words = :words, severity = :severity WHERE id = :id

-- name: resolve_alert
UPDATE alert SET resolved_at = :now WHERE id = :id AND resolved_at IS NULL

-- name: intend_alert_telling
INSERT INTO alert_delivery (alert_id, recipient, what, words, intended_at, next_attempt_at)
VALUES (:alert_id, :recipient, :what, :words, :now, :tell_at)
ON CONFLICT (alert_id, recipient, what) WHERE what IN ('raised', 'resolved') DO NOTHING

-- name: alert_tellings
SELECT alert_delivery.*, alert.raised_at, alert.resolved_at, alert.severity, alert.ours
  FROM alert_delivery
  JOIN alert ON alert.id = alert_delivery.alert_id
 WHERE 1 = 1
   AND alert_delivery.state IN (:states) -- if states
   AND alert_delivery.next_attempt_at <= :due -- if due
   AND alert_delivery.alert_id IN (:alerts) -- if alerts
 ORDER BY alert_delivery.id

-- name: take_alert_telling
UPDATE alert_delivery
   SET state = 'sending', claimed_by = :worker, lease_until = :lease_until, attempts = attempts + 1
 WHERE id = :id AND state = 'intended' AND next_attempt_at <= :now

-- name: finish_alert_telling
UPDATE alert_delivery
   SET state = :state, lease_until = NULL, detail = :detail, told_at = :told_at, again = MAX(again, :again),
       next_attempt_at = CASE WHEN :state = 'intended' THEN :retry_at ELSE next_attempt_at END
 WHERE id = :id AND state = 'sending' AND claimed_by = :worker

-- name: alert_tellings_expired
SELECT id FROM alert_delivery WHERE state = 'sending' AND lease_until <= :now LIMIT 1

-- name: expire_alert_tellings
UPDATE alert_delivery SET state = 'intended', lease_until = NULL, again = 1
 WHERE state = 'sending' AND lease_until <= :now

-- name: withdraw_alert_telling
UPDATE alert_delivery SET state = 'withdrawn', lease_until = NULL, detail = :detail WHERE id = :id AND state = 'intended'

-- name: forget_alerts
DELETE FROM alert WHERE resolved_at < :before
   AND id NOT IN (SELECT alert_id FROM alert_delivery)

-- name: forget_alert_tellings
DELETE FROM alert_delivery
 WHERE state IN ('told', 'withdrawn') AND alert_id IN (SELECT id FROM alert WHERE resolved_at < :before)
