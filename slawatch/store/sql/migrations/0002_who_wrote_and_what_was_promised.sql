-- Who wrote a reply, as far as that can be told; only the company's own and those of mail systems count.
ALTER TABLE reply ADD COLUMN writer TEXT NOT NULL DEFAULT 'company'
    CHECK (writer IN ('company', 'system', 'stranger', 'forged'));
ALTER TABLE reply ADD COLUMN writer_saw TEXT NOT NULL DEFAULT '';

-- What spoke for the chosen stamp, or against the others.
ALTER TABLE message ADD COLUMN stamp_why TEXT NOT NULL DEFAULT '';
-- What is wrong with an inbox although it can be read: it is nearly full. '' where nothing is.
ALTER TABLE inbox ADD COLUMN warning TEXT NOT NULL DEFAULT '';

-- The text without numbers and names: machines write the same again and again. '' where there is too little text.
ALTER TABLE derived ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
-- Whether an answer holds every expected fact; NULL where none is expected, or it is no answer.
ALTER TABLE derived ADD COLUMN complete INTEGER CHECK (complete IN (0, 1));

CREATE INDEX derived_fingerprint ON derived (fingerprint) WHERE fingerprint <> '';

-- One promise is one amount or one date; the others of these four are NULL.
CREATE TABLE promise (
    message_id    INTEGER NOT NULL REFERENCES derived (message_id),
    number        INTEGER NOT NULL, -- in reading order
    quote         TEXT    NOT NULL,
    about         TEXT    NOT NULL CHECK (about IN ('reply', 'matter', 'return')),
    within        INTEGER,          -- microseconds by the clock
    business_days INTEGER,
    business_time INTEGER,          -- microseconds of service time
    due_at        INTEGER,
    PRIMARY KEY (message_id, number)
) STRICT;

-- The company's own names for a request (ticket numbers, conversation ids), learned from certain matches.
CREATE TABLE learned (
    company    TEXT    NOT NULL,
    key        TEXT    NOT NULL, -- lower case, with its kind: 'ticket:123', 'thread:0102...'
    request_id INTEGER NOT NULL REFERENCES request (id),
    message_id INTEGER NOT NULL REFERENCES derived (message_id), -- which taught it: judged anew, it teaches anew
    PRIMARY KEY (company, key, request_id, message_id)
) STRICT;

CREATE INDEX learned_message ON learned (message_id);

-- What people decided about messages. Nothing is ever changed here: the newest row of a message holds.
CREATE TABLE review (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    kind       TEXT,             -- NULL: as the rules say
    requests   TEXT,             -- JSON list of request ids; NULL: as the rules say
    was        TEXT    NOT NULL, -- JSON: what it was taken for before
    undone     INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)) -- 1: this row gives the message back to the rules
) STRICT;

CREATE INDEX review_message ON review (message_id);

-- Domains that a person said a company writes from, beside those of the config.
CREATE TABLE trusted_domain (
    company   TEXT    NOT NULL,
    domain    TEXT    NOT NULL,
    review_id INTEGER NOT NULL REFERENCES review (id),
    PRIMARY KEY (company, domain)
) STRICT;

-- What we said after the request: our truthful reply when asked back, or thanks at the end. Sent at most once, like
-- a request; at most one of a purpose for each message.
CREATE TABLE follow_up (
    id           INTEGER PRIMARY KEY,
    request_id   INTEGER NOT NULL REFERENCES request (id),
    message_id   INTEGER NOT NULL REFERENCES message (id), -- the one it replies to
    purpose      TEXT    NOT NULL CHECK (purpose IN ('reply', 'thanks')),
    by_hand      INTEGER NOT NULL DEFAULT 0 CHECK (by_hand IN (0, 1)),
    subject      TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    own_id       TEXT    NOT NULL UNIQUE, -- its Message-ID
    envelope_id  TEXT    NOT NULL UNIQUE,
    delivery     TEXT    NOT NULL
        CHECK (delivery IN ('intended', 'sending', 'sent', 'uncertain', 'refused', 'withdrawn')),
    intended_at  INTEGER NOT NULL,
    started_at   INTEGER,
    sent_at      INTEGER,
    uncertainty  INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    detail       TEXT    NOT NULL DEFAULT '',
    claimed_by   TEXT    NOT NULL DEFAULT '',
    lease_until  INTEGER,
    UNIQUE (message_id, request_id, purpose),
    CHECK (delivery <> 'sent' OR sent_at IS NOT NULL),
    CHECK (delivery <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

CREATE INDEX follow_up_request ON follow_up (request_id);
CREATE INDEX follow_up_work ON follow_up (delivery, lease_until);

-- Every pass looks for questions that wait for us; there are few among many messages.
CREATE INDEX derived_question ON derived (message_id) WHERE kind = 'question';
CREATE INDEX follow_up_started ON follow_up (started_at) WHERE started_at IS NOT NULL; -- send rates
