"""From a call that came in to its answer: which endpoint, who asks, what may go wrong, what it may and can pay."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slawatch.practice.x import faults, login, problems, reading, writing
from slawatch.practice.x.calls import Asked, Call
from slawatch.practice.x.faults import DONE_FIRST, Fault
from slawatch.practice.x.keys import Caller
from slawatch.practice.x.problems import Answer, RefusedError
from slawatch.practice.x.world import X

USERS = frozenset({"user.fields", "expansions", "tweet.fields", "post.fields"})
POSTS = frozenset(
    {"tweet.fields", "post.fields", "user.fields", "expansions", "media.fields", "place.fields", "poll.fields"}
)
PAGES = POSTS | {"since_id", "until_id", "start_time", "end_time", "max_results", "pagination_token"}
EVENTS = POSTS | {"dm_event.fields", "event_types", "max_results", "pagination_token"}
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: what does the work, the parameters it knows, the scopes it asks for, whether an app may alone."""

    name: str
    work: Callable[[Call], Answer]
    params: frozenset[str]
    scopes: tuple[str, ...]
    alone: bool = True


READ = ("tweet.read", "users.read")
ROUTES = (
    Route("GET /2/users/me", reading.me, USERS, READ, alone=False),
    Route("GET /2/users/by", reading.by_handles, USERS | {"usernames"}, READ),
    Route("GET /2/users/by/username/:username", reading.by_handle, USERS, READ),
    Route("GET /2/users", reading.by_ids, USERS | {"ids"}, READ),
    Route("GET /2/users/:id/mentions", reading.mentions, PAGES, READ),
    Route("GET /2/users/:id/tweets", reading.posts_of, PAGES | {"exclude"}, READ),
    Route("GET /2/tweets", reading.posts, POSTS | {"ids"}, READ),
    Route("GET /2/tweets/search/recent", reading.search, PAGES | {"query", "next_token", "sort_order"}, READ),
    Route("GET /2/tweets/:id", reading.post, POSTS, READ),
    Route("POST /2/tweets", writing.post, NOTHING, (*READ, "tweet.write"), alone=False),
    Route("DELETE /2/tweets/:id", writing.delete, NOTHING, (*READ, "tweet.write"), alone=False),
    Route(
        "POST /2/dm_conversations/with/:id/messages",
        writing.direct,
        NOTHING,
        (*READ, "dm.read", "dm.write"),
        alone=False,
    ),
    Route("GET /2/dm_events", reading.directs, EVENTS, (*READ, "dm.read"), alone=False),
    Route("GET /2/dm_conversations/with/:id/dm_events", reading.directs_with, EVENTS, (*READ, "dm.read"), alone=False),
)
LOGIN: Mapping[str, Callable[[X, Asked], Answer]] = {
    "GET /i/oauth2/authorize": login.authorize,
    "POST /2/oauth2/token": login.exchange,
    "POST /oauth2/token": login.exchange,
    "POST /2/oauth2/revoke": login.revoke,
}
FORM = "application/x-www-form-urlencoded"


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.sub(r":\w+", "([^/]+)", name))


PATTERNS = [(_pattern(route.name), route) for route in ROUTES]


def answered(x: X, asked: Asked) -> tuple[Answer, Fault | None]:
    """Return the answer to a call, and the fault that struck it where one did. The line is the server's to break."""
    with x.alone():
        answer, fault = _answered(x, asked)
        x.statuses[_name(asked), answer.status] += 1
    return answer, fault


def _answered(x: X, asked: Asked) -> tuple[Answer, Fault | None]:
    name = _name(asked)
    x.calls[name] += 1
    enter = LOGIN.get(name)
    if enter is not None:
        return _struck(x, asked, "", lambda: enter(x, asked))
    found = _found(asked)
    if found is None:
        return problems.problem(404, "Not Found", "Not Found"), None
    route, arg = found
    form = asked.body.decode("utf-8", "replace") if asked.headers.get("content-type", "").startswith(FORM) else ""
    caller = x.keys.caller(asked.headers.get("authorization", ""), asked.method, asked.url, form, x.now())
    if caller is None or (caller.person is not None and caller.person.suspended):
        return _struck(x, asked, "", problems.unauthorized)
    person = caller.person.id if caller.person else ""
    return _struck(x, asked, person, lambda: _let_in(x, asked, route, arg, caller))


def _struck(x: X, asked: Asked, person: str, work: Callable[[], Answer]) -> tuple[Answer, Fault | None]:
    """Do the work unless a fault strikes before; one that strikes after it takes the place of its answer."""
    fault = x.faults.strike(asked.method, _name(asked).partition(" ")[2], asked.path, person)
    if fault is None or fault in DONE_FIRST:
        try:
            true = work()
        except RefusedError as refused:
            true = refused.answer
        if fault is None or true.status >= 400:  # noqa: PLR2004 - the first of HTTP's errors; such an answer arrives
            return true, None
        return faults.answer(fault, int(x.now().timestamp())) or true, fault
    return faults.answer(fault, int(x.now().timestamp())) or Answer(status=0), fault


def _let_in(x: X, asked: Asked, route: Route, arg: str, caller: Caller) -> Answer:
    if caller.person is None and not route.alone:
        raise RefusedError(problems.unsupported())
    person = caller.person.id if caller.person else ""
    headers = x.limits.count(route.name, app=caller.app.name, person=person, now=int(x.now().timestamp()))
    answer = _worked(x, asked, route, arg, caller)
    answer.headers.update(headers)
    return answer


def _worked(x: X, asked: Asked, route: Route, arg: str, caller: Caller) -> Answer:
    try:
        if set(route.scopes) - caller.scopes:
            return problems.forbidden("Your token lacks a scope that this endpoint needs.", "oauth2-scopes")
        if caller.app.credits is not None and caller.app.credits <= 0:
            return problems.no_credits()
        for name in sorted(asked.query.keys() - route.params):
            options = ",".join(sorted(route.params))
            raise problems.invalid(name, asked.query[name], f"The query parameter [{name}] is not one of [{options}]")
        call = Call(x=x, route=route.name, arg=arg, params=asked.query, body=_json(asked), caller=caller)
        return route.work(call)
    except RefusedError as refused:
        return refused.answer


def _json(asked: Asked) -> Mapping[str, Any]:
    if asked.method != "POST":
        return {}
    try:
        body = json.loads(asked.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise problems.invalid("body", "", "The body is not a JSON object.")
    return body


def _found(asked: Asked) -> tuple[Route, str] | None:
    for pattern, route in PATTERNS:
        one = pattern.fullmatch(f"{asked.method} {asked.path}")
        if one is not None:
            return route, (one.groups() or ("",))[0]
    return None


def _name(asked: Asked) -> str:
    """Return the route's name, which rules and counters go by; the call's own words where there is none."""
    own = f"{asked.method} {asked.path}"
    if own in LOGIN:
        return own
    found = _found(asked)
    return found[0].name if found else own
