-- name: add_canary
INSERT INTO canary (account, own_id, delay, intended_at) VALUES (:account, :own_id, :delay, :now)

-- name: canary_left
UPDATE canary SET sent_at = :sent_at, failed = :failed WHERE own_id = :own_id

-- name: canary_back
UPDATE canary SET back_at = :back_at, earlier = :earlier, later = :later, heard_at = :now
 WHERE own_id = :own_id AND heard_at IS NULL

-- name: canaries
SELECT * FROM canary
 WHERE account = :account
   AND intended_at >= :since -- if since
   AND intended_at < :until -- if until
 ORDER BY id

-- name: newest_canary
SELECT * FROM canary WHERE account = :account ORDER BY id DESC LIMIT 1

-- name: newest_canary_back
SELECT * FROM canary WHERE account = :account AND heard_at IS NOT NULL ORDER BY id DESC LIMIT 1

-- name: canary
SELECT * FROM canary WHERE own_id = :own_id
