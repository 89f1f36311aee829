"""Shows a book: as one HTML file, as text for a terminal, as data for scripts. Loads jinja2 on use.

Holds no sentence: words stand in reports/*.toml, their order in reports/*.j2. Foreign text is cleaned on its way out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch import periods, resources, rules
from slawatch.budget import Budget
from slawatch.clock import MICROSECOND
from slawatch.model import Measure, MessageKind, Proof, Result, Verdict, VoidReason
from slawatch.objectives import Summary
from slawatch.report import compared_data, comparisons, draw, offers, proof, top, yardsticks
from slawatch.report.blame import templates_blamed
from slawatch.report.book import Book, Group, InHours, Published, Statement
from slawatch.report.opening import opening
from slawatch.report.sentences import Sentences
from slawatch.report.trail import Accepting, Machines, Reach, Retold
from slawatch.report.words import clean

if TYPE_CHECKING:
    from jinja2 import Environment

EVERYBODY = "*"  # the company of a group that holds a whole channel
NO_BREAK = "\N{NO-BREAK SPACE}"


def html(book: Book, *, lang: str = "en", folder: Path | None = None) -> str:
    """Return the report as one self-contained HTML page: no script, no request to anywhere, foreign text as text.

    Raises:
        ConfigError: a file of words in the user's folder is no TOML.
        UsageError: there are no words for this language.
    """
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2, loaded on use

    style = resources.read("reports/style.css", folder)
    page = _page(
        "report.html.j2",
        book,
        lang=lang,
        folder=folder,
        escape=True,
        space=NO_BREAK,
        extra={
            "style": Markup(style),  # noqa: S704 - our own file, or the user's own
            # The policy names the one style sheet by its hash, so that even an injected one would not be used.
            "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        },
    )
    return proof.sealed(page, proof.facts(book.material, data(book)))


def text(book: Book, *, lang: str = "en", folder: Path | None = None, space: str = " ") -> str:
    """Return the report's findings as plain text; `space` stands before a unit, for who folds it. Raises as `html`."""
    return _page("report.txt.j2", book, lang=lang, folder=folder, escape=False, space=space, extra={})


def filled(
    template: str,
    book: Book,
    *,
    lang: str,
    folder: Path | None,
    escape: bool,
    space: str,
    extra: Mapping[str, object],
) -> str:
    """Return a template of reports/ filled in with the book, escaped as HTML or, without `escape`, as plain text."""
    return _page(template, book, lang=lang, folder=folder, escape=escape, space=space, extra=extra)


def proof_styles(lang: str, folder: Path | None) -> dict[str, str]:
    """Return how the proofs of the text form look on a terminal: the words of this language with a style of rich."""
    words = Sentences(lang, folder=folder, space=" ")
    styles = {Proof.MET: "bold blue", Proof.NOT_PROVEN: "yellow", Proof.NOT_MET: "bold red"}
    return {words.say(f"proof.{proof}").lower(): style for proof, style in styles.items()}


def whole_data(book: Book, folder: Path | None) -> dict[str, Any]:
    """Return what `report --json` prints: the figures, and the published ones beside ours.

    Those stand in a file that may be another tomorrow and follow from no evidence, so nobody can verify them: no report
    keeps them among its figures. Raises as `html`.
    """
    return {**data(book), "yardsticks": yardsticks.data(book, yardsticks.read(folder))}


def data(book: Book) -> dict[str, Any]:
    """Return the figures of a report; the shape is a promise to scripts (docs/reference/json.md)."""
    material = book.material
    return {
        "period": {"since": material.since.isoformat(), "until": material.until.isoformat()},
        "groups": [_group_data(group) for group in (*book.groups, *book.channels)],
        "leagues": [compared_data.league(found) for found in book.leagues],
        "across": compared_data.across(book.across),
        "since_last": _since_last_data(book),
        "offers": [_offer_data(row, cell) for row in offers.matrix(material).rows for cell in row.cells if cell.state],
        "method": {
            "confidence": 0.95,
            "made_at": material.made_at.isoformat(),
            "zone": material.zone,
            "version": material.version,
            "config_digest": material.config_digest,
            "made_up_seed": material.made_up_seed,
            "review_waiting": material.review_waiting,
            "skipped": material.skipped,
            "costs": dict(material.costs),
            "observed_until": {name: at.isoformat() if at else None for name, at in material.looks.items()},
            "blind": [
                {
                    "account": account,
                    "since": since.isoformat(),
                    "until": until.isoformat() if until else None,
                    "why": clean(why),
                }
                for account, since, until, why in material.blind
            ],
            "canaries": [
                {
                    "account": one.account,
                    "sent": one.sent,
                    "back": one.back,
                    "floor_seconds": _seconds(one.floor),
                    "median_seconds": _seconds(one.median),
                    "longest_seconds": _seconds(one.longest),
                    "lost": [
                        {"since": since.isoformat(), "until": until.isoformat() if until else None}
                        for since, until in one.lost
                    ],
                }
                for one in material.canaries
            ],
            "redaction": {
                "rules": rules.REDACT,
                "also": len(material.redaction.also),
                "keep": len(material.redaction.keep),
            },
            "said": [
                {
                    "at": one.at.isoformat(),
                    "company": one.company,
                    "kind": one.kind,
                    "request": one.request or None,
                    "words": clean(one.words),
                    "changed": clean(one.changed),
                }
                for one in material.said
            ],
            "plan": list(material.plan),
            "imports": [
                {
                    "file": clean(one.name),
                    "at": one.at.isoformat(),
                    "sha256": one.sha256,
                    "requests": one.requests,
                    "answered_only": one.answered_only,
                    "without_answers": one.without_answers,
                }
                for one in material.imports
            ],
        },
    }


