"""Tells people what was noticed, at least once and in order; asks the dead man's ping after a complete pass.

An alert that may have been told is told again and says so. No company ever gets any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from slawatch.errors import ChannelRefusedError, OutputError, SlawatchError
from slawatch.noticing.telling import Said, What, body, title
from slawatch.usecases.alerted import Alerting
from slawatch.usecases.send import FIRST_RETRY, LEASE, LONGEST_RETRY
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.alarms import Recipient
    from slawatch.store import Telling

MOST = 20  # paragraphs of one message; services cut long ones off
EVENT = "alert"
PINGED = "ping"  # meta: "" where the last one went well, else why not
PING_SECONDS = 10


def tell(world: World, done: Alerting) -> None:
    """Tell what is due, and what an earlier process left; each recipient gets one message of all that is due."""
    world.store.expire_tellings()
    waiting: dict[str, list[Telling]] = {}
    for one in world.store.tellings("intended", "sending"):
        waiting.setdefault(one.recipient, []).append(one)
    recipients = {one.name: one for one in world.config.alarms.recipients}
    for name, tellings in waiting.items():
        if name in recipients:
            _tell(world, recipients[name], _ready(tellings, world.clock.now()), done)
            continue
        for one in tellings:
            world.store.withdraw_telling(one, f'there is no [[alert]] "{name}" any more')


def _ready(tellings: Sequence[Telling], now: datetime) -> list[Telling]:
    """Return what may be told now. An end is never told before its beginning, nor while another process tells that."""
    if any(one.state == "sending" or (one.attempts and one.next_attempt_at > now) for one in tellings):
        return []  # the service was away, or somebody is at it
    ready, put_off = [], set()
    for one in tellings:
        if one.next_attempt_at > now or one.alert_id in put_off:
            put_off.add(one.alert_id)
        else:
            ready.append(one)
    return ready


def _tell(world: World, recipient: Recipient, tellings: Sequence[Telling], done: Alerting) -> None:
    taken = world.store.take_tellings(tellings, worker=world.worker, lease=LEASE)
    if not taken:
        return
    try:
        _leave(world, recipient, taken)
    except SlawatchError as error:
        now = world.clock.now()
        first = min(one.intended_at for one in taken)
        retry_at = now + min(max(now - first, FIRST_RETRY), LONGEST_RETRY)
        # What failed may yet have arrived: a service that takes it and then breaks the line.
        world.store.finish_tellings(taken, worker=world.worker, detail=str(error), again=True, retry_at=retry_at)
        why = f"alert {recipient.name}: not told, will be tried again: {error}"
        if not any(one.attempts for one in taken):
            world.store.event(EVENT, recipient.name, why)
        world.tell(News(what="not-told", words=why, ref=""))
        done.failures.append(why)
        return
    world.store.finish_tellings(taken, worker=world.worker)
    done.told.append(recipient.name)
    world.tell(News(what="told", words=f"told {recipient.name}: {title(_said(taken))}", ref=""))


def _leave(world: World, recipient: Recipient, tellings: Sequence[Telling]) -> None:
    said = _said(tellings)
    subject, text = title(said), body(said[:MOST], world.config.zone)
    if len(said) > MOST:
        text += f"\nand {len(said) - MOST} more; all of them: slawatch status\n"
    error = any(one.error and one.what is not What.RESOLVED for one in said)
    _write(world, recipient, subject, text, once=str([one.id for one in tellings]), error=error)


def _write(world: World, recipient: Recipient, subject: str, text: str, *, once: str, error: bool) -> None:
    """Send it by the recipient's way; letters of the same `once` have one Message-ID."""
    if recipient.to is not None:
        from slawatch import alerting  # noqa: PLC0415  only where there is something to tell

        alerting.send(recipient.to.resolve(), title=subject, body=text, error=error)
        return
    from slawatch.channels.base import Note, Writes  # noqa: PLC0415  same

    channel = world.channel(recipient.account)
    if not isinstance(channel, Writes):
        raise ChannelRefusedError(f'{recipient.account}: no e-mail can leave from it; correct "account"')
    digest = blake2b(f"{recipient.name} {once}".encode(), digest_size=12).hexdigest()
    for number, address in enumerate(recipient.mail):
        channel.write(Note(to=address, subject=subject, body=text, key=f"alert-{digest}-{number}"))


