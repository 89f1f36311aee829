"""Recomputes a report over very many companies as of then: every outcome anew, none taken from what is kept of it.

Works on the copy that verify.py made; changes nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from slawatch.errors import UsageError
from slawatch.model import Request
from slawatch.report import columns, proof
from slawatch.report.again import different_words
from slawatch.usecases.recompute import MessageChange, judge_again
from slawatch.usecases.report import Choice
from slawatch.usecases.verify import METHOD, Checked, State, compared
from slawatch.usecases.wide import gather_wide
from slawatch.usecases.world import World

Told = dict[str, list[str]]  # by a request's public id, what speaks against it


def groups_of_very_many(
    then: World, found: proof.Sealed, choice: Choice, *, chain_head: str, doubted: Told, notes: tuple[str, ...]
) -> tuple[tuple[Checked, ...], tuple[str, ...]]:
    """Return what became of each company's figures, and what visible lines differ.

    Raises:
        UsageError: the report's columns cannot be read.
    """
    from slawatch.report import wide, wide_page  # noqa: PLC0415  numpy and jinja are loaded only by what needs them

    try:
        said = list(columns.groups(found.facts["figures"]))
    except ValueError as error:
        raise UsageError(f"verify: its figures cannot be read ({error})") from None
    linked = frozenset(doubted)
    changes = judge_again(then)[1]
    then.store.unsettle_all()
    ids = then.store.unsettled_ids()
    tally, material = gather_wide(then, choice)
    book = wide.build(tally, replace(material, chain_head=chain_head, asked=found.facts["asked"]))
    figures = json.loads(json.dumps(wide_page.figures(book)))
    purged = then.store.purged_of(ids)
    near = _near(then, choice, changes, purged, linked)
    _tell(changes, near, doubted)
    groups = tuple(
        compared(
            {METHOD: found.facts["figures"][METHOD], "groups": said},
            {METHOD: figures[METHOD], "groups": list(columns.groups(figures))},
            list(near.values()),
            {near[number].public_id for number in purged if number in near},
            doubted,
            notes,
            linked,
        )
    )
    if not all(one.state in {State.HOLDS, State.SEALED} for one in groups):
        return groups, ()  # ten thousand lines would say once more what stands beside the figures
    page = wide_page.html(book, lang=str(found.facts["lang"]), folder=then.config.folder)
    return groups, tuple(different_words(found.page, proof.opened(page).page))


def _near(
    then: World, choice: Choice, changes: Sequence[MessageChange], purged: Collection[int], linked: AbstractSet[str]
) -> dict[int, Request]:
    """Return those of the report's requests, by id, that anything is said against, or whose evidence is gone."""
    tied = {tie.request_id for change in changes for tie in (*change.before.ties, *change.after.ties)}
    found = then.store.requests(ids=sorted({*purged, *tied}))
    found += [one for name in sorted(linked) if (one := then.store.request(name)) is not None]
    return {
        one.id: one
        for one in found
        if choice.since <= (one.accepted_at or one.intended_at) < choice.until
        and choice.campaign in {None, one.campaign}
    }


def _tell(changes: Sequence[MessageChange], near: Mapping[int, Request], doubted: Told) -> None:
    """Say beside each request which of its messages is something else now."""
    for change in changes:
        before, after = (made.kind.value if made.kind else "ours" for made in (change.before, change.after))
        for number in {tie.request_id for tie in (*change.before.ties, *change.after.ties)} & near.keys():
            told = doubted.setdefault(near[number].public_id, [])
            told.append(f"message {change.message.id}: {before} -> {after}")
