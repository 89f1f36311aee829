"""The nine rows of evidence, the strongest first (docs/explanation.md, "How a reply is recognised")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from slawatch import token
from slawatch.match import keys
from slawatch.match.domains import domain_of, plain
from slawatch.match.known import Known, Open, Taught
from slawatch.model import Facts, MatchEvidence, Strength, Tied

SHOWN = 4  # characters of a token or id that are shown: whoever knows all of it can forge a reply
TEXT_MAX = 4096  # characters of one subject or address that are searched; real ones are far shorter
CANDIDATES_MAX = 20  # more requests than that say nothing; a person could not choose either


STRENGTHS: Mapping[MatchEvidence, Strength] = {
    MatchEvidence.ENVELOPE_ID: Strength.CERTAIN,
    MatchEvidence.EMBEDDED_MESSAGE_ID: Strength.CERTAIN,
    MatchEvidence.DELIVERED_TO: Strength.CERTAIN,
    MatchEvidence.CITED_ID: Strength.CERTAIN,
    MatchEvidence.RECIPIENT: Strength.STRONG,
    MatchEvidence.SUBJECT: Strength.STRONG,
    MatchEvidence.TICKET: Strength.STRONG,
    MatchEvidence.BODY: Strength.MEDIUM,
    MatchEvidence.THREAD: Strength.MEDIUM,
    MatchEvidence.SOLE_OPEN: Strength.WEAK,
}
"""The table, in the order in which its rows are tried."""


class Hit(NamedTuple):
    """A request that a row found, and what by. `saw` is fit to be shown."""

    request_id: int
    saw: str


Look = Callable[[Facts, Known], list[Hit]]


def ties(evidence: MatchEvidence, hits: Iterable[Hit], *, strength: Strength | None = None) -> dict[int, Tied]:
    """Return what ties each request that was hit, as strong as its row unless said otherwise."""
    found: dict[int, Tied] = {}
    for hit in hits:
        tied = Tied(evidence=evidence, strength=strength or STRENGTHS[evidence], saw=hit.saw)
        found.setdefault(hit.request_id, tied)
    return found


def by_envelope_id(facts: Facts, known: Known) -> list[Hit]:
    """Row 1: the id of our envelope, in a delivery report."""
    return _by_key((report.envelope_id for report in facts.reports), known.by_envelope_id)


def by_embedded_id(facts: Facts, known: Known) -> list[Hit]:
    """Row 1: our Message-ID, in the original that a report returns."""
    return _by_key(facts.embedded_ids, known.by_message_id)


def by_delivered_to(facts: Facts, known: Known) -> list[Hit]:
    """Row 2: the token, in the address our own server delivered to."""
    return by_token(facts.delivered_to, known)


def by_cited_id(facts: Facts, known: Known) -> list[Hit]:
    """Row 3: our Message-ID, cited as what this replies to."""
    return _by_key(facts.cited_ids, known.by_message_id)


def by_recipient(facts: Facts, known: Known) -> list[Hit]:
    """Row 4: the token, in an address of the letter's own header."""
    return by_token(facts.recipients, known)


def by_subject(facts: Facts, known: Known) -> list[Hit]:
    """Row 5: the token, in any reading of the subject."""
    return by_token(facts.subjects, known)


def by_body(facts: Facts, known: Known) -> list[Hit]:
    """Row 7: the token, in what was written or in what it quotes."""
    return by_token((facts.text, facts.signature, facts.quoted), known, longest=None)


def by_new_text(facts: Facts, known: Known) -> list[Hit]:
    """Row 7, beside a better one: only what was written anew. Quoted history may hold requests this does not answer."""
    return by_token((facts.text,), known, longest=None)


def by_token(texts: Iterable[str], known: Known, *, longest: int | None = TEXT_MAX) -> list[Hit]:
    """Return the requests whose token stands in these texts as a word of its own."""
    words = (word for text in texts for word in token.find_all(text[:longest]))
    return [Hit(known.by_token[word], _masked(word)) for word in words if word in known.by_token]


BY_SECRET: tuple[tuple[MatchEvidence, Look], ...] = (
    (MatchEvidence.ENVELOPE_ID, by_envelope_id),
    (MatchEvidence.EMBEDDED_MESSAGE_ID, by_embedded_id),
    (MatchEvidence.DELIVERED_TO, by_delivered_to),
    (MatchEvidence.CITED_ID, by_cited_id),
    (MatchEvidence.RECIPIENT, by_recipient),
    (MatchEvidence.SUBJECT, by_subject),
)


