"""Requests as rows of the tidy schema: instants, from which whoever reads them can derive every wait anew.

Changes nothing. What a row cannot say (margins of stamps, our own turn after a question) it does not say.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slawatch import periods
from slawatch.data import writing
from slawatch.data.tidy import AHEAD, Row
from slawatch.errors import OutputError, UsageError
from slawatch.imported import ACCOUNT
from slawatch.model import Outcome, PledgeState, Reply, Request, Verdict
from slawatch.usecases.outcomes import UNSENT, standard_of, standing
from slawatch.usecases.world import World

PAGE = 2000  # requests that are looked at together


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be exported: requests asked in that time, of these companies; of all for none."""

    since: datetime
    until: datetime
    companies: tuple[str, ...] = ()


EVER = "all"
BEGINNING = datetime(1970, 1, 2, tzinfo=UTC)


def choice(world: World, period: str, companies: Sequence[str]) -> Choice:
    """Return what a period's name and companies' keys choose. `EVER` takes all there is.

    Raises:
        UsageError: there is no such period or company.
    """
    for key in companies:
        world.require_company(key)
    now = world.clock.now()
    if period == EVER:
        return Choice(since=BEGINNING, until=now + AHEAD, companies=tuple(companies))
    try:
        named = periods.named(period, now, world.config.zone)
    except ValueError as error:
        raise UsageError(f'period: {error}, or "{EVER}"') from None
    return Choice(since=named.since, until=named.until, companies=tuple(companies))


def rows(world: World, choice: Choice) -> Iterator[Row]:
    """Yield a row for each request that is past sending, in the order in which they were made."""
    after = 0
    while True:
        page = world.store.requests_after(
            after, since=choice.since, until=choice.until, companies=choice.companies, limit=PAGE
        )
        if not page:
            return
        after = page[-1].id
        asked = [request for request in page if request.delivery not in UNSENT]
        replies = world.store.replies([request.id for request in asked]) if asked else {}
        outcomes = standing(world, asked, replies=replies)
        given = world.store.given([request.id for request in asked if request.account == ACCOUNT])
        for request in asked:
            looked = given[request.id].observed_until if request.id in given else None
            yield _row(world, request, outcomes[request.id], replies.get(request.id, []), looked)


def write_whole(world: World, choice: Choice, path: Path, form: str) -> int:
    """Write the rows so that a reader sees the old file or the new one, never half of it; returns how many.

    Raises:
        OutputError: it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                count = writing.write(rows(world, choice), file, form)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f'export: "{path}" cannot be written ({error.strerror}); write it elsewhere') from error
    return count


def _row(world: World, request: Request, outcome: Outcome, replies: list[Reply], looked: datetime | None) -> Row:
    by_id = {reply.message_id: reply.stamps.at for reply in replies}
    accepted_at = request.accepted_at
    void = outcome.verdict is Verdict.VOID
    imported = request.account == ACCOUNT
    pledged = [one for one in outcome.pledges if one.state is not PledgeState.NOT_JUDGED]
    return Row(
        request=(request.text.subject if imported else "") or request.public_id,
        company=request.company,
        channel=request.way,
        target=request.target,
        probe=request.text.probe,
        lang=request.text.lang,
        origin=request.origin,
        sent_at=request.submitted_at or accepted_at or request.intended_at,
        accepted_at=accepted_at,
        acknowledged_at=accepted_at + outcome.acknowledged
        if accepted_at and outcome.acknowledged is not None
        else None,
        first_response_at=by_id.get(outcome.first_reply_id) if outcome.first_reply_id is not None else None,
        answered_at=by_id.get(outcome.answer_reply_id) if outcome.answer_reply_id is not None else None,
        promised_at=min((one.due_at for one in pledged), default=None),
        observed_until=None if void else _seen_until(world, request, outcome, looked),
        verdict=outcome.verdict,
        void_reason=outcome.void_reason or "",
    )


def _seen_until(world: World, request: Request, outcome: Outcome, looked: datetime | None) -> datetime | None:
    """Return until when a reply would have been seen: where the waits end that have not ended, else the last look."""
    until = looked or world.store.observed_until(request.account)
    if request.accepted_at is None or outcome.first_response is None or outcome.answer is None:
        return until
    window = standard_of(world, request).window
    open_waits = ((outcome.first_response, timedelta(0)), (outcome.answer, outcome.paused))
    ends = [
        request.accepted_at + wait.length + paused
        for wait, paused in open_waits
        if not wait.ended and wait.length < window
    ]
    return min([*ends, *([until] if until else [])], default=None)
