-- Who is not to be asked any more, and the log of what people decided against the rules or about others' data.

CREATE TABLE opt_out (
    id         INTEGER PRIMARY KEY,
    scope      TEXT    NOT NULL, -- "company:KEY", "domain:DOMAIN" or "address:ADDRESS", the latter two in lower case
    since      INTEGER NOT NULL,
    why        TEXT    NOT NULL,
    message_id INTEGER REFERENCES message (id), -- the reply that asked for it
    lifted_at  INTEGER,
    lifted_why TEXT    NOT NULL DEFAULT ''
) STRICT;

-- One entry holds at a time; what was lifted stays, so that the same letter read again does not bring it back.
CREATE UNIQUE INDEX opt_out_in_force ON opt_out (scope) WHERE lifted_at IS NULL;
CREATE INDEX opt_out_of_message ON opt_out (message_id) WHERE message_id IS NOT NULL;

-- Rows are only ever added.
CREATE TABLE audit_log (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL, -- the user's name on this machine, or "slawatch" for what rules did by themselves
    action TEXT    NOT NULL, -- a stable word: "resumed", "opted-out", "review" ...
    scope  TEXT    NOT NULL, -- what it is about: "company:KEY", "message:12", "*" ...
    detail TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_log_by_time ON audit_log (at);
CREATE TRIGGER audit_log_is_kept BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
