"""The store's part for what rules made of messages: matches and kinds, replaced when a rule changes. Judges nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from slawatch.clock import from_micros
from slawatch.model import Classification, Match, MessageKind, Promise, Reply, WrittenBy
from slawatch.store.database import Database
from slawatch.store.rows import moment, promise_of, reasons, reply_of

if TYPE_CHECKING:
    from slawatch.match.known import Known, Taught


class Learned(NamedTuple):
    """A company's own name for a request, as match.to_learn reads it out of a letter."""

    company: str
    key: str
    request_id: int


class Candidate(NamedTuple):
    """A request that left and may be what a letter without our secrets is about.

    `answered_at` is when its first answer came, None while none has.
    """

    request_id: int
    company: str
    channel: str
    target: str
    subject: str
    token: str
    intended_at: datetime
    accepted_at: datetime | None
    answered_at: datetime | None


class Deriving(Database):
    """Derived rows, and the keys that lead from a message to its request."""

    def save_derived(
        self,
        message_id: int,
        *,
        match: Match | None,
        own: bool,
        classification: Classification | None,
        rules: str,
        promises: Sequence[Promise] = (),
        learned: Collection[Learned] = (),
    ) -> None:
        """Keep what these rules made of the message, in place of what earlier ones made of it.

        `learned` are the company's own names that it taught. What it taught before and teaches no more is forgotten,
        and the messages that such names may have tied are judged again.
        """
        with self._writing():
            before = {Learned(row["company"], row["key"], row["request_id"]) for row in self._taught_by(message_id)}
            untaught = sorted({one.request_id for one in before - set(learned)})
            if untaught:
                self._change("judge_taught_again", message_id=message_id, request_ids=untaught)
            self._change("forget_replies", message_id=message_id)
            self._change("forget_promises", message_id=message_id)
            self._change("forget_learned", message_id=message_id)
            self._change(
                "save_derived",
                message_id=message_id,
                rules=rules,
                own=own,
                kind=classification.kind if classification else MessageKind.UNKNOWN,
                because=reasons(classification.because) if classification else "[]",
                how_long=classification.how_long if classification else None,
                why=classification.why if classification else None,
                complete=classification.complete if classification else None,
                fingerprint=classification.fingerprint if classification else "",
                says_machine=classification.says_machine if classification else None,
            )
            for number, promise in enumerate(promises):
                self._change(
                    "add_promise",
                    message_id=message_id,
                    number=number,
                    quote=promise.quote,
                    about=promise.about,
                    within=promise.within,
                    business_days=promise.business_days,
                    business_time=promise.business_time,
                    due_at=promise.due_at,
                )
            for request_id in match.request_ids if match else ():
                by = match.writers.get(request_id, WrittenBy()) if match else WrittenBy()
                tied = match.tied(request_id) if match else None
                self._change(
                    "add_reply",
                    message_id=message_id,
                    request_id=request_id,
                    evidence=tied.evidence if tied else None,
                    strength=tied.strength if tied else None,
                    saw=tied.saw if tied else "",
                    writer=by.writer,
                    writer_saw=by.saw,
                )
            for one in learned:
                self._change(
                    "add_learned", company=one.company, key=one.key, request_id=one.request_id, message_id=message_id
                )

    def replies(self, request_ids: Sequence[int] | None = None) -> dict[int, list[Reply]]:
        """Return the replies of these requests (of all, without ids), each list in the order of arrival."""
        found: dict[int, list[Reply]] = {}
        for reply in self._replies("request_ids", request_ids):
            found.setdefault(reply.request_id, []).append(reply)
        return found

    def replies_of(self, message_ids: Sequence[int]) -> dict[int, list[Reply]]:
        """Return by message what ties it to its requests: one reply each."""
        found: dict[int, list[Reply]] = {}
        for reply in self._replies("message_ids", message_ids):
            found.setdefault(reply.message_id, []).append(reply)
        return found

    def _replies(self, key: str, values: Sequence[int] | None) -> list[Reply]:
        promised: dict[int, list[Promise]] = {}
        for row in self._rows_among("promises", key, values):
            promised.setdefault(row["message_id"], []).append(promise_of(row))
        return [
            reply_of(row, tuple(promised.get(row["message_id"], ())))
            for row in self._rows_among("replies", key, values)
        ]

    def known_for(
        self, *, tokens: Collection[str], message_ids: Collection[str], envelope_ids: Collection[str]
    ) -> Known:
        """Return those of the given keys that are ours, by a look into an index for each."""
        from slawatch.match.known import Known  # noqa: PLC0415  an idle pass has nothing to match

        return Known(
            by_token=self._known("known_tokens", tokens),
            by_message_id=self._known("known_message_ids", message_ids),
            by_envelope_id=self._known("known_envelope_ids", envelope_ids),
            follow_ups=self._follow_ups([*message_ids, *envelope_ids]),
        )

    def ids_known(self) -> Known:
        """Return every key we ever sent out."""
        from slawatch.match.known import Known  # noqa: PLC0415  same

        return Known(
            by_token=self._known("known_tokens", None),
            by_message_id=self._known("known_message_ids", None),
            by_envelope_id=self._known("known_envelope_ids", None),
            follow_ups=self._follow_ups(None),
        )

    def names_of(self, request_id: int) -> list[str]:
        """Return what the company itself calls this request's matter, as match.to_learn wrote it."""
        return [str(row["key"]) for row in self._rows("learned_of", request_id=request_id)]

    def taught(self, companies: Collection[str], keys: Collection[str]) -> list[Taught]:
        """Return which letters of these companies taught us any of these names, and for which requests."""
        from slawatch.match.known import Taught  # noqa: PLC0415  same

        rows = self._rows_among("taught", "keys", sorted(keys), companies=sorted(companies))
        return [Taught(key=row["key"], message_id=row["message_id"], request_id=row["request_id"]) for row in rows]

    def candidates(
        self, companies: Collection[str], *, account: str, since: datetime, until: datetime
    ) -> list[Candidate]:
        """Return what left this account for these companies, surely or not, and was first meant to in that time."""
        rows = self._rows("open_requests", companies=sorted(companies), account=account, since=since, until=until)
        return [
            Candidate(
                request_id=row["id"],
                company=row["company"],
                channel=row["channel"],
                target=row["target"],
                subject=row["subject"],
                token=row["token"],
                intended_at=from_micros(row["intended_at"]),
                accepted_at=moment(row["accepted_at"]),
                answered_at=moment(row["answered_at"]),
            )
            for row in rows
        ]

    def same_text(self, fingerprint: str, *, company: str, besides: int) -> frozenset[int]:
        """Return the company's requests that got a text of this fingerprint, in other messages than `besides`."""
        if not fingerprint:
            return frozenset()
        rows = self._rows("same_text", fingerprint=fingerprint, company=company, message_id=besides)
        return frozenset(row["id"] for row in rows)

    def judge_same_text_again(self, fingerprint: str, *, company: str, besides: int, rules: str) -> int:
        """Have judged again what says the same as `besides` and was a person's or left open; return how many it is.

        What was left open may turn out to be a form letter. Only what these rules judged, and only where `besides`
        itself is judged for the first time: it would not end.
        """
        with self._writing():
            return self._change(
                "judge_same_text_again", fingerprint=fingerprint, company=company, message_id=besides, rules=rules
            )

    def _taught_by(self, message_id: int) -> list[sqlite3.Row]:
        return self._rows("learned_from", message_id=message_id)

    def _follow_ups(self, keys: Collection[str] | None) -> frozenset[str]:
        wanted = None if keys is None else sorted({key.lower() for key in keys if key})
        return frozenset(str(row["key"]) for row in self._rows_among("known_follow_ups", "keys", wanted))

    def _known(self, name: str, keys: Collection[str] | None) -> dict[str, int]:
        wanted = None if keys is None else sorted({key.lower() for key in keys if key})
        return {row["key"]: row["id"] for row in self._rows_among(name, "keys", wanted)}
