"""Make up four weeks of requests and replies from a seed, and lay them into the mailbox as if they had arrived then.

The requests are marked as made up. Their replies are real mails: only the measuring path reads them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch import following, plan, token
from slawatch.channels.base import Channel
from slawatch.config import Config
from slawatch.model import Asked as WasAsked
from slawatch.model import Attempt, Delivery, Facts, FollowUp, Origin, Probe, Purpose, Request
from slawatch.practice.companies import PracticeCompany
from slawatch.practice.instants import instants
from slawatch.practice.letters import Asked, Letters
from slawatch.practice.post import ADDRESS, NAME, stamp

EACH = 42  # requests a company: 35 of 35 in time would prove a share of 90 %
OUR_REPLY = timedelta(minutes=8)  # a pass of cron every five minutes would take 2.5 on average; a person longer
QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A letter a company will write: which, in answer to what, and when it arrives."""

    at: datetime
    company: PracticeCompany
    letter: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was made up: the requests, the mails that had arrived by `until`, and the letters still to come.

    `written` is the truth behind `arrived`, to hold beside what is measured from it; nothing that measures may see it.
    """

    requests: tuple[Request, ...]
    arrived: tuple[tuple[bytes, datetime], ...]
    to_come: tuple[Due, ...]
    written: tuple[Due, ...]


def make(
    config: Config,
    probes: Mapping[str, Probe],
    companies: Sequence[PracticeCompany],
    letters: Letters,
    channel: Channel,
    *,
    until: datetime,
    seed: str,
) -> History:
    """Return four weeks of history before `until`. The same seed and `until` give the same, to the byte.

    Our letters of the past are what the channel would have sent then. Where a company asked back we replied within
    minutes; of that reply the mailbox holds our own copy, as of the requests.
    """
    letters.begin()
    requests: list[Request] = []
    arrived: list[tuple[bytes, datetime]] = []
    to_come: list[Due] = []
    written: list[Due] = []
    for company in companies:
        dice = random.Random(f"{seed}|{company.key}")
        asked_before: list[WasAsked] = []
        for at in instants(until, dice, EACH):
            request = _request(config, probes, company, asked_before, at, dice)
            requests.append(request)
            attempt = Attempt(id=0, request_id=0, number=1, envelope_id="", started_at=at)
            raw = channel.prepare(request, attempt)
            arrived.append(_copy(raw, at))
            waiting = list(replies(company, Asked.read(raw), at, dice))
            while waiting:
                due = waiting.pop(0)
                if due.at > until:
                    to_come.append(due)
                    continue
                sender, letter = letters.write(company, due.letter, due.asked, at=due.at, dice=dice)
                stamped = stamp(letter, due.asked.reply_to, f"mail.{company.domain}", sender, due.at)
                arrived.append((stamped, due.at))
                written.append(due)
                replied_at = due.at + OUR_REPLY * dice.uniform(0.5, 1.5)
                if due.letter == QUESTION and replied_at <= until:
                    ours = _reply(request, probes, channel.read(letter), due.at, replied_at, dice)
                    raw = channel.prepare_follow_up(request, ours, channel.read(letter))
                    arrived.append(_copy(raw, replied_at))
                    waiting += replies(company, Asked.read(raw), replied_at, dice)
    arrived.sort(key=lambda one: one[1])
    return History(
        requests=tuple(sorted(requests, key=lambda one: one.intended_at)),
        arrived=tuple(arrived),
        to_come=tuple(to_come),
        written=tuple(written),
    )


def replies(company: PracticeCompany, asked: Asked, at: datetime, dice: random.Random) -> Iterator[Due]:
    """Yield what the company writes to a letter that reached it at `at`, in the order of its steps."""
    to_its_own = asked.cites.endswith(f"@{company.domain}")
    for step in company.after if to_its_own else company.steps:
        wait = step.wait(dice)
        if wait is not None:
            yield Due(at=at + wait, company=company, letter=step.letter, asked=asked)


def _copy(raw: bytes, at: datetime) -> tuple[bytes, datetime]:
    """Return our own copy of a letter that left then, as our mailbox got it."""
    arrived_at = at + timedelta(seconds=1)
    return stamp(raw, ADDRESS, "localhost", ADDRESS, arrived_at), arrived_at


def _reply(
    request: Request, probes: Mapping[str, Probe], letter: Facts, came_at: datetime, at: datetime, dice: random.Random
) -> FollowUp:
    """Return what slawatch would have replied to the letter: what the probe says, the letter quoted below it."""
    text = request.text
    said = following.filled(probes[text.probe].wordings[text.lang].follow_up, {"name": NAME})
    return FollowUp(
        id=0,
        request_id=0,
        message_id=0,
        purpose=Purpose.REPLY,
        subject=following.subject(letter, text.subject),
        body=f"{said}\n\n{following.quoted(letter, came_at, text.lang)}\n",
        own_id=f"{dice.getrandbits(96):024x}@practice.example",
        envelope_id="",
        delivery=Delivery.SENT,
        intended_at=at,
        started_at=at,
    )


def _request(
    config: Config,
    probes: Mapping[str, Probe],
    company: PracticeCompany,
    before: list[WasAsked],
    at: datetime,
    dice: random.Random,
) -> Request:
    settings = config.companies[company.key]
    target = settings.targets[0]
    chosen = plan.choose(plan.suitable(probes, lang=target.lang), target.lang, before, at, own=True, salt=company.key)
    if chosen is None:
        raise ValueError(f"no probe in {target.lang}")
    probe, lang, variant = chosen
    secret = token.new(dice.randbytes(8))
    account = config.accounts[target.account]
    text = plan.word(probe, lang, variant, company=settings.name, name=account.settings.name, reference=secret)
    before.append(
        WasAsked(company=company.key, channel=target.channel, probe=probe.name, lang=lang, variant=variant, at=at)
    )
    return Request(
        id=0,
        public_id=f"P{dice.getrandbits(32):08x}",
        origin=Origin.SENT,
        company=company.key,
        channel=target.channel,
        target=target.address,
        account=target.account,
        text=text,
        token=secret,
        message_id=f"{dice.getrandbits(96):024x}@practice.example",
        delivery=Delivery.SENT,
        due_at=at,
        zone=target.zone,
        intended_at=at,
        accepted_at=at,
        accepted_uncertainty=timedelta(milliseconds=200),
        made_up=True,
    )
