-- Instants are INTEGER microseconds since 1970-01-01 UTC and end in _at (or _until). Durations stand here only as
-- the uncertainty of an instant; waits are derived and never stored. Texts that others wrote may be empty, never NULL.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE campaign (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    until      INTEGER,
    ended_at   INTEGER
) STRICT;

CREATE TABLE slot (
    id       INTEGER PRIMARY KEY,
    key      TEXT    NOT NULL UNIQUE, -- laying the same plan out again adds nothing
    company  TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    due_at   INTEGER NOT NULL,
    zone     TEXT    NOT NULL,
    state    TEXT    NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'claimed', 'closed')),
    ready_at INTEGER NOT NULL,        -- due_at, or later where it was put off
    why      TEXT    NOT NULL DEFAULT '',
    campaign INTEGER REFERENCES campaign (id)
) STRICT;

CREATE INDEX slot_due ON slot (state, ready_at);
CREATE INDEX slot_campaign ON slot (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX slot_company ON slot (company, state);

CREATE TABLE request (
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
        CHECK (delivery IN ('intended', 'sending', 'sent', 'uncertain', 'refused', 'withdrawn')),
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
    CHECK (delivery <> 'sent' OR accepted_at IS NOT NULL),
    CHECK (delivery <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

CREATE INDEX request_work ON request (delivery, lease_until);
CREATE INDEX request_company ON request (company, intended_at);
CREATE INDEX request_campaign ON request (campaign) WHERE campaign IS NOT NULL;

CREATE TABLE attempt (
    id          INTEGER PRIMARY KEY,
    request_id  INTEGER NOT NULL REFERENCES request (id),
    number      INTEGER NOT NULL,
    envelope_id TEXT    NOT NULL UNIQUE,
    account     TEXT    NOT NULL, -- the request's, so that an account's send rate is one index range
    worker      TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    outcome     TEXT    NOT NULL DEFAULT 'started'
        CHECK (outcome IN ('started', 'sent', 'unavailable', 'refused', 'uncertain')),
    detail      TEXT    NOT NULL DEFAULT '',
    UNIQUE (request_id, number)
) STRICT;

CREATE INDEX attempt_rate ON attempt (account, started_at);

CREATE TABLE inbox (
    account        TEXT PRIMARY KEY,
    cursor         TEXT NOT NULL DEFAULT '',
    observed_until INTEGER,
    owner          TEXT NOT NULL DEFAULT '',
    lease_until    INTEGER
) STRICT;

CREATE TABLE look (
    id         INTEGER PRIMARY KEY,
    account    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    ok         INTEGER NOT NULL CHECK (ok IN (0, 1)),
    note       TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX look_account ON look (account, ended_at);

CREATE TABLE blob (
    sha256 TEXT    PRIMARY KEY,
    codec  TEXT    NOT NULL CHECK (codec IN ('zlib')),
    size   INTEGER NOT NULL, -- of the raw form
    bytes  BLOB    NOT NULL
) STRICT;

CREATE TABLE message (
    id             INTEGER PRIMARY KEY,
    account        TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    remote_id      TEXT    NOT NULL,
    folder         TEXT    NOT NULL,
    sha256         TEXT    NOT NULL REFERENCES blob (sha256),
    own_id         TEXT    NOT NULL,
    sender         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    stamp_at       INTEGER NOT NULL,
    stamp_source   TEXT    NOT NULL,
    stamp_earlier  INTEGER NOT NULL,
    stamp_later    INTEGER NOT NULL,
    internal_at    INTEGER,
    date_header_at INTEGER,
    seen_at        INTEGER NOT NULL,
    duplicate_of   INTEGER REFERENCES message (id),
    UNIQUE (account, remote_id)
) STRICT;

CREATE INDEX message_sha256 ON message (account, sha256);
CREATE INDEX message_own_id ON message (account, own_id) WHERE own_id <> '';

-- What our rules made of a message; every message that is no duplicate has a row from the start, rules '' = not yet.
CREATE TABLE derived (
    message_id INTEGER PRIMARY KEY REFERENCES message (id),
    rules      TEXT    NOT NULL DEFAULT '',
    own        INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)),
    kind       TEXT    NOT NULL DEFAULT 'unknown',
    because    TEXT    NOT NULL DEFAULT '[]', -- JSON: [[rule, saw], ...]
    how_long   INTEGER CHECK (how_long IN (0, 1)),
    why        INTEGER CHECK (why IN (0, 1))
) STRICT;

CREATE INDEX derived_rules ON derived (rules);

CREATE TABLE reply (
    message_id INTEGER NOT NULL REFERENCES derived (message_id),
    request_id INTEGER NOT NULL REFERENCES request (id),
    evidence   TEXT    NOT NULL,
    strength   TEXT    NOT NULL CHECK (strength IN ('certain', 'strong', 'medium', 'weak')),
    saw        TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, request_id)
) STRICT;

CREATE INDEX reply_request ON reply (request_id);

CREATE TABLE pause (
    scope TEXT    PRIMARY KEY,
    why   TEXT    NOT NULL,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    ref    TEXT    NOT NULL,
    detail TEXT    NOT NULL
) STRICT;

CREATE INDEX event_at ON event (at);
