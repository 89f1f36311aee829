"""Goes through what came in: first what no archive keeps, then the archive, page by page. Judges nothing.

A message that came over the open connection and lies in the archive, too, is one: named by the archive, stamped by
whichever of the two stamps is sure to be the closer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from xml.etree import ElementTree as ET

from slawatch.channels.base import Batch, Thread
from slawatch.channels.xmpp import evidence, stanza
from slawatch.channels.xmpp.clocks import now, stamps
from slawatch.channels.xmpp.link import Link
from slawatch.channels.xmpp.names import named, stanza_id
from slawatch.channels.xmpp.stanza import Said
from slawatch.clock import Clock, from_micros, to_micros
from slawatch.model import Incoming, Moment, MomentKind, Stamps

if TYPE_CHECKING:
    from slawatch.channels.xmpp.client import Page, Session

AGAIN = timedelta(seconds=2)  # of the server's: its stamps are cut to whole seconds
NOT_FOUND = "item-not-found"
GONE = "the archive no longer holds where the last look ended: what came before {at} may be missing"

Senders = Callable[[], frozenset[str]]
Threads = Callable[[], Sequence[Thread]]


@dataclass(slots=True, kw_only=True)
class Cursor:
    """Where a look stands: after which message of the archive (and its stamp), and of what this process counted.

    `began_at` is set in the midst of a pass. Instants are in microseconds.
    """

    after: str = ""
    at: int = 0
    began_at: int = 0
    run: str = ""
    number: int = 0

    @classmethod
    def load(cls, text: str) -> Self:
        """Return what `dump` wrote; "" gives a beginning."""
        return cls(**json.loads(text)) if text else cls()

    def dump(self) -> str:
        """Return it as text."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})


@dataclass(slots=True, kw_only=True)
class Standing:
    """What was asked and stands: by the ids of our messages, and by chat, the youngest first."""

    by_name: Mapping[str, str]
    by_chat: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, threads: Iterable[Thread], asked: Mapping[str, tuple[str, str]]) -> Self:
        """Return it from what the caller knows, and from what this process itself has `asked` (id: key, chat)."""
        by_name: dict[str, str] = {}
        by_chat: dict[str, list[str]] = {}
        found = [(key, chat) for key, chat in reversed(list(asked.values()))]
        found += [(one.message_id, one.target.lower()) for one in threads if one.message_id]
        for key, chat in found:
            if by_name.setdefault(stanza_id(key), key) and key not in by_chat.setdefault(chat, []):
                by_chat[chat].append(key)
        return cls(by_name=by_name, by_chat=by_chat)

    def names_in(self, chat: str) -> list[str]:
        """Return the ids of what stands in a chat."""
        return [stanza_id(key) for key in self.by_chat.get(chat, ())]


@dataclass(slots=True)
class _Found:
    """What one step brings."""

    messages: list[Incoming] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passed_over: int = 0


