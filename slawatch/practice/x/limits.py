"""How often X lets itself be asked: per person (or app) and route in windows that begin with their first call.

Numbers: X's documentation of August 2026; those of users, single posts and deletions are guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

from slawatch.practice.x import problems
from slawatch.practice.x.problems import RefusedError

QUARTER = 900
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls a person and an app alone may make in a quarter of an hour, and in a day (0: no such limit)."""

    person: int
    app: int = 0
    day_person: int = 0
    day_app: int = 0


LIMITS = {
    "GET /2/users/me": Limit(75),
    "GET /2/users": Limit(900, 300),
    "GET /2/users/by": Limit(900, 300),
    "GET /2/users/by/username/:username": Limit(900, 300),
    "GET /2/users/:id/mentions": Limit(300, 450),
    "GET /2/users/:id/tweets": Limit(900, 10_000),
    "GET /2/tweets": Limit(5_000, 3_500),
    "GET /2/tweets/:id": Limit(900, 450),
    "GET /2/tweets/search/recent": Limit(300, 450),
    "POST /2/tweets": Limit(100, day_app=10_000),
    "DELETE /2/tweets/:id": Limit(50),
    "POST /2/dm_conversations/with/:id/messages": Limit(15, day_person=1_440),
    "GET /2/dm_events": Limit(15),
    "GET /2/dm_conversations/with/:id/dm_events": Limit(15),
}


@dataclass(slots=True)
class _Window:
    ends: int = 0
    used: int = 0


class Limits:
    """Counts calls. With `enforced` False it counts and tells, and refuses none."""

    def __init__(self) -> None:
        self.enforced = True
        self.by_route = dict(LIMITS)
        self._windows: dict[tuple[str, str, int], _Window] = {}

    def count(self, route: str, *, app: str, person: str, now: int) -> dict[str, str]:
        """Count a call and return the headers that tell what is left. Raises RefusedError where nothing is.

        `now` is X's own Unix time. An app without a person is counted by itself.
        """
        limit = self.by_route.get(route)
        if limit is None:
            return {}
        who = f"{app} {person}"
        windows = [(who, limit.person if person else limit.app, QUARTER)]
        windows += [(who, limit.day_person, DAY), (app, limit.day_app, DAY)]
        headers: dict[str, str] = {}
        for name, allowed, seconds in windows:
            if not allowed:
                continue
            window = self._windows.setdefault((route, name, seconds), _Window())
            if now >= window.ends:
                window.ends, window.used = now + seconds, 0
            window.used += 1
            told = {"limit": allowed, "remaining": max(allowed - window.used, 0), "reset": window.ends}
            if self.enforced and window.used > allowed:
                refused = problems.too_many()
                refused.headers.update({f"x-rate-limit-{word}": str(value) for word, value in told.items()})
                raise RefusedError(refused)
            if not headers:
                headers = {f"x-rate-limit-{word}": str(value) for word, value in told.items()}
        return headers
