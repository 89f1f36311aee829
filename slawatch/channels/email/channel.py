"""The channel itself: one account's letters, out and in. The protocols are slawatch/mail/'s.

What connects, writes or parses letters is loaded on use: a pass that finds nothing new needs imapclient alone, a report
only the parser.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from slawatch.channels.base import Batch, Capabilities, Finding, Note, NotSent, Sent, Thread, Unknown
from slawatch.channels.email import logins
from slawatch.channels.email.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError
from slawatch.mail import places
from slawatch.mail.places import INBOX, Cursor
from slawatch.model import Attempt, Facts, FollowUp, Incoming, Request, Stamps

if TYPE_CHECKING:
    from datetime import datetime

    from slawatch.mail.doorbell import Doorbell
    from slawatch.mail.mailbox import Letter, Mailbox
    from slawatch.mail.sieve import Sieve
    from slawatch.mail.wire import Server

SYNC_SECONDS = 60.0  # however well the doorbell seems to work, the server is asked what there is
POLL_SECONDS = 15.0  # between two questions where there is no doorbell; one costs about 1 ms (measured 2026-11-22)
FULL_FROM = 0.8  # of a mailbox; a few letters with attachments fill the rest
FULL_STEP = 5  # per cent
CANARY = "slawatch-canary-"  # begins the Message-IDs of letters to ourselves
PAUSE_MAX = 60.0  # seconds between two tries to reach a server that is away; the first comes after a second


class EmailChannel:
    """One account that asks and is answered.

    `send` may be called from several threads: each call has a connection of its own. Reading shares one connection.
    """

    capabilities = Capabilities(parallel=4)

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None) -> None:
        self._settings = settings
        self._tokens = logins.tokens(settings, account, store=store, clock=clock)
        self._account = account
        self._clock = clock
        self._mailbox: Mailbox | None = None
        self._rang_for: tuple[tuple[str, int], ...] | None = None
        self._bell: Doorbell | None = None
        self._passed_over = 0
        self._pause = 1.0

    def open(self) -> None:
        """Do nothing yet: connections are made on first use."""

    def close(self) -> None:
        """Log out of the mailbox, and stop listening."""
        bell, self._bell = self._bell, None
        if bell is not None:
            bell.close()
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
        """Return the letter, the same bytes whenever and however often it is asked for, and those that `send` sends.

        Everything in it is fixed before: text and Message-ID by the request, `Date:` by the attempt (its start, in the
        zone the request was planned in). Our own copy cannot be seen in it.

        Raises:
            ChannelRefusedError: there can be no such letter: an address that is none, or no room for the token.
        """
        from slawatch.mail.compose import compose  # noqa: PLC0415 - on use, as the module says

        try:
            return compose(
                sender=self._settings.reply_address(request.token),
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
        letter = self.prepare(request, attempt)
        return self._submitted(letter, request, request.target, request.message_id, attempt.envelope_id)

    def find(self, request: Request) -> Sent | NotSent | Unknown:
        """Look for our own copy, or for what the server filed as sent, by the Message-ID.

        The copy's `Date:` is our clock when that attempt began, and the mailbox stamped it after the hand-over: it was
        taken over in between. A letter that is not there may still be under way, so that proves nothing.
        """
        return self._found(request.message_id)

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the address of Reply-To, else of From."""
        from slawatch.mail import parse  # noqa: PLC0415 - on use, as the module says

        return parse.correspondent(letter)

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        """Return the reply to this letter of the company; fixed by what was kept of it, as `prepare` is.

        Raises:
            ChannelRefusedError: there can be no such letter, as with `prepare`.
        """
        from slawatch.mail.compose import compose, thread  # noqa: PLC0415 - on use, as the module says

        try:
            return compose(
                sender=self._settings.reply_address(request.token),
                name=self._settings.name,
                recipient=self.correspondent(letter),
                subject=follow_up.subject,
                body=follow_up.body,
                message_id=follow_up.own_id,
                written_at=(follow_up.started_at or follow_up.intended_at).astimezone(ZoneInfo(request.zone)),
                lang=request.text.lang,
                cites=thread(letter.headers) or (request.message_id,),
            )
        except ValueError as error:
            raise ChannelRefusedError(f"{self._account}: {error}") from error

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Submit the reply once, to whom the letter wants it, and only if that is accepted to ourselves.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        raw = self.prepare_follow_up(request, follow_up, letter)
        return self._submitted(raw, request, self.correspondent(letter), follow_up.own_id, follow_up.envelope_id)

    def find_follow_up(self, follow_up: FollowUp) -> Sent | NotSent | Unknown:
        """Look for it as `find` looks for a request."""
        return self._found(follow_up.own_id)

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look in the folders of sent mail for a reply that cites this letter. Nothing else there is read."""
        mailbox = self._box()
        found = mailbox.find(self._sent_folders(mailbox), letter.own_id, citing=True)
        if found is None or letter.own_id not in self.read(found.raw).cited_ids:  # servers look for parts of ids, too
            return Unknown()
        return self._as_sent(found)

    def write(self, note: Note) -> Sent:
        """Submit a letter to the user, from the account's own address; one that comes twice has one Message-ID."""
        from slawatch.mail.compose import ascii_domain, compose  # noqa: PLC0415 - on use, as the module says
        from slawatch.mail.submit import Envelope, submit  # noqa: PLC0415 - same

        settings = self._settings
        content = None
        if note.html or note.enclosures:
            from slawatch.mail.parcel import parcel  # noqa: PLC0415 - same

            content = parcel(note.body, note.html, note.enclosures, seed=note.key)
        try:
            letter = compose(
                sender=settings.address,
                name=settings.name,
                recipient=note.to,
                subject=note.subject,
                body=note.body,
                message_id=self.note_id(note.key),
                written_at=self._clock.now(),
                lang=note.lang,
                automatic=True,
                content=content,
                unsubscribe=note.unsubscribe,
            )
        except ValueError as error:
            raise ChannelRefusedError(f"{self._account}: {error}") from error
        envelope = Envelope(
            sender=settings.address,
            recipient=ascii_domain(note.to),
            copy=settings.address if note.evidence and settings.copy else "",
        )
        accepted = submit(self._smtp(), envelope, letter, clock=self._clock, helo=settings.domain)
        return Sent(
            remote_id=self.note_id(note.key),
            accepted_at=accepted.at,
            uncertainty=accepted.uncertainty,
            evidence=f"{settings.smtp_host}: {accepted.words}",
        )

    def note_id(self, key: str) -> str:
        """Return the Message-ID of the note of this key."""
        return f"{key}@{self._settings.domain}".lower()

    def find_note(self, key: str) -> Sent | Unknown:
        """Look for it as `find` looks for a request."""
        return self._found(self.note_id(key))

    def canary_id(self, reference: str) -> str:
        """Return its Message-ID."""
        return f"{CANARY}{reference}@{self._settings.domain}"

    def send_canary(self, reference: str) -> Sent:
        """Submit a letter to our own reply address, or to whoever sends it back there.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        from slawatch.channels.email import echo  # noqa: PLC0415 - on use, as the module says

        own_id = self.canary_id(reference)
        return echo.send(self._smtp(), self._settings, reference, own_id, account=self._account, clock=self._clock)

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,  # noqa: ARG002 - a mailbox has no gaps
    ) -> Batch:
        """Return the next letters of all folders after the cursor. A missing folder keeps the pass incomplete."""
        now = self._clock.now()
        before = Cursor.read(cursor)
        began_at = before.began_at or now
        mailbox = self._box()
        since = self._settings.oldest(now=now, looked_until=before.looked_until)
        look = mailbox.look(
            self._folders(mailbox),
            before.places,
            since=since,
            limit=self._settings.batch,
            sieve=self._may_belong(senders) if senders else None,
        )
        looked_until = None if look.more or look.missing else began_at
        after = Cursor(
            places=look.places,
            began_at=began_at if look.more else None,
            looked_until=looked_until or before.looked_until,
        )
        self._passed_over += sum(look.passed_over.values())
        notes = [
            *(f'there is no folder "{name}" to read; correct "folders"' for name in look.missing),
            *(f'the server renumbered folder "{name}"; it was read anew' for name in look.renewed),
            *(f"{one.name}: of {one.size} octets {len(one.raw)} were kept" for one in look.letters if one.is_cut),
        ]
        if self._passed_over and not look.more:
            notes.append(
                f"{self._passed_over} letters that belong to nothing we asked were left in the mailbox, unread"
            )
            self._passed_over = 0
        return Batch(
            messages=tuple(self._incoming(letter) for letter in look.letters),
            cursor=after.write(),
            more=look.more,
            looked_until=looked_until,
            notes=tuple(f"{self._account}: {note}" for note in notes),
            warning=None if look.more else _fullness(mailbox.fullness()),
        )

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what the letter says of itself."""
        from slawatch.mail import parse  # noqa: PLC0415 - on use, as the module says

        return parse.facts(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Listen at the INBOX, and ask at least once a minute what there is in all folders.

        The first call rings at once, since nobody has looked yet, and so does every new connection. While the mailbox
        cannot be reached it waits, longer after each try; `collect` is who says so.
        """
        until = time.monotonic() + wait_seconds
        while not stop.is_set():
            if self._something_came():
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._rings(stop, min(left, SYNC_SECONDS)):
                return True
        return False

    def login(self, tell: Callable[[str], None], *, port: int = 0) -> str:
        """Let a person log in with the provider, by a code or by a browser, and keep the tokens that this brings.

        Raises:
            ConfigError: this account logs in by other means. ChannelUnavailableError: it came to nothing.
        """
        return logins.login(self._settings, self._account, self._tokens, tell, clock=self._clock, port=port)

    def check(self) -> list[Finding]:
        """Log in to both servers; where both let us in, send a letter to ourselves, wait for it, and look at it."""
        from slawatch.channels.email import check  # noqa: PLC0415 - on use

        try:
            mailbox, smtp = self._box(), self._smtp()
        except ChannelUnavailableError as error:
            return [Finding(ok=False, what=f"{self._account}: password", cure=str(error))]
        findings = [
            check.sending(self._account, smtp, self._settings),
            *check.reading(self._account, mailbox, self._settings, lambda: self._folders(mailbox)),
        ]
        if all(finding.ok for finding in findings):
            folders = self._folders(mailbox)
            findings += check.whole_way(self._account, smtp, mailbox, folders, self._settings, self._clock)
        return findings

    def _box(self) -> Mailbox:
        from slawatch.mail.mailbox import Mailbox  # noqa: PLC0415 - on use

        if self._mailbox is None:
            self._mailbox = Mailbox(self._imap())
        return self._mailbox

    def _imap(self) -> Server:
        return self._settings.imap(self._tokens)

    def _smtp(self) -> Server:
        return self._settings.smtp(self._tokens)

    def _something_came(self) -> bool:
        try:
            mailbox = self._box()
            state = mailbox.next_uids(self._folders(mailbox))
        except ChannelUnavailableError:
            return False
        came, self._rang_for = state != self._rang_for, state
        return came

    def _rings(self, stop: Event, seconds: float) -> bool:
        """Return whether the doorbell rang within that time; where there is none, let a part of the time pass."""
        from slawatch.mail.doorbell import Doorbell, IdleNotOfferedError  # noqa: PLC0415 - on use

        pause = POLL_SECONDS
        if self._settings.idle:
            try:
                if self._bell is None:
                    self._bell = Doorbell(self._imap(), self._listened_at())
                rang = self._bell.wait(seconds, stop)
            except IdleNotOfferedError:
                pass
            except ChannelUnavailableError:
                pause, self._pause = self._pause, min(2 * self._pause, PAUSE_MAX)
            else:
                self._pause = 1.0
                return rang
        stop.wait(min(seconds, pause))
        return False

    def _listened_at(self) -> str:
        """Return the one folder that can ring: INBOX where it is read, for new mail comes in there."""
        named = self._settings.folders
        return next((name for name in named if name.upper() == INBOX), named[0] if named else INBOX)

    def _folders(self, mailbox: Mailbox) -> list[str]:
        """Return the folders to read: those named, else INBOX and whatever takes in what the server thinks is junk."""
        return list(self._settings.folders) or [INBOX, *places.junk(mailbox.folders())]

    def _sent_folders(self, mailbox: Mailbox) -> list[str]:
        return [self._settings.sent_folder] if self._settings.sent_folder else places.sent(mailbox.folders())

    def _submitted(self, letter: bytes, request: Request, recipient: str, message_id: str, envelope_id: str) -> Sent:
        from slawatch.mail.compose import ascii_domain  # noqa: PLC0415 - on use, as the module says
        from slawatch.mail.submit import Envelope, submit  # noqa: PLC0415 - same

        envelope = Envelope(
            sender=self._settings.reply_address(request.token),
            recipient=ascii_domain(recipient),
            copy=self._settings.address if self._settings.copy else "",
            envelope_id=envelope_id,
        )
        accepted = submit(self._smtp(), envelope, letter, clock=self._clock, helo=self._settings.domain)
        asked = "; delivery reports asked for" if accepted.reports_asked else ""
        return Sent(
            remote_id=message_id,
            accepted_at=accepted.at,
            uncertainty=accepted.uncertainty,
            evidence=f"{self._settings.smtp_host}: {accepted.words}{asked}",
        )

    def _found(self, message_id: str) -> Sent | Unknown:
        mailbox = self._box()
        return self._as_sent(mailbox.find([*self._folders(mailbox), *self._sent_folders(mailbox)], message_id))

    def _as_sent(self, found: Letter | None) -> Sent | Unknown:
        if found is None:
            return Unknown()
        facts = self.read(found.raw)
        its = self._stamps(found, facts)
        earliest = min(its.date_header_at or its.at, its.at)
        half = (max(its.date_header_at or its.at, its.at) - earliest) / 2
        return Sent(
            remote_id=facts.own_id,
            accepted_at=earliest + half,
            uncertainty=half + its.later,
            evidence=f"the letter lies in {found.folder} since {its.at:%Y-%m-%d %H:%M:%S} UTC",
        )

    def _incoming(self, letter: Letter) -> Incoming:
        facts = self.read(letter.raw)
        return Incoming(
            remote_id=letter.name,
            folder=letter.folder,
            raw=letter.raw,
            stamps=self._stamps(letter, facts),
            facts=facts,
        )

    def _may_belong(self, senders: Callable[[], frozenset[str]]) -> Callable[[bytes], bool]:
        """Return what tells by its header whether a letter may belong to a request; loaded with the first one."""

        @cache
        def sieve() -> Sieve | None:
            from slawatch.mail.sieve import Sieve  # noqa: PLC0415 - on use, as the module says

            settings, known = self._settings, senders()
            if not known:
                return None
            return Sieve(
                address=settings.address, domain=settings.domain, catch_all=settings.catch_all_domain, senders=known
            )

        def may_belong(header: bytes) -> bool:
            made = sieve()
            return made is None or made.may_belong(header)

        return may_belong

    def _stamps(self, letter: Letter, facts: Facts) -> Stamps:
        from slawatch.mail import stamps  # noqa: PLC0415 - on use, as the module says

        seen_at: datetime = self._clock.now()
        return stamps.choose(facts, internal_at=letter.internal_at, own_mx=self._settings.own_mx, seen_at=seen_at)


def _fullness(used: float | None) -> str:
    """Return what to say of a mailbox that is nearly full, in steps, so that it is said seldom; "" of any other."""
    if used is None or used < FULL_FROM:
        return ""
    percent = int(used * 100 / FULL_STEP) * FULL_STEP
    return f"the mailbox is {percent} % full; make room: a full one refuses answers, and nobody can tell us"
