"""Words questions for X's search: as many conversations or accounts in one query as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

QUERY_MAX = 512  # characters of a query; what X takes of accounts that are billed by use
TERMS_MAX = 13  # "conversation_id:" with 19 digits, joined by " OR ", fill those


def of_conversations(ids: Sequence[str], authors: Sequence[str] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each query with the conversations it looks through, all of them together.

    What only some wrote is asked for as such, since each post is billed; where that leaves no room for a
    conversation, everything is.
    """
    only = f" ({' OR '.join(f'from:{one}' for one in authors)})" if authors else ""
    if len(only) > QUERY_MAX // 2:
        only = ""
    room = QUERY_MAX - len(only) - len("()")
    for some in _filled([f"conversation_id:{one}" for one in ids], room, TERMS_MAX):
        terms = " OR ".join(some)
        query = f"({terms}){only}" if only and len(some) > 1 else f"{terms}{only}"
        yield query, tuple(term.partition(":")[2] for term in some)


def of_questions(handles: Sequence[str]) -> list[str]:
    """Return the queries for what people ask these accounts of their own accord."""
    rest = " -is:reply -is:retweet"
    room = QUERY_MAX - len(rest) - len("()")
    return [
        f"({' OR '.join(some)}){rest}"
        for some in _filled([f"@{handle} OR to:{handle}" for handle in handles], room, len(handles))
    ]


def _filled(terms: Sequence[str], room: int, most: int) -> Iterator[list[str]]:
    """Yield the terms in order, in lists that fit into the room when joined by " OR "."""
    some: list[str] = []
    taken = 0
    for term in terms:
        more = len(term) + (len(" OR ") if some else 0)
        if some and (taken + more > room or len(some) == most):
            yield some
            some, taken, more = [], 0, len(term)
        some.append(term)
        taken += more
    if some:
        yield some
