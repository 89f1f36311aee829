"""Tells which of the account's own posts is a given request or reply of ours. Decides only; asks nobody."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from slawatch.channels.social import raw
from slawatch.channels.social.platform import Post

ALIKE_MIN = 0.6  # of the words in common: people mend what they are given to post, but ask the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a post of ours is for; `id` is "" where nobody looked that up yet. `direct` ones only they can read."""

    handle: str
    id: str = ""
    direct: bool = False

    def is_for(self, post: Post) -> bool:
        """Whether a post of ours is put to them. Of a direct message the platform names those it went to."""
        if post.direct != self.direct:
            return False
        if self.id and (self.id in post.mentions or (post.direct and self.id in post.conversation.split("-"))):
            return True
        return (
            not post.direct
            and re.search(rf"(?<!\w)@{re.escape(self.handle)}(?![\w-]|[.@]\w)", post.text.lower()) is not None
        )


def words(text: str) -> str:
    """Return a text as platforms keep it: whom it begins with, spaces and ways to write one letter do not count."""
    return " ".join(unicodedata.normalize("NFC", raw.bare(text)).split())


def same(posts: Iterable[Post], text: str, whom: Addressee, *, taken: Collection[str] = ()) -> Post | None:
    """Return the oldest post of exactly this text to them, but none that stands for something else already."""
    wanted = words(text)
    fitting = [one for one in posts if one.id not in taken and whom.is_for(one) and words(one.text) == wanted]
    return min(fitting, key=lambda one: (one.at, one.id), default=None)


def alike(posts: Sequence[Post], text: str, whom: Addressee, *, taken: Collection[str] = ()) -> Post | None:
    """Return the post to them that says most nearly this, at equal likeness the newest; None where none comes near."""
    rated = [
        (likeness(one.text, text), one.at, one.id, one) for one in posts if one.id not in taken and whom.is_for(one)
    ]
    best = max((one for one in rated if one[0] >= ALIKE_MIN), key=lambda one: one[:3], default=None)
    return best[3] if best else None


def likeness(one: str, other: str) -> float:
    """Return how many of the words of two texts they share, from 0 to 1 (Dice's coefficient over words)."""
    first, second = _counted(one), _counted(other)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def _counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", words(text).casefold()))
