-- What is thrown away when its time is over, or when somebody asks for it: digests take the place of texts, so that the
-- chain of evidence holds on.

-- When what they hold of other people's words, and of ours to them, was thrown away.
ALTER TABLE message ADD COLUMN text_purged_at INTEGER;
ALTER TABLE request ADD COLUMN sealed_at INTEGER;
ALTER TABLE exhibit ADD COLUMN purged_at INTEGER;

-- Digests of what stood there, as the chain has them; '' as long as it does stand there.
ALTER TABLE request ADD COLUMN text_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE follow_up ADD COLUMN text_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE moment ADD COLUMN saw_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN reason_sha256 TEXT NOT NULL DEFAULT '';

-- By which key its bytes are encrypted; '' where they are not.
ALTER TABLE blob ADD COLUMN key_id TEXT NOT NULL DEFAULT '';

-- A pass goes through what still holds something, some rows at a time.
CREATE INDEX message_to_purge ON message (id) WHERE text_purged_at IS NULL;
CREATE INDEX request_to_seal ON request (id) WHERE sealed_at IS NULL;
CREATE INDEX exhibit_to_purge ON exhibit (id) WHERE purged_at IS NULL;

-- What a company was shown before others see it, and from when on others may.
CREATE TABLE embargo (
    id            INTEGER PRIMARY KEY,
    company       TEXT    NOT NULL,
    since         INTEGER NOT NULL, -- the period its packet is about
    until         INTEGER NOT NULL,
    made_at       INTEGER NOT NULL,
    ends_at       INTEGER NOT NULL,
    packet_sha256 TEXT    NOT NULL,
    lifted_at     INTEGER,
    lifted_why    TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX embargo_of_company ON embargo (company, ends_at);

-- What a company says of its figures, and what was corrected. Rows are only ever added.
CREATE TABLE correction (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    company TEXT    NOT NULL,
    request TEXT    NOT NULL DEFAULT '', -- the public id of the one it is about, '' for none in particular
    kind    TEXT    NOT NULL CHECK (kind IN ('statement', 'correction')),
    words   TEXT    NOT NULL,
    changed TEXT    NOT NULL DEFAULT '' -- what was changed for it
) STRICT;

CREATE INDEX correction_of_company ON correction (company, at);
