"""Companies on the practice X, each with manners of its own, and the truth about every question they are put to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from slawatch.model import Outcome, Request, Verdict
from slawatch.practice.x import X
from slawatch.practice.x.people import Direct, Person, Post

MILLISECOND = timedelta(milliseconds=1)
ANSWER = "It takes {n} to 60 days and costs 4.90 EUR. ^JK"
HANDOFF = "Please DM us and we'll take a look at number {n}! ^JK"
QUESTION = "Which item is it about? We have {n} of them. ^AL"
INTERIM = "We're looking into it, you are number {n}. ^JK"


@dataclass(slots=True)
class Truth:
    """What really became of one question: what must be said of it, and the posts that end its waits."""

    asked: Post | Direct
    company: str
    verdict: Verdict = Verdict.MISSED
    first: Post | Direct | None = None
    answer: Post | Direct | None = None
    question: Post | None = None
    ours: Post | None = None  # our reply to their question
    late: bool = False
    in_review: int = 0

    def first_wait(self) -> timedelta | None:
        """Return how long the first response took."""
        return self.first.at - self.asked.at if self.first else None

    def answer_wait(self) -> timedelta | None:
        """Return how long the answer took, less the time in which it was our turn."""
        if self.answer is None:
            return None
        turn = self.ours.at - self.question.at if self.ours and self.question else timedelta(0)
        return self.answer.at - self.asked.at - turn


@dataclass
class Far:
    """The far side: hears every post and message of ours and has the company react, at once or in days to come."""

    x: X
    us: Person
    truths: dict[str, Truth] = field(default_factory=dict)  # by the id that slawatch has for the question
    strangers: list[Person] = field(default_factory=list)
    _companies: dict[str, tuple[Person, Manner]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(2))

    def __post_init__(self) -> None:
        self.x.listeners.append(self._heard)
        self.strangers += [self.x.person(f"passer_{number}") for number in range(3)]

    def add(self, key: str, manner: Manner, **person: object) -> Person:
        """Let a company be there; its handle is its key."""
        made = self.x.person(key, key.title(), **person)  # type: ignore[arg-type]
        self._companies[key] = (made, manner)
        return made

    def say(self, person: Person, wording: str, to: Post, after: timedelta, *, bare: bool = False) -> Post:
        """Have somebody reply some time after what is replied to; no two replies say the same."""
        return self.x.post(person, wording.format(n=next(self._numbers)), reply_to=to, at=to.at + after, bare=bare)

    def _heard(self, one: Post | Direct) -> None:
        if isinstance(one, Direct):
            if one.sender is self.us:
                self._ask(f"twitter:dm-{one.id}", one, lambda person: one.to is person)
        elif one.author is self.us and one.reply_to is None:
            self._ask(f"twitter:{one.id}", one, one.mentioned)
        elif one.author is self.us:
            truth = self.truths[f"twitter:{one.conversation}"]
            truth.ours = truth.ours or one
            truth.answer = self.say(one.reply_to.author, ANSWER, one, timedelta(minutes=21, milliseconds=77))  # type: ignore[union-attr]

    def _ask(self, name: str, one: Post | Direct, meant: Callable[[Person], bool]) -> None:
        for key, (person, manner) in self._companies.items():
            if meant(person):
                truth = self.truths[name] = Truth(asked=one, company=key)
                manner(self, person, one, truth)


Manner = Callable[[Far, Person, "Post | Direct", Truth], None]


def answers(**after: float) -> Manner:
    """Answer after so long."""

    def manner(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
        assert isinstance(asked, Post)
        truth.first = truth.answer = far.say(person, ANSWER, asked, timedelta(**after))
        truth.verdict = Verdict.ANSWERED

    return manner


def answers_late(**after: float) -> Manner:
    """Answer when the window is long over."""

    def manner(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
        assert isinstance(asked, Post)
        far.say(person, ANSWER, asked, timedelta(**after))
        truth.late = True

    return manner


def answers_from(other: Callable[[], Person], **after: float) -> Manner:
    """Answer from another account of theirs."""

    def manner(far: Far, _person: Person, asked: Post | Direct, truth: Truth) -> None:
        answers(**after)(far, other(), asked, truth)

    return manner


def hands_off(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Send us to direct messages: a first response and no answer."""
    assert isinstance(asked, Post)
    truth.first = far.say(person, HANDOFF, asked, timedelta(minutes=4, milliseconds=321))
    truth.verdict = Verdict.ANSWERED


