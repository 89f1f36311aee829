"""Which letters of an archive are questions, to or by whom. Counts why the others are none, and judges no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from slawatch.inheritance import STANDARD
from slawatch.model import Standard
from slawatch.threads import Conversation
from slawatch.usecases.survey import Noted, Ours, Survey, group_of, no_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of the archives.

    `we_ask`: our letters against outsiders' answers; else outsiders' letters against ours. Letters that opened a
    conversation from `since` on and before `until` count. `names` gives groups (domains, addresses) the company they
    belong to, `standards` what one is held to; all others get `standard`. At most `top` are told of, the largest.
    """

    ours: Ours
    we_ask: bool = True
    since: datetime | None = None
    until: datetime | None = None
    top: int = 20
    names: Mapping[str, str] = field(default_factory=dict)
    only_named: bool = False
    standards: Mapping[str, Standard] = field(default_factory=dict)
    standard: Standard = STANDARD
    zone: str = "UTC"
    lang: str = "en"
    excerpts: bool = False
    config_digest: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A conversation that began with a question: to or by whom it counts, and at which address it was asked."""

    group: str
    target: str
    first: Noted
    conversation: Conversation


def questions(talks: Iterable[Conversation], found: Survey, wanted: Wanted, left_out: Counter[str]) -> Iterator[Asked]:
    """Yield the conversations that a question opened; `left_out` counts the others by the key of the reason."""
    for talk in talks:
        first = found.noted[talk.first.number]
        if first.letter.ours is not wanted.we_ask:
            continue
        group, target, why = _addressee(first, wanted) if wanted.we_ask else _addressed(first, wanted)
        why = why or _why_not(first, wanted)
        if why:
            left_out[why] += 1
        else:
            yield Asked(group=group, target=target, first=first, conversation=talk)


def _why_not(first: Noted, wanted: Wanted) -> str:
    """Return why a first letter is no question, "" where it may be one."""
    if first.asks_nobody:
        return "machine"
    if not first.letter.opens:
        return "reply"
    if first.letter.passes_on:
        return "forwarded"
    at = first.stamps.at
    if (wanted.since is not None and at < wanted.since) or (wanted.until is not None and at >= wanted.until):
        return "period"
    return ""


def _addressee(first: Noted, wanted: Wanted) -> tuple[str, str, str]:
    """Return whom a letter of ours asks: group, address, and why it asks nobody."""
    if not wanted.ours.named(first.sender):
        return "", "", "colleague"
    outside = [one for one in first.to if not wanted.ours.inside(one)]
    groups = dict.fromkeys(named(group_of(one), wanted) for one in outside)
    if not groups:
        return "", "", "nobody"
    if len(groups) > 1:
        return "", "", "several"
    if all(map(no_reply, outside)):
        return "", "", "no_reader"
    (group,) = groups
    return group, outside[0], "" if _wanted_name(group, wanted) else "unnamed"


def _addressed(first: Noted, wanted: Wanted) -> tuple[str, str, str]:
    """Return at which address of ours an outsider's letter asks: group, address, and why it asks none."""
    if not first.got_at:
        return "", "", "not_to_us"
    if no_reply(first.sender):
        return "", "", "no_reader"
    # The address they wrote to, not where it was delivered: info@ may be many people's.
    target = next((one for one in first.to if one in first.got_at), first.got_at[0])
    local, _, domain = target.rpartition("@")
    group = f"{local.partition('+')[0]}@{domain}"
    return group, group, "" if _wanted_name(group, wanted) else "unnamed"


def named(group: str, wanted: Wanted) -> str:
    """Return the company a group belongs to where it was given one: several domains may be one company's."""
    return wanted.names.get(group, group)


def _wanted_name(group: str, wanted: Wanted) -> bool:
    return not wanted.only_named or group in wanted.names.values()
