"""The mail about very many companies: how many are proven what, objective by objective; single ones are in the file.

Chooses and judges nothing, and holds no sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from slawatch.judging import PROOFS
from slawatch.model import Measure, Objective, Proof
from slawatch.report import render
from slawatch.report.mail import Mail, Sending, Words, filled

if TYPE_CHECKING:
    from slawatch.report.book import Book
    from slawatch.report.wide import WideBook

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
        "lead": [_row(words, *key, counts) for key, counts in found[:TOLD_MAX]],
        "sections": (),
        "more_objectives": max(0, len(found) - TOLD_MAX),
    }


def _row(words: Words, way: str, observed: bool, objective: Objective, counts: dict[Proof, int]) -> str:  # noqa: FBT001
    return words.say(
        "mail.wide_row",
        measured=words.say(
            "mail.measured",
            measure=words.say(f"measure.{objective.measure}"),
            channel=words.channel(way, observed=observed),
            objective=words.objective(objective),
        ),
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
