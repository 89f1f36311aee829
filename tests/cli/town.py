"""A town to ask: the practice range's post office on the machine's clock, companies that answer when told to."""

from __future__ import annotations

import random
import smtplib
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from slawatch.clock import SystemClock
from slawatch.practice.companies import PracticeCompany
from slawatch.practice.demo import config_text
from slawatch.practice.letters import Asked
from slawatch.practice.post import HOST, PostOffice
from tests.practice.far_side import letters
from tests.servers.local import eventually

BAKERY = PracticeCompany(key="bakery", name="Old Bakery", manner="", lang="en", agent="Maeve Doyle")
FLORIST = PracticeCompany(key="florist", name="Blumen Körner", manner="", lang="de", agent="Jonas Vogt")
COMPANIES = (BAKERY, FLORIST)


TEN_MINUTES = timedelta(minutes=10)


class Town:
    """Use as a context manager. `config` is a working folder's, with both companies in it and no schedule."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, Asked]] = []
        self._clock = SystemClock()
        self._office = PostOffice(self._clock, [company.address for company in COMPANIES], self._arrived)
        self._dice = random.Random(1)  # noqa: S311 - no secrets, only wordings
        self.config = folder / "config.toml"

    def __enter__(self) -> Self:
        self._office.__enter__()
        text = config_text(COMPANIES, self._office.smtp_port, self._office.imap_port)
        self.config.touch(mode=0o600)
        self.config.write_text(text, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._office.__exit__(kind, error, trace)

    def _arrived(self, address: str, raw: bytes) -> None:
        self.asked.append((address, Asked.read(raw)))

    def wait_until_asked(self, times: int) -> None:
        eventually(lambda: len(self.asked) >= times, what=f"{times} requests", seconds=60)

    def answer(self, company: PracticeCompany, letter: str = "answer", *, after: timedelta = TEN_MINUTES) -> None:
        """Let the company write back to its latest request, as if that had left ten minutes ago.

        No person writes a letter within a second, and what is stamped ahead of the clock is not believed: so the past
        is moved, in the store, and not the present.
        """
        asked = [asked for address, asked in self.asked if address == company.address][-1]
        self._move_back(asked, after)
        sender, raw = letters().write(company, letter, asked, at=self._clock.now(), dice=self._dice)
        with smtplib.SMTP(HOST, self._office.smtp_port, local_hostname=f"mail.{company.domain}") as smtp:
            smtp.sendmail(sender, [asked.reply_to], raw)

    def _move_back(self, asked: Asked, span: timedelta) -> None:
        """Let the request have left that much earlier, once slawatch knows that it left."""
        micros = span // timedelta(microseconds=1)

        def moved() -> bool:
            with closing(sqlite3.connect(self.config.parent / "demo.db", timeout=30)) as store, store:
                changed = store.execute(
                    "UPDATE request SET accepted_at = accepted_at - ? WHERE message_id = ? AND delivery = 'sent'",
                    (micros, asked.message_id.strip("<>").lower()),
                )
                return changed.rowcount == 1

        eventually(moved, what=f"the request {asked.message_id}, sent", seconds=60)
