"""What a line in a room says of itself: evidence, facts and stamps, read from the server's own JSON.

Pure and static: what was kept of an account that is long gone can be read again. Never raises on hostile evidence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slawatch.channels.matrix.rooms import NAME_MAX, text_of
from slawatch.channels.matrix.settings import server_of
from slawatch.clock import EPOCH
from slawatch.model import ZERO, Author, Facts, Stamps

PLATFORM = "matrix"
MESSAGES = ("m.room.message", "m.sticker")
ENCRYPTED = "m.room.encrypted"
REDACTION = "m.room.redaction"
STATUS = "com.beeper.message_send_status"  # what bridges say became of a line of ours
UNREADABLE = "platform-flag: m.room.encrypted"

MILLISECOND = timedelta(milliseconds=1)
GRAIN = timedelta(microseconds=1)
WHOLE_SECOND_MS = 1000
# Servers keep their time by the network, and are rarely further apart; none of them promises it.
APART = timedelta(seconds=1)
TIME_MAX_MS = 253_370_764_800_000  # the year 9999
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event of a room as the server gave it; `clear` is what decryption brought, None where there was no need.

    `chat` is the target's address, `us` our own user id, `network` where a bridge leads, `name` the sender's own.
    """

    event: Mapping[str, Any]
    room: str
    chat: str
    us: str
    network: str = ""
    name: str = ""
    clear: Mapping[str, Any] | None = None

    @property
    def kind(self) -> str:
        """What type of event it is, decrypted where it was encrypted."""
        return text_of(self.event if self.clear is None else self.clear, "type")

    @property
    def content(self) -> Mapping[str, Any]:
        """What it holds, decrypted where it was encrypted; what it refers to stands outside of what is encrypted."""
        outside = self.event.get("content")
        outside = outside if isinstance(outside, Mapping) else {}
        if self.clear is None:
            return outside
        inside = self.clear.get("content")
        inside = inside if isinstance(inside, Mapping) else {}
        refers = {key: outside[key] for key in ("m.relates_to",) if key in outside}
        return {**refers, **inside}

    @property
    def id(self) -> str:
        """The server's name for it."""
        return text_of(self.event, "event_id")

    @property
    def sender(self) -> str:
        """Who sent it."""
        return text_of(self.event, "sender")

    @property
    def is_message(self) -> bool:
        """Whether somebody says something in it, for the first time: an edit says nothing anew."""
        return self.kind in MESSAGES and relation(self.content)[0] != "m.replace" and bool(self.content)


def named(event_id: str) -> str:
    """Return the name of an event all over slawatch: "matrix:$event"."""
    return f"{PLATFORM}:{event_id}"


def bare(name: str) -> str:
    """Return the event's id of such a name, "" of anything else."""
    return name.removeprefix(f"{PLATFORM}:") if name.startswith(f"{PLATFORM}:$") else ""


def sent_at(event: Mapping[str, Any]) -> datetime | None:
    """Return the stamp that the sender's server has set, None where there is none that could be one."""
    stamp = event.get("origin_server_ts")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < TIME_MAX_MS:
        return None
    return EPOCH + timedelta(milliseconds=stamp)


def relation(content: Mapping[str, Any]) -> tuple[str, str]:
    """Return how a line refers to another, and to which: ("m.replace", "$event"); ("", "") where it does not."""
    relates = content.get("m.relates_to")
    if not isinstance(relates, Mapping):
        return "", ""
    return text_of(relates, "rel_type"), text_of(relates, "event_id")


