"""The wide report's figures for machines, column by column: what its file holds of every company, and reads back.

Computes and judges nothing. As one object for each company they would make the file four times as large.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from slawatch.judging import PROOFS, RESULTS
from slawatch.model import Measure
from slawatch.report.tally import MEASURES
from slawatch.report.wide import LIMIT, WideBook

EACH = "companies"  # the key under which the columns stand beside the figures of `report --json`
_COUNTS = ("answered", "missed", "pending", "void")
# Milliseconds and millionths: more than the page shows, and less than rounding could make differ.
_SHARE, _SECONDS = 6, 3


def figures(book: WideBook, together: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of all companies `together`, and those of every company as columns."""
    return {**together, EACH: _columns(book)}


def groups(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what `figures` holds as groups: one for each company and way, then those over all companies.

    Raises:
        ValueError: the columns are not of one length, or not those that we write.
    """
    try:
        columns = dict(found[EACH])
        held = columns.pop("objectives")
        size = len(columns["company"])
        objectives: list[list[dict[str, Any]]] = [[] for _ in range(size)]
        for one in held:
            what = dict(one)
            rows = zip(*(what.pop(name) for name in _OBJECTIVE), strict=True)
            for place, *values in rows:
                objectives[place].append({**what, **dict(zip(_OBJECTIVE[1:], values, strict=True))})
        names = tuple(columns)
        for kept, *values in zip(objectives, *columns.values(), strict=True):
            yield {**dict(zip(names, values, strict=True)), "objectives": kept}
        yield from found["groups"]
    except (KeyError, TypeError, IndexError, ValueError, AttributeError):
        raise ValueError("its columns are not those of a report over very many companies") from None


_OBJECTIVE = ("of", "value", "low", "high", "result", "proof", "more_needed")


def _columns(book: WideBook) -> dict[str, Any]:
    there, groups = book.there, book.groups
    row = {place: number for number, place in enumerate(there.tolist())}
    who = [groups.who[place] for place in there.tolist()]
    origins = {one: book.origin(one) for one in who}
    found: dict[str, Any] = {
        "company": [one.company for one in who],
        "channel": [one.way for one in who],
        "origin": [origins[one] for one in who],
        **{name: groups.verdicts[there, place].tolist() for place, name in enumerate(_COUNTS)},
        "late": groups.late[there].tolist(),
        "in_review": groups.in_review[there].tolist(),
    }
    for measure in MEASURES:
        its = groups.figures[measure]
        shown = {"median": _rounded(its.median[there].tolist(), _SECONDS)}
        if measure is Measure.FIRST_RESPONSE:
            share = its.shares[LIMIT]
            shown |= {
                "p90": _rounded(its.p90[there].tolist(), _SECONDS),
                "share_within": _rounded(share.value[there].tolist(), _SHARE),
                "share_low": _rounded(share.low[there].tolist(), _SHARE),
                "share_high": _rounded(share.high[there].tolist(), _SHARE),
            }
        found |= {f"{measure}.{name}": column for name, column in shown.items()}
    found["objectives"] = [
        {
            "kind": str(held.objective.kind),
            "measure": str(held.objective.measure),
            "limit_seconds": held.objective.limit.total_seconds(),
            "at_least": held.objective.at_least,
            "in_hours": held.objective.in_hours,
            "of": [row[place] for place in held.of.tolist()],
            **{
                name: _rounded(
                    getattr(held.found, name).tolist(), _SECONDS if held.objective.at_least is None else _SHARE
                )
                for name in ("value", "low", "high")
            },
            "result": [str(RESULTS[one]) for one in held.found.result.tolist()],
            "proof": [str(PROOFS[one]) for one in held.found.proof.tolist()],
            "more_needed": [None if one < 0 else one for one in held.found.more_needed.tolist()],
        }
        for held in groups.held
    ]
    return found


def _rounded(values: list[float], digits: int) -> list[float | None]:
    return [None if math.isnan(one) else round(one, digits) for one in values]
