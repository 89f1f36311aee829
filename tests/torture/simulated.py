"""A year in memory: companies whose every deed is known beforehand, and what it cost to ask them. Judges nothing.

Real are store, config, probes and every use case; the clock is set from pass to pass, and the far side is a heap.
"""

from __future__ import annotations

import heapq
import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slawatch import app
from slawatch.channels.base import Batch, Sent, Thread, Unknown
from slawatch.clock import from_micros, to_micros
from slawatch.errors import ChannelUncertainError
from slawatch.model import Attempt, Facts, Request
from slawatch.store import Store
from slawatch.testing import INBOX, FakeClock, Letter, MemoryChannel, MemoryWorld
from slawatch.usecases.tick import Tick, tick
from slawatch.usecases.world import World

START = datetime(2026, 10, 1, tzinfo=UTC)
"""Lord Howe changes its clocks three days later, Berlin on the 25th, New York on the 1st of November, and all of them
back in spring: a short year has changes, too."""
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WINDOW, LATE = timedelta(days=7), timedelta(days=30)
PER_DAY = 2000
UPKEEP = re.compile(r"purged_at|sealed_at|DELETE FROM blob|audit_log")
STEP = 100  # operations of SQLite's machine between two counts

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
MANNERS = (
    ("public_interest", 'every = "14 d"'),
    ("own", 'every = "7 d"'),
    ("competitor", 'cron = "30 2 * * Sun"'),  # an hour that a change to summer time skips
    ("consented", 'every = "10 d"\nholidays = { country = "DE" }\nhours = { Mon-Fri = "09:00-17:00" }'),
    ("public_interest", 'every = "36 h"'),  # far more than its limits let through
)

CONFIG = f"""
timezone = "Europe/Berlin"

[account.main]
channel = "email"
address = "asks@own.example"
name = "Anna Beispiel"
smtp_host = "localhost"
smtp_security = "none"
smtp_password_env = "UNSET_IN_TESTS"
imap_host = "localhost"
imap_security = "none"
per_minute = 1000
per_day = {PER_DAY}
"""

COMPANY = """
[company.{key}]
name = "{key}"
relationship = "{relationship}"
language = "de"
timezone = "{zone}"
{consent}

[[company.{key}.target]]
channel = "email"
address = "service@{key}.example"
{schedule}
"""

ANSWER = "Guten Tag,\n\n{gist} {aside}\n\nViele Grüße\n{name} Muster\n"
GISTS = (
    "wir liefern in zwei Tagen, und das kostet 4,90 Euro.",
    "die Lieferung dauert drei Werktage und ist ab 40 Euro frei.",
    "wir haben montags bis freitags von neun bis achtzehn Uhr geöffnet.",
    "ja, das geht bei uns; bringen Sie bitte nur den Beleg mit.",
)
ASIDES = (
    *("heute", "morgen", "gestern", "gern", "bald", "oft", "selten", "meist"),
    *("vorn", "hinten", "oben", "unten", "drinnen", "draußen", "links", "rechts"),
)
NAMES = (
    *("Anna", "Bert", "Carla", "Dora", "Emil", "Frieda", "Gustav", "Hanna"),
    *("Ida", "Jonas", "Klara", "Ludwig", "Mira", "Nora", "Otto", "Paula"),
)
RECEIPT = "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Wir melden uns, so schnell wir können.\n"


def manner(number: int) -> tuple[str, str]:
    """Return relationship and schedule of a company."""
    return MANNERS[number % len(MANNERS)]


def config(companies: int) -> str:
    """Return a config that asks so many companies."""
    parts = [CONFIG]
    for number in range(companies):
        relationship, schedule = manner(number)
        consent = 'consent = "by mail of 2026-09-01"' if relationship == "consented" else ""
        parts.append(
            COMPANY.format(
                key=f"c{number}",
                relationship=relationship,
                schedule=schedule,
                zone=ZONES[number // len(MANNERS) % len(ZONES)],
                consent="" if relationship != "consented" else consent,
            )
        )
    return "".join(parts)


# --- the far side ---


@dataclass(slots=True)
class Truth:
    """What was really asked and answered, kept out of Python's memory, which is measured."""

    rows: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))

    def __post_init__(self) -> None:
        self.rows.execute(
            "CREATE TABLE asked (own_id TEXT PRIMARY KEY, company TEXT, at INTEGER, answer_at INTEGER, fate TEXT)"
        )

    def add(self, own_id: str, company: str, at: datetime, answer_at: datetime | None, fate: str) -> None:
        micros = None if answer_at is None else to_micros(answer_at)
        self.rows.execute("INSERT INTO asked VALUES (?, ?, ?, ?, ?)", (own_id, company, to_micros(at), micros, fate))

    def all(self) -> list[tuple[str, str, int, int | None, str]]:
        """Return all that was asked, in the order of time."""
        return self.rows.execute("SELECT * FROM asked ORDER BY at").fetchall()

    def at(self, own_id: str) -> int | None:
        """Return when that left, None where it did not."""
        row = self.rows.execute("SELECT at FROM asked WHERE own_id = ?", (own_id,)).fetchone()
        return None if row is None else row[0]