def _page(
    template: str,
    book: Book,
    *,
    lang: str,
    folder: Path | None,
    escape: bool,
    space: str,
    extra: Mapping[str, object],
) -> str:
    from slawatch.report.compiled import each_time  # noqa: PLC0415 - loads jinja2

    words = Sentences(lang, folder=folder, space=space)
    environment = templates(folder, escape=escape)
    filters: dict[str, Callable[..., str]] = {
        "wait": words.wait,
        "about": words.about,
        "limit": words.limit,
        "percent": words.percent,
        "number": words.number,
        "date": lambda moment: words.date(moment, book.material.zone),
        "last_date": lambda moment: words.date(moment - MICROSECOND, book.material.zone),  # periods are half open
        "minute": lambda moment: words.minute(moment, book.material.zone),
        "instant": lambda moment: words.instant(moment, book.material.zone),
    }
    environment.filters.update({name: each_time(one) for name, one in filters.items()})
    environment.globals.update(
        t=words.say, words=words, brief=words.brief(), draw=draw, opening=opening, compared=comparisons
    )
    environment.globals.update(
        offer_matrix=offers.matrix,
        yardsticks=yardsticks,
        published_beside=lambda book: yardsticks.beside(book, yardsticks.read(folder)),
    )
    with templates_blamed(folder):
        return environment.get_template(template).render(
            book=book,
            material=book.material,
            lang=lang,
            Measure=Measure,
            MessageKind=MessageKind,
            Proof=Proof,
            Result=Result,
            Verdict=Verdict,
            VoidReason=VoidReason,
            **extra,
        )


def templates(folder: Path | None, *, escape: bool) -> Environment:
    """Return what loads templates, the user's before ours; what they put out is cleaned, and escaped with `escape`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - 50 ms, only where a report is made

    from slawatch.report.compiled import kept  # noqa: PLC0415 - same

    return Environment(
        loader=FileSystemLoader(resources.folders("reports", folder)),
        bytecode_cache=kept(escape=escape),
        autoescape=escape,  # noqa: S701 - False for the text form only, in which nothing is markup
        finalize=_clean_output,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _clean_output(value: object) -> object:
    """Clean whatever an expression puts out, so that no template can forget it; markup was cleaned when it was made."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2, loaded on use

    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "company": group.company.key if group.company else EVERYBODY,
        "channel": group.channel,
        "origin": group.origin,
        "n": group.n,
        "answered": group.answered,
        "missed": group.missed,
        "pending": group.pending,
        "void": sum(group.void.values()),
        "late": group.late,
        "objectives": [_objective_data(found) for found in group.statements],
        "first_response": _summary_data(group.first_response, group.limit(Measure.FIRST_RESPONSE)),
        "answer": _summary_data(group.answer, group.limit(Measure.ANSWER)),
        "acknowledged": {"n": group.receipts.acknowledged, "median": _seconds(group.receipts.median)},
        "promises": {
            "made": group.promised.made,
            "kept": group.promised.kept,
            "broken": group.promised.broken,
            "running": group.promised.running,
        },
        "published": _published_data(group.published) if group.published else None,
        "in_hours": _in_hours_data(group.in_hours) if group.in_hours else None,
        "asked_back": {"n": group.dialogue.asked_back, "paused_seconds": _seconds(group.dialogue.paused)},
        "handed_off": group.dialogue.handed_off,
        "complete": {"complete": group.dialogue.complete, "incomplete": group.dialogue.incomplete},
        "in_review": group.in_review,
        "over": list(group.over),
        "budgets": [_budget_data(found) for found in group.budgets],
        "reachability": _reach_data(group.chats.reach) if group.chats.reach else None,
        "accepting": _accepting_data(group.chats.accepting) if group.chats.accepting else None,
        "disclosed": _machines_data(group.chats.machines) if group.chats.machines else None,
        "told_again": _retold_data(group.chats.retold) if group.chats.retold else None,
        "change": compared_data.change(group.change),
        "when": compared_data.when(group.when),
        "handling": compared_data.handling(group.handling),
    }


