"""Gather what the report over very many companies is made from: every outcome as numbers, no single request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from slawatch import __version__
from slawatch.model import Delivery
from slawatch.report.model import CompanyView, Material
from slawatch.usecases import reported
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.report.tally import Tally
    from slawatch.usecases.report import Choice
    from slawatch.usecases.settled import Heard

COMPANIES_MAX = 60
REQUESTS_MAX = 20_000
"""Beyond either a report is a wide one. With every request listed, 20 000 make a page of 60 MB that no browser likes to
open; sixty rows with their curves are as many as anybody looks through. More is a table to search, not one to read."""


def is_wide(world: World, choice: Choice) -> bool:
    """Whether the choice holds so many companies or requests that a report of each by itself would help nobody."""
    if choice.companies:
        return False
    since, until = choice.since, choice.until
    if world.store.many_requests(since, until, most=COMPANIES_MAX + 1) <= COMPANIES_MAX:
        return False
    return (
        world.store.many_requests(since, until, most=REQUESTS_MAX + 1) > REQUESTS_MAX
        or world.store.companies_asked(since, until, most=COMPANIES_MAX + 1) > COMPANIES_MAX
    )


def gather_wide(world: World, choice: Choice, *, heard: Heard | None = None) -> tuple[Tally, Material]:
    """Return what became of every request of the choice, tallied, and all else that the report says."""
    import numpy as np  # noqa: PLC0415  loaded only by what computes

    from slawatch.report.tally import Brought, Kind, Tally, Who  # noqa: PLC0415  same
    from slawatch.usecases import settled  # noqa: PLC0415  same

    world.store.extend_chain()  # all that the figures rest on stands before the head that is printed with them
    live = settled.settle(world, choice.since, choice.until, heard=heard or settled.hear_nothing)
    known = {number: kind for kind, (number, _) in world.store.settled_kinds().items()}
    kinds = list(known.values())
    tally = Tally(
        [
            Kind(
                number=number,
                who=Who(kind.company, kind.way, kind.observed),
                origin=kind.origin,
                channel=kind.channel,
                standard=standard,
                looked=looked,
            )
            for (number, kind), standard, looked in zip(
                known.items(), settled.standards(world, kinds), settled.looked_until(world, kinds), strict=True
            )
        ]
    )
    only = None if choice.campaign is None else np.array(world.store.ids_of_campaign(choice.campaign), np.int64)
    brought = Brought(world.store.import_spans())
    for part in chain((live,), settled.parts(world, choice.since, choice.until)):
        chosen = part if only is None else part.where(np.isin(part.id, only))
        tally.add(chosen)
        brought.add(chosen.id)
    return tally, _material(world, choice, {who.company for who in tally.who}, brought.counts())


def _material(world: World, choice: Choice, asked: set[str], brought: Mapping[int, int]) -> Material:
    # Report asks this module which way to go.
    from slawatch.usecases.report import MADE_UP, asked_for, blind_windows, canaries, sources  # noqa: PLC0415

    configured = world.config.companies
    accounts = sorted(world.config.accounts)
    skipped = world.store.requests(delivery=Delivery.SKIPPED, since=choice.since, until=choice.until)
    return Material(
        cases=(),
        companies={
            key: CompanyView(key=key, name=one.name, relationship=one.relationship, zone=one.zone)
            for key, one in configured.items()
            if key in asked
        },
        standards={},
        since=choice.since,
        until=choice.until,
        made_at=world.clock.now(),
        zone=world.config.zone,
        lang=choice.lang,
        looks={account: world.store.observed_until(account) for account in accounts},
        blind=tuple(blind for account in accounts for blind in blind_windows(world, account, choice.since)),
        canaries=canaries(world, choice, accounts),
        review_waiting=len(world.store.waiting_for_review()),
        skipped=len(skipped),
        version=__version__,
        config_digest=world.config.digest,
        made_up_seed=world.store.meta(MADE_UP),
        imports=tuple(sources(world, brought)),
        plan=tuple(_plan(world, asked)),
        chain_head=world.store.chain_head(),
        asked=asked_for(choice),
        last=reported.last(world, choice),
    )


def _plan(world: World, asked: set[str]) -> Iterator[str]:
    """Yield how often companies are asked on each way, and how many of them: a line for each would be thousands."""
    from slawatch.usecases.report import scheduled  # noqa: PLC0415  it asks this module which way to go

    targets = (
        one for key in asked for one in (world.config.companies[key].targets if key in world.config.companies else ())
    )
    counts = Counter((one.channel, scheduled(one)) for one in targets)
    for (channel, when), n in sorted(counts.items()):
        yield f"{n} × {channel}, {when}"
