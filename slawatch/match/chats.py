"""Says which request a line of a chat belongs to, and that whoever sits at the other end writes for the company.

Only the far side's own names of chats, lines and people decide; what a line says of its writer proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from slawatch.match import rows
from slawatch.match.known import Beside, Known, Open
from slawatch.model import Author, Facts, Match, MatchEvidence, Strength, Writer, WrittenBy


def find_in_chat(
    facts: Facts, known: Known, *, beside: Callable[[], Beside] = Beside, at: datetime | None = None
) -> Match | None:
    """Return the request a line belongs to, or None where nothing ties it to any.

    A chat that is one request's alone ties it for certain, and so does a reply to a line of ours. Anything else is tied
    by what stands open in this very chat: `beside` is asked for that then, once, and shall hold requests that were put
    to nobody else (`Open.only_from`), for as long as replies are matched. `at` is when the line was written.
    """
    for evidence, one in (
        (MatchEvidence.CONVERSATION, facts.conversation),
        *((MatchEvidence.CITED_ID, cited) for cited in facts.cited_ids),
    ):
        request_id = known.by_message_id.get(one.lower()) if one else None
        if request_id is not None:
            return Match(
                request_ids=(request_id,), evidence=evidence, strength=Strength.CERTAIN, saw=f"…{one[-rows.SHOWN :]}"
            )
    return _by_what_is_open(facts, beside().open, at) if at is not None else None


def said_by(facts: Facts) -> WrittenBy:
    """Return who wrote a line: nobody but the company sits at the other end of its own chat."""
    mark = facts.author_by or f"the other end of {facts.chat}"
    return WrittenBy(writer=Writer.COMPANY, saw=f"{facts.sender}, {mark}" if facts.sender else mark)


def is_own_line(facts: Facts, known: Known) -> bool:
    """Whether it is ours: the far side marks it so, or we have sent what bears this name."""
    return facts.author is Author.OURSELVES or (bool(facts.own_id) and facts.own_id.lower() in known.by_message_id)


def _by_what_is_open(facts: Facts, candidates: Sequence[Open], at: datetime) -> Match | None:
    """Return what stands open in this chat: one request is meant, of several only a person can say which.

    What is said after the answer ("Anything else?") belongs to the last one. A line that began to be written before we
    asked again may well be about what we asked first; nobody can tell.
    """
    here = [one for one in candidates if one.only_from.lower() == facts.chat.lower() and one.since <= at < one.until]
    waiting = [one for one in here if one.answered_at is None or one.answered_at >= at]
    newest = sorted(waiting or here, key=lambda one: one.since, reverse=True)[: rows.CANDIDATES_MAX]
    if not newest:
        return None
    sure = (len(newest) == 1 or not waiting) and newest[0].surely_left
    some = "1 open request" if len(waiting) == 1 else f"{len(waiting) or 'no'} open requests"
    return Match(
        request_ids=(newest[0].request_id,) if sure else tuple(one.request_id for one in newest),
        evidence=MatchEvidence.CONVERSATION,
        strength=Strength.STRONG if sure else Strength.WEAK,
        saw=f"said in this chat, {some}",
    )
