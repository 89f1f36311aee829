"""Reads X's JSON: posts, direct messages, people, and when things really were. No network, no library of X's.

X renames fields and leaves some out, so nothing here needs more than an id, a text and one of the two stamps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from slawatch.channels.social.platform import Post, Profile
from slawatch.clock import EPOCH

NAME = "twitter"
DIRECT = "dm-"
"""Begins the ids of direct messages and of their conversations: X's own of both kinds look like those of posts."""

FLAKE_EPOCH = 1_288_834_974_657  # ms since 1970; id >> 22 counts from here (X's published "snowflake" layout)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
EARLIEST = datetime(2010, 11, 5, tzinfo=UTC)  # ids hold a time since then; smaller ones are older, or made up
EDITABLE = timedelta(hours=1)  # how long after the first version a post may still be edited
ANSWERED = timedelta(minutes=2)  # at most between a post's id and the Date of the answer that names it

AUTOMATED = "automated by @"

_ID = re.compile(r"[0-9]{1,19}")
_CONVERSATION = re.compile(r"[0-9]{1,19}(?:-[0-9]{1,19})?")
_LANG = re.compile(r"[a-z]{2}")


def flake_at(moment: datetime) -> int:
    """Return the smallest id that X gives at this instant, 0 before there were such ids."""
    return max(0, (moment - EPOCH) // MILLISECOND - FLAKE_EPOCH) << 22


def instant_of(flake: str | int) -> datetime:
    """Return the instant at which X made this id, to the millisecond."""
    return EPOCH + ((int(flake) >> 22) + FLAKE_EPOCH) * MILLISECOND


def read_time(value: Any) -> datetime | None:
    """Return what a JSON value says as an instant, with or without a fraction; None where it says none."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When something was said, as Post says it."""

    at: datetime
    source: str
    uncertainty: timedelta
    why: str = ""


def stamp(first: str, current: str, created_at: datetime | None, answered_at: datetime | None) -> Stamp:
    """Return when the `first` version was posted; the other two are stamps of the `current` one.

    The id's millisecond is believed where X's own `created_at`, its floored second, agrees (1,325 of 1,325 real posts
    did), or where the answer to our own posting came right after it.

    Raises:
        ValueError: nothing says when it was.
    """
    flake = instant_of(current)
    if created_at is not None:
        floor = created_at.replace(microsecond=0)
        if floor <= flake < floor + SECOND:
            return Stamp(at=instant_of(first), source="snowflake", uncertainty=MILLISECOND)
        why = f"the id says {flake.isoformat()}, which is not within the second of created_at"
        if first != current:
            half = EDITABLE / 2
            why = f"{why}; it was edited, so the first version is up to an hour older"
            return Stamp(at=floor + SECOND / 2 - half, source="created_at", uncertainty=half + SECOND / 2, why=why)
        return Stamp(at=floor + SECOND / 2, source="created_at", uncertainty=SECOND / 2, why=why)
    if answered_at is not None and not -2 * SECOND <= answered_at - flake <= ANSWERED:
        why = f"the id says {flake.isoformat()}, which is not right before the answer that named it"
        return Stamp(at=answered_at, source="date", uncertainty=5 * SECOND, why=why)
    if flake < EARLIEST:
        raise ValueError(f'"{current}" is no id that holds a time, and there is no created_at')
    return Stamp(
        at=instant_of(first),
        source="snowflake",
        uncertainty=MILLISECOND,
        why="" if answered_at else "there is no created_at to hold it against",
    )


def profile(native: Any) -> Profile:
    """Return who a user object of X's describes; `id` is "" where it does not say."""
    its = native if isinstance(native, Mapping) else {}
    belongs = _mapping(its.get("affiliation"))
    return Profile(
        id=_id(its.get("id")),
        handle=_text(its.get("username")).lstrip("@").lower(),
        name=_text(its.get("name")),
        affiliations=tuple(one for raw in _list(belongs.get("user_id")) if (one := _id(raw))),
        # Where X labels an account as automated, it names there, in place of who it belongs to, who answers for it.
        automated=its.get("automated") is True or _text(belongs.get("description")).lower().startswith(AUTOMATED),
        protected=its.get("protected") is True,
    )


def evidence(post: Mapping[str, Any], author: Mapping[str, Any], **extra: Any) -> bytes:
    """Return the raw form of a post: X's own JSON, and beside it only what `parse` needs and X did not say there."""
    document = {"platform": NAME, "post": post, "author": author, **extra}
    # ASCII, since X's JSON may hold halves of surrogate pairs, which are no UTF-8.
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def parse(raw: bytes) -> Post:
    """Return the post that `evidence` was made of.

    Raises:
        ValueError: it is none, whatever else it is.
    """
    try:
        document = json.loads(raw)
    except RecursionError:
        raise ValueError("it is nested too deeply to be a post") from None
    if not isinstance(document, dict) or document.get("platform") != NAME:
        raise ValueError(f'it is no JSON object with "platform": "{NAME}"')
    native = document.get("post")
    if not isinstance(native, dict):
        raise ValueError('it has no object "post"')  # noqa: TRY004 - a value that was read, not an argument
    try:
        return _post(raw, document, native)
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"it holds a value that no post has: {error}") from None


