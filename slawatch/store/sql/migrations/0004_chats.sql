-- Chats: steps and pictures beside the messages, ways that lead through a network of their own, matters taken up again.

-- 'chat' is new among the forms, and no CHECK can be changed in place.
CREATE TABLE request_new (
    id                   INTEGER PRIMARY KEY,
    public_id            TEXT    NOT NULL UNIQUE,
    origin               TEXT    NOT NULL CHECK (origin IN ('sent', 'adopted', 'observed', 'recorded', 'imported')),
    company              TEXT    NOT NULL,
    channel              TEXT    NOT NULL,
    target               TEXT    NOT NULL,
    account              TEXT    NOT NULL,
    probe                TEXT    NOT NULL,
    lang                 TEXT    NOT NULL,
    variant              INTEGER NOT NULL,
    subject              TEXT    NOT NULL,
    body                 TEXT    NOT NULL,
    token                TEXT    NOT NULL UNIQUE,
    message_id           TEXT    NOT NULL UNIQUE,
    delivery             TEXT    NOT NULL
        CHECK (delivery IN ('intended', 'sending', 'sent', 'uncertain', 'refused', 'withdrawn', 'skipped')),
    due_at               INTEGER NOT NULL,
    zone                 TEXT    NOT NULL,
    intended_at          INTEGER NOT NULL,
    accepted_at          INTEGER,
    accepted_uncertainty INTEGER NOT NULL DEFAULT 0,
    submitted_at         INTEGER,
    submitted_uncertainty INTEGER NOT NULL DEFAULT 0,
    proof                TEXT    NOT NULL DEFAULT 'presumed' CHECK (proof IN ('proven', 'presumed')),
    copy_received_at     INTEGER,
    void_reason          TEXT,
    void_detail          TEXT    NOT NULL DEFAULT '',
    next_attempt_at      INTEGER,
    slot_id              INTEGER UNIQUE REFERENCES slot (id), -- one slot is asked once, whatever a worker believes
    campaign             INTEGER REFERENCES campaign (id),
    made_up              INTEGER NOT NULL DEFAULT 0 CHECK (made_up IN (0, 1)),
    claimed_by           TEXT    NOT NULL DEFAULT '',
    lease_until          INTEGER,
    form                 TEXT    NOT NULL DEFAULT 'letter' CHECK (form IN ('letter', 'post', 'chat')),
    remote_id            TEXT    NOT NULL DEFAULT '', -- 'platform:id'; '' where a Message-ID is its name
    told_at              INTEGER, -- when the person who is to post it was told
    verified_at          INTEGER, -- when the far side was asked once more, after the window had closed
    asked_by             TEXT    NOT NULL DEFAULT '', -- keyed hash of who asked what was merely observed
    network              TEXT    NOT NULL DEFAULT '', -- what it went over where the channel only leads there
    continues            INTEGER REFERENCES request_new (id), -- whose matter it takes up on another way
    told_again           INTEGER CHECK (told_again IN (0, 1)), -- whether all had to be told again, as a person noted
    CHECK (delivery <> 'sent' OR accepted_at IS NOT NULL),
    CHECK (delivery <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

INSERT INTO request_new (
    id, public_id, origin, company, channel, target, account, probe, lang, variant, subject, body, token, message_id,
    delivery, due_at, zone, intended_at, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty, proof,
    copy_received_at, void_reason, void_detail, next_attempt_at, slot_id, campaign, made_up, claimed_by, lease_until,
    form, remote_id, told_at, verified_at, asked_by
) SELECT
    id, public_id, origin, company, channel, target, account, probe, lang, variant, subject, body, token, message_id,
    delivery, due_at, zone, intended_at, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty, proof,
    copy_received_at, void_reason, void_detail, next_attempt_at, slot_id, campaign, made_up, claimed_by, lease_until,
    form, remote_id, told_at, verified_at, asked_by
  FROM request;

DROP TABLE request;
ALTER TABLE request_new RENAME TO request;
CREATE INDEX request_work ON request (delivery, lease_until);
CREATE INDEX request_company ON request (company, intended_at);
CREATE INDEX request_campaign ON request (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX request_standing ON request (account, accepted_at) WHERE delivery = 'sent' AND remote_id <> '';
CREATE UNIQUE INDEX request_remote ON request (LOWER(remote_id)) WHERE remote_id <> '';

-- Whose matter is to be taken up again at that time.
ALTER TABLE slot ADD COLUMN continues INTEGER REFERENCES request (id);

-- Whether the words of a machine say that one speaks; NULL for all but those.
ALTER TABLE derived ADD COLUMN says_machine INTEGER CHECK (says_machine IN (0, 1));

-- What happened in a chat beside its messages. The same step may be seen twice.
CREATE TABLE moment (
    request_id INTEGER NOT NULL REFERENCES request (id),
    kind       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    earlier    INTEGER NOT NULL,
    later      INTEGER NOT NULL,
    clock      TEXT    NOT NULL,
    saw        TEXT    NOT NULL,
    PRIMARY KEY (request_id, at, kind, saw)
) WITHOUT ROWID, STRICT;

-- A picture of a chat, or its page in words, at one moment.
CREATE TABLE exhibit (
    id         INTEGER PRIMARY KEY,
    request_id INTEGER NOT NULL REFERENCES request (id),
    moment     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    media      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    sha256     TEXT    NOT NULL, -- of table blob
    UNIQUE (request_id, moment, at, media)
) STRICT;
