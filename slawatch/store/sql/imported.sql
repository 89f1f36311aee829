-- name: given
SELECT given.*, request.subject AS ref, import.source
  FROM given
  JOIN request ON request.id = given.request_id
  JOIN import ON import.id = given.import_id
 WHERE 1 = 1
   AND given.request_id IN (:request_ids) -- if request_ids

-- name: imports
SELECT id, at, source, sha256, format, rows FROM import ORDER BY id

-- name: import_bounds
SELECT import.id,
       (SELECT MIN(request_id) FROM given WHERE import_id = import.id) AS first,
       (SELECT MAX(request_id) FROM given WHERE import_id = import.id) AS last,
       (SELECT COUNT(*) FROM given WHERE import_id = import.id) AS requests
  FROM import
 ORDER BY import.id

-- name: ids_of_import
SELECT request_id AS id FROM given WHERE import_id = :import_id ORDER BY request_id

-- name: imports_without_answers
-- They tell of first responses and of no answer: there was no column for those.
SELECT id FROM import
 WHERE EXISTS (SELECT 1 FROM given WHERE import_id = import.id AND first_response_at IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM given WHERE import_id = import.id AND answered_at IS NOT NULL)

-- name: ways_without_answers
SELECT request.company, request.channel
  FROM request
  LEFT JOIN given ON given.request_id = request.id
 GROUP BY request.company, request.channel
HAVING SUM(given.import_id IS NULL OR given.import_id NOT IN (:imports)) = 0

-- name: was_asked
SELECT 1 FROM request WHERE company = :company LIMIT 1

-- name: all_asked
SELECT DISTINCT company FROM request ORDER BY company LIMIT :most

-- name: requests_after
-- In the order of their ids, so that a page begins where the last one ended without sorting them all again.
SELECT * FROM request
 WHERE id > :after
   AND COALESCE(accepted_at, intended_at) >= :since
   AND COALESCE(accepted_at, intended_at) < :until
   AND company IN (:companies) -- if companies
 ORDER BY id
 LIMIT :limit

-- name: more_room
-- Keys are hashes, so their indexes are written all over: with 2 MB of cache a million rows took twice as long.
PRAGMA cache_size = -65536

-- name: drop_staged
DROP TABLE IF EXISTS temp.staged

-- name: make_staged
-- What a file says, before anybody believes it: a table of this connection alone, so that nobody waits for its end.
CREATE TEMP TABLE staged (
    line              INTEGER PRIMARY KEY,
    key               TEXT    NOT NULL,
    named             INTEGER NOT NULL, -- whether the file itself names the row, so that it can stand there only once
    ref               TEXT    NOT NULL,
    origin            TEXT    NOT NULL,
    company           TEXT    NOT NULL,
    channel           TEXT    NOT NULL,
    target            TEXT    NOT NULL,
    probe             TEXT    NOT NULL,
    lang              TEXT    NOT NULL,
    form              TEXT    NOT NULL,
    body              TEXT    NOT NULL,
    sent_at           INTEGER NOT NULL,
    accepted_at       INTEGER NOT NULL,
    acknowledged_at   INTEGER,
    first_response_at INTEGER,
    answered_at       INTEGER,
    promised_at       INTEGER,
    observed_until    INTEGER,
    void_reason       TEXT
)

-- name: stage
INSERT INTO temp.staged VALUES (
    :line, :key, :named, :ref, :origin, :company, :channel, :target, :probe, :lang, :form, :body, :sent_at,
    :accepted_at, :acknowledged_at, :first_response_at, :answered_at, :promised_at, :observed_until, :void_reason
)

-- name: index_staged
CREATE INDEX temp.staged_key ON staged (key, line)

-- name: staged_twice
SELECT line, ref, first FROM (
    SELECT line, ref, named, FIRST_VALUE(line) OVER (PARTITION BY key ORDER BY line) AS first FROM temp.staged
     WHERE key IN (SELECT key FROM temp.staged GROUP BY key HAVING COUNT(*) > 1)
)
 WHERE named = 1 AND line <> first
 ORDER BY line

