"""What is kept of a line of a chat, and what that says. Pure; reads hostile evidence without raising."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from slawatch.channels.xmpp import names
from slawatch.channels.xmpp.names import named
from slawatch.channels.xmpp.stanza import Said, parsed, said, written
from slawatch.model import Author, Facts

LONG_ENOUGH = 16
"""Characters of an id that is taken to be nobody else's. Shorter ones are often counters, which begin anew whenever
the sender's software does: two answers of the same "id" must not be taken for one."""

PEOPLE = "config: people = true"
"""What marks a line as a person's where the user has said so; no field of a vendor's, so it is still looked at."""

_BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message as it is kept: whose account it was seen by, its archive's id and stamp ("" without), what stood open.

    `open` are the ids of our questions that stood in this chat when it was fetched. `people` is the user's own word
    that people write there.
    """

    me: str
    message: str
    archive_id: str = ""
    stamp: str = ""
    open: tuple[str, ...] = ()
    people: bool = False

    def raw(self) -> bytes:
        """Return it as evidence."""
        kept = {
            "platform": names.PLATFORM,
            "account": self.me,
            "message": self.message,
            "archive_id": self.archive_id,
            "stamp": self.stamp,
            "open": list(self.open),
            "people": self.people,
        }
        return json.dumps(kept, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def keep(
    one: ET.Element,
    *,
    me: str,
    archive_id: str = "",
    stamp: str = "",
    standing: Collection[str] = (),
    people: bool = False,
) -> Kept:
    """Return what is kept of a message."""
    return Kept(
        me=me, message=written(one), archive_id=archive_id, stamp=stamp, open=tuple(sorted(standing)), people=people
    )


def read(raw: bytes) -> Facts:
    """Return what raw evidence says of itself; what is no message of a chat is not readable."""
    try:
        found = json.loads(raw)
        kept = Kept(
            me=str(found["account"]),
            message=str(found["message"]),
            archive_id=str(found["archive_id"]),
            stamp=str(found["stamp"]),
            open=tuple(str(one) for one in found["open"]),
            people=found.get("people", False) is True,
        )
        says = said(parsed(kept.message), kept.me)
        if says is None:
            raise ValueError("no message of a chat of two")
        return facts(says, kept)
    except _BROKEN:
        return Facts(text=raw.decode("utf-8", "replace"), readable=False, platform=names.PLATFORM)


def facts(says: Said, kept: Kept) -> Facts:
    """Return what a line says of itself, all ids named by the platform.

    A thread is believed only where it names a question that stood open: some messengers stay with the first one of a
    chat for ever, and an answer must not be taken for one to what was asked last year.
    """
    cited = dict.fromkeys([says.reply_to, says.thread if says.thread in kept.open else ""])
    headers = {
        "date": kept.stamp,
        "archive-id": kept.archive_id,
        "replaces": named(says.replaces),
        "thread": says.thread,
        "encrypted": "yes" if says.encrypted else "",
        "to": says.partner if says.mine else kept.me,
    }
    return Facts(
        sender=named(says.sender),
        sender_name=says.sender,
        recipients=(named(says.partner if says.mine else kept.me),),
        own_id=named(own_name(says)),
        cited_ids=tuple(named(one) for one in cited if one),
        text=says.line or "",
        quoted=says.quoted,
        readable=not says.encrypted,
        platform=names.PLATFORM,
        chat=says.partner,
        author=Author.OURSELVES if says.mine else Author.AGENT if kept.people else Author.UNKNOWN,
        author_by="platform-flag: from our own account" if says.mine else PEOPLE if kept.people else "",
        headers={name: (value,) for name, value in headers.items() if value},
    )


def own_name(says: Said) -> str:
    """Return a message's id, made longer by what it says where it is too short to be unique; "" where it has none."""
    if not says.name or len(says.name) >= LONG_ENOUGH:
        return says.name
    return f"{says.name}#{hashlib.sha256(f'{says.sender} {says.line}'.encode('utf-8', 'replace')).hexdigest()[:12]}"


def name_to_cite(letter: Facts) -> str:
    """Return the id under which its sender knows a line, as `own_name` had it; "" where it has none."""
    name = letter.own_id.partition(":")[2]
    head, _, tail = name.rpartition("#")
    return head if head and len(head) < LONG_ENOUGH and len(tail) == 12 else name  # noqa: PLR2004 - as own_name
