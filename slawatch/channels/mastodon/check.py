"""Tries an account in the order in which it would fail, each fault with its cure. Posts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from slawatch.channels.base import Finding
from slawatch.errors import ChannelError

if TYPE_CHECKING:
    from slawatch.channels.mastodon.client import Client
    from slawatch.channels.mastodon.settings import Settings
    from slawatch.channels.social.platform import Profile

WRITING = frozenset({"write", "write:statuses"})
KEPT_BACK = ("filter", "drop")


def findings(client: Client, settings: Settings, me: Callable[[], Profile]) -> list[Finding]:
    """Return what stands in the way of asking and of reading, and what the server's rules ask of us."""
    what = f"{client.account}: log in at {settings.base_url}"
    try:
        found = me()
    except ChannelError as error:
        return [Finding(ok=False, what=what, cure=str(error))]
    return [
        Finding(ok=True, what=f"{what} as @{found.handle}"),
        *_may_write(client),
        *_label(client, settings, found),
        *_kept_back(client),
        *_server(client, settings),
    ]


def _may_write(client: Client) -> Iterator[Finding]:
    """Look at what the application may do, where the server tells; some tokens belong to none."""
    scopes = _told(client, lambda api: api.app_verify_credentials()).get("scopes")
    if isinstance(scopes, list) and WRITING.isdisjoint(str(one) for one in scopes):
        cure = f"give the token the right write:statuses, or run: slawatch login {client.account}"
        yield Finding(ok=False, what=f"{client.account}: the token may not post", cure=cure)


def _label(client: Client, settings: Settings, me: Profile) -> Iterator[Finding]:
    """Most servers' rules ask programs to say what they are."""
    if me.automated:
        yield Finding(ok=True, what=f"{client.account}: @{me.handle} is marked as automated")
    else:
        cure = 'mark it as automated in its profile ("This is an automated account"), and write labelled = true'
        wrong = "though labelled = true is written" if settings.labelled else ""
        what = f"{client.account}: @{me.handle} is not marked as automated {wrong}".strip()
        yield Finding(ok=True, what=what, cure=cure)


def _kept_back(client: Client) -> Iterator[Finding]:
    """Look for people whose replies the account's own settings keep from coming in (since Mastodon 4.3)."""
    policy = _told(client, lambda api: api.notifications_policy())
    kept = sorted(key for key, value in policy.items() if key.startswith("for_") and value in KEPT_BACK)
    if kept:
        names = ", ".join(key.removeprefix("for_").replace("_", " ") for key in kept)
        cure = 'accept them under "Preferences", "Notifications": a reply that is kept back counts as not given'
        yield Finding(ok=True, what=f"{client.account}: notifications are kept back ({names})", cure=cure)


def _server(client: Client, settings: Settings) -> Iterator[Finding]:
    """Look at how long a post may be, and at the rules."""
    told = _told(client, lambda api: api.instance_v2())
    domain = told.get("domain")
    if isinstance(domain, str) and domain.lower() != settings.home:
        cure = f'write handle = "{settings.handle.rpartition("@")[0]}@{domain}", or the right server'
        yield Finding(ok=False, what=f"{client.account}: {settings.base_url} is the server of {domain}", cure=cure)
    length = _at(told, "configuration", "statuses", "max_characters")
    if isinstance(length, int) and 0 < length < settings.length_max:
        cure = f"write length_max = {length}"
        yield Finding(ok=False, what=f"{client.account}: posts may have {length} characters at most", cure=cure)
    rules = told.get("rules")
    if isinstance(rules, list) and rules:
        what = f"{client.account}: the server has {len(rules)} rules"
        yield Finding(ok=True, what=what, cure=f"read them before asking: {settings.base_url}/about")


def _told(client: Client, question: Callable[[Any], object]) -> dict[str, Any]:
    """Return what the server answers, {} where it does not: not every server knows every question."""
    try:
        content = client.read(question).content
    except ChannelError:
        return {}
    return content if isinstance(content, dict) else {}


def _at(table: Any, *path: str) -> Any:
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return table
