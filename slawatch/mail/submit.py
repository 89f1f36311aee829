"""Hands one letter to a submission server, for all its recipients or for none, and says what is known afterwards.

Never tries twice and never calls smtplib's sendmail(), for three reasons. It goes on with the other recipients when one
is refused: a 450 at the company's address would deliver our own copy alone, and that copy is later taken as evidence
that the request left. It raises the same error before and after the final dot, so that a lost acknowledgement (the
company has the letter) looks like a broken connection (it has not). And it does not say when it handed the letter over.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from socket import socket

from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.mail import bearer
from slawatch.mail.patience import for_sending, within
from slawatch.mail.wire import Server, one_line, to_check, what_went_wrong
from slawatch.secret import hide

ACCEPT_TIMEOUT = timedelta(minutes=5)
"""How long the reply to the final dot may take, for scanners work there. RFC 5321, section 4.5.3.2.6, says ten minutes,
lest a letter is sent twice. Here none is, so half of that is enough, and the sender's lease of ten minutes holds."""

COMMAND_MAX = 512
"""Octets of a command with its line end. RFC 5321, section 4.5.3.1.4; RFC 4954, section 4, has longer first words of a
login sent on their own line instead, and tokens are often that long."""

QUIT_SECONDS = 5
_ABOUT_US = re.compile(rb"5\.(?:7\.\d+|4\.5|5\.1)\b")
"""RFC 3463: policy or missing rights, a sending quota, a command out of order. A submission server refuses relaying as
it refuses an unknown address, by 5xx, and a wrong setting of ours must not be booked as the company's refusal."""
_XTEXT = frozenset(range(0x21, 0x7F)) - frozenset(b"+=")
_LINE_START_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who is told of it. The company comes first, then our own copy ("" for none). `envelope_id` returns in reports."""

    sender: str
    recipient: str
    copy: str = ""
    envelope_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server took the letter over at an instant between `handed_over_at` and `acknowledged_at`, by our clock."""

    handed_over_at: datetime
    acknowledged_at: datetime
    words: str
    reports_asked: bool

    @property
    def uncertainty(self) -> timedelta:
        """Half the time between the final dot and its acknowledgement."""
        return (self.acknowledged_at - self.handed_over_at) / 2

    @property
    def at(self) -> datetime:
        """The middle of that time, so that `at` plus or minus `uncertainty` covers it all."""
        return self.handed_over_at + self.uncertainty


def submit(
    server: Server,
    envelope: Envelope,
    letter: bytes,
    *,
    clock: Clock,
    helo: str = "localhost",
    accept_timeout: timedelta = ACCEPT_TIMEOUT,
) -> Accepted:
    """Hand the letter (with CRLF line ends) over once.

    Raises:
        ChannelRefusedError: the company's address or the letter was refused for good.
        ChannelUnavailableError: nothing left, because of a passing fault or because of our own settings.
        ChannelUncertainError: the final dot went out and no reply to it came back.
    """
    with connected(server, helo=helo) as smtp:
        with _nothing_left(server), within(for_sending(server.timeout), lambda: smtp.sock):
            reports_asked = _address(server, smtp, envelope, letter)
            _expect(smtp.docmd("DATA"), server, "the letter", code=354)
            # The letter and the dot that ends it go out in two writes: while the second has not begun, no server may
            # deliver (RFC 5321, section 4.1.1.4), however the first one broke.
            smtp.send(_LINE_START_DOT.sub(b"..", letter))
            _socket(smtp).settimeout(accept_timeout.total_seconds())
        handed_over_at = clock.now()
        code, words = _end_of_letter(server, smtp, accept_timeout)
        acknowledged_at = clock.now()
        _expect((code, words), server, "the letter")
    return Accepted(
        handed_over_at=handed_over_at,
        acknowledged_at=acknowledged_at,
        words=f"{code} {one_line(words)}",
        reports_asked=reports_asked,
    )


@contextmanager
def connected(server: Server, *, helo: str = "localhost") -> Iterator[SMTP]:
    """Connect, make the connection safe, log in; leave politely at the end.

    Raises:
        ChannelUnavailableError: with the cure.
    """
    smtp = bearer.logged_in(server, lambda token: _opened(server, helo, token))
    try:
        yield smtp
    except ChannelUncertainError:
        smtp.close()
        raise
    except ChannelError:
        _leave(smtp)
        raise
    else:
        _leave(smtp)
    finally:
        smtp.close()


def _opened(server: Server, helo: str, token: str) -> SMTP:
    """Connect, make the connection safe, log in; where one of them fails, leave."""
    with _nothing_left(server, greeted=False):
        smtp = _connect(server, helo)
    try:
        with _nothing_left(server), within(for_sending(server.timeout), lambda: smtp.sock):
            _make_safe(server, smtp)
            if server.tokens is not None:
                _log_in_with_token(server, smtp, token)
            else:
                _log_in(server, smtp)
    except BaseException as error:
        if isinstance(error, ChannelError):
            _leave(smtp)
        smtp.close()
        raise
    return smtp


