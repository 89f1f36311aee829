"""Reply when a company asks back, and thank for an answer where that is wished; each at most once, never to a machine.

What may be written is `slawatch/following.py`'s to decide; here it is looked up, kept and handed to the channel.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from slawatch import following, waits
from slawatch.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    UsageError,
)
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.model import AttemptOutcome, Delivery, Facts, FollowUp, MessageKind, Purpose, Reply, Request
from slawatch.usecases.draft import DELETED, Draft, draft, not_by_itself
from slawatch.usecases.followed import id_for
from slawatch.usecases.outcomes import standing
from slawatch.usecases.plan import new_message_id
from slawatch.usecases.send import FIRST_RETRY, GIVE_UP_AFTER, LEASE, LONGEST_RETRY, Sending, halt, may_send, rate_wait
from slawatch.usecases.world import News, World

BACK = timedelta(days=40)  # older questions are nobody's turn any more: longer than replies are matched for
THANKS_WITHIN = timedelta(days=2)  # later they would only open the ticket again


@dataclass(frozen=True, slots=True, kw_only=True)
class OurTurn:
    """A company that asked back and waits for us: since when, and what holds our reply up ("": it leaves by itself)."""

    request: Request
    question: Reply
    since: datetime
    why: str


def follow_due(world: World, done: Sending, *, campaign: int | None = None) -> None:
    """Send what is due after a request: whatever an earlier pass left, replies to questions, thanks.

    As with requests, limits and pauses are looked at for each anew. The limits that spare a company are not: it asked.
    """
    for one in world.store.expire_follow_ups():
        (request,) = world.store.requests(ids=[one.request_id])
        done.uncertain.append(request.public_id)
        world.tell(
            News(what="uncertain", words="the sender of our reply vanished while sending", ref=request.public_id)
        )
    for one in world.store.follow_ups_in(Delivery.INTENDED):
        for request in world.store.requests(ids=[one.request_id], campaign=campaign):
            _take_up(world, request, one, done)
    for request, question in _asked_back(world, campaign):
        _reply_to(world, request, question, done)
    for request, answer in _unthanked(world, campaign):
        _send(world, draft(world, request, answer, Purpose.THANKS), done, most=1)


def waiting(world: World, requests: Sequence[Request]) -> list[OurTurn]:
    """Return those of the requests whose company waits for us, whoever is to write; the longest wait first."""
    ids = [request.id for request in requests if request.delivery is Delivery.SENT]
    replies, follow_ups = world.store.replies(ids), world.store.follow_ups(ids)
    found = []
    for request in requests:
        came, ours = replies.get(request.id, []), follow_ups.get(request.id, [])
        if not came or request.accepted_at is None or request.account == IMPORTED:
            continue
        question = waits.unanswered(request, came, ours)
        if question is not None:
            since = waits.our_turn(request, came, ours)[-1].since
            found.append(
                OurTurn(request=request, question=question, since=since, why=_why(world, request, question, ours))
            )
    return sorted(found, key=lambda one: (one.since, one.request.id))


def letter_for(world: World, public_id: str, purpose: Purpose) -> tuple[Request, Reply]:
    """Return the request and the letter that waits for us there, or with THANKS the answer.

    Raises:
        UsageError: there is no such request, or nothing to write to.
    """
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    if request.account == IMPORTED:
        raise UsageError(f"follow-up {public_id}: it was imported: others asked, and only they can write again")
    replies = world.store.replies([request.id]).get(request.id, [])
    if purpose is Purpose.THANKS:
        answers = [one for one in replies if one.counts and one.kind is MessageKind.ANSWER]
        if not answers:
            raise UsageError(f"follow-up {public_id}: there is no answer to thank for; see `slawatch explain`")
        return request, answers[-1]
    question = None
    if request.accepted_at is not None:
        question = waits.unanswered(request, replies, world.store.follow_ups([request.id]).get(request.id, []))
    if question is None:
        raise UsageError(f"follow-up {public_id}: no question waits for us there; see `slawatch explain`")
    return request, question


def record(world: World, ours: Draft, *, at: datetime, uncertainty: timedelta, words: str = "") -> FollowUp:
    """Keep that a person has written to that letter, by other means than ours.

    Raises:
        UsageError: that was before the letter came or is yet to come, or we have written to it.
    """
    came_at = ours.reply.stamps.at
    if at + uncertainty < came_at - ours.reply.stamps.earlier:
        raise UsageError(f"--sent-at: that is before their letter came, {came_at:%Y-%m-%d %H:%M:%S} UTC")
    if at - uncertainty > world.clock.now():
        raise UsageError("--sent-at: that is still to come; say it when you have")
    kept = world.store.record_follow_up(
        request_id=ours.request.id,
        message_id=ours.reply.message_id,
        purpose=ours.purpose,
        sent_at=at,
        uncertainty=uncertainty,
        own_id=f"by-hand-{ours.reply.message_id}-{ours.request.id}-{ours.purpose}",
        subject=ours.subject,
        body=words,
        detail="recorded by hand",
    )
    if kept is None:
        raise UsageError(f"follow-up {ours.request.public_id}: we have written to that letter; see `slawatch explain`")
    return kept


def send_by_hand(world: World, given: Draft) -> FollowUp:
    """Keep and send a draft because a person said so; what the account's rate holds back leaves with a later pass.

    Returns it as it then stands.

    Raises:
        UsageError: nothing may be sent now, or what stands in its place may have left.
    """
    request = given.request
    halted = world.halted(company=request.company, account=request.account)
    if halted:
        raise UsageError(f"follow-up: not sent: {halted}")
    left_alone = world.store.opted_out(request.company, request.target)
    if left_alone is not None:
        raise UsageError(f"follow-up: not sent: {request.company} is {left_alone.words}; see `slawatch opt-out list`")
    intent = _intend(world, given, by_hand=True)
    if intent is None:
        raise UsageError(
            f"follow-up {request.public_id}: we have written to that letter, or may have; see `slawatch explain`"
        )
    _attempt(world, request, intent, given.letter, Sending())
    return next(one for one in world.store.follow_ups([request.id])[request.id] if one.id == intent.id)


def _asked_back(world: World, campaign: int | None) -> Iterator[tuple[Request, Reply]]:
    ids = world.store.questions_open(world.clock.now() - BACK)
    if not ids:
        return
    replies, follow_ups = world.store.replies(ids), world.store.follow_ups(ids)
    for request in world.store.requests(ids=ids, delivery=Delivery.SENT, campaign=campaign):
        ours = follow_ups.get(request.id, [])
        question = waits.unanswered(request, replies.get(request.id, []), ours)
        if request.account == IMPORTED:
            continue
        under_way = any(one.delivery in _UNDER_WAY for one in ours)  # it may be the reply to this question as well
        if question is not None and not under_way and not _written_to(question, ours):
            yield request, question


_UNDER_WAY = frozenset({Delivery.INTENDED, Delivery.SENDING, Delivery.UNCERTAIN})


def _written_to(reply: Reply, ours: Sequence[FollowUp]) -> bool:
    return any(one.message_id == reply.message_id and one.purpose is Purpose.REPLY for one in ours)


def _unthanked(world: World, campaign: int | None) -> Iterator[tuple[Request, Reply]]:
    """Yield requests that are answered and not thanked for, with the letter that ended the matter."""
    if not any(target.thanks for company in world.config.companies.values() for target in company.targets):
        return
    since = world.clock.now() - THANKS_WITHIN
    ids = world.store.answers_unthanked(since)
    requests = world.store.requests(ids=ids, delivery=Delivery.SENT, campaign=campaign) if ids else []
    replies, follow_ups = world.store.replies(ids), world.store.follow_ups(ids)
    outcomes = standing(world, requests, replies=replies)
    for request in requests:
        if request.account == IMPORTED:
            continue
        came = [one for one in replies.get(request.id, []) if one.counts and one.kind.by_person]
        newest = max(came, key=lambda one: (one.stamps.at, one.message_id), default=None)
        if newest is None or newest.kind is not MessageKind.ANSWER or newest.stamps.at < since:
            continue
        if outcomes[request.id].answer_reply_id is None or outcomes[request.id].in_review:
            continue
        if not _written_to(newest, follow_ups.get(request.id, [])):
            yield request, newest


def _reply_to(world: World, request: Request, question: Reply, done: Sending) -> None:
    if request.made_up or request.account not in world.config.accounts:
        return
    ours = draft(world, request, question)
    try:
        by_hand = written_by_hand(world, ours)
    except ChannelError as error:
        # Whoever has replied already must not be repeated.
        world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=request.public_id))
        return
    if not by_hand:
        _send(world, ours, done, most=following.BY_ITSELF_MOST)


def written_by_hand(world: World, ours: Draft) -> bool:
    """Whether a person has replied to the letter from their own mail program; keeps that.

    Raises:
        ChannelError: that cannot be seen.
    """
    from slawatch.channels.base import Sent  # noqa: PLC0415  nearly every pass finds no question

    found = world.channel(ours.request.account).find_by_hand(ours.letter)
    if not isinstance(found, Sent):
        return False
    known = world.store.follow_ups_named(own_ids=[found.remote_id])
    if not all(one.by_hand for one in known.values()):
        return False  # that was us
    world.store.record_follow_up(
        request_id=ours.request.id,
        message_id=ours.reply.message_id,
        purpose=Purpose.REPLY,
        sent_at=found.accepted_at,
        uncertainty=found.uncertainty,
        own_id=id_for(found.remote_id, ours.request.id, known=world.store),
        detail=found.evidence,
    )
    world.tell(News(what="followed", words="you have replied by yourself", ref=ours.request.public_id))
    return True


def _send(world: World, ours: Draft, done: Sending, *, most: int) -> None:
    """Keep the intent, then try once, where nothing speaks against it."""
    if ours.objection or not may_send(world, ours.request.company, ours.request.account, done):
        return
    intent = _intend(world, ours, most=most)
    if intent is not None:
        _attempt(world, ours.request, intent, ours.letter, done)


def _intend(world: World, ours: Draft, *, most: int | None = None, by_hand: bool = False) -> FollowUp | None:
    return world.store.add_follow_up(
        request_id=ours.request.id,
        message_id=ours.reply.message_id,
        purpose=ours.purpose,
        subject=ours.subject,
        body=ours.body,
        own_id=new_message_id(world, ours.request.account),
        envelope_id=f"slw-{secrets.token_hex(10)}",
        by_hand=by_hand,
        most=most,
    )


def _take_up(world: World, request: Request, intent: FollowUp, done: Sending) -> None:
    """Try once more what an earlier pass could not send, unless it has lost its sense meanwhile."""
    now = world.clock.now()
    replies = world.store.replies([request.id]).get(request.id, [])
    reply = next((one for one in replies if one.message_id == intent.message_id), None)
    target = world.target(request.company, request.channel, request.target)
    unwanted, why = not_by_itself(target, by_hand=intent.by_hand), ""
    left_alone = world.store.opted_out(request.company, request.target)
    if unwanted or left_alone is not None:
        why = unwanted if left_alone is None else left_alone.words
    elif request.account not in world.config.accounts:
        why = f'the account "{request.account}" is no longer in the config'
    elif reply is None:
        why = "the letter it replies to is no longer this request's"
    elif intent.purpose is Purpose.REPLY and any(
        one.counts and one.kind is MessageKind.ANSWER and one.stamps.at >= reply.stamps.at for one in replies
    ):
        why = "an answer came before it left"
    elif now - intent.intended_at >= GIVE_UP_AFTER:
        why = f"given up after {GIVE_UP_AFTER.days} days: {intent.detail}"
    if why or reply is None:
        world.store.settle_follow_up(intent, delivery=Delivery.WITHDRAWN, detail=why, left=False)
    elif intent.next_attempt_at is not None and intent.next_attempt_at > now:
        done.wait_until(intent.next_attempt_at)
    elif may_send(world, request.company, request.account, done):
        (message,) = world.store.messages(ids=[intent.message_id])
        if message.purged_at is not None:
            world.store.settle_follow_up(intent, delivery=Delivery.WITHDRAWN, detail=DELETED, left=False)
            return
        letter = world.reader(request.channel)(world.store.raw(message.sha256))
        _attempt(world, request, intent, letter, done)


def _attempt(world: World, request: Request, intent: FollowUp, letter: Facts, done: Sending) -> None:
    """Try once. Whatever ends this process in between leaves the attempt open, and its lease makes it uncertain."""
    taken = world.store.start_follow_up(
        intent,
        account=request.account,
        worker=world.worker,
        lease=LEASE,
        guard=lambda sent_instants: rate_wait(world, request.account, sent_instants) is None,
    )
    if taken is None:
        return
    finish = partial(world.store.finish_follow_up, taken)
    what = "our thanks" if intent.purpose is Purpose.THANKS else "our reply"
    try:
        sent = world.channel(request.account).send_follow_up(request, taken, letter)
    except ChannelRefusedError as error:
        finish(AttemptOutcome.REFUSED, detail=str(error))
        done.refused.append(request.public_id)
        world.tell(News(what="refused", words=f"{request.company} refused {what}: {error}", ref=request.public_id))
    except ChannelUnavailableError as error:
        now = world.clock.now()
        # As long again as it has been tried for: the pauses double without counting the tries.
        retry_at = now + min(max(now - intent.intended_at, FIRST_RETRY), LONGEST_RETRY)
        retry_at = max(retry_at, error.retry_at or now)
        finish(AttemptOutcome.UNAVAILABLE, detail=str(error), retry_at=retry_at)
        halt(world, request.account, error)
        done.unavailable.append(request.public_id)
        done.resting.add(request.account)
        done.wait_until(retry_at)
        world.tell(
            News(what="unavailable", words=f"{what} is not sent, will be tried again: {error}", ref=request.public_id)
        )
    except ChannelUncertainError as error:
        finish(AttemptOutcome.UNCERTAIN, detail=str(error))
        done.uncertain.append(request.public_id)
        world.tell(News(what="uncertain", words=f"{what} to {request.company}: {error}", ref=request.public_id))
    else:
        finish(
            AttemptOutcome.SENT,
            detail=sent.evidence,
            sent_at=sent.accepted_at,
            uncertainty=sent.uncertainty,
            remote_id=request.remote_id_of(sent.remote_id),
        )
        done.followed.append(request.public_id)
        said = "thanked" if intent.purpose is Purpose.THANKS else "replied to the question of"
        world.tell(News(what="followed", words=f"{said} {request.company}", ref=request.public_id))


def _why(world: World, request: Request, question: Reply, ours: Sequence[FollowUp]) -> str:
    """Return why the company still waits for us, "" where our reply leaves with the next pass."""
    mine = next((one for one in ours if one.message_id == question.message_id and one.purpose is Purpose.REPLY), None)
    if mine is None:
        return draft(world, request, question).objection
    if mine.delivery in {Delivery.SENDING, Delivery.UNCERTAIN}:
        return "our reply may have left; it is being looked for"
    if mine.delivery is Delivery.INTENDED:
        return f"our reply could not leave yet: {mine.detail}" if mine.detail else ""
    return f"our reply did not go through: {mine.detail}"
