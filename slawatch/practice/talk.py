"""The companies of the practice range that can be asked in a chat: what each says there and when. Carries nothing."""

from __future__ import annotations

import heapq
import random
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from types import TracebackType
from typing import Any, Self

from slawatch.clock import Clock
from slawatch.practice.companies import COMPANIES, PracticeCompany, Step
from slawatch.practice.letters import Letters

ANSWER = "answer"
ROBOTS = frozenset({"robot", "robot-silent", "receipt"})
NOTICES = frozenset({"joined"})
LOOK_SECONDS = 0.004  # real seconds between two looks at what is due: 2.4 s of practice time at the demo's speed
TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCompany:
    """A company and its manner in chats. `way` is where: "window" for its website, "xmpp".

    `steps` is what it says to a question. One that is not `open` has nobody there, ever.
    """

    key: str
    way: str
    manner: str
    steps: tuple[Step, ...] = ()
    open: bool = True

    @property
    def company(self) -> PracticeCompany:
        """The company itself."""
        return next(one for one in COMPANIES if one.key == self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a company is to say in one chat: when, what sort of line, and in which words."""

    at: datetime
    company: ChatCompany
    visit: str
    sort: str
    words: str

    @property
    def by(self) -> str:
        """Who says it, as a website marks it."""
        return "bot" if self.sort in ROBOTS else "system" if self.sort in NOTICES else "agent"


def _after(seconds: float, spread: float, letter: str, *, chance: float = 1.0) -> Step:
    return Step(letter=letter, median=timedelta(seconds=seconds), spread=spread, chance=chance)


CHATS = (
    ChatCompany(
        key="morgentau-tee",
        way="window",
        manner="a robot, then a person",
        steps=(
            _after(4, 0.2, "robot"),
            _after(20, 0.25, "joined"),
            _after(27, 0.25, "greeting"),
            _after(120, 0.5, ANSWER, chance=0.98),
        ),
    ),
    ChatCompany(
        key="grand-atlas-hotels",
        way="window",
        manner="a robot that does not say so, and nobody else",
        steps=(_after(4, 0.2, "robot-silent"),),
    ),
    ChatCompany(key="silent-sofa", way="window", manner="a chat where nobody ever is", open=False),
    ChatCompany(key="fenwick-lamps", way="xmpp", manner="prompt", steps=(_after(42, 0.22, ANSWER),)),
    ChatCompany(
        key="lindner-optik",
        way="xmpp",
        manner="one moment please, then an answer",
        steps=(_after(45, 0.5, "interim"), _after(420, 0.5, ANSWER, chance=0.9)),
    ),
    ChatCompany(
        key="copperfield-books",
        way="xmpp",
        manner='"please e-mail us"',
        steps=(_after(55, 0.4, "handoff", chance=0.95),),
    ),
)


class Talk:
    """Says for the companies what is due, in a thread of its own. Use as a context manager.

    `say` is called for each line when its time has come.
    """

    def __init__(self, clock: Clock, letters: Letters, seed: str, say: Callable[[Line], None]) -> None:
        self._clock = clock
        self._letters = letters
        self._say = say
        self._texts: dict[str, Any] = tomllib.loads(files(__package__).joinpath("chats.toml").read_text("utf-8"))
        self._answers: dict[str, Any] = tomllib.loads(files(__package__).joinpath("posts.toml").read_text("utf-8"))
        self._dice = {one.key: random.Random(f"{seed}|talk|{one.key}") for one in CHATS}
        self._said: set[str] = set()
        self._lock = threading.Lock()
        self._order = count()
        self._due: list[tuple[datetime, int, Line]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="practice-talk", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def heard(self, company: ChatCompany, visit: str, words: str) -> None:
        """Take what a visitor asks."""
        for line in self.lines(company, visit, words, self._clock.now()):
            with self._lock:
                heapq.heappush(self._due, (line.at, next(self._order), line))

    def lines(self, company: ChatCompany, visit: str, words: str, at: datetime) -> Sequence[Line]:
        """Return what the company says to a question that came `at`, each with its time; the first step missed ends it.

        Who has not joined neither greets nor answers, and nobody answers before that.
        """
        with self._lock:
            return list(self._lines(company, visit, self._letters.topic(words), at))

    def _lines(self, company: ChatCompany, visit: str, topic: str, at: datetime) -> Iterator[Line]:
        dice = self._dice[company.key]
        earliest = at
        for step in company.steps:
            wait = step.wait(dice)
            if wait is None:
                return
            earliest = max(at + wait, earliest + timedelta(seconds=3))
            words = self._words(company, step.letter, topic, dice)
            yield Line(at=earliest, company=company, visit=visit, sort=step.letter, words=words)

    def _words(self, company: ChatCompany, sort: str, topic: str, dice: random.Random) -> str:
        """Return what is said, by people never the same twice as long as there is anything else."""
        lang = company.company.lang
        texts = self._texts[lang]
        words = ""
        for _ in range(TRIES):
            if sort == ANSWER:
                cores = self._answers[lang]["answer"]
                opening, core = dice.choice(texts["openings"]), dice.choice(cores.get(topic) or cores["any"])
                words = f"{opening} {core if opening.endswith((',', ':')) else core[0].upper() + core[1:]}"
            else:
                parts = texts[sort]
                words = " ".join(map(dice.choice, parts)) if isinstance(parts[0], list) else dice.choice(parts)
            words = words.format(
                agent=company.company.agent.split()[0] if company.company.agent else "", company=company.company.name
            )
            if sort in ROBOTS or f"{company.key} {words}" not in self._said:
                break
        self._said.add(f"{company.key} {words}")
        return words

    def _work(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for line in self._take_due():
                self._say(line)

    def _take_due(self) -> list[Line]:
        now = self._clock.now()
        taken = []
        with self._lock:
            while self._due and self._due[0][0] <= now:
                taken.append(heapq.heappop(self._due)[2])
        return taken
