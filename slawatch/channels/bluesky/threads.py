"""Walks a conversation as app.bsky.feed.getPostThread tells it. Pure; what is asked for next is the caller's to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BLOCKED = "app.bsky.feed.defs#blockedPost"


@dataclass(slots=True)
class Walk:
    """What has been told of one conversation: its posts by address, and how complete that is.

    `deeper` are posts that have replies of which none was shown: the server tells so many levels and no more.
    """

    views: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    deeper: list[str] = field(default_factory=list)
    blocked: bool = False

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
            uri = view["uri"]
            asked_before = uri in self.views
            self.views[uri] = view
            replies = one.get("replies")
            replies = replies if isinstance(replies, list) else []
            count = view.get("replyCount")
            if not replies and not asked_before and isinstance(count, int) and count > 0:
                self.deeper.append(uri)
            left.extend(replies)
