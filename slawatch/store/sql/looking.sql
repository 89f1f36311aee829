-- name: inbox
SELECT cursor, observed_until, warning FROM inbox WHERE account = :account

-- name: add_inbox
INSERT INTO inbox (account) VALUES (:account) ON CONFLICT (account) DO NOTHING

-- name: take_inbox
UPDATE inbox SET owner = :worker, lease_until = :lease_until
 WHERE account = :account AND (owner IN ('', :worker) OR lease_until <= :now)

-- name: release_inbox
UPDATE inbox SET owner = '', lease_until = NULL WHERE account = :account AND owner = :worker

-- name: move_cursor
UPDATE inbox SET cursor = :cursor WHERE account = :account

-- name: warn
UPDATE inbox SET warning = :warning WHERE account = :account

-- name: observed
UPDATE inbox SET observed_until = :looked_until
 WHERE account = :account AND (observed_until IS NULL OR observed_until < :looked_until)

-- name: last_look
SELECT id, started_at, ended_at, ok, note FROM look WHERE account = :account ORDER BY id DESC LIMIT 1

-- name: add_look
INSERT INTO look (account, started_at, ended_at, ok, note) VALUES (:account, :started_at, :now, :ok, :note)

-- name: extend_look
UPDATE look SET ended_at = :now WHERE id = :id

-- name: looks
SELECT started_at, ended_at, ok, note FROM look WHERE account = :account AND ended_at >= :since ORDER BY id

-- name: is_known
SELECT id FROM message WHERE account = :account AND remote_id = :remote_id

-- name: same_bytes
SELECT id FROM message
 WHERE account = :account AND sha256 = :sha256 AND duplicate_of IS NULL
 ORDER BY id
 LIMIT 1

-- name: same_letter
SELECT id FROM message
 WHERE account = :account AND own_id = :own_id AND own_id <> '' AND duplicate_of IS NULL
   AND COALESCE(date_header_at, 0) = COALESCE(:date_header_at, 0)
 ORDER BY id
 LIMIT 1

-- name: add_blob
INSERT INTO blob (sha256, codec, size, bytes, key_id) VALUES (:sha256, 'zlib', :size, :packed, :key_id)
ON CONFLICT (sha256) DO NOTHING

-- name: add_message
INSERT INTO message (
    account, channel, remote_id, folder, sha256, own_id, sender, subject,
    stamp_at, stamp_source, stamp_why, stamp_earlier, stamp_later, internal_at, date_header_at, seen_at, duplicate_of
) VALUES (
    :account, :channel, :remote_id, :folder, :sha256, :own_id, :sender, :subject,
    :stamp_at, :stamp_source, :stamp_why, :stamp_earlier, :stamp_later, :internal_at, :date_header_at, :now, :duplicate_of
)
RETURNING *

-- name: raw
SELECT bytes, key_id FROM blob WHERE sha256 = :sha256

-- name: messages
-- || '' keeps SQLite from going by the account, through all it ever got, to the few that are new.
SELECT message.*
  FROM message
 WHERE 1 = 1
   AND message.id IN (:ids) -- if ids
   AND message.duplicate_of IS NULL -- if no_duplicates
   AND message.account || '' = :account -- if account
   AND message.id IN (SELECT message_id FROM derived WHERE rules < :rules_before OR rules > :rules_before) -- if rules_before
   AND EXISTS (SELECT 1 FROM blob WHERE blob.sha256 = message.sha256) -- if rules_before
   AND message.purged_at IS NULL -- if rules_before
   AND message.id IN (SELECT message_id FROM derived WHERE rules <> '' AND own = 0) -- if unmatched
   AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.message_id = message.id) -- if unmatched
   AND NOT EXISTS (SELECT 1 FROM review WHERE review.message_id = message.id) -- if unmatched
 ORDER BY message.stamp_at, message.id

-- name: in_review
SELECT message.*
  FROM message
 WHERE (message.id IN (
        SELECT reply.message_id
          FROM reply
          JOIN derived ON derived.message_id = reply.message_id
         WHERE derived.own = 0 AND derived.kind <> 'bulk' AND reply.writer <> 'bystander'
           AND (derived.kind = 'unknown' OR reply.strength = 'weak' OR reply.writer IN ('stranger', 'forged'))
       )
    OR message.id IN (SELECT opt_out.message_id FROM opt_out WHERE opt_out.lifted_at IS NULL) -- if opt_outs
       )
   AND COALESCE((SELECT review.undone FROM review WHERE review.message_id = message.id
                  ORDER BY review.id DESC LIMIT 1), 1) = 1
 ORDER BY message.stamp_at, message.id

-- name: add_moment
INSERT INTO moment (request_id, kind, at, earlier, later, clock, saw)
SELECT id, :kind, :at, :earlier, :later, :clock, :saw FROM request WHERE message_id = :request
ON CONFLICT (request_id, at, kind, saw) DO NOTHING

-- name: moments
SELECT moment.*, request.message_id
  FROM moment
  JOIN request ON request.id = moment.request_id
 WHERE 1 = 1
   AND moment.request_id IN (:request_ids) -- if request_ids
 ORDER BY moment.at, moment.kind, moment.saw

-- name: add_exhibit
INSERT INTO exhibit (request_id, moment, at, media, name, sha256)
SELECT id, :moment, :at, :media, :name, :sha256 FROM request WHERE message_id = :request
ON CONFLICT (request_id, moment, at, media) DO NOTHING

-- name: exhibits
SELECT * FROM exhibit
 WHERE purged_at IS NULL
   AND request_id IN (:request_ids) -- if request_ids
 ORDER BY at, id
