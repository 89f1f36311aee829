"""Collects what was said in the chats that were asked in: from each chat's last line on, page by page. Judges nothing.

Telegram numbers the lines, so nothing is lost by looking late: whatever came meanwhile stands there with its stamp.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from slawatch.channels.base import Batch, Thread
from slawatch.channels.telegram.kept import Notebook
from slawatch.channels.telegram.link import Link, Step
from slawatch.channels.telegram.reading import PLATFORM, evidence, facts, named, number_of, stamps
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError
from slawatch.model import ZERO, Incoming, Moment, MomentKind

PAGE = 200
OVERLAP = timedelta(minutes=2)  # our clock and Telegram's are not quite one
BACK = timedelta(days=60)  # for so long after a question its chat is looked at
TYPED_AGAIN = timedelta(seconds=30)  # programs say every few seconds that somebody still types

Threads = Callable[[], Sequence[Thread]]


@dataclass(slots=True)
class Cursor:
    """The last line seen of each chat, by address; when we looked, and when the pass began that is not over (ISO)."""

    last: dict[str, int] = field(default_factory=dict)
    looked_at: str = ""
    began_at: str = ""

    @classmethod
    def of(cls, text: str) -> Cursor:
        """Read a cursor; one that cannot be read is the first."""
        try:
            told = json.loads(text)
            return cls({str(k): int(v) for k, v in told["last"].items()}, str(told["looked_at"]), str(told["began_at"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def text(self) -> str:
        """Return it as it is kept."""
        return json.dumps({"began_at": self.began_at, "last": self.last, "looked_at": self.looked_at}, sort_keys=True)

    @property
    def looked(self) -> datetime | None:
        """When we had looked before."""
        return datetime.fromisoformat(self.looked_at) if self.looked_at else None


@dataclass(frozen=True, slots=True)
class Collector:
    """What a step of collecting works on."""

    link: Link
    notebook: Notebook
    clock: Clock
    page: int = PAGE

    async def collect(self, cursor: str, threads: Threads | None) -> Batch:
        """Return the next page of all chats; `more` where one of them has more.

        Raises:
            ChannelUnavailableError: not all of them could be looked at.
        """
        began, now = Cursor.of(cursor), self.clock.now()
        await self.link.client()
        self.link.bell.clear()
        standing = list(threads()) if threads is not None else None
        messages: list[Incoming] = []
        notes: list[str] = []
        more = False
        last = dict(began.last)
        # Nobody to tell what stands means that all is wanted.
        addresses = await self.link.addresses() if standing is None else self._addresses(standing, now)
        for address in addresses:
            try:
                found = await self._found(address, last.get(address, 0), standing)
            except ChannelRefusedError as error:
                notes.append(f"{address} cannot be looked at: {error}")
                continue
            for one in found:
                if len(messages) >= self.page:
                    more = True
                    break
                last[address] = max(last.get(address, 0), int(one["number"]))
                if not one["out"] and str(one["from"]) != str(self.link.us):
                    messages.append(self._incoming(one, began, now))
        first = began.began_at or now.astimezone(UTC).isoformat()
        after = Cursor(last, began.looked_at, first) if more else Cursor(last, first)
        return Batch(
            messages=tuple(messages),
            cursor=after.text(),
            more=more,
            looked_until=None if more else datetime.fromisoformat(first),
            notes=tuple(notes),
            moments=() if more else tuple(self._moments(standing or ())),
        )

    def _addresses(self, standing: Sequence[Thread], now: datetime) -> list[str]:
        """Return every chat in which something stands, or was asked not too long ago."""
        oldest = (now - BACK).astimezone(UTC).isoformat()
        noted = [address for address, one in self.notebook.chats.items() if str(one.get("asked", "")) >= oldest]
        return list(dict.fromkeys([*(one.target.lower() for one in standing), *noted]))

    async def _found(self, address: str, after: int, standing: Sequence[Thread] | None) -> list[dict[str, Any]]:
        """Return what is new in a chat. Where it was never looked at: what came after the first question there."""
        if after or standing is None:
            return await self.link.lines(address, after=after)
        here = [one for one in standing if one.target.lower() == address]
        first = self.notebook.chats.get(address, {}).get("first", 0)
        known = [number for number in (first, *(number_of(one.remote_id) for one in here)) if number > 0]
        since = min((one.asked_at for one in here), default=None)
        if known and all(number_of(one.remote_id) for one in here):
            return await self.link.lines(address, after=min(known) - 1)
        return await self.link.lines(address, after=0, since=since - OVERLAP if since else None)

    def _incoming(self, one: dict[str, Any], began: Cursor, now: datetime) -> Incoming:
        name = named(str(one["peer"]), int(one["number"]))
        return Incoming(
            remote_id=name,
            folder=str(one["chat"]),
            raw=evidence(one),
            stamps=stamps(one, seen_at=now, looked_at=began.looked),
            facts=facts(one),
        )

    def _moments(self, standing: Sequence[Thread]) -> list[Moment]:
        """Return the steps that came by themselves and belong to what stands; the others nobody waits for."""
        found: list[Moment] = []
        typed: dict[str, datetime] = {}
        while self.link.steps:
            step = self.link.steps.popleft()
            thread = self._whose(step, standing)
            if thread is None or not thread.message_id:
                continue
            if step.kind == "typing":
                before, typed[step.peer] = typed.get(step.peer), step.at
                if before is not None and step.at - before < TYPED_AGAIN:
                    continue
            kind = MomentKind.TYPING if step.kind == "typing" else MomentKind.READ
            found.append(
                Moment(
                    request=thread.message_id,
                    kind=kind,
                    at=step.at,
                    # On its way to us it may have taken a while; no step bears a stamp of the server's.
                    earlier=min(max(step.at - thread.asked_at, ZERO), timedelta(seconds=5)),
                    clock="local",
                    saw=f"{PLATFORM}:{step.peer}",
                )
            )
        return found

    def _whose(self, step: Step, standing: Sequence[Thread]) -> Thread | None:
        """Return the last request that was put in that chat before the step, of what is read the last one read."""
        here = [one for one in standing if one.target.lower() == self.notebook.address_of(step.peer)]
        before = [one for one in here if one.asked_at <= step.at + OVERLAP]
        if step.kind == "read":
            before = [one for one in before if 0 < number_of(one.remote_id) <= step.number]
        return max(before, key=lambda one: one.asked_at, default=None)
