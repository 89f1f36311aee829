"""What shows that our letters after a request left: the far side, our own copy, a reply that cites it. Never sends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from slawatch.errors import ChannelError
from slawatch.model import Delivery, Facts, FollowUp, Message, MessageKind, Purpose, Request
from slawatch.store import Store
from slawatch.usecases.send import LEASE
from slawatch.usecases.settle import GRACE, nothing_came
from slawatch.usecases.world import News, World


def settle_follow_ups(world: World, *, grace: timedelta = GRACE) -> None:
    """Ask the far side about every uncertain one; give up what has left no trace after `grace`.

    What was given up is settled as sent after all where its trace turns up later.
    """
    for one in world.store.follow_ups_in(Delivery.UNCERTAIN):
        (request,) = world.store.requests(ids=[one.request_id])
        if request.account in world.config.accounts:
            _settle_one(world, request, one, grace)


def heard(store: Store, facts: Facts, message: Message, kind: MessageKind) -> list[News]:
    """Draw from a message of the far side what it shows of our letters: whoever cites one has it. Returns the news."""
    envelope_ids = [report.envelope_id for report in facts.reports]
    reported = store.follow_ups_named(own_ids=facts.embedded_ids, envelope_ids=envelope_ids)
    seen_at = message.stamps.at + message.stamps.later
    news = []
    for one in reported.values():
        if kind is MessageKind.BOUNCE:
            why = next((report.diagnostic or report.status for report in facts.reports), "")
            if store.settle_follow_up(one, delivery=Delivery.REFUSED, detail=f"it came back: {why}"):
                news.append(_news(store, one, "refused", "our reply came back"))
        else:
            news += _it_left(store, one, f"a {kind.value.replace('-', ' ')} names it", by=seen_at)
    for one in store.follow_ups_named(own_ids=facts.cited_ids).values():
        news += _it_left(store, one, "a reply cites it", by=seen_at)
    return news


def own_letter(
    store: Store, facts: Facts, message: Message, own_addresses: Collection[str], *, surely: bool
) -> list[News]:
    """Draw from a letter of our own what it shows: that one of ours left, or that a person replied without us.

    A person's reply is known by what it cites, and believed where it is `surely` ours: in our name anybody can write,
    and a company that made up our reply to a question it had no need to ask would buy the time in between. Answering
    machines write in our name, too, and reply to nothing.
    Returns the news.
    """
    from slawatch.match.domains import plain  # noqa: PLC0415  every pass loads this file, and most get no letter

    ours = store.follow_ups_named(own_ids=[facts.own_id])
    if ours:
        seen_at = message.stamps.at + message.stamps.later
        return [news for one in ours.values() for news in _it_left(store, one, "our own copy arrived", by=seen_at)]
    submitted = next(iter(facts.headers.get("auto-submitted", ())), "no")
    if not surely or submitted.lower() != "no" or plain(facts.sender) not in own_addresses:
        return []
    cited = store.cited_replies(message.account, facts.cited_ids)
    written_at = min(message.stamps.date_header_at or message.stamps.at, message.stamps.at)
    half = (message.stamps.at - written_at) / 2
    kept = [
        store.record_follow_up(
            request_id=request_id,
            message_id=message_id,
            purpose=Purpose.REPLY,
            sent_at=written_at + half,
            uncertainty=half + message.stamps.later,
            own_id=id_for(facts.own_id or f"message-{message.id}", request_id, known=store),
            subject=facts.subject,
            body=facts.text,
            detail=f"our own copy lies in {message.folder}",
        )
        for message_id, request_id in cited
        if message_id == cited[0][0]
    ]
    return [_news(store, one, "followed", "you have replied by yourself") for one in kept if one is not None]


def id_for(own_id: str, request_id: int, *, known: Store) -> str:
    """Return the id under which a person's reply is kept for this request: one letter may be for several."""
    return f"{own_id}/{request_id}" if known.follow_ups_named(own_ids=[own_id]) else own_id


def _settle_one(world: World, request: Request, one: FollowUp, grace: timedelta) -> None:
    from slawatch.channels.base import NotSent, Sent  # noqa: PLC0415  nearly every pass finds none that is uncertain

    try:
        found = world.channel(request.account).find_follow_up(one)
    except ChannelError as error:
        world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=request.public_id))
        return
    if isinstance(found, Sent):
        world.store.settle_follow_up(
            one,
            delivery=Delivery.SENT,
            detail=found.evidence,
            sent_at=found.accepted_at,
            uncertainty=found.uncertainty,
            remote_id=request.remote_id_of(found.remote_id),
        )
        world.tell(News(what="settled", words="our reply did leave", ref=request.public_id))
    elif isinstance(found, NotSent):
        world.store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail=found.proof, left=False)
        world.tell(News(what="void", words=f"our reply never left: {found.proof}", ref=request.public_id))
    elif nothing_came(world, request.account, one.started_at or one.intended_at, grace):
        world.store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail="nobody knows whether it left")
        world.tell(News(what="void", words="unknown whether our reply left", ref=request.public_id))


def _it_left(store: Store, one: FollowUp, how: str, *, by: datetime) -> list[News]:
    """Settle as sent what was uncertain or given up: it left in the time its sender had, and `by` then."""
    if one.started_at is None or one.delivery not in {Delivery.UNCERTAIN, Delivery.WITHDRAWN}:
        return []
    half = max(min(by - one.started_at, LEASE), timedelta(0)) / 2
    left = store.settle_follow_up(
        one, delivery=Delivery.SENT, detail=how, sent_at=one.started_at + half, uncertainty=half
    )
    return [_news(store, one, "settled", f"our reply did leave: {how}")] if left else []


def _news(store: Store, one: FollowUp, what: str, words: str) -> News:
    (request,) = store.requests(ids=[one.request_id])
    return News(what=what, words=words, ref=request.public_id)