@dataclass(slots=True, kw_only=True)
class Collector:
    """One step of a look, at a link that is there. `asked` is what this process has sent: id: (key, chat)."""

    link: Link
    clock: Clock
    asked: Mapping[str, tuple[str, str]]
    size: int
    history: timedelta

    async def collect(self, text: str, senders: Senders | None, threads: Threads | None) -> Batch:
        """Return the next step after the cursor; see Channel.collect."""
        cursor = Cursor.load(text)
        cursor.began_at = cursor.began_at or to_micros(self.clock.now())
        session = await self.link.session()
        found = _Found()
        standing: Standing | None = None

        def stands() -> Standing:
            nonlocal standing
            standing = standing or Standing.of(threads() if threads else (), self.asked)
            return standing

        more = self._loose(cursor, found, senders, stands)
        if not more and self.link.archived:
            page = await self._page(session, cursor, self.size - len(found.messages), found)
            for archive_id, stamp, message in page.items:
                self._archived(message, archive_id, stamp, found, senders, stands)
            if page.items:
                at, _ = stanza.stamp(page.items[-1][1])
                cursor.after, cursor.at = page.last, to_micros(at) if at else cursor.at
            more = not page.complete
        looked_until = None if more else from_micros(cursor.began_at)
        cursor.began_at = cursor.began_at if more else 0
        if found.passed_over:
            found.notes.append(f"{found.passed_over} of others' messages in this account passed over")
        return Batch(
            messages=tuple(found.messages),
            cursor=cursor.dump(),
            more=more,
            looked_until=looked_until,
            notes=tuple(found.notes),
            moments=tuple(found.moments),
        )

    # --- where it comes from ---

    def _loose(self, cursor: Cursor, found: _Found, senders: Senders | None, stands: Callable[[], Standing]) -> bool:
        """Take what no archive keeps; return whether that has filled this step."""
        inbox = self.link.inbox
        if cursor.run != inbox.run:
            cursor.run, cursor.number = inbox.run, 0
        for one in [one for one in inbox.loose if one.number > cursor.number]:
            if len(found.messages) >= self.size:
                return True
            cursor.number = one.number
            late = one.says.delayed_at is not None
            when = self._stamps(None if late else one.at, one.says.delayed_at, one.says.delayed_grain)
            self._take(one.message, one.says, "", "", when, found, senders, stands)
        return len(found.messages) >= self.size

    async def _page(self, session: Session, cursor: Cursor, size: int, found: _Found) -> Page:
        """Return the next page. Where the archive no longer knows the last message, it goes on by its stamp."""
        from slawatch.channels.xmpp.client import RefusedQuestionError  # noqa: PLC0415 - it is loaded by now

        if cursor.after:
            try:
                return await session.archive(after=cursor.after, size=size)
            except RefusedQuestionError as error:
                if error.condition != NOT_FOUND:
                    raise
            found.notes.append(GONE.format(at=f"{now():%Y-%m-%d %H:%M} UTC"))
        start = from_micros(cursor.at) - AGAIN if cursor.at else now() - self.history
        return await session.archive(start=start, size=size)

    def _archived(
        self,
        message: ET.Element,
        archive_id: str,
        stamp: str,
        found: _Found,
        senders: Senders | None,
        stands: Callable[[], Standing],
    ) -> None:
        says = stanza.said(message, self.link.settings.address)
        if says is None:
            return
        at, grain = stanza.stamp(stamp)
        when = self._stamps(self.link.inbox.arrivals.get(archive_id), at, grain)
        self._take(message, says, archive_id, stamp, when, found, senders, stands)

    # --- what it is ---

    def _take(
        self,
        message: ET.Element,
        says: Said,
        archive_id: str,
        stamp: str,
        when: Stamps,
        found: _Found,
        senders: Senders | None,
        stands: Callable[[], Standing],
    ) -> None:
        if says.mine:
            return  # our own line, or one that a person wrote from another device
        if not says.is_line:
            found.moments += _moments(says, when, stands())
            return
        if senders is not None and not _may_be_theirs(says, senders(), stands()):
            found.passed_over += 1
            return
        kept = evidence.keep(
            message,
            me=self.link.settings.address,
            archive_id=archive_id,
            stamp=stamp,
            standing=stands().names_in(says.partner),
            people=self.link.settings.people,
        )
        found.messages.append(
            Incoming(
                remote_id=named(archive_id or _loose_name(says, kept)),
                folder=says.partner,
                raw=kept.raw(),
                stamps=when,
                facts=evidence.read(kept.raw()),
            )
        )

    def _stamps(self, live: datetime | None, stamp: datetime | None, grain: timedelta) -> Stamps:
        return stamps(
            live=live,
            delay=self.link.delay,
            stamp=stamp,
            grain=grain,
            clock=self.link.clock,
            now=now(),
            when=self.clock.when,
        )


def _moments(says: Said, when: Stamps, standing: Standing) -> list[Moment]:
    """Return what a message without words says of requests that stand; of all else it says nothing to us."""
    told: list[tuple[MomentKind, str, str]] = []
    if says.error:
        told.append((MomentKind.UNDELIVERED, standing.by_name.get(says.name, ""), f"{says.error} {says.error_text}"))
    told += [(MomentKind.DELIVERED, standing.by_name.get(name, ""), says.sender) for name in says.delivered]
    told += [(MomentKind.READ, standing.by_name.get(name, ""), says.sender) for name in says.read]
    if says.typing:
        told.append((MomentKind.TYPING, next(iter(standing.by_chat.get(says.partner, ())), ""), says.sender))
    clock = "local" if when.source == "seen" else "server"
    return [
        Moment(request=key, kind=kind, at=when.at, earlier=when.earlier, later=when.later, clock=clock, saw=saw.strip())
        for kind, key, saw in told
        if key
    ]


def _may_be_theirs(says: Said, senders: frozenset[str], standing: Standing) -> bool:
    """Tell what a company may have written; all else in the account is nobody's business."""
    domain = says.sender.rpartition("@")[2]
    return (
        says.sender in senders
        or domain in senders
        or says.sender in standing.by_chat
        or not {says.reply_to, says.thread}.isdisjoint(standing.by_name)
    )


def _loose_name(says: Said, kept: evidence.Kept) -> str:
    """Return a name for what has none in an archive, the same whenever it comes in."""
    own = evidence.own_name(says) or hashlib.sha256(kept.message.encode("utf-8", "replace")).hexdigest()
    return f"{says.sender}/{own}"
