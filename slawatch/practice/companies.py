"""The companies of the practice range, and what each does with a letter. Plain data; who sends it is elsewhere.

The waits are log-normal, as measured first-response times are (HBR 2011, Eptica 2015: a long tail of slow answers).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One letter a company writes: which, how long after the request, how often at all.

    `spread` is the standard deviation of the logarithm of the wait; 0 means always exactly the median.
    """

    letter: str
    median: timedelta
    spread: float = 0.0
    chance: float = 1.0

    def wait(self, dice: random.Random) -> timedelta | None:
        """Return how long this letter takes this time, None where it is not written."""
        if dice.random() >= self.chance:
            return None
        return self.median * math.exp(self.spread * dice.gauss(0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCompany:
    """A company and its manner. `threads` is False where its software starts a new thread with every letter.

    `steps` is what it writes to a request, `after` what it writes when a question of its own was replied to.
    """

    key: str
    name: str
    manner: str
    lang: str
    agent: str
    steps: tuple[Step, ...] = field(default=())
    after: tuple[Step, ...] = field(default=())
    threads: bool = True
    ticket: str = ""

    @property
    def domain(self) -> str:
        """Its mail domain; `.example` can never be anybody's (RFC 2606)."""
        return f"{self.key}.example"

    @property
    def address(self) -> str:
        """The address it publishes for customers."""
        return f"service@{self.domain}"


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _hours(number: float) -> timedelta:
    return timedelta(hours=number)


COMPANIES = (
    PracticeCompany(
        key="morgentau-tee",
        name="Morgentau Tee",
        manner="prompt",
        lang="de",
        agent="Hanna Brandt",
        steps=(Step(letter="answer", median=_minutes(16), spread=0.6),),
    ),
    PracticeCompany(
        key="fenwick-lamps",
        name="Fenwick Lamps",
        manner="receipt, then answer",
        lang="en",
        agent="Owen Clarke",
        steps=(
            Step(letter="receipt", median=timedelta(seconds=25), spread=0.2),
            Step(letter="answer", median=_minutes(46), spread=0.75),
        ),
        ticket="[Case {number}]",
    ),
    PracticeCompany(
        key="harbour-bikes",
        name="Harbour Bikes",
        manner="new thread",
        lang="en",
        agent="Priya Nair",
        steps=(Step(letter="answer", median=_minutes(70), spread=0.7, chance=0.93),),
        threads=False,
    ),
    PracticeCompany(
        key="lindner-optik",
        name="Lindner Optik",
        manner="interim, then answer",
        lang="de",
        agent="Jonas Vogt",
        steps=(
            Step(letter="interim", median=_minutes(38), spread=0.5),
            Step(letter="answer", median=_hours(19), spread=0.4),
        ),
    ),
    PracticeCompany(
        key="copperfield-books",
        name="Copperfield Books",
        manner="asks back, then answer",
        lang="en",
        agent="Maeve Doyle",
        steps=(Step(letter="question", median=_minutes(52), spread=0.6),),
        after=(Step(letter="answer", median=_minutes(34), spread=0.5),),
    ),
    PracticeCompany(
        key="waldhaus-moebel",
        name="Waldhaus Möbel",
        manner="slow",
        lang="de",
        agent="Sabine Kuhn",
        steps=(Step(letter="answer", median=_hours(8), spread=0.8, chance=0.95),),
    ),
    PracticeCompany(
        key="brightwater-pools",
        name="Brightwater Pools",
        manner='"up to 3 days is normal"',
        lang="en",
        agent="Dan Whitlock",
        steps=(
            Step(letter="up-to-three-days", median=_minutes(2), spread=0.3),
            Step(letter="answer", median=_hours(31), spread=0.5, chance=0.85),
        ),
        ticket="[#{number}]",
    ),
    PracticeCompany(
        key="sattler-reisen",
        name="Sattler Reisen",
        manner="out of office",
        lang="de",
        agent="Petra Lang",
        steps=(
            Step(letter="out-of-office", median=timedelta(seconds=8), spread=0.2),
            Step(letter="answer", median=_hours(27), spread=0.5, chance=0.6),
        ),
    ),
    PracticeCompany(
        key="nordlicht-strom",
        name="Nordlicht Strom",
        manner="hand-off",
        lang="de",
        agent="Team Kundenservice",
        steps=(Step(letter="handoff", median=_hours(3), spread=0.5, chance=0.8),),
    ),
    PracticeCompany(
        key="grand-atlas-hotels",
        name="Grand Atlas Hotels",
        manner="receipt only",
        lang="en",
        agent="",
        steps=(Step(letter="receipt-without-marks", median=_minutes(1), spread=0.3),),
        ticket="[GA-{number}]",
    ),
    PracticeCompany(
        key="vellmer-uhren",
        name="Vellmer Uhren",
        manner="bounce",
        lang="de",
        agent="",
        steps=(Step(letter="bounce", median=timedelta(seconds=20), spread=0.2),),
    ),
    PracticeCompany(
        key="silent-sofa",
        name="Silent Sofa",
        manner="never",
        lang="en",
        agent="",
    ),
)
