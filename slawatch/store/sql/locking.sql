-- name: blobs_under
-- What is not under this key: in the clear, or under an older one.
SELECT sha256, bytes, key_id FROM blob WHERE key_id <> :key_id AND sha256 > :after ORDER BY sha256 LIMIT :most

-- name: relock_blob
UPDATE blob SET bytes = :packed, key_id = :key_id WHERE sha256 = :sha256

-- name: keys_in_use
SELECT key_id, COUNT(*) AS n, MIN(sha256) AS sha256 FROM blob GROUP BY key_id

-- name: encrypted_among
SELECT sha256 FROM blob WHERE key_id <> '' AND sha256 IN (:hashes)