@dataclass(slots=True)
class YearFar(MemoryWorld):
    """Companies that answer as a seed has it. What lies in our mailbox is forgotten once it was read."""

    truth: Truth = field(default_factory=Truth)
    luck: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - what happens is no secret
    waiting: list[tuple[datetime, int, Letter]] = field(default_factory=list)
    read_up_to: int = 0
    made: int = 0

    def take(self, request: Request, attempt: Attempt, raw: bytes, *, to: str, own_id: str) -> Any:
        """Do what the far side does with a sending, and have the company do what it will do."""
        if not self.away and not self.faults and self.luck.random() < 0.03:
            self.faults.append(self.luck.choice(["fail", "lose", "swallow"]))
        try:
            departure = MemoryWorld.take(self, request, attempt, raw, to=to, own_id=own_id)
        except ChannelUncertainError:
            if self.departures:
                self._asked(request, attempt)
            raise
        self._asked(request, attempt)
        return departure

    def _asked(self, request: Request, attempt: Attempt) -> None:
        departure = self.departures.pop()
        fate, after = self._fate(request)
        answer_at = None if after is None else departure.at + after
        self.truth.add(departure.own_id, request.company, departure.at, answer_at, fate)
        if fate == "bounce":
            self._later(MINUTE, lambda: self.report(request, attempt, "failed"))
        if fate == "receipt":
            self._later(MINUTE, lambda: self.answer(request, RECEIPT, headers={"auto-submitted": ("auto-replied",)}))
        if after is not None:
            self._later(after, lambda: self.answer(request, self._text()))

    def _text(self) -> str:
        """Return what a person writes, and not the same one twice: the same words to several mean a machine."""
        words = " ".join(self.luck.sample(ASIDES, 5))
        aside = f"Das habe ich eben nachgesehen: {words} ist alles da."
        return ANSWER.format(gist=self.luck.choice(GISTS), aside=aside, name=self.luck.choice(NAMES))

    def _fate(self, request: Request) -> tuple[str, timedelta | None]:
        if int(request.company[1:]) % 11 == 0:
            return "never", None  # companies that answer nobody, ever
        die = self.luck.random()
        if die < 0.02:
            return "bounce", None
        if die < 0.08:
            return "silent", None
        if die < 0.12:
            return "late", WINDOW + DAY * self.luck.uniform(0.1, 15)
        length = MINUTE * round(self.luck.choice([20, 200, 2000]) * self.luck.uniform(0.1, 4))
        return ("receipt" if die < 0.3 else "answer"), length

    def deliver(self, facts: Facts, *, folder: str = INBOX, at: datetime | None = None) -> None:
        """Lay a letter into a folder, under a name that none has had before: the mailbox here forgets its letters."""
        MemoryWorld.deliver(self, replace(facts, own_id=f"far-{self.made}@far.example"), folder=folder, at=at)

    def _later(self, after: timedelta, write: Callable[[], None]) -> None:
        """Write it now, to lie in our mailbox only then."""
        self.made += 1
        before = len(self.letters)
        write()
        (letter,) = self.letters[before:]
        del self.letters[before:]
        at = self.clock.now() + after
        heapq.heappush(self.waiting, (at, self.made, Letter(folder=INBOX, raw=letter.raw, at=at)))

    def come_in(self) -> None:
        """Lay into the mailbox what has come by now."""
        while self.waiting and self.waiting[0][0] <= self.clock.now():
            self.letters.append(heapq.heappop(self.waiting)[2])


class YearChannel(MemoryChannel):
    """The account of that world. Letters that were read and noted as read are dropped."""

    def __init__(self, far: YearFar) -> None:
        super().__init__(far)
        self._far = far

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return the next letters; the cursor is how many have been read ever."""
        self._reach()
        noted = int(json.loads(cursor)["n"]) if cursor else 0
        del self._far.letters[: noted - self._far.read_up_to]
        self._far.read_up_to = noted
        some = self._far.letters[:500]
        more = len(self._far.letters) > len(some)
        return Batch(
            messages=tuple(self._incoming(INBOX, noted + n, letter) for n, letter in enumerate(some)),
            cursor=json.dumps({"n": noted + len(some)}),
            more=more,
            looked_until=None if more else self._far.clock.now(),
        )

    def _found(self, own_id: str) -> Sent | Unknown:
        self._reach()
        at = self._far.truth.at(own_id)
        if at is None:
            return Unknown()
        return Sent(remote_id=own_id, accepted_at=from_micros(at), evidence="found among what left")

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what a letter says of itself."""
        return MemoryChannel.read(raw)


