"""Which mailboxes could not be read at the last try, and when each is worth the next one. Reads none itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slawatch.usecases.collect import Collecting

LOOK_PAUSE_MAX = timedelta(minutes=10)  # while a mailbox is away; a wrong password tried 3000 times a day locks it


class Away:
    """Which mailboxes could not be read at the last try, why, and when each is worth the next one."""

    def __init__(self, pause: timedelta) -> None:
        self._first_pause = pause
        self._pause: dict[str, timedelta] = {}
        self._next_at: dict[str, datetime] = {}
        self.why: dict[str, str] = {}

    def worth_a_try(self, some: Iterable[str], now: datetime) -> list[str]:
        """Return those of these accounts that may be tried now."""
        return sorted(account for account in some if self._next_at.get(account, now) <= now)

    def note(self, tried: Iterable[str], found: Collecting, now: datetime) -> None:
        """Take in what a look has brought: one that failed waits twice as long as before, up to ten minutes."""
        for account in tried:
            pause = self._pause.pop(account, self._first_pause)
            self._next_at.pop(account, None)
            self.why.pop(account, None)
            if account in found.failed:
                self._pause[account] = max(min(2 * pause, LOOK_PAUSE_MAX), self._first_pause)
                self._next_at[account] = now + pause
                self.why[account] = found.failed[account]

    def forget(self, account: str | None = None) -> None:
        """Try all of them, or that one: a bell rang, or the clock was set."""
        if account is None:
            self._next_at.clear()
        else:
            self._next_at.pop(account, None)