def _post(raw: bytes, document: Mapping[str, Any], native: Mapping[str, Any]) -> Post:
    extra = _mapping(document.get("draft"))
    direct = "dm_conversation_id" in native or document.get("direct") is True
    current = _id(native.get("id")) or _id(native.get("dm_event_id"))
    if not current:
        raise ValueError(f"{str(native.get('id'))[:40]!r} is not an id of X's")
    first = current if direct else first_version(native)
    when = stamp(first, current, read_time(native.get("created_at")), read_time(document.get("answered_at")))
    author = profile(document.get("author"))
    if not author.id:
        author = Profile(id=author_id(native), handle=author.handle, name=author.name)
    reply_to = "" if direct else _reply_to(native) or _id(extra.get("reply_to"))
    return Post(
        id=f"{DIRECT}{first}" if direct else first,
        author=author,
        text=_clean(wording(native) or _text(extra.get("text"))),
        at=when.at,
        source=when.source,
        uncertainty=when.uncertainty,
        why=when.why,
        conversation=_conversation(native, extra, first=first, reply_to=reply_to, direct=direct),
        reply_to=reply_to,
        answers=_id(native.get("in_reply_to_user_id")) if reply_to else "",
        direct=direct,
        mentions=tuple(dict.fromkeys(_mentioned(native))),
        lang=lang if _LANG.fullmatch(lang := _text(native.get("lang"))) else "",
        raw=raw,
    )


def _conversation(
    native: Mapping[str, Any], extra: Mapping[str, Any], *, first: str, reply_to: str, direct: bool
) -> str:
    if direct:
        named = _text(native.get("dm_conversation_id"))
        return f"{DIRECT}{named}" if _CONVERSATION.fullmatch(named) else ""
    return _id(native.get("conversation_id")) or _id(extra.get("root")) or ("" if reply_to else first)


def first_version(native: Mapping[str, Any]) -> str:
    """Return the id of a post's first version: it keeps that name however often its author edits it."""
    for key in ("edit_history_tweet_ids", "edit_history_post_ids"):
        if (versions := _list(native.get(key))) and (first := _id(versions[0])):
            return first
    return _id(native.get("id"))


def author_id(native: Mapping[str, Any]) -> str:
    """Return who wrote a post or a direct message, "" where it does not say."""
    for key in ("author_id", "sender_id", "user_id"):
        if found := _id(native.get(key)):
            return found
    return next((found for key in ("author", "sender") if (found := _id(_mapping(native.get(key)).get("id")))), "")


def is_retweet(native: Mapping[str, Any]) -> bool:
    """Whether it is somebody else's post shown around, and nothing its author has written."""
    return any(one.get("type") == "retweeted" for one in _referenced(native))


