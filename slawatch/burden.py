"""How much asking a company has to bear, and how fast an account may send: decides only, from what was asked before.

It must not know the store, the clock or the config; the caller passes them in and acts on the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from slawatch.model import Asked, Relationship

MONTH = timedelta(days=30)  # rolling: a calendar month would let eight through around its end
QUARTER = timedelta(days=91)  # thirteen weeks, rolling
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
AGENT_MINUTES = 6
"""Assumed work of one answer, in minutes: ours, and shown as an assumption wherever it is."""

# A question nobody answers does not stay open for ever: a company that never answers could then be asked once only, and
# would drop out of the very figures it spoils. 7 days is the window of e-mail (docs/explanation.md, "Objectives").
LAPSES_AFTER = timedelta(days=7)

Limit = int | timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one company is asked to bear; None is no limit.

    `open`, `month`, `quarter` and `cooldown` (from one request to the next) hold on one channel, `month_all_channels`
    over all. Month and quarter roll: any 30 and any 91 days. The figures keep a company's cost at about half an hour a
    month (4 requests of 6 minutes each) and are slawatch's own proposal; no law names any.

    Raises:
        ValueError: a count below 1 or a negative cool-down. To ask nothing at all, pause the company.
    """

    open: int | None = 1
    month: int | None = 4
    quarter: int | None = 12
    month_all_channels: int | None = 8
    cooldown: timedelta | None = timedelta(days=7)

    def __post_init__(self) -> None:
        """Refuse what would stop all asking without saying so."""
        for name in ("open", "month", "quarter", "month_all_channels"):
            count = getattr(self, name)
            if count is not None and count < 1:
                raise ValueError(f'{name}: "{count}" lets nothing through; pause the company to ask nothing')
        if self.cooldown is not None and self.cooldown < timedelta(0):
            raise ValueError(f'cooldown: "{self.cooldown}" is negative; write "7 d"')


DEFAULT = Limits()
UNLIMITED = Limits(open=None, month=None, quarter=None, month_all_channels=None, cooldown=None)
FREE = frozenset({Relationship.OWN, Relationship.CONSENTED})  # nobody else's patience, or agreed with its owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a company may not be asked now. `rule` is the field of `Limits`; from `retry_at` on nothing is against it."""

    rule: str
    retry_at: datetime
    detail: str


def limits_for(relationship: Relationship, configured: Mapping[str, Any], reason: str = "") -> Limits:
    """Return the limits for a company: those the user wrote, over none at all for an own one and the defaults else.

    `configured` maps names of fields of `Limits` to their values; None takes a limit away.

    Raises:
        ValueError: a limit of a company neither own nor consented is raised above the default without a `reason`; or a
            value `Limits` refuses.
    """
    base = UNLIMITED if relationship is Relationship.OWN else DEFAULT
    limits = replace(base, **configured)
    names = raised(limits)
    if names and relationship not in FREE and not reason.strip():
        raise ValueError(
            f'{", ".join(names)}: raised for a company that is "{relationship}"; '
            'write down why as limits_reason = "...", or lower it again'
        )
    return limits


def raised(limits: Limits) -> tuple[str, ...]:
    """Return the names of those limits which let more through than the default."""
    return tuple(field.name for field in fields(Limits) if _lets_more(field.name, getattr(limits, field.name)))


def _lets_more(name: str, value: Limit) -> bool:
    if value is None:
        return True
    default = getattr(DEFAULT, name)
    return bool(value < default if name == "cooldown" else value > default)


def check(
    limits: Limits,
    history: Sequence[Asked],
    channel: str,
    now: datetime,
    *,
    lapses_after: timedelta = LAPSES_AFTER,
) -> Refusal | None:
    """Return what stands against asking the company on this channel now, or None.

    `history` holds what *this company* was asked, on all channels, reaching back 91 days or `lapses_after`, whichever
    is longer. Where several rules stand against it, the one that ends last is named, so that a slot is put off only
    once. An open request counts as open until it is `lapses_after` old: pass the window after which it is missed.
    """
    here = sorted(asked.at for asked in history if asked.channel == channel)
    everywhere = sorted(asked.at for asked in history)
    unanswered = sorted(asked.at for asked in history if asked.channel == channel and asked.open)
    refusals = [
        refusal
        for refusal in (
            _too_many("open", limits.open, unanswered, lapses_after, now, "still waiting for an answer"),
            _too_many("month", limits.month, here, MONTH, now, "asked within 30 days"),
            _too_many("quarter", limits.quarter, here, QUARTER, now, "asked within 91 days"),
            _too_many(
                "month_all_channels",
                limits.month_all_channels,
                everywhere,
                MONTH,
                now,
                "asked within 30 days over all channels",
            ),
            _too_soon(limits.cooldown, here, now),
        )
        if refusal is not None
    ]
    return max(refusals, key=lambda refusal: refusal.retry_at, default=None)


def _too_many(
    rule: str, limit: int | None, asked_at: Sequence[datetime], span: timedelta, now: datetime, words: str
) -> Refusal | None:
    """Refuse where `limit` or more of the ascending instants are younger than `span`."""
    if limit is None:
        return None
    counting = [at for at in asked_at if at + span > now]
    if len(counting) < limit:
        return None
    return Refusal(rule=rule, retry_at=counting[-limit] + span, detail=f"{len(counting)} {words}, limit {limit}")


def _too_soon(cooldown: timedelta | None, asked_at: Sequence[datetime], now: datetime) -> Refusal | None:
    if cooldown is None or not asked_at or asked_at[-1] + cooldown <= now:
        return None
    return Refusal(
        rule="cooldown",
        retry_at=asked_at[-1] + cooldown,
        detail=f"last asked at {asked_at[-1]:%Y-%m-%d %H:%M} UTC, cool-down {cooldown / DAY:g} d",
    )


def account_wait(
    sent_instants: Sequence[datetime], per_minute: int | None, per_day: int | None, now: datetime
) -> datetime | None:
    """Return the instant from which the account may send again, or None where it may now.

    `sent_instants` is in any order and reaches back a day. Both rates roll (any 60 seconds, any 24 hours); None is no
    limit.
    """
    ascending = sorted(sent_instants)
    refusals = (
        _too_many("per_minute", per_minute, ascending, MINUTE, now, "sent within a minute"),
        _too_many("per_day", per_day, ascending, DAY, now, "sent within 24 hours"),
    )
    return max((refusal.retry_at for refusal in refusals if refusal is not None), default=None)
