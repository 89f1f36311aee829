"""The store's part for slots: planned, claimed by exactly one worker, closed. It applies limits but knows none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from slawatch.clock import from_micros
from slawatch.model import Asked, Delivery, Form, MessageKind, Request, Slot, SlotState
from slawatch.store.opting import OptingOut
from slawatch.store.rows import Draft, columns_of, request_of, slot_of

HISTORY = timedelta(days=200)
"""How far back a guard sees: longer than the 180 days in which no text goes to a company twice."""

_CLOSING_KINDS = [kind for kind in MessageKind if kind.by_person or kind is MessageKind.BOUNCE]


class Planning(OptingOut):
    """Slots and the claim that turns one into a request."""

    def add_slots(self, slots: Sequence[Slot]) -> int:
        """Add the slots whose key was never planned before; returns how many."""
        with self._writing():
            return sum(
                self._change(
                    "add_slot",
                    key=slot.key,
                    company=slot.company,
                    channel=slot.channel,
                    target=slot.target,
                    account=slot.account,
                    due_at=slot.due_at,
                    zone=slot.zone,
                    campaign=slot.campaign,
                    continues=slot.continues,
                )
                for slot in slots
            )

    def slots(
        self,
        *,
        state: SlotState | None = None,
        due_until: datetime | None = None,
        company: str | None = None,
        campaign: int | None = None,
    ) -> list[Slot]:
        """Return slots, the first due first. `due_until` leaves out those that were put off beyond it."""
        rows = self._rows("slots", state=state, due_until=due_until, company=company, campaign=campaign)
        return [slot_of(row) for row in rows]

    def put_off(self, slot_id: int, until: datetime, why: str) -> bool:
        """Hold a planned slot back. False where it is no longer planned."""
        with self._writing():
            return self._change("put_off", id=slot_id, until=until, why=why) == 1

    def close_slot(self, slot_id: int, why: str) -> bool:
        """Close a planned slot without a request. False where a worker has claimed it: withdraw its request instead."""
        with self._writing():
            return self._change("close_planned", id=slot_id, why=why) == 1

    def history(self, company: str, since: datetime) -> list[Asked]:
        """Return what went to the company since, on every channel, oldest first; made-up requests burden nobody.

        `open` is True where neither a person's reply nor a bounce came and the request is not void. A request on its
        way counts as well: it will have been asked by the time the next one leaves.
        """
        rows = self._rows("history", company=company, since=since, closing_kinds=_CLOSING_KINDS)
        return [
            Asked(
                company=row["company"],
                channel=row["channel"],
                probe=row["probe"],
                lang=row["lang"],
                variant=row["variant"],
                at=from_micros(row["at"]),
                open=bool(row["open"]),
                form=Form(row["form"]),
            )
            for row in rows
        ]

    def claim(
        self, slot: Slot, draft: Draft, *, worker: str, guard: Callable[[list[Asked]], str | None]
    ) -> Request | str | None:
        """Turn a planned slot into an intended request, exactly once whatever other workers do at the same time.

        The guard sees the company's history as it stands inside the transaction; a text it returns refuses the claim,
        is returned, and leaves the slot planned. None: another worker had the slot. The guard must not write here. Who
        is on the opt-out register is refused whatever the guard says.
        """
        now = self._now()
        with self._writing():
            opted_out = self.opted_out(draft.company, draft.target)
            if opted_out is not None:
                return opted_out.words
            refusal = guard(self.history(draft.company, now - HISTORY))
            if refusal is not None:
                return refusal
            if self._change("claim_slot", id=slot.id) != 1:
                return None
            intended = Request(
                id=0,
                public_id=draft.public_id,
                origin=draft.origin,
                company=draft.company,
                channel=draft.channel,
                target=draft.target,
                account=draft.account,
                text=draft.text,
                token=draft.token,
                message_id=draft.message_id,
                delivery=Delivery.INTENDED,
                due_at=draft.due_at,
                zone=draft.zone,
                intended_at=now,
                slot_id=slot.id,
                campaign=draft.campaign,
                continues=draft.continues,
            )
            (row,) = self._rows("add_request", worker=worker, **columns_of(intended))
        return request_of(row)
