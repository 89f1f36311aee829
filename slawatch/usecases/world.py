"""What every use case is handed: settings, store, channels and clock.

Holds no behaviour but looking things up in them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slawatch.clock import Clock
from slawatch.config import Company, Config, Target
from slawatch.errors import UsageError
from slawatch.model import Facts, Probe
from slawatch.store import Store
from slawatch.store.database import is_full

if TYPE_CHECKING:
    from slawatch.channels.base import Channel

STOP_FILE = "STOP"
LISTED_MAX = 30  # companies that an error names beside those of the config


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something a person watching would want to know: `what` is a stable word, `words` a sentence without full stop."""

    what: str
    words: str
    ref: str = ""


def keep_quiet(_news: News) -> None:
    """Hear nothing: the listener of unattended runs."""


def worker_name() -> str:
    """Return a name no other process has at the same time, for leases: host, process and four random bytes."""
    return f"{os.uname().nodename}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The outside of a use case.

    `channel` returns an opened channel by account name and keeps it open; `reader` returns, by channel name, what reads
    raw evidence and needs neither account nor secret. A process that `stays` can wait for answers in chats that live no
    longer than it does. While `ending` returns True nothing new is begun; it is asked before each piece of work.
    """

    config: Config
    store: Store
    clock: Clock
    probes: Mapping[str, Probe]
    channel: Callable[[str], Channel]
    reader: Callable[[str], Callable[[bytes], Facts]]
    tell: Callable[[News], None] = keep_quiet
    worker: str = field(default_factory=worker_name)
    stays: bool = False
    ending: Callable[[], bool] = bool

    def company(self, key: str) -> Company:
        """Return the company of that key. Raise UsageError with the known ones where there is none."""
        try:
            return self.config.companies[key]
        except KeyError:
            raise self._no_company(key, []) from None

    def require_company(self, key: str) -> None:
        """Raise UsageError where neither the config has such a company nor anything it was asked is kept."""
        if not self.store.was_asked(key) and key not in self.config.companies:
            raise self._no_company(key, self.store.all_asked(LISTED_MAX))

    def _no_company(self, key: str, asked: Sequence[str]) -> UsageError:
        """Return what to say of a company that nobody knows; `asked` are such as the store knows beside the config."""
        keys = sorted({*self.config.companies, *asked})
        called = {one.casefold(): one for one in keys}
        called |= {company.name.casefold(): name for name, company in self.config.companies.items()}
        meant = called.get(key.casefold())
        cure = f'write "{meant}"' if meant else f"known are: {', '.join(keys) or 'none'}"
        where = (
            f"{self.config.path.name} or among those asked"
            if set(asked) - set(self.config.companies)
            else self.config.path.name
        )
        return UsageError(f'company: there is no "{key}" in {where}; {cure}')

    def target(self, company: str, channel: str, address: str) -> Target | None:
        """Return the configured target, None where the config no longer has it."""
        found = self.config.companies.get(company)
        if found is None:
            return None
        return next((t for t in found.targets if (t.channel, t.address) == (channel, address)), None)

    @property
    def in_public(self) -> bool:
        """Whether any account asks, or observes, where everybody can read along."""
        return any(account.public for account in self.config.accounts.values())

    @property
    def canaries(self) -> bool:
        """Whether any account writes to itself to see that it hears."""
        return any(getattr(account.settings, "canary", None) is not None for account in self.config.accounts.values())

    @property
    def by_hand(self) -> bool:
        """Whether any account is a person's, who asks by hand."""
        return any(account.by_hand for account in self.config.accounts.values())

    def halted(self, *, company: str = "", account: str = "") -> str:
        """Return why nothing may be sent at all, to this company or from this account; "" where sending is allowed."""
        if self.ending():
            return "slawatch is being ended"
        if is_full(self.config.store.parent):  # what became of a request could perhaps not be kept
            return f'the disk under "{self.config.store.name}" is full: make room'
        if (self.config.folder / STOP_FILE).exists():
            return f"a file {STOP_FILE} lies beside {self.config.path.name}"
        paused = self.store.paused()
        for scope in ("*", f"company:{company}", f"account:{account}"):
            if scope in paused:
                where = "everything" if scope == "*" else scope.replace(":", " ")
                return f"{where} is paused" + (f" ({paused[scope]})" if paused[scope] else "")
        return ""
