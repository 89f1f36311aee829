-- name: opt_outs
SELECT * FROM opt_out
 WHERE 1 = 1
   AND lifted_at IS NULL -- if in_force
   AND scope IN (:scopes) -- if scopes
 ORDER BY since, id

-- name: opt_out
INSERT INTO opt_out (scope, since, why, message_id)
SELECT :scope, :now, :why, :message_id
 WHERE NOT EXISTS (SELECT 1 FROM opt_out WHERE scope = :scope AND lifted_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM opt_out WHERE scope = :scope AND lifted_at >= :asked_at) -- if asked_at

-- name: lift_opt_out
UPDATE opt_out SET lifted_at = :now, lifted_why = :why WHERE scope = :scope AND lifted_at IS NULL