def wording(native: Mapping[str, Any]) -> str:
    """Return the whole text as its author wrote it: a long post has it elsewhere, and X shortens every address."""
    long = next((found for key in ("note_tweet", "note_post") if (found := _mapping(native.get(key)))), {})
    source = long if _text(long.get("text")) else native
    text = _text(source.get("text"))
    full = {
        short: long_one
        for one in _list(_mapping(source.get("entities")).get("urls"))
        if (short := _text(_mapping(one).get("url"))) and (long_one := _text(_mapping(one).get("expanded_url")))
    }
    if full:  # all in one go: what replaces one address may hold another
        either = "|".join(re.escape(short) for short in sorted(full, key=len, reverse=True))
        text = re.sub(either, lambda found: full[found[0]], text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _mentioned(native: Mapping[str, Any]) -> Iterator[str]:
    for holder in (native, _mapping(native.get("note_tweet")), _mapping(native.get("note_post"))):
        for one in _list(_mapping(holder.get("entities")).get("mentions")):
            if found := _id(_mapping(one).get("id")):
                yield found


def _reply_to(native: Mapping[str, Any]) -> str:
    return next((_id(one.get("id")) for one in _referenced(native) if one.get("type") == "replied_to"), "")


def _referenced(native: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    named = native.get("referenced_tweets") or native.get("referenced_posts")
    return [one for one in _list(named) if isinstance(one, Mapping)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What one answer of X's lists. `unread` counts what could not be made sense of, `newest` is the largest id."""

    posts: tuple[Post, ...] = ()
    ids: tuple[str, ...] = ()
    token: str = ""
    unread: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The largest id, 0 where there is none."""
        return max((int(one) for one in self.ids), default=0)

    @property
    def oldest(self) -> int:
        """The smallest id, 0 where there is none."""
        return min((int(one) for one in self.ids), default=0)


def listed(document: Mapping[str, Any]) -> Listed:
    """Return what an answer with posts or direct messages holds; retweets are left out."""
    people = users(document)
    posts, ids, unread = [], [], 0
    for native in natives(document):
        found = _id(native.get("id"))
        if found:
            ids.append(found)
        if is_retweet(native):
            continue
        author = people.get(author_id(native), {}) or _only(people, native)
        try:
            posts.append(parse(evidence(native, author)))
        except ValueError:
            unread += 1
    return Listed(
        posts=tuple(posts),
        ids=tuple(ids),
        token=_text(_mapping(document.get("meta")).get("next_token")),
        unread=unread,
        missing=missing(document),
    )


def natives(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that an answer is about; it may hold one, several or none."""
    data = document.get("data")
    return [one for one in ([data] if isinstance(data, dict) else _list(data)) if isinstance(one, dict)]


def users(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the people described beside the data, by id."""
    included = _list(_mapping(document.get("includes")).get("users"))
    return {found: one for one in included if isinstance(one, Mapping) and (found := _id(one.get("id")))}


def missing(document: Mapping[str, Any]) -> dict[str, str]:
    """Return by id (or handle, in lower case) what X did not hand over although asked, and the kind of reason.

    A part of an answer may fail inside a success: "not-found" is what is deleted, everything else is merely hidden.
    """
    found = {}
    for one in _list(document.get("errors")):
        its = _mapping(one)
        named = _text(its.get("resource_id")) or _text(its.get("value"))
        kind = _text(its.get("type")).rpartition("/")[2]
        words = f"{_text(its.get('title'))} {_text(its.get('detail'))}".lower()
        if not named:
            continue
        if "suspended" in words:
            found[named.lower()] = "suspended"
        elif kind == "not-authorized-for-resource" or "authorization" in words:
            found[named.lower()] = "protected"
        elif kind == "resource-not-found" or "not found" in words or "could not find" in words:
            found[named.lower()] = "not-found"
        else:
            found[named.lower()] = "hidden"
    return found


def _only(people: Mapping[str, Mapping[str, Any]], native: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one person described where the post does not name its author: only its author is asked for."""
    return next(iter(people.values())) if len(people) == 1 and not author_id(native) else {}


def _id(value: Any) -> str:
    """Return an id, which X writes as text, and some of its versions as a number; "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**19:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _text(value: Any) -> str:
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Return text that can be kept anywhere: half a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
