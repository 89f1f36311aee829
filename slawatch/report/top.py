"""What stands first in a report, as values: what changed since the last one, and what could not be measured.

Compares what two reports say; judges nothing and says nothing in words (opening.py does).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slawatch.model import Objective, Proof, Result, VoidReason
from slawatch.report import columns
from slawatch.report.book import Book, Group, Statement

_OURS = frozenset(
    {
        VoidReason.UNCERTAIN,
        VoidReason.WITHDRAWN,
        VoidReason.NOT_OBSERVED,
        VoidReason.NOT_SENT,
        *(reason for reason in VoidReason if reason.ours),
    }
)
_NEVER_THERE = frozenset({VoidReason.REFUSED, VoidReason.BOUNCED})
_PROOFS = {Proof.NOT_MET: 0, Proof.NOT_PROVEN: 3, Proof.MET: 6}
_RESULTS = {Result.NOT_MET: 0, Result.NO_DATA: 1, Result.MET: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An objective of which the result or the proof is not what the last report said."""

    group: Group
    found: Statement
    was_result: Result
    was_proof: Proof

    @property
    def worse(self) -> bool:
        """Whether the company stands worse than then: what is proven counts before what merely happened."""
        now = self.found.judgement
        return standing(now.result, now.proof) < standing(self.was_result, self.was_proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Against the last report: what changed, the worse first, and how many objectives stood not in it."""

    changed: tuple[Changed, ...]
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """What the report cannot say: requests that failed on our side or never arrived, spans in which nobody looked.

    `shut` are tries that led to nobody: a finding about the way, and no wait. `review` counts messages that wait for a
    person, `presumed` the silences of which the delivery is not proven.
    """

    ours: int
    never_there: int
    shut: int
    blind: int
    review: int
    presumed: int
    missed: int

    @property
    def anything(self) -> bool:
        """Return whether there is anything."""
        return bool(self.ours or self.never_there or self.shut or self.blind or self.review or self.presumed)


def standing(result: Result, proof: Proof) -> int:
    """Return how well that stands: the higher the better."""
    return _PROOFS[proof] + _RESULTS[result]


def changes(book: Book) -> Changes | None:
    """Return what is not as the last report of the same scope said it, None where there was none."""
    last = book.material.last
    if last is None:
        return None
    before = dict(findings(last.figures))
    changed, new = [], 0
    for group in book.groups:
        for found in group.statements:
            was = before.get(_key(group, found.objective))
            if was is None:
                new += 1
            elif was != (str(found.judgement.result), str(found.judgement.proof)):
                result, proof = Result(was[0]), Proof(was[1])
                changed.append(Changed(group=group, found=found, was_result=result, was_proof=proof))
    return Changes(changed=tuple(sorted(changed, key=lambda one: not one.worse)), new=new)


def unmeasured(book: Book) -> Unmeasured:
    """Return what could not be measured."""
    return unmeasured_of(
        Counter(reason for entry in book.void if (reason := entry.outcome.void_reason) is not None),
        blind=len(book.material.blind),
        review=max(book.material.review_waiting, book.waiting.total),
        presumed=sum(group.missed - group.missed_proven for group in book.groups),
        missed=sum(group.missed for group in book.groups),
    )


def unmeasured_of(void: Mapping[VoidReason, int], *, blind: int, review: int, presumed: int, missed: int) -> Unmeasured:
    """Return what could not be measured, of how many requests are void for which reason."""
    return Unmeasured(
        ours=sum(n for reason, n in void.items() if reason in _OURS),
        never_there=sum(n for reason, n in void.items() if reason in _NEVER_THERE),
        shut=sum(n for reason, n in void.items() if reason.theirs),
        blind=blind,
        review=review,
        presumed=presumed,
        missed=missed,
    )


def _key(group: Group, objective: Objective) -> tuple[object, ...]:
    return key(group.company.key if group.company else "", group.channel, objective, observed=group.observed)


def key(company: str, way: str, objective: Objective, *, observed: bool) -> tuple[object, ...]:
    """Return by what `findings` names what is found of a company on a way."""
    return (
        company,
        way,
        observed,
        str(objective.measure),
        objective.limit.total_seconds(),
        objective.at_least,
        objective.in_hours,
    )


def findings(figures: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], tuple[str, str]]]:
    """Yield what a report's figures say of each objective, under the key of a group's statement."""
    for group in columns.groups({"groups": (), **figures}):
        for one in group["objectives"]:
            named = (
                group["company"],
                group["channel"],
                "observed" in group["origin"].split("+"),
                one["measure"],
                one["limit_seconds"],
                one["at_least"],
                one.get("in_hours", False),
            )
            yield named, (one["result"], one["proof"])
