"""Says which request a public post or a direct message belongs to, and whether its author speaks for the company.

Only ids of accounts and posts decide: a platform gives each once, and nobody can take one on. Names, handles and what a
post says of its author prove nothing: everybody can call themselves "Acme Help".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slawatch.match import rows
from slawatch.match.domains import Party, canonical
from slawatch.match.known import Beside, Known, Open
from slawatch.model import Facts, Match, MatchEvidence, Strength, Tied, Writer, WrittenBy

DOMAIN = "domain:"
"""Begins those of a post's affiliations that are domains; the others are ids of accounts."""

ANSWERS = "answers"
"""Of a post's headers the one that names the account whose post it replies to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Who a company is on a platform: the ids of its accounts ("twitter:42") and its domains in canonical form.

    What a person has declared to be the company's stands among them.
    """

    ids: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def find_post(
    facts: Facts, known: Known, *, beside: Callable[[], Beside] = Beside, at: datetime | None = None
) -> Match | None:
    """Return the request a post belongs to, or None where nothing ties it to any.

    A reply to a post of ours, or to anything in a conversation that we began, surely does, whoever wrote it. Anything
    else can be tied by nothing but what stands open: `beside` is asked for that then, once, and shall speak of the
    author's company on this account only. `at` is when the post was written.
    """
    replied_to = next(iter(facts.cited_ids), "")
    for evidence, one in (
        (MatchEvidence.CITED_ID, replied_to),
        *((MatchEvidence.CONVERSATION, root) for root in (facts.conversation, *facts.cited_ids)),
    ):
        request_id = known.by_message_id.get(one.lower()) if one else None
        if request_id is not None:
            return Match(
                request_ids=(request_id,), evidence=evidence, strength=Strength.CERTAIN, saw=_end_of(one.lower())
            )
    return _by_what_is_open(facts, beside().open, at) if at is not None else None


def unless_to_others(found: Match, facts: Facts, *, theirs: Accounts, ours: Collection[str]) -> Match:
    """Return the match, as a guess only where the post replies to somebody else who joined in our conversation.

    A company that looks after a passer-by under our question has not answered us yet, though it may have done both.
    Nothing changes where the platform does not say whom it replies to, or nobody has looked up who we are (`ours`).
    """
    whom = next(iter(facts.headers.get(ANSWERS, ())), "")
    if found.evidence is not MatchEvidence.CONVERSATION or not whom or not ours:
        return found
    if whom in ours or whom in theirs.ids:
        return found
    return replace(found, strength=Strength.WEAK, saw=f"{found.saw}, in reply to somebody else")


def posted_by(facts: Facts, people: Accounts) -> WrittenBy:
    """Return who wrote a post: the company, somebody who may well write for it, or anybody else.

    An account that the platform confirms to belong to the company, but that nobody has named as one of its own, is a
    stranger: a person looks at it. The platform's word alone is not enough, because partners and staff have it as well.
    """
    if facts.sender and facts.sender in people.ids:
        return WrittenBy(writer=Writer.COMPANY, saw=facts.sender)
    affiliated = next((one for one in facts.affiliations if _is_theirs(one, people)), "")
    if affiliated:
        return WrittenBy(writer=Writer.STRANGER, saw=f"{facts.sender}, belongs to {affiliated.removeprefix(DOMAIN)}")
    return WrittenBy(writer=Writer.BYSTANDER, saw=facts.sender)


def is_own_post(facts: Facts, own_ids: Collection[str]) -> bool:
    """Whether one of our own accounts (by their ids) wrote it."""
    return bool(facts.sender) and facts.sender in own_ids


def _by_what_is_open(facts: Facts, candidates: Sequence[Open], at: datetime) -> Match | None:
    """Return what of the company stands open: one request is meant, of several only a person can say which.

    A reply to somebody else that merely names us is a guess, too: the company may well have answered them and not us.
    So is anything where nobody knows whether we have asked at all: our own timeline says that, and no coincidence.
    """
    found = [
        one for one in candidates if one.since <= at < one.until and (one.answered_at is None or one.answered_at >= at)
    ]
    if not found:
        return None
    newest = sorted(found, key=lambda one: one.since, reverse=True)[: rows.CANDIDATES_MAX]
    sure = len(found) == 1 and found[0].surely_left and _speaks_to_us(facts)
    saw = "a direct message" if facts.direct else "a post that names us"
    tied = Tied(
        evidence=MatchEvidence.SOLE_OPEN, strength=Strength.MEDIUM if sure else Strength.WEAK, saw=f"{saw}, {_n(found)}"
    )
    return Match(
        request_ids=tuple(one.request_id for one in newest),
        evidence=tied.evidence,
        strength=tied.strength,
        saw=tied.saw,
    )


def _speaks_to_us(facts: Facts) -> bool:
    """Whether it was written to us in the first place: a direct message, or a post that begins a conversation."""
    return facts.direct or not {facts.conversation, *facts.cited_ids} - {"", facts.own_id}


def _is_theirs(affiliation: str, people: Accounts) -> bool:
    if affiliation.startswith(DOMAIN):
        domain = canonical(affiliation.removeprefix(DOMAIN))
        return bool(Party(key="", domains=people.domains).owns_domain(domain))
    return affiliation in people.ids


def _n(found: Sequence[Open]) -> str:
    return "1 open request" if len(found) == 1 else f"{len(found)} open requests"


def _end_of(post_id: str) -> str:
    """Return enough of a post's id to know it again; all of it would name who asked where we only observe."""
    platform, _, own = post_id.partition(":")
    return f"{platform}:…{own[-rows.SHOWN :]}"
