"""Gathers which ways companies offer, as the config says it: what was looked up, and where we ask anyway."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from slawatch.model import Offer, OfferState, Request
from slawatch.usecases.world import World


def offers(world: World, requests: Iterable[Request], companies: Collection[str] = ()) -> tuple[Offer, ...]:
    """Return the offers of these companies, of all without any named. A target without an entry counts as offered.

    A target that only leads elsewhere, such as a bridge, is that network's as soon as something was asked there.
    """
    ways = {(request.company, request.channel, request.target): request.way for request in requests}
    found: list[Offer] = []
    for company in world.config.companies.values():
        if companies and company.key not in companies:
            continue
        stated = {one.way for one in company.offers}
        asked = {
            ways.get((company.key, one.channel, one.address), _way(one.channel, one.address)) for one in company.targets
        }
        found += company.offers
        found += [
            Offer(company=company.key, way=way, state=OfferState.OFFERED) for way in sorted(asked) if way not in stated
        ]
    return tuple(found)


def _way(channel: str, address: str) -> str:
    """Return what a person uses where one asks by hand ("phone:+49 ..."), else the channel."""
    return address.partition(":")[0] if channel == "manual" else channel
