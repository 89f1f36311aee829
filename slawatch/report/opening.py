"""The sentences a report opens with: what changed, how things stand, and what could not be measured.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from slawatch.model import Objective, Proof, Result
from slawatch.report.book import BoardRow, Book
from slawatch.report.model import Material
from slawatch.report.sentences import Sentences
from slawatch.report.top import Changed, Unmeasured, changes, unmeasured

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
        gaps=gaps(words, unmeasured(book)),
    )


def _changes(words: Sentences, book: Book) -> str:
    found = changes(book)
    told = [_changed(words, book, one) for one in found.changed[:NAMED_MAX]] if found else []
    counted = (len(found.changed), found.new) if found else (0, 0)
    return since_last(words, book.material, told, changed=counted[0], new=counted[1])


def since_last(words: Sentences, material: Material, told: Sequence[str], *, changed: int, new: int) -> str:
    """Return what is not as the last report said it: of `changed` findings the first ones are `told`."""
    last = material.last
    if last is None:
        return words.say("top.first")
    when = words.date(last.made_at, material.zone)
    if when == words.date(material.made_at, material.zone):
        when = words.minute(last.made_at, material.zone)  # twice a day: the day alone would not tell which
    more = words.say("top.new", n=new) if new else ""
    if not changed:
        return words.say("top.only_new", when=when, new=more) if more else words.say("top.nothing_changed", when=when)
    what = [*told]
    if changed > len(told):
        what.append(words.say("top.more", n=changed - len(told)))
    if more:
        what.append(more)
    return words.say("top.changed", n=changed, when=when, what=_listed(words, what))


def _changed(words: Sentences, book: Book, one: Changed) -> str:
    return changed_from(
        words,
        company=(one.group.company.name if one.group.company else "") if book.companies > 1 else None,
        objective=one.found.objective,
        channel=words.group(one.group),
        was=(one.was_result, one.was_proof),
        now=(one.found.judgement.result, one.found.judgement.proof),
    )


def changed_from(
    words: Sentences,
    *,
    company: str | None,
    objective: Objective,
    channel: str,
    was: tuple[Result, Proof],
    now: tuple[Result, Proof],
) -> str:
    """Return what one finding was and is; without `company` of the only one."""
    of = 1 if was[1] is not now[1] else 0
    names = ("result", "proof")
    return words.say(
        "top.change_alone" if company is None else "top.change",
        company=company or "",
        measure=words.say(f"measure.{objective.measure}"),
        objective=words.objective(objective),
        channel=channel,
        was=_lower(words.say(f"{names[of]}.{was[of]}")),
        now=_lower(words.say(f"{names[of]}.{now[of]}")),
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _verdict(words: Sentences, book: Book) -> str:
    """Return how many findings, of a company and an objective each, are proven; "" where nobody is held to anything."""
    counts = {proof: sum(len(row.by_proof[proof]) for row in book.board) for proof in Proof}
    if book.companies > 1:
        return findings(words, counts, companies=book.companies)
    name = next((group.company.name for group in book.groups if group.company), "")
    return findings(words, counts, companies=1, name=name)


def findings(words: Sentences, counts: Mapping[Proof, int], *, companies: int, name: str = "") -> str:
    """Return how many findings are proven what, with the `name` of the only company; "" where there are none."""
    if not any(counts.values()):
        return ""
    told = [words.say(f"top.findings_{proof}", n=counts[proof]) for proof in Proof if counts[proof]]
    return words.say(
        "top.findings_alone" if name else "top.findings",
        n=sum(counts.values()),
        name=name,
        companies=words.say("count.company", n=companies),
        what=_counted(words, told),
    )


def _rows(words: Sentences, book: Book) -> Iterable[str]:
    """Yield for each objective how many of its companies are proven to keep it."""
    for row in book.board:
        held = len(row.groups)
        if held == 1:
            yield from _of_company(words, row)
            continue
        met, not_met, open_ = (len(row.by_proof[proof]) for proof in (Proof.MET, Proof.NOT_MET, Proof.NOT_PROVEN))
        said = goal(words, row.objective, row.groups[0].channel, observed=row.observed)
        yield of_companies(words, said, met=met, not_met=not_met, open_=open_)


def of_companies(words: Sentences, said: str, *, met: int, not_met: int, open_: int) -> str:
    """Return of how many companies it is proven that they do as `said`, that they do not, or neither."""
    told = [words.say("top.met" if met else "top.met_none", n=met, goal=said)]
    if not_met:
        told.append(words.say("top.not_met", n=not_met, goal=said))
    if open_:
        told.append(words.say("top.not_proven", n=open_, goal=said))
    companies = words.say("count.company", n=met + not_met + open_)
    return words.say("top.row", companies=companies, goal=said, parts=_counted(words, told))


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
                goal=goal(words, row.objective, group.channel, observed=row.observed),
                result=words.result(found),
            )


def goal(words: Sentences, objective: Objective, channel: str, *, observed: bool) -> str:
    """Return what companies are held to, as a sentence goes on with it: "answer by e-mail within 24 h ..."."""
    limit = words.limit(objective.limit)
    return words.say(
        f"top.goal_{objective.measure}_{objective.kind}",
        channel=words.channel(channel, observed=observed),
        limit=words.say("objective.in_hours", limit=limit) if objective.in_hours else limit,
        share=words.percent(objective.at_least) if objective.at_least is not None else "",
    )


def gaps(words: Sentences, found: Unmeasured) -> str:
    """Return what could not be measured."""
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
