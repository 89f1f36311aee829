"""The store's part for what we write after a request: replies to a question, thanks. None is ever sent twice.

intended -> sending -> sent | refused | uncertain, as a request; uncertain ones are settled by evidence, or withdrawn as
nobody knows whether they left. `started_at` is set exactly on what may have left.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from slawatch.clock import from_micros
from slawatch.model import ZERO, AttemptOutcome, Delivery, FollowUp, Purpose
from slawatch.store.queries import Value
from slawatch.store.rows import moment, span
from slawatch.store.sending import Sending

_DELIVERY = {
    AttemptOutcome.SENT: Delivery.SENT,
    AttemptOutcome.UNAVAILABLE: Delivery.INTENDED,
    AttemptOutcome.REFUSED: Delivery.REFUSED,
    AttemptOutcome.UNCERTAIN: Delivery.UNCERTAIN,
}
_MAY_HAVE_LEFT = frozenset({Delivery.SENT, Delivery.UNCERTAIN})
_SETTLED = frozenset({Delivery.SENT, Delivery.REFUSED, Delivery.WITHDRAWN})


class Following(Sending):
    """Our letters after the request, and whose turn it is."""

    def add_follow_up(
        self,
        *,
        request_id: int,
        message_id: int,
        purpose: Purpose,
        subject: str,
        body: str,
        own_id: str,
        envelope_id: str,
        by_hand: bool = False,
        most: int | None = None,
    ) -> FollowUp | None:
        """Keep the intent to write, before anything leaves.

        None where that was intended before, whatever became of it, or where the request has `most` of that purpose
        already. By hand it takes the place of one that surely has not left: a person may word it anew.
        """
        given: dict[str, Value] = {
            "request_id": request_id,
            "message_id": message_id,
            "purpose": purpose,
            "subject": subject,
            "body": body,
            "own_id": own_id.lower(),
            "envelope_id": envelope_id.lower(),
            "now": self._now(),
        }
        with self._writing():
            row = self._one("add_follow_up", by_hand=by_hand, most=most, **given)
            if row is None and by_hand:
                row = self._one("anew_by_hand", **given)
        return None if row is None else follow_up_of(row)

    def record_follow_up(
        self,
        *,
        request_id: int,
        message_id: int,
        purpose: Purpose,
        sent_at: datetime,
        uncertainty: timedelta,
        own_id: str,
        subject: str = "",
        body: str = "",
        detail: str = "",
    ) -> FollowUp | None:
        """Keep that a person wrote, by other means than ours, in place of what had not left. None: ours had."""
        with self._writing():
            row = self._one(
                "record_follow_up",
                request_id=request_id,
                message_id=message_id,
                purpose=purpose,
                sent_at=sent_at,
                uncertainty=uncertainty,
                own_id=own_id.lower(),
                envelope_id=f"by-hand-{own_id}".lower(),  # never in any report: it was not on the envelope
                subject=subject,
                body=body,
                detail=detail,
                now=self._now(),
            )
        return None if row is None else follow_up_of(row)

    def start_follow_up(
        self,
        follow_up: FollowUp,
        *,
        account: str,
        worker: str,
        lease: timedelta,
        guard: Callable[[list[datetime]], bool] = lambda _instants: True,
    ) -> FollowUp | None:
        """Take it for one try, to be reported by `finish_follow_up` before the lease runs out; as `start_attempt`.

        None as well where the company has opted out. `guard` sees when the account began to send within a day. The
        lease must be longer than sending can take.
        """
        now = self._now()
        with self._writing():
            if self._asks_not_to_be(follow_up.request_id):
                return None
            if not guard(self.sent_instants(account, now - timedelta(days=1))):
                return None
            row = self._one("take_follow_up", id=follow_up.id, worker=worker, lease_until=now + lease, now=now)
        return None if row is None else follow_up_of(row)

    def finish_follow_up(
        self,
        follow_up: FollowUp,
        outcome: AttemptOutcome,
        *,
        detail: str,
        sent_at: datetime | None = None,
        uncertainty: timedelta = ZERO,
        retry_at: datetime | None = None,
        remote_id: str = "",
    ) -> bool:
        """Keep how a try ended. UNAVAILABLE makes it intended again, not to be tried before `retry_at`.

        False where evidence had settled it before this report came.

        Raises:
            ValueError: SENT without the instant, or STARTED, which is no end.
        """
        if outcome not in _DELIVERY or (outcome is AttemptOutcome.SENT) != (sent_at is not None):
            raise ValueError(f'a follow-up cannot end as "{outcome}" at {sent_at}')
        delivery = _DELIVERY[outcome]
        with self._writing():
            return (
                self._change(
                    "finish_follow_up",
                    id=follow_up.id,
                    delivery=delivery,
                    left=delivery in _MAY_HAVE_LEFT,
                    retry_at=retry_at if delivery is Delivery.INTENDED else None,
                    detail=detail,
                    sent_at=sent_at,
                    uncertainty=uncertainty,
                    remote_id=remote_id,
                )
                == 1
            )

    def expire_follow_ups(self) -> list[FollowUp]:
        """Make every one uncertain whose sender has not reported back in time; returns them."""
        now = self._now()
        if not self._rows("follow_up_expired", now=now):  # an idle pass takes no write lock
            return []
        with self._writing():
            return [follow_up_of(row) for row in self._rows("expire_follow_ups", now=now)]

    def settle_follow_up(
        self,
        follow_up: FollowUp,
        *,
        delivery: Delivery,
        detail: str,
        sent_at: datetime | None = None,
        uncertainty: timedelta = ZERO,
        left: bool = True,
        remote_id: str = "",
    ) -> bool:
        """Say what became of an uncertain one (SENT even where it was given up), call off an intended one (WITHDRAWN).

        REFUSED also takes back what had been sent: it came back. `left` is False where it is proven that nothing did,
        so that a person may have it sent after all. False where it was in none of these states.

        Raises:
            ValueError: it is to be intended again, or sent without the instant.
        """
        if delivery not in _SETTLED or (delivery is Delivery.SENT) != (sent_at is not None):
            raise ValueError(f'follow-up {follow_up.id} cannot be settled as "{delivery}" at {sent_at}')
        with self._writing():
            return (
                self._change(
                    "settle_follow_up",
                    id=follow_up.id,
                    delivery=delivery,
                    left=left and delivery is not Delivery.REFUSED,
                    detail=detail,
                    sent_at=sent_at,
                    uncertainty=uncertainty,
                    remote_id=remote_id,
                )
                == 1
            )

    def follow_ups(self, request_ids: Sequence[int] | None = None) -> dict[int, list[FollowUp]]:
        """Return what we wrote or mean to write after these requests (after all, without ids), in order of time."""
        found: dict[int, list[FollowUp]] = {}
        for row in self._rows_among("follow_ups", "request_ids", request_ids):
            found.setdefault(row["request_id"], []).append(follow_up_of(row))
        return found

    def follow_ups_in(self, *delivery: Delivery) -> list[FollowUp]:
        """Return those in one of these states, the oldest first."""
        return [follow_up_of(row) for row in self._rows("follow_ups", delivery=delivery)]

    def follow_ups_named(
        self, *, own_ids: Collection[str] = (), envelope_ids: Collection[str] = ()
    ) -> dict[int, FollowUp]:
        """Return, by their ids, those of which one of these Message-IDs, platform ids or envelope ids is."""
        names = sorted({one.lower() for one in own_ids if one})
        by_own = [
            *self._rows_among("follow_ups", "own_ids", names),
            *self._rows_among("follow_ups", "remote_ids", names),
        ]
        by_envelope = self._rows_among(
            "follow_ups", "envelope_ids", sorted({one.lower() for one in envelope_ids if one})
        )
        return {row["id"]: follow_up_of(row) for row in (*by_own, *by_envelope)}

    def questions_open(self, since: datetime) -> list[int]:
        """Return the ids of requests with a question since then to which we neither wrote nor mean to."""
        return [row["id"] for row in self._rows("questions_open", since=since)]

    def answers_unthanked(self, since: datetime) -> list[int]:
        """Return the ids of requests with an answer since then, and no thanks for any."""
        return [row["id"] for row in self._rows("answers_unthanked", since=since)]

    def cited_replies(self, account: str, own_ids: Collection[str]) -> list[tuple[int, int]]:
        """Return (message id, request id) of the replies that carry one of these Message-IDs, the newest first."""
        rows = self._rows_among(
            "cited_replies", "own_ids", sorted({one.lower() for one in own_ids if one}), account=account
        )
        return [(row["message_id"], row["request_id"]) for row in rows]


def follow_up_of(row: sqlite3.Row) -> FollowUp:
    """Return the follow-up of a row of table follow_up."""
    return FollowUp(
        id=row["id"],
        request_id=row["request_id"],
        message_id=row["message_id"],
        purpose=Purpose(row["purpose"]),
        subject=row["subject"],
        body=row["body"],
        own_id=row["own_id"],
        envelope_id=row["envelope_id"],
        delivery=Delivery(row["delivery"]),
        intended_at=from_micros(row["intended_at"]),
        started_at=moment(row["started_at"]),
        sent_at=moment(row["sent_at"]),
        uncertainty=span(row["uncertainty"]),
        next_attempt_at=moment(row["next_attempt_at"]),
        detail=row["detail"],
        by_hand=bool(row["by_hand"]),
        remote_id=row["remote_id"],
    )
