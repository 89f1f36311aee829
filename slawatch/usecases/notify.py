"""Tells the user something by e-mail: short, plain, from an account of the config. No company ever gets any of it."""

from __future__ import annotations

from slawatch.config import Notify
from slawatch.errors import ChannelRefusedError
from slawatch.usecases.world import World


def notify(world: World, whom: Notify, *, subject: str, body: str, key: str) -> None:
    """Write to the user once. `key` is the same at every try to tell the same thing, so that mailboxes show it once.

    Raises:
        ChannelError: it did not leave, or nobody knows; the subclass says whether to try again.
    """
    from slawatch.channels.base import Note, Writes  # noqa: PLC0415  channels are loaded on use

    channel = world.channel(whom.account)
    if not isinstance(channel, Writes):
        raise ChannelRefusedError(f'{whom.account}: no e-mail can leave from it; correct "notify_from"')
    channel.write(Note(to=whom.to, subject=subject, body=body, key=key))
