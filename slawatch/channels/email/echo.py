"""The letter to ourselves that goes the way of requests and replies while slawatch runs. It says what it is.

Sends to nobody but ourselves, or to whom the config names as the one who sends it back.
"""

from __future__ import annotations

from slawatch.channels.base import Sent
from slawatch.channels.email.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError
from slawatch.mail.compose import compose
from slawatch.mail.submit import Envelope, submit
from slawatch.mail.wire import Server

SUBJECT = "slawatch canary"
BODY = """\
This is a letter from slawatch to itself. That it comes back shows that answers would come in, and how fast.
Nobody needs to answer it, and it can be deleted.
"""


def send(smtp: Server, settings: Settings, reference: str, own_id: str, *, account: str, clock: Clock) -> Sent:
    """Submit it once.

    It is not marked as a machine's (RFC 3834): whoever sends letters back would pass over it then.

    Raises:
        ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as a channel's `send`.
    """
    try:
        address = settings.reply_address(reference)
        to = settings.canary_to or address
        letter = compose(
            sender=address,
            name=settings.name,
            recipient=to,
            subject=SUBJECT,
            body=BODY,
            message_id=own_id,
            written_at=clock.now(),
            lang="en",
        )
    except ValueError as error:
        raise ChannelRefusedError(f"{account}: {error}") from error
    accepted = submit(smtp, Envelope(sender=address, recipient=to), letter, clock=clock, helo=settings.domain)
    return Sent(
        remote_id=own_id,
        accepted_at=accepted.at,
        uncertainty=accepted.uncertainty,
        evidence=f"{settings.smtp_host}: {accepted.words}",
    )
