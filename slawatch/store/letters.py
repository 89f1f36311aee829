"""The store's part for letters to the user's own people: the outbox of mailed reports. None of them leaves twice.

intended -> sending -> sent | refused | uncertain; back to intended only where it is known that nothing left. Uncertain
ones are settled by evidence alone, or stay so; withdrawn is what was given up before it left.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slawatch.clock import from_micros
from slawatch.store.database import Database
from slawatch.store.rows import moment


class LetterState(StrEnum):
    """Where a letter is on its way."""

    INTENDED = "intended"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to one of the user's own people.

    `about` is the report's name in the config, "" for none of them; `until` is where the period it speaks of ends.
    `packed` is what it says, None once it has left or never will. `message_id` is without angle brackets.
    """

    id: int
    key: str
    about: str
    until: datetime
    account: str
    recipient: str
    subject: str
    message_id: str
    packed: bytes | None
    state: LetterState
    intended_at: datetime
    started_at: datetime | None
    sent_at: datetime | None
    next_attempt_at: datetime
    attempts: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDraft:
    """What is to be kept of a letter before anything of it leaves; the fields are Letter's, and which report it is."""

    key: str
    about: str
    until: datetime
    report_id: int | None = None
    account: str
    recipient: str
    subject: str
    message_id: str
    packed: bytes


class Letters(Database):
    """The outbox of letters to the user's own people."""

    def add_letters(self, drafts: Sequence[LetterDraft]) -> list[Letter]:
        """Keep the intent to send these, all or none; returns those that were not intended before, by their keys."""
        now = self._now()
        with self._writing():
            rows = [
                self._one(
                    "add_letter",
                    key=one.key,
                    about=one.about,
                    until=one.until,
                    report_id=one.report_id,
                    account=one.account,
                    recipient=one.recipient,
                    subject=one.subject,
                    message_id=one.message_id,
                    packed=one.packed,
                    now=now,
                )
                for one in drafts
            ]
        return [letter_of(row) for row in rows if row is not None]

    def start_letter(self, letter: Letter, *, worker: str, lease: timedelta) -> Letter | None:
        """Take it for one try, to be reported by `finish_letter` before the lease runs out.

        None where another worker got there first, it is settled, or its next try is not due. The lease must be longer
        than sending can take: after it the letter counts as uncertain.
        """
        now = self._now()
        with self._writing():
            row = self._one("take_letter", id=letter.id, worker=worker, lease_until=now + lease, now=now)
        return None if row is None else letter_of(row)

    def finish_letter(
        self,
        letter: Letter,
        state: LetterState,
        *,
        worker: str,
        detail: str,
        sent_at: datetime | None = None,
        retry_at: datetime | None = None,
    ) -> bool:
        """Keep how a try of this worker ended; INTENDED where nothing left, not to be tried before `retry_at`.

        False where another worker has it now, or evidence had settled it.

        Raises:
            ValueError: SENT without the instant or INTENDED without the next one, or a state that no try ends in.
        """
        ends = {LetterState.SENT, LetterState.REFUSED, LetterState.UNCERTAIN, LetterState.INTENDED}
        wants = (state is LetterState.SENT, state is LetterState.INTENDED)
        if state not in ends or wants != (sent_at is not None, retry_at is not None):
            raise ValueError(f'a letter cannot end as "{state}" at {sent_at}, {retry_at}')
        with self._writing():
            return (
                self._change(
                    "finish_letter",
                    id=letter.id,
                    state=state,
                    worker=worker,
                    detail=detail,
                    sent_at=sent_at,
                    retry_at=retry_at,
                )
                == 1
            )

    def expire_letters(self) -> list[Letter]:
        """Make every letter uncertain whose sender has not reported back in time; returns them."""
        now = self._now()
        if not self._rows("letters_expired", now=now):  # an idle pass takes no write lock
            return []
        with self._writing():
            return [letter_of(row) for row in self._rows("expire_letters", now=now)]

    def settle_letter(
        self, letter: Letter, state: LetterState, *, detail: str, sent_at: datetime | None = None
    ) -> bool:
        """Say that an uncertain one was SENT after all, or give up an intended one (WITHDRAWN). False in other states.

        Raises:
            ValueError: another state, or SENT without the instant.
        """
        if state not in {LetterState.SENT, LetterState.WITHDRAWN} or (state is LetterState.SENT) != (
            sent_at is not None
        ):
            raise ValueError(f'letter {letter.id} cannot be settled as "{state}" at {sent_at}')
        with self._writing():
            return self._change("settle_letter", id=letter.id, state=state, detail=detail, sent_at=sent_at) == 1

    def letters(
        self,
        *states: LetterState,
        about: str | None = None,
        until: datetime | None = None,
        since: datetime | None = None,
        keys: Sequence[str] | None = None,
    ) -> list[Letter]:
        """Return letters in these states (in any, without), the oldest first; `since` is when they were intended."""
        rows = self._rows_among("letters", "keys", keys, states=states or None, about=about, until=until, since=since)
        return [letter_of(row) for row in rows]


def letter_of(row: sqlite3.Row) -> Letter:
    """Return the letter of a row of table letter."""
    return Letter(
        id=row["id"],
        key=row["key"],
        about=row["about"],
        until=from_micros(row["until"]),
        account=row["account"],
        recipient=row["recipient"],
        subject=row["subject"],
        message_id=row["message_id"],
        packed=row["packed"],
        state=LetterState(row["state"]),
        intended_at=from_micros(row["intended_at"]),
        started_at=moment(row["started_at"]),
        sent_at=moment(row["sent_at"]),
        next_attempt_at=from_micros(row["next_attempt_at"]),
        attempts=row["attempts"],
        detail=row["detail"],
    )
