"""Looks through conversations and for other people's questions by X's search, which reaches back 7 days."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from slawatch.channels.social.platform import Page, Post, Sighting
from slawatch.channels.twitter import queries
from slawatch.channels.twitter.api import PAGE, SEARCH_DEPTH, Api
from slawatch.channels.twitter.posts import flake_at, instant_of
from slawatch.errors import ChannelUnavailableError

MARGIN = timedelta(minutes=5)  # before the search's reach ends, it is taken to be over
SEARCH_PAGES_MAX = 100  # of one query; a conversation of 10,000 posts is no question to a company
OVERLAP = timedelta(seconds=120)  # as for the feeds
FIRST_QUESTIONS = timedelta(minutes=10)  # observing begins with the first look: older questions may be answered

TOO_OLD = "older than 7 days"
NO_AUTHOR = "X did not say who wrote some of it"
UNREADABLE = "X sent posts in it that cannot be read"
WHY = {
    "not-found": "deleted",
    "protected": "protected, or its author blocks this account",
    "suspended": "its author is suspended",
    "hidden": "X does not show it",
}
NO_SIGHT = {  # the same of an account
    "not-found": "there is no such account any more",
    "protected": "its account is protected, or blocks ours",
    "suspended": "its account is suspended",
}


def look(api: Api, conversations: Mapping[str, datetime], authors: Sequence[str]) -> Sighting:
    """Return all posts of the last 7 days in these conversations, and which of them were seen whole.

    With `authors` the conversations are other people's, who may have deleted or hidden what they asked: that is looked
    up as well, since no answer can be seen there.
    """
    reach = api.now() - SEARCH_DEPTH + MARGIN
    known = {one: at for one, at in conversations.items() if one.isdigit()}
    unseen = dict.fromkeys(conversations.keys() - known.keys(), "it is no public post")
    unseen |= {one: TOO_OLD for one, at in known.items() if api.theirs(at) < reach}
    if authors:
        unseen |= _hidden(api, [one for one in known if one not in unseen])
    found: dict[str, Post] = {}
    for query, some in queries.of_conversations(sorted(known), sorted(authors)):
        unread, posts = _searched(api, query)
        found |= {one.id: one for one in posts}
        if unread:
            unseen |= {one: UNREADABLE for one in some if one not in unseen}
        unseen |= {one.conversation: NO_AUTHOR for one in posts if not one.author.id and one.conversation in some}
    return Sighting(posts=tuple(found.values()), seen=frozenset(known.keys() - unseen.keys()), unseen=unseen)


def _searched(api: Api, query: str) -> tuple[int, list[Post]]:
    """Return how much could not be read, and the posts."""
    posts: list[Post] = []
    unread, token = 0, ""
    for _ in range(SEARCH_PAGES_MAX):
        listed = api.search(query, token=token)
        posts += listed.posts
        unread += listed.unread
        if not listed.token:
            return unread, posts
        if listed.token == token:
            raise ChannelUnavailableError("twitter: X's search leads from a page to that page again; look later")
        token = listed.token
    return unread + 1, posts


def _hidden(api: Api, ids: Sequence[str]) -> dict[str, str]:
    """Return why conversations cannot be judged whose first post is not there to see."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), PAGE):
        some = ids[start : start + PAGE]
        missing = api.posts(some).missing
        found |= {one: WHY[missing[one]] for one in some if one in missing}
    return found


def out_of_sight(api: Api, people: Sequence[str]) -> dict[str, str]:
    """Return by id why nothing of some of these accounts can be seen by ours, of which nothing proves their silence.

    X names no account that blocks ours, but refuses to list what it has posted. Only what was posted since just now is
    asked for: that is nothing, and costs nothing.
    """
    found = {}
    for person in people:
        why = api.own(person, flake_at(api.now()), "").missing.get(person)
        if why is not None:
            found[person] = NO_SIGHT.get(why, WHY["hidden"])
    return found


def questions(api: Api, handles: Sequence[str], mark: str, page: str) -> Page:
    """Return one page of what people asked of their own accord; several queries where there are many accounts.

    `page` holds which query, X's own token, the newest id so far and where the pass began.
    """
    oldest = flake_at(api.now() - SEARCH_DEPTH + MARGIN)
    number, token, newest, floor = 0, "", 0, int(mark or flake_at(api.now() - FIRST_QUESTIONS))
    if page:
        number, token, *flakes = json.loads(page)
        newest, floor = (int(one) for one in flakes)
    late = floor < oldest
    floor = max(floor, oldest)  # X refuses an older one
    all_queries = queries.of_questions(handles)
    if number >= len(all_queries):
        return Page(posts=(), mark=str(floor))
    listed = api.search(all_queries[number], since_id=floor, token=token)
    newest = max(newest, listed.newest)
    number += 0 if listed.token else 1
    more = number < len(all_queries)
    next_mark = flake_at(instant_of(newest) - OVERLAP) if newest else 0
    return Page(
        posts=listed.posts,
        next=json.dumps([number, listed.token, str(newest), str(floor)]) if more else "",
        mark=str(max(floor, next_mark)),
        cut_off=late and not more,
    )
