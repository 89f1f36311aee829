"""Which company can be reached on which way, by its own word, a person's, and our tries: a matrix as values.

Counts what cases hold; sends nothing, and says nothing in words (reports/*.toml do).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slawatch.model import Offer, OfferState, Origin, VoidReason
from slawatch.report.model import Case, CompanyView, Material

# What shows that nobody is there. A puzzle or a ban keeps programs out, and says nothing about customers.
_DEAD = frozenset({VoidReason.OFFLINE, VoidReason.WIDGET_ABSENT, VoidReason.REFUSED, VoidReason.BOUNCED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One way of one company: `state` after our tries, None where nobody knows anything; `said` before them.

    Of `tried` requests that say something of the way `reached` arrived; `last` is when the newest was asked.
    """

    way: str
    state: OfferState | None
    said: Offer | None
    tried: int = 0
    reached: int = 0
    last: datetime | None = None

    @property
    def found_dead(self) -> bool:
        """Return whether our own tries found it dead, against what is said."""
        return self.state is OfferState.DEAD and self.tried > 0

    @property
    def found_open(self) -> bool:
        """Return whether our own tries found it open, against what is said."""
        return self.said is not None and self.said.state is not self.state and self.reached > 0

    @property
    def telling(self) -> bool:
        """Return whether it says more than that we ask there, and get through."""
        said = self.said
        return self.found_dead or (said is not None and (said.state is not OfferState.OFFERED or bool(said.source)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One company with a cell for each way of the matrix."""

    company: CompanyView
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Companies by ways, the ways that most of them are known on first."""

    ways: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def telling(self) -> bool:
        """Return whether it is worth a table: somewhere it says more than that we ask there, and get through."""
        return any(cell.telling for row in self.rows for cell in row.cells)


def matrix(material: Material) -> Matrix:
    """Return which company of the material can be reached on which way."""
    said = {(one.company, one.way): one for one in material.offers}
    tries: dict[tuple[str, str], list[Case]] = {}
    for case in material.cases:
        if case.request.origin is not Origin.OBSERVED:
            tries.setdefault((case.request.company, case.request.way), []).append(case)
    known = [key for key in {**said, **tries} if key[0] in material.companies]
    counts: dict[str, int] = {}
    for _, way in known:
        counts[way] = counts.get(way, 0) + 1
    ways = tuple(sorted(counts, key=lambda way: (-counts[way], way)))
    companies = sorted(
        (material.companies[key] for key in {company for company, _ in known}),
        key=lambda company: (company.name.casefold(), company.key),
    )
    return Matrix(
        ways=ways,
        rows=tuple(
            Row(
                company=company,
                cells=tuple(
                    _cell(way, said.get((company.key, way)), tries.get((company.key, way), ())) for way in ways
                ),
            )
            for company in companies
        ),
    )


def _cell(way: str, said: Offer | None, cases: Sequence[Case]) -> Cell:
    telling = [case for case in cases if case.outcome.void_reason is None or case.outcome.void_reason in _DEAD]
    reached = sum(case.outcome.void_reason is None for case in telling)
    last = max((case.request.accepted_at or case.request.intended_at for case in telling), default=None)
    state = said.state if said else OfferState.OFFERED if cases else None  # whom we ask, we found an address of
    if telling and not reached and state in {OfferState.OFFERED, OfferState.HIDDEN}:
        state = OfferState.DEAD
    elif reached and state is OfferState.DEAD:
        state = OfferState.OFFERED
    elif reached and state is OfferState.NOT_OFFERED:
        state = OfferState.HIDDEN
    return Cell(way=way, state=state, said=said, tried=len(telling), reached=reached, last=last)
