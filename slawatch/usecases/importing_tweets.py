"""Take in tweets of "Customer Support on Twitter": threads become requests that were observed, with the replies' texts.

What a reply is, is judged by the same rules as of any post. Sends and fetches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from slawatch import classify, promise, review, rules
from slawatch.channels.base import Batch
from slawatch.channels.social.platform import Post, Profile, named
from slawatch.channels.social.raw import incoming
from slawatch.clock import to_micros
from slawatch.data import twcs
from slawatch.data.twcs import Thread, Tweet
from slawatch.imported import ACCOUNT, TWCS, key_of
from slawatch.model import (
    Classification,
    Facts,
    Form,
    Incoming,
    Match,
    MatchEvidence,
    Message,
    MessageKind,
    Origin,
    Promise,
    Purpose,
    Strength,
    Text,
    WrittenBy,
)
from slawatch.store.imported import Staged
from slawatch.usecases.importing import Bad, Done, Show, Wanted, finish, keep_still
from slawatch.usecases.world import World

CHANNEL = "twitter"
PROBE = "observed"  # as of other people's questions that we watched ourselves
HALF_SECOND = timedelta(seconds=0.5)  # the set has whole seconds, cut off: the true instant lies within the next one
AT_ONCE = 500  # threads whose replies are judged between two words about the progress


class Judged(NamedTuple):
    """A reply, what our rules take it for, and what it promises."""

    incoming: Incoming
    kind: Classification
    promises: tuple[Promise, ...]


def take_in(world: World, path: Path, wanted: Wanted, *, show: Show = keep_still) -> Done:
    """Import the threads of a file, or only look at it for `dry_run`. Where a row is bad, nothing is kept.

    Raises:
        UsageError: it is no file of that set.
    """
    tweets = twcs.Tweets()
    for tweets, share in twcs.read(path, delimiter=wanted.delimiter):
        show(f"reading, {tweets.rows:,} rows", share)
    threads, left_out = twcs.threads(tweets)
    done = Done(
        rows=tweets.rows,
        bad=sorted(Bad(*one) for one in tweets.bad),
        left_out=left_out,
        seen_until=tweets.newest,
        since=min((one.first.at for one in threads), default=None),
        until=max((one.first.at for one in threads), default=None),
    )
    handles = _handles(world)
    staged = {_key(one): one for one in threads}
    world.store.stage(
        _staged(number, key, one, handles, tweets.newest) for number, (key, one) in enumerate(staged.items(), 1)
    )
    # Judged before anything is kept: that takes its time, and others wait while a transaction lasts.
    judged = {} if wanted.dry_run else _judged(world, threads, show)
    with world.store.together():
        finish(world, path, done, wanted, form=TWCS, show=show)
        if done.kept:
            _keep_replies(world, staged, judged)
    return done


def _handles(world: World) -> dict[str, str]:
    """Return by its handle on the platform which company of the config is asked there."""
    return {
        target.address.removeprefix("@").lower(): company.key
        for company in world.config.companies.values()
        for target in company.targets
        if target.channel == CHANNEL
    }


def _key(thread: Thread) -> str:
    return key_of(TWCS, thread.first.id, thread.company)


def _staged(number: int, key: str, thread: Thread, handles: dict[str, str], newest: datetime | None) -> Staged:
    first = thread.first
    return Staged(
        line=number,
        key=key,
        named=False,
        ref="",
        origin=Origin.OBSERVED,
        company=handles.get(thread.company.lower(), thread.company),
        channel=CHANNEL,
        target=f"@{thread.company}",
        probe=PROBE,
        lang="",
        form=Form.POST,
        body=first.said,
        sent_at=first.at,
        accepted_at=first.at + HALF_SECOND,
        observed_until=newest,
    )


def judge_again(world: World) -> None:
    """Judge every kept reply that today's rules have not seen, and heed what people decided about it.

    Whose request it replies to stands in its evidence, so that nothing is lost where somebody had untied it.
    """
    waiting = world.store.messages(account=ACCOUNT, rules_before=rules.ALL)
    for start in range(0, len(waiting), AT_ONCE):
        judged = [(one.id, *_judge_again(world, one)) for one in waiting[start : start + AT_ONCE]]
        with world.store.together():
            for number, found, kind, promises in judged:
                world.store.save_derived(
                    number, match=found, own=False, classification=kind, rules=rules.ALL, promises=promises
                )


def _judge_again(world: World, message: Message) -> tuple[Match | None, Classification, tuple[Promise, ...]]:
    raw = world.store.raw(message.sha256)
    facts = world.reader(message.channel)(raw)
    company = str(json.loads(raw)["row"]["author_id"])
    key = key_of(TWCS, int(facts.conversation.rpartition(":")[2]), company)
    (request,) = world.store.requests(ids=list(world.store.imported_ids([key]).values()))
    seconds = (message.stamps.at - (request.accepted_at or request.intended_at)).total_seconds()
    kind = classify.classify(facts, asked=request.text, seconds_after=seconds, target=request.target)
    found, kind = review.settled(world.store.latest_review(message.id), _tied(request.id, facts, company), kind)
    if found is None or kind.kind in promise.OF_NO_COMPANY:
        return found, kind, ()
    return found, kind, promise.find(facts.text, at=message.stamps.at, zone=world.config.zone)


def _tied(request_id: int, facts: Facts, company: str) -> Match:
    return Match(
        request_ids=(request_id,),
        evidence=MatchEvidence.CONVERSATION,
        strength=Strength.CERTAIN,
        saw=facts.own_id,
        writers={request_id: WrittenBy(saw=f"@{company}")},
    )


def _judged(world: World, threads: Sequence[Thread], show: Show) -> dict[str, Judged]:
    """Return every reply as what our rules take it for, by what it is called on the platform."""
    found = {}
    for number, thread in enumerate(threads):
        if number % AT_ONCE == 0:
            show("judging replies", number / len(threads))
        found.update({one.remote_id: _judge(world, thread, one) for one in _incoming(thread)})
    return found


def _judge(world: World, thread: Thread, one: Incoming) -> Judged:
    asked = Text(probe="", lang="", variant=0, subject="", body=thread.first.said, form=Form.POST)
    seconds = (one.stamps.at - thread.first.at - HALF_SECOND).total_seconds()
    kind = classify.classify(one.facts, asked=asked, seconds_after=seconds, target=f"@{thread.company}")
    if kind.kind in promise.OF_NO_COMPANY:
        return Judged(one, kind, ())
    return Judged(one, kind, promise.find(one.facts.text, at=one.stamps.at, zone=world.config.zone))


def _keep_replies(world: World, staged: Mapping[str, Thread], judged: Mapping[str, Judged]) -> None:
    """Keep the replies that are not kept yet, with what they were judged to be."""
    asked = {
        named(CHANNEL, str(reply.id)): (number, key)
        for key, number in world.store.imported_ids(staged).items()
        for reply in staged[key].replies
    }
    messages = tuple(judged[one].incoming for one in asked)
    for message in world.store.add_batch(ACCOUNT, CHANNEL, Batch(messages=messages, cursor="")):
        number, key = asked[message.remote_id]
        its = judged[message.remote_id]
        world.store.save_derived(
            message.id,
            match=_tied(number, its.incoming.facts, staged[key].company),
            own=False,
            classification=its.kind,
            rules=rules.ALL,
            promises=its.promises,
        )
        if its.kind.kind is MessageKind.QUESTION:
            _keep_reply_to(world, message, number, key, staged[key])


def _keep_reply_to(world: World, question: Message, request_id: int, key: str, thread: Thread) -> None:
    """Keep what the customer wrote next: until then it was their turn, and none of the company's wait."""
    later = (one for one in thread.again if one.at + HALF_SECOND >= question.stamps.at)
    if (reply := next(later, None)) is not None:
        world.store.record_follow_up(
            request_id=request_id,
            message_id=question.id,
            purpose=Purpose.REPLY,
            sent_at=reply.at + HALF_SECOND,
            uncertainty=HALF_SECOND,
            own_id=f"imported:{key}:{reply.id}:{question.id}",
            body=reply.said,
            detail="the customer wrote again",
        )


