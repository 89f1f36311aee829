-- name: any_unlinked
SELECT 1 FROM unlinked LIMIT 1

-- name: unlinked
SELECT number, kind, key FROM unlinked ORDER BY number LIMIT :most

-- name: unlinked_keys
SELECT kind, key FROM unlinked

-- name: forget_unlinked
DELETE FROM unlinked WHERE number <= :number

-- name: last_link
SELECT number, at, kind, item, digest, head FROM link ORDER BY number DESC LIMIT 1

-- name: links
SELECT number, at, kind, item, digest, head FROM link WHERE number > :after ORDER BY number LIMIT :most

-- name: link_of_head
SELECT number, at, kind, item, digest, head FROM link WHERE head = :head

-- name: links_of
-- An item's later states are named like it with a stroke and a number; "0" follows the stroke in ASCII.
SELECT number, at, kind, item, digest, head FROM link
 WHERE kind = :kind AND (item = :item OR item > :item || '/' AND item < :item || '0')
 ORDER BY number

-- name: add_link
INSERT INTO link (number, at, kind, item, digest, head) VALUES (:number, :at, :kind, :item, :digest, :head)

-- name: chain_requests
SELECT request.*, earlier.public_id AS continues_public FROM request
  LEFT JOIN request AS earlier ON earlier.id = request.continues
 WHERE 1 = 1
   AND request.id IN (:ids) -- if ids
   AND request.public_id IN (:public_ids) -- if public_ids

-- name: chain_messages
SELECT id, channel, sha256, stamp_at, stamp_source, stamp_earlier, stamp_later, seen_at, duplicate_of, purged_at
  FROM message WHERE id IN (:ids)

-- name: chain_trail_moments
SELECT * FROM moment WHERE request_id IN (:ids) ORDER BY request_id, at, kind, saw

-- name: chain_trail_exhibits
SELECT * FROM exhibit WHERE request_id IN (:ids) ORDER BY request_id, at, moment, media

-- name: chain_follow_ups
SELECT follow_up.*, request.public_id FROM follow_up JOIN request ON request.id = follow_up.request_id
 WHERE follow_up.id IN (:ids)

-- name: chain_reviews
SELECT * FROM review WHERE id IN (:ids)

-- name: chain_imports
SELECT * FROM import WHERE id IN (:ids)

-- name: chain_given
SELECT given.*, request.public_id, request.company, request.channel, request.network, request.target,
       request.accepted_at, request.subject, request.body, request.text_sha256
  FROM given JOIN request ON request.id = given.request_id
 WHERE given.import_id = :import_id AND given.request_id > :after ORDER BY given.request_id LIMIT :most

-- name: count_links
SELECT COALESCE(MAX(number), 0) AS n FROM link

-- name: not_linked
-- What no link speaks of and nobody has noted for one: it did not come in through slawatch.
SELECT 'message' AS kind, CAST(id AS TEXT) AS item FROM message
 WHERE NOT EXISTS (SELECT 1 FROM link WHERE link.kind = 'message' AND link.item = CAST(message.id AS TEXT))
   AND NOT EXISTS (SELECT 1 FROM unlinked WHERE unlinked.kind = 'message' AND unlinked.key = message.id)
UNION ALL
SELECT 'request', public_id FROM request
 WHERE delivery NOT IN ('intended', 'sending') AND account <> '(imported)'
   AND NOT EXISTS (SELECT 1 FROM link WHERE link.kind = 'request' AND link.item = request.public_id)
   AND NOT EXISTS (SELECT 1 FROM unlinked WHERE unlinked.kind = 'request' AND unlinked.key = request.id)
UNION ALL
SELECT 'review', CAST(id AS TEXT) FROM review
 WHERE NOT EXISTS (SELECT 1 FROM link WHERE link.kind = 'review' AND link.item = CAST(review.id AS TEXT))
   AND NOT EXISTS (SELECT 1 FROM unlinked WHERE unlinked.kind = 'review' AND unlinked.key = review.id)
UNION ALL
SELECT 'follow-up', CAST(id AS TEXT) FROM follow_up
 WHERE delivery = 'sent'
   AND NOT EXISTS (SELECT 1 FROM link WHERE link.kind = 'follow-up' AND link.item = CAST(follow_up.id AS TEXT))
   AND NOT EXISTS (SELECT 1 FROM unlinked WHERE unlinked.kind = 'follow-up' AND unlinked.key = follow_up.id)
LIMIT :most

-- name: evidence_hashes
SELECT message.id, message.sha256, message.purged_at FROM message WHERE message.id > :after ORDER BY message.id LIMIT :most

