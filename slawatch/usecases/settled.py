"""Outcomes of very many requests at once: kept ones from their pages, the others derived, and kept where they may be.

An outcome is kept where looking on for ever would not change it, or would only let its waits go on up to the window.
Everything else it rests on stands in the store, whose triggers take a request out of its page when that changes; what
stands in the config, and the program itself, are its basis.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from slawatch import __version__, pages
from slawatch.clock import to_micros
from slawatch.model import Delivery, Outcome, Request, Standard, Verdict
from slawatch.pages import Columns
from slawatch.store.settled import SettledKind, SettledPage
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.outcomes import UNSENT, standard_for, standing, without_answers
from slawatch.usecases.world import World

FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)
AT_ONCE = 1024  # requests derived in one transaction: a quarter of a second in which nobody else can write
BASIS = "settled_basis"  # meta: by what config and program every kind was last compared

Heard = Callable[[int, int], None]
"""Is told how many of how many requests have been derived."""


def hear_nothing(_done: int, _all: int) -> None:
    """Hear nothing: the listener of whoever shows no progress."""


def settle(world: World, since: datetime, until: datetime, *, heard: Heard) -> Columns:
    """Derive what of that time no page speaks for; keep what may be kept, and return what may not."""
    _rebase(world)
    return _derive(world, world.store.unsettled(since, until), heard)


def parts(world: World, since: datetime, until: datetime) -> Iterator[Columns]:
    """Yield what the pages say of requests asked in that time; `settle` says the rest. In no order."""
    gone = np.array(world.store.unsettled_ids(), np.int64)
    first, last = to_micros(since), to_micros(until)
    for page in world.store.settled_pages(since, until):
        part = pages.unpack(page.n, page.packed, page.hours)
        within = (part.asked >= first) & (part.asked < last)
        near = gone[(gone >= page.page * pages.PAGE) & (gone < (page.page + 1) * pages.PAGE)]
        if len(near):
            within &= ~np.isin(part.id, near)
        yield part if within.all() else part.where(within)


def basis_of(world: World, kind: SettledKind) -> str:
    """Return the digest of what the outcomes of this kind rest on beside the store."""
    standard = standard_for(world, kind.company, kind.channel, kind.target)
    calendar = calendar_of(world, kind.company, kind.channel, kind.target)
    rests_on = (pages.LAYOUT, __version__, standard, calendar.hours, calendar.zone, world.config.lang)
    return hashlib.sha256(repr(rests_on).encode()).hexdigest()


def kind_of(request: Request) -> SettledKind:
    """Return what the request has in common with others."""
    return SettledKind(
        request.company, request.channel, request.target, request.network, request.account, str(request.origin)
    )


def _rebase(world: World) -> None:
    """Have derived anew whatever rests on another basis than today's config and program give it."""
    whole = hashlib.sha256(f"{pages.LAYOUT} {__version__} {world.config.digest}".encode()).hexdigest()
    if world.config.digest and world.store.meta(BASIS) == whole:
        return
    with world.store.together():
        stale, anew = [], {}
        for kind, (number, basis) in world.store.settled_kinds().items():
            now = basis_of(world, kind)
            if now != basis:
                stale.append(number)
                anew[kind] = now
        if stale:
            numbers = np.array(stale, np.int32)
            for page in world.store.settled_pages(datetime.min.replace(tzinfo=UTC), FOR_EVER):
                part = pages.unpack(page.n, page.packed, page.hours)
                world.store.unsettle_requests(part.id[np.isin(part.kind, numbers)].tolist())
            world.store.put_settled_kinds(anew)
        world.store.set_meta(BASIS, whole)


def _derive(world: World, ids: Sequence[int], heard: Heard) -> Columns:
    """Derive these requests, keep what may be kept, and return what may not."""
    live: list[tuple[int, ...]] = []
    numbers = {kind: number for kind, (number, _) in world.store.settled_kinds().items()} if ids else {}
    for start in range(0, len(ids), AT_ONCE):
        heard(start, len(ids))
        some = list(ids[start : start + AT_ONCE])
        with world.store.together():  # nothing that an outcome rests on may change before it is kept
            live += _derive_some(world, some, numbers)
    if ids:
        heard(len(ids), len(ids))
    return pages.columns(live)


