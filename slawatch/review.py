"""Puts a person's decision about a message in place of what the rules made of it. Decides nothing itself."""

from __future__ import annotations

from dataclasses import replace

from slawatch.model import Classification, Match, MatchEvidence, MessageKind, Reason, Review, Strength

BY_HAND = "by-hand"


def settled(review: Review | None, found: Match | None, kind: Classification) -> tuple[Match | None, Classification]:
    """Return match and kind as the newest review of the message has them; the rules' own where there is none.

    Whoever decides answers for who wrote the message, too: what they tie to a request is its company's. The rules'
    reasons stay below theirs, so that nobody has to guess what was overruled.
    """
    if review is None or review.undone:
        return found, kind
    if review.request_ids is not None:
        found = (
            Match(request_ids=review.request_ids, evidence=MatchEvidence.BY_HAND, strength=Strength.CERTAIN)
            if review.request_ids
            else None
        )
    decided = review.kind or kind.kind
    kept = kind if decided is kind.kind else replace(kind, how_long=None, why=None, complete=None)
    if decided is MessageKind.ANSWER:
        kept = replace(kept, complete=kind.complete)
    return found, replace(kept, kind=decided, because=(Reason(rule=BY_HAND, saw=review.reason), *kind.because))
