-- name: add_audit
INSERT INTO audit_log (at, actor, action, scope, detail) VALUES (:now, :actor, :action, :scope, :detail)

-- name: audit_log
SELECT at, actor, action, scope, detail FROM audit_log
 WHERE 1 = 1
   AND at >= :since -- if since
   AND scope = :scope -- if scope
 ORDER BY id
