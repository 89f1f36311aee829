"""The folders of a mailbox by their purpose, and how far each has been read. Pure: talks to no server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from slawatch.clock import from_micros, to_micros

INBOX = "INBOX"

JUNK_NAMES = frozenset(
    {
        "junk", "junk e-mail", "junk-e-mail", "junk email", "junk mail", "spam", "spamverdacht", "spam-verdacht",
        "bulk", "bulk mail", "unerwünscht", "unbekannt",
    }
)  # fmt: skip
SENT_NAMES = frozenset(
    {
        "sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete elemente",
        "gesendete objekte", "gesendete nachrichten",
    }
)  # fmt: skip


DRAFT_NAMES = frozenset({"drafts", "entwürfe", "templates", "vorlagen", "outbox", "postausgang"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that can be read. `last_name` is its name without the folders above it; it and flags are lower case."""

    name: str
    last_name: str
    flags: frozenset[str]


def junk(folders: Iterable[Folder]) -> list[str]:
    """Return where the server puts what it takes for junk; the companies' receipts often land there."""
    return _meant_for(folders, r"\junk", JUNK_NAMES)


def sent(folders: Iterable[Folder]) -> list[str]:
    """Return where the server or a mail program files what was sent."""
    return _meant_for(folders, r"\sent", SENT_NAMES)


def past(folders: Sequence[Folder]) -> list[str]:
    """Return where letters of the past lie, sent and received: one folder that has them all, else all but drafts.

    Where letters lie in one that has them all, the others only show the same ones again (Gmail's labels do).
    """
    whole = [folder.name for folder in folders if r"\all" in folder.flags]
    if whole:
        return [*whole, *junk(folders)]
    return [
        folder.name
        for folder in folders
        if not folder.flags & {r"\drafts", r"\flagged", r"\important"} and folder.last_name not in DRAFT_NAMES
    ]


def _meant_for(folders: Iterable[Folder], flag: str, usual_names: frozenset[str]) -> list[str]:
    """Return the folders that say so themselves (RFC 6154), and those that are called as such folders usually are."""
    return [folder.name for folder in folders if flag in folder.flags or folder.last_name in usual_names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a folder has been read. Another `validity` means that its uids count anew (RFC 9051, section 2.3.1.1)."""

    validity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a mailbox has been read.

    `began_at` is when the pass began that is still under way, None between two. `looked_until` is when the last
    complete one had begun.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    began_at: datetime | None = None
    looked_until: datetime | None = None

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Return the cursor that `write` wrote; "" is the beginning."""
        if not text:
            return cls()
        data = json.loads(text)
        return cls(
            places={name: Place(validity=validity, uid=uid) for name, (validity, uid) in data["folders"].items()},
            began_at=_moment(data["began_at"]),
            looked_until=_moment(data["looked_until"]),
        )

    def write(self) -> str:
        """Return it as text, for the store."""
        return json.dumps(
            {
                "folders": {name: [place.validity, place.uid] for name, place in self.places.items()},
                "began_at": None if self.began_at is None else to_micros(self.began_at),
                "looked_until": None if self.looked_until is None else to_micros(self.looked_until),
            }
        )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