-- name: drop_staged_line
DELETE FROM temp.staged WHERE line IN (:lines)

-- name: number_staged
-- Rows that nobody named and that are alike were asked at the same time: each is known again by its place among them.
UPDATE temp.staged SET key = twin.key || '.' || twin.number
  FROM (SELECT line, key, ROW_NUMBER() OVER (PARTITION BY key ORDER BY line) AS number FROM temp.staged
         WHERE named = 0 AND key IN (SELECT key FROM temp.staged WHERE named = 0 GROUP BY key HAVING COUNT(*) > 1)
       ) AS twin
 WHERE twin.line = staged.line AND twin.number > 1

-- name: observed_staged
UPDATE temp.staged SET observed_until = :newest WHERE observed_until IS NULL

-- name: drop_native
-- What this store measured itself, or what it exported by a name of its own, comes back: it is known.
DELETE FROM temp.staged
 WHERE named = 1
   AND EXISTS (SELECT 1 FROM request
                WHERE request.public_id = staged.ref AND request.company = staged.company
                  AND request.message_id <> 'imported:' || staged.key)

-- name: drop_known
DELETE FROM temp.staged
 WHERE EXISTS (SELECT 1
                 FROM request
                 JOIN given ON given.request_id = request.id
                WHERE request.message_id = 'imported:' || staged.key
                  AND request.accepted_at = staged.accepted_at
                  AND request.void_reason IS staged.void_reason
                  AND given.acknowledged_at IS staged.acknowledged_at
                  AND given.first_response_at IS staged.first_response_at
                  AND given.answered_at IS staged.answered_at
                  AND given.promised_at IS staged.promised_at
                  AND given.observed_until IS staged.observed_until)

-- name: count_staged
SELECT COUNT(*) AS all_of_them,
       COUNT(CASE WHEN EXISTS (SELECT 1 FROM request WHERE request.message_id = 'imported:' || staged.key)
                  THEN 1 END) AS changed
  FROM temp.staged

-- name: add_import
INSERT INTO import (at, source, sha256, format, rows) VALUES (:now, :source, :sha256, :format, :rows) RETURNING id

-- name: change_imported
UPDATE request
   SET accepted_at = staged.accepted_at, submitted_at = staged.accepted_at, void_reason = staged.void_reason
  FROM temp.staged
 WHERE request.message_id = 'imported:' || staged.key

-- name: add_imported
INSERT INTO request (
    public_id, origin, company, channel, target, account, probe, lang, variant, subject, body, token, message_id,
    delivery, due_at, zone, intended_at, accepted_at, submitted_at, void_reason, form
)
SELECT 'M' || SUBSTR(key, 1, 12) || SUBSTR(key, 33), origin, company, channel, target, :account, probe, lang, 0, ref,
       body, 'imported:' || key, 'imported:' || key, 'sent', sent_at, :zone, sent_at, accepted_at, accepted_at,
       void_reason, form
  FROM temp.staged
 WHERE NOT EXISTS (SELECT 1 FROM request WHERE request.message_id = 'imported:' || staged.key)
 ORDER BY line

-- name: keep_given
INSERT INTO given (
    request_id, import_id, line, acknowledged_at, first_response_at, answered_at, promised_at, observed_until
)
SELECT request.id, :import_id, staged.line, staged.acknowledged_at, staged.first_response_at, staged.answered_at,
       staged.promised_at, staged.observed_until
  FROM temp.staged
  JOIN request ON request.message_id = 'imported:' || staged.key
 WHERE 1
ON CONFLICT (request_id) DO UPDATE
   SET import_id = excluded.import_id, line = excluded.line, acknowledged_at = excluded.acknowledged_at,
       first_response_at = excluded.first_response_at, answered_at = excluded.answered_at,
       promised_at = excluded.promised_at, observed_until = excluded.observed_until
