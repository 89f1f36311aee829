-- Requests that others have timed. There are no messages to derive their waits from: the times were given with them.

CREATE TABLE import (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    source TEXT    NOT NULL, -- the file's name
    sha256 TEXT    NOT NULL, -- of the file
    format TEXT    NOT NULL,
    rows   INTEGER NOT NULL  -- requests it brought
) STRICT;

CREATE TABLE given (
    request_id        INTEGER PRIMARY KEY REFERENCES request (id),
    import_id         INTEGER NOT NULL REFERENCES import (id),
    line              INTEGER NOT NULL, -- where it stood in the file
    acknowledged_at   INTEGER,
    first_response_at INTEGER,
    answered_at       INTEGER,
    promised_at       INTEGER,
    observed_until    INTEGER
) STRICT;

CREATE INDEX given_import ON given (import_id);
