"""Whether a sentence promises something by the times it names, and what. Knows no dates.

Pure. A promise is the company's own word of what will have happened by then. No promise is what it asks of us
("please reply by Friday"), what depends on something else ("once we have your payment"), what it tells of the past or
of its business in general ("delivery takes 3 days"), what it denies or doubts, and a question. That it usually replies
within 24 hours is its word all the same, unless it goes on with "but".
"""

from __future__ import annotations

from slawatch.model import PromiseAbout
from slawatch.promise import phrases
from slawatch.promise.named import compiled, has

_CITED = r'"[^"]{2,200}"'


def may_promise(sentence: str) -> bool:
    """Whether a folded sentence may name a time and promise something: a quick no spares most of them the rest."""
    return (has(phrases.HINTS, sentence) or has(phrases.HINT_IN_NUMBERS, sentence)) and any(
        has(pattern, sentence) for pattern in (phrases.REPLIES, phrases.DOES, phrases.AWAY)
    )


def without_citations(sentence: str) -> str:
    """Return the folded sentence with what it cites ("we answer within 24 h", you wrote) covered, as long as before."""
    return compiled(_CITED).sub(lambda found: "#" * len(found[0]), sentence)


def clauses(sentence: str) -> list[tuple[int, int]]:
    """Return where the clauses of a folded sentence begin and end; they cover it without gaps."""
    ends = [found.end() for found in compiled(phrases.CLAUSE_ENDS).finditer(sentence)]
    return list(zip([0, *ends], [*ends, len(sentence)], strict=True))


def gist(clause: str, sentence: str, *, opens: bool, until: bool) -> PromiseAbout | None:
    """Return what a folded clause promises by the one time it names, None where it promises nothing by then.

    `sentence` is all of it, for verbs and conditions that stand elsewhere. `opens` is True of "from Monday" and `until`
    of "until Monday", which promise a person's return and nothing else.
    """
    if sentence.endswith("?"):
        return None
    if _comes_back(clause, sentence, until=until):
        return PromiseAbout.RETURN
    if not has(phrases.REPLIES, clause) and not has(phrases.DOES, clause):
        clause = sentence  # its verb stands elsewhere, and so may what takes it away
    if opens or _taken_away(clause, sentence):
        return None
    return _what(clause, sentence)


def _comes_back(clause: str, sentence: str, *, until: bool) -> bool:
    """Whether somebody will be there again by then: back on a day, or away until it."""
    here = clause
    if not has(phrases.AWAY, clause):
        if has(phrases.REPLIES, clause) or has(phrases.DOES, clause):
            return False
        here = sentence
    if not has(phrases.AWAY, here) or has(phrases.NOBODY_RETURNS, here):
        return False
    return until or not has(phrases.GONE, here)


def _taken_away(clause: str, sentence: str) -> bool:
    """Whether something in the clause, or a condition before it, leaves nothing of a promise."""
    if any(has(pattern, clause) for pattern in (phrases.NEGATED, phrases.DOUBTED, phrases.ASKED_OF_US)):
        return True
    if has(phrases.HOPES, sentence):
        return True
    if has(phrases.PAST, clause) and not has(phrases.FUTURE, clause):
        return True
    return _depends(clause, sentence) or (has(phrases.IN_GENERAL, sentence) and has(phrases.BUT, sentence))


def _depends(clause: str, sentence: str) -> bool:
    """Whether what is promised hangs on something that may never happen."""
    if has(phrases.SURELY, clause):
        return False
    if has(phrases.CONDITION, clause):
        return not has(phrases.ASKED_ABOUT, clause)
    before = sentence[: sentence.find(clause)]
    return has(phrases.BEGINS_WITH_CONDITION, before)


def _what(clause: str, sentence: str) -> PromiseAbout | None:
    """Return what the verbs of the clause are about: a reply before anything else."""
    if has(phrases.REPLIES, clause):
        return PromiseAbout.REPLY
    if not has(phrases.DOES, clause) or not has(phrases.TO_US, sentence):
        return None
    general = has(phrases.IN_GENERAL, sentence) or has(phrases.BUSINESS, clause)
    return None if general else PromiseAbout.MATTER