-- name: rewind_requests
UPDATE request
   SET origin = was.origin, delivery = was.delivery,
       accepted_at = was.accepted_at, accepted_uncertainty = was.accepted_uncertainty,
       submitted_at = was.submitted_at, submitted_uncertainty = was.submitted_uncertainty,
       proof = was.proof, copy_received_at = was.copy_received_at, verified_at = was.verified_at,
       void_reason = was.void_reason, void_detail = was.void_detail, network = was.network, told_again = was.told_again
  FROM former AS was
 WHERE was.request_id = request.id
   AND was.link = (SELECT MIN(link) FROM former WHERE former.request_id = request.id AND former.link >= :link)

-- name: rewind_messages
DELETE FROM message WHERE seen_at > :at

-- name: rewind_reviews
DELETE FROM review WHERE at > :at

-- name: rewind_trusted
DELETE FROM trusted_domain WHERE review_id NOT IN (SELECT id FROM review)

-- name: rewind_unsent
-- Requests that no link spoke of yet: what no report of then could hold.
DELETE FROM request
 WHERE intended_at > :at
    OR EXISTS (SELECT 1 FROM link WHERE link.kind = 'request' AND link.item = request.public_id AND link.number > :link)

-- name: rewind_imported
DELETE FROM request WHERE id IN (SELECT given.request_id FROM given JOIN import ON import.id = given.import_id WHERE import.at > :at)

-- name: rewind_imports
DELETE FROM import WHERE at > :at

-- name: rewind_derived
DELETE FROM derived WHERE message_id NOT IN (SELECT id FROM message)

-- name: rewind_replies
DELETE FROM reply WHERE message_id NOT IN (SELECT id FROM message) OR request_id NOT IN (SELECT id FROM request)

-- name: rewind_promises
DELETE FROM promise WHERE message_id NOT IN (SELECT id FROM message)

-- name: rewind_learned
DELETE FROM learned WHERE message_id NOT IN (SELECT id FROM message) OR request_id NOT IN (SELECT id FROM request)

-- name: rewind_attempts
DELETE FROM attempt WHERE started_at > :at OR request_id NOT IN (SELECT id FROM request)

-- name: rewind_follow_ups
DELETE FROM follow_up
 WHERE COALESCE(sent_at, intended_at) > :at OR request_id NOT IN (SELECT id FROM request)
    OR message_id NOT IN (SELECT id FROM message)

-- name: rewind_moments
DELETE FROM moment WHERE at > :at OR request_id NOT IN (SELECT id FROM request)

-- name: rewind_exhibits
DELETE FROM exhibit WHERE at > :at OR request_id NOT IN (SELECT id FROM request)

-- name: rewind_given
DELETE FROM given WHERE request_id NOT IN (SELECT id FROM request)

-- name: rewind_slots
DELETE FROM slot WHERE continues IS NOT NULL AND continues NOT IN (SELECT id FROM request)

-- name: rewind_gone
UPDATE message SET gone_at = NULL WHERE gone_at > :at AND purged_at IS NULL

-- name: rewind_looks
DELETE FROM look WHERE started_at > :at

-- name: rewind_last_look
UPDATE look SET ended_at = :at WHERE ended_at > :at

-- name: rewind_inbox
UPDATE inbox SET observed_until = :observed_until WHERE account = :account

-- name: rewind_reports
DELETE FROM report WHERE made_at >= :at

-- name: rewind_letters
DELETE FROM letter WHERE report_id IS NOT NULL AND report_id NOT IN (SELECT id FROM report)

-- name: reports_like
-- What the store remembers of a file: by its digest, or made at the same instant.
SELECT sha256, made_at FROM report WHERE sha256 = :sha256 OR made_at = :made_at

-- name: purged_of
SELECT reply.request_id, message.id FROM message JOIN reply ON reply.message_id = message.id
 WHERE message.purged_at IS NOT NULL AND reply.request_id IN (:request_ids)

-- name: tied_to
SELECT DISTINCT reply.message_id, request.public_id FROM reply JOIN request ON request.id = reply.request_id
 WHERE reply.message_id IN (:message_ids)

-- name: drop_blob
DELETE FROM blob WHERE sha256 = :sha256

-- name: decided_since
SELECT DISTINCT request.public_id FROM review
  JOIN message ON message.id = review.message_id
  JOIN reply ON reply.message_id = message.id
  JOIN request ON request.id = reply.request_id
 WHERE review.at > :at AND message.purged_at IS NOT NULL
