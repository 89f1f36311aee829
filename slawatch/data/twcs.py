"""Tweets of "Customer Support on Twitter" as threads: a customer's first post to a company, and what it replied.

Reads a file and puts together what belongs together; what a reply is, others judge. The makers of that set kept
answered threads only, so nothing here says anything about posts that nobody answered.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from slawatch.data import files
from slawatch.data.tidy import CLOCKS
from slawatch.errors import UsageError

COLUMNS = (
    *("tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id"),
    "in_response_to_tweet_id",
)
BEFORE = "threads that began before the file does"
UNPROMPTED = "posts of companies that reply to no customer"
UNANSWERED = "first posts without a reply in the file (such were not kept by its makers: they count nowhere)"
AT_ONCE_MAX = 1_500_000  # tweets that are held together: some 1.5 GB

_MONTHS = {name: n for n, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun"), 1)} | {
    name: n for n, name in enumerate(("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 7)
}
_CREATED = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2}) (\d{4})")
_ID = re.compile(r"(\d{1,19})(?:\.0)?")
_MENTION = re.compile(r"@(\w{1,30})")


class Tweet(NamedTuple):
    """One row. `parent` is what it replies to, 0 for nothing; `said` is its text without HTML's escapes."""

    line: int
    id: int
    author: str
    inbound: bool
    at: datetime
    said: str
    parent: int
    children: tuple[int, ...]
    row: tuple[str, ...]


class Thread(NamedTuple):
    """A customer's first post to a company, its replies there, and what the customer wrote `again`; in order."""

    company: str
    first: Tweet
    replies: tuple[Tweet, ...]
    again: tuple[Tweet, ...] = ()


class Wrong(NamedTuple):
    """A row that is no tweet, and why."""

    line: int
    why: str


@dataclass(slots=True)
class Tweets:
    """What a file holds: its tweets by id, rows that are none, and the newest instant in it."""

    by_id: dict[int, Tweet] = field(default_factory=dict)
    bad: list[Wrong] = field(default_factory=list)
    rows: int = 0
    newest: datetime | None = None


def read(path: Path, *, delimiter: str | None = None) -> Iterator[tuple[Tweets, float]]:
    """Read the file, yielding what was read so far and which share of the file that is; the last one is all of it.

    Raises:
        UsageError: it has not the columns of that set, or more tweets than are put together at a time.
    """
    found = Tweets()
    with files.open_table(path, delimiter=delimiter) as table:
        missing = [name for name in COLUMNS if name not in table.head]
        if missing:
            raise UsageError(
                f'{path.name}:1: there is no column "{missing[0]}"; --format twcs needs {", ".join(COLUMNS)}'
            )
        for line, record in table.records():
            found.rows += 1
            if found.rows % 5000 == 0:
                yield found, table.share()
            tweet = Wrong(line, record) if isinstance(record, str) else _tweet(line, record)
            if isinstance(tweet, Tweet) and tweet.id in found.by_id:
                first = found.by_id[tweet.id].line
                tweet = Wrong(line, f'tweet_id: "{tweet.id}" stands in line {first} already')
            if isinstance(tweet, Wrong):
                found.bad.append(tweet)
                continue
            found.by_id[tweet.id] = tweet
            found.newest = tweet.at if found.newest is None else max(found.newest, tweet.at)
            if len(found.by_id) > AT_ONCE_MAX:
                raise UsageError(f"{path.name}: it has more than {AT_ONCE_MAX:,} tweets; cut it into parts by company")
    yield found, 1.0


def threads(tweets: Tweets) -> tuple[list[Thread], Counter[str]]:
    """Return the threads, by their first posts' instants, and how many of what was left out.

    Which post is the first is told by the chain of replies: the earliest by the customer whom the company replied to
    that names the company, or that it replied to itself. Rows whose reply is older than the post are put among the bad.
    """
    parents = _parents(tweets)
    left_out: Counter[str] = Counter()
    replies: dict[tuple[int, str], list[Tweet]] = {}
    begun_before: set[int] = set()
    for tweet in tweets.by_id.values():
        if tweet.inbound:
            continue
        chain = _chain(tweet, tweets.by_id, parents)
        first = _first(tweet, chain, tweets.by_id)
        if first is None:
            left_out[UNPROMPTED] += 1
        elif (top := parents.get(chain[-1].id, 0)) and top not in tweets.by_id:
            begun_before.add(top)
        elif tweet.at < first.at - CLOCKS:
            tweets.bad.append(Wrong(tweet.line, f'created_at: "{tweet.row[3]}" is before the post it replies to'))
        else:
            replies.setdefault((first.id, tweet.author), []).append(tweet)
    left_out[BEFORE] += len(begun_before)
    answered = {first for first, _ in replies}
    left_out[UNANSWERED] += sum(
        one.inbound and not parents.get(one.id) and one.id not in answered and not _has_reply(one, tweets.by_id)
        for one in tweets.by_id.values()
    )
    again = _again(tweets, answered, parents)
    found = [
        Thread(company, tweets.by_id[first], _in_order(came), _in_order(again.get(first, ())))
        for (first, company), came in replies.items()
    ]
    return sorted(found, key=lambda one: (one.first.at, one.first.id, one.company)), +left_out


