"""What an e-mail account is: the keys of the config, what is wrong with them, and the servers and addresses they mean.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from slawatch import token
from slawatch.channels.email import logins
from slawatch.secret import Secret

if TYPE_CHECKING:
    from slawatch.mail.wire import Server, Tokens


ROOM = 64 - len("+") - token.LENGTH  # RFC 5321, section 4.5.3.1.1: 64 octets before the "@"
PORTS = (1, 65_535)
CANARY_LEAST = timedelta(hours=1)
OVERLAP = timedelta(days=1)  # IMAP's SINCE compares days, in the server's own zone

# Before the "@" a dot-atom (RFC 5322, section 3.2.3; nobody publishes the quoted form), behind it labels of letters,
# digits and inner hyphens, in any script, and at least two of them unless it is this machine.
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(
    rf"[\w!#$%&'*+/=?^`{{|}}~-]+(?:\.[\w!#$%&'*+/=?^`{{|}}~-]+)*@(?:{_LABEL}(?:\.{_LABEL})+|localhost)"
)


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target or an account; None where a letter could go there."""
    if "@" not in address:
        return f'"{address}" has no "@"; write it like "service@shop.example"'
    if not _ADDRESS.fullmatch(address):
        return f'"{address}" is not an e-mail address; write it like "service@shop.example"'
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    address: str = field(metadata={"help": "the address that asks, without any +tag"})
    smtp_host: str = field(metadata={"help": "where to hand over outgoing mail"})
    imap_host: str = field(metadata={"help": "where to read incoming mail"})
    auth: Literal["password", "oauth2-refresh", "oauth2-device", "token_command"] = field(
        default="password", metadata={"help": "how to log in, to both servers"}
    )
    name: str = field(default="", metadata={"help": "the name beside the address, and under the letter"})
    smtp_port: int = field(default=587, metadata={"help": "587 goes with starttls, 465 with tls", "between": PORTS})
    smtp_security: Literal["starttls", "tls", "none"] = field(
        default="starttls", metadata={"help": "none is allowed on this machine only"}
    )
    smtp_user: str = field(default="", metadata={"help": "the address itself where not given"})
    smtp_password: Secret | None = field(default=None, metadata={"help": "no login where not given"})
    imap_port: int = field(default=993, metadata={"help": "993 goes with tls, 143 with starttls", "between": PORTS})
    imap_security: Literal["tls", "starttls", "none"] = field(
        default="tls", metadata={"help": "none is allowed on this machine only"}
    )
    imap_user: str = field(default="", metadata={"help": "that of smtp where not given"})
    imap_password: Secret | None = field(default=None, metadata={"help": "that of smtp where not given"})
    provider: Literal["google", "microsoft"] | None = field(
        default=None, metadata={"help": "whose addresses and scope are known, for OAuth"}
    )
    tenant: str = field(default="", metadata={"help": "the organisation at Microsoft; any where not given"})
    client_id: str = field(default="", metadata={"help": "what the provider knows your registration by"})
    client_secret: Secret | None = field(default=None, metadata={"help": "its secret, where it has one"})
    refresh_token: Secret | None = field(
        default=None, metadata={"help": "the first refresh token; slawatch login gets one where not given"}
    )
    token: Secret | None = field(
        default=None, metadata={"help": "what gives an access token, with token_command: a command, or a file"}
    )
    token_url: str = field(default="", metadata={"help": "where tokens are renewed; that of the provider"})
    device_url: str = field(default="", metadata={"help": "where a login by code begins; that of the provider"})
    authorize_url: str = field(default="", metadata={"help": "where a login by browser begins; that of the provider"})
    scope: str = field(default="", metadata={"help": "what a token shall allow; what mail needs at the provider"})
    folders: tuple[str, ...] = field(
        default=(), metadata={"help": "which folders to read; INBOX and the junk folder where not given"}
    )
    sent_folder: str = field(default="", metadata={"help": "where sent mail lies; found by itself where not given"})
    history: timedelta = field(
        default=timedelta(days=35), metadata={"help": "how far back the first look at a folder reads"}
    )
    idle: bool = field(
        default=True, metadata={"help": "listen for new mail while an audit waits (IMAP IDLE); false asks now and then"}
    )
    addressing: Literal["plus", "catch-all", "plain"] = field(
        default="plus",
        metadata={
            "help": "how replies are told apart: name+token@, token@catch_all_domain, or by what they cite alone, "
            "where the provider knows no +"
        },
    )
    catch_all_domain: str = field(default="", metadata={"help": "the domain whose mail all comes to this mailbox"})
    copy: bool = field(
        default=True, metadata={"help": "send ourselves a blind copy: the evidence where an acknowledgement is lost"}
    )
    own_mx: str = field(
        default="", metadata={"help": 'the name our own mail exchanger writes behind "by" in Received: lines'}
    )
    authserv_id: str = field(
        default="",
        metadata={
            "help": "the name our own server signs Authentication-Results with; without it no sender is verified"
        },
    )
    canary: timedelta | None = field(
        default=None,
        metadata={"help": "how often a letter to ourselves goes the way of requests; never where not given"},
    )
    canary_to: str = field(
        default="", metadata={"help": "who sends that letter back; it goes to our own reply address where not given"}
    )
    canary_delay: timedelta = field(
        default=timedelta(0), metadata={"help": "how long they are known to keep it, which is not our own way's time"}
    )
    ca_file: str = field(default="", metadata={"help": "certificate authorities to trust instead of the system's"})
    timeout: timedelta = field(
        default=timedelta(seconds=30), metadata={"help": "how long one step may take; up to the greeting 10 s at most"}
    )
    batch: int = field(default=500, metadata={"help": "how many letters one look brings at most"})

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return [*self._address_problems(), *self._server_problems(), *logins.problems(self)]

    def _address_problems(self) -> Iterable[tuple[str, str]]:
        local = self.address.rpartition("@")[0]
        problem = address_problem(self.address)
        if problem:
            yield "address", problem
        elif not self.address.isascii():
            yield "address", f'"{self.address}" is not ASCII, which some servers refuse in a sender; write another'
        elif "+" in local and self.addressing == "plus":
            yield "address", f'"{self.address}" has a +tag already; write the plain address'
        elif len(local) > ROOM and self.addressing == "plus":
            yield (
                "address",
                f'"{self.address}" leaves no room for a +tag; at most {ROOM} letters may stand before the "@"',
            )
        if self.addressing == "catch-all" and not self.catch_all_domain:
            yield "addressing", '"catch-all" needs a domain; write catch_all_domain = "in.example.org"'
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"

    def _server_problems(self) -> Iterable[tuple[str, str]]:
        for protocol, security, host in (
            ("smtp", self.smtp_security, self.smtp_host),
            ("imap", self.imap_security, self.imap_host),
        ):
            if security == "none" and not logins.is_this_machine(host):
                yield f"{protocol}_security", f'"none" would send the password in the clear to "{host}"; write "tls"'
        if self.auth == "password" and self.imap_password is None and self.smtp_password is None:
            yield (
                "imap_password",
                "no password is given; write smtp_password_env, _file or _command, or imap_password_…",
            )
        yield from self._canary_problems()
        if not self.batch:
            yield "batch", '"0" letters can never be read; write 500'

    def _canary_problems(self) -> Iterable[tuple[str, str]]:
        if self.canary is None:
            for key in ("canary_to", "canary_delay"):
                if getattr(self, key):
                    yield key, 'it says nothing without "canary"; write canary = "6 h" as well'
            return
        if self.canary < CANARY_LEAST:
            yield "canary", 'more than one letter an hour to ourselves is a nuisance; write "1 h" or more'
        if self.canary_to and (problem := address_problem(self.canary_to)):
            yield "canary_to", problem
        if self.canary_delay and not self.canary_to:
            yield "canary_delay", "nobody keeps it where it goes to ourselves; write canary_to as well"

    @property
    def user(self) -> str:
        """Whose tokens those of this account are."""
        return self.imap_user or self.smtp_user or self.address

    def oldest(self, *, now: datetime, looked_until: datetime | None) -> date:
        """Return the day from which a folder is read that has not been read before.

        Where the server renumbered a folder, nothing that came since the last complete look may be passed over.
        """
        return (min(now - self.history, looked_until or now) - OVERLAP).date()

    @property
    def domain(self) -> str:
        """The domain of the address; also how we introduce ourselves to a server."""
        return self.address.rpartition("@")[2]

    def reply_address(self, reference: str) -> str:
        """Return the address a reply to the request of this token (`reference`) comes back to.

        With plain addressing it is the account's own: the token then stands in the subject alone.

        Raises:
            ValueError: it has no room for the token.
        """
        from slawatch.mail.compose import reply_address  # noqa: PLC0415 - on use, as the module says

        if self.addressing == "plain":
            return self.address
        catch_all = self.catch_all_domain if self.addressing == "catch-all" else ""
        return reply_address(self.address, reference, catch_all_domain=catch_all)

    def smtp(self, tokens: Tokens | None = None) -> Server:
        """Return the server that takes letters, with the password or with where its tokens come from.

        Raises:
            ChannelUnavailableError: the password cannot be had.
        """
        from slawatch.mail.wire import Server  # noqa: PLC0415 - on use

        return Server(
            protocol="smtp",
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=(self.smtp_user or self.address) if self.smtp_password or tokens else "",
            password=logins.resolved(self.smtp_password),
            password_key=_key("smtp_password", self.smtp_password),
            ca_file=self.ca_file,
            timeout=self.timeout,
            tokens=tokens,
        )

    def imap(self, tokens: Tokens | None = None) -> Server:
        """Return the server that keeps letters, with the password or with where its tokens come from.

        Raises:
            ChannelUnavailableError: the password cannot be had.
        """
        from slawatch.mail.wire import Server  # noqa: PLC0415 - on use

        return Server(
            protocol="imap",
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.user,
            password=logins.resolved(self.imap_password or self.smtp_password),
            password_key=(
                _key("imap_password", self.imap_password)
                if self.imap_password
                else _key("smtp_password", self.smtp_password)
            ),
            ca_file=self.ca_file,
            timeout=self.timeout,
            tokens=tokens,
        )


def _key(name: str, secret: Secret | None) -> str:
    """Return the key that gives the password, as the config writes it."""
    return f"{name}{secret.source}" if secret else name
