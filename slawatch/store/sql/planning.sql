-- name: add_slot
INSERT INTO slot (key, company, channel, target, account, due_at, zone, ready_at, campaign, continues)
VALUES (:key, :company, :channel, :target, :account, :due_at, :zone, :due_at, :campaign, :continues)
ON CONFLICT (key) DO NOTHING

-- name: slots
SELECT * FROM slot
 WHERE 1 = 1
   AND id = :id -- if id
   AND state = :state -- if state
   AND ready_at <= :due_until -- if due_until
   AND company = :company -- if company
   AND campaign = :campaign -- if campaign
 ORDER BY ready_at, id

-- name: put_off
UPDATE slot SET ready_at = :until, why = :why WHERE id = :id AND state = 'planned'

-- name: close_planned
UPDATE slot SET state = 'closed', why = :why WHERE id = :id AND state = 'planned'

-- name: close_planned_key
UPDATE slot SET state = 'closed', why = :why WHERE key = :key AND state = 'planned'

-- name: claim_slot
UPDATE slot SET state = 'claimed', why = '' WHERE id = :id AND state = 'planned'

-- name: close_claimed
UPDATE slot SET state = 'closed', why = :why
 WHERE state = 'claimed' AND id IN (SELECT slot_id FROM request WHERE request.id = :request_id)

-- name: slot_to_plan_anew
SELECT slot.*
  FROM slot
  JOIN request ON request.slot_id = slot.id
  LEFT JOIN campaign ON campaign.id = slot.campaign
 WHERE request.id = :request_id AND campaign.ended_at IS NULL

-- name: history
SELECT company, channel, probe, lang, variant, form, COALESCE(accepted_at, intended_at) AS at,
       CASE WHEN void_reason IS NULL AND NOT EXISTS (
                SELECT 1
                  FROM reply
                  JOIN derived ON derived.message_id = reply.message_id
                 WHERE reply.request_id = request.id AND reply.strength <> 'weak'
                   AND reply.writer IN ('company', 'system')
                   AND derived.own = 0 AND derived.kind IN (:closing_kinds)
            ) THEN 1 ELSE 0 END AS open
  FROM request
 WHERE company = :company
   AND COALESCE(accepted_at, intended_at) >= :since
   AND delivery NOT IN ('refused', 'withdrawn', 'skipped')
   AND origin IN ('sent', 'adopted', 'recorded')
   AND made_up = 0
 ORDER BY at, id
