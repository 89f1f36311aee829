"""Tries an account in the order in which it would fail, each fault with its cure. Says nothing to anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from slawatch.channels.base import Finding
from slawatch.channels.telegram import library
from slawatch.channels.telegram.settings import UNVERIFIED
from slawatch.errors import ChannelError

if TYPE_CHECKING:
    from slawatch.channels.telegram.settings import Settings


def findings(settings: Settings, account: str, whoami: Callable[[], str]) -> list[Finding]:
    """Return what stands in the way of asking and of reading, and that nobody has tried this with Telegram itself."""
    lacking = library.missing()
    if lacking:
        return [Finding(ok=False, what=f"{account}: {library.NEEDS} ({lacking})", cure=library.INSTALL)]
    cure = "look at the first answers by hand (slawatch explain), and tell us what differs"
    found = [Finding(ok=True, what=f"{account}: the channel telegram is {UNVERIFIED}", cure=cure)]
    what = f"{account}: log in at {settings.server}"
    try:
        found.append(Finding(ok=True, what=f"{what} as {whoami()}"))
    except ChannelError as error:
        found.append(Finding(ok=False, what=what, cure=str(error)))
    return found
