"""The endpoints that only read: people, posts, mentions, search, direct messages. Each charges what it hands out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from slawatch.practice.x import problems, query
from slawatch.practice.x.calls import Call, token
from slawatch.practice.x.ids import flake_at
from slawatch.practice.x.people import Direct, Person, Post
from slawatch.practice.x.problems import Answer, RefusedError
from slawatch.practice.x.views import DIRECT_EXPANSIONS, View, Wish
from slawatch.practice.x.world import SEARCH_DAYS

FRESH = timedelta(seconds=10)  # the youngest posts are not searched where an end_time is given


def me(call: Call) -> Answer:
    """Return who the caller is."""
    return _people(call, [call.person], [], one=True)


def by_handles(call: Call) -> Answer:
    """Return who has these handles."""
    return _found(call, "usernames", {handle: call.x.who(handle) for handle in call.many("usernames")})


def by_handle(call: Call) -> Answer:
    """Return who has this handle."""
    return _found(call, "username", {call.arg: call.x.who(call.arg)}, one=True)


def by_ids(call: Call) -> Answer:
    """Return who has these ids."""
    return _found(call, "ids", {one: call.x.people.get(one) for one in call.many("ids")})


def mentions(call: Call) -> Answer:
    """Return who named a person, newest first, 800 posts deep."""
    person = _known(call)
    return _timeline(call, call.x.mentions(person, call.viewer), "owned-read" if _owns(call, person) else "read")


def posts_of(call: Call) -> Answer:
    """Return what a person posted, newest first, 3,200 posts deep."""
    person = _known(call)
    if person.hides_from(call.viewer):
        return Answer(body={"errors": [problems.not_authorized("user", "id", call.arg)]})
    left_out = set(call.params.get("exclude", "").split(",")) - {""}
    if unknown := left_out - {"replies", "retweets"}:
        text = ",".join(sorted(unknown))
        raise problems.invalid(
            "exclude", text, f"The `exclude` query parameter value [{text}] is not one of [replies,retweets]"
        )
    found = (
        one
        for one in call.x.by(person, call.viewer)
        if not ("replies" in left_out and one.reply_to) and not ("retweets" in left_out and one.reposts)
    )
    return _timeline(call, found, "owned-read" if _owns(call, person) else "read")


def posts(call: Call) -> Answer:
    """Return these posts, in any version; what is not there or not for the caller is named among the errors."""
    return _posts(call, call.many("ids"), "ids", one=False)


def post(call: Call) -> Answer:
    """Return this post."""
    return _posts(call, [call.arg], "id", one=True)


def search(call: Call) -> Answer:
    """Return what the search index of the last seven days holds, newest first."""
    try:
        part = query.parsed(call.params.get("query", ""))
    except query.QueryError as error:
        raise problems.invalid("query", call.params.get("query", ""), str(error)) from None
    _within_reach(call)
    size = call.size(10, 100, 10)
    before = _before(call, call.page("next_token") or call.page("pagination_token"))
    view = View(call.x, call.viewer, Wish.of(call.params))
    found = (one for one in call.x.recent(part.among(call.x), call.viewer, before) if part.fits(one))
    return _page(call, view, found, size, "read", call.number("since_id"), before)


def directs(call: Call) -> Answer:
    """Return the caller's direct messages of the last thirty days, newest first."""
    return _events(call, call.x.directs(call.person))


def directs_with(call: Call) -> Answer:
    """Return the caller's direct messages with one person."""
    return _events(call, call.x.directs(call.person, _known(call)))


def _known(call: Call) -> Person:
    person = call.x.people.get(call.arg)
    if person is None or person.suspended:
        raise RefusedError(Answer(body={"errors": [problems.missing("user", "id", call.arg)]}))
    return person


def _owns(call: Call, person: Person) -> bool:
    """Return whether this is what an app's owner reads of itself, which X gives cheaper."""
    return person is call.viewer and person is call.caller.app.owner


def _found(call: Call, parameter: str, found: dict[str, Person | None], *, one: bool = False) -> Answer:
    there = [person for person in found.values() if person is not None and not person.suspended]
    errors = [
        problems.not_authorized("user", parameter, asked) if person else problems.missing("user", parameter, asked)
        for asked, person in found.items()
        if person is None or person.suspended
    ]
    return _people(call, there, errors, one=one)


def _people(call: Call, people: list[Person], errors: list[dict[str, Any]], *, one: bool = False) -> Answer:
    view = View(call.x, call.viewer, Wish.of(call.params), errors=errors)
    call.read("user-read", [person.id for person in people])
    shown = [view.user(person) for person in people]
    return Answer(body=view.single(shown[0] if shown else None) if one else view.page(shown))