def after_trolls(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Answer after two strangers did, one with the very words of an answer; one of them names nobody."""
    assert isinstance(asked, Post)
    far.say(far.strangers[0], ANSWER, asked, timedelta(seconds=20))
    far.say(far.strangers[1], "Number {n} here, they never answer, lol", asked, timedelta(minutes=2), bare=True)
    answers(minutes=20, milliseconds=5)(far, person, asked, truth)


def edits(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Answer, and mend the words ten minutes later: the first version counts."""
    answers(minutes=5, milliseconds=250)(far, person, asked, truth)
    first = truth.first
    assert isinstance(first, Post)
    far.x.edit(first, first.text.replace("days", "working days"), at=first.at + timedelta(minutes=10))


def deletes(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Answer, and take it back more than a day later."""
    answers(minutes=8, milliseconds=999)(far, person, asked, truth)
    assert isinstance(truth.first, Post)
    far.x.delete(truth.first, at=truth.first.at + timedelta(hours=30))


def never(_far: Far, _person: Person, _asked: Post | Direct, _truth: Truth) -> None:
    """Say nothing."""


def unseen(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Answer where our account cannot look."""
    assert isinstance(asked, Post)
    far.say(person, ANSWER, asked, timedelta(minutes=3))
    truth.verdict = Verdict.VOID


def asks_back(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Ask what is meant, and answer once we have said it (Far hears that)."""
    assert isinstance(asked, Post)
    truth.first = truth.question = far.say(person, QUESTION, asked, timedelta(minutes=15, milliseconds=64))
    truth.verdict = Verdict.ANSWERED


def from_somebody_unknown(other: Callable[[], Person]) -> Manner:
    """Let somebody answer who belongs to the company by the platform's word alone: a person must look at that."""

    def manner(far: Far, _person: Person, asked: Post | Direct, truth: Truth) -> None:
        assert isinstance(asked, Post)
        far.say(other(), ANSWER, asked, timedelta(minutes=6))
        truth.in_review = 1

    return manner


def answers_directly(far: Far, person: Person, asked: Post | Direct, truth: Truth) -> None:
    """Answer a direct message by another."""
    wording = ANSWER.format(n=next(far._numbers))
    at = asked.at + timedelta(minutes=7, milliseconds=3)
    truth.first = truth.answer = far.x.direct(person, far.us, wording, at=at)
    truth.verdict = Verdict.ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How far what slawatch says of one question is from the truth; `off` are errors of its waits."""

    request: Request
    truth: Truth
    outcome: Outcome
    off: tuple[timedelta, ...]

    @property
    def wrong(self) -> str:
        """What is not as it was, in words; "" where everything is."""
        said, truth = self.outcome, self.truth
        faults = []
        if said.verdict is not truth.verdict:
            faults.append(f"{said.verdict} instead of {truth.verdict}")
        if said.late is not truth.late:
            faults.append(f"late is {said.late}")
        if said.in_review != truth.in_review:
            faults.append(f"{said.in_review} in review instead of {truth.in_review}")
        if truth.verdict is Verdict.ANSWERED:
            ended = said.answer is not None and said.answer.ended
            if ended is not (truth.answer is not None):
                faults.append(f"the answer's wait is ended: {ended}")
        return ", ".join(faults)


def judged(truths: Mapping[str, Truth], requests: list[Request], outcomes: Mapping[int, Outcome]) -> list[Judged]:
    """Hold every request against the truth of the post that it stands for."""
    found = []
    for request in requests:
        truth, outcome = truths[request.remote_id], outcomes[request.id]
        off = []
        for wait, true in ((outcome.first_response, truth.first_wait()), (outcome.answer, truth.answer_wait())):
            if wait is not None and wait.ended and true is not None:
                off.append(abs(wait.length - true))
        found.append(Judged(request=request, truth=truth, outcome=outcome, off=tuple(off)))
    return found


def table(found: list[Judged]) -> str:
    """Return who was asked how often, what became of it and how far the measured waits are from the true ones."""
    lines = [f"{'company':<10} {'asked':>5} {'verdicts':<34} {'waits':>5} {'error, ms: mean':>16} {'max':>6}"]
    for key in sorted({one.truth.company for one in found}):
        some = [one for one in found if one.truth.company == key]
        verdicts = sorted({str(one.outcome.verdict) for one in some})
        said = ", ".join(f"{sum(one.outcome.verdict == each for one in some)} {each}" for each in verdicts)
        off = [each / MILLISECOND for one in some for each in one.off]
        mean, most = (f"{sum(off) / len(off):.3f}", f"{max(off):.3f}") if off else ("", "")
        lines.append(f"{key:<10} {len(some):>5} {said:<34} {len(off):>5} {mean:>16} {most:>6}")
    return "\n".join(lines)
