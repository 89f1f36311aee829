-- name: add_review
INSERT INTO review (message_id, at, who, reason, kind, requests, was, undone)
VALUES (:message_id, :now, :who, :reason, :kind, :requests, :was, :undone)
RETURNING *

-- name: reviews
SELECT * FROM review
 WHERE message_id = :message_id
 ORDER BY id

-- name: latest_reviews
SELECT * FROM review
 WHERE id IN (SELECT MAX(id) FROM review GROUP BY message_id)
   AND message_id IN (:message_ids) -- if message_ids

-- name: trust_domain
INSERT INTO trusted_domain (company, domain, review_id) VALUES (:company, :domain, :review_id)
ON CONFLICT (company, domain) DO NOTHING

-- name: distrust
DELETE FROM trusted_domain WHERE review_id IN (SELECT id FROM review WHERE message_id = :message_id)

-- name: trusted_domains
SELECT company, domain FROM trusted_domain ORDER BY company, domain

-- name: judge_again
UPDATE derived SET rules = ''
 WHERE message_id IN (SELECT message.id FROM message JOIN blob ON blob.sha256 = message.sha256
                       WHERE message.purged_at IS NULL)
   AND message_id IN (:message_ids) -- if message_ids
   AND message_id IN (SELECT reply.message_id FROM reply JOIN request ON request.id = reply.request_id WHERE request.company = :company) -- if company

-- name: count_sealed
SELECT COUNT(*) AS n
  FROM derived
  JOIN message ON message.id = derived.message_id
 WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.sha256 = message.sha256)

-- name: judgements
SELECT derived.message_id, derived.kind, derived.because
  FROM derived
 WHERE derived.own = 0
   AND derived.message_id IN (:message_ids) -- if message_ids
