"""The calendar of one target: its service hours, its zone and the public holidays it keeps. Stores nothing."""

from __future__ import annotations

from functools import lru_cache, partial

from slawatch import public_holidays
from slawatch.config import Target
from slawatch.hours import Calendar, ServiceHours
from slawatch.usecases.world import World


def calendar_of(world: World, company_key: str, channel: str, address: str) -> Calendar:
    """Return the calendar in which this target's waits and promises are counted.

    Where the config no longer has the target, that of the company's first on the channel; where it has none of these
    either, everyone is there all the time and days end in the config's own zone.
    """
    target = world.target(company_key, channel, address) or _other_of(world, company_key, channel)
    if target is None:
        return _calendar(ServiceHours(), world.config.zone, world.config.lang)
    return _calendar(target.hours, target.zone, world.config.lang)


def _other_of(world: World, company_key: str, channel: str) -> Target | None:
    company = world.config.companies.get(company_key)
    return next((one for one in company.targets if one.channel == channel), None) if company else None


@lru_cache(maxsize=1024)  # a calendar remembers the years it has made; many companies share their hours
def _calendar(hours: ServiceHours, zone: str, lang: str) -> Calendar:
    holidays = hours.holidays
    if holidays is None or not holidays.country:
        return Calendar(hours, zone)
    public = partial(
        public_holidays.of_year,
        holidays.country,
        holidays.region,
        holidays.categories,
        lang=lang,
        without=holidays.remove_named,
    )
    return Calendar(hours, zone, public)
