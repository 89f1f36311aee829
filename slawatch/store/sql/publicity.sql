-- name: identities
SELECT address, id, handle, name, found_at FROM identity
 WHERE channel = :channel
   AND address = :address -- if address

-- name: keep_identity
INSERT INTO identity (channel, address, id, handle, name, found_at)
VALUES (:channel, :address, :id, :handle, :name, :now)
ON CONFLICT (channel, address) DO UPDATE
   SET id = excluded.id, handle = excluded.handle, name = excluded.name, found_at = excluded.found_at

-- name: forget_charged
DELETE FROM charged WHERE day < :day

-- name: add_charged
INSERT INTO charged (account, day, resource) VALUES (:account, :day, :resource)
ON CONFLICT (account, day, resource) DO NOTHING

-- name: add_charge
INSERT INTO charge (account, day, what, calls, resources, micros)
VALUES (:account, :day, :what, :calls, :resources, :micros)
ON CONFLICT (account, day, what) DO UPDATE
   SET calls = charge.calls + excluded.calls, resources = charge.resources + excluded.resources,
       micros = charge.micros + excluded.micros

-- name: spent
SELECT COALESCE(SUM(micros), 0) AS micros FROM charge WHERE account = :account AND day >= :day

-- name: charges
SELECT day, what, calls, resources, micros FROM charge
 WHERE account = :account AND day >= :day
 ORDER BY day, what

-- name: standing_posts
-- Newest first: where looking has to stop for its price, the younger matter more.
SELECT * FROM (
    SELECT request.*,
           EXISTS (SELECT 1 FROM reply
                     JOIN derived ON derived.message_id = reply.message_id
                    WHERE reply.request_id = request.id AND reply.strength <> 'weak' AND reply.writer = 'company'
                      AND derived.own = 0 AND derived.kind IN (:person_kinds)) AS responded,
           EXISTS (SELECT 1 FROM reply
                     JOIN derived ON derived.message_id = reply.message_id
                    WHERE reply.request_id = request.id AND reply.strength <> 'weak' AND reply.writer = 'company'
                      AND derived.own = 0 AND derived.kind = 'answer') AS answered
      FROM request
     WHERE request.account = :account AND request.delivery = 'sent' AND request.remote_id <> ''
       AND request.accepted_at >= :since AND request.void_reason IS NULL
       AND request.accepted_at <= :until -- if until
       AND request.verified_at IS NULL -- if unproven
       AND request.made_up = 0 -- if unproven
)
 WHERE 1
   AND NOT answered -- if unproven
 ORDER BY accepted_at DESC, id DESC

-- name: open_posts
SELECT remote_id, company, channel, target, accepted_at, origin FROM request
 WHERE account = :account AND delivery = 'sent' AND remote_id <> '' AND accepted_at >= :since AND void_reason IS NULL
   AND NOT EXISTS (SELECT 1 FROM reply
                     JOIN derived ON derived.message_id = reply.message_id
                    WHERE reply.request_id = request.id AND reply.strength <> 'weak' AND reply.writer = 'company'
                      AND derived.own = 0 AND derived.kind = 'answer')
 ORDER BY accepted_at DESC, id DESC

-- name: untold
SELECT * FROM request
 WHERE delivery = 'intended' AND origin = 'adopted' AND told_at IS NULL
   AND (lease_until IS NULL OR lease_until <= :now)
 ORDER BY due_at, id

-- name: take_telling
UPDATE request SET claimed_by = :worker, lease_until = :lease_until
 WHERE id = :id AND delivery = 'intended' AND origin = 'adopted' AND told_at IS NULL
   AND (lease_until IS NULL OR lease_until <= :now)

-- name: told
UPDATE request SET told_at = :now, lease_until = NULL
 WHERE id = :id AND told_at IS NULL

-- name: put_off_telling
UPDATE request SET lease_until = :until
 WHERE id = :id AND delivery = 'intended' AND told_at IS NULL AND claimed_by = :worker

-- name: judge_unmatched_again
-- A guess is no match: what it rests on is that nothing better was known.
UPDATE derived SET rules = ''
 WHERE own = 0 AND rules <> ''
   AND message_id IN (SELECT id FROM message
                       WHERE account = :account AND gone_at IS NULL AND stamp_at + stamp_later >= :since)
   AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.message_id = derived.message_id AND reply.strength <> 'weak')

-- name: verified
UPDATE request SET verified_at = :at WHERE id = :id

-- name: not_observable
UPDATE request SET void_reason = 'not-observed', void_detail = :why WHERE id = :id AND delivery = 'sent'

-- name: unsure_messages
-- Replies that came before :until, and were not seen there after that age (in microseconds) yet.
SELECT message.* FROM message
 WHERE message.account = :account AND message.gone_at IS NULL AND message.duplicate_of IS NULL
   AND message.stamp_at <= :until AND message.stamp_at > :since
   AND (message.present_at IS NULL OR message.present_at < message.stamp_at + :age)
   AND EXISTS (SELECT 1 FROM reply WHERE reply.message_id = message.id AND reply.writer <> 'bystander')
 ORDER BY message.stamp_at DESC, message.id DESC

-- name: mark_present
UPDATE message SET present_at = :now WHERE id = :id

-- name: mark_gone
UPDATE message SET gone_at = :now WHERE id = :id AND gone_at IS NULL

-- name: left_to_purge
SELECT 1 FROM message WHERE gone_at IS NOT NULL AND purged_at IS NULL LIMIT 1

-- name: purge_due
-- With their duplicates, which hold the same words.
SELECT * FROM message
 WHERE purged_at IS NULL
   AND (gone_at IS NOT NULL OR duplicate_of IN (SELECT first.id FROM message AS first WHERE first.gone_at IS NOT NULL))
 ORDER BY id

-- name: others_words
-- What is tied to no request, or only by somebody whom it does not concern, and nobody has decided about.
SELECT * FROM message
 WHERE account = :account AND purged_at IS NULL AND gone_at IS NULL AND stamp_at <= :until
   AND EXISTS (SELECT 1 FROM derived WHERE derived.message_id = message.id AND derived.own = 0 AND derived.rules <> '')
   AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.message_id = message.id AND reply.writer <> 'bystander')
   AND NOT EXISTS (SELECT 1 FROM review WHERE review.message_id = message.id)
 ORDER BY id

-- name: purge_writer
UPDATE message SET sender = '' WHERE id = :id

-- name: purge_writer_saw
UPDATE reply SET writer_saw = '' WHERE message_id = :id

-- name: purge_message
UPDATE message SET purged_at = :now, subject = '' WHERE id = :id

-- name: purge_blob
DELETE FROM blob WHERE sha256 = :sha256
   AND NOT EXISTS (SELECT 1 FROM message WHERE message.sha256 = blob.sha256 AND message.purged_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM exhibit WHERE exhibit.sha256 = blob.sha256 AND exhibit.purged_at IS NULL)

-- name: purge_promises
UPDATE promise SET quote = '' WHERE message_id = :id

-- name: purge_saw
UPDATE derived SET because = :because WHERE message_id = :id
