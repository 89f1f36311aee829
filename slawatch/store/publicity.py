"""The store's part for channels on which everybody reads along: who is who, what it cost, what was posted by people.

Decides nothing: whose silence counts and what is too dear is settled elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from slawatch.clock import from_micros
from slawatch.model import Message, MessageKind, Origin, Request
from slawatch.store.database import Database
from slawatch.store.rows import message_of, request_of

_PERSON_KINDS = [kind for kind in MessageKind if kind.by_person]
PURGED = "purged"
"""What stands in place of what a rule saw in a text that was thrown away."""


class Found(NamedTuple):
    """Who an address was found to belong to, and when."""

    address: str
    id: str
    handle: str
    name: str
    found_at: datetime


class Charge(NamedTuple):
    """What calls of one kind brought and cost on one UTC day; `micros` are millionths of the prices' currency."""

    day: str
    what: str
    calls: int
    resources: int
    micros: int


class Standing(NamedTuple):
    """A post of ours (or one that is observed), and what has been said by its company so far."""

    request: Request
    responded: bool
    answered: bool


class OpenPost(NamedTuple):
    """A post of ours that waits for an answer, or somebody else's that is observed: which, put to whom, and when."""

    remote_id: str
    company: str
    channel: str
    target: str
    asked_at: datetime
    observed: bool


