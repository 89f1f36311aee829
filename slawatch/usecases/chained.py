"""Holds the store against its chain of evidence: what was changed, removed, added or sealed since it was linked.

Reads only, but for links of what has not been linked yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from slawatch import chain
from slawatch.errors import EvidenceError, UsageError
from slawatch.model import Facts
from slawatch.store.chaining import Held, Link
from slawatch.store.items import base_of, revised
from slawatch.usecases.recompute import Made, MessageChange, on_a_copy, recompute
from slawatch.usecases.world import World, keep_quiet

if TYPE_CHECKING:
    from slawatch.channels.base import Channel

_HEAD = re.compile(r"[0-9a-f]{64}")


class What(StrEnum):
    """What is wrong with a thing that the chain speaks of, or should."""

    CHANGED = "changed"  # it is not what was linked
    REMOVED = "removed"
    ADDED = "added"  # by something else than slawatch: no link speaks of it
    NO_EVIDENCE = "no-evidence"  # its raw form is gone, and nothing says that it was thrown away
    NOT_AS_JUDGED = "not-as-judged"  # what the store says it is does not follow from its evidence
    BROKEN = "broken"  # the link itself: a head does not follow from the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it was linked; `requests` are those it belongs to, by their public ids."""

    what: What
    kind: str
    item: str
    requests: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chained:
    """What the chain came to. `sealed` are the messages whose raw form was thrown away, with their requests.

    Of the `locked` ones, encrypted and without their key, nobody can tell whether they are what they were.
    """

    links: int
    head: str
    faults: tuple[Fault, ...]
    sealed: tuple[Fault, ...]
    locked: int = 0

    @property
    def holds(self) -> bool:
        """Whether everything is as it was linked."""
        return not self.faults


def verify_chain(world: World, *, head: str = "", tell: Callable[[int], object] = lambda _done: None) -> Chained:
    """Hold everything against its link, every raw form against its digest; `tell` hears how many were done.

    Raises:
        EvidenceError: no link has the wanted head.
        UsageError: it is no head at all.
    """
    world.store.extend_chain()
    head = "".join(head.split()).lower()  # mails break it into two lines
    if head and not _HEAD.fullmatch(head):
        raise UsageError(f'--head: "{head}" is no head; one has 64 digits and letters from a to f, give all of them')
    if head and world.store.link_of_head(head) is None:
        raise EvidenceError(
            f'verify: the chain of this store holds no head "{head}": it was made anew, or is another one'
        )
    faults: list[Fault] = []
    sealed: list[Fault] = []
    locked = 0
    before, number, done = chain.START, 0, 0
    for links in world.store.links():
        for link in links:
            number += 1
            follows = chain.head(before, number=number, at=link.at, digest=link.digest)
            if link.number != number or link.head != follows:
                faults.append(Fault(what=What.BROKEN, kind="link", item=str(link.number), detail=link.item))
                number = link.number
            before = link.head
        faults += _unlike(world, links)
        done += len(links)
        tell(done)
    faults += [Fault(what=What.ADDED, kind=kind, item=item) for kind, item in world.store.not_linked()]
    for held in world.store.evidence():
        sealed += [Fault(what=What.NO_EVIDENCE, kind="message", item=str(one.message_id)) for one in _sealed(held)]
        faults += [
            Fault(what=What.NO_EVIDENCE, kind="message", item=str(one.message_id))
            for one in held
            if not one.purged and not one.intact and not one.locked
        ]
        locked += sum(one.locked and not one.purged for one in held)
        done += len(held)
        tell(done)
    return Chained(
        links=number,
        head=before if number else "",
        faults=_named(world, faults),
        sealed=_named(world, sealed),
        locked=locked,
    )


def verify_judgements(world: World) -> tuple[Fault, ...]:
    """Judge all evidence anew on a copy; return every message of which the store says something else.

    Messages whose evidence is gone for whatever reason cannot be judged: the chain speaks of those.
    """
    with on_a_copy(world) as copy:
        copy.store.drop_spoilt()
        done = recompute(reading_only(copy))
    return _named(world, [_misjudged(change) for change in done.messages])


def reading_only(world: World) -> World:
    """Return a world whose channels can do nothing but read evidence: it needs neither secret nor connection."""

    def channel(account: str) -> Channel:
        settings = world.config.accounts[account]
        return cast("Channel", _Reader(world.reader(settings.channel)))

    return replace(world, channel=channel, tell=keep_quiet)


class _Reader:
    """What of a channel `derive` uses."""

    def __init__(self, read: Callable[[bytes], Facts]) -> None:
        self.read = read


def _misjudged(change: MessageChange) -> Fault:
    return Fault(
        what=What.NOT_AS_JUDGED,
        kind="message",
        item=str(change.message.id),
        detail=f"{_kind(change.before)} -> {_kind(change.after)}",
    )


def _kind(made: Made) -> str:
    return made.kind.value if made.kind else "ours"


def _sealed(held: Sequence[Held]) -> Iterator[Held]:
    return (one for one in held if one.purged)


def _unlike(world: World, links: Sequence[Link]) -> Iterator[Fault]:
    """Yield what is not as these links say, where no later link says otherwise."""
    by_kind: dict[str, list[Link]] = {}
    for link in links:
        by_kind.setdefault(link.kind, []).append(link)
    for kind, some in by_kind.items():
        now = world.store.items(kind, sorted({base_of(link.item)[0] for link in some}))
        for link in some:
            base, revision = base_of(link.item)
            item = now.get(base)
            if item is None:
                yield Fault(what=What.REMOVED, kind=kind, item=base, requests=(base,) if _is_request(kind) else ())
            elif chain.digest(revised(item, revision)) != link.digest and _is_newest(world, link, base):
                yield Fault(what=What.CHANGED, kind=kind, item=base, requests=_requests_of(item))


def _is_newest(world: World, link: Link, base: str) -> bool:
    """Whether no link tells of a later state, and none is about to."""
    newest = world.store.links_of(link.kind, base)[-1]
    return newest.number == link.number and (link.kind, base) not in world.store.waiting_for_link()


def _is_request(kind: str) -> bool:
    return kind in {"request", "trail"}


def _requests_of(item: dict[str, object]) -> tuple[str, ...]:
    return (str(item["request"]),) if "request" in item else ()


def _named(world: World, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults of messages with the requests they belong to."""
    kept = list(faults)
    messages = sorted({int(one.item) for one in kept if one.kind in {"message", "seal"} and not one.requests})
    tied = world.store.tied_to(messages)
    return tuple(
        one
        if one.requests or one.kind not in {"message", "seal"}
        else Fault(
            what=one.what,
            kind=one.kind,
            item=one.item,
            requests=tuple(sorted(tied.get(int(one.item), ()))),
            detail=one.detail,
        )
        for one in kept
    )
