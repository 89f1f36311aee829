-- What became of requests that can change no more, kept so that a report over a million of them need not derive each
-- anew. Nothing rests on it: a row may vanish at any time and is derived again.

CREATE TABLE settled (
    request_id     INTEGER PRIMARY KEY REFERENCES request (id),
    basis          TEXT    NOT NULL -- digest of the rules, the standard and the calendar it was derived by
) STRICT;