@contextmanager
def _nothing_left(server: Server, *, greeted: bool = True) -> Iterator[None]:
    """Whatever breaks in here breaks before the final dot, so another attempt may follow."""
    try:
        yield
    except SMTPResponseException as error:
        if error.smtp_code < 0:  # smtplib found no number
            cause = f"it does not greet as a mail server does; {to_check(server)}"
            raise ChannelUnavailableError(f"{server.where}: {cause}") from error
        said = f"{error.smtp_code} {one_line(error.smtp_error)}"
        raise ChannelUnavailableError(f"{server.where} refused to go on: {said}") from error
    except (OSError, SMTPException, UnicodeError) as error:
        # smtplib wraps a time-out in what it raises for a closed connection too.
        true = error.__context__ if isinstance(error.__context__, TimeoutError) else error
        raise ChannelUnavailableError(what_went_wrong(server, true, greeted=greeted)) from error


def _connect(server: Server, helo: str) -> SMTP:
    # The name in EHLO is given, or smtplib would ask the DNS for this machine's and then tell the company.
    seconds = server.opening_seconds
    if server.security == "tls":
        smtp: SMTP = SMTP_SSL(server.host, server.port, helo, timeout=seconds, context=server.context())
    else:
        smtp = SMTP(server.host, server.port, helo, timeout=seconds)
    _socket(smtp).settimeout(server.timeout.total_seconds())
    return smtp


def _make_safe(server: Server, smtp: SMTP) -> None:
    _expect(smtp.ehlo(), server, "EHLO", ours=True)
    if server.security != "starttls":
        return
    if not smtp.has_extn("starttls"):
        cure = 'set smtp_security = "tls" and smtp_port = 465, or ask the provider'
        raise ChannelUnavailableError(f"{server.where}: no STARTTLS is offered, and a password must not go out; {cure}")
    _expect(smtp.starttls(context=server.context()), server, "STARTTLS", ours=True)
    _expect(smtp.ehlo(), server, "EHLO", ours=True)


def _log_in(server: Server, smtp: SMTP) -> None:
    if not server.user:
        return
    try:
        if "PLAIN" in smtp.esmtp_features.get("auth", "").split():
            _log_in_plainly(server, smtp)
        else:
            smtp.login(server.user, server.password)
    except SMTPAuthenticationError as error:
        said = f"{error.smtp_code} {one_line(error.smtp_error)}"
        cure = f"check smtp_user and {server.password_key}; many providers want an app password"
        if error.smtp_code < 500:  # noqa: PLR2004  (RFC 5321, section 4.2.1: transient)
            cure = "the server cannot check logins just now; it will be tried again"
        raise ChannelUnavailableError(f'{server.where}: login as "{server.user}" failed ({said}); {cure}') from error
    except SMTPNotSupportedError as error:
        cure = 'set smtp_user = "" if none is needed, or smtp_security = "starttls"'
        raise ChannelUnavailableError(f"{server.where}: it offers no login here; {cure}") from error


def _log_in_plainly(server: Server, smtp: SMTP) -> None:
    """AUTH PLAIN in UTF-8, as RFC 4616 has it; smtplib's own fails for a password beyond ASCII."""
    secret = b64encode(f"\0{server.user}\0{server.password}".encode()).decode("ascii")
    hide(secret)
    code, words = smtp.docmd("AUTH", f"PLAIN {secret}")
    if code != 235:  # noqa: PLR2004  (RFC 4954, section 6: authentication succeeded)
        raise SMTPAuthenticationError(code, words)


def _log_in_with_token(server: Server, smtp: SMTP, token: str) -> None:
    """Log in by SASL with an access token; a refusal is told from a server that cannot check logins just now."""
    chosen = bearer.mechanism(server, smtp.esmtp_features.get("auth", "").split())
    words = b64encode(bearer.first_words(server, chosen, token).encode()).decode("ascii")
    at_once = len(f"AUTH {chosen} {words}\r\n") <= COMMAND_MAX
    code, said = smtp.docmd("AUTH", f"{chosen} {words}" if at_once else chosen)
    if code == 334 and not at_once:  # noqa: PLR2004  (RFC 4954, section 4: go on)
        code, said = smtp.docmd(words)
    why = ""
    if code == 334:  # noqa: PLR2004  (same: the reason of the refusal, which follows)
        why = bearer.reason(said)
        code, said = smtp.docmd(b64encode(bearer.last_words(chosen).encode()).decode("ascii"))
    if code == 235:  # noqa: PLR2004  (RFC 4954, section 6: authentication succeeded)
        return
    its = f"{code} {one_line(said)}" + (f", {why}" if why else "")
    if code < 500:  # noqa: PLR2004  (RFC 5321, section 4.2.1: transient)
        raise ChannelUnavailableError(f"{server.where}: it cannot check logins just now ({its}); this usually passes")
    raise bearer.refused(server, token, its)


