"""Lets a person log in with an account's provider. Sends nothing to any company, and shows no token."""

from __future__ import annotations

from collections.abc import Callable

from slawatch.channels.base import Logins
from slawatch.errors import UsageError
from slawatch.usecases.world import World


def login(world: World, account: str, tell: Callable[[str], None], *, port: int = 0) -> str:
    """Log in and return what was done. `account` "" stands for the only one.

    Raises:
        UsageError: there is no such account, several to choose from, or none that a person logs in to.
        ChannelUnavailableError: the login came to nothing.
    """
    known = sorted(world.config.accounts)
    if not account and len(known) == 1:
        account = known[0]
    if account not in known:
        which = f'there is no "{account}"' if account else "none is named"
        raise UsageError(f"account: {which} in {world.config.path.name}; known are: {', '.join(known) or 'none'}")
    channel = world.channel(account)
    if not isinstance(channel, Logins):
        raise UsageError(f"account {account}: nobody logs in to an account on this channel; nothing to do")
    return channel.login(tell, port=port)
