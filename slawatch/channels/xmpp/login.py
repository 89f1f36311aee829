"""What comes of trying to connect and log in: the library's events, as the one thing whoever waits has to know.

Loads no library: it is told what happened.
"""

from __future__ import annotations

import ssl
from asyncio import Future
from dataclasses import dataclass, field
from typing import Any

from slawatch.channels.xmpp.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUnavailableError
from slawatch.mail.wire import one_line


@dataclass(slots=True)
class Login:
    """One try. `ready` is done once we are in, or has why we are not; `lost` once the connection is gone, with why."""

    where: str
    settings: Settings
    ready: Future[None]
    lost: Future[str]
    _refusals: list[str] = field(default_factory=list)
    _partings: list[str] = field(default_factory=list)
    _failures: list[object] = field(default_factory=list)

    def listen(self, stream: Any) -> None:
        """Hear of all that happens to slixmpp's stream."""
        stream.add_event_handler("session_start", self._let_in)
        stream.add_event_handler("failed_auth", lambda failure: self._refusals.append(str(failure["condition"])))
        stream.add_event_handler("failed_all_auth", self._not_let_in)
        stream.add_event_handler("connection_failed", self._failures.append)
        stream.add_event_handler("reconnect_delay", self._all_tried)
        stream.add_event_handler("ssl_invalid_chain", self._not_reached)
        stream.add_event_handler("stream_error", lambda error: self._partings.append(str(error["condition"])))
        stream.add_event_handler("disconnected", self._gone)

    def _let_in(self, _: object) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _fail(self, error: ChannelError) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)

    def _not_let_in(self, _: object) -> None:
        said = self._refusals[0] if self._refusals else "it offers no way to log in that we know"
        if said == "temporary-auth-failure":
            self._fail(ChannelUnavailableError(f"{self.where} cannot let anybody in now; it will be tried again"))
        what = f'{self.where} does not let "{self.settings.address}" in ({said})'
        self._fail(AccountHaltedError(f"{what}; check jid and password"))

    def _all_tried(self, _: object) -> None:
        """Give up once every record of the domain was tried: not every network reaches all of them."""
        unsafe = [one for one in self._failures if isinstance(one, ssl.SSLError)]
        self._not_reached(next(iter([*unsafe, *self._failures]), None))

    def _not_reached(self, why: object) -> None:
        if isinstance(why, ssl.SSLCertVerificationError):
            what = f"{self.where} cannot be trusted ({words_of(why)})"
            cure = f'it must have a certificate for "{self.settings.domain}"; name who vouches for it in ca_file'
        elif isinstance(why, ConnectionRefusedError):
            what, cure = f"{self.where}: nobody listens there", "check host and port"
        else:
            what = f"{self.where} cannot be reached ({words_of(why)})"
            cure = f"check {'port and security' if isinstance(why, ssl.SSLError) else 'host and port'}"
        self._fail(ChannelUnavailableError(f"{what}; {cure}"))

    def _gone(self, why: object) -> None:
        why = ", ".join(self._partings) or why
        if not self.lost.done():
            self.lost.set_result(words_of(why))
        if isinstance(why, ssl.SSLError):
            self._not_reached(why)
        what = f"{self.where} closed the connection before we were in"
        self._fail(ChannelUnavailableError(f"{what} ({words_of(why)}); it will be tried again"))


def words_of(why: object) -> str:
    """Return in one line why, as somebody said it."""
    return one_line(why or "without a word")
