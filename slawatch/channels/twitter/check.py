"""What `slawatch check` says of an account on X: can it log in, read and post, what is left, what X's rules ask.

Posts nothing: whether X would take a post is told from what it says the keys may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from slawatch.channels.base import Finding
from slawatch.channels.twitter.purse import dollars
from slawatch.channels.twitter.settings import micros
from slawatch.errors import ChannelError
from slawatch.model import ZERO

if TYPE_CHECKING:
    from slawatch.channels.twitter.platform import TwitterPlatform

SKEW_MAX = timedelta(seconds=60)  # half of what every look reads back beyond its mark
FEW = 5  # mentions that are read for a try; X hands over no fewer
FULL_FROM = 0.8

RULES = (
    "X's rules for programs: name a company uninvited only where it is your own, has consented, or X has approved; "
    "write direct messages only to who wrote first; post no text twice and no web address; have the account "
    "labelled as automated and say so in its description. A person may post anything that slawatch has prepared"
)


def findings(platform: TwitterPlatform) -> list[Finding]:
    """Return one finding a question, in the order in which they would fail."""
    its, name = platform.settings, platform.account
    try:
        me = platform.me()
    except ChannelError as error:
        return [Finding(ok=False, what=f"{name}: log in at {its.api_base}", cure=str(error))]
    found = [Finding(ok=True, what=f"{name}: logged in as @{me.handle}"), *_clock(platform), _mentions(platform)]
    if its.direct:
        found.append(_direct(platform))
    return [*found, *_posting(platform), *_money(platform), *_rules(platform)]


def _clock(platform: TwitterPlatform) -> Iterator[Finding]:
    """Look at the clock: posts are stamped by X's, and what was looked at until when by ours."""
    skew = platform.api.client.skew
    if abs(skew) > SKEW_MAX:
        off = f"{abs(skew).total_seconds() / 60:.0f} min {'behind' if skew > ZERO else 'ahead of'}"
        what = f"{platform.account}: this machine's clock is {off} X's"
        yield Finding(ok=False, what=what, cure="have it set over the network (NTP); till then silence cannot be timed")


def _mentions(platform: TwitterPlatform) -> Finding:
    what = f"{platform.account}: read mentions"
    try:
        platform.api.mentions(platform.me().id, 0, "", at_once=FEW)
    except ChannelError as error:
        return Finding(ok=False, what=what, cure=str(error))
    return Finding(ok=True, what=what)


def _direct(platform: TwitterPlatform) -> Finding:
    what = f"{platform.account}: read direct messages"
    try:
        platform.api.direct("", at_once=1)
    except ChannelError as error:
        return Finding(ok=False, what=what, cure=f"{error}; or write direct = false")
    return Finding(ok=True, what=what)


def _posting(platform: TwitterPlatform) -> Iterator[Finding]:
    level = platform.api.client.access_level
    what = f"{platform.account}: post"
    if level == "read":
        cure = "give the app read and write permission in X's developer portal, then make new access tokens"
        yield Finding(ok=False, what=f"{what}: these keys may only read", cure=cure)
    elif level:
        yield Finding(ok=True, what=f"{what}: these keys may ({level})")
    else:
        yield Finding(ok=True, what=f"{what}: X does not say whether these keys may; the first post will tell")
    if platform.settings.direct and level == "read-write":
        cure = "where direct messages are to be sent, give the app that permission and make new access tokens"
        yield Finding(ok=True, what=f"{what}: not by direct message", cure=cure)


def _money(platform: TwitterPlatform) -> Iterator[Finding]:
    spent, most = platform.api.purse.spent(), micros(platform.settings.month_max)
    if not most:
        yield Finding(
            ok=True,
            what=f"{platform.account}: {dollars(spent)} spent this month, without limit",
            cure="write month_max, so that a mistake cannot become expensive",
        )
        return
    what = f"{platform.account}: {dollars(spent)} of {dollars(most)} spent this month"
    if spent >= most:
        yield Finding(ok=False, what=what, cure="nothing is posted now; raise month_max or wait for the next month")
    elif spent >= FULL_FROM * most:
        yield Finding(ok=True, what=what, cure="posting stops when it is used up; raise month_max in time")
    else:
        yield Finding(ok=True, what=what)


def _rules(platform: TwitterPlatform) -> Iterator[Finding]:
    its = platform.settings
    cure = ""
    if not its.labelled:
        cure = (
            "where slawatch posts by itself, have X label the account as automated (its settings, Your account), "
            "then write labelled = true"
        )
    yield Finding(ok=True, what=f"{platform.account}: {RULES}", cure=cure)
