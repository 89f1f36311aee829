"""Judge old evidence anew by today's rules, config and decisions, and say what that changed. Fetches nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from slawatch import rules
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.model import Message, MessageKind, Outcome, Promise, Reply, Request, Strength, Writer
from slawatch.store import Store
from slawatch.usecases.collect import Collecting, derive
from slawatch.usecases.outcomes import standing
from slawatch.usecases.world import World, keep_quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """How a message is tied to one request."""

    request_id: int
    strength: Strength
    writer: Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of one message, as far as figures rest on it. `kind` is None for a letter of our own."""

    kind: MessageKind | None
    ties: frozenset[Tie] = frozenset()
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChange:
    """A message that is taken for something else now."""

    message: Message
    before: Made
    after: Made


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """A request whose verdict, waits or pledges changed."""

    request: Request
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What judging anew came to. `decided` messages keep what a person said; `sealed` ones have no evidence left."""

    rules: str
    judged: int
    decided: int
    sealed: int
    messages: tuple[MessageChange, ...]
    requests: tuple[RequestChange, ...]


def recompute(world: World) -> Recomputed:
    """Judge every message anew whose evidence is kept, and return what changed with it."""
    stood = standing(world, world.store.requests())
    judged, messages = judge_again(world)
    return Recomputed(
        rules=rules.ALL,
        judged=judged,
        decided=sum(not review.undone for review in world.store.latest_reviews().values()),
        sealed=world.store.sealed(),
        messages=messages,
        requests=changed_since(world, stood),
    )


def judge_again(world: World) -> tuple[int, tuple[MessageChange, ...]]:
    """Judge every message anew whose evidence is kept; returns how many, and those that are something else now."""
    made = _made(world)
    judged = world.store.judge_again()
    judge(world)
    made_now = _made(world)
    changed = [number for number in made_now if made.get(number, Made(kind=None)) != made_now[number]]
    changed += [number for number in made if number not in made_now]
    messages = {message.id: message for message in world.store.messages(ids=changed)} if changed else {}
    return judged, tuple(
        MessageChange(
            message=messages[number],
            before=made.get(number, Made(kind=None)),
            after=made_now.get(number, Made(kind=None)),
        )
        for number in changed
    )


def judge(world: World) -> None:
    """Judge every message that was not judged yet by today's rules; says nothing of single ones."""
    for account in world.config.accounts:
        derive(replace(world, tell=keep_quiet), account, world.channel(account), Collecting())
    if world.store.messages(account=IMPORTED, rules_before=rules.ALL):
        from slawatch.usecases import importing_tweets  # noqa: PLC0415  hardly any store has imported messages

        importing_tweets.judge_again(world)


def changed_since(world: World, before: Mapping[int, Outcome]) -> tuple[RequestChange, ...]:
    """Return those of these requests whose figures are no longer what they were."""
    requests = world.store.requests(ids=list(before))
    now = standing(world, requests)
    return tuple(
        RequestChange(request=request, before=before[request.id], after=now[request.id])
        for request in requests
        if _figures(before[request.id]) != _figures(now[request.id])
    )


@contextmanager
def on_a_copy(world: World) -> Iterator[World]:
    """Work on a copy of the store that is thrown away, to see what would change."""
    with tempfile.TemporaryDirectory(prefix="slawatch-") as folder:
        copy = Path(folder) / world.config.store.name
        world.store.copy_to(copy)
        with Store(copy, clock=world.clock, key_file=world.config.privacy.key_file) as store:
            yield replace(world, store=store)


def _made(world: World) -> Mapping[int, Made]:
    ties: dict[int, list[Reply]] = {}
    for replies in world.store.replies().values():
        for reply in replies:
            ties.setdefault(reply.message_id, []).append(reply)
    return {
        number: Made(
            kind=judgement.kind,
            ties=frozenset(
                Tie(request_id=reply.request_id, strength=reply.strength, writer=reply.written_by.writer)
                for reply in ties.get(number, ())
            ),
            promises=ties[number][0].promises if number in ties else (),
        )
        for number, judgement in world.store.judgements().items()
    }


def _figures(outcome: Outcome) -> Outcome:
    """Return what readers of a report would notice of an outcome: not which message is its evidence."""
    return replace(outcome, first_reply_id=None, answer_reply_id=None)
