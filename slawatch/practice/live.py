"""The companies at work: each letter that reaches one is answered, by real mail, when its manner says so."""

from __future__ import annotations

import heapq
import random
import smtplib
import threading
from collections.abc import Iterable
from itertools import count
from types import TracebackType
from typing import Self

from slawatch.clock import Clock
from slawatch.practice.companies import PracticeCompany
from slawatch.practice.history import Due, replies
from slawatch.practice.letters import Asked, Letters
from slawatch.practice.post import HOST, PostOffice

LOOK_SECONDS = 0.02  # real seconds between two looks at what is due: 12 s of practice time at the demo's speed
TIMEOUT = 60.0  # real seconds; nothing on loopback takes so long, but a machine may be busy
TRIES = 3  # as a company's mail server would, should the line break


class Companies:
    """Takes letters in and writes back, in a thread of its own. Use as a context manager."""

    def __init__(self, companies: Iterable[PracticeCompany], letters: Letters, clock: Clock, seed: str) -> None:
        self._by_address = {company.address: company for company in companies}
        self._letters = letters
        self._clock = clock
        self._dice = random.Random(f"{seed}|live")
        self._lock = threading.Lock()
        self._order = count()
        self._due: list[tuple[float, int, Due]] = []
        self._stop = threading.Event()
        self._post: PostOffice | None = None
        self._thread = threading.Thread(target=self._work, name="practice-companies", daemon=True)
        self.failed: list[str] = []

    def arrived(self, address: str, raw: bytes) -> None:
        """Read a letter that came in, and put what the company will write on the pile."""
        with self._lock:
            for due in replies(self._by_address[address], Asked.read(raw), self._clock.now(), self._dice):
                self._pile(due)

    def expect(self, due: Iterable[Due]) -> None:
        """Put letters on the pile that answer requests of the past."""
        with self._lock:
            for one in due:
                self._pile(one)

    def work_at(self, post: PostOffice) -> Self:
        """Say where letters are handed in."""
        self._post = post
        return self

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _pile(self, due: Due) -> None:
        heapq.heappush(self._due, (due.at.timestamp(), next(self._order), due))

    def _work(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for due in self._take_due():
                try:
                    self._send(due)
                except (OSError, smtplib.SMTPException) as error:
                    self.failed.append(f"{due.company.key}: {error}")

    def _take_due(self) -> list[Due]:
        now = self._clock.now().timestamp()
        taken = []
        with self._lock:
            while self._due and self._due[0][0] <= now:
                taken.append(heapq.heappop(self._due)[2])
        return taken

    def _send(self, due: Due) -> None:
        if self._post is None:
            raise RuntimeError("the companies do not know the post office")
        sender, raw = self._letters.write(due.company, due.letter, due.asked, at=self._clock.now(), dice=self._dice)
        host = f"mail.{due.company.domain}"
        for tries_left in reversed(range(TRIES)):
            try:
                with smtplib.SMTP(HOST, self._post.smtp_port, local_hostname=host, timeout=TIMEOUT) as smtp:
                    smtp.sendmail(sender, [due.asked.reply_to], raw)
            except (OSError, smtplib.SMTPException):
                if not tries_left:
                    raise
            else:
                return
