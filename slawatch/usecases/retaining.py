"""Throws away what is kept no longer, some at a time in each pass, and says what would go when. Figures stay.

It sends nothing and judges nothing anew: what was derived from a sealed message stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slawatch import retention
from slawatch.clock import to_micros
from slawatch.retention import Ends, Terms
from slawatch.store import Holding, Publication
from slawatch.store.auditing import ITSELF
from slawatch.usecases.world import World

KEY = "retention"  # meta: where the last pass stopped, and when to begin anew
AT_ONCE = 250  # looked at in one pass: 5 ms where nothing is over, half a second where all of it is (measured 2026-11)
EVERY = timedelta(hours=6)  # from one round through everything to the next; the shortest length anybody sets is days
PURGED = "purged"


class Stage(StrEnum):
    """What a round goes through, in this order."""

    MESSAGES = "messages"
    EXHIBITS = "exhibits"
    REQUESTS = "requests"
    LOGS = "logs"


ORDER = tuple(Stage)


@dataclass(slots=True)
class Purged:
    """How many lost their raw form, and how many their text; `finished` where nothing is left that is over."""

    raw: int = 0
    exhibits: int = 0
    texts: int = 0
    requests: int = 0
    logs: int = 0
    finished: bool = False

    def __bool__(self) -> bool:
        """Whether anything went."""
        return bool(self.raw or self.exhibits or self.texts or self.requests or self.logs)

    @property
    def words(self) -> str:
        """Return what went: "raw evidence of 12 messages, texts of 3 requests"."""
        kinds = (
            (self.raw, "raw evidence of {} messages"),
            (self.exhibits, "{} pictures and pages of chats"),
            (self.texts, "texts of {} messages"),
            (self.requests, "texts of {} requests"),
            (self.logs, "{} lines of logs"),
        )
        return ", ".join(words.format(number) for number, words in kinds if number)


@dataclass(slots=True)
class _Mark:
    """Where rounds stand: the stage, the last id looked at, when the next round begins, under which config."""

    stage: Stage = Stage.MESSAGES
    after: int = 0
    next_at: int = 0
    basis: str = ""
    unwritten: bool = False  # pages of what was thrown away may still stand in the write-ahead log


def enforce(world: World, *, most: int = AT_ONCE) -> Purged:
    """Look at so many things and throw away what is over; one look at one row where a round has just ended."""
    mark, done = _mark(world), Purged()
    now = world.clock.now()
    if mark.unwritten:
        mark.unwritten = not world.store.write_over()
        _keep(world, mark)
    if mark.stage is Stage.MESSAGES and not mark.after and to_micros(now) < mark.next_at:
        done.finished = True
        return done
    room = most
    with world.store.together():  # what is thrown away stands in the audit log, or is not thrown away
        ended = _Ending(world)
        while room > 0 and not done.finished:
            room -= _stage(world, ended, mark, done, room)
        if done:
            mark.unwritten = True
            world.store.audit(PURGED, "*", done.words, actor=ITSELF)
        _keep(world, mark)
    if mark.unwritten:
        mark.unwritten = not world.store.write_over()
        _keep(world, mark)
    return done


def enforce_all(world: World, tell: Callable[[Purged], object] = lambda _done: None) -> Purged:
    """Throw away all that is over, now."""
    world.store.set_meta(KEY, "{}")
    whole = Purged()
    while not whole.finished:
        done = enforce(world)
        for name in ("raw", "exhibits", "texts", "requests", "logs"):
            setattr(whole, name, getattr(whole, name) + getattr(done, name))
        whole.finished = done.finished
        tell(whole)
    return whole


class _Ending:
    """When things of this world are over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._privacy = world.config.privacy
        self._publications: list[Publication] | None = None
        self.now = world.clock.now()

    def of(self, one: Holding) -> Ends:
        """Return when it is over: of what belongs to several companies when it is for the last of them."""
        if not one.ties:
            return retention.ends(Terms(raw=self._privacy.unmatched, text=self._privacy.unmatched), one.came_at)
        return retention.latest(self._of_company(one.came_at, company, asked_at) for company, asked_at in one.ties)

    def whose(self, one: Holding) -> str:
        """Return whose it is, "" for nobody's."""
        return one.ties[0][0] if one.ties else ""

    def nothing_since(self) -> timedelta | None:
        """Return the age below which no message is over; None where none ever is."""
        companies = self._world.config.companies.values()
        every = {self._terms(company.key) for company in companies} | {self._privacy.gone}
        return retention.shortest(every, self._privacy.unmatched)

    def _of_company(self, came_at: datetime, company: str, asked_at: datetime) -> Ends:
        terms = self._terms(company)
        published = self._published(company, asked_at) if terms.published else None
        return retention.ends(terms, came_at, published)

    def _terms(self, key: str) -> Terms:
        company = self._world.config.companies.get(key)
        if company is None:
            return self._privacy.gone
        return company.retention

    def _published(self, company: str, asked_at: datetime) -> datetime | None:
        """Return when the first report was made that the request is in."""
        if self._publications is None:
            self._publications = self._world.store.publications()
        return next(
            (
                one.made_at
                for one in self._publications
                if one.since <= asked_at < one.until and (not one.companies or company in one.companies)
            ),
            None,
        )


