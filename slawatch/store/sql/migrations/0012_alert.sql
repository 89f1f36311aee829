-- What was wrong and from when to when, and the outbox of telling people so: nothing of it is lost by a crash.

CREATE TABLE alert (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL, -- the same as long as it is the same trouble: "account:main", "disk" ...
    kind        TEXT    NOT NULL,
    severity    TEXT    NOT NULL, -- "warning" or "error"
    ours        INTEGER NOT NULL,
    passing     INTEGER NOT NULL, -- its end is no news
    words       TEXT    NOT NULL,
    raised_at   INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;

CREATE UNIQUE INDEX alert_open ON alert (key) WHERE resolved_at IS NULL;
CREATE INDEX alert_by_time ON alert (raised_at);

CREATE TABLE alert_delivery (
    id              INTEGER PRIMARY KEY,
    alert_id        INTEGER NOT NULL REFERENCES alert (id),
    recipient       TEXT    NOT NULL, -- the name of a table [[alert]] of the config
    what            TEXT    NOT NULL, -- "raised", "worse", "reminded" or "resolved"
    words           TEXT    NOT NULL, -- as they were when it was intended
    state           TEXT    NOT NULL DEFAULT 'intended', -- then "sending", "told" or "withdrawn"
    intended_at     INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    claimed_by      TEXT    NOT NULL DEFAULT '',
    lease_until     INTEGER,
    attempts        INTEGER NOT NULL DEFAULT 0,
    again           INTEGER NOT NULL DEFAULT 0, -- an earlier try may have told it
    told_at         INTEGER,
    detail          TEXT    NOT NULL DEFAULT ''
) STRICT;

-- That it began and that it ended is intended once for each recipient, however often that is tried.
CREATE UNIQUE INDEX alert_delivery_once ON alert_delivery (alert_id, recipient, what) WHERE what IN ('raised', 'resolved');
CREATE INDEX alert_delivery_waiting ON alert_delivery (next_attempt_at) WHERE state IN ('intended', 'sending');
CREATE INDEX alert_delivery_by_alert ON alert_delivery (alert_id);

-- Letters to ourselves, by the way of requests and replies: that they come back proves that we are not deaf.
CREATE TABLE canary (
    id          INTEGER PRIMARY KEY,
    account     TEXT    NOT NULL,
    own_id      TEXT    NOT NULL UNIQUE,
    delay       INTEGER NOT NULL, -- how long whoever sends it back keeps it, in microseconds
    intended_at INTEGER NOT NULL,
    sent_at     INTEGER, -- NULL where it did not leave, or nobody knows
    failed      TEXT    NOT NULL DEFAULT '', -- why it surely did not leave
    back_at     INTEGER, -- as its reply would be timed, with the margins of that
    earlier     INTEGER,
    later       INTEGER,
    heard_at    INTEGER -- when we saw it
) STRICT;

CREATE INDEX canary_by_account ON canary (account, id);