def _tweet(line: int, record: Mapping[str, object]) -> Tweet | Wrong:
    cells = tuple("" if record[name] is None else str(record[name]) for name in COLUMNS)
    number, author, inbound, created, text, after, before = (one.strip() for one in cells)
    known = _ID.fullmatch(number)
    at = _created(created)
    if known is None:
        return Wrong(line, f'tweet_id: "{number[:40]}" is not a number')
    if not author or inbound not in {"True", "False"}:
        return Wrong(line, f'inbound: "{inbound[:40]}" is neither "True" nor "False"')
    if at is None:
        return Wrong(line, f'created_at: "{created[:40]}" is not like "Tue Oct 31 22:10:47 +0000 2017"')
    parent = _ID.fullmatch(before)
    if before and parent is None:
        return Wrong(line, f'in_response_to_tweet_id: "{before[:40]}" is not a number')
    return Tweet(
        line=line,
        id=int(known[1]),
        author=author,
        inbound=inbound == "True",
        at=at,
        said=html.unescape(text),
        parent=int(parent[1]) if parent else 0,
        children=tuple(int(one[1]) for part in after.split(",") if (one := _ID.fullmatch(part.strip()))),
        row=cells,
    )


def _created(text: str) -> datetime | None:
    """Return the instant, whatever language this machine speaks; None where it is none."""
    found = _CREATED.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return None
    month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
    east = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(east if sign == "+" else -east)
        return datetime(
            int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=zone
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parents(tweets: Tweets) -> dict[int, int]:
    """Return what each tweet replies to: by its own row, else by that of the tweet replied to."""
    parents = {one.id: one.parent for one in tweets.by_id.values() if one.parent}
    for one in tweets.by_id.values():
        for child in one.children:
            if child in tweets.by_id:
                parents.setdefault(child, one.id)
    return parents


def _chain(tweet: Tweet, by_id: Mapping[int, Tweet], parents: Mapping[int, int]) -> list[Tweet]:
    """Return the tweet and what it replies to, and what that replies to, as far as the file goes."""
    chain, seen = [tweet], {tweet.id}
    while (above := by_id.get(parents.get(chain[-1].id, 0))) is not None and above.id not in seen:
        chain.append(above)
        seen.add(above.id)
    return chain


def _first(reply: Tweet, chain: list[Tweet], by_id: Mapping[int, Tweet]) -> Tweet | None:
    """Return the first post to the company by the customer whom it replied to; None where it replied to nobody."""
    asked = next((one for one in chain[1:] if one.inbound), None)
    if asked is None:
        return None
    answered = {below.parent for below in chain if below.author == reply.author}
    theirs = [one for one in chain if one.inbound and one.author == asked.author]
    named = reply.author.lower()
    to_them = [
        one
        for one in theirs
        if one.id in answered
        or named in (mention.lower() for mention in _MENTION.findall(one.said))
        or any(child in by_id and by_id[child].author == reply.author for child in one.children)
    ]
    return (to_them or [asked])[-1]


def _again(tweets: Tweets, firsts: Collection[int], parents: Mapping[int, int]) -> dict[int, list[Tweet]]:
    """Return by first post what its author wrote further down in that conversation."""
    found: dict[int, list[Tweet]] = {}
    for one in tweets.by_id.values():
        if not one.inbound or not parents.get(one.id):
            continue
        for above in _chain(one, tweets.by_id, parents)[1:]:
            if above.id in firsts and above.author == one.author:
                found.setdefault(above.id, []).append(one)
    return found


def _in_order(some: Iterable[Tweet]) -> tuple[Tweet, ...]:
    return tuple(sorted(some, key=lambda one: (one.at, one.id)))


def _has_reply(tweet: Tweet, by_id: Mapping[int, Tweet]) -> bool:
    return any(child in by_id and not by_id[child].inbound for child in tweet.children)
