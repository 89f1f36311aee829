"""The e-mail channel: asks by SMTP, reads what came by IMAP. Moves letters; decides nothing about them.

Holds what an account is; the protocols are slawatch/mail/'s, which is loaded on use: a config with an e-mail account is
read in milliseconds, and `slawatch report` never loads a mail library at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo

from slawatch.channels.base import Batch, Capabilities, Finding, NotSent, Sent, Unknown
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError, ConfigError
from slawatch.model import Attempt, Facts, Incoming, Request
from slawatch.secret import Secret

if TYPE_CHECKING:
    from slawatch.mail.mailbox import Folder, Letter, Mailbox
    from slawatch.mail.wire import Server

DOORBELL_SECONDS = 15.0  # between two looks whether something came; one costs about 1 ms (measured 2026-11-22)
OVERLAP = timedelta(days=1)  # IMAP's SINCE compares days, in the server's own zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    address: str = field(metadata={"help": "the address that asks, without any +tag"})
    smtp_host: str = field(metadata={"help": "where to hand over outgoing mail"})
    imap_host: str = field(metadata={"help": "where to read incoming mail"})
    name: str = field(default="", metadata={"help": "the name beside the address, and under the letter"})
    smtp_port: int = field(default=587, metadata={"help": "587 goes with starttls, 465 with tls"})
    smtp_security: Literal["starttls", "tls", "none"] = field(
        default="starttls", metadata={"help": "none is allowed on this machine only"}
    )
    smtp_user: str = field(default="", metadata={"help": "the address itself where not given"})
    smtp_password: Secret | None = field(default=None, metadata={"help": "no login where not given"})
    imap_port: int = field(default=993, metadata={"help": "993 goes with tls, 143 with starttls"})
    imap_security: Literal["tls", "starttls", "none"] = field(
        default="tls", metadata={"help": "none is allowed on this machine only"}
    )
    imap_user: str = field(default="", metadata={"help": "that of smtp where not given"})
    imap_password: Secret | None = field(default=None, metadata={"help": "that of smtp where not given"})
    folders: tuple[str, ...] = field(
        default=(), metadata={"help": "which folders to read; INBOX and the junk folder where not given"}
    )
    sent_folder: str = field(default="", metadata={"help": "where sent mail lies; found by itself where not given"})
    history: timedelta = field(
        default=timedelta(days=35), metadata={"help": "how far back the first look at a folder reads"}
    )
    addressing: Literal["plus", "catch-all"] = field(
        default="plus", metadata={"help": "how replies are told apart: name+token@ or token@catch_all_domain"}
    )
    catch_all_domain: str = field(default="", metadata={"help": "the domain whose mail all comes to this mailbox"})
    copy: bool = field(
        default=True, metadata={"help": "send ourselves a blind copy: the evidence where an acknowledgement is lost"}
    )
    own_mx: str = field(
        default="", metadata={"help": 'the name our own mail exchanger writes behind "by" in Received: lines'}
    )
    ca_file: str = field(default="", metadata={"help": "certificate authorities to trust instead of the system's"})
    timeout: timedelta = field(default=timedelta(seconds=30), metadata={"help": "how long one step may take"})
    batch: int = field(default=500, metadata={"help": "how many letters one look brings at most"})

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return [*self._address_problems(), *self._server_problems()]

    def _address_problems(self) -> Iterable[tuple[str, str]]:
        local, at, domain = self.address.rpartition("@")
        if not (local and at and domain) or not self.address.isascii():
            yield "address", f'"{self.address}" is not an e-mail address; write it like "anna@example.org"'
        elif "+" in local and self.addressing == "plus":
            yield "address", f'"{self.address}" has a +tag already; write the plain address'
        if self.addressing == "catch-all" and not self.catch_all_domain:
            yield "addressing", '"catch-all" needs a domain; write catch_all_domain = "in.example.org"'
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"

    def _server_problems(self) -> Iterable[tuple[str, str]]:
        for protocol, security, host in (
            ("smtp", self.smtp_security, self.smtp_host),
            ("imap", self.imap_security, self.imap_host),
        ):
            if security == "none" and not _is_this_machine(host):
                yield f"{protocol}_security", f'"none" would send the password in the clear to "{host}"; write "tls"'
        if self.imap_password is None and self.smtp_password is None:
            yield (
                "imap_password",
                "no password is given; write smtp_password_env, _file or _command, or imap_password_…",
            )
        if not self.batch:
            yield "batch", '"0" letters can never be read; write 500'


def _is_this_machine(host: str) -> bool:
    return host.lower() in {"localhost", "::1"} or host.startswith("127.")


class EmailChannel:
    """One mailbox that asks and is answered.

    `send` may be called from several threads: each call has a connection of its own. Reading shares one connection.
    """

    capabilities = Capabilities(parallel=4)

    def __init__(self, settings: Settings, *, account: str, clock: Clock) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._mailbox: Mailbox | None = None
        self._rang_for: tuple[tuple[str, int], ...] | None = None

    def open(self) -> None:
        """Do nothing yet: connections are made on first use."""

    def close(self) -> None:
        """Log out of the mailbox."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.close()

    def __enter__(self) -> Self:
        """Open."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def prepare(self, request: Request, attempt: Attempt) -> bytes:
        """Return the letter, the same bytes whenever and however often it is asked for.

        Everything in it is fixed before: text and Message-ID by the request, `Date:` by the attempt (its start, in the
        zone the request was planned in). The own copy is not visible in it.

        Raises:
            ChannelRefusedError: there can be no such letter: an address that is none, or no room for the token.
        """
        from slawatch.mail.compose import compose  # noqa: PLC0415 - on use, as the module says

        try:
            return compose(
                sender=self._reply_address(request),
                name=self._settings.name,
                recipient=request.target,
                subject=request.text.subject,
                body=request.text.body,
                message_id=request.message_id,
                written_at=attempt.started_at.astimezone(ZoneInfo(request.zone)),
                lang=request.text.lang,
            )
        except ValueError as error:
            raise ChannelRefusedError(f"{self._account}: {error}") from error

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Submit the letter once: to the company and, only if that is accepted, to ourselves.

        Raises:
            ChannelRefusedError: the address or the letter is refused for good. ChannelUnavailableError: nothing left.
            ChannelUncertainError: the letter was handed over and nothing came back.
        """
        from slawatch.mail.compose import ascii_domain  # noqa: PLC0415 - on use
        from slawatch.mail.submit import Envelope, submit  # noqa: PLC0415 - on use

        letter = self.prepare(request, attempt)
        envelope = Envelope(
            sender=self._reply_address(request),
            recipient=ascii_domain(request.target),
            copy=self._settings.address if self._settings.copy else "",
            envelope_id=attempt.envelope_id,
        )
        accepted = submit(self._smtp(), envelope, letter, clock=self._clock, helo=self._domain)
        asked = "; delivery reports asked for" if accepted.reports_asked else ""
        return Sent(
            remote_id=request.message_id,
            accepted_at=accepted.at,
            uncertainty=accepted.uncertainty,
            evidence=f"{self._settings.smtp_host}: {accepted.words}{asked}",
        )

    def find(self, request: Request) -> Sent | NotSent | Unknown:
        """Look for our own copy, or for what the server filed as sent, by the Message-ID.

        The copy's `Date:` is our clock when that attempt began, the mailbox's stamp on it came after the hand-over: so
        it was taken over in between. A letter that is not there may still be under way.
        """
        mailbox = self._box()
        found = mailbox.find([*self._folders(mailbox), *self._sent_folders(mailbox)], request.message_id)
        if found is None or found.internal_at is None:
            return Unknown()
        began = self.read(found.raw)
        from slawatch.mail.stamps import choose  # noqa: PLC0415 - on use

        stamps = choose(began, internal_at=found.internal_at, own_mx=self._settings.own_mx, seen_at=self._clock.now())
        earliest = stamps.date_header_at or stamps.at
        half = abs(stamps.at - earliest) / 2
        return Sent(
            remote_id=request.message_id,
            accepted_at=min(earliest, stamps.at) + half,
            uncertainty=half + stamps.later,
            evidence=f"the letter lies in {found.folder} since {stamps.at:%Y-%m-%d %H:%M:%S} UTC",
        )

    def collect(self, cursor: str) -> Batch:
        """Return the next letters of all folders after the cursor. A missing folder keeps the pass incomplete."""
        from slawatch.mail.mailbox import Cursor  # noqa: PLC0415 - on use

        now = self._clock.now()
        before = Cursor.read(cursor)
        began_at = before.began_at or now
        mailbox = self._box()
        oldest = min(now - self._settings.history, before.looked_until or now) - OVERLAP
        look = mailbox.look(self._folders(mailbox), before.places, since=oldest.date(), limit=self._settings.batch)
        looked_until = None if look.more or look.missing else began_at
        notes = [
            *(f'{self._account}: there is no folder "{name}" to read; correct `folders`' for name in look.missing),
            *(f'{self._account}: the server renumbered "{name}"; it was read anew' for name in look.renewed),
            *(_cut_note(self._account, letter) for letter in look.letters if letter.size > len(letter.raw)),
        ]
        after = Cursor(
            places=look.places,
            began_at=began_at if look.more else None,
            looked_until=looked_until or before.looked_until,
        )
        return Batch(
            messages=tuple(self._incoming(letter) for letter in look.letters),
            cursor=after.write(),
            more=look.more,
            looked_until=looked_until,
            notes=tuple(notes),
        )

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what the letter says of itself."""
        from slawatch.mail.parse import facts  # noqa: PLC0415 - on use

        return facts(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ask the server now and then whether something came. The first call rings at once: nobody has looked yet.

        While the mailbox cannot be reached it waits its time; `collect` is who says so.
        """
        left = wait_seconds
        while not stop.is_set():
            try:
                mailbox = self._box()
                state = mailbox.next_uids(self._folders(mailbox))
            except ChannelUnavailableError:
                stop.wait(left)
                return False
            if state != self._rang_for:
                self._rang_for = state
                return True
            if left <= 0:
                return False
            stop.wait(min(DOORBELL_SECONDS, left))
            left -= DOORBELL_SECONDS
        return False

    def check(self) -> list[Finding]:
        """Log in to both servers and look at the folders; stops at neither's failure."""
        return [*self._check_sending(), *self._check_reading()]

    def _check_sending(self) -> list[Finding]:
        from slawatch.mail.submit import connected  # noqa: PLC0415 - on use

        what = f"{self._account}: send through {self._settings.smtp_host}"
        try:
            with connected(self._smtp(), helo=self._domain) as smtp:
                reports = smtp.has_extn("dsn")
        except ChannelUnavailableError as error:
            return [Finding(ok=False, what=what, cure=str(error))]
        said = "proves delivery by reports" if reports else "does not offer delivery reports; delivery is presumed"
        return [Finding(ok=True, what=f"{what} ({said})")]

    def _check_reading(self) -> list[Finding]:
        what = f"{self._account}: read mail from {self._settings.imap_host}"
        try:
            mailbox = self._box()
            there = {folder.name for folder in mailbox.folders()}
            folders = self._folders(mailbox)
        except ChannelUnavailableError as error:
            return [Finding(ok=False, what=what, cure=str(error))]
        named = ", ".join(sorted(there))
        return [
            Finding(ok=True, what=f"{what}: {', '.join(folders)}"),
            *(
                Finding(
                    ok=False, what=f'{self._account}: folder "{name}"', cure=f"correct `folders`; there are: {named}"
                )
                for name in folders
                if name not in there and name.upper() != "INBOX"
            ),
        ]

    # --- what the settings mean ---

    @property
    def _domain(self) -> str:
        return self._settings.address.rpartition("@")[2]

    def _reply_address(self, request: Request) -> str:
        from slawatch.mail.compose import reply_address  # noqa: PLC0415 - on use

        catch_all = self._settings.catch_all_domain if self._settings.addressing == "catch-all" else ""
        try:
            return reply_address(self._settings.address, request.token, catch_all_domain=catch_all)
        except ValueError as error:
            raise ChannelRefusedError(f"{self._account}: {error}") from error

    def _smtp(self) -> Server:
        from slawatch.mail.wire import Server  # noqa: PLC0415 - on use

        its = self._settings
        return Server(
            protocol="smtp",
            host=its.smtp_host,
            port=its.smtp_port,
            security=its.smtp_security,
            user=(its.smtp_user or its.address) if its.smtp_password else "",
            password=_resolved(its.smtp_password),
            ca_file=its.ca_file,
            timeout=its.timeout,
        )

    def _box(self) -> Mailbox:
        from slawatch.mail.mailbox import Mailbox  # noqa: PLC0415 - on use
        from slawatch.mail.wire import Server  # noqa: PLC0415 - on use

        its = self._settings
        if self._mailbox is None:
            self._mailbox = Mailbox(
                Server(
                    protocol="imap",
                    host=its.imap_host,
                    port=its.imap_port,
                    security=its.imap_security,
                    user=its.imap_user or its.smtp_user or its.address,
                    password=_resolved(its.imap_password or its.smtp_password),
                    ca_file=its.ca_file,
                    timeout=its.timeout,
                )
            )
        return self._mailbox

    def _folders(self, mailbox: Mailbox) -> list[str]:
        """Return the folders to read: those named, else INBOX and whatever takes in what the server thinks is junk."""
        from slawatch.mail.mailbox import JUNK_NAMES  # noqa: PLC0415 - on use

        if self._settings.folders:
            return list(self._settings.folders)
        junk = _for(mailbox.folders(), "\\junk", JUNK_NAMES)
        return ["INBOX", *junk]

    def _sent_folders(self, mailbox: Mailbox) -> list[str]:
        from slawatch.mail.mailbox import SENT_NAMES  # noqa: PLC0415 - on use

        if self._settings.sent_folder:
            return [self._settings.sent_folder]
        return _for(mailbox.folders(), "\\sent", SENT_NAMES)

    def _incoming(self, letter: Letter) -> Incoming:
        from slawatch.mail.stamps import choose  # noqa: PLC0415 - on use

        facts = self.read(letter.raw)
        return Incoming(
            remote_id=letter.name,
            folder=letter.folder,
            raw=letter.raw,
            stamps=choose(
                facts, internal_at=letter.internal_at, own_mx=self._settings.own_mx, seen_at=self._clock.now()
            ),
            facts=facts,
        )


def _for(folders: Iterable[Folder], flag: str, usual_names: frozenset[str]) -> list[str]:
    return [folder.name for folder in folders if folder.is_for(flag, usual_names)]


def _cut_note(account: str, letter: Letter) -> str:
    return f"{account}: {letter.name} is {letter.size} octets long; the first {len(letter.raw)} were kept"


def _resolved(secret: Secret | None) -> str:
    """Return the password. One that cannot be had is a fault of this account, which must not stop the others."""
    try:
        return secret.resolve() if secret else ""
    except ConfigError as error:
        raise ChannelUnavailableError(str(error)) from error