def _derive_some(world: World, ids: list[int], numbers: dict[SettledKind, int]) -> list[tuple[int, ...]]:
    requests = world.store.requests(ids=ids)
    there = {request.id for request in requests}
    replies = world.store.replies(ids)
    now = standing(world, requests, replies=replies)
    then = standing(world, requests, replies=replies, as_if=FOR_EVER)
    new = {kind_of(request) for request in requests} - numbers.keys()
    numbers.update(world.store.put_settled_kinds({kind: basis_of(world, kind) for kind in sorted(new)}))
    looked = {account: world.store.observed_until(account) for account in {request.account for request in requests}}
    keep: list[tuple[int, ...]] = []
    live: list[tuple[int, ...]] = []
    settled = [one for one in ids if one not in there]  # those that are gone
    for request in requests:
        if request.delivery in UNSENT:
            if request.delivery is Delivery.SKIPPED:
                settled.append(request.id)  # nobody was asked; a person who changes their mind unsettles it
            continue
        number = numbers[kind_of(request)]
        goes_on = _goes_on(world, request, now[request.id], then[request.id], looked[request.account])
        if goes_on is None:
            live.append(pages.row(request, now[request.id], number))
        else:
            keep.append(pages.row(request, now[request.id], number, running=goes_on))
            settled.append(request.id)
    _keep(world, pages.columns(keep), np.array(settled, np.int64))
    return live


def _goes_on(
    world: World, request: Request, now: Outcome, then: Outcome, looked: datetime | None
) -> tuple[bool, bool] | None:
    """Return which of the two waits go on while we look on, and nothing else changes; None where more may change."""
    if now.in_review:
        return None
    if now == then:
        return False, False
    since = request.accepted_at
    if since is None or now.first_response_in_hours is not None or now.verdict is Verdict.VOID:
        return None
    window = standard_for(world, request.company, request.channel, request.target).window
    first = pages.goes_on(now.first_response, since, looked, window)
    answer = pages.goes_on(now.answer, since, looked, window)
    at_last = [pages.goes_on(one, since, FOR_EVER, window) for one in (then.first_response, then.answer)]
    if (first and not at_last[0]) or (answer and not at_last[1]):
        return None
    same = replace(
        then,
        verdict=now.verdict if first else then.verdict,
        first_response=now.first_response if first else then.first_response,
        answer=now.answer if answer else then.answer,
    )
    return (first, answer) if same == now else None


def _keep(world: World, rows: Columns, settled: np.ndarray) -> None:
    """Write the rows into their pages, take out of them what is gone, and say so."""
    for number in np.unique(settled // pages.PAGE).tolist():
        inside = settled[settled // pages.PAGE == number]
        kept = world.store.settled_page(number)
        before = pages.unpack(kept.n, kept.packed, kept.hours) if kept else pages.columns([])
        page = pages.replaced(before, inside, rows.where(rows.id // pages.PAGE == number))
        if not len(page) and kept is None:
            continue
        packed, hours = pages.pack(page)
        first, last = (int(page.asked.min()), int(page.asked.max())) if len(page) else (0, 0)
        world.store.put_settled_page(SettledPage(number, len(page), packed, hours), first=first, last=last)
    if len(settled):
        world.store.settle_requests(settled.tolist())


def standards(world: World, kinds: Sequence[SettledKind]) -> list[Standard]:
    """Return what each kind is held to."""
    of_channel: dict[str, Standard] = {}  # all that counts for whoever the config does not name
    found = []
    for kind in kinds:
        if kind.company in world.config.companies:
            found.append(standard_for(world, kind.company, kind.channel, kind.target))
            continue
        if kind.channel not in of_channel:
            of_channel[kind.channel] = standard_for(world, kind.company, kind.channel, kind.target)
        found.append(of_channel[kind.channel])
    silent = set(world.store.ways_without_answers())
    if not silent:
        return found
    return [
        without_answers(standard) if (kind.company, kind.channel) in silent else standard
        for kind, standard in zip(kinds, found, strict=True)
    ]


def looked_until(world: World, kinds: Sequence[SettledKind]) -> list[int]:
    """Return until when each kind's account was looked into, in microseconds since 1970; -1 for never."""
    moments = {account: world.store.observed_until(account) for account in {kind.account for kind in kinds}}
    return [-1 if (at := moments[kind.account]) is None else to_micros(at) for kind in kinds]
