"""Tries an account in the order in which it would fail, each fault with its cure. Sends to nobody but ourselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from slawatch import token
from slawatch.channels.base import Finding
from slawatch.channels.email.canary import Canary, look
from slawatch.channels.email.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelUnavailableError
from slawatch.mail import places
from slawatch.mail.compose import compose
from slawatch.mail.mailbox import Mailbox
from slawatch.mail.places import INBOX
from slawatch.mail.submit import Envelope, connected, submit
from slawatch.mail.wire import Server

ROUND_TRIP_SECONDS = 60
"""How long a letter to ourselves may take. Seconds are usual; a provider that greylists its own users is a fault."""

FULL_FROM = 0.8  # of a mailbox; a few letters with attachments fill the rest

SUBJECT = "slawatch check {reference}"
BODY = """\
This is a letter from slawatch to itself. It checks that mail to this address comes back to this mailbox.
Nobody needs to answer it, and it can be deleted.
"""


def sending(account: str, smtp: Server, settings: Settings) -> Finding:
    """Log in where letters are handed over."""
    what = f"{account}: send through {smtp.where}"
    try:
        with connected(smtp, helo=settings.domain) as connection:
            reports = connection.has_extn("dsn")
    except ChannelUnavailableError as error:
        return Finding(ok=False, what=what, cure=str(error))
    said = "it reports deliveries" if reports else "it reports no deliveries, they will be presumed"
    return Finding(ok=True, what=f"{what}; {said}")


def reading(account: str, mailbox: Mailbox, settings: Settings, folders: Callable[[], list[str]]) -> list[Finding]:
    """Log in where letters are read, and look whether the folders are there."""
    what = f"{account}: read mail from {settings.imap_host}:{settings.imap_port}"
    try:
        there = {folder.name for folder in mailbox.folders()} | {INBOX}
        wanted = folders()
    except ChannelUnavailableError as error:
        return [Finding(ok=False, what=what, cure=str(error))]
    known = ", ".join(sorted(there))
    return [
        Finding(ok=True, what=f"{what}: {', '.join(wanted)}"),
        *(
            Finding(ok=False, what=f'{account}: folder "{name}"', cure=f'correct "folders"; there are: {known}')
            for name in wanted
            if name not in there and name.upper() != INBOX
        ),
    ]


def whole_way(
    account: str, smtp: Server, mailbox: Mailbox, folders: list[str], settings: Settings, clock: Clock
) -> list[Finding]:
    """Go the way a request and its answer go, and look at all there is to see on it."""
    from slawatch.channels.email import sender  # noqa: PLC0415 - on use: it loads the DNS and what verifies signatures

    found, canary = round_trip(account, smtp, mailbox, folders, settings, clock)
    findings = [*room(account, mailbox), found]
    raw = None
    with suppress(ChannelUnavailableError):
        junk = places.junk(mailbox.folders())
        if canary is not None:
            findings += look(account, canary, settings, junk)
            raw = mailbox.whole(canary.letter)
    domain = settings.catch_all_domain if settings.addressing == "catch-all" else settings.domain
    return [*findings, *sender.findings(account, domain, settings.smtp_host, raw)]


def room(account: str, mailbox: Mailbox) -> list[Finding]:
    """Look how full the mailbox is: a full one refuses answers, which then count as not given."""
    try:
        used = mailbox.fullness()
    except ChannelUnavailableError as error:
        return [Finding(ok=True, what=f"{account}: how full the mailbox is cannot be read", cure=str(error))]
    if used is None:
        return []
    what = f"{account}: the mailbox is {used:.0%} full".replace("%", " %")
    if used < FULL_FROM:
        return [Finding(ok=True, what=what)]
    return [Finding(ok=used < 1, what=what, cure="make room: a full mailbox refuses answers, and nobody can tell us")]


def round_trip(
    account: str, smtp: Server, mailbox: Mailbox, folders: list[str], settings: Settings, clock: Clock
) -> tuple[Finding, Canary | None]:
    """Send a letter to an address as replies will come to, and wait until it can be read.

    Where it does not arrive, another one goes to the plain address: so a provider that knows no "+" is told from one
    that delivers nothing.
    """
    reference = token.new(secrets.token_bytes(token.RANDOM_BYTES))
    try:
        address = settings.reply_address(reference)
    except ValueError as error:
        return Finding(ok=False, what=f"{account}: reply address", cure=str(error)), None
    what = f"{account}: a letter to {address}"
    letter = _letter(settings, address, reference, clock)
    try:
        canary = _there_and_back(smtp, mailbox, folders, settings, letter, clock)
    except ChannelError as error:
        return Finding(ok=False, what=what, cure=f"{error}; {_other_addresses(settings)}"), None
    if canary is not None:
        return Finding(ok=True, what=f"{what} came back into {canary.letter.folder} within {canary.seconds} s"), canary
    what = f"{what} did not come back within {ROUND_TRIP_SECONDS} s"
    if settings.addressing != "plain":
        plain = _letter(settings, settings.address, f"{reference}-plain", clock)
        with suppress(ChannelError):
            canary = _there_and_back(smtp, mailbox, folders, settings, plain, clock)
    if canary is not None:
        what = f"{what}, one to {settings.address} did"
        return Finding(ok=False, what=what, cure=_other_addresses(settings)), canary
    cure = f"look for it in other folders and name that one in folders; {_other_addresses(settings)}"
    return Finding(ok=False, what=what, cure=cure), None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """A letter to ourselves, ready to leave."""

    to: str
    message_id: str
    raw: bytes


def _letter(settings: Settings, address: str, reference: str, clock: Clock) -> _Letter:
    message_id = f"slawatch-check-{reference}@{settings.domain}"
    raw = compose(
        sender=settings.address,
        name=settings.name,
        recipient=address,
        subject=SUBJECT.format(reference=reference),
        body=BODY,
        message_id=message_id,
        written_at=clock.now(),
        lang="en",
    )
    return _Letter(to=address, message_id=message_id, raw=raw)


def _there_and_back(
    smtp: Server, mailbox: Mailbox, folders: list[str], settings: Settings, letter: _Letter, clock: Clock
) -> Canary | None:
    """Return the letter as it lies in the mailbox, None where it does not come."""
    envelope = Envelope(sender=settings.address, recipient=letter.to)
    accepted = submit(smtp, envelope, letter.raw, clock=clock, helo=settings.domain)
    for _ in range(ROUND_TRIP_SECONDS):
        found = mailbox.find(folders, letter.message_id)
        if found is not None:
            return Canary(letter=found, sent_at=accepted.at, seen_at=clock.now())
        clock.sleep(1)
    return None


def _other_addresses(settings: Settings) -> str:
    match settings.addressing:
        case "plus":
            return (
                'if the provider knows no "+": addressing = "plain", or "catch-all" with a catch_all_domain of your own'
            )
        case "catch-all":
            return f"let {settings.catch_all_domain} deliver all its mail to {settings.address}"
        case "plain":
            return f"ask the provider why {settings.address} gets no mail from itself"
