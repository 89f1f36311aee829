"""Walks a conversation as app.bsky.feed.getPostThread tells it. Pure; what is asked for next is the caller's to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BLOCKED = "app.bsky.feed.defs#blockedPost"


@dataclass(slots=True)
class Walk:
    """What has been told of one conversation: its posts by address, and what of it was not.

    `deeper` are posts that have replies of which none was shown: the server tells so many levels and no more. Of those
    in `hidden` it counts more replies than it shows, even when asked for them: their authors block us, or were taken
    down. It does not show in their place that there is something.
    """

    views: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    deeper: list[str] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)
    blocked: bool = False

    @property
    def unseen(self) -> str:
        """Why it was not seen completely, "" where it was."""
        if self.blocked:
            return "blocked"
        if self.deeper:
            return "too long"
        count = sum(self.hidden.values())
        return f"{count} of the replies {'is' if count == 1 else 'are'} not shown to us" if count else ""

    def add(self, node: Any) -> None:
        """Take in one answer. Nodes may be nested as deeply as people talk, so nothing here calls itself."""
        left = [node]
        while left:
            one = left.pop()
            if not isinstance(one, Mapping):
                continue
            self.blocked = self.blocked or one.get("$type") == BLOCKED
            view = one.get("post")
            if not isinstance(view, Mapping) or not isinstance(view.get("uri"), str):
                continue
            told = one.get("replies")
            replies = told if isinstance(told, list) else []
            self._count(
                view["uri"], view, shown=sum(isinstance(reply, Mapping) and "post" in reply for reply in replies)
            )
            left.extend(replies)

    def _count(self, uri: str, view: Mapping[str, Any], *, shown: int) -> None:
        """Compare how many replies a post has with how many were shown."""
        count = view.get("replyCount")
        lacking = count - shown if isinstance(count, int) else 0
        self.hidden.pop(uri, None)
        if lacking > 0 and not shown and uri not in self.views:
            self.deeper.append(uri)
        elif lacking > 0:
            self.hidden[uri] = lacking
        self.views[uri] = view
