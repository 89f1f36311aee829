"""Says which requests a message belongs to, and by what evidence. Decides on facts alone; looks nothing up.

It must never guess: without one of our own secrets in the message there is no match, and a person looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from slawatch.model import Facts, Match, MatchEvidence, Strength

RULES = "match-1"
"""Stored with every match; a change of these rules changes it, so that old matches are made anew."""

_WORDS = re.compile(r"[a-z0-9]+")
_SHOWN = 4  # characters of a token or id that are shown: whoever knows all of it can forge a reply
_TEXT_MAX = 4096  # characters of one subject or address that are searched; real ones are far shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we once sent out, each leading to the id of its request: tokens, Message-IDs and envelope ids.

    Keys are lower case, Message-IDs without angle brackets.
    """

    by_token: Mapping[str, int] = field(default_factory=dict)
    by_message_id: Mapping[str, int] = field(default_factory=dict)
    by_envelope_id: Mapping[str, int] = field(default_factory=dict)


_Found = list[tuple[int, str]]
_Row = tuple[MatchEvidence, Strength, Callable[[Facts, Known], _Found]]


def find(facts: Facts, known: Known) -> Match | None:
    """Return the requests a message belongs to, or None where nothing of ours is in it.

    The rows are tried in the order of their strength; the first that finds anything names the evidence. What a returned
    original says (rows of a delivery report) settles the matter alone. Otherwise the requests that later rows name are
    attached as well: one letter may answer several requests (a German authority did, three at once).
    """
    first: tuple[MatchEvidence, Strength] | None = None
    found: _Found = []
    for evidence, strength, look in _ROWS:
        hits = look(facts, known)
        if hits and first is None:
            first = (evidence, strength)
        found += hits
        if hits and evidence in _SETTLES:
            break
    if first is None:
        return None
    return Match(
        request_ids=tuple(dict.fromkeys(request_id for request_id, _ in found)),
        evidence=first[0],
        strength=first[1],
        saw=f"{found[0][1][:_SHOWN]}…",
    )


def is_own(facts: Facts, own_addresses: Collection[str], known: Known) -> bool:
    """Whether we wrote the message ourselves: our own copy of a request, or a loop that brought one back.

    The domain alone proves nothing: a user may well test the company they work for.
    """
    if facts.own_id in known.by_message_id:
        return True
    local, _, domain = facts.sender.rpartition("@")
    if not local:
        return False
    plain = f"{local.partition('+')[0]}@{domain}"
    return facts.sender in own_addresses or plain in own_addresses or bool(_by_token([facts.sender], known))


def _by_envelope_id(facts: Facts, known: Known) -> _Found:
    return _by_key((report.envelope_id for report in facts.reports), known.by_envelope_id)


def _by_embedded_id(facts: Facts, known: Known) -> _Found:
    return _by_key(facts.embedded_ids, known.by_message_id)


def _by_delivered_to(facts: Facts, known: Known) -> _Found:
    return _by_token(facts.delivered_to, known)


def _by_cited_id(facts: Facts, known: Known) -> _Found:
    return _by_key(facts.cited_ids, known.by_message_id)


def _by_recipient(facts: Facts, known: Known) -> _Found:
    return _by_token(facts.recipients, known)


def _by_subject(facts: Facts, known: Known) -> _Found:
    return _by_token(facts.subjects, known)


def _by_key(keys: Iterable[str], ours: Mapping[str, int]) -> _Found:
    return [(ours[key.lower()], key) for key in keys if key.lower() in ours]


def _by_token(texts: Iterable[str], known: Known) -> _Found:
    words = (word for text in texts for word in _WORDS.findall(text[:_TEXT_MAX].lower()))
    return [(known.by_token[word], word) for word in words if word in known.by_token]


# The first rows of the table in docs/explanation.md, "How a reply is recognised".
_ROWS: tuple[_Row, ...] = (
    (MatchEvidence.ENVELOPE_ID, Strength.CERTAIN, _by_envelope_id),
    (MatchEvidence.EMBEDDED_MESSAGE_ID, Strength.CERTAIN, _by_embedded_id),
    (MatchEvidence.DELIVERED_TO, Strength.CERTAIN, _by_delivered_to),
    (MatchEvidence.CITED_ID, Strength.CERTAIN, _by_cited_id),
    (MatchEvidence.RECIPIENT, Strength.STRONG, _by_recipient),
    (MatchEvidence.SUBJECT, Strength.STRONG, _by_subject),
)
_SETTLES = frozenset({MatchEvidence.ENVELOPE_ID, MatchEvidence.EMBEDDED_MESSAGE_ID})
