"""Tries an account in the order in which it would fail, each fault with its cure. Writes to nobody but ourselves."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from xml.etree import ElementTree as ET

from slawatch.channels.base import Finding
from slawatch.channels.xmpp import names
from slawatch.channels.xmpp.link import Link
from slawatch.channels.xmpp.settings import Settings
from slawatch.errors import ChannelError

BACK_SECONDS = 10.0
FAR_APART = timedelta(seconds=5)


async def findings(link: Link, settings: Settings, account: str) -> list[Finding]:
    """Return what stands in the way of asking and of reading, and what may be missed."""
    what = f"{account}: log in at {settings.domain} as {settings.address}"
    try:
        session = await link.session()
        found = [Finding(ok=True, what=f"{what}, over TLS")]
        found += [await _canary(link, account), _archive(link, account), *_clock(link, account)]
        await session.ping()
    except ChannelError as error:
        return [Finding(ok=False, what=what, cure=str(error).removeprefix(f"{account}: "))]
    return found


async def _canary(link: Link, account: str) -> Finding:
    """Write to ourselves, without a word that another device would show, and wait for it to come back."""
    what = f"{account}: a message to ourselves comes back"
    session = await link.session()
    name = f"check-{secrets.token_hex(8)}"
    message = ET.Element(f"{names.CLIENT}message", {"to": session.me, "type": "chat", "id": name})
    # As if it were about itself: what comes back is waited for by what it says was delivered.
    ET.SubElement(message, f"{names.RECEIPTS}received", {"id": name})
    ET.SubElement(message, f"{names.HINTS}no-store")
    back = asyncio.get_running_loop().create_future()
    link.inbox.wait_for(name, back)
    try:
        await session.say(message, seconds=BACK_SECONDS)
        says = await asyncio.wait_for(back, BACK_SECONDS)
    except TimeoutError:
        return Finding(ok=False, what=what, cure="it did not; ask who runs the server whether accounts may write")
    finally:
        link.inbox.forget(name)
    if says.error:
        return Finding(ok=False, what=what, cure=f"it was refused ({says.error}); ask who runs the server")
    return Finding(ok=True, what=what)


def _archive(link: Link, account: str) -> Finding:
    """Without an archive, what comes while we are away is lost, or comes without what ties it to a request."""
    if not link.archived:
        what = f"{account}: the server keeps no archive of chats (MAM)"
        cure = "what comes while slawatch does not run may be lost: leave it running, or use a server with an archive"
        return Finding(ok=True, what=what, cure=cure)
    if link.keeps not in {"", "always"}:
        what = f'{account}: the archive keeps not every chat ("{link.keeps}")'
        cure = 'let it keep all: in a messenger, account settings, archiving preferences, default "always"'
        return Finding(ok=True, what=what, cure=cure)
    return Finding(ok=True, what=f"{account}: what comes while we are away is kept in an archive (MAM)")


def _clock(link: Link, account: str) -> list[Finding]:
    """Hold the server's clock beside ours: where it is wrong, so are the times that other messengers show."""
    ahead = link.clock.at_least_apart()
    if ahead is None:
        what = f"{account}: the server does not tell its time"
        return [Finding(ok=True, what=what, cure="what it stamped is taken to be off by up to 5 s")]
    if ahead > FAR_APART:
        what = f"{account}: the server's clock and ours are {ahead.total_seconds():.0f} s apart"
        return [Finding(ok=True, what=what, cure="see which is wrong: waits are right, the times in reports are ours")]
    return []
