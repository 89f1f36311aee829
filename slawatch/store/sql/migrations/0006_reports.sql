-- Reports that were made, so that the next one can say what has changed, and so that each can be held to its word.

CREATE TABLE report (
    id            INTEGER PRIMARY KEY,
    scope         TEXT    NOT NULL, -- what it is about, in canonical JSON: the last one is the newest of the same scope
    made_at       INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    until         INTEGER NOT NULL,
    lang          TEXT    NOT NULL,
    version       TEXT    NOT NULL,
    config_digest TEXT    NOT NULL,
    chain_head    TEXT    NOT NULL, -- of the chain of evidence, '' where it had no link yet
    sha256        TEXT    NOT NULL, -- of the file
    figures       TEXT    NOT NULL  -- as report --json prints them
) STRICT;

CREATE INDEX report_scope ON report (scope, made_at);

-- What is to leave by e-mail to the user's own people. Intended before the first byte leaves, and sent at most once.
CREATE TABLE letter (
    id              INTEGER PRIMARY KEY,
    key             TEXT    NOT NULL UNIQUE, -- the same at every try to say the same thing
    kind            TEXT    NOT NULL CHECK (kind IN ('report')),
    about           TEXT    NOT NULL, -- which of the config's reports it is, '' for none of them
    until           INTEGER NOT NULL, -- where the period it speaks of ends
    report_id       INTEGER REFERENCES report (id),
    account         TEXT    NOT NULL,
    recipient       TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    message_id      TEXT    NOT NULL UNIQUE,
    packed          BLOB,                    -- the letter, compressed; NULL once it has left
    state           TEXT    NOT NULL DEFAULT 'intended'
        CHECK (state IN ('intended', 'sending', 'sent', 'uncertain', 'refused', 'withdrawn')),
    intended_at     INTEGER NOT NULL,
    started_at      INTEGER,                 -- when the last try began
    sent_at         INTEGER,
    next_attempt_at INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    detail          TEXT    NOT NULL DEFAULT '',
    claimed_by      TEXT    NOT NULL DEFAULT '',
    lease_until     INTEGER,
    CHECK (state <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

CREATE INDEX letter_work ON letter (state, next_attempt_at);
