-- name: add_report
INSERT INTO report (scope, made_at, since, until, lang, version, config_digest, chain_head, sha256, figures)
VALUES (:scope, :made_at, :since, :until, :lang, :version, :config_digest, :chain_head, :sha256, :figures)
RETURNING id

-- name: last_report
SELECT * FROM report
 WHERE scope = :scope AND made_at < :made_at AND until < :until
 ORDER BY made_at DESC, id DESC
 LIMIT 1
