"""The sentences that open the report over very many companies: those of every other report, from arrays.

Holds no wording itself and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from slawatch.judging import PROOFS, RESULTS, Judgements
from slawatch.model import Measure, Objective, Proof, Result
from slawatch.report.opening import (
    NAMED_MAX,
    Opening,
    changed_from,
    findings,
    gaps,
    goal,
    of_companies,
    since_last,
)
from slawatch.report.sentences import Sentences
from slawatch.report.tally import Who
from slawatch.report.top import findings as findings_of
from slawatch.report.top import key, standing, unmeasured_of
from slawatch.report.wide import WideBook

Held = tuple[str, bool, Objective]  # a way, whether others asked, and what is kept to or not


class Found(NamedTuple):
    """What is found of one company and one objective: the figures are those of its `number` in `judged`."""

    place: int
    who: Who
    objective: Objective
    result: Result
    proof: Proof
    judged: Judgements
    number: int


class Changed(NamedTuple):
    """A finding that the last report of the same scope said otherwise."""

    found: Found
    was_result: Result
    was_proof: Proof


def opening(words: Sentences, book: WideBook) -> Opening:
    """Return the sentences; "" where one has nothing to say."""
    if not book.total:
        return Opening("", "", (), "")
    found = counts(book)
    by_objective = tuple(
        of_companies(
            words,
            goal(words, objective, way, observed=observed),
            met=by_proof[Proof.MET],
            not_met=by_proof[Proof.NOT_MET],
            open_=by_proof[Proof.NOT_PROVEN],
        )
        for (way, observed, objective), by_proof in found.items()
    )
    together = {proof: sum(by_proof[proof] for by_proof in found.values()) for proof in PROOFS}
    return Opening(
        changes=_changes(words, book),
        verdict=by_objective[0] if len(by_objective) == 1 else findings(words, together, companies=book.companies),
        objectives=by_objective if len(by_objective) > 1 else (),
        gaps=_gaps(words, book),
    )


def counts(book: WideBook) -> dict[Held, dict[Proof, int]]:
    """Return for each objective of how many companies is proven what, the ways in order."""
    found: dict[Held, dict[Proof, int]] = {}
    for one in all_found(book):
        by_proof = found.setdefault((one.who.way, one.who.observed, one.objective), dict.fromkeys(PROOFS, 0))
        by_proof[one.proof] += 1
    order = sorted(found, key=lambda held: (held[0], held[1], held[2].measure is Measure.ANSWER, held[2].limit))
    return {held: found[held] for held in order}


def all_found(book: WideBook) -> Iterator[Found]:
    """Yield what is found of every company and objective."""
    for held in book.groups.held:
        rows = zip(held.of.tolist(), held.found.result.tolist(), held.found.proof.tolist(), strict=True)
        for number, (place, result, proof) in enumerate(rows):
            who = book.groups.who[place]
            yield Found(place, who, held.objective, RESULTS[result], PROOFS[proof], held.found, number)


def changes(book: WideBook) -> tuple[list[Changed], int]:
    """Return what the last report said otherwise, what is proven and worse first, and how many findings it had not."""
    last = book.material.last
    if last is None:
        return [], 0
    before = dict(findings_of(last.figures))
    changed, new = [], 0
    for one in all_found(book):
        was = before.get(key(one.who.company, one.who.way, one.objective, observed=one.who.observed))
        if was is None:
            new += 1
        elif was != (str(one.result), str(one.proof)):
            changed.append(Changed(one, Result(was[0]), Proof(was[1])))
    changed.sort(
        key=lambda its: (
            its.found.proof is its.was_proof,
            standing(its.found.result, its.found.proof) > standing(its.was_result, its.was_proof),
            its.found.who,
        )
    )
    return changed, new


def _changes(words: Sentences, book: WideBook) -> str:
    changed, new = changes(book)
    told = [
        changed_from(
            words,
            company=book.name(one.place),
            objective=one.objective,
            channel=words.channel(one.who.way, observed=one.who.observed),
            was=(result, proof),
            now=(one.result, one.proof),
        )
        for one, result, proof in changed[:NAMED_MAX]  # of hundreds three are told
    ]
    return since_last(words, book.material, told, changed=len(changed), new=new)


def _gaps(words: Sentences, book: WideBook) -> str:
    material = book.material
    missed = int(book.groups.verdicts[:, 1].sum())
    return gaps(
        words,
        unmeasured_of(
            book.void, blind=len(material.blind), review=material.review_waiting, presumed=book.presumed, missed=missed
        ),
    )