def _incoming(thread: Thread) -> Iterator[Incoming]:
    for reply in thread.replies:
        yield incoming(_post(reply, thread.first), CHANNEL, TWCS)


def _post(tweet: Tweet, first: Tweet) -> Post:
    """Return the tweet as a post whose evidence is the row as it stood there, and how it was read."""
    at = tweet.at + HALF_SECOND
    handle = tweet.author.lower()
    read = {
        "id": str(tweet.id),
        "author": {
            "id": handle,
            "handle": handle,
            "name": tweet.author,
            "affiliations": [],
            "domains": [],
            "automated": False,
        },
        "text": tweet.said,
        "at": to_micros(at),
        "source": "created_at",
        "uncertainty": HALF_SECOND // timedelta(microseconds=1),
        "why": "the set has no other",
        "conversation": str(first.id),
        "reply_to": str(tweet.parent or first.id),
        "lang": "",
    }
    row = dict(zip(twcs.COLUMNS, tweet.row, strict=True))
    raw = json.dumps({"platform": CHANNEL, "read": read, "row": row}, ensure_ascii=True, sort_keys=True).encode()
    return Post(
        id=str(tweet.id),
        author=Profile(id=handle, handle=handle, name=tweet.author),
        text=tweet.said,
        at=at,
        source="created_at",
        uncertainty=HALF_SECOND,
        why="the set has no other",
        conversation=str(first.id),
        reply_to=str(tweet.parent or first.id),
        raw=raw,
    )
