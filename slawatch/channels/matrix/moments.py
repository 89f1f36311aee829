"""Steps of a chat beside its lines: typing, read, joined, what a bridge says became of ours. Pure; judges nothing.

A step belongs to the request that it names, or else to the last one that was put there before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slawatch.channels.base import Thread
from slawatch.channels.matrix.reading import GRAIN, MILLISECOND, STATUS, Line, bare, relation, sent_at
from slawatch.channels.matrix.rooms import text_of
from slawatch.clock import EPOCH
from slawatch.model import ZERO, Moment, MomentKind

SAW_MAX = 200
SUCCESS, PENDING, RETRIABLE, PERMANENT = "SUCCESS", "PENDING", "FAIL_RETRIABLE", "FAIL_PERMANENT"
READS = ("m.read", "m.read.private")
REACTION = "m.reaction"
MEMBER = "m.room.member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as far as its steps need to know it: what stands in it, who we are and which members are a bridge's."""

    threads: Sequence[Thread]
    us: str
    bots: frozenset[str] = frozenset()
    network: str = ""

    def whose(self, at: datetime, event: str = "") -> Thread | None:
        """Return the request that a step belongs to: the one it names, else the last one put before it."""
        for one in self.threads:
            if event and bare(one.remote_id) == event:
                return one
        before = [one for one in self.threads if one.asked_at <= at + MILLISECOND]
        return max(before, key=lambda one: one.asked_at, default=None)

    def ours(self, event: str) -> Thread | None:
        """Return the request that this line of ours put, None where it is none of those that stand."""
        return next((one for one in self.threads if event and bare(one.remote_id) == event), None)


def of_line(line: Line, chat: Chat) -> tuple[Moment | None, str]:
    """Return the step that an event of a room is, and what a person may want to know of it; (None, "") for most."""
    at = sent_at(line.event)
    if at is None:
        return None, ""
    if line.kind == STATUS:
        return _status(line, chat, at)
    if line.kind == REACTION and line.sender != chat.us:
        kind, event = relation(line.content)
        relates = line.content.get("m.relates_to")
        saw = text_of(relates, "key") if isinstance(relates, Mapping) else ""
        thread = chat.ours(event) if kind == "m.annotation" else None
        return _made(thread, MomentKind.READ, at, saw=f"reaction {saw}".strip()), ""
    if line.kind == MEMBER:
        return _member(line, chat, at), ""
    if line.sender in chat.bots and line.is_message:
        saw = text_of(line.content, "body")
        return _made(chat.whose(at), MomentKind.NOTICE, at, saw=f"bridge: {saw}"), ""
    return None, ""


def _status(line: Line, chat: Chat, at: datetime) -> tuple[Moment | None, str]:
    content = line.content
    said = text_of(content, "status").upper()
    why = text_of(content, "message") or text_of(content, "error") or text_of(content, "reason")
    thread = chat.ours(relation(content)[1])
    if thread is None or (chat.bots and line.sender not in chat.bots and line.sender == chat.us):
        return None, ""
    saw = f"bridge: {said} {why}".strip()
    if said == SUCCESS:
        return _made(thread, MomentKind.DELIVERED, at, saw=saw), ""
    if said == PERMANENT:
        return _made(thread, MomentKind.UNDELIVERED, at, saw=saw), ""
    if said in (PENDING, RETRIABLE):
        network = chat.network or "the other network"
        return _made(thread, MomentKind.NOTICE, at, saw=saw), f"the bridge has not brought it to {network} yet: {said}"
    return None, ""


def _member(line: Line, chat: Chat, at: datetime) -> Moment | None:
    """Return that somebody came or went; a new name or picture is neither, nor is a bridge at work."""
    who = text_of(line.event, "state_key")
    now = text_of(line.content, "membership")
    before = _before(line.event)
    if who in chat.bots or now == before:
        return None
    saw = text_of(line.content, "displayname") or who
    if who == chat.us:
        thrown_out = now in ("leave", "ban") and line.sender != chat.us
        return _made(chat.whose(at), MomentKind.CLOSED, at, saw=f"{line.sender} took us out") if thrown_out else None
    if now == "join":
        return _made(chat.whose(at), MomentKind.AGENT_JOINED, at, saw=saw)
    if now in ("leave", "ban") and before in ("join", "invite", ""):
        return _made(chat.whose(at), MomentKind.AGENT_LEFT, at, saw=saw)
    return None


def _before(event: Mapping[str, Any]) -> str:
    unsigned = event.get("unsigned")
    before = unsigned.get("prev_content") if isinstance(unsigned, Mapping) else None
    return text_of(before, "membership") if isinstance(before, Mapping) else ""


def of_receipts(content: Any, chat: Chat) -> Iterable[Moment]:
    """Return that others have read what we said. A receipt for a later line says only that it was read by then."""
    for event, kinds in content.items() if isinstance(content, Mapping) else ():
        for kind, users in kinds.items() if isinstance(kinds, Mapping) else ():
            if kind not in READS or not isinstance(users, Mapping):
                continue
            for user, told in users.items():
                at = _instant(told)
                if user == chat.us or user in chat.bots or at is None:
                    continue
                thread = chat.whose(at, str(event))
                if thread is None:
                    continue
                exact = bare(thread.remote_id) == event
                earlier = ZERO if exact else max(at - thread.asked_at, ZERO)
                found = _made(thread, MomentKind.READ, at, saw=str(user), earlier=earlier)
                if found is not None:
                    yield found


def _instant(told: Any) -> datetime | None:
    stamp = told.get("ts") if isinstance(told, Mapping) else None
    return sent_at({"origin_server_ts": stamp})


def typing(users: Any, chat: Chat, *, now: datetime, looked_at: datetime | None) -> Moment | None:
    """Return that somebody types; it began since we had looked before, or half a minute ago where that is longer."""
    people = [one for one in users if isinstance(one, str)] if isinstance(users, list) else []
    others = [one for one in people if one != chat.us and one not in chat.bots]
    thread = chat.whose(now) if others else None
    if thread is None:
        return None
    since = max(looked_at or EPOCH, now - timedelta(seconds=30), thread.asked_at)
    return Moment(
        request=thread.message_id,
        kind=MomentKind.TYPING,
        at=now,
        earlier=max(now - since, ZERO),
        clock="local",
        saw=str(others[0])[:SAW_MAX],
    )


def _made(
    thread: Thread | None, kind: MomentKind, at: datetime, *, saw: str, earlier: timedelta = ZERO
) -> Moment | None:
    if thread is None or not thread.message_id:
        return None
    return Moment(
        request=thread.message_id,
        kind=kind,
        at=at,
        earlier=earlier,
        later=MILLISECOND - GRAIN,
        clock="server",
        saw=" ".join(saw.split())[:SAW_MAX],
    )
