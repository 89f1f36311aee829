"""The sentences a report opens with: what changed, how things stand, and what could not be measured.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from slawatch.model import Proof
from slawatch.report.book import BoardRow, Book, Group
from slawatch.report.sentences import Sentences
from slawatch.report.top import Changed, changes, unmeasured

NAMED_MAX = 3  # changes that are told one by one: more are no sentence any more


class Opening(NamedTuple):
    """What stands first. `objectives` says of each objective what `verdict` sums up; it is empty where there is one."""

    changes: str
    verdict: str
    objectives: tuple[str, ...]
    gaps: str


def opening(words: Sentences, book: Book) -> Opening:
    """Return the sentences; "" where one has nothing to say. Of one company alone they speak by its name."""
    if not book.entries:
        return Opening("", "", (), "")
    by_objective = tuple(_alone(words, book) if book.companies == 1 else _rows(words, book))
    verdict = by_objective[0] if len(by_objective) == 1 else _verdict(words, book)
    return Opening(
        changes="" if book.material.past is not None else _changes(words, book),
        verdict=verdict,
        objectives=by_objective if len(by_objective) > 1 else (),
        gaps=_gaps(words, book),
    )


def _changes(words: Sentences, book: Book) -> str:
    found, last = changes(book), book.material.last
    if found is None or last is None:
        return words.say("top.first")
    zone, made_at = book.material.zone, book.material.made_at
    when = words.date(last.made_at, zone)
    if when == words.date(made_at, zone):
        when = words.minute(last.made_at, zone)  # twice a day: the day alone would not tell which
    new = words.say("top.new", n=found.new) if found.new else ""
    if not found.changed:
        return words.say("top.only_new", when=when, new=new) if new else words.say("top.nothing_changed", when=when)
    told = [_changed(words, book, one) for one in found.changed[:NAMED_MAX]]
    if len(found.changed) > NAMED_MAX:
        told.append(words.say("top.more", n=len(found.changed) - NAMED_MAX))
    if new:
        told.append(new)
    return words.say("top.changed", n=len(found.changed), when=when, what=_listed(words, told))


def _changed(words: Sentences, book: Book, one: Changed) -> str:
    proven = one.was_proof is not one.found.judgement.proof
    was = words.say(f"proof.{one.was_proof}") if proven else words.say(f"result.{one.was_result}")
    now = (
        words.say(f"proof.{one.found.judgement.proof}") if proven else words.say(f"result.{one.found.judgement.result}")
    )
    return words.say(
        "top.change" if book.companies > 1 else "top.change_alone",
        company=one.group.company.name if one.group.company else "",
        measure=words.say(f"measure.{one.found.objective.measure}"),
        objective=words.objective(one.found.objective),
        channel=words.group(one.group),
        was=_lower(was),
        now=_lower(now),
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _verdict(words: Sentences, book: Book) -> str:
    """Return how many findings, of a company and an objective each, are proven; "" where nobody is held to anything."""
    counts = [(proof, sum(len(row.by_proof[proof]) for row in book.board)) for proof in Proof]
    findings = sum(n for _, n in counts)
    if not findings:
        return ""
    told = [words.say(f"top.findings_{proof}", n=n) for proof, n in counts if n]
    key = "top.findings_alone" if book.companies == 1 else "top.findings"
    name = next(group.company.name for group in book.groups if group.company)
    return words.say(
        key, n=findings, name=name, companies=words.say("count.company", n=book.companies), what=_counted(words, told)
    )


def _rows(words: Sentences, book: Book) -> Iterable[str]:
    """Yield for each objective how many of its companies are proven to keep it."""
    for row in book.board:
        held = len(row.groups)
        if held == 1:
            yield from _of_company(words, row)
            continue
        met, not_met, open_ = (len(row.by_proof[proof]) for proof in (Proof.MET, Proof.NOT_MET, Proof.NOT_PROVEN))
        goal = _goal(words, row.groups[0], row)
        told = [words.say("top.met" if met else "top.met_none", n=met, goal=goal)]
        if not_met:
            told.append(words.say("top.not_met", n=not_met, goal=goal))
        if open_:
            told.append(words.say("top.not_proven", n=open_, goal=goal))
        companies = words.say("count.company", n=held)
        yield words.say("top.row", companies=companies, goal=goal, parts=_counted(words, told))


def _alone(words: Sentences, book: Book) -> Iterable[str]:
    """Yield for each objective of the only company whether it is proven, and the plain result."""
    for row in book.board:
        yield from _of_company(words, row)


def _of_company(words: Sentences, row: BoardRow) -> Iterable[str]:
    for group in row.groups:
        found = group.statement(row.objective)
        if found is not None and group.company is not None:
            yield words.say(
                f"top.alone_{found.judgement.proof}",
                name=group.company.name,
                goal=_goal(words, group, row),
                result=words.result(found),
            )


def _goal(words: Sentences, group: Group, row: BoardRow) -> str:
    """Return what companies are held to, as a sentence goes on with it: "answer by e-mail within 24 h ..."."""
    objective = row.objective
    limit = words.limit(objective.limit)
    return words.say(
        f"top.goal_{objective.measure}_{objective.kind}",
        channel=words.channel(group.channel, observed=row.observed),
        limit=words.say("objective.in_hours", limit=limit) if objective.in_hours else limit,
        share=words.percent(objective.at_least) if objective.at_least is not None else "",
    )


def _gaps(words: Sentences, book: Book) -> str:
    found = unmeasured(book)
    if not found.anything:
        return words.say("top.all_measured")
    told = [
        words.say(f"top.gap_{name}", n=n, missed=found.missed)
        for name, n in (
            ("ours", found.ours),
            ("never_there", found.never_there),
            ("shut", found.shut),
            ("blind", found.blind),
            ("review", found.review),
            ("presumed", found.presumed),
        )
        if n
    ]
    return words.say("top.gaps", what=_listed(words, told))


def _counted(words: Sentences, parts: Iterable[str]) -> str:
    return str(words.entry("format.list")).join(parts)


def _listed(words: Sentences, parts: Iterable[str]) -> str:
    return str(words.entry("say.also")).join(parts)
