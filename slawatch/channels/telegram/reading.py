"""What a line in a Telegram chat says of itself: evidence, facts and stamps, from the server's own objects.

`line` reads the library's objects, all else only what was kept of them. Never raises on hostile evidence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slawatch.model import ZERO, Author, Facts, Stamps

PLATFORM = "telegram"
SECOND = timedelta(seconds=1)
GRAIN = timedelta(microseconds=1)
NAME_MAX = 200
TEXT_MAX = 100_000
BASIC_GROUP, CHANNEL = "-", "-100"  # how the library and bots write the ids of groups and channels
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
_BITS = 64


def random_id(key: str) -> int:
    """Return the `random_id` of what is sent under this key: the same at every try, never 0.

    Telegram takes it "to prevent message resending" and refuses one that it knows with RANDOM_ID_DUPLICATE
    (core.telegram.org, messages.sendMessage). For how long it knows one, it does not say.
    """
    number = int.from_bytes(hashlib.sha256(key.lower().encode()).digest()[: _BITS // 8], "big", signed=True)
    return number or 1


def peer_key(peer: Any) -> str:
    """Return who or what a peer is, as text: a person's id, or a group's with its sign; "" for none."""
    for field, sign in (("user_id", ""), ("chat_id", BASIC_GROUP), ("channel_id", CHANNEL)):
        number = getattr(peer, field, None)
        if isinstance(number, int):
            return f"{sign}{number}"
    return ""


def named(peer: str, number: int) -> str:
    """Return the name of a message all over slawatch: "telegram:4711/12". Groups count for themselves."""
    return f"{PLATFORM}:{peer}/{number}"


def number_of(name: str) -> int:
    """Return a message's number of such a name, 0 of anything else."""
    number = name.rpartition("/")[2] if name.startswith(f"{PLATFORM}:") else ""
    return int(number) if number.isascii() and number.isdigit() else 0


def line(message: Any, *, chat: str, us: int) -> dict[str, Any]:
    """Return what is kept of a message of the library's; `chat` is the target's address, `us` our own id."""
    sender = getattr(message, "sender", None)
    peer, whose = peer_key(message.peer_id), peer_key(getattr(message, "from_id", None))
    reply = getattr(message, "reply_to", None)
    date = message.date if isinstance(message.date, datetime) else None
    names = [getattr(sender, part, None) for part in ("first_name", "last_name")]
    media = getattr(message, "media", None)
    told: dict[str, Any] = {
        "bot": bool(getattr(sender, "bot", False)),
        "chat": chat,
        "clock": "server",
        "date": date.astimezone(UTC).isoformat() if date else "",
        "from": whose or (str(us) if message.out else peer),
        "known": sender is not None,
        "media": type(media).__name__ if media is not None else "",
        "name": " ".join(one for one in names if isinstance(one, str) and one),
        "number": message.id,
        "offline": bool(getattr(message, "offline", False)),
        "out": bool(message.out),
        "peer": peer,
        "platform": PLATFORM,
        "reply_to": getattr(reply, "reply_to_msg_id", None) or 0,
        "resolution_ms": 1000,
        "text": (message.message or "")[:TEXT_MAX],
        "us": us,
        "username": getattr(sender, "username", None) or "",
        "via_bot_id": getattr(message, "via_bot_id", None) or 0,
        "via_business_bot_id": getattr(message, "via_business_bot_id", None) or 0,
    }
    return told


def taken_over(answer: Any, number_of_ours: int) -> tuple[int, datetime | None]:
    """Return which message the server has made of one of ours, and its stamp; (0, None) where its answer tells neither.

    To a person's chat it answers in short, elsewhere with all that has changed.
    """
    date = getattr(answer, "date", None)
    date = date if isinstance(date, datetime) else None
    if isinstance(getattr(answer, "id", None), int):
        return answer.id, date
    for update in getattr(answer, "updates", None) or ():
        if getattr(update, "random_id", None) == number_of_ours and isinstance(getattr(update, "id", None), int):
            return update.id, date
    return 0, None


def ours(peer: str, number: int, date: datetime, *, reply_to: int) -> dict[str, Any]:
    """Return a line of ours as far as the server has told of it."""
    return {"date": date.astimezone(UTC).isoformat(), "number": number, "out": True, "peer": peer, "reply_to": reply_to}


def evidence(told: Mapping[str, Any]) -> bytes:
    """Return a line as it is kept."""
    return json.dumps(told, sort_keys=True).encode()


def read(raw: bytes) -> Facts:
    """Return what raw evidence says of itself; what cannot be read is not readable."""
    try:
        told = json.loads(raw)
        if told["platform"] != PLATFORM or int(told["number"]) < 1:
            raise ValueError("no line")
        return facts(told)
    except _BROKEN:
        return Facts(text=raw.decode("utf-8", "replace"), readable=False, platform=PLATFORM)


def facts(told: Mapping[str, Any]) -> Facts:
    """Return what a line says of itself."""
    peer, number, reply = str(told["peer"]), int(told["number"]), int(told["reply_to"])
    author, mark = author_of(told)
    sender, us = str(told["from"]), str(told["us"])
    kept = {"date": str(told["date"]), "media": str(told["media"]), "username": str(told["username"])}
    return Facts(
        sender=f"{PLATFORM}:{sender}" if sender else "",
        sender_name=(str(told["name"]) or str(told["username"]))[:NAME_MAX],
        recipients=(f"{PLATFORM}:{us}",) if sender != us else (),
        own_id=named(peer, number),
        cited_ids=(named(peer, reply),) if reply > 0 else (),
        headers={name: (value,) for name, value in kept.items() if value},
        text=str(told["text"]),
        platform=PLATFORM,
        chat=str(told["chat"]).lower(),
        author=author,
        author_by=mark,
    )


def author_of(told: Mapping[str, Any]) -> tuple[Author, str]:
    """Return who wrote a line by Telegram's own marks, and the mark.

    A business's greeting and away messages bear `offline`, what a program answers in its name `via_business_bot_id`;
    an account that is a program bears `bot`. A text chosen from a program's list (`via_bot_id`) may be anybody's.
    """
    if told["out"] or str(told["from"]) == str(told["us"]):
        return Author.OURSELVES, "platform-flag: out"
    for mark in ("via_business_bot_id", "bot", "offline"):
        if told[mark]:
            return Author.BOT, f"platform-flag: {mark}"
    if not told["known"] or told["via_bot_id"]:
        return Author.UNKNOWN, ""
    return Author.AGENT, "platform-flag: not bot, not offline"


def said_at(told: Mapping[str, Any]) -> datetime | None:
    """Return the server's stamp, None where there is none that could be one."""
    try:
        at = datetime.fromisoformat(str(told["date"]))
    except (ValueError, KeyError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def stamps(told: Mapping[str, Any], *, seen_at: datetime, looked_at: datetime | None) -> Stamps:
    """Return when a line was said: by Telegram's clock, which gives whole seconds."""
    at = said_at(told)
    if at is None:
        earlier = max(seen_at - looked_at, ZERO) if looked_at else ZERO
        return Stamps(
            at=seen_at, source="seen", why="it bears no time; it came since we had looked before", earlier=earlier
        )
    return Stamps(at=at, source="platform", why="Telegram's own stamp, in whole seconds", later=SECOND - GRAIN)
