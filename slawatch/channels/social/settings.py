"""What accounts on platforms for public posts have in common: the keys of the config, and how a handle is written.

Loaded with every config, so it must load nothing that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from slawatch.channels.email.settings import address_problem
from slawatch.model import Measure, Objective, ObjectiveKind, Standard

# Public posts are a medium of minutes. X's search reaches back seven days, and must still reach a request that is to be
# missed, so the window is shorter.
STANDARD = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=timedelta(minutes=5), at_least=0.9),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(hours=1), at_least=0.9),
    ),
    window=timedelta(days=5),
)

FASTEST = timedelta(seconds=5)  # between two looks; at X that is 60 % of what a user may ask for mentions


def handle_of(address: str) -> str:
    """Return the handle that an address names, as platforms compare them: "@Acme" gives "acme"."""
    return address.strip().removeprefix("@").lower()


def handle_problem(address: str, form: re.Pattern[str], like: str) -> str | None:
    """Return what is wrong with a handle; None where `form` takes all of it. `like` shows how one is written."""
    if form.fullmatch(handle_of(address)):
        return None
    return f'"{address}" is not a handle; write it like "{like}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialSettings:
    """The keys that every public account has; `help` of each field is what the reference says about it."""

    handle: str = field(metadata={"help": "the account that asks, like @anna"})
    name: str = field(default="", metadata={"help": "who that is, for reports; the handle where not given"})
    poll: timedelta = field(
        default=timedelta(seconds=30), metadata={"help": "between two looks while an answer may come any moment"}
    )
    poll_idle: timedelta = field(default=timedelta(minutes=5), metadata={"help": "between two looks at other times"})
    direct: bool = field(default=True, metadata={"help": "read the account's direct messages, too"})
    approval: str = field(
        default="",
        metadata={"help": "who at the platform has allowed this account to ask by itself, and when; kept as evidence"},
    )
    labelled: bool = field(
        default=False, metadata={"help": "the account bears the platform's label for automated accounts"}
    )
    month_max: float = field(
        default=0.0,
        metadata={
            "help": "what a month may cost, in the currency of the prices: before it is passed, asking stops; 0 for any"
        },
    )
    timeout: timedelta = field(default=timedelta(seconds=30), metadata={"help": "how long one call may take"})
    notify: str = field(
        default="", metadata={"help": "the e-mail address that is told what a person is to post from this account"}
    )
    notify_from: str = field(
        default="", metadata={"help": "the e-mail account that tells it, where there is more than one"}
    )

    def shared_problems(self, form: re.Pattern[str], like: str) -> Iterable[tuple[str, str]]:
        """Return what is wrong with these keys beyond their types: (field, message) each."""
        problem = handle_problem(self.handle, form, like)
        if problem:
            yield "handle", problem
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"
        unheard = address_problem(self.notify) if self.notify else None
        if unheard:
            yield "notify", unheard
        if self.poll < FASTEST:
            yield "poll", f'"{self.poll.total_seconds():g} s" is more often than platforms allow; write "30 s"'
        if self.poll_idle < self.poll:
            yield "poll_idle", "it is shorter than poll; write a longer time, or leave both out"
        if self.month_max < 0:
            yield "month_max", f'"{self.month_max:g}" is less than nothing; write 0 for no limit'
