"""Finds the servers of a mailbox and tries everything on them that a request depends on, for a first audit of oneself.

Writes to nobody but the address itself, and to no file.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from slawatch import token
from slawatch.channels.email import logins
from slawatch.channels.email.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelUnavailableError, SlawatchError, UsageError
from slawatch.mail import discover, dns, places
from slawatch.mail.compose import compose
from slawatch.mail.discover import Protocol, Provider, Spot
from slawatch.mail.mailbox import Letter, Mailbox
from slawatch.mail.submit import Envelope, connected, submit
from slawatch.mail.wire import Tokens
from slawatch.secret import Secret
from slawatch.usecases.world import News

TAGGED_SECONDS = 30
"""How long the letter to the address with "+" has before one without it is written too: seconds are usual."""
PLAIN_SECONDS = 90
"""How long either has then. A provider that greylists its own users takes minutes, and is no use for a first try."""
ACCOUNT = "main"  # what the config calls it
NO_SUCH_HOST = "there is no such host"
LOGIN_FAILED = "login as"  # so both protocols begin what they say of it

SUBJECT = "slawatch init {reference}"
BODY = """\
This is a letter from slawatch to yourself. It tries whether mail to this address comes back to this mailbox.
Nobody needs to answer it, and it can be deleted.
"""

Tell = Callable[[News], None]
Ways = Iterator[tuple[str, list[Spot]]]

_TASK: dict[Protocol, str] = {"imap": "reading", "smtp": "sending"}
_DONE: dict[Protocol, str] = {"imap": "read from", "smtp": "sent through"}


class SetupError(SlawatchError):
    """The mailbox cannot be used as it is; nothing was written."""


class LoginError(SetupError):
    """A server let us in under no name; another password may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user says; "" leaves it to us to find out. `by_token`: the secret is an access token, no password."""

    address: str
    name: str = ""
    imap: str = ""
    smtp: str = ""
    user: str = ""
    ca_file: str = ""
    by_token: bool = False

    @property
    def domain(self) -> str:
        """What stands behind the "@"."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where the mailbox is. Neither server has been told a password yet."""

    imap: Spot
    smtp: Spot
    provider: Provider | None

    def strangers(self, domain: str) -> list[str]:
        """Return the hosts that only the DNS ties to the address, which whoever forges its answers can do as well.

        RFC 6186, section 6, wants a person to be asked before a password goes there.
        """
        found = [one.host for one in (self.imap, self.smtp) if one.source == "srv"]
        return list(dict.fromkeys(host for host in found if not discover.within(host, domain)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Settings with which everything worked, and what was seen of the mailbox."""

    settings: Settings
    folders: tuple[str, ...]
    sent: tuple[str, ...]
    came_into: str


def find_servers(wish: Wish, tell: Tell) -> Servers:
    """Return servers that greet as they should: those named, else the provider's, the published, or the usual ones.

    Raises:
        SetupError: there is none, or the provider lets no mail program in. UsageError: what was named is no server.
    """
    search = _Search(wish, tell)
    provider = discover.of_domain(wish.domain)
    if provider is not None and not provider.reachable and not (wish.imap and wish.smtp):
        raise SetupError(f"{wish.address}: {provider.note}")
    search.refuse_passwords()
    imap, smtp = search.find("imap"), search.find("smtp")
    return Servers(imap=imap, smtp=smtp, provider=provider or search.provider)


class _Search:
    """Goes through the ways to find a server, one after the other, and asks the DNS for nothing it need not know."""

    def __init__(self, wish: Wish, tell: Tell) -> None:
        self.provider = discover.of_domain(wish.domain)
        self._wish = wish
        self._tell = tell
        self._mx: list[str] | None = None

    def refuse_passwords(self) -> None:
        """Raise SetupError where the provider takes none, before anybody types one."""
        if self.provider is not None and self.provider.oauth and not self._wish.by_token:
            cure = "see docs/how-to/oauth.md, or name a program that prints access tokens: --token-command"
            raise SetupError(f"{self._wish.address}: {self.provider.note}; {cure}")

    def find(self, protocol: Protocol) -> Spot:
        tried: list[tuple[Spot, str]] = []
        for words, candidates in self._ways(protocol):
            found, wrong = discover.first_to_greet(candidates, ca_file=self._wish.ca_file)
            tried += wrong
            if found is not None:
                self._tell(News(what="server", words=f"{_TASK[protocol]}: {found.where} ({found.security}), {words}"))
                return found
        raise SetupError(self._nowhere(protocol, tried))

    def _ways(self, protocol: Protocol) -> Ways:
        """Yield candidates and who says so; each way is looked into only where the one before it led nowhere."""
        named = self._wish.imap if protocol == "imap" else self._wish.smtp
        if named:
            try:
                yield "as you say", discover.spots(named, protocol)
            except ValueError as error:
                raise UsageError(f"--{protocol}: {error}") from None
        elif self.provider is not None:
            yield f"from the table of providers: {self.provider.name}", self.provider.spots(protocol)
        else:
            yield from self._looked_up(protocol)

    def _looked_up(self, protocol: Protocol) -> Ways:
        domain = self._wish.domain
        if dns.worth_asking(domain):
            yield from self._published(protocol)
            hosted = self._hosted()
            if hosted is not None:
                self.provider = hosted
                if not hosted.reachable:
                    raise SetupError(f"{self._wish.address}: {hosted.note}")
                self.refuse_passwords()
                yield f"as {domain} takes its mail at {hosted.name}", hosted.spots(protocol)
        yield "a usual name", discover.usual(domain, protocol)

    def _published(self, protocol: Protocol) -> Ways:
        domain = self._wish.domain
        try:
            found = discover.published(domain, protocol, dns.srv)
        except dns.DnsError as error:
            self._tell(News(what="note", words=str(error)))
        else:
            if found:
                yield f"as {domain} publishes it", found

    def _hosted(self) -> Provider | None:
        if self._mx is None:
            try:
                self._mx = dns.mx(self._wish.domain)
            except dns.DnsError:
                self._mx = []  # the question before this one told it already
        return discover.of_mx(self._mx)

    def _nowhere(self, protocol: Protocol, tried: Sequence[tuple[Spot, str]]) -> str:
        """Return one line; of hosts that do not exist the names are enough."""
        there = [fault for _, fault in tried if NO_SUCH_HOST not in fault]
        missing = dict.fromkeys(spot.host for spot, fault in tried if NO_SUCH_HOST in fault)
        said = [as_options(fault) for fault in dict.fromkeys(there)]
        if missing:
            said.append(f"there is no {' or '.join(missing)}")
        named = self._wish.imap if protocol == "imap" else self._wish.smtp
        if named:
            return f"--{protocol}: no mail is to be {_DONE[protocol]} {named} ({'; '.join(said)})"
        cure = f"ask your provider where it is, then: --{protocol} HOST:PORT"
        return f"{self._wish.address}: no server was found for {_TASK[protocol]} mail ({'; '.join(said)}); {cure}"


_OPTIONS = {
    r"check (?:smtp|imap)_user and smtp_password\w*": "check --user and the password",
    r"(smtp|imap)_host and \1_port": r"--\1",
    r"(smtp|imap)_host and (?=\1_port = )": "",
    r"(smtp|imap)_host": r"--\1",
    r"\bca_file": "--ca-file",
}


def as_options(fault: str) -> str:
    """Return what a server's fault says with our options in place of the config's keys: there is no config yet."""
    for key, option in _OPTIONS.items():
        fault = re.sub(key, option, fault)
    return fault


def prove(
    wish: Wish,
    servers: Servers,
    secret: Secret,
    *,
    clock: Clock,
    tell: Tell,
    wait_seconds: tuple[int, int] = (TAGGED_SECONDS, PLAIN_SECONDS),
) -> Proven:
    """Log in on both sides, find the folders, and see a letter to ourselves come back. Returns settings that do.

    `wait_seconds`: how long to wait for the letter to the address with "+", and then for one without it.

    Raises:
        LoginError: under no name were we let in. SetupError: anything else that a request depends on does not work.
    """
    settings = Settings(
        address=wish.address,
        name=wish.name,
        smtp_host=servers.smtp.host,
        smtp_port=servers.smtp.port,
        smtp_security=servers.smtp.security,
        auth="token_command" if wish.by_token else "password",
        token=secret if wish.by_token else None,
        smtp_password=None if wish.by_token else secret,
        imap_host=servers.imap.host,
        imap_port=servers.imap.port,
        imap_security=servers.imap.security,
        ca_file=wish.ca_file,
    )
    for key, problem in settings.problems():
        raise UsageError(f"--email: {problem}" if key == "address" else f"{key}: {problem}")
    tokens = logins.tokens(settings, ACCOUNT, store=None, clock=clock)
    settings, mailbox = _reading(wish, servers, settings, tokens, tell)
    try:
        there = mailbox.folders()
        folders = [places.INBOX, *places.junk(there)]
        _sending(servers, settings, tokens, tell)
        own = _Canary(
            settings=settings,
            tokens=tokens,
            mailbox=mailbox,
            folders=folders,
            sent=places.sent(there),
            clock=clock,
            tell=tell,
        )
        return own.fly(wait_seconds)
    finally:
        mailbox.close()


def _reading(
    wish: Wish, servers: Servers, settings: Settings, tokens: Tokens | None, tell: Tell
) -> tuple[Settings, Mailbox]:
    """Log in where mail is read, under the names we may go by there; returns the settings with that which let us in."""
    refused: ChannelUnavailableError | None = None
    for tried, name in _logins(wish, servers.provider, settings):
        mailbox = Mailbox(tried.imap(tokens))
        try:
            there = mailbox.folders()
        except ChannelUnavailableError as error:
            mailbox.close()
            if LOGIN_FAILED not in str(error):
                raise SetupError(as_options(str(error))) from error
            refused = refused or error
            continue
        junk = places.junk(there)
        seen = ", ".join([places.INBOX, *junk]) + ("" if junk else "; there is no junk folder")
        tell(News(what="ok", words=f"read mail from {servers.imap.where} as {name}: {seen}"))
        return tried, mailbox
    raise LoginError(_with_note(str(refused), servers.provider)) from refused


def _logins(wish: Wish, provider: Provider | None, settings: Settings) -> list[tuple[Settings, str]]:
    """Return the settings to try, with the name of each; of a provider we know which one it wants."""
    local = wish.address.rpartition("@")[0]
    if wish.user:
        return [(replace(settings, smtp_user=wish.user), wish.user)]
    if provider is None:
        return [(settings, wish.address), (replace(settings, smtp_user=local), local)]
    if provider.local_user:
        return [(replace(settings, imap_user=local), local), (settings, wish.address)]
    return [(settings, wish.address)]


def _sending(servers: Servers, settings: Settings, tokens: Tokens | None, tell: Tell) -> None:
    try:
        with connected(settings.smtp(tokens), helo=settings.domain) as smtp:
            reports = smtp.has_extn("dsn")
    except ChannelUnavailableError as error:
        kind = LoginError if LOGIN_FAILED in str(error) else SetupError
        raise kind(_with_note(str(error), servers.provider)) from error
    said = "it reports deliveries" if reports else "it reports no deliveries, they will be presumed"
    tell(News(what="ok", words=f"send through {servers.smtp.where}; {said}"))


def _with_note(fault: str, provider: Provider | None) -> str:
    fault = as_options(fault)
    return f"{fault}; {provider.note}" if provider is not None and provider.note else fault


@dataclass(frozen=True, slots=True, kw_only=True)
class _Canary:
    """Letters to ourselves, and who waits for them."""

    settings: Settings
    tokens: Tokens | None
    mailbox: Mailbox
    folders: list[str]
    sent: list[str]
    clock: Clock
    tell: Tell

    def fly(self, wait_seconds: tuple[int, int]) -> Proven:
        """Write to the address with "+", and without it where that does not come back.

        Some providers know no "+" (GMX is one). Replies are then told apart by what they cite alone.
        """
        written: dict[str, Settings] = {}
        faults: list[str] = []
        ways = (self.settings, replace(self.settings, addressing="plain"))
        for chosen, seconds in zip(ways, wait_seconds, strict=True):
            address, message_id, fault = self._write(chosen)
            if not fault:
                written[message_id] = chosen
                self.tell(News(what="wait", words=f"wrote a letter to {address}; waiting until it is there"))
            found, passed = self._wait(list(written), seconds if written else 0)
            if found is not None:
                letter, which = found
                return self._came_back(written[which], letter, max(passed, 1))
            faults.append(fault or f"a letter to {address} did not come back within {seconds} s")
            if chosen is self.settings:
                self.tell(News(what="note", words=f'{faults[-1]}; trying without the "+"'))
        cure = f"look into other folders of {self.settings.address} for it, and whether the mailbox is full"
        raise SetupError(f"{faults[-1]}; {cure}")

    def _came_back(self, settings: Settings, found: Letter, seconds: int) -> Proven:
        words = f"a letter to ourselves came back into {found.folder} within {seconds} s"
        self.tell(News(what="ok", words=words))
        if found.folder != places.INBOX:
            where = f'slawatch reads "{found.folder}", look there for the question'
            self.tell(News(what="note", words=f"it was taken for junk; {where}"))
        if settings.addressing == "plain":
            words = 'this provider knows no "+"; replies are told apart by what they cite'
            self.tell(News(what="note", words=words))
        return Proven(settings=settings, folders=tuple(self.folders), sent=tuple(self.sent), came_into=found.folder)

    def _write(self, settings: Settings) -> tuple[str, str, str]:
        """Return the address written to, the letter's Message-ID, and why it did not leave, "" where it did."""
        reference = token.new(secrets.token_bytes(token.RANDOM_BYTES))
        address = settings.reply_address(reference)
        message_id = f"slawatch-init-{reference}@{settings.domain}"
        letter = compose(
            sender=settings.address,
            name=settings.name,
            recipient=address,
            subject=SUBJECT.format(reference=reference),
            body=BODY,
            message_id=message_id,
            written_at=self.clock.now(),
            lang="en",
        )
        envelope = Envelope(sender=settings.address, recipient=address)
        try:
            submit(settings.smtp(self.tokens), envelope, letter, clock=self.clock, helo=settings.domain)
        except ChannelError as error:
            return address, message_id, as_options(str(error))
        return address, message_id, ""

    def _wait(self, message_ids: Sequence[str], most: int) -> tuple[tuple[Letter, str] | None, int]:
        """Return the first of these letters that can be read, with its id, and how many seconds that took."""
        for seconds in range(most):
            for message_id in message_ids:
                try:
                    found = self.mailbox.find(self.folders, message_id)
                except ChannelUnavailableError as error:
                    raise SetupError(as_options(str(error))) from error
                if found is not None:
                    return (found, message_id), seconds
            self.clock.sleep(1)
        return None, most