def _address(server: Server, smtp: SMTP, envelope: Envelope, letter: bytes) -> bool:
    """Name sender and recipients, the company first. Returns whether delivery reports were asked for."""
    reports = bool(envelope.envelope_id) and smtp.has_extn("dsn")
    options = [f"SIZE={len(letter)}"] if smtp.has_extn("size") else []
    if reports:
        options += ["RET=HDRS", f"ENVID={_xtext(envelope.envelope_id)}"]
    options += _beyond_ascii(server, smtp, envelope, letter)
    _expect(smtp.mail(envelope.sender, options), server, f'sender "{envelope.sender}"', ours=True)
    # RFC 3461. NEVER for our own copy: its bounce would carry this request's ENVID and look like the company's.
    notify = ["NOTIFY=SUCCESS,FAILURE,DELAY"] if reports else []
    code, words = smtp.rcpt(envelope.recipient, notify)
    ours = code == 530 or bool(_ABOUT_US.match(words))  # noqa: PLR2004  (RFC 4954: login needed)
    _expect((code, words), server, f'"{envelope.recipient}"', ours=ours)
    if envelope.copy and envelope.copy != envelope.recipient:
        never = ["NOTIFY=NEVER"] if reports else []
        what = f'our own copy to "{envelope.copy}"'
        _expect(smtp.rcpt(envelope.copy, never), server, what, ours=True, cure="; set copy = false to do without")
    return reports


def _beyond_ascii(server: Server, smtp: SMTP, envelope: Envelope, letter: bytes) -> list[str]:
    """Return the options that an address beyond ASCII needs (RFC 6531); the domain alone never does."""
    addresses = (envelope.sender, envelope.recipient, envelope.copy)
    if all(address.isascii() for address in addresses) and letter.isascii():
        return []
    if smtp.has_extn("smtputf8"):
        return ["BODY=8BITMIME", "SMTPUTF8"]
    odd = next((address for address in addresses if not address.isascii()), envelope.recipient)
    cure = "look for an address of the company without such letters"
    raise ChannelRefusedError(f'{server.where}: it cannot send to or from "{odd}" (no SMTPUTF8); {cure}')


def _expect(
    reply: tuple[int, bytes], server: Server, what: str, *, code: int = 0, ours: bool = False, cure: str = ""
) -> None:
    """Return if the reply is good (2xx, or `code` where given); else say whether trying again can help.

    With `ours` a refusal is about our own account: the company is not blamed, and another attempt may follow a cure.
    """
    got, words = reply
    if got == code or (not code and 200 <= got <= 299):  # noqa: PLR2004  (RFC 5321, section 4.2.1: completion)
        return
    said = f"{server.where} refused {what}: {got} {one_line(words)}{cure}"
    if 500 <= got <= 599 and not ours:  # noqa: PLR2004  (same section: permanent)
        raise ChannelRefusedError(said)
    raise ChannelUnavailableError(said)


def _end_of_letter(server: Server, smtp: SMTP, length: timedelta) -> tuple[int, bytes]:
    """Send the final dot and return the reply to it. Whatever breaks in here breaks when the letter may have left."""
    try:
        with within(length, lambda: smtp.sock):
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
    except (OSError, SMTPException, UnicodeError) as error:
        cause = "it did not acknowledge the letter, which may have left"
        raise ChannelUncertainError(f"{server.where}: {cause} ({one_line(error)})") from error
    if not (200 <= code <= 299 or 400 <= code <= 599):  # noqa: PLR2004  (RFC 5321, section 4.2.1)
        raise ChannelUncertainError(f"{server.where}: nobody knows what it meant by: {code} {one_line(words)}")
    return code, words


def _leave(smtp: SMTP) -> None:
    """Say goodbye; by now nothing depends on it. RSET first, so that a refused letter is plainly given up."""
    with suppress(OSError, SMTPException):
        _socket(smtp).settimeout(QUIT_SECONDS)
        smtp.rset()
        smtp.quit()


def _socket(smtp: SMTP) -> socket:
    """Return the open socket; smtplib drops it when it sees the connection's end."""
    if smtp.sock is None:
        raise SMTPServerDisconnected("connection closed")
    return smtp.sock


def _xtext(text: str) -> str:
    """Return the text as RFC 3461, section 4, wants parameters: odd characters as +XX."""
    return "".join(chr(octet) if octet in _XTEXT else f"+{octet:02X}" for octet in text.encode())
