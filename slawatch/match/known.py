"""What a message is held against: what we once sent out, and what stands open. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we once sent out, each leading to the id of its request: tokens, Message-IDs and envelope ids.

    Keys are lower case, Message-IDs without angle brackets. `follow_ups` are those Message-IDs and envelope ids among
    them that are not a request's own but those of what we wrote later.
    """

    by_token: Mapping[str, int] = field(default_factory=dict)
    by_message_id: Mapping[str, int] = field(default_factory=dict)
    by_envelope_id: Mapping[str, int] = field(default_factory=dict)
    follow_ups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A company's own name for something (keys.py), and the message and request that taught it us."""

    key: str
    message_id: int
    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A request that a message without any of our secrets may be about.

    It may where it came between `since` and `until`; `answered_at` is when somebody surely answered it, None while
    nobody has. `only_from` is set where every colleague of ours has the company's domain: then only this very address
    is taken for the company on a guess. `surely_left` is False while nobody knows whether it was sent at all.
    """

    request_id: int
    subject: str
    token: str
    since: datetime
    until: datetime
    answered_at: datetime | None = None
    only_from: str = ""
    surely_left: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known of the companies that the sender's domain belongs to: names they gave, requests that stand open."""

    taught: Sequence[Taught] = ()
    open: Sequence[Open] = ()
