"""What asking on platforms has cost and will cost, by account. Adds up what was charged; asks nobody.

A forecast is arithmetic on the prices in the config, not a promise: what comes back is the companies' and the public's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.model import Mode
from slawatch.store import Charge
from slawatch.usecases.plan import Preview
from slawatch.usecases.world import World

MICROS = 1_000_000  # of the ledger, in one unit of the currency that the prices are in

MENTIONS_EACH = 1.5
"""Posts that come back to one question of ours: the company's and, now and then, somebody else's. A guess until the
account's own ledger knows better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What an account has cost since the month began (UTC), by kind of call, and what it may; `most` 0 for no limit."""

    account: str
    since: datetime
    charges: tuple[Charge, ...]
    most: int

    @property
    def total(self) -> int:
        """Return all of it, in millionths."""
        return sum(one.micros for one in self.charges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the coming slots of one account will cost: posting them, and reading what comes back. In millionths.

    `by_hand` of them are posted by a person, which costs nothing. `month` is what the slots of this calendar month add
    to what it has cost so far; `over` tells that this passes the limit.
    """

    account: str
    requests: int
    by_hand: int
    posting: int
    reading: int
    month: int
    over: bool

    @property
    def total(self) -> int:
        """Return both together."""
        return self.posting + self.reading


def spending(world: World, *, since: datetime | None = None) -> list[Spending]:
    """Return what every account with prices has cost since then, by default since the month began."""
    now = world.clock.now()
    begin = since or month_of(now)
    return [
        Spending(
            account=name,
            since=begin,
            charges=tuple(world.store.charges(name, begin)),
            most=_micros(getattr(account.settings, "month_max", 0.0)),
        )
        for name, account in world.config.accounts.items()
        if priced(account.settings)
    ]


def forecast(world: World, previews: Sequence[Preview]) -> list[Forecast]:
    """Return what these slots will cost, for every account with prices that has any of them."""
    now = world.clock.now()
    ends = _next_month(now)
    spent = {one.account: one for one in spending(world)}
    found = []
    for account, known in spent.items():
        mine = [one for one in previews if one.slot.account == account and one.text is not None]
        if not mine:
            continue
        costs = [(one.slot.due_at, *_one(world, account, one)) for one in mine]
        month = known.total + sum(posting + reading for at, posting, reading in costs if at < ends)
        found.append(
            Forecast(
                account=account,
                requests=len(mine),
                by_hand=sum(one.target.mode is Mode.ASSISTED for one in mine),
                posting=sum(posting for _, posting, _ in costs),
                reading=sum(reading for _, _, reading in costs),
                month=month,
                over=bool(known.most) and month > known.most,
            )
        )
    return found


def priced(settings: object) -> bool:
    """Whether calls of an account with these settings cost anything."""
    return bool(getattr(settings, "price_post", 0.0) or getattr(settings, "price_read", 0.0))


def month_of(moment: datetime) -> datetime:
    """Return when the calendar month (UTC, as it is billed) began."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(moment: datetime) -> datetime:
    return month_of(month_of(moment) + timedelta(days=31))


def _one(world: World, account: str, preview: Preview) -> tuple[int, int]:
    """Return what posting one costs, and what reading costs: what comes back, its second look, and the last one."""
    settings = world.config.accounts[account].settings

    def price(name: str) -> int:
        return _micros(getattr(settings, name, 0.0))

    posting = (
        0 if preview.target.mode is Mode.ASSISTED else price("price_dm" if preview.target.direct else "price_post")
    )
    came = price("price_dm_read") if preview.target.direct else price("price_owned_read")
    reading = MENTIONS_EACH * (came + price("price_read")) + price("price_read")
    return posting, round(reading)


def _micros(amount: float) -> int:
    return round(amount * MICROS)
