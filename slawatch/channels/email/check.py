"""Tries an account in the order in which it would fail, each fault with its cure. Sends to nobody but ourselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from slawatch import token
from slawatch.channels.base import Finding
from slawatch.channels.email.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelUnavailableError
from slawatch.mail.compose import compose
from slawatch.mail.mailbox import Letter, Mailbox
from slawatch.mail.places import INBOX
from slawatch.mail.submit import Envelope, connected, submit
from slawatch.mail.wire import Server

ROUND_TRIP_SECONDS = 60
"""How long a letter to ourselves may take. Seconds are usual; a provider that greylists its own users is a fault."""

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


def round_trip(
    account: str, smtp: Server, mailbox: Mailbox, folders: list[str], settings: Settings, clock: Clock
) -> Finding:
    """Send a letter to an address as replies will come to, and wait until it can be read."""
    reference = token.new(secrets.token_bytes(token.RANDOM_BYTES))
    try:
        address = settings.reply_address(reference)
    except ValueError as error:
        return Finding(ok=False, what=f"{account}: reply address", cure=str(error))
    what = f"{account}: a letter to {address}"
    message_id = f"slawatch-check-{reference}@{settings.domain}"
    letter = compose(
        sender=settings.address,
        name=settings.name,
        recipient=address,
        subject=SUBJECT.format(reference=reference),
        body=BODY,
        message_id=message_id,
        written_at=clock.now(),
        lang="en",
    )
    try:
        submit(smtp, Envelope(sender=settings.address, recipient=address), letter, clock=clock, helo=settings.domain)
        found, seconds = _wait_for(mailbox, folders, message_id, clock)
    except ChannelError as error:
        return Finding(ok=False, what=what, cure=f"{error}; {_other_addresses(settings)}")
    if found is None:
        cure = f"look for it in other folders and name that one in folders; {_other_addresses(settings)}"
        return Finding(ok=False, what=f"{what} did not come back within {ROUND_TRIP_SECONDS} s", cure=cure)
    return Finding(ok=True, what=f"{what} came back into {found.folder} within {max(seconds, 1)} s")


def _wait_for(mailbox: Mailbox, folders: list[str], message_id: str, clock: Clock) -> tuple[Letter | None, int]:
    for seconds in range(ROUND_TRIP_SECONDS):
        found = mailbox.find(folders, message_id)
        if found is not None:
            return found, seconds
        clock.sleep(1)
    return None, ROUND_TRIP_SECONDS


def _other_addresses(settings: Settings) -> str:
    if settings.addressing == "plus":
        return 'if the provider knows no "+": addressing = "catch-all" with a catch_all_domain of your own'
    return f"let {settings.catch_all_domain} deliver all its mail to {settings.address}"
