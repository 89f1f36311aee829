"""Where a look at the notifications begins and ends: marks and pages as text. Asks nobody.

Ids are text here. They grow, but only digits may be compared as numbers; others (ULIDs) by their letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from slawatch.channels.mastodon.reading import ID

OVERLAP = timedelta(seconds=120)
"""How old the newest notification before a mark is at least: what is new need not come in the order of its ids."""

SEPARATOR = " "
NONE = "-"  # stands for no id, so that a mark's words keep their places


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notification, as far as marks need to know it."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One pass over the notifications, from the newest back to what the last pass had seen for good.

    `since` is where the server is asked to stop, `witness` the notification just above it, which a list without a gap
    has to show. `older` leads to the next page. `new_witness` and `new_since` are what the next pass begins with.
    """

    since: str = ""
    witness: str = ""
    older: str = ""
    new_witness: str = ""
    new_since: str = ""
    witnessed: bool = False

    @classmethod
    def after(cls, mark: str, page: str) -> Self:
        """Return the pass after a mark, or in the middle of one. What is neither begins anew: that loses nothing."""
        if page:
            since, witness, older, new_witness, new_since, witnessed = _words(page, 6)
            return cls(
                since=since,
                witness=witness,
                older=older,
                new_witness=new_witness,
                new_since=new_since,
                witnessed=bool(witnessed),
            )
        since, witness = _words(mark, 2)
        return cls(since=since, witness=witness)

    def over(self, notices: Sequence[Notice], *, now: datetime | None, older: str) -> Look:
        """Return where the pass stands after one page of notifications, the newest first.

        `now` is the server's clock; without it the newest of the page stands for now, which is later than it is and
        lets the passes overlap by more.
        """
        found = self
        latest = now or max((one.at for one in notices), default=None)
        for one in notices:
            if one.id == found.witness:
                found = replace(found, witnessed=True)
            if found.new_witness:
                found = replace(found, new_since=found.new_since or one.id)
            elif latest is not None and latest - one.at >= OVERLAP:
                found = replace(found, new_witness=one.id)
        return replace(found, older=older)

    @property
    def page(self) -> str:
        """What leads to the next page, "" at the end."""
        if not self.older:
            return ""
        return _joined(
            self.since, self.witness, self.older, self.new_witness, self.new_since, "1" if self.witnessed else ""
        )

    @property
    def mark(self) -> str:
        """Where the next pass has to begin, "" in the middle of this one; where this one did while all is too young."""
        if self.older:
            return ""
        if not self.new_witness or self.new_witness == self.witness:
            return self.began
        return _joined(self.new_since or self.since, self.new_witness)

    @property
    def anew(self) -> str:
        """Where the next pass has to begin after a gap: the old witness proves nothing any more."""
        return _joined(self.new_since, self.new_witness)

    @property
    def began(self) -> str:
        """The mark this pass was begun with, "" where that was none."""
        return _joined(self.since, self.witness) if self.since or self.witness else ""

    @property
    def doubtful(self) -> bool:
        """Whether the list has ended without the notification that it has to show."""
        return bool(not self.older and self.witness and not self.witnessed)


def newer(one: str, other: str) -> bool:
    """Whether an id was given later than another, as far as the two can be compared; False where not."""
    if one.isascii() and other.isascii() and one.isdigit() and other.isdigit():
        return int(one) > int(other)
    return len(one) == len(other) and not one.isdigit() and one > other


def _joined(*words: str) -> str:
    return SEPARATOR.join(word or NONE for word in words)


def _words(text: str, count: int) -> list[str]:
    """Return that many ids, each "" where there is none; nothing but "" where the text holds something else."""
    words = text.split(SEPARATOR)
    if len(words) != count or not all(ID.fullmatch(word) for word in words):
        return [""] * count
    return ["" if word == NONE else word for word in words]
