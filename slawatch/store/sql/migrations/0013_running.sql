-- When the machine's clock was set while slawatch was looking on: waits over such a jump are no longer sure.

CREATE TABLE time_jump (
    id       INTEGER PRIMARY KEY,
    noted_at INTEGER NOT NULL, -- by the clock as it was set
    since    INTEGER NOT NULL, -- the earliest and the latest instant that either clock can have shown meanwhile
    until    INTEGER NOT NULL,
    size     INTEGER NOT NULL, -- microseconds, negative where it was set back
    CHECK (size <> 0 AND since <= until)
) STRICT;
