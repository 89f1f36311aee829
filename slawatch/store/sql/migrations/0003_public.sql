-- Channels on which everybody can read along: platforms name posts themselves, people post for us, and anybody joins in.

-- 'skipped' is new among the ways a request can end, and no CHECK can be changed in place.
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
    form                 TEXT    NOT NULL DEFAULT 'letter' CHECK (form IN ('letter', 'post')),
    remote_id            TEXT    NOT NULL DEFAULT '', -- 'platform:id'; '' where a Message-ID is its name
    told_at              INTEGER, -- when the person who is to post it was told
    verified_at          INTEGER, -- when the far side was asked once more, after the window had closed
    asked_by             TEXT    NOT NULL DEFAULT '', -- keyed hash of who asked what was merely observed
    CHECK (delivery <> 'sent' OR accepted_at IS NOT NULL),
    CHECK (delivery <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

INSERT INTO request_new (
    id, public_id, origin, company, channel, target, account, probe,
    lang, variant, subject, body, token, message_id, delivery, due_at,
    zone, intended_at, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty, proof, copy_received_at,
    void_reason, void_detail, next_attempt_at, slot_id, campaign, made_up, claimed_by, lease_until
) SELECT
    id, public_id, origin, company, channel, target, account, probe,
    lang, variant, subject, body, token, message_id, delivery, due_at,
    zone, intended_at, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty, proof, copy_received_at,
    void_reason, void_detail, next_attempt_at, slot_id, campaign, made_up, claimed_by, lease_until
  FROM request;

DROP TABLE request;
ALTER TABLE request_new RENAME TO request;
CREATE INDEX request_work ON request (delivery, lease_until);
CREATE INDEX request_company ON request (company, intended_at);
CREATE INDEX request_campaign ON request (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX request_standing ON request (account, accepted_at) WHERE delivery = 'sent' AND remote_id <> '';
-- One post is one request, whoever finds it. Ids keep their case for the platform, and are looked up without it.
CREATE UNIQUE INDEX request_remote ON request (LOWER(remote_id)) WHERE remote_id <> '';

-- 'bystander' is new among those who write: others who join in in public.
CREATE TABLE reply_new (
    message_id INTEGER NOT NULL REFERENCES derived (message_id),
    request_id INTEGER NOT NULL REFERENCES request (id),
    evidence   TEXT    NOT NULL,
    strength   TEXT    NOT NULL CHECK (strength IN ('certain', 'strong', 'medium', 'weak')),
    saw        TEXT    NOT NULL DEFAULT '',
    writer     TEXT    NOT NULL DEFAULT 'company'
        CHECK (writer IN ('company', 'system', 'stranger', 'bystander', 'forged')),
    writer_saw TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, request_id)
) STRICT;

INSERT INTO reply_new (message_id, request_id, evidence, strength, saw, writer, writer_saw)
SELECT message_id, request_id, evidence, strength, saw, writer, writer_saw FROM reply;

DROP TABLE reply;
ALTER TABLE reply_new RENAME TO reply;
CREATE INDEX reply_request ON reply (request_id);

ALTER TABLE follow_up ADD COLUMN remote_id TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX follow_up_remote ON follow_up (LOWER(remote_id)) WHERE remote_id <> '';

-- What its author deletes is thrown away here, too, while its stamps stay: a message may outlive its evidence.
CREATE TABLE message_new (
    id             INTEGER PRIMARY KEY,
    account        TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    remote_id      TEXT    NOT NULL,
    folder         TEXT    NOT NULL,
    sha256         TEXT    NOT NULL, -- of table blob, where the evidence has not been thrown away
    own_id         TEXT    NOT NULL,
    sender         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    stamp_at       INTEGER NOT NULL,
    stamp_source   TEXT    NOT NULL,
    stamp_why      TEXT    NOT NULL DEFAULT '', -- what spoke for the chosen stamp, or against the others
    stamp_earlier  INTEGER NOT NULL,
    stamp_later    INTEGER NOT NULL,
    internal_at    INTEGER,
    date_header_at INTEGER,
    seen_at        INTEGER NOT NULL,
    duplicate_of   INTEGER REFERENCES message (id),
    gone_at        INTEGER, -- when we noticed that its author had deleted it
    purged_at      INTEGER, -- when its text was therefore thrown away
    present_at     INTEGER, -- when the platform last showed it
    UNIQUE (account, remote_id)
) STRICT;

INSERT INTO message_new (
    id, account, channel, remote_id, folder, sha256, own_id, sender,
    subject, stamp_at, stamp_source, stamp_earlier, stamp_later, internal_at, date_header_at, seen_at,
    duplicate_of, stamp_why
) SELECT
    id, account, channel, remote_id, folder, sha256, own_id, sender,
    subject, stamp_at, stamp_source, stamp_earlier, stamp_later, internal_at, date_header_at, seen_at,
    duplicate_of, stamp_why
  FROM message;

DROP TABLE message;
ALTER TABLE message_new RENAME TO message;
CREATE INDEX message_sha256 ON message (account, sha256);
CREATE INDEX message_own_id ON message (account, own_id) WHERE own_id <> '';
CREATE INDEX message_stamp ON message (account, stamp_at) WHERE gone_at IS NULL; -- who looks for what was deleted

CREATE INDEX message_gone ON message (account) WHERE gone_at IS NOT NULL AND purged_at IS NULL; -- a crash left it

-- Who a target's address (a handle) belongs to; handles change hands, ids do not.
CREATE TABLE identity (
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    id       TEXT    NOT NULL, -- 'platform:id'
    handle   TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (channel, address)
) STRICT;

-- What calls to platforms cost: by account, UTC day and kind of call, in millionths of the prices' currency.
CREATE TABLE charge (
    account   TEXT    NOT NULL,
    day       TEXT    NOT NULL,
    what      TEXT    NOT NULL,
    calls     INTEGER NOT NULL,
    resources INTEGER NOT NULL,
    micros    INTEGER NOT NULL,
    PRIMARY KEY (account, day, what)
) STRICT;

-- What was charged today already: the same post read twice on one day is billed once.
CREATE TABLE charged (
    account  TEXT NOT NULL,
    day      TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (account, day, resource)
) WITHOUT ROWID, STRICT;
