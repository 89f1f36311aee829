"""Turns what the observer told of a page into messages and steps of its chat. Decides nothing about what they mean.

Only what came after our own text is a message; what stood there before is a greeting, and stays one when told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slawatch.channels.webchat import evidence
from slawatch.channels.webchat.recipe import FlagName, Sender
from slawatch.channels.webchat.seen import plain
from slawatch.channels.webchat.state import Journal, Said
from slawatch.model import ZERO, Author, Moment, MomentKind, Stamps

if TYPE_CHECKING:
    from slawatch.channels.webchat.recipe import Recipe
    from slawatch.channels.webchat.seen import Seen
    from slawatch.channels.webchat.state import Chat
    from slawatch.clock import Clock

OURS = "ours"
BY_HAND = "by hand: "
GREETING = "greeting"
_AUTHORS = {Sender.AGENT: Author.AGENT, Sender.BOT: Author.BOT, Sender.UNKNOWN: Author.UNKNOWN}
_STEPS = {
    FlagName.QUEUE: MomentKind.QUEUED,
    FlagName.TYPING: MomentKind.TYPING,
    FlagName.AGENT_JOINED: MomentKind.AGENT_JOINED,
    FlagName.CLOSED: MomentKind.CLOSED,
}
CLOCKS_APART_SECONDS = 1.0  # less than that is taken for the time it takes to ask a page
REJOINING = timedelta(seconds=30)  # how long a page that was cut off may take to show what it missed
_BLINDING = frozenset({FlagName.OFFLINE, FlagName.BLOCKED, FlagName.CAPTCHA})


def one_line(text: str) -> str:
    """Return a text as it is typed and compared: in a chat a line break would send the first half."""
    return " ".join(text.split())


def keep_step(
    journal: Journal, request: str, kind: MomentKind, at: datetime, *, saw: str = "", clock: str = "local"
) -> None:
    """Keep a step of a chat."""
    journal.see(request, Moment(request=request, kind=kind, at=at, clock=clock, saw=saw))


class Teller:
    """What was told of one opening of a chat's page.

    `absent_since` is when we looked last before it was opened again: what stands there at once came between that and
    now. None where it is the first page of its chat. While one of `blinding` shows, the page says itself that it does
    not show what there is.
    """

    def __init__(
        self, journal: Journal, clock: Clock, recipe: Recipe, request: str, *, absent_since: datetime | None = None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._recipe = recipe
        self._request = request
        self._absent_since = absent_since
        self._behind = 0.0  # seconds that the page's clock is behind the machine's
        self._gap: tuple[datetime, datetime | None] | None = None  # when the page was cut off: since, and until
        self._numbers: Counter[str] = Counter()
        self.ours: dict[str, bool] = {}  # which of our lines it showed, and whether under a name of the page's own
        self.answered = False  # by somebody who is no machine as far as the page says
        self.news = False  # whether anybody did anything; whoever asks sets it back
        self.blinding: set[FlagName] = set()
        self.closed = False

    def tell(self, told: Iterable[Seen], *, history: bool = False) -> None:
        """Keep what was told, in the order of the page; `history` is what stood there when it was opened again."""
        lines = list(told)
        # What stands above our own text was there before it; where ours is not in sight, nothing is known to be above.
        ours = next((index for index, one in enumerate(lines) if self._is_ours(one)), None) if history else None
        for index, one in enumerate(lines):
            if one.kind == "flag":
                self._flag(one)
            else:
                self._item(one, above=ours is not None and index < ours, history=history)

    def when(self, page_seconds: float) -> datetime:
        """Return a stamp of the page's clock by ours."""
        return self._clock.when(datetime.fromtimestamp(page_seconds + self._behind, UTC))

    def compare(self, page_seconds: float, earliest: float, latest: float) -> None:
        """Take note of what the page's clock showed at some time between two readings of the machine's.

        A page counts on from when it was loaded: it stands still while the machine sleeps, and does not follow where
        the machine's clock is set. What it shows afterwards may have come at any time since the last look.
        """
        behind = min(max(self._behind, earliest - page_seconds), latest - page_seconds)
        if abs(behind - self._behind) < CLOCKS_APART_SECONDS:
            return
        self._behind = behind
        now = self._clock.when(datetime.fromtimestamp(latest, UTC))
        self._gap = (min(self._seen_until(now), now), now)

    def shows_ours(self, told: Iterable[Seen]) -> bool:
        """Whether a line of ours is among what was told."""
        return any(self._is_ours(one) for one in told)

    def recognises(self, told: Iterable[Seen]) -> bool:
        """Whether a line that only this chat holds is among what was told; greetings and notices stand in every one."""
        lines = list(told)
        names = {evidence.line_id(self._request, one.key) for one in lines if one.kind == "item" and one.key}
        held = {
            name for kind, name, value, _ in self._journal.lines(self._request) if kind == "message" or value == OURS
        }
        return self.shows_ours(lines) or bool(names & held)

    def _seen_until(self, now: datetime) -> datetime:
        """Return until when nothing can have come that we do not know of."""
        chat = self._journal.chat(self._request)
        return now if chat is None else chat.looked_at or chat.began_at

    def _step(self, kind: MomentKind, at: datetime, *, saw: str = "") -> None:
        keep_step(self._journal, self._request, kind, at, saw=saw, clock="page")

    def _is_ours(self, one: Seen) -> bool:
        ours = one.author in {Sender.VISITOR, Sender.UNKNOWN} and not one.echo
        return one.kind == "item" and ours and self._said(one_line(one.text)) is not None

    def _said(self, text: str, line: str = "") -> Said | None:
        """Return what of ours a line is: the very one, or one that was not seen yet, or one that has a new name."""
        ours = self._journal.said(request=self._request)
        # Under the name that our line got when it was typed it may stand in other words: pages trim and link.
        same = [said for said in ours if plain(said.text) == plain(text) or (line and said.line == line)]
        return min(same, key=lambda said: (said.line != line, bool(said.line)), default=None)

    def _flag(self, one: Seen) -> None:
        name = FlagName(one.name)
        shows = one.value is not None and one.value is not False and one.value != ""
        saw = "" if one.value is True or not shows else str(one.value)
        if name in _BLINDING:
            self._blind(name, self.when(one.t_seen), shows=shows)
        if name is FlagName.CLOSED:
            self.closed = shows
        self.news |= name in _STEPS
        if shows and name in _STEPS:
            self._step(_STEPS[name], self.when(one.t_seen), saw=saw)
        elif shows:
            self._step(MomentKind.NOTICE, self.when(one.t_seen), saw=f"{name} {saw}".strip())

    def _blind(self, name: FlagName, at: datetime, *, shows: bool) -> None:
        """Note that the page says it is cut off, or no longer: what it missed comes with its return."""
        if shows and not self.blinding:
            self._gap = (min(self._seen_until(at), at), None)
        (self.blinding.add if shows else self.blinding.discard)(name)
        if not self.blinding and self._gap is not None and self._gap[1] is None:
            self._gap = (self._gap[0], at)

    def _absent_at(self, at: datetime, chat: Chat | None, *, history: bool) -> datetime | None:
        """Return since when a line that showed then may have been there unseen; None where it came before our eyes."""
        if history and self._absent_since is not None:
            return min(self._absent_since, at)
        if self._gap is None:
            return None
        since, until = self._gap
        before_us = chat is not None and chat.said_at is not None and until is not None and until <= chat.said_at
        if before_us or (until is not None and at > until + REJOINING):
            return None
        return min(since, at)

    def _item(self, one: Seen, *, above: bool, history: bool) -> None:
        line = evidence.line_id(self._request, one.key or self._number(one))
        at = self.when(one.t_text)
        text = one_line(one.text)
        if one.author is Sender.VISITOR or self._is_ours(one):
            self._visitor(one, line, at, text, history=history)
            return
        if self._journal.has(self._request, line):
            return  # told again, as after every repainting
        if one.author is Sender.SYSTEM:
            if self._journal.mark(self._request, line, at, text):
                self._step(MomentKind.NOTICE, at, saw=text)
            return
        chat = self._journal.chat(self._request)
        before = chat is None or chat.said_at is None or (not history and at < chat.said_at)
        if before or above or (chat is not None and history and text in chat.greetings):
            self._greeting(line, at, text)
            return
        absent_at = self._absent_at(at, chat, history=history)
        stamps = self._stamps(one, at, chat.offset if chat else None, absent_at, history=history)
        raw = evidence.theirs(
            own_id=line,
            target=chat.target if chat else "",
            request=self._request,
            text=one.text.strip(),
            author=_AUTHORS[one.author],
            author_by=one.rule,
            stamps=stamps,
            seen={**_plain(asdict(one)), "recipe": self._recipe.digest, "page": self._recipe.url},
        )
        self._journal.see(self._request, evidence.incoming(raw))
        self.news = True
        self.answered |= one.author is not Sender.BOT

    def _visitor(self, one: Seen, line: str, at: datetime, text: str, *, history: bool) -> None:
        """Keep a line of our side: one that we typed, or one that the user did by other means."""
        said = self._said(text, line)
        if said is None:
            self._journal.mark(self._request, line, at, f"{BY_HAND}{text}")
            return
        self.ours[said.own_id] = bool(one.key) or self.ours.get(said.own_id, False)
        self._journal.mark(self._request, line, at, OURS)
        if said.line != line:
            self._journal.say(replace(said, line=line))
        if one.server_stamp is not None and not history:
            self._journal.change(self._request, offset=(one.server_stamp - at).total_seconds())

    def _greeting(self, line: str, at: datetime, text: str) -> None:
        if not self._journal.mark(self._request, line, at, GREETING):
            return
        self._step(MomentKind.GREETING, at, saw=text)
        chat = self._journal.chat(self._request)
        if chat is not None and text not in chat.greetings:
            self._journal.change(self._request, greetings=(*chat.greetings, text))

    def _number(self, one: Seen) -> str:
        """Return a name for a line that the page gives none: who wrote what, and for the how-many-th time."""
        what = f"{one.author} {one_line(one.text)}"
        self._numbers[what] += 1
        return f"{self._numbers[what]} {what}"

    def _stamps(
        self, one: Seen, at: datetime, offset: float | None, absent_at: datetime | None, *, history: bool
    ) -> Stamps:
        """Return when a line came: the page's stamp, or the time between two looks where none was open."""
        if absent_at is None:
            poll = self._recipe.transcript.poll
            why = f"the page asks for news every {poll.total_seconds():g} s" if poll else ""
            return Stamps(at=at, source="page", why=why, earlier=poll)
        cut_off = "closed" if history else "cut off"
        stamp = None if one.server_stamp is None else one.server_stamp - timedelta(seconds=offset or 0.0)
        # Both our own line's stamp and this one's are cut off: the difference may be off to either side.
        within = one.resolution
        if stamp is not None and absent_at <= stamp + within and stamp - within <= at:
            return Stamps(
                at=min(max(stamp, absent_at), at),
                source="platform",
                why=f"the stamp in the page; it came while the page was {cut_off}",
                earlier=within if offset is not None else ZERO,
                later=within,
            )
        why = f"it came while the page was {cut_off}: after one look and before the next"
        return Stamps(at=at, source="seen", why=why, earlier=at - absent_at)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values that JSON can hold."""
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else value.total_seconds()
        if isinstance(value, timedelta)
        else value
        for name, value in values.items()
        if value not in (None, "", {}) and name not in {"kind", "name", "value"}
    }
