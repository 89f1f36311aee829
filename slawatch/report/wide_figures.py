"""The wide report's figures for machines, column by column: what its file holds of every company.

Computes and judges nothing. As one object for each company they would make the file four times as large.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from slawatch.judging import PROOFS, RESULTS
from slawatch.many_values import Floats
from slawatch.model import Measure
from slawatch.report.columns import EACH, OF
from slawatch.report.tally import MEASURES
from slawatch.report.wide import LIMIT, WideBook

_COUNTS = ("answered", "missed", "pending", "void")
# Milliseconds and millionths: more than the page shows, and less than rounding could make differ.
_SHARE, _SECONDS = 6, 3


def figures(book: WideBook, together: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of all companies `together`, and those of every company as columns."""
    return {**together, EACH: _columns(book)}


def to_keep(book: WideBook, together: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a report for the next one: all companies `together`, and of each what is found, no more.

    Of ten thousand groups that makes half a megabyte, where all of their figures would make 15.
    """
    return {**together, EACH: {**_names(book), "objectives": list(_held(book))}}


def _names(book: WideBook) -> dict[str, Any]:
    who = [book.groups.who[place] for place in book.there.tolist()]
    return {
        "company": [one.company for one in who],
        "channel": [one.way for one in who],
        "origin": [book.origin(one) for one in who],
    }


def _columns(book: WideBook) -> dict[str, Any]:
    there, groups = book.there, book.groups
    found = {
        **_names(book),
        **{name: groups.verdicts[there, place].tolist() for place, name in enumerate(_COUNTS)},
        "late": groups.late[there].tolist(),
        "in_review": groups.in_review[there].tolist(),
    }
    for measure in MEASURES:
        its = groups.figures[measure]
        found[f"{measure}.median"] = _rounded(its.median[there], _SECONDS)
        if measure is Measure.FIRST_RESPONSE:
            share = its.shares[LIMIT]
            found[f"{measure}.p90"] = _rounded(its.p90[there], _SECONDS)
            found[f"{measure}.share_within"] = _rounded(share.value[there], _SHARE)
            found[f"{measure}.share_low"] = _rounded(share.low[there], _SHARE)
            found[f"{measure}.share_high"] = _rounded(share.high[there], _SHARE)
    found["objectives"] = [
        {
            **named,
            **{
                name: _rounded(getattr(held.found, name), _SECONDS if held.objective.at_least is None else _SHARE)
                for name in ("value", "low", "high")
            },
            "more_needed": [None if one < 0 else one for one in held.found.more_needed.tolist()],
        }
        for named, held in zip(_held(book), groups.held, strict=True)
    ]
    return found


def _held(book: WideBook) -> Iterator[dict[str, Any]]:
    """Yield each objective, of which rows it is, and what is found of them."""
    row = np.zeros(len(book.groups.who), np.int64)
    row[book.there] = np.arange(len(book.there))
    for held in book.groups.held:
        yield {
            "kind": str(held.objective.kind),
            "measure": str(held.objective.measure),
            "limit_seconds": held.objective.limit.total_seconds(),
            "at_least": held.objective.at_least,
            "in_hours": held.objective.in_hours,
            OF: row[held.of].tolist(),
            "result": [str(RESULTS[one]) for one in held.found.result.tolist()],
            "proof": [str(PROOFS[one]) for one in held.found.proof.tolist()],
        }


def _rounded(values: Floats, digits: int) -> list[float | None]:
    return [None if math.isnan(one) else round(one, digits) for one in values.tolist()]
