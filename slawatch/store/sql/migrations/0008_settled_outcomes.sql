-- What became of requests whose outcome time alone can change no more, or only in the one way of a wait that goes on:
-- a report over a million of them need not derive each anew. Nothing rests on it; whatever vanishes is derived again.

-- The columns of up to 4 096 requests, page after page of their ids; slawatch/pages.py says how they are packed. Reading
-- a row for each request would take ten times as long.
CREATE TABLE settled (
    page   INTEGER PRIMARY KEY, -- id / 4096 of its requests
    first  INTEGER NOT NULL,    -- when the earliest of them was asked
    last   INTEGER NOT NULL,    -- and the latest
    n      INTEGER NOT NULL,
    packed BLOB    NOT NULL,
    hours  BLOB                 -- their waits in service hours; NULL where nobody states any
) STRICT;

-- What requests have in common that were asked in the same way.
CREATE TABLE settled_kind (
    id      INTEGER PRIMARY KEY,
    company TEXT NOT NULL,
    channel TEXT NOT NULL,
    target  TEXT NOT NULL,
    network TEXT NOT NULL,
    account TEXT NOT NULL,
    origin  TEXT NOT NULL,
    basis   TEXT NOT NULL, -- digest of the program's version, the standard and the calendar they were derived by
    UNIQUE (company, channel, target, network, account, origin)
) STRICT;

-- Every request whose row in a page does not hold, or that has none. Whatever an outcome rests on, the triggers below
-- put its request in here when it changes, so that no statement of the program has to remember. A migration that makes
-- one of these tables anew must make its triggers anew, too.
CREATE TABLE unsettled (
    request_id INTEGER PRIMARY KEY
) STRICT;

INSERT INTO unsettled (request_id) SELECT id FROM request;

-- Reports choose by when requests were asked, and want to know at once of how many companies.
CREATE INDEX request_asked ON request (COALESCE(accepted_at, intended_at), company);

-- NOT IN instead of OR IGNORE: a trigger takes on the conflict handling of the statement that fires it.
CREATE TRIGGER settled_request_new AFTER INSERT ON request BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_request_changed AFTER UPDATE ON request BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_request_gone AFTER DELETE ON request BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.id WHERE OLD.id NOT IN (SELECT request_id FROM unsettled);
END;

CREATE TRIGGER settled_reply_new AFTER INSERT ON reply BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_reply_changed AFTER UPDATE ON reply BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_reply_gone AFTER DELETE ON reply BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_follow_up_new AFTER INSERT ON follow_up BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_follow_up_changed AFTER UPDATE ON follow_up BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_follow_up_gone AFTER DELETE ON follow_up BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_moment_new AFTER INSERT ON moment BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_moment_changed AFTER UPDATE ON moment BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_moment_gone AFTER DELETE ON moment BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_given_new AFTER INSERT ON given BEGIN
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_given_changed AFTER UPDATE ON given BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
    INSERT INTO unsettled (request_id) SELECT NEW.request_id
     WHERE NEW.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_given_gone AFTER DELETE ON given BEGIN
    INSERT INTO unsettled (request_id) SELECT OLD.request_id
     WHERE OLD.request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_derived_changed AFTER UPDATE ON derived BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_promise_new AFTER INSERT ON promise BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_promise_changed AFTER UPDATE ON promise BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_promise_gone AFTER DELETE ON promise BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = OLD.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_review_new AFTER INSERT ON review BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_review_changed AFTER UPDATE ON review BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_review_gone AFTER DELETE ON review BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = OLD.message_id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
CREATE TRIGGER settled_message_changed AFTER UPDATE ON message BEGIN
    INSERT INTO unsettled (request_id) SELECT DISTINCT request_id FROM reply
     WHERE message_id = NEW.id AND request_id NOT IN (SELECT request_id FROM unsettled);
END;
