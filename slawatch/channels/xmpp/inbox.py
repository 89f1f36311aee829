"""What came over the open connection until it is collected: when, and whatever no archive keeps. Decides nothing."""

from __future__ import annotations

import secrets
from asyncio import Future
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree as ET

from slawatch.channels.xmpp.stanza import Said, said, unwrapped

ARRIVALS_MAX = 20_000
LOOSE_MAX = 2_000  # messages no archive keeps; a process that collects never has more than a few


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """A message that our archive does not keep, in the order of arrival since the process began."""

    number: int
    message: ET.Element
    says: Said
    at: datetime


@dataclass(slots=True)
class Inbox:
    """Messages as they come in. `ring` is called when something came that a look may be worth.

    `run` names this process: what it counted means nothing to another one.
    """

    me: str
    ring: Callable[[], None]
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    arrivals: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    loose: deque[Loose] = field(default_factory=lambda: deque(maxlen=LOOSE_MAX))
    _number: int = 0
    _waiting: dict[str, Future[Said]] = field(default_factory=dict)
    _typing: set[str] = field(default_factory=set)

    def take(self, xml: ET.Element, at: datetime) -> None:
        """Take in a message that came at this instant of the machine's."""
        one = unwrapped(xml, self.me)
        says = said(one, self.me)
        if says is None:
            return
        self._tell_who_waits(says)
        if says.archive_id:
            # What was kept for us while we were away says nothing about when it came.
            if says.delayed_at is None:
                self.arrivals[says.archive_id] = at
                while len(self.arrivals) > ARRIVALS_MAX:
                    self.arrivals.popitem(last=False)
        elif self._worth_keeping(says):
            self._number += 1
            self.loose.append(Loose(number=self._number, message=one, says=says, at=at))
        else:
            return
        self.ring()

    def wait_for(self, name: str, future: Future[Said]) -> None:
        """Let a future have what comes back about a message of ours: an error, or that it was delivered."""
        self._waiting[name] = future

    def forget(self, name: str) -> None:
        """Wait no longer for what comes back about it."""
        self._waiting.pop(name, None)

    def _tell_who_waits(self, says: Said) -> None:
        for name in [says.name] if says.error else says.delivered:
            waiting = self._waiting.get(name)
            if waiting is not None and not waiting.done():
                waiting.set_result(says)

    def _worth_keeping(self, says: Said) -> bool:
        """Tell what nobody but us remembers: of somebody's typing only that it began."""
        if says.mine:
            return False
        began = says.typing and says.partner not in self._typing
        (self._typing.add if says.typing else self._typing.discard)(says.partner)
        return says.is_line or bool(says.error or says.delivered or says.read) or began
