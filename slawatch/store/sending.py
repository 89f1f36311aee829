"""The store's part for requests on their way: who may send one, and what became of it. It never lets one be sent twice.

intended -> sending -> sent | refused | uncertain; back to intended only where it is known that nothing left. Uncertain
ones are settled by evidence or void; a slot is planned anew as a new request, never by sending the old one again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from slawatch.clock import from_micros
from slawatch.model import ZERO, Attempt, AttemptOutcome, Delivery, DeliveryProof, Request, VoidReason
from slawatch.store.opting import OptingOut
from slawatch.store.rows import attempt_of, columns_of, request_of, slot_of

_AGAIN = re.compile(r"#(\d+)$")
_DELIVERY = {
    AttemptOutcome.SENT: Delivery.SENT,
    AttemptOutcome.UNAVAILABLE: Delivery.INTENDED,
    AttemptOutcome.REFUSED: Delivery.REFUSED,
    AttemptOutcome.UNCERTAIN: Delivery.UNCERTAIN,
}
_SETTLED = frozenset({Delivery.SENT, Delivery.UNCERTAIN, Delivery.REFUSED, Delivery.WITHDRAWN, Delivery.SKIPPED})


class Sending(OptingOut):
    """Requests and the attempts to send them."""

    def start_attempt(
        self,
        request_id: int,
        *,
        worker: str,
        lease: timedelta,
        envelope_id: str,
        guard: Callable[[list[datetime]], bool] = lambda _instants: True,
    ) -> Attempt | None:
        """Take an intended request for one try, to be reported by `finish_attempt` before the lease runs out.

        None where it is not intended, another worker got there first, its next attempt is not due, whom it asks is on
        the opt-out register, or the guard says no: it sees when the account began to send within a day, as that stands
        inside the transaction, and must not write. The lease must be longer than sending can take: after it the request
        counts as uncertain.
        """
        now = self._now()
        with self._writing():
            if self._asks_not_to_be(request_id):
                return None
            account = next((str(row["account"]) for row in self._rows("requests", ids=[request_id])), "")
            if not guard(self.sent_instants(account, now - timedelta(days=1))):
                return None
            taken = self._one("take_request", id=request_id, worker=worker, lease_until=now + lease, now=now)
            if taken is None:
                return None
            (row,) = self._rows(
                "add_attempt",
                request_id=request_id,
                envelope_id=envelope_id.lower(),
                account=taken["account"],
                worker=worker,
                now=now,
            )
        return attempt_of(row)

    def finish_attempt(
        self,
        attempt: Attempt,
        outcome: AttemptOutcome,
        *,
        detail: str,
        accepted_at: datetime | None = None,
        uncertainty: timedelta = ZERO,
        proof: DeliveryProof = DeliveryProof.PRESUMED,
        retry_at: datetime | None = None,
        remote_id: str = "",
        network: str = "",
        void_reason: VoidReason = VoidReason.REFUSED,
    ) -> bool:
        """Keep how a try ended, and what that makes of its request.

        SENT needs `accepted_at`. REFUSED voids it for `void_reason`. UNAVAILABLE makes the request intended again, not
        to be tried before `retry_at`. A report after the lease ran out is still better than none; False where the
        request had been settled by then.

        Raises:
            ValueError: SENT without the instant, or STARTED, which is no end.
        """
        if outcome not in _DELIVERY or (outcome is AttemptOutcome.SENT and accepted_at is None):
            raise ValueError(f'an attempt cannot end as "{outcome}" at {accepted_at}')
        sent = outcome is AttemptOutcome.SENT
        refused = outcome is AttemptOutcome.REFUSED
        with self._writing():
            self._change("end_attempt", id=attempt.id, outcome=outcome, detail=detail, now=self._now())
            took_effect = self._change(
                "finish_request",
                request_id=attempt.request_id,
                attempt_id=attempt.id,
                delivery=_DELIVERY[outcome],
                retry_at=retry_at if outcome is AttemptOutcome.UNAVAILABLE else None,
                accepted_at=accepted_at if sent else None,
                uncertainty=uncertainty if sent else ZERO,
                proof=proof if sent else DeliveryProof.PRESUMED,
                remote_id=remote_id if sent else "",
                network=network,
                void_reason=void_reason if refused else None,
                void_detail=detail if refused else "",
            )
            if took_effect and (sent or refused):
                self._change("close_claimed", request_id=attempt.request_id, why=outcome.value)
            if took_effect and sent:
                self._call_off_anew(attempt.request_id)
        return took_effect == 1

    def expire_leases(self) -> list[Request]:
        """Make every request uncertain whose sender has not reported back in time; returns them.

        Its attempt ends, for us, when the lease did: any time until then is when it may have left.
        """
        now = self._now()
        if not self._rows("expired", now=now):  # an idle pass takes no write lock
            return []
        with self._writing():
            self._change("abandon_attempts", now=now, detail="the process that sent it did not report back")
            ids = [row["id"] for row in self._rows("expire_leases", now=now)]
        return self.requests(ids=ids)

    def settle(
        self,
        request_id: int,
        *,
        delivery: Delivery,
        detail: str,
        accepted_at: datetime | None = None,
        uncertainty: timedelta = ZERO,
        proof: DeliveryProof = DeliveryProof.PRESUMED,
        void_reason: VoidReason | None = None,
        replan: bool = False,
        remote_id: str = "",
    ) -> bool:
        """Say what became of an uncertain request (void ones included), or give up an intended one.

        Either it was sent, with `accepted_at`, or it is void, with `void_reason`, and uncertain, refused or withdrawn.
        `replan` plans a void one's time anew, as a new slot whose key ends in "#2", "#3" and so on, unless its campaign
        has ended. False where the request was neither uncertain nor intended, or intended and settled as anything but
        refused or withdrawn; one that a person is to post may also be settled as sent, or as skipped without a reason:
        nobody was asked, so nothing is void. A skipped one may turn out to have been posted, and is sent then. False
        as well where another request is known to be that post (`remote_id`).

        Raises:
            ValueError: any other combination. Above all, nothing settled is ever intended again.
        """
        sent = delivery is Delivery.SENT
        counts = sent or delivery is Delivery.SKIPPED
        if (
            delivery not in _SETTLED
            or sent != (accepted_at is not None)
            or counts == (void_reason is not None)
            or (counts and replan)
        ):
            raise ValueError(f'request {request_id} cannot be settled as "{delivery}", {accepted_at=}, {void_reason=}')
        with self._writing():
            settled = self._change(
                "settle",
                id=request_id,
                delivery=delivery,
                detail="" if sent else detail,
                accepted_at=accepted_at,
                uncertainty=uncertainty,
                proof=proof,
                void_reason=void_reason,
                remote_id=remote_id,
            )
            if settled:
                if replan:
                    self._plan_anew(request_id)
                if sent:
                    self._call_off_anew(request_id)
                self._change("close_claimed", request_id=request_id, why=detail)
        return settled == 1

    def mark_copy(self, request_id: int, at: datetime) -> None:
        """Keep when our own server received our own copy; the earliest of several counts."""
        with self._writing():
            self._change("mark_copy", id=request_id, at=at)

    def mark_accepted(self, request_id: int, at: datetime | None, uncertainty: timedelta, proof: DeliveryProof) -> None:
        """Correct when the company's side took a sent request over (None: no better time known) and how sure that is.

        What is proven stays proven.
        """
        with self._writing():
            self._change("mark_proof", id=request_id, proof=proof)
            if at is not None:
                self._change("mark_accepted", id=request_id, at=at, uncertainty=uncertainty)

    def withdraw(self, request_ids: Sequence[int], why: str) -> int:
        """Take back those of the requests that have not begun to leave; returns how many.

        Those that a person was to post are skipped.
        """
        with self._writing():
            withdrawn = [one for one in request_ids if self._change("withdraw", id=one, why=why)]
            for one in withdrawn:
                self._change("close_claimed", request_id=one, why=why)
        return len(withdrawn)

    def requests(
        self,
        *,
        delivery: Delivery | Sequence[Delivery] | None = None,
        company: str | None = None,
        campaign: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        ids: Sequence[int] | None = None,
        undecided: bool = False,
    ) -> list[Request]:
        """Return requests by the time they were asked: accepted, else intended; `since` inclusive, `until` not.

        `undecided` leaves out those that are void.
        """
        rows = self._rows_among(
            "requests",
            "ids",
            ids,
            delivery=[delivery] if isinstance(delivery, Delivery) else delivery,
            company=company,
            campaign=campaign,
            since=since,
            until=until,
            undecided=undecided,
        )
        return sorted(
            map(request_of, rows), key=lambda request: (request.accepted_at or request.intended_at, request.id)
        )

    def request(self, public_id: str) -> Request | None:
        """Return the request of that public id."""
        row = self._one("requests", public_id=public_id)
        return None if row is None else request_of(row)

    def request_posted_as(self, remote_id: str) -> Request | None:
        """Return the request that a platform knows by this id."""
        row = self._one("requests", remote_id=remote_id) if remote_id else None
        return None if row is None else request_of(row)

    def attempts(self, request_id: int) -> list[Attempt]:
        """Return every try to send it, the first one first."""
        return [attempt_of(row) for row in self._rows("attempts", request_id=request_id)]

    def sent_instants(self, account: str, since: datetime) -> list[datetime]:
        """Return when the account began to send what left or may have left, for its send rate; oldest first."""
        return [from_micros(row["started_at"]) for row in self._rows("sent_instants", account=account, since=since)]

    def add_made_up(self, requests: Sequence[Request]) -> list[Request]:
        """Add a practice history as it is given, marked as made up; returns it with ids."""
        with self._writing():
            rows = [
                self._rows("add_request", worker="", **(columns_of(request) | {"made_up": True}))
                for request in requests
            ]
        return [request_of(row) for (row,) in rows]

    def _asks_not_to_be(self, request_id: int) -> bool:
        """Whether whom this request asks has opted out, as that stands inside the transaction."""
        return any(self.opted_out(row["company"], row["target"]) for row in self._rows("requests", ids=[request_id]))

    def _plan_anew(self, request_id: int) -> None:
        row = self._one("slot_to_plan_anew", request_id=request_id)
        if row is None:
            return
        slot = slot_of(row)
        self._change(
            "add_slot",
            key=_next_key(slot.key),
            company=slot.company,
            channel=slot.channel,
            target=slot.target,
            account=slot.account,
            due_at=slot.due_at,
            zone=slot.zone,
            campaign=slot.campaign,
            continues=slot.continues,
        )

    def _call_off_anew(self, request_id: int) -> None:
        """Close the slot that was planned in place of a request that had left after all, if nobody claimed it yet."""
        row = self._one("slot_to_plan_anew", request_id=request_id)
        if row is not None:
            self._change(
                "close_planned_key", key=_next_key(row["key"]), why="the request it stood for had left after all"
            )


def _next_key(key: str) -> str:
    """Return the key of the slot planned in place of this one: "…#2", then "…#3" and so on."""
    found = _AGAIN.search(key)
    return f"{_AGAIN.sub('', key)}#{int(found[1]) + 1 if found else 2}"
