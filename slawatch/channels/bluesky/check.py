"""Tries an account in the order in which it would fail, each fault with its cure. Posts nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from slawatch.channels.base import Finding
from slawatch.errors import ChannelError

if TYPE_CHECKING:
    from slawatch.channels.bluesky.client import Client
    from slawatch.channels.bluesky.settings import Settings
    from slawatch.channels.social.platform import Profile


def findings(client: Client, settings: Settings, account: str, me: Callable[[], Profile]) -> list[Finding]:
    """Return what stands in the way of asking and reading, and whether the account says that it is a machine."""
    what = f"{account}: log in at {settings.service}"
    try:
        found = me()
        logged_in = Finding(ok=True, what=f"{what} as @{found.handle}")
        what = f"{account}: read notifications"
        client.ask("app.bsky.notification.listNotifications", limit=1)
    except ChannelError as error:
        return [Finding(ok=False, what=what, cure=str(error))]
    return [logged_in, Finding(ok=True, what=what), _label(settings, account, found)]


def _label(settings: Settings, account: str, me: Profile) -> Finding:
    """Bluesky asks programs to say what they are."""
    if me.automated:
        return Finding(ok=True, what=f"{account}: @{me.handle} bears the label of a machine")
    cure = 'give its profile the label "bot" (automated account) and write labelled = true'
    wrong = "though labelled = true is written" if settings.labelled else ""
    return Finding(ok=True, what=f"{account}: @{me.handle} bears no label of a machine {wrong}".strip(), cure=cure)
