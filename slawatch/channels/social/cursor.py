"""Where a pass over the feeds stands: what is kept between two steps, as JSON text. No behaviour beyond that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Self

from slawatch.channels.social.platform import Post
from slawatch.clock import from_micros, to_micros

KNOWN_MAX = 500  # a platform shows the newest again; whatever else comes twice is known to the store
LAG = timedelta(minutes=2)
"""How long a post may be there before its feed shows it. A look at noon speaks for the time until 11:58.

Platforms say "seconds"; X's own advice is to read two minutes back. The same margin covers that our clock and theirs,
by which posts are stamped, are not quite one."""


@dataclass(slots=True, kw_only=True)
class Place:
    """Where one feed stands. Instants are kept in microseconds, 0 where there is none.

    `mark` is where the pass begins and `pending` where the next one will. `seen` are the posts of this pass with their
    instants, `known` those of the one before: what a feed shows again. `gap` says that the pass has come to the end of
    what the platform shows and goes through the conversations, up to `after`. `again` says that it was begun again.
    """

    mark: str = ""
    pending: str = ""
    page: str = ""
    began_at: int = 0
    last_at: int = 0
    looked_until: int = 0
    known: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    cut: bool = False
    gap: bool = False
    after: str = ""
    again: bool = False

    def begin(self, now: datetime) -> None:
        """Begin a pass, unless one is under way."""
        self.began_at = self.began_at or to_micros(now)

    def begin_again(self) -> None:
        """Go back to the first page, as the next one is gone. What was handed over stays so."""
        self.known = [*self.seen, *self.known][: 2 * KNOWN_MAX]
        self.seen, self.page, self.pending, self.cut = {}, "", "", False

    def fresh(self, posts: Iterable[Post]) -> list[Post]:
        """Return those that were not handed over yet, and remember them all."""
        new = []
        for post in posts:
            if post.id not in self.seen:
                self.seen[post.id] = to_micros(post.at)
                if post.id not in self.known:
                    new.append(post)
        return new

    def finish(self) -> None:
        """End the pass: everything until its start, less the lag, was seen."""
        newest = sorted(self.seen, key=lambda one: self.seen[one], reverse=True)
        self.looked_until = max(self.looked_until, self.began_at - LAG // timedelta(microseconds=1))
        self.mark, self.last_at = self.pending or self.mark, self.began_at
        # A feed that shows nothing again has not forgotten what it may show once more.
        self.known = [*newest, *(one for one in self.known if one not in self.seen)][:KNOWN_MAX]
        self.pending, self.page, self.after, self.began_at = "", "", "", 0
        self.seen, self.cut, self.gap, self.again = {}, False, False, False

    def give_up(self) -> None:
        """Leave the pass to another time, which goes on behind the conversations that were looked through already.

        Else thousands of them would never be come to the end of, where the platform lets us look at a few hundred.
        """
        if not self.gap and not self.after:
            self.begin_again()
            self.began_at, self.again = 0, False


@dataclass(slots=True, kw_only=True)
class Cursor:
    """The places of all feeds. In the midst of a pass, `due` are the feeds still to be read, the next one first.

    `wanted` are all whose last look counts, `failed` says why some could not be read, and `read` that one could.
    """

    places: dict[str, Place] = field(default_factory=dict)
    due: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    read: bool = False

    @classmethod
    def load(cls, text: str) -> Self:
        """Return what `dump` wrote; "" gives a beginning."""
        found = json.loads(text) if text else {}
        places = {name: Place(**place) for name, place in found.pop("places", {}).items()}
        return cls(places=places, **found)

    def dump(self) -> str:
        """Return it as text. What says nothing is left out: it is written at every step."""
        found = {
            name: {key: value for key, value in asdict(place).items() if value} for name, place in self.places.items()
        }
        rest = {"due": self.due, "wanted": self.wanted, "failed": self.failed, "read": self.read}
        return json.dumps(
            {"places": found} | {key: value for key, value in rest.items() if value},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def place(self, feed: str) -> Place:
        """Return where a feed stands."""
        return self.places.setdefault(feed, Place())

    def looked_until(self) -> datetime | None:
        """Return until when everything was seen, None where a feed was never read to its end."""
        instants = [self.place(feed).looked_until for feed in self.wanted]
        if not instants or not all(instants):
            return None
        found: datetime = from_micros(min(instants))
        return found