# --- what the company itself gave us, or what is left ---


def by_ticket(facts: Facts, taught: Sequence[Taught]) -> list[Hit]:
    """Row 6: a ticket number that an earlier, certain letter of the same company taught us."""
    return _by_taught(keys.tickets(facts), taught) if taught else []


def by_thread(facts: Facts, taught: Sequence[Taught]) -> list[Hit]:
    """Row 8: the Exchange conversation that such a letter belonged to."""
    return _by_taught(keys.thread(facts), taught)


def by_same_subject(facts: Facts, candidates: Sequence[Open], at: datetime) -> list[Hit]:
    """Row 8: our subject again, without its reference, in a letter from the company within the window."""
    said = {normal(reading) for reading in facts.subjects} - {""}
    longest = {max(subject.split(), key=len) for subject in said}
    domain = domain_of(facts.sender)
    return [
        Hit(one.request_id, f"the subject, from {domain}")
        for one in candidates
        if one.since <= at < one.until
        and any(word in one.subject.casefold() for word in longest)  # spares most of them the work
        and normal(one.subject, one.token) in said
    ]


def still_open(facts: Facts, candidates: Sequence[Open], at: datetime) -> list[Hit]:
    """Row 9: what of the sender's company stands open in its window and was not answered before."""
    found = [
        Hit(one.request_id, domain_of(facts.sender))
        for one in candidates
        if one.since <= at < one.until
        and (one.answered_at is None or one.answered_at >= at)
        and one.only_from in {"", plain(facts.sender)}
    ]
    return found if len(found) <= CANDIDATES_MAX else []


def is_bulk(facts: Facts) -> bool:
    """Whether a letter went to many. Precedence: bulk alone does not say so: ticket systems put it on every letter."""
    return any(name in facts.headers for name in _OF_MANY) or any(
        value.strip().lower() in {"list", "junk"} for value in facts.headers.get("precedence", ())
    )


_OF_MANY = ("list-unsubscribe", "list-id", "list-post", "list-help", "feedback-id", "x-campaign-id", "x-csa-complaints")


def specific(taught: Iterable[Taught]) -> Mapping[str, frozenset[int]]:
    """Return the requests that each name stands for; names that stand for nothing in particular are left out.

    One letter may be about several requests, and so may its ticket. A "number" that letters about different requests
    taught us is none: it stands in all of that company's letters.
    """
    by_message: dict[str, dict[int, set[int]]] = {}
    for one in taught:
        by_message.setdefault(one.key, {}).setdefault(one.message_id, set()).add(one.request_id)
    found = {}
    for key, messages in by_message.items():
        every = frozenset[int]().union(*messages.values())
        if any(requests == every for requests in messages.values()):
            found[key] = every
    return found


def _by_taught(stated: Iterable[str], taught: Sequence[Taught]) -> list[Hit]:
    meant = specific(taught)
    return [Hit(request_id, _shown(key)) for key in stated if key in meant for request_id in sorted(meant[key])]


def _shown(key: str) -> str:
    name = key.partition(":")[2]
    return f"{name[:8]}…" if key.startswith(keys.THREAD) else name


def _by_key(stated: Iterable[str], ours: Mapping[str, int]) -> list[Hit]:
    return [Hit(ours[key.lower()], _masked(key)) for key in stated if key.lower() in ours]


def _masked(secret: str) -> str:
    return f"{secret[:SHOWN]}…"


# --- subjects ---

_REPLY_MARKS = re.compile(
    r"^(?:\s*(?:re|aw|antw|antwort|sv|vs|tr|rv|wg|fw|fwd|weitergeleitet|betreff|subject|automatic reply"
    r"|automatische antwort)\s*(?:\[\d+\])?\s*:|\s*[\[(][^\])]{0,60}[\])])+",
)
_STATE = re.compile(r"(?:[\[(][^\])]{0,40}[\])]\s*)+$")
_SIGNS = re.compile(r"[\W_]+")
_WORDS_MIN = 2  # "Frage" alone is anybody's subject


@lru_cache(maxsize=4096)
def normal(subject: str, without: str = "") -> str:
    """Return a subject as words in lower case, without marks of replying, bracketed additions and our token.

    "" where fewer than two words are left.
    """
    text = _REPLY_MARKS.sub("", subject[:TEXT_MAX].casefold())
    if without:
        text = text.replace(without.casefold(), " ")
    words = _SIGNS.sub(" ", _STATE.sub("", text)).split()
    return " ".join(words) if len(words) >= _WORDS_MIN else ""