def cited(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the events that a line says it replies to: the one named, and what the thread it stands in began with."""
    relates = content.get("m.relates_to")
    if not isinstance(relates, Mapping):
        return ()
    reply = relates.get("m.in_reply_to")
    named_there = text_of(reply, "event_id") if isinstance(reply, Mapping) else ""
    if relates.get("is_falling_back") is True:
        named_there = ""  # written for programs that know no threads; nobody replied to it
    kind, root = relation(content)
    return tuple(dict.fromkeys(one for one in (named_there, root if kind == "m.thread" else "") if one))


def evidence(line: Line) -> bytes:
    """Return a line as it is kept. What the server adds for the moment (its age) is no part of it: it never repeats."""
    event = {key: value for key, value in line.event.items() if key not in ("unsigned", "age", "user_id")}
    whole: dict[str, Any] = {
        "chat": line.chat,
        "clock": "server",
        "event": event,
        "name": line.name,
        "network": line.network,
        "platform": PLATFORM,
        "resolution_ms": resolution(line) // MILLISECOND,
        "room": line.room,
        "us": line.us,
    }
    if line.clear is not None:
        whole["clear"] = {key: line.clear[key] for key in ("content", "type") if key in line.clear}
    return json.dumps(whole, sort_keys=True).encode()


def line_of(raw: bytes) -> Line:
    """Return the line that was kept. Raises ValueError and its like where raw is none."""
    told = json.loads(raw)
    clear = told.get("clear")
    if not isinstance(told["event"], dict) or not isinstance(clear, dict | None):
        raise TypeError("no event")
    return Line(
        event=told["event"],
        room=text_of(told, "room"),
        chat=text_of(told, "chat"),
        us=text_of(told, "us"),
        network=text_of(told, "network"),
        name=text_of(told, "name"),
        clear=clear,
    )


def read(raw: bytes) -> Facts:
    """Return what raw evidence says of itself; what cannot be read, or was not decrypted, is not readable."""
    try:
        return facts(line_of(raw))
    except _BROKEN:
        return Facts(text=raw.decode("utf-8", "replace"), readable=False, platform=PLATFORM)


def facts(line: Line) -> Facts:
    """Return what a line says of itself."""
    content = line.content
    replies = cited(content)
    text, quoted = words(text_of(content, "body") or text_of(content, "filename"), reply=bool(replies))
    readable = line.kind in MESSAGES
    author, mark = author_of(line)
    at = sent_at(line.event)
    kept = {"msgtype": text_of(content, "msgtype") or line.kind, "date": at.isoformat() if at else ""}
    return Facts(
        sender=f"{PLATFORM}:{line.sender}" if line.sender else "",
        sender_name=(line.name or line.sender)[:NAME_MAX],
        recipients=(line.us,) if line.us and line.sender != line.us else (),
        own_id=named(line.id) if line.id else "",
        cited_ids=tuple(named(one) for one in replies),
        headers={name: (value,) for name, value in kept.items() if value},
        text=text,
        quoted=quoted,
        readable=readable,
        platform=PLATFORM,
        chat=line.chat.lower(),
        author=author,
        author_by=mark,
        network=line.network,
    )


def author_of(line: Line) -> tuple[Author, str]:
    """Return who wrote a line by Matrix's own marks, and the mark.

    Programs mark what they say as m.notice. A bridge passes on m.text whoever wrote it on the other network, so there
    it says nothing.
    """
    if line.us and line.sender == line.us:
        return Author.OURSELVES, f"platform-flag: sender {line.us}"
    if line.kind == ENCRYPTED:
        return Author.UNKNOWN, ""
    kind = text_of(line.content, "msgtype") or line.kind
    if kind == "m.notice":
        return Author.BOT, "platform-flag: m.notice"
    if line.network or kind not in _BY_HAND:
        return Author.UNKNOWN, ""
    return Author.AGENT, f"platform-flag: {kind}"


_BY_HAND = frozenset({"m.text", "m.emote", "m.image", "m.file", "m.audio", "m.video", "m.location", "m.sticker"})


def words(body: str, *, reply: bool) -> tuple[str, str]:
    """Return what somebody wrote anew, and what they repeated: older programs put what they reply to before it."""
    rows = body.split("\n")
    repeated = 0
    while reply and repeated < len(rows) and rows[repeated].startswith(">"):
        repeated += 1
    return "\n".join(rows[repeated:]).strip(), "\n".join(rows[:repeated]).strip()


def resolution(line: Line) -> timedelta:
    """Return how finely a line is stamped: bridges pass on their network's time, which may be in whole seconds."""
    stamp = line.event.get("origin_server_ts")
    whole = bool(line.network) and isinstance(stamp, int) and stamp % WHOLE_SECOND_MS == 0
    return timedelta(seconds=1) if whole else MILLISECOND


def stamps(line: Line, *, seen_at: datetime, looked_at: datetime | None) -> Stamps:
    """Return when a line was said: by the sender's server, unless that cannot be.

    `seen_at` is when we had it, by our clock, `looked_at` when we had looked before that.
    """
    at, grain = sent_at(line.event), resolution(line)
    theirs, ours = server_of(line.sender), server_of(line.us)
    if at is None or at > seen_at + APART:
        why = "it bears no time" if at is None else f"its own time, {at.isoformat()}, is later than when it was there"
        earlier = max(seen_at - looked_at, ZERO) if looked_at else ZERO
        return Stamps(at=seen_at, source="seen", why=f"{why}; it came since we had looked before", earlier=earlier)
    if line.network:
        unit = "whole seconds" if grain > MILLISECOND else "milliseconds"
        why = f"the time that the bridge to {line.network} gives it, in {unit}; taken as right to {_seconds(APART)}"
        return Stamps(at=at, source="platform", why=why, earlier=APART, later=APART + grain - GRAIN)
    if theirs != ours:
        why = f"by the clock of {theirs}, not of our own server; taken as right to {_seconds(APART)}"
        return Stamps(at=at, source="platform", why=why, earlier=APART, later=APART + grain - GRAIN)
    return Stamps(at=at, source="platform", why="by our own server's clock, in milliseconds", later=grain - GRAIN)


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():g} s"
