"""Takes what Sieve sends and hands it to Postfix: Dovecot must know the server's port before there is a Postfix."""

from __future__ import annotations

import smtplib

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.local import LOOPBACK, free_ports


class Outgoing:
    """A relay on a port of its own. `to` is where it hands over, once that is known."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.to = 0
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port)

    def start(self) -> None:
        """Open for business."""
        self._controller.start()

    def stop(self) -> None:
        """Close; safe to call twice."""
        if self._controller.server is not None:
            self._controller.stop()

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Hand it over before saying that it is taken."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        with smtplib.SMTP(LOOPBACK, self.to, local_hostname="mail.away.example", timeout=10) as smtp:
            smtp.sendmail(envelope.mail_from or "", envelope.rcpt_tos, raw)
        return "250 2.0.0 handed over"
