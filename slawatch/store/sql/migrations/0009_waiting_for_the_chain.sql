-- What changed since the chain of evidence was last made longer. Every connection of ours notes it here by triggers of
-- its own (store/chaining.py): what somebody changes in this file with other tools is therefore no link, and shows.

CREATE TABLE unlinked (
    number INTEGER PRIMARY KEY, -- in the order of happening
    kind   TEXT    NOT NULL,
    key    INTEGER NOT NULL,    -- its id in the table of that kind
    UNIQUE (kind, key)
) STRICT;

-- How a request stood up to a link, before it changed: a report of that time is recomputed from this.
CREATE TABLE former (
    request_id            INTEGER NOT NULL REFERENCES request (id),
    link                  INTEGER NOT NULL, -- the newest one when it changed; 0 for none
    origin                TEXT    NOT NULL,
    delivery              TEXT    NOT NULL,
    accepted_at           INTEGER,
    accepted_uncertainty  INTEGER NOT NULL,
    submitted_at          INTEGER,
    submitted_uncertainty INTEGER NOT NULL,
    proof                 TEXT    NOT NULL,
    copy_received_at      INTEGER,
    verified_at           INTEGER,
    void_reason           TEXT,
    void_detail           TEXT    NOT NULL,
    network               TEXT    NOT NULL,
    told_again            INTEGER,
    PRIMARY KEY (request_id, link)
) WITHOUT ROWID, STRICT;

INSERT INTO unlinked (kind, key)
SELECT 'request', id FROM request WHERE delivery NOT IN ('intended', 'sending') AND account <> '(imported)' ORDER BY id;
INSERT INTO unlinked (kind, key) SELECT 'import', id FROM import ORDER BY id;
INSERT INTO unlinked (kind, key) SELECT 'message', id FROM message ORDER BY id;
INSERT INTO unlinked (kind, key) SELECT 'seal', id FROM message WHERE purged_at IS NOT NULL ORDER BY id;
INSERT INTO unlinked (kind, key) SELECT 'follow-up', id FROM follow_up WHERE delivery = 'sent' ORDER BY id;
INSERT INTO unlinked (kind, key)
SELECT DISTINCT 'trail', request_id FROM (SELECT request_id FROM moment UNION SELECT request_id FROM exhibit);
INSERT INTO unlinked (kind, key) SELECT 'review', id FROM review ORDER BY id;
