"""Says which requests a message belongs to, by what evidence, and who wrote it. Decides on facts; looks nothing up.

It must never guess silently: what rests on none of our own secrets, nor on what the company surely wrote, is weak at
best, and a person looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from slawatch.match import rows
from slawatch.match.authentication import Finding, OurSide, from_outside, judge, our_side
from slawatch.match.chats import find_in_chat, is_own_line, said_by
from slawatch.match.domains import Directory, Party, domain_of, party
from slawatch.match.keys import find as keys_of
from slawatch.match.keys import to_learn
from slawatch.match.known import Beside, Known, Open, Taught
from slawatch.match.posts import Accounts, find_post, is_own_post, posted_by, unless_to_others
from slawatch.match.writers import NOTICES, from_our_side, is_our_report, surely_ours, written_by
from slawatch.model import Facts, Match, MatchEvidence, Strength, Tied

__all__ = [
    "NOTICES",
    "Accounts",
    "Beside",
    "Directory",
    "Finding",
    "Known",
    "Open",
    "OurSide",
    "Party",
    "Taught",
    "domain_of",
    "find",
    "find_in_chat",
    "find_post",
    "from_our_side",
    "from_outside",
    "is_our_report",
    "is_own",
    "is_own_line",
    "is_own_post",
    "judge",
    "keys_of",
    "our_side",
    "party",
    "posted_by",
    "said_by",
    "surely_ours",
    "to_learn",
    "unless_to_others",
    "written_by",
]

_SETTLES = frozenset({MatchEvidence.ENVELOPE_ID, MatchEvidence.EMBEDDED_MESSAGE_ID})


def find(
    facts: Facts, known: Known, *, beside: Callable[[], Beside] = Beside, at: datetime | None = None
) -> Match | None:
    """Return the requests a message belongs to, or None where nothing ties it to any.

    The rows are tried in the order of their strength; the first that finds anything names the evidence. What a returned
    original says (rows of a delivery report) settles the matter alone. Otherwise the requests whose secrets stand in
    the header or in what was written anew are attached as well, each by its own evidence: one letter may answer several
    requests (a German authority did, three at once).

    Where no secret stands in the header, the company's own names and what is open decide. `beside` is asked for them
    then, once, and shall speak of those companies only that the sender's domain belongs to. `at` is when the message
    came.
    """
    by_secret = _by_secret(facts, known)
    if by_secret:
        return _match(by_secret)
    around = beside()
    hits = rows.by_ticket(facts, around.taught)
    if hits:
        return _match(rows.ties(MatchEvidence.TICKET, hits))
    hits = rows.by_body(facts, known)
    if hits:
        return _match(rows.ties(MatchEvidence.BODY, hits))
    if at is None or rows.is_bulk(facts):
        return None
    return _without_secrets(facts, around, at)


def is_own(facts: Facts, own_addresses: Collection[str], known: Known) -> bool:
    """Whether we wrote the message ourselves: our own copy of a request, or a loop that brought one back.

    The domain alone proves nothing: a user may well test the company they work for.
    """
    if facts.own_id in known.by_message_id:
        return True
    if any(_is_ours(address, own_addresses, known) for address in _looped(facts)):
        return True
    return _is_ours(facts.sender, own_addresses, known)


def _is_ours(address: str, own_addresses: Collection[str], known: Known) -> bool:
    local, _, domain = address.rpartition("@")
    if not local:
        return False
    plain = f"{local.partition('+')[0]}@{domain}"
    return address in own_addresses or plain in own_addresses or bool(rows.by_token([address], known))


def _looped(facts: Facts) -> list[str]:
    """Return the addresses that have had the message before: answering machines leave theirs, to know it again."""
    return [value.strip(" <>").lower() for value in facts.headers.get("x-loop", ())]


def _by_secret(facts: Facts, known: Known) -> dict[int, Tied]:
    ties: dict[int, Tied] = {}
    for evidence, look in rows.BY_SECRET:
        found = rows.ties(evidence, look(facts, known))
        ties.update((one, tied) for one, tied in found.items() if one not in ties)
        if found and evidence in _SETTLES:
            return ties
    if ties:
        anew = rows.ties(MatchEvidence.BODY, rows.by_new_text(facts, known))
        ties.update((one, tied) for one, tied in anew.items() if one not in ties)
    return ties


def _without_secrets(facts: Facts, around: Beside, at: datetime) -> Match | None:
    """Return what is left to go by: the company's conversation, its window, its open requests."""
    in_window = {one.request_id for one in around.open if one.since <= at < one.until}
    hits = [hit for hit in rows.by_thread(facts, around.taught) if hit.request_id in in_window]
    if hits:
        return _match(rows.ties(MatchEvidence.THREAD, hits))
    hits = rows.by_same_subject(facts, around.open, at)
    if hits:
        # The same words were asked more than once: which is meant, only a person can say.
        strength = None if len(hits) == 1 else Strength.WEAK
        return _match(rows.ties(MatchEvidence.THREAD, hits[: rows.CANDIDATES_MAX], strength=strength))
    hits = rows.still_open(facts, around.open, at)
    return _match(rows.ties(MatchEvidence.SOLE_OPEN, hits)) if hits else None


def _match(ties: dict[int, Tied]) -> Match:
    """Return the match of these ties, the best of which stands first."""
    best = next(iter(ties.values()))
    return Match(
        request_ids=tuple(ties),
        evidence=best.evidence,
        strength=best.strength,
        saw=best.saw,
        ties={request_id: tied for request_id, tied in ties.items() if tied != best},
    )
