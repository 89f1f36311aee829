-- name: keep_recorded
-- Only what a person did, or was to do: nothing that left by itself is ever rewritten.
UPDATE request
   SET origin = :origin, delivery = :delivery, accepted_at = :accepted_at, accepted_uncertainty = :accepted_uncertainty,
       submitted_at = :accepted_at, submitted_uncertainty = :accepted_uncertainty, lease_until = NULL,
       void_reason = :void_reason, void_detail = :void_detail, network = :network, continues = :continues,
       told_again = :told_again
 WHERE id = :id
   AND (origin = 'recorded' OR origin = 'adopted' AND delivery IN ('intended', 'skipped') AND form <> 'post')

-- name: forget_listening
DELETE FROM moment WHERE request_id = :id AND kind = 'left'
