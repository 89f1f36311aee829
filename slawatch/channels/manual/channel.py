"""Asking by hand as a channel: it knows how to read what a person noted, and that nothing ever leaves by itself.

It must never send: what is due waits for `slawatch record`, which hands the notes to the store (usecases/recording.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from slawatch.channels.base import Batch, Capabilities, Finding, Sent, Thread, Unknown
from slawatch.channels.manual import notes
from slawatch.channels.manual.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError
from slawatch.model import Attempt, Facts, FollowUp, Request


class ManualChannel:
    """One person who asks by hand."""

    capabilities = Capabilities(unattended=False, resolution=notes.REACTION)

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path) -> None:
        del store  # all there is to remember stands in it already
        self._settings = settings
        self._account = account
        self._clock = clock

    def open(self) -> None:
        """Do nothing: there is nothing to connect to."""

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def prepare(self, request: Request, attempt: Attempt) -> bytes:
        """Return what the person is to say or paste."""
        del attempt
        subject = f"{request.text.subject}\n\n" if request.text.subject else ""
        return f"{subject}{request.text.body.strip()}".encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Refuse.

        Raises:
            ChannelRefusedError: always.
        """
        del attempt
        raise ChannelRefusedError(
            f'{self._account}: "{request.target}" is asked by a person: slawatch record {request.public_id}'
        )

    def find(self, request: Request) -> Unknown:
        """Return that nobody but the person knows."""
        del request
        return Unknown()

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return where it was asked."""
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        """Return what the person is to reply."""
        del request, letter
        return follow_up.body.encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Refuse.

        Raises:
            ChannelRefusedError: always.
        """
        del follow_up, letter
        raise ChannelRefusedError(f'{self._account}: "{request.target}" is replied to by a person')

    def find_follow_up(self, follow_up: FollowUp) -> Unknown:
        """Return that nobody but the person knows."""
        del follow_up
        return Unknown()

    def find_by_hand(self, letter: Facts) -> Unknown:
        """Return that nobody but the person knows."""
        del letter
        return Unknown()

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return nothing, seen until now: how long a person listened is noted with each request of theirs."""
        del senders, threads
        return Batch(messages=(), cursor=cursor, looked_until=self._clock.now())

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what a note says; never raises."""
        return notes.read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait; nothing ever rings here."""
        stop.wait(wait_seconds)
        return False

    def check(self) -> list[Finding]:
        """Return who asks: there is nothing that could fail."""
        return [Finding(ok=True, what=f"{self._settings.name} asks by hand; what is due stands in: slawatch status")]