def _since_last_data(book: Book) -> dict[str, Any] | None:
    found, last = top.changes(book), book.material.last
    if found is None or last is None:
        return None
    return {
        "made_at": last.made_at.isoformat(),
        "changed": [
            {
                "company": one.group.company.key if one.group.company else EVERYBODY,
                "channel": one.group.channel,
                "origin": one.group.origin,
                **_objective_data(one.found),
                "was_result": str(one.was_result),
                "was_proof": str(one.was_proof),
            }
            for one in found.changed
        ],
        "new": found.new,
    }


def _offer_data(row: offers.Row, cell: offers.Cell) -> dict[str, Any]:
    said = cell.said
    return {
        "company": row.company.key,
        "way": cell.way,
        "state": str(cell.state),
        "said": str(said.state) if said else None,
        "source": clean(said.source) if said else "",
        "seen": said.seen.isoformat() if said and said.seen else None,
        "tried": cell.tried,
        "reached": cell.reached,
        "last_try": cell.last.isoformat() if cell.last else None,
    }


def _reach_data(found: Reach) -> dict[str, Any]:
    return {
        "tried": found.tried,
        "reached": found.reached,
        "low": found.low,
        "high": found.high,
        "not_reached": {str(why): n for why, n in found.why_not.items()},
        "our_fault": {str(why): n for why, n in found.ours.items()},
    }


def _accepting_data(found: Accepting) -> dict[str, Any]:
    return {
        "chats": found.chats,
        "joined": found.joined,
        "median": _seconds(found.median),
        "queued": found.queued,
        "place_max": found.place,
    }


def _machines_data(found: Machines) -> dict[str, Any]:
    return {
        "chats": found.chats,
        "machine_first": found.spoke,
        "median": _seconds(found.median),
        "said_so": found.said,
    }


def _retold_data(found: Retold) -> dict[str, Any]:
    return {"taken_up": found.again, "known": found.known, "told": found.told}


def _objective_data(found: Statement) -> dict[str, Any]:
    objective, judged = found.objective, found.judgement
    return {
        "kind": str(objective.kind),
        "measure": str(objective.measure),
        "limit_seconds": _seconds(objective.limit),
        "at_least": objective.at_least,
        "value": judged.value,
        "low": judged.low,
        "high": judged.high,
        "result": str(judged.result),
        "proof": str(judged.proof),
        "more_needed": judged.more_needed,
        "by_chance": judged.by_chance,
        "in_hours": objective.in_hours,
    }


def _budget_data(found: Budget) -> dict[str, Any]:
    return {
        "measure": str(found.objective.measure),
        "limit_seconds": _seconds(found.objective.limit),
        "at_least": found.objective.at_least,
        "in_hours": found.objective.in_hours,
        "kind": periods.show(found.period.kind),
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "n": found.n,
        "open": found.undecided,
        "used": found.used,
        "allowed": found.allowed,
        "left": found.left,
        "state": str(found.state),
        "warned_at": found.warned_at,
    }


def _published_data(found: Published) -> dict[str, Any]:
    return {
        "within_seconds": _seconds(found.promise.within),
        "business_days": found.promise.business_days,
        "source": clean(found.promise.source),
        "seen": found.promise.seen.isoformat() if found.promise.seen else None,
        "in_time": found.in_time,
        "decided": found.decided,
        "low": found.low,
        "high": found.high,
    }


def _in_hours_data(found: InHours) -> dict[str, Any]:
    return {
        "first_response": {"n": found.first_response.n, "median": _seconds(found.first_response.median)},
        "answer": {"n": found.answer.n, "median": _seconds(found.answer.median)},
        "answered": found.answered,
        "outside_hours": found.outside,
    }


def _summary_data(found: Summary, limit: timedelta | None) -> dict[str, Any]:
    held = limit is not None and found.n > 0
    return {
        "limit_seconds": _seconds(limit),
        "share_within": found.share_within if held else None,
        "share_low": found.share_low if held else None,
        "share_high": found.share_high if held else None,
        "median": _seconds(found.median),
        "median_low": _seconds(found.median_low),
        "median_high": _seconds(found.median_high),
        "p90": _seconds(found.p90),
        "restricted_mean": _seconds(found.restricted_mean),
        "mean_of_answered": _seconds(found.mean_of_answered),
    }


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
