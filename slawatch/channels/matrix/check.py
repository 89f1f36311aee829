"""Tries an account in the order in which it would fail, each fault with its cure. Writes to nobody but ourselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from slawatch.channels.base import Finding
from slawatch.channels.matrix import library
from slawatch.channels.matrix.reading import ENCRYPTED, Line, bare
from slawatch.channels.matrix.rooms import text_of
from slawatch.errors import ChannelError

if TYPE_CHECKING:
    from slawatch.channels.matrix.account import Side
    from slawatch.channels.matrix.settings import Settings


async def findings(side: Callable[[], Side], settings: Settings, account: str) -> list[Finding]:
    """Return what stands in the way of asking and of reading; what comes after a fault is not tried."""
    lacking = library.missing()
    if lacking:
        return [Finding(ok=False, what=f"{account}: {library.NEEDS} ({lacking})", cure=library.INSTALL)]
    found: list[Finding] = []
    what = f"{account}: {settings.base_url} answers"
    try:
        ours = side()
        versions = await ours.server.versions()
        found.append(Finding(ok=True, what=f"{what} (Matrix up to {versions[-1] if versions else 'unknown'})"))
        what = f"{account}: log in as {settings.user}"
        device = await ours.known()
        found.append(Finding(ok=True, what=f"{what}, device {device}" if device else what))
        what = f"{account}: keys for encryption"
        found += await _keys(ours, account)
        what = f"{account}: write to ourselves and read it"
        found.append(await _canary(ours, what))
    except ChannelError as error:
        found.append(Finding(ok=False, what=what, cure=str(error)))
    return found


async def _keys(ours: Side, account: str) -> list[Finding]:
    what = f"{account}: keys for encryption"
    chest = await ours.chest()
    if chest is None:
        cure = f"where a company's room is encrypted, run slawatch login {account}"
        return [Finding(ok=True, what=f"{account}: nothing that is encrypted can be read", cure=cure)]
    async with chest.open() as opened:
        here = set(opened.identity.values())
        shown = await chest.published()
        if shown and not here & set(shown.values()):
            cure = f"another program has used this device; run slawatch login {account} for a new one"
            return [
                Finding(ok=False, what=f"{what}: those in {chest.path} are not those that the server shows", cure=cure)
            ]
    cure = f"back up {chest.path.parent} with the store: without it this device can never be used again"
    return [Finding(ok=True, what=f"{what}: in {chest.path.parent}", cure=cure)]


async def _canary(ours: Side, what: str) -> Finding:
    """Say something in a room of our own, encrypted where we can, and read it as the server has it."""
    room = await ours.rooms.look(await ours.rooms.own(encrypt=await ours.chest() is not None), again=True)
    said = f"slawatch check {secrets.token_hex(8)}"
    sent = await ours.put(room, {"msgtype": "m.notice", "body": said}, key=said.replace(" ", "-"))
    event = await ours.server.get("rooms", room.id, "event", bare(sent.remote_id))
    line = Line(event=event, room=room.id, chat="", us=ours.settings.user)
    if line.kind == ENCRYPTED:
        async with ours.keys() as opened:
            clear = opened.decrypted(event, room.id) if opened is not None else None
        line = Line(event=event, room=room.id, chat="", us=ours.settings.user, clear=clear)
    if text_of(line.content, "body") != said:
        cure = "what we wrote came back as something else; run slawatch check again, then log in anew"
        return Finding(ok=False, what=what, cure=cure)
    return Finding(ok=True, what=f"{what}{', encrypted' if room.encrypted else ''}")
