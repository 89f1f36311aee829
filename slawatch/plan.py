"""When a company is asked and in which words: decides from schedule, zone and history, and returns what to do.

It must not read the clock, the store or a file: whoever calls it tells it the time and what was asked before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import takewhile, zip_longest
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from slawatch import strata
from slawatch.clock import EPOCH, require_aware
from slawatch.model import Asked, Form, Probe, Slot, Text, Wording
from slawatch.strata import Random

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NO_TIME = timedelta(0)

# The same words twice would show the company that it is being tested, and waste its time with what it answered already.
SAME_TEXT_AFTER = timedelta(days=180)

_NAIVE = datetime(2000, 1, 1)  # noqa: DTZ001 - cron fields are checked without any zone
_FIELDS = 5
_PLACEHOLDER = re.compile(r"\{(company|name|reference)\}")
# What platforms make a link or a mention of. A lower-case ending only: "Dr.Oetker" is no page, "shop.example" is one.
_LINKED = re.compile(r"https?://|\bwww\.|[@#]|(?<=\w)(?:\.(?:[a-z]{2,}|[A-Z]{2,}))+\b")


@dataclass(frozen=True, slots=True)
class Every:
    """Ask again after `interval`. Whole days keep the company's local time; anything else runs on in real time.

    Raises:
        ValueError: the interval is under a minute or no whole number of minutes, the finest a slot can tell apart.
    """

    interval: timedelta

    def __post_init__(self) -> None:
        """Refuse an interval whose slots could not be told apart."""
        if self.interval < MINUTE or self.interval % MINUTE:
            raise ValueError(f'"{self.interval}" is no whole number of minutes; write "7 d" or "12 h"')


@dataclass(frozen=True, slots=True)
class Cron:
    """Ask at the times of a cron expression of five fields, in the company's zone (0 and 7 are Sunday).

    A time that a change to summer time skips is moved on by the length of the gap; one that the change back repeats
    happens the first time only.

    Raises:
        ValueError: the expression has not five fields, or one of them is out of its range.
    """

    expression: str

    def __post_init__(self) -> None:
        """Refuse an expression that would fail only when slots are made."""
        count = len(self.expression.split())
        if count != _FIELDS:
            raise ValueError(f'"{self.expression}" has {count} fields; write five, such as "0 9 * * Mon-Fri"')
        try:
            CronSim(self.expression, _NAIVE)
        except CronSimError as error:
            fault = str(error).lower()
            raise ValueError(f'"{self.expression}": {fault}; write five fields, such as "0 9 * * Mon-Fri"') from error


Schedule = Every | Cron | Random


def slots_between(
    schedule: Schedule,
    *,
    company: str,
    channel: str,
    target: str,
    account: str,
    zone: str,
    since: datetime,
    until: datetime,
    start: datetime | None = None,
    seed: str = "",
    jitter: timedelta = NO_TIME,
    turn: int | None = None,
    campaign: int | None = None,
) -> list[Slot]:
    """Return the slots with since <= due_at < until, in order of time; overlapping windows agree on what they share.

    With `every`, targets are spread by a hash of seed and target, over day and night alike: a company is to be met
    outside office hours too. `start` is the instant the plan began and must stay the same from call to call: the first
    slot then lies within 24 hours after it. Without it the targets are spread over the whole interval. Neither a cron
    expression nor `random` needs it.

    `jitter` delays each slot of `every` and `cron` by up to that, never past the next one; a slot's key keeps the time
    without it, so that another jitter does not ask twice. `turn` counts the targets of a company that is asked in
    matched sets: all of them are drawn as one, and each has its turn so many weeks later at the same local time.
    """
    since, until = require_aware(since), require_aware(until)
    where = ZoneInfo(zone)
    who = (seed, company, channel, target) if turn is None else (seed, company)
    later = (turn or 0) * WEEK
    if isinstance(schedule, Random):
        jitter = NO_TIME  # its minutes are drawn already
    # 6 hours after 22:00 is six real hours later, whatever the wall clock does; "every day" means the wall clock.
    runs_on = UTC if isinstance(schedule, Every) and schedule.interval % DAY else where
    # A day more at both ends covers every change of offset there ever was.
    first, last = _wall(since - DAY, runs_on) - later - jitter, _wall(until + DAY, runs_on) - later + jitter
    if isinstance(schedule, Cron):
        times = _cron_times(schedule.expression, first, last)
    elif isinstance(schedule, Random):
        times = strata.times_between(schedule, who, first, last)
    else:
        spread = min(DAY, schedule.interval) if start else schedule.interval
        offset = _hashed(*who) % (spread // MINUTE) * MINUTE
        # Without a start from midnight of 1970-01-01 on the wall clock, so that no zone's past matters.
        begin = _wall(require_aware(start or EPOCH).replace(second=0, microsecond=0), runs_on if start else UTC)
        times = _every_times(schedule.interval, begin + offset, first, last)
    # fold=0 takes the first of a repeated hour and moves a skipped time on by the length of the gap (PEP 495), where it
    # may fall together with another one, which it then is.
    drawn: dict[datetime, datetime] = {}
    for time in times:
        drawn.setdefault((time + later).replace(tzinfo=runs_on, fold=0).astimezone(UTC), time)
    return [
        Slot(
            key=f"{company}|{channel}|{target}|{at.astimezone(where).isoformat(timespec='minutes')}",
            company=company,
            channel=channel,
            target=target,
            account=account,
            due_at=due_at,
            zone=zone,
            campaign=campaign,
        )
        for at, due_at in _delayed(drawn, jitter, who)
        if since <= due_at < until
    ]


def _delayed(
    drawn: Mapping[datetime, datetime], jitter: timedelta, who: Sequence[str]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield each instant and when it is due, which is always before the next instant.

    `drawn` maps them, in any order, to what the wall's clock showed when they were drawn: what is asked on several ways
    in one matched set is delayed alike.
    """
    instants = sorted(drawn)
    for at, following in zip_longest(instants, instants[1:]):
        most = jitter if following is None else min(jitter, following - at - MINUTE)
        chance = _hashed(*who, "jitter", drawn[at].isoformat()) if jitter else 0
        yield at, at + chance % (most // MINUTE + 1) * MINUTE


def set_time(due_at: datetime, zone: str, turn: int) -> datetime:
    """Return when on the wall's clock the first target of a matched set was due, from when the one of that turn is."""
    return _wall(due_at, ZoneInfo(zone)) - turn * WEEK


def same_hour(due_at: datetime, zone: str, not_before: datetime) -> datetime:
    """Return the first instant from then on at which the wall's clock shows the slot's weekday, hour and minute again.

    What is put off to any other time would be a sample of when it was possible to ask, not of the week.
    """
    where = ZoneInfo(zone)
    weeks = max(0, -((due_at - not_before) // WEEK) - 1)  # a change of the clocks may add an hour: hence one less
    at = due_at
    while at < not_before:
        weeks += 1
        at = (_wall(due_at, where) + weeks * WEEK).replace(tzinfo=where, fold=0).astimezone(UTC)
    return at


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _cron_times(expression: str, first: datetime, last: datetime) -> Iterator[datetime]:
    # CronSim sees no zone: with one it starts "* 3 * * *" at 03:30 when Lord Howe's clocks go forward.
    return takewhile(lambda time: time < last, CronSim(expression, first))


def _every_times(interval: timedelta, begin: datetime, first: datetime, last: datetime) -> Iterator[datetime]:
    time = begin + max(0, -((begin - first) // interval)) * interval
    while time < last:
        yield time
        time += interval


def _hashed(*parts: str) -> int:
    """Return the same number for the same parts in every process, which hash() would not."""
    return int.from_bytes(blake2b("|".join(parts).encode(), digest_size=8).digest(), "big")


def suitable(
    probes: Mapping[str, Probe],
    *,
    lang: str,
    names: Collection[str] = (),
    customer: bool = False,
    form: Form = Form.LETTER,
) -> list[Probe]:
    """Return the probes that may be asked in this language and form; `names` narrows them, empty allows all.

    Probes for customers are left out unless `customer`: asked by anybody else they would not be true.
    """
    return [
        probe
        for name, probe in sorted(probes.items())
        if lang in probe.wordings
        and _variants(probe.wordings[lang], form)
        and (not names or name in names)
        and (customer or not probe.customer)
    ]


def for_all(
    probes: Mapping[str, Probe], ways: Iterable[tuple[str, Form, Collection[str]]], *, customer: bool = False
) -> tuple[str, ...]:
    """Return the names of the probes that may be asked on every way, each a language, a form and the names allowed."""
    found = [
        {probe.name for probe in suitable(probes, lang=lang, names=names, customer=customer, form=form)}
        for lang, form, names in ways
    ]
    return tuple(sorted(set.intersection(*found))) if found else ()


def _variants(wording: Wording, form: Form) -> range:
    """Return the indexes of the wordings in that form."""
    return range(len(wording.variants if form is Form.LETTER else wording.posts))


def choose(
    probes: Iterable[Probe],
    lang: str,
    history: Sequence[Asked],
    now: datetime,
    *,
    own: bool = False,
    salt: str = "",
    form: Form = Form.LETTER,
) -> tuple[Probe, str, int] | None:
    """Return what to ask next: the probe, the language and the variant's index; None where every text is too fresh.

    `history` holds what this company was asked on all channels, in any form. Taken is the probe that was asked
    longest ago (or never), and of it the wording used longest ago; `salt` settles ties, so that not all companies get
    the same question first. No text goes out twice within 180 days, be it on another channel (platforms forbid the same
    post on several), unless the company is the user's `own`.
    """
    asked_at: dict[tuple[str, str, int], datetime] = {}
    probe_asked_at: dict[str, datetime] = {}
    for asked in history:
        # A letter and a short text of the same number are different texts, but the same question.
        if (asked.form is Form.LETTER) is (form is Form.LETTER):
            text = (asked.probe, asked.lang, asked.variant)
            asked_at[text] = max(asked.at, asked_at.get(text, asked.at))
        probe_asked_at[asked.probe] = max(asked.at, probe_asked_at.get(asked.probe, asked.at))

    def order(candidate: tuple[Probe, int]) -> tuple[datetime, datetime, int]:
        probe, variant = candidate
        return (
            probe_asked_at.get(probe.name, EPOCH),
            asked_at.get((probe.name, lang, variant), EPOCH),
            _hashed(salt, probe.name, lang, str(variant)),
        )

    candidates = [
        (probe, variant)
        for probe in probes
        if lang in probe.wordings
        for variant in _variants(probe.wordings[lang], form)
        if own or now - asked_at.get((probe.name, lang, variant), EPOCH) >= SAME_TEXT_AFTER
    ]
    if not candidates:
        return None
    probe, variant = min(candidates, key=order)
    return probe, lang, variant


def word(
    probe: Probe, lang: str, variant: int, *, company: str, name: str, reference: str, form: Form = Form.LETTER
) -> Text:
    """Return the text with company, sender's name and reference filled in; the subject is always one line.

    A short one (a post, a chat) has no subject, is one line itself, and names nobody it is put to. A company called
    "Shop.example" is "Shop" there: platforms would make a link of it, which costs more and looks like an advertisement.
    """
    wording = probe.wordings[lang]
    values = {"company": company, "name": name, "reference": reference}

    def fill(text: str) -> str:
        # In one pass: a company called "{name}" stays what it is.
        return _PLACEHOLDER.sub(lambda found: values[found.group(1)], text)

    if form is not Form.LETTER:
        values["company"] = _LINKED.sub("", company)
        subject, body = "", " ".join(fill(wording.posts[variant]).split())
    else:
        subject = " ".join(fill(wording.variants[variant].subject).split())
        body = fill(wording.variants[variant].body).strip() + "\n"
    return Text(probe=probe.name, lang=lang, variant=variant, subject=subject, body=body, form=form)
