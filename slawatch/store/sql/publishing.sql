-- name: add_correction
INSERT INTO correction (at, company, request, kind, words, changed)
VALUES (:now, :company, :request, :kind, :words, :changed)
RETURNING *

-- name: corrections
SELECT * FROM correction
 WHERE 1 = 1
   AND company = :company -- if company
   AND at <= :until -- if until
 ORDER BY at, id

-- name: add_embargo
INSERT INTO embargo (company, since, until, made_at, ends_at, packet_sha256)
VALUES (:company, :since, :until, :now, :ends_at, :sha256)
RETURNING *

-- name: embargoes
-- Those that still hold, of periods that overlap this one.
SELECT * FROM embargo
 WHERE lifted_at IS NULL AND ends_at > :now
   AND since < :until AND until > :since
 ORDER BY company, ends_at

-- name: every_embargo
SELECT * FROM embargo ORDER BY made_at, id

-- name: lift_embargo
UPDATE embargo SET lifted_at = :now, lifted_why = :why WHERE id = :id AND lifted_at IS NULL
