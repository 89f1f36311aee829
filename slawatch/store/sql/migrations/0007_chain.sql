-- The chain of evidence: each link's head is the SHA-256 of the head before it and of what it stands for. Whoever holds
-- a head that was printed once can tell that nothing before it was changed, left out or added since.

CREATE TABLE link (
    number INTEGER PRIMARY KEY, -- 1, 2, 3 … without a gap
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    item   TEXT    NOT NULL,    -- which of that kind
    digest TEXT    NOT NULL,    -- SHA-256 of the item in its canonical form
    head   TEXT    NOT NULL,
    UNIQUE (kind, item)
) STRICT;