def _stage(world: World, ended: _Ending, mark: _Mark, done: Purged, most: int) -> int:
    """Do a part of the stage that is at; returns how much of the pass that took."""
    if mark.stage is Stage.LOGS:
        text = world.config.privacy.text
        gone = world.store.seal_logs(ended.now - text, most) if text is not None else 0
        done.logs += gone
        if not gone:
            mark.stage, mark.after, mark.next_at = ORDER[0], 0, to_micros(ended.now + EVERY)
            done.finished = True
        return max(1, gone)
    held, last = _held(world, ended, mark, most)
    if mark.stage is Stage.MESSAGES:
        _seal_messages(world, ended, held, done)
    elif mark.stage is Stage.EXHIBITS:
        over = [one for one in held if retention.over(ended.of(one).raw, ended.now)]
        world.store.seal_exhibits(over)
        done.exhibits += len(over)
    else:
        over = [one for one in held if retention.over(ended.of(one).text, ended.now)]
        world.store.seal_requests([one.id for one in over])
        done.requests += len(over)
    if last:
        mark.stage, mark.after = ORDER[ORDER.index(mark.stage) + 1], 0
    else:
        mark.after = held[-1].id
    return max(1, len(held))


def _held(world: World, ended: _Ending, mark: _Mark, most: int) -> tuple[Sequence[Holding], bool]:
    """Return the next things of the stage, and whether none is behind them that could be over."""
    if mark.stage is Stage.EXHIBITS:
        held = world.store.exhibits_held(mark.after, most)
    elif mark.stage is Stage.REQUESTS:
        held = world.store.requests_held(mark.after, most)
    else:
        held = world.store.messages_held(mark.after, most)
        age = ended.nothing_since()
        old = [one for one in held if age is not None and one.came_at + age <= ended.now]
        if len(old) < len(held):  # they come in the order of arrival
            return old, True
    return held, len(held) < most


def _seal_messages(world: World, ended: _Ending, held: Sequence[Holding], done: Purged) -> None:
    ends = {one.id: ended.of(one) for one in held}
    raw = [one for one in held if one.raw and retention.over(ends[one.id].raw, ended.now)]
    texts = [one.id for one in held if retention.over(ends[one.id].text, ended.now)]
    world.store.seal_raw(raw)
    world.store.seal_message_texts(texts)
    done.raw += len(raw)
    done.texts += len(texts)


def _mark(world: World) -> _Mark:
    kept = json.loads(world.store.meta(KEY) or "{}")
    mark = _Mark(**{**kept, "stage": Stage(kept.get("stage", Stage.MESSAGES))})
    if mark.basis != world.config.digest:  # other lengths may hold now
        return _Mark(basis=world.config.digest, unwritten=mark.unwritten)
    return mark


def _keep(world: World, mark: _Mark) -> None:
    kept = {
        "stage": mark.stage.value,
        "after": mark.after,
        "next_at": mark.next_at,
        "basis": mark.basis,
        "unwritten": mark.unwritten,
    }
    world.store.set_meta(KEY, json.dumps(kept))


@dataclass(slots=True)
class Foreseen:
    """What is kept of a company ("" is of nobody) in one class; `over` of it are to go now, the next at `next_at`."""

    company: str
    what: str
    kept: int = 0
    over: int = 0
    next_at: datetime | None = None
    for_ever: bool = False


def foresee(world: World) -> list[Foreseen]:
    """Return what is kept of whom and when it goes, by company; throws nothing away."""
    ended = _Ending(world)
    found: dict[tuple[str, str], Foreseen] = {}
    for what, one, end in _everything(world, ended):
        key = (ended.whose(one), what)
        row = found.setdefault(key, Foreseen(company=key[0], what=what))
        row.kept += 1
        row.over += retention.over(end, ended.now)
        row.for_ever |= end is None
        if end is not None and (row.next_at is None or end < row.next_at):
            row.next_at = end
    return [found[key] for key in sorted(found)]


def _everything(world: World, ended: _Ending) -> Iterator[tuple[str, Holding, datetime | None]]:
    store = world.store
    for one in _all(store.messages_held):
        ends = ended.of(one)
        if one.raw:
            yield "raw", one, ends.raw
        yield "text", one, ends.text
    for one in _all(store.exhibits_held):
        yield "raw", one, ended.of(one).raw
    for one in _all(store.requests_held):
        yield "request", one, ended.of(one).text


def _all(held: Callable[[int, int], list[Holding]]) -> Iterator[Holding]:
    after = 0
    while some := held(after, AT_ONCE):
        yield from some
        after = some[-1].id