def try_out(world: World, recipient: Recipient) -> str:
    """Send a trial alert now, whatever the hour; returns why it did not surely arrive, "" where it did leave."""
    text = "This is a trial, sent by: slawatch check --alerts\nNothing is wrong.\n"
    try:
        _write(world, recipient, "slawatch: a trial", text, once=f"trial {world.clock.now()}", error=False)
    except SlawatchError as error:
        return str(error)
    return ""


def _said(tellings: Sequence[Telling]) -> list[Said]:
    """Return what is to be said; of what has ended meanwhile the end alone, which says since when it was."""
    ended = {one.alert_id for one in tellings if one.what == What.RESOLVED}
    return [
        Said(
            what=What(one.what),
            words=one.words,
            since=one.raised_at,
            until=one.resolved_at,
            error=one.severity == "error",
            ours=one.ours,
            again=one.again,
        )
        for one in tellings
        if one.alert_id not in ended or one.what == What.RESOLVED
    ]


def complete(world: World, done: Alerting) -> None:
    """Say that a whole pass is done: in the metrics first, then to whoever waits for the ping.

    All is not well as long as somebody who was to be told could not be, also in passes that do not try it again.
    """
    well = not done.failures and not any(one.attempts for one in world.store.tellings("intended", "sending"))
    if world.config.alarms.metrics is not None:
        from slawatch.usecases import metrics  # noqa: PLC0415  only where there is a textfile

        try:
            metrics.passed(world)
        except OutputError as error:
            world.tell(News(what="not-written", words=str(error)))
            done.failures.append(str(error))
    ping(world, well=well)


def ping(world: World, *, well: bool = True) -> None:
    """Ask the dead man's ping, so that somebody else notices where no pass is done any more.

    Where not all is `well`, as somebody could not be told what is wrong, the other address is asked in its place: it
    may be the only way left to say so. A failure stops nothing: it is noted once, and its end is noted.
    """
    alarms = world.config.alarms
    secret = alarms.ping if well or alarms.ping_fail is None else alarms.ping_fail
    if secret is None:
        return
    try:
        why = _asked_in_time(secret.resolve())
    except SlawatchError as error:
        why = str(error)
    before = world.store.meta(PINGED)
    if (before or "") != why:
        world.store.set_meta(PINGED, why)
        world.store.event("ping", "", why or "it is answered again")


def _asked_in_time(url: str) -> str:
    """Return why it was not answered; "" where it was. One that answers a letter at a time holds up no pass."""
    from threading import Thread  # noqa: PLC0415  only where there is a ping

    said: list[str] = []
    asking = Thread(target=lambda: said.append(_asked(url)), daemon=True)
    asking.start()
    asking.join(PING_SECONDS)
    return said[0] if said else f"ping: no answer within {PING_SECONDS} s"


def _asked(url: str) -> str:
    """Return why it was not answered; "" where it was. The URL is a secret: whoever has it can feign our life."""
    from http.client import HTTPException  # noqa: PLC0415  only where there is a ping
    from urllib.request import Request, urlopen  # noqa: PLC0415  same

    from slawatch.alarms import is_web  # noqa: PLC0415  same

    if not is_web(url):
        return "ping: it is no web address (the value is not shown here)"
    try:
        request = Request(url, headers={"User-Agent": "slawatch"})  # noqa: S310  is_web lets nothing else through
        with urlopen(request, timeout=PING_SECONDS):  # noqa: S310  same
            return ""
    except (OSError, HTTPException, ValueError) as error:
        code = getattr(error, "code", None)
        return f"ping: it was answered with {code}" if code else f"ping: no answer: {type(error).__name__}"