class Publicity(Database):
    """Identities, charges, posts by people, and what became unreadable."""

    def identities(self, channel: str) -> dict[str, Found]:
        """Return by address who the channel's addresses were found to belong to."""
        return {row["address"]: _found(row) for row in self._rows("identities", channel=channel)}

    def keep_identity(self, channel: str, address: str, *, remote_id: str, handle: str, name: str) -> None:
        """Keep who an address belongs to, in place of what was known before."""
        with self._writing():
            self._change(
                "keep_identity",
                channel=channel,
                address=address,
                id=remote_id,
                handle=handle,
                name=name,
                now=self._now(),
            )

    def charge(self, account: str, what: str, *, calls: int, resources: Sequence[str], each: int) -> None:
        """Note what calls cost: `each` for every resource that was not charged today (UTC) already."""
        day = _day(self._now())
        with self._writing():
            self._change("forget_charged", day=day)
            new = sum(self._change("add_charged", account=account, day=day, resource=one) for one in resources)
            self._change(
                "add_charge", account=account, day=day, what=what, calls=calls, resources=new, micros=new * each
            )

    def spent(self, account: str, since: datetime) -> int:
        """Return what was charged to the account on that UTC day and since."""
        row = self._one("spent", account=account, day=_day(since))
        return 0 if row is None else int(row["micros"])

    def charges(self, account: str, since: datetime) -> list[Charge]:
        """Return what was charged to the account on that UTC day and since, by day and kind."""
        return [
            Charge(row["day"], row["what"], row["calls"], row["resources"], row["micros"])
            for row in self._rows("charges", account=account, day=_day(since))
        ]

    def standing_posts(
        self,
        account: str,
        since: datetime,
        *,
        until: datetime | None = None,
        unproven: bool = False,
    ) -> list[Standing]:
        """Return every post asked since then, at most until then, that counts so far, the newest first.

        With `unproven` only those that nobody has answered and whose silence nobody has verified.
        """
        rows = self._rows(
            "standing_posts",
            account=account,
            since=since,
            until=until,
            unproven=unproven,
            person_kinds=_PERSON_KINDS,
        )
        return [Standing(request_of(row), bool(row["responded"]), bool(row["answered"])) for row in rows]

    def open_posts(self, account: str, since: datetime) -> list[OpenPost]:
        """Return every post asked since then that counts so far and that nobody has answered, the newest first.

        Thousands may stand open at a time, and every pass asks: so this says only what it takes to look after them.
        """
        return [
            OpenPost(
                row["remote_id"],
                row["company"],
                row["channel"],
                row["target"],
                from_micros(row["accepted_at"]),
                row["origin"] == Origin.OBSERVED,
            )
            for row in self._rows("open_posts", account=account, since=since)
        ]

    def untold(self) -> list[Request]:
        """Return what waits to be posted by a person whom nobody has told yet, or is telling just now."""
        return [request_of(row) for row in self._rows("untold", now=self._now())]

    def take_telling(self, request_id: int, worker: str, lease: timedelta) -> bool:
        """Take it upon this worker to tell the person, to be reported by `told` before the lease runs out.

        False where somebody has told them, or another worker is about to.
        """
        now = self._now()
        with self._writing():
            taken = self._change("take_telling", id=request_id, worker=worker, now=now, lease_until=now + lease)
            return taken == 1

    def told(self, request_id: int) -> None:
        """Note that the person knows."""
        with self._writing():
            self._change("told", id=request_id, now=self._now())

    def put_off_telling(self, request_id: int, worker: str, until: datetime) -> None:
        """Note that the person could not be told, and is not to be before then."""
        with self._writing():
            self._change("put_off_telling", id=request_id, worker=worker, until=until)

    def judge_unmatched_again(self, account: str, since: datetime) -> int:
        """Have judged again what came since then and belongs to no request but by a guess: we may know more now."""
        with self._writing():
            return self._change("judge_unmatched_again", account=account, since=since)

    def verified(self, request_id: int, at: datetime) -> None:
        """Note that the far side was asked at that instant for all there is, so that silence is silence."""
        with self._writing():
            self._change("verified", id=request_id, at=at)

    def not_observable(self, request_id: int, why: str) -> None:
        """Void a sent request because nobody can tell whether it was answered."""
        with self._writing():
            self._change("not_observable", id=request_id, why=why)

    def unsure_messages(self, account: str, ages: Sequence[timedelta]) -> list[Message]:
        """Return the replies that nobody has looked for at their platform since they reached one of these ages.

        The newest first. What is older than all ages was looked for as often as it is meant to be.
        """
        now, found = self._now(), {}
        for age in ages:
            older = min((other for other in ages if other > age), default=age * 2)
            for row in self._rows("unsure_messages", account=account, until=now - age, since=now - older, age=age):
                found[row["id"]] = message_of(row)
        return list(found.values())

    def mark_present(self, message_ids: Sequence[int]) -> None:
        """Note that their platform still shows these messages."""
        with self._writing():
            for one in message_ids:
                self._change("mark_present", id=one, now=self._now())

    def mark_gone(self, message_ids: Sequence[int]) -> int:
        """Note that their authors have deleted these messages; returns how many that is news of."""
        with self._writing():
            return sum(self._change("mark_gone", id=one, now=self._now()) for one in message_ids)

    def purge_gone(self) -> list[Message]:
        """Throw away every text whose author deleted it, wherever it stands; stamps, kinds and hashes stay.

        Returns the messages, duplicates left out. What is freed in the file is overwritten; copies of the file that
        somebody made before, our own before a change of the schema among them, are not touched.
        """
        if self._one("left_to_purge") is None:  # every pass asks
            return []
        due = [message_of(row) for row in self._rows("purge_due")]
        self._purge(due)
        return [message for message in due if message.duplicate_of is None]

    def forget_others(self, account: str, until: datetime) -> int:
        """Throw away what people wrote until then to whom no company belongs, and who they are; return how many.

        That somebody wrote, and when, stays: else the same would come in anew.
        """
        due = [message_of(row) for row in self._rows("others_words", account=account, until=until)]
        if due:
            self._purge(due, writers=True)
        return len(due)

    def _purge(self, due: Sequence[Message], *, writers: bool = False) -> None:
        self._connection().execute("PRAGMA secure_delete = ON")  # as it was opened with; what is due here must be gone
        with self._writing():  # all or none: of copies without their first nobody would think again
            for message in due:
                self._change("purge_message", id=message.id, now=self._now())
                self._change("purge_blob", sha256=message.sha256)
                self._change("purge_promises", id=message.id)
                for row in self._rows("judgements", message_ids=[message.id]):
                    because = [[rule, PURGED if saw else ""] for rule, saw in json.loads(row["because"])]
                    self._change("purge_saw", id=message.id, because=json.dumps(because))
                if writers:
                    self._change("purge_writer", id=message.id)
                    self._change("purge_writer_saw", id=message.id)
        self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the log keeps old pages


def _found(row: sqlite3.Row) -> Found:
    return Found(row["address"], row["id"], row["handle"], row["name"], from_micros(row["found_at"]))


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
