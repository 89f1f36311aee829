"""What a month may cost on X: says beforehand whether something may still be paid for, and charges what came.

Posting and searching stop before the month's limit is passed. What reads the answers to what was already asked goes on
until twice the limit: it is cheap, and without it a company would be blamed for our thrift. A flood of mentions must
not ruin anybody, so there it ends as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slawatch.channels.base import Ledger
from slawatch.channels.twitter.settings import MICROS, micros
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError

GRACE = 2  # times the limit, for what reads answers


class Purse:
    """The money of one account. `month_max` is in dollars, 0 for no limit."""

    def __init__(self, ledger: Ledger, *, account: str, month_max: float, clock: Clock) -> None:
        self._ledger = ledger
        self._account = account
        self._most = micros(month_max)
        self._clock = clock

    def afford(self, what: str, each: float, *, wanted: int = 1, least: int = 1) -> int:
        """Return how many resources of this price may still be bought, at most those `wanted`.

        Raises:
            AccountHaltedError: fewer than `least`. It says how much is spent, and when and how it goes on.
        """
        if not self._most or not each:
            return wanted
        left = self._most - self.spent()
        many = min(wanted, left // micros(each)) if micros(each) else wanted
        if many < least:
            raise self._over(what, self._most)
        return many

    def go_on(self, what: str) -> None:
        """Raise AccountHaltedError where not even answers may be read any more."""
        if self._most and self.spent() >= GRACE * self._most:
            raise self._over(what, GRACE * self._most)

    def charge(self, what: str, price: float, resources: Sequence[str] = (), *, calls: int = 1) -> None:
        """Note what calls brought."""
        self._ledger.charge(what, calls=calls, resources=resources, each=micros(price))

    def spent(self) -> int:
        """Return what this month (UTC, as it is billed) has cost so far."""
        return self._ledger.spent(self._month())

    def _month(self) -> datetime:
        return self._clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def _over(self, what: str, most: int) -> AccountHaltedError:
        next_month = (self._month() + timedelta(days=31)).replace(day=1)
        return AccountHaltedError(
            f"{self._account}: {what} would pass what this month may cost: {dollars(self.spent())} of {dollars(most)} "
            f'are spent; raise month_max (now "{self._most / MICROS:g}"), or wait until {next_month:%Y-%m-%d}',
            retry_at=next_month,
        )


def dollars(amount: int) -> str:
    """Return an amount of the ledger's as people write it."""
    return f"${amount / MICROS:.2f}"
