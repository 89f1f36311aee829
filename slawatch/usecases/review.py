"""What waits for a person, and what a person decides about it. Every decision is kept; the newest one holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slawatch.errors import StoreError, UsageError
from slawatch.model import (
    Message,
    MessageKind,
    Promise,
    Reason,
    Reply,
    Request,
    Review,
    Strength,
    Writer,
)
from slawatch.usecases.outcomes import standing
from slawatch.usecases.posts import Posts, Shown
from slawatch.usecases.recompute import RequestChange, changed_since, judge
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One message as it is taken now. `replies` holds one entry a request it is, or may be, tied to.

    `post` is what it is to people where it is no letter.
    """

    message: Message
    kind: MessageKind
    because: tuple[Reason, ...]
    replies: tuple[Reply, ...]
    requests: tuple[Request, ...]
    post: Shown | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether a person must choose among its requests."""
        return len(self.replies) > 1 and all(reply.strength is Strength.WEAK for reply in self.replies)

    @property
    def writer(self) -> tuple[Writer, str]:
        """Who wrote it and what says so, the worst where its requests differ."""
        order = list(Writer)
        worst = max((reply.written_by for reply in self.replies), key=lambda by: order.index(by.writer), default=None)
        return (worst.writer, worst.saw) if worst else (Writer.COMPANY, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One message in full: what it says, what it promises and what was decided about it, oldest first."""

    judged: Judged
    text: str
    promises: tuple[Promise, ...]
    history: tuple[Review, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants of a message. Requests are named by public id; None leaves kind or requests as they are.

    An empty tuple of requests says that it belongs to none. `trust` also makes its sender's domain the company's; of a
    post the very account that wrote it.
    """

    kind: MessageKind | None = None
    requests: tuple[str, ...] | None = None
    trust: bool = False


def waiting(world: World, *, unmatched: bool = False) -> list[Judged]:
    """Return what waits for a person, in the order of arrival; `unmatched`: what is tied to no request instead.

    Where everybody can read along anybody may name us; that is of no concern unless it may be a company's.
    """
    if not unmatched:
        return _judged(world, world.store.waiting_for_review(opt_outs=True))
    posts = Posts(world)
    return _judged(world, [one for one in world.store.messages(unmatched=True) if not posts.of_no_concern(one)])


def look(world: World, message_id: int) -> Look:
    """Return the message with all that is known of it. Raises UsageError where there is none of that number."""
    message = _message(world, message_id)
    judged = _one(world, message)
    try:
        text = world.reader(message.channel)(world.store.raw(message.sha256)).text
    except StoreError:
        text = ""
    promises = judged.replies[0].promises if judged.replies else ()
    return Look(judged=judged, text=text, promises=promises, history=tuple(world.store.reviews(message_id)))


def decide(world: World, message_id: int, wish: Wish, *, who: str, reason: str) -> tuple[RequestChange, ...]:
    """Keep the decision, judge anew what it touches, and return the requests whose figures changed.

    Whatever the wish leaves open is fixed as it stands now: what a person has confirmed no later rule takes back.

    Raises:
        UsageError: the message or a request does not exist, or the wish leaves open what the rules cannot say.
    """
    judged = _one(world, _message(world, message_id))
    requests = _requests(world, judged, wish)
    kind = wish.kind or judged.kind
    if requests and kind is MessageKind.UNKNOWN:
        raise UsageError(
            f'message "{message_id}": its kind is not known, say it with --kind: {", ".join(settling_kinds())}'
        )
    trusted = _trusted(world, judged, requests) if wish.trust else {}
    before = standing(world, _touched(world, judged, requests, trusted))
    with world.store.together():
        world.store.add_review(
            message_id,
            who=who,
            reason=reason,
            kind=kind,
            request_ids=[request.id for request in requests],
            was=_in_words(judged),
            trusted=trusted,
        )
        ties = ", ".join(request.public_id for request in requests) or "no request"
        words = f"{kind.value} of {ties}, was {_in_words(judged)}: {reason}"
        world.store.audit("review", f"message:{message_id}", words, actor=who)
    judge(world)
    return changed_since(world, before)


def undo(world: World, message_id: int, *, who: str, reason: str) -> tuple[RequestChange, ...]:
    """Give the message back to the rules; the decisions about it stay in its history.

    Raises:
        UsageError: nothing was decided about it, or that is undone already.
    """
    message = _message(world, message_id)
    holds = world.store.latest_review(message_id)
    if holds is None or holds.undone:
        raise UsageError(f'message "{message_id}": no decision about it holds, so there is none to undo')
    judged = _one(world, message)
    before = standing(world, world.store.requests())  # trust that goes with it may touch any
    with world.store.together():
        world.store.add_review(message_id, who=who, reason=reason, was=_in_words(judged), undone=True)
        world.store.audit("review undone", f"message:{message_id}", reason, actor=who)
    judge(world)
    return changed_since(world, before)


def kind_of(word: str | None) -> MessageKind | None:
    """Return the kind of that name."""
    return MessageKind(word) if word else None


def settling_kinds() -> list[str]:
    """Return the names of the kinds a person may choose."""
    return [kind.value for kind in MessageKind if kind is not MessageKind.UNKNOWN]


def _message(world: World, message_id: int) -> Message:
    message = world.store.message(message_id)
    if message is None:
        raise UsageError(f'message: there is no "{message_id}"; `slawatch review` lists those that wait')
    if message.duplicate_of is not None:
        raise UsageError(f'message "{message_id}" is a copy of "{message.duplicate_of}"; decide about that one')
    return message


def _one(world: World, message: Message) -> Judged:
    """Return what is known of the message; what we wrote ourselves is judged by nobody."""
    for judged in _judged(world, [message]):
        return judged
    raise UsageError(f'message "{message.id}" is a letter of our own; there is nothing to decide about it')


def _judged(world: World, messages: Sequence[Message]) -> list[Judged]:
    ids = [message.id for message in messages]
    rows = world.store.judgements(ids)
    replies = world.store.replies_of(ids)
    wanted = sorted({reply.request_id for ties in replies.values() for reply in ties})
    requests = {request.id: request for request in world.store.requests(ids=wanted)} if wanted else {}
    posts = Posts(world)
    return [
        Judged(
            message=message,
            kind=rows[message.id].kind,
            because=rows[message.id].because,
            replies=tuple(replies.get(message.id, ())),
            requests=tuple(requests[reply.request_id] for reply in replies.get(message.id, ())),
            post=posts.shown(message),
        )
        for message in messages
        if message.id in rows
    ]


def _requests(world: World, judged: Judged, wish: Wish) -> tuple[Request, ...]:
    if wish.requests is None:
        number = judged.message.id
        if judged.ambiguous:
            ids = ", ".join(request.public_id for request in judged.requests)
            raise UsageError(f'message "{number}": it may belong to {ids}; say which with --request')
        if not judged.requests:
            raise UsageError(f'message "{number}": it belongs to no request; name one with --request, or --no-request')
        return judged.requests
    found = []
    for public_id in wish.requests:
        request = world.store.request(public_id)
        if request is None:
            raise UsageError(f'--request: there is no "{public_id}"; `slawatch status` and the report list them')
        found.append(request)
    return tuple(dict.fromkeys(found))


def _trusted(world: World, judged: Judged, requests: Sequence[Request]) -> dict[str, str]:
    domain = judged.message.sender.rpartition("@")[2]  # the id of whoever posted has no "@" and is trusted whole
    if not requests or not domain:
        raise UsageError(
            f'message "{judged.message.id}": --trust needs a sender and a request whose company it writes for'
        )
    own = {
        str(getattr(account.settings, "address", "")).rpartition("@")[2] for account in world.config.accounts.values()
    }
    if domain in own:
        raise UsageError(f'message "{judged.message.id}": "{domain}" is your own domain; it cannot be the company\'s')
    return {request.company: domain for request in requests}


def _touched(world: World, judged: Judged, requests: Sequence[Request], trusted: dict[str, str]) -> list[Request]:
    by_id = {request.id: request for request in (*judged.requests, *requests)}
    for company in trusted:
        by_id |= {request.id: request for request in world.store.requests(company=company)}
    return list(by_id.values())


def _in_words(judged: Judged) -> str:
    """Return what a message was taken for before a decision, for its history."""
    ties = ", ".join(
        f"{request.public_id} by {reply.evidence.value} ({reply.strength.value})"
        for request, reply in zip(judged.requests, judged.replies, strict=True)
    )
    return f"{judged.kind.value} of {ties or 'no request'}"
