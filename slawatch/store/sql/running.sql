-- name: add_jump
INSERT INTO time_jump (noted_at, since, until, size) VALUES (:now, :since, :until, :size)

-- name: jumps
SELECT since, until, size FROM time_jump ORDER BY id

-- name: free_inboxes
UPDATE inbox SET owner = '', lease_until = NULL WHERE owner = :worker

-- name: end_request_leases
UPDATE request SET lease_until = :now WHERE claimed_by = :worker AND lease_until > :now

-- name: end_follow_up_leases
UPDATE follow_up SET lease_until = :now WHERE claimed_by = :worker AND lease_until > :now

-- name: end_letter_leases
UPDATE letter SET lease_until = :now WHERE claimed_by = :worker AND lease_until > :now

-- name: end_telling_leases
UPDATE alert_delivery SET lease_until = :now WHERE claimed_by = :worker AND lease_until > :now