# --- what it costs ---


@dataclass(slots=True)
class Work:
    """What one pass did, and what SQLite had to do for it: statements, and steps of its machine (in hundreds).

    Not counted is what throws away what is over: in rounds it looks at all that is kept, a little in each pass.
    """

    at: datetime
    events: int
    statements: int
    steps: int


@dataclass(slots=True)
class Meter:
    """Counts what SQLite does on all connections that are made while it is on."""

    statements: int = 0
    steps: int = 0
    upkeep: bool = False

    def reset(self) -> None:
        """Begin anew."""
        self.statements = self.steps = 0

    @contextmanager
    def on(self, patch: Callable[[Callable[..., sqlite3.Connection]], Any]) -> Iterator[None]:
        """Count on every connection made inside; `patch` puts the given function in sqlite3.connect's place."""
        connect = sqlite3.connect

        def stepped() -> int:
            self.steps += not self.upkeep
            return 0

        def said(statement: str) -> None:
            self.upkeep = bool(UPKEEP.search(statement))
            self.statements += not self.upkeep

        def connecting(*given: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*given, **named)
            connection.set_progress_handler(stepped, STEP)
            connection.set_trace_callback(said)
            return connection

        patch(connecting)
        yield


@dataclass(slots=True)
class Size:
    """How large everything is at one time."""

    requests: int
    octets: int
    rows: dict[str, int]
    blocks: int


def size(path: Path, *, blocks: int) -> Size:
    """Measure the store."""
    with closing(sqlite3.connect(path)) as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        counts = {name: int(rows.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]) for name in tables}  # noqa: S608
        (pages,), (each,) = rows.execute("PRAGMA page_count").fetchone(), rows.execute("PRAGMA page_size").fetchone()
    return Size(requests=counts["request"], octets=pages * each, rows=counts, blocks=blocks)


# --- the year ---


@dataclass(slots=True)
class Outage:
    """From when to when, in days since the start: the machine is off, or our provider is away."""

    since: float
    until: float
    off: bool


def outages(days: int) -> list[Outage]:
    """Return the outages of so many days: every 60 days one of each kind, and an hour now and then."""
    found = []
    for begin in range(0, days, 60):
        found += [
            Outage(begin + 22.3, begin + 24.8, off=True),
            Outage(begin + 24.5, begin + 26.0, off=False),  # it comes back while the provider is away
            Outage(begin + 40.1, begin + 40.2, off=False),
        ]
    return found


@dataclass(slots=True)
class Year:
    """A world, its far side, and what every pass cost."""

    folder: Path
    companies: int
    days: int
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    far: YearFar = field(init=False)
    work: list[Work] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self.far = YearFar(clock=self.clock)
        (self.folder / "config.toml").write_text(config(self.companies), encoding="utf-8")

    @property
    def end(self) -> datetime:
        """When it is over."""
        return START + DAY * self.days

    @contextmanager
    def world(self) -> Iterator[World]:
        """Open the world."""
        loaded, probes = app.load_config(self.folder / "config.toml")
        channel = YearChannel(self.far)
        with Store(loaded.store, clock=self.clock) as store:
            yield World(
                config=loaded,
                store=store,
                clock=self.clock,
                probes=probes,
                channel=lambda _account: channel,
                reader=lambda _channel: YearChannel.read,
            )

    def live(self, world: World, until: datetime, *, every: timedelta = HOUR) -> None:
        """Do a pass every so often until then."""
        planned = outages(self.days)
        while self.clock.now() < until:
            self.clock.forward(every)
            day = (self.clock.now() - START) / DAY
            now = [one for one in planned if one.since <= day < one.until]
            self.far.away = any(not one.off for one in now)
            self.far.come_in()
            if any(one.off for one in now):
                continue
            self.meter.reset()
            done = tick(world)
            self.work.append(
                Work(
                    at=self.clock.now(),
                    events=_events(done),
                    statements=self.meter.statements,
                    steps=self.meter.steps,
                )
            )


def _events(done: Tick) -> int:
    sending = done.sending
    return (
        (len(sending.sent) + len(sending.uncertain) + len(sending.unavailable) + sending.put_off)
        + done.collecting.messages
        + len(done.collecting.failed)
        + len(done.settling.sent)
        + len(done.settling.void)
    )
