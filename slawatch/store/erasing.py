"""The store's part for erasing: finds whatever mentions somebody, and takes it out. Stamps, kinds and hashes stay.

Decides nothing. What is erased cannot be brought back but from a backup.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from slawatch import chain
from slawatch.errors import StoreError
from slawatch.store.retaining import Holding, Retaining

AT_ONCE = 200
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("message", ("remote_id", "folder", "own_id", "sender", "subject", "stamp_why")),
    ("derived", ("because",)),
    ("reply", ("saw", "writer_saw")),
    ("promise", ("quote",)),
    ("learned", ("key",)),
    ("review", ("who", "was")),
    ("request", ("target", "remote_id", "void_detail")),
    ("follow_up", ("own_id", "remote_id", "detail")),
    ("attempt", ("detail",)),
    ("slot", ("key", "target", "why")),
    ("inbox", ("cursor", "warning")),
    ("look", ("note",)),
    ("event", ("ref", "detail")),
    ("pause", ("scope", "why")),
    ("opt_out", ("why", "lifted_why")),
    ("alert", ("key", "words")),
    ("alert_delivery", ("words", "detail")),
    ("letter", ("key", "recipient", "subject", "detail")),
    ("report", ("figures",)),
    ("import", ("source",)),
    ("correction", ("words", "changed")),
    ("embargo", ("lifted_why",)),
    ("campaign", ("name",)),
    ("canary", ("failed",)),
    ("exhibit", ("name",)),
    ("settled_kind", ("target",)),
    ("meta", ("value",)),
)
"""Every column in which an address may stand as a text or in one; there a sign takes its place."""


class Erasing(Retaining):
    """What mentions somebody."""

    def evidence_kept(self) -> Iterator[tuple[int, str]]:
        """Yield every message whose raw form is kept, with its hash."""
        after = 0
        while rows := self._rows("every_blob", after=after, most=AT_ONCE):
            yield from ((row["id"], row["sha256"]) for row in rows)
            after = rows[-1]["id"]

    def alike(self, message_ids: Sequence[int]) -> list[int]:
        """Return these messages with all that hold the same words."""
        ids = {row["id"] for row in self._rows_among("messages_alike", "ids", list(message_ids))}
        return sorted(ids | set(message_ids))

    def messages_of(self, request_ids: Sequence[int]) -> list[int]:
        """Return what came in for these requests, copies of our own letters included."""
        return sorted({row["id"] for row in self._rows_among("messages_of_requests", "request_ids", list(request_ids))})

    def exhibits_of(self, request_ids: Sequence[int] | None = None) -> list[tuple[int, str, int]]:
        """Return id, hash and request of the pictures and pages kept of these chats, or of all."""
        ids = None if request_ids is None else list(request_ids)
        rows = self._rows_among("exhibits_of_requests", "request_ids", ids)
        return [(row["id"], row["sha256"], row["request_id"]) for row in rows]

    def mentions(self, sought: re.Pattern[str]) -> dict[str, int]:
        """Return by "table.column" how many rows mention it."""
        with self._seeking(sought):
            found = {
                f"{table}.{column}": self._count(f"SELECT COUNT(*) FROM {table} WHERE mentions({column})")  # noqa: S608  both are of PLACES
                for table, columns in PLACES
                for column in columns
            }
            found["identity.address"] = len(self._rows("identities_that_mention"))
            found["review.reason"] = len(self._rows("reviews_that_mention"))
        return {place: number for place, number in found.items() if number}

    def requests_that_mention(self, sought: re.Pattern[str]) -> list[int]:
        """Return the requests that mention it in what was asked, written once more, or seen in their chat."""
        with self._seeking(sought):
            ids = {row["id"] for row in self._rows("requests_that_mention")}
            return sorted(ids | {row["request_id"] for row in self._rows("moments_that_mention")})

    def letters_that_mention(self, found_in: Callable[[bytes], bool]) -> list[int]:
        """Return the letters to the user, not yet thrown away, in which it is found."""
        return [row["id"] for row in self._rows("letters_kept") if found_in(zlib.decompress(row["packed"]))]

    def stays(self, sought: re.Pattern[str]) -> tuple[int, int]:
        """Return how many entries of the audit log and of the opt-out register mention it: both keep it, on purpose."""
        with self._seeking(sought):
            audit, register = self._one("audit_that_mentions"), self._one("opt_outs_that_mention")
        return (audit["n"] if audit else 0), (register["n"] if register else 0)

    def planned_for(self, sought: re.Pattern[str]) -> tuple[list[int], list[int]]:
        """Return the slots and the requests not yet sent that are for it."""
        with self._seeking(sought):
            slots = [row["id"] for row in self._rows("slots_that_mention")]
            return slots, [row["id"] for row in self._rows("intended_that_mention")]

    def erase_messages(self, message_ids: Sequence[int]) -> None:
        """Throw away raw form, words and writers of these messages."""
        with self._writing():
            rows = self._rows_among("messages_to_erase", "ids", list(message_ids))
            held = [Holding(id=row["id"], came_at=self._now(), sha256=row["sha256"]) for row in rows]
            self.seal_raw(held)
            self.seal_message_texts([one.id for one in held])
            for one in held:
                self._change("erase_writer", id=one.id, now=self._now())

    def erase_exhibits(self, some: Sequence[tuple[int, str, int]]) -> None:
        """Throw these pictures and pages away."""
        held = [Holding(id=number, came_at=self._now(), sha256=sha256) for number, sha256, _ in some]
        self.seal_exhibits(held)

    def erase_letters(self, letter_ids: Sequence[int]) -> None:
        """Throw these letters to the user away; those that had not left never will."""
        with self._writing():
            for number in letter_ids:
                self._change("erase_letter", id=number)

    def rewrite(self, sought: re.Pattern[str], sign: str) -> None:
        """Put the sign in its place wherever it is mentioned as a text."""
        with self._seeking(sought, sign), self._writing():
            for row in self._rows("reviews_that_mention"):
                self._change("seal_review", id=row["id"], digest=chain.text_digest("", row["reason"]))
            self._change("erase_identities")
            self._change("former_that_mention")
            for table, columns in PLACES:
                for column in columns:
                    self._connection().execute(
                        f"UPDATE {table} SET {column} = rewritten({column}) WHERE mentions({column})"  # noqa: S608  both are of PLACES
                    )
            self._change("former_that_mention")  # a trigger may just have kept what stood there

    def write_anew(self) -> bool:
        """Write the whole file anew, so that no page of it holds what was thrown away; False where it could not be.

        What is thrown away is written over in any case. A store that is older than that may hold copies elsewhere.
        """
        try:
            with self._explained():
                self._connection().execute("VACUUM")
        except StoreError:
            return False
        return self.write_over()

    def _count(self, statement: str) -> int:
        with self._explained():
            return int(self._connection().execute(statement).fetchone()[0])

    def _opened(self, connection: sqlite3.Connection) -> None:
        super()._opened(connection)
        _forget(connection)  # as long as nobody is sought, nobody is mentioned

    @contextmanager
    def _seeking(self, sought: re.Pattern[str], sign: str = "") -> Iterator[None]:
        """Give statements inside the functions `mentions` and `rewritten`."""
        connection = self._connection()
        make: Callable[..., None] = connection.create_function
        make("mentions", 1, lambda text: isinstance(text, str) and sought.search(text) is not None)
        make("rewritten", 1, lambda text: sought.sub(sign, text) if isinstance(text, str) else text)
        try:
            yield
        finally:
            _forget(connection)


def _forget(connection: sqlite3.Connection) -> None:
    connection.create_function("mentions", 1, lambda _text: False)
    connection.create_function("rewritten", 1, lambda text: text)
