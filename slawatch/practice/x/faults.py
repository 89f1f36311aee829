"""Everything that goes wrong at X or on the way there, on demand: a rule says what, where, how often, from when on."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from slawatch.practice.x import problems
from slawatch.practice.x.problems import HTML, Answer


class Fault(StrEnum):
    """A way to go wrong. Those named AFTER, and TRUNCATED, do what was asked and then lose the answer."""

    UNAUTHORIZED = "401"
    CREDITS = "402"
    DUPLICATE = "403-duplicate"
    NOT_SUMMONED = "403-not-summoned"
    BLOCKED = "403-blocked"
    EMPTY_404 = "404-empty"
    LIMITED = "429"  # with x-rate-limit-reset, a quarter of an hour ahead
    LIMITED_BARE = "429-bare"  # without any header
    LIMITED_PAST = "429-past"  # with a reset that lies in the past
    LEGACY_LIMITED = "429-legacy"  # code 88, with the reset
    HTML_503 = "503-html"
    HTML_503_AFTER = "503-html-after"
    EMPTY_503 = "503-empty"
    LEGACY_503 = "503-legacy"  # code 130
    JSON_500 = "500"
    JSON_500_AFTER = "500-after"
    HTML_200 = "200-html"
    EMPTY_200 = "200-empty"
    EMPTY_200_AFTER = "200-empty-after"
    TRUNCATED = "truncated"  # half of the JSON, and its length is honest
    CUT = "cut"  # half of the announced body, then the line is closed
    RESET = "reset"
    RESET_AFTER = "reset-after"
    HANG = "hang"
    HANG_AFTER = "hang-after"


DONE_FIRST = frozenset(
    {
        Fault.HTML_503_AFTER,
        Fault.JSON_500_AFTER,
        Fault.EMPTY_200_AFTER,
        Fault.TRUNCATED,
        Fault.CUT,
        Fault.RESET_AFTER,
        Fault.HANG_AFTER,
    }
)
WINDOW_SECONDS = 900


@dataclass(slots=True)
class Rule:
    """One rule; `hits` counts how often it struck. Negative `times` never end."""

    kind: Fault
    where: str
    times: int
    after: int
    chance: float
    person: str
    hits: int = 0


class Faults:
    """The rules in force; of several that fit a call the oldest strikes."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(
        self,
        kind: Fault | str,
        where: str = "*",
        *,
        times: int = 1,
        after: int = 0,
        chance: float = 1.0,
        person: str = "",
    ) -> Rule:
        """Let the next `times` (-1: all) calls fail whose "METHOD route" or "METHOD path" fits `where`, a glob pattern.

        The first `after` of them are spared, of the others only a `chance` is struck. With `person` (an id) only that
        account's calls count. Raises ValueError for a kind there is none of.
        """
        rule = Rule(Fault(kind), where, times, after, chance, person)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, route: str, path: str, person: str) -> Fault | None:
        """Return what goes wrong with this call, counting it."""
        with self._lock:
            for rule in self._rules:
                names = (f"{method} {route}", f"{method} {path}")
                if not any(fnmatchcase(name, rule.where) for name in names) or rule.person not in {"", person}:
                    continue
                if rule.after:
                    rule.after -= 1
                elif rule.times and self._dice.random() < rule.chance:
                    rule.times -= 1
                    rule.hits += 1
                    return rule.kind
        return None


def answer(kind: Fault, now: int) -> Answer | None:
    """Return what is said instead of the true answer, None where the line breaks. `now` is X's own Unix time."""
    limit = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0"}
    ahead, past = ({**limit, "x-rate-limit-reset": str(now + by)} for by in (WINDOW_SECONDS, -60))
    html = "text/html; charset=utf-8"
    answers: dict[Fault, Callable[[], Answer]] = {
        Fault.UNAUTHORIZED: problems.unauthorized,
        Fault.CREDITS: problems.no_credits,
        Fault.DUPLICATE: problems.duplicate,
        Fault.NOT_SUMMONED: problems.not_summoned,
        Fault.BLOCKED: problems.blocked,
        Fault.EMPTY_404: lambda: Answer(status=404),
        Fault.LIMITED: lambda: _with(problems.too_many(), ahead),
        Fault.LIMITED_BARE: problems.too_many,
        Fault.LIMITED_PAST: lambda: _with(problems.too_many(), past),
        Fault.LEGACY_LIMITED: lambda: _with(problems.legacy(429, 88, "Rate limit exceeded"), ahead),
        Fault.HTML_503: lambda: Answer(status=503, body=HTML, content_type=html),
        Fault.HTML_503_AFTER: lambda: Answer(status=503, body=HTML, content_type=html),
        Fault.EMPTY_503: lambda: Answer(status=503),
        Fault.LEGACY_503: lambda: problems.legacy(503, 130, "Over capacity"),
        Fault.JSON_500: lambda: problems.problem(500, "Internal Server Error", "Something is broken."),
        Fault.JSON_500_AFTER: lambda: problems.problem(500, "Internal Server Error", "Something is broken."),
        Fault.HTML_200: lambda: Answer(body=HTML, content_type=html),
        Fault.EMPTY_200: Answer,
        Fault.EMPTY_200_AFTER: Answer,
    }
    return answers[kind]() if kind in answers else None


def _with(one: Answer, headers: dict[str, str]) -> Answer:
    one.headers.update(headers)
    return one
