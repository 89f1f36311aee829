"""The store's part for the chain of evidence: notes what changed, makes it links, reads links back. Verifies nothing.

Links are only ever added. What is linked later (a proof that came in, a review) is a link of its own.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from slawatch import chain
from slawatch.clock import from_micros, to_micros
from slawatch.errors import LockedError
from slawatch.store import items
from slawatch.store.items import Item
from slawatch.store.locking import Locking

AT_ONCE = 500  # links in one transaction: others wait for it, and no more than this is held in memory

REQUEST = (
    "origin, delivery, accepted_at, accepted_uncertainty, submitted_at, submitted_uncertainty, proof, "
    "copy_received_at, verified_at, void_reason, void_detail, network, told_again"
)
_OLD = ", ".join(f"OLD.{column.strip()}" for column in REQUEST.split(","))

# Temporary, so that only connections of ours have them: what other tools change in the file is no link, and shows.
# NOT EXISTS and not OR IGNORE: a trigger takes on the conflict handling of the statement that fires it. Imported
# requests are linked by their import.
TRIGGERS = (
    f"""
    CREATE TEMP TRIGGER chain_request_was AFTER UPDATE OF {REQUEST} ON main.request
    WHEN OLD.delivery NOT IN ('intended', 'sending') AND OLD.account <> '(imported)' BEGIN
        INSERT INTO former (request_id, link, {REQUEST})
        SELECT OLD.id, (SELECT COALESCE(MAX(number), 0) FROM link), {_OLD}
        WHERE NOT EXISTS (
            SELECT 1 FROM former
             WHERE request_id = OLD.id AND link = (SELECT COALESCE(MAX(number), 0) FROM link)
        );
    END
    """,  # noqa: S608  the columns are those above
    f"""
    CREATE TEMP TRIGGER chain_request_is AFTER UPDATE OF {REQUEST}, remote_id, target ON main.request
    WHEN NEW.delivery NOT IN ('intended', 'sending') AND NEW.account <> '(imported)' BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'request', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'request' AND key = NEW.id);
    END
    """,  # noqa: S608  same
    """
    CREATE TEMP TRIGGER chain_request AFTER INSERT ON main.request
    WHEN NEW.delivery NOT IN ('intended', 'sending') AND NEW.account <> '(imported)' BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'request', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'request' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_message AFTER INSERT ON main.message BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'message', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'message' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_seal AFTER UPDATE OF purged_at ON main.message
    WHEN NEW.purged_at IS NOT NULL AND OLD.purged_at IS NULL BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'seal', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'seal' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_moment AFTER INSERT ON main.moment BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'trail', NEW.request_id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'trail' AND key = NEW.request_id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_no_moment AFTER DELETE ON main.moment BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'trail', OLD.request_id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'trail' AND key = OLD.request_id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_exhibit AFTER INSERT ON main.exhibit BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'trail', NEW.request_id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'trail' AND key = NEW.request_id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_follow_up AFTER INSERT ON main.follow_up WHEN NEW.delivery = 'sent' BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'follow-up', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'follow-up' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_follow_up_is
    AFTER UPDATE OF delivery, sent_at, uncertainty, own_id, remote_id ON main.follow_up
    WHEN NEW.delivery = 'sent' BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'follow-up', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'follow-up' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_review AFTER INSERT ON main.review BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'review', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'review' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_review_is AFTER UPDATE OF reason_sha256, who, was ON main.review BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'review', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'review' AND key = NEW.id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_import_is AFTER UPDATE OF target ON main.request WHEN NEW.account = '(imported)' BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'import', given.import_id FROM given WHERE given.request_id = NEW.id
           AND NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'import' AND key = given.import_id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_given_anew AFTER UPDATE ON main.given BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'import', OLD.import_id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'import' AND key = OLD.import_id);
        INSERT INTO unlinked (kind, key) SELECT 'import', NEW.import_id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'import' AND key = NEW.import_id);
    END
    """,
    """
    CREATE TEMP TRIGGER chain_import AFTER INSERT ON main.import BEGIN
        INSERT INTO unlinked (kind, key) SELECT 'import', NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unlinked WHERE kind = 'import' AND key = NEW.id);
    END
    """,
)


class Link(NamedTuple):
    """One link as it is kept; `at` in microseconds since 1970 UTC, as it is hashed."""

    number: int
    at: int
    kind: str
    item: str
    digest: str
    head: str

    @property
    def linked_at(self) -> datetime:
        """Return when the link was made."""
        return from_micros(self.at)


class Held(NamedTuple):
    """What the store holds of a message's raw form; `intact` is False where it no longer is what its digest says.

    Of one that is `locked`, encrypted and without its key, nobody can tell.
    """

    message_id: int
    sha256: str
    purged: bool
    intact: bool
    locked: bool = False


class Chaining(Locking):
    """Links, and the items they stand for."""

    def extend_chain(self) -> int:
        """Make links of all that changed since; returns how many. One look into an empty table where nothing has.

        Every AT_ONCE of them are a transaction, so that others can work meanwhile; two that do this at the same time
        take turns, and neither leaves a gap or links a thing twice.
        """
        made = 0
        while self._one("any_unlinked") is not None:
            with self._writing():
                made += self._extend()
        return made

    def chain_head(self) -> str:
        """Return the newest link's head; "" where there is no link yet."""
        last = self._one("last_link")
        return "" if last is None else str(last["head"])

    def link_of_head(self, head: str) -> Link | None:
        """Return the link of that head, None where the chain holds none."""
        row = self._one("link_of_head", head=head)
        return None if row is None else Link(*row)

    def links(self, after: int = 0) -> Iterator[list[Link]]:
        """Yield the links after that number in order, some hundred at a time."""
        while rows := self._rows("links", after=after, most=AT_ONCE):
            yield [Link(*row) for row in rows]
            after = rows[-1]["number"]

    def links_of(self, kind: str, item: str) -> list[Link]:
        """Return every link of one thing, the oldest state first."""
        return [Link(*row) for row in self._rows("links_of", kind=kind, item=item)]

    def items(self, kind: str, names: Sequence[str]) -> dict[str, Item]:
        """Return by name what these things are now, in their first form (revision 1); those that are gone are left out.

        `names` are those of links without their revision.
        """
        by_name = kind in {"request", "trail"}
        found = self._items(kind, public_ids=names) if by_name else self._items(kind, ids=[int(one) for one in names])
        return dict(found.values())

    def waiting_for_link(self) -> set[tuple[str, str]]:
        """Return kind and name of what has changed since the last link."""
        by_kind: dict[str, list[int]] = {}
        for row in self._rows("unlinked_keys"):
            by_kind.setdefault(row["kind"], []).append(row["key"])
        return {(kind, name) for kind, keys in by_kind.items() for name, _ in self._items(kind, ids=keys).values()}

    def not_linked(self, most: int = 1000) -> list[tuple[str, str]]:
        """Return kind and name of what came into the file otherwise than through slawatch."""
        return [(row["kind"], row["item"]) for row in self._rows("not_linked", most=most)]

    def remembers(self, sha256: str, made_at: datetime) -> bool | None:
        """Return whether a report's file is one that was made here; None where none was made at that instant."""
        kept = {row["sha256"] for row in self._rows("reports_like", sha256=sha256, made_at=made_at)}
        return sha256 in kept if kept else None

    def purged_of(self, request_ids: Sequence[int]) -> dict[int, list[int]]:
        """Return by request the messages tied to it whose raw form was thrown away."""
        found: dict[int, list[int]] = {}
        for row in self._rows_among("purged_of", "request_ids", request_ids):
            found.setdefault(row["request_id"], []).append(row["id"])
        return found

    def decided_since(self, at: datetime) -> frozenset[str]:
        """Return the public ids of requests with a message that a person decided about since, and that was sealed.

        What it was taken for before can be told from its raw form alone.
        """
        return frozenset(row["public_id"] for row in self._rows("decided_since", at=at))

    def tied_to(self, message_ids: Sequence[int]) -> dict[int, list[str]]:
        """Return by message the public ids of the requests it is tied to."""
        found: dict[int, list[str]] = {}
        for row in self._rows_among("tied_to", "message_ids", message_ids):
            found.setdefault(row["message_id"], []).append(row["public_id"])
        return found

    def evidence(self) -> Iterator[list[Held]]:
        """Yield what is held of every message's raw form, some hundred at a time."""
        after = 0
        while rows := self._rows("evidence_hashes", after=after, most=AT_ONCE):
            yield [self._held(row) for row in rows]
            after = rows[-1]["id"]

    def drop_spoilt(self) -> None:
        """Throw raw forms away that are no longer what their digest says: on a copy, where they are to be judged."""
        spoilt = [one.sha256 for some in self.evidence() for one in some if not one.intact and not one.locked]
        with self._writing():
            for sha256 in spoilt:
                self._change("drop_blob", sha256=sha256)

    def rewind(self, at: datetime, *, link: int, looked_until: Mapping[str, datetime | None]) -> None:
        """Take away all that was not known then: for a copy of the store, never for the store itself.

        `link` is the number of the newest link then, `looked_until` until when each account was looked into.
        """
        self._connection().execute("PRAGMA foreign_keys = OFF")  # some go before those they belong to
        with self._writing():
            self._change("rewind_requests", link=link)
            self._change("rewind_unsent", at=at, link=link)
            self._change("rewind_imported", at=at)
            self._change("rewind_messages", at=at)
            self._change("rewind_reviews", at=at)
            for name in ("trusted", "derived", "replies", "promises", "learned", "given", "slots"):
                self._change(f"rewind_{name}")
            for name in (
                "attempts",
                "follow_ups",
                "moments",
                "exhibits",
                "gone",
                "last_look",
                "looks",
                "reports",
                "imports",
            ):
                self._change(f"rewind_{name}", at=at)
            self._change("rewind_letters")
            for account, until in looked_until.items():
                self._change("rewind_inbox", account=account, observed_until=until)
        self._connection().execute("PRAGMA foreign_keys = ON")

    def _opened(self, connection: sqlite3.Connection) -> None:
        for trigger in TRIGGERS:
            connection.execute(trigger)

    def _extend(self) -> int:
        rows = self._rows("unlinked", most=AT_ONCE)
        if not rows:
            return 0
        last = self._one("last_link")
        number, head = (last["number"], last["head"]) if last else (0, chain.START)
        at, made = to_micros(self._now()), 0
        found: dict[str, dict[int, tuple[str, Item]]] = {
            kind: self._items(kind, ids=[row["key"] for row in some]) for kind, some in _by_kind(rows).items()
        }
        for row in rows:
            name, item = found[row["kind"]].get(row["key"], ("", None))
            link = self._next_state(row["kind"], name, item) if item else None
            if link is None:
                continue
            name, digest = link
            number, made = number + 1, made + 1
            head = chain.head(head, number=number, at=at, digest=digest)
            self._change("add_link", number=number, at=at, kind=row["kind"], item=name, digest=digest, head=head)
        self._change("forget_unlinked", number=rows[-1]["number"])
        return made

    def _next_state(self, kind: str, base: str, item: Item) -> tuple[str, str] | None:
        """Return name and digest of what is to be linked; None where the newest link says just that."""
        before = self.links_of(kind, base)
        if not before:
            return base, chain.digest(item)
        _, revision = items.base_of(before[-1].item)
        if chain.digest(items.revised(item, revision)) == before[-1].digest:
            return None
        return items.name_of(base, revision + 1), chain.digest(items.revised(item, revision + 1))

    def _items(
        self, kind: str, *, ids: Sequence[int] | None = None, public_ids: Sequence[str] | None = None
    ) -> dict[int, tuple[str, Item]]:
        """Return by id the name and the item of these; those that are not there are left out."""
        if kind in {"request", "trail"}:
            rows = self._requests_of_chain(ids, public_ids)
            if kind == "request":
                return {row["id"]: (row["public_id"], items.request_item(row)) for row in rows}
            return self._trails({row["id"]: row["public_id"] for row in rows})
        if kind == "import":
            return {
                row["id"]: (str(row["id"]), items.import_item(row, *self._given(row["id"])))
                for row in self._rows_among("chain_imports", "ids", ids)
            }
        statement, made = _KINDS[kind]
        rows = self._rows_among(statement, "ids", ids)
        return {row["id"]: (str(row["id"]), made(row)) for row in rows if kind != "seal" or row["purged_at"]}

    def _requests_of_chain(self, ids: Sequence[int] | None, public_ids: Sequence[str] | None) -> list[sqlite3.Row]:
        if public_ids is not None:
            return self._rows_among("chain_requests", "public_ids", public_ids)
        return self._rows_among("chain_requests", "ids", ids)

    def _trails(self, named: Mapping[int, str]) -> dict[int, tuple[str, Item]]:
        moments = items.grouped(self._rows_among("chain_trail_moments", "ids", list(named)), "request_id")
        exhibits = items.grouped(self._rows_among("chain_trail_exhibits", "ids", list(named)), "request_id")
        return {
            number: (name, items.trail_item(name, moments.get(number, ()), exhibits.get(number, ())))
            for number, name in named.items()
        }

    def _given(self, import_id: int) -> tuple[int, str]:
        """Return how many rows an import has, and the digest over all of them, without holding them all."""
        hashed, rows_seen, after = hashlib.sha256(), 0, 0
        while rows := self._rows("chain_given", import_id=import_id, after=after, most=AT_ONCE):
            for row in rows:
                hashed.update(f"{chain.canonical(items.given_item(row))}\n".encode())
            rows_seen, after = rows_seen + len(rows), rows[-1]["request_id"]
        return rows_seen, hashed.hexdigest()

    def _held(self, row: sqlite3.Row) -> Held:
        import zlib  # noqa: PLC0415  only who verifies reads evidence back here

        sha256, purged = row["sha256"], row["purged_at"] is not None
        intact = locked = False
        blob = self._one("raw", sha256=sha256)
        if blob is not None:
            try:
                intact = hashlib.sha256(self._opened_blob(sha256, blob)).hexdigest() == sha256
            except LockedError:
                locked = True
            except zlib.error:
                pass
        return Held(row["id"], sha256, purged, intact, locked)


_KINDS = {
    "message": ("chain_messages", items.message_item),
    "seal": ("chain_messages", items.seal_item),
    "follow-up": ("chain_follow_ups", items.follow_up_item),
    "review": ("chain_reviews", items.review_item),
}


def _by_kind(rows: Sequence[sqlite3.Row]) -> dict[str, list[sqlite3.Row]]:
    found: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        found.setdefault(row["kind"], []).append(row)
    return found
