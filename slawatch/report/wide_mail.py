"""The mail about very many companies: what changed, how many are proven what, and those that somebody should look at.

Chooses what a mail has room for; judges nothing, and holds no sentence.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

from slawatch.clock import MICROSECOND
from slawatch.judging import PROOFS
from slawatch.model import Measure, Objective, Proof
from slawatch.objectives import Judgement, Within
from slawatch.report import render, wide_top
from slawatch.report.book import Statement, Unended
from slawatch.report.mail import (
    ROWS_MAX,
    Mail,
    Section,
    Sending,
    Words,
    cut,
    filled,
    rank,
    section,
    shared,
)
from slawatch.report.wide import WINDOW

if TYPE_CHECKING:
    from slawatch.report.book import Book
    from slawatch.report.wide import WideBook
    from slawatch.report.wide_top import Found, Held

TOLD_MAX = 12  # objectives; ways with fewer companies come later


def mail(book: WideBook, sending: Sending, *, lang: str, folder: Path | None) -> Mail:
    """Return the mail. Raises as render.html."""
    words, plain = (Words(lang, folder=folder, space=space) for space in (render.NO_BREAK, " "))
    said = _said(words, book)
    subject = plain.say("mail.subject", verdict=_said(plain, book)["verdict"], days=plain.days(book))
    # Of the book the templates of a mail ask for nothing but its material.
    return filled(cast("Book", book), sending, said, subject=subject, lang=lang, folder=folder)


def _said(words: Words, book: WideBook) -> dict[str, object]:
    found = _counts(book)
    seed = book.material.made_up_seed
    companies = words.say("count.company", n=book.companies)
    verdict = words.say("mail.no_objective", companies=companies, requests=words.say("count.request", n=book.total))
    if found:
        (way, observed, objective), counts = found[0]
        verdict = words.say(
            "mail.several",
            met=counts[Proof.MET],
            companies=words.say("count.company", n=sum(counts.values())),
            measure=words.say(f"mail.measure.{objective.measure}"),
            channel=words.channel(way, observed=observed),
            not_met=counts[Proof.NOT_MET],
        )
    return {
        "verdict": verdict,
        "made_up": words.say("made_up.text", seed=seed) if seed is not None and not book.live else "",
        "lead": [*_changes(words, book), *(_row(words, *key, counts) for key, counts in found[:TOLD_MAX])],
        "sections": _sections(words, book, [key for key, _ in found[:TOLD_MAX]]),
        "more_objectives": max(0, len(found) - TOLD_MAX),
    }


def _changes(words: Words, book: WideBook) -> list[str]:
    """Return what is not as the last report said; that there is none before this one is no news."""
    return [wide_top.opening(words, book).changes] if book.total and book.material.last is not None else []


def _sections(words: Words, book: WideBook, held: list[Held]) -> tuple[Section, ...]:
    """Return for each objective as many companies as there is room for, those that somebody should look at first."""
    found: dict[Held, list[Found]] = {one: [] for one in held}
    for one in wide_top.all_found(book):
        if (about := (one.who.way, one.who.observed, one.objective)) in found:
            found[about].append(one)
    changed = {(one.found.place, one.found.objective) for one in wide_top.changes(book)[0]}
    room = shared([len(each) for each in found.values()], ROWS_MAX - 2 * len(found))
    return tuple(
        section(
            words,
            objective,
            _measured(words, way, objective, observed=observed),
            [(cut(book.name(one.place)), _statement(book, one)) for one in _in_order(book, each, changed)[:most]],
            left_out=len(each) - min(most, len(each)),
        )
        for ((way, observed, objective), each), most in zip(found.items(), room, strict=True)
    )


def _in_order(book: WideBook, found: list[Found], changed: set[tuple[int, Objective]]) -> list[Found]:
    """Return what is proven not met first; among equals what has changed, then what misses most surely.

    By the near end of the interval: by the figure itself those asked twice would stand at the top, for two of two.
    """

    def order(one: Found) -> tuple[int, bool, float, str]:
        share = one.objective.at_least is not None
        near = float((one.judged.high if share else -one.judged.low)[one.number])
        sure = math.inf if math.isnan(near) else near
        return rank(one), (one.place, one.objective) not in changed, sure, book.name(one.place).casefold()

    return sorted(found, key=order)


def _statement(book: WideBook, one: Found) -> Statement:
    """Return what is found of a company as every other report holds it, as far as a line of a mail tells of it."""
    judged, at = one.judged, one.number
    whole = None
    if not one.objective.in_hours:
        shares = book.groups.figures[one.objective.measure].shares[WINDOW]
        whole = Within(
            limit=MICROSECOND * int(book.groups.windows[one.place]),
            answered=int(shares.in_time[one.place]),
            undecided=int(shares.undecided[one.place]),
            share=_known(shares.value[one.place]),
            low=float(shares.low[one.place]),
            high=float(shares.high[one.place]),
        )
    return Statement(
        objective=one.objective,
        judgement=Judgement(
            result=one.result,
            proof=one.proof,
            value=_known(judged.value[at]),
            low=_known(judged.low[at]),
            high=_known(judged.high[at]),
            n=int(judged.n[at]),
            in_time=int(judged.in_time[at]),
            too_late=int(judged.too_late[at]),
            undecided=int(judged.undecided[at]),
            more_needed=None if judged.more_needed[at] < 0 else int(judged.more_needed[at]),
            bounded=math.isnan(judged.value[at]) and not math.isnan(judged.low[at]),
            by_chance=_known(judged.by_chance[at]),
        ),
        counting_unknown=None,
        unended=Unended(open=0, asked_back=0, unwatched=0),
        straddling=0,
        whole_window=whole,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _measured(words: Words, way: str, objective: Objective, *, observed: bool) -> str:
    return words.say(
        "mail.measured",
        measure=words.say(f"measure.{objective.measure}"),
        channel=words.channel(way, observed=observed),
        objective=words.objective(objective),
    )


def _row(words: Words, way: str, observed: bool, objective: Objective, counts: dict[Proof, int]) -> str:  # noqa: FBT001
    return words.say(
        "mail.wide_row",
        measured=_measured(words, way, objective, observed=observed),
        met=counts[Proof.MET],
        companies=words.say("count.company", n=sum(counts.values())),
        not_met=counts[Proof.NOT_MET],
        open=counts[Proof.NOT_PROVEN],
    )


def _counts(book: WideBook) -> list[tuple[tuple[str, bool, Objective], dict[Proof, int]]]:
    """Return for each objective how many companies are proven what: the first responses of most companies first."""
    groups = book.groups
    found: dict[tuple[str, bool, Objective], dict[Proof, int]] = {}
    for held in groups.held:
        for place, proof in zip(held.of.tolist(), held.found.proof.tolist(), strict=True):
            who = groups.who[place]
            counts = found.setdefault((who.way, who.observed, held.objective), dict.fromkeys(PROOFS, 0))
            counts[PROOFS[proof]] += 1
    return sorted(
        found.items(),
        key=lambda one: (
            one[0][1],
            one[0][2].measure is not Measure.FIRST_RESPONSE,
            one[0][2].in_hours,
            -sum(one[1].values()),
        ),
    )