def _posts(call: Call, asked: list[str], parameter: str, *, one: bool) -> Answer:
    view = View(call.x, call.viewer, Wish.of(call.params))
    now = call.x.now()
    shown = []
    for text in asked:
        if not text.isdecimal():
            raise problems.invalid(parameter, text, f"The `{parameter}` query parameter value [{text}] is not valid")
        found = call.x.posts.get(int(text))
        if found is None or found.gone(now):
            view.errors.append(problems.missing("tweet", parameter, text))
        elif found.author.hides_from(call.viewer):
            view.errors.append(problems.not_authorized("tweet", parameter, text))
        else:
            shown.append(found)
    _charge(call, view, shown, "read")
    data = [view.post(found) for found in shown]
    return Answer(body=view.single(data[0] if data else None) if one else view.page(data))


def _timeline(call: Call, found: Iterator[Post], kind: str) -> Answer:
    view = View(call.x, call.viewer, Wish.of(call.params))
    size = call.size(5, 100, 10)
    before = _before(call, call.page("pagination_token"))
    return _page(call, view, found, size, kind, call.number("since_id"), before)


def _before(call: Call, page: int | None) -> int | None:
    """Return the id below which all results must lie."""
    limits = [one for one in (page, call.number("until_id")) if one is not None]
    end = call.moment("end_time")
    if end is not None:
        limits.append(flake_at(end))
    return min(limits, default=None)


def _page(
    call: Call, view: View, found: Iterator[Post], size: int, kind: str, since: int | None, before: int | None
) -> Answer:
    """Return one page. Ids are compared as numbers; a page that is full leads on only where more follows."""
    start = call.moment("start_time")
    least = max(since or 0, flake_at(start) - 1 if start else 0)
    taken: list[Post] = []
    for one in found:
        if one.number <= least:
            break
        if before is None or one.number < before:
            taken.append(one)
            if len(taken) > size:
                break
    more, taken = len(taken) > size, taken[:size]
    meta: dict[str, Any] = {"result_count": len(taken)}
    if taken:
        meta |= {"newest_id": taken[0].id, "oldest_id": taken[-1].id}
    if more:
        meta["next_token"] = token(taken[-1].number)
    data = [view.post(one) for one in taken]
    _charge(call, view, taken, kind)
    return Answer(body=view.page(data, meta))


def _charge(call: Call, view: View, shown: list[Post], kind: str) -> None:
    call.read(kind, [one.id for one in shown])
    if call.x.bill.expanded:
        call.read("user-read", list(view.users))
        call.read("read", list(view.posts))


def _events(call: Call, found: Iterator[Direct]) -> Answer:
    view = View(call.x, call.viewer, Wish.of(call.params, DIRECT_EXPANSIONS))
    size = call.size(1, 100, 100)
    before = call.page("pagination_token")
    kinds = call.params.get("event_types", "MessageCreate").split(",")
    if unknown := sorted(set(kinds) - {"MessageCreate", "ParticipantsJoin", "ParticipantsLeave"}):
        raise problems.invalid(
            "event_types", unknown[0], f"The `event_types` query parameter value [{unknown[0]}] is not valid"
        )
    wanted = (one for one in found if before is None or one.number < before)
    taken = list(islice(wanted, size + 1)) if "MessageCreate" in kinds else []
    meta: dict[str, Any] = {"result_count": len(taken[:size])}
    if len(taken) > size:
        meta["next_token"] = token(taken[size - 1].number)
    data = [view.direct(one) for one in taken[:size]]
    call.read("dm-read", [one.id for one in taken[:size]])
    return Answer(body=view.page(data, meta))


def _within_reach(call: Call) -> None:
    """Refuse what asks for more than the last seven days, or for what is hardly written."""
    now = call.x.now()
    oldest = now - SEARCH_DAYS
    for name in ("since_id", "until_id"):
        number = call.number(name)
        if number is not None and number < flake_at(oldest):
            raise problems.invalid(
                name,
                number,
                f"'{name}' must be a tweet id created after [{oldest:%Y-%m-%dT%H:%MZ}]. "
                f"Please use a '{name}' that is larger than {flake_at(oldest)}",
            )
    for name in ("start_time", "end_time"):
        at = call.moment(name)
        if at is not None and at < oldest:
            raise problems.invalid(name, call.params[name], f"'{name}' must be on or after {oldest:%Y-%m-%dT%H:%MZ}.")
    end = call.moment("end_time")
    if end is not None and end > now - FRESH:
        raise problems.invalid(
            "end_time", call.params["end_time"], "'end_time' must be a minimum of 10 seconds prior to the request time."
        )
