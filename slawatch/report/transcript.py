"""Puts a chat in order: its steps, its lines, and what its page looked like, each with the clock it is timed by.

Judges nothing and words nothing. Of whatever others wrote only what is cut and blotted gets through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from slawatch.model import Moment, MomentKind, Origin, Reply
from slawatch.redact import SIGN
from slawatch.report.blot import Blot
from slawatch.report.book import Event
from slawatch.report.model import Case, Kept
from slawatch.report.pictures import WORDS_MAX, picture
from slawatch.report.trail import Sight

Cut = Callable[[str], str]

CLOCKS = {"page": "page", "platform": "server", "seen": "local"}  # by Stamps.source; Moment.clock says it itself
TOGETHER = timedelta(seconds=5)  # a picture of a page and the page in words are taken one after the other
NEAR = timedelta(minutes=1)  # a picture is of the step it was taken at, even where the browser was busy for a while
ALIKE_MAX = 3  # steps of a kind in a row; a chat parked for a night is reopened a hundred times

_LINES = frozenset({MomentKind.GREETING, MomentKind.NOTICE, MomentKind.OFFLINE_FORM})
# What others see of who joined or left is mostly the name of somebody who works there: that stays in `explain`.
_SEEN = frozenset({MomentKind.QUEUED, MomentKind.CLOSED, MomentKind.UNDELIVERED, MomentKind.LEFT, MomentKind.PARKED})
_SOMEBODY = re.compile(r"[\w.+=/-]*@[\w.+=/-]+(?::[\w.-]+)?")  # "@anna:shop.example took us out", a JID, an address
_FAMILY = {"moment-reopened": "moment-parked"}


def transcript(case: Case, plain: Iterable[Event], hide: Blot, cut: Cut) -> tuple[Event, ...]:
    """Return everything that happened in a chat, in order; `plain` is what would stand there without its steps."""
    lines = [event for one in plain for event in _fit(case, one, hide, cut)]
    steps = [_step(case, moment, hide, cut) for moment in case.moments]
    # At the same instant what we wrote comes before the wait it begins.
    events = sorted([*steps, *lines], key=lambda event: event.at)
    return tuple(_shortened(_with_sights(case, events, hide)))


def said(case: Case, event: Event, reply: Reply, hide: Blot) -> Event:
    """Return the event of a line with who wrote it, by which mark, and by which clock it is timed."""
    began, mark = case.request.accepted_at, case.marks.get(reply.message_id)
    return replace(
        event,
        offset=None if began is None else reply.stamps.at - began,
        clock=CLOCKS.get(reply.stamps.source, ""),
        earlier=reply.stamps.earlier,
        later=reply.stamps.later,
        speaker={True: "machine", False: "person", None: "unknown"}[reply.kind.automatic],
        author=str(mark.author) if mark else "",
        author_by=hide(mark.by) if mark else "",
        says_machine=reply.says_machine,
        sender="",  # the other end of the chat is the company; which of its people that was is nobody's business
    )


def _fit(case: Case, event: Event, hide: Blot, cut: Cut) -> Iterator[Event]:
    """Yield the event as a chat has it: what we meant to ask is asked once it stands there."""
    request, words = case.request, cut(hide(case.request.text.body))
    if event.what == "asked" and request.accepted_at is None and not _has(case, MomentKind.SUBMITTED):
        yield replace(event, what="meant", detail="", excerpt=words, speaker="ourselves")
    elif event.what == "accepted":
        spoken = "" if _has(case, MomentKind.SUBMITTED) else words
        yield replace(event, what="began", excerpt=spoken, speaker="ourselves" if spoken else "", offset=timedelta(0))
    elif event.what == "attempt-refused" and _led_nowhere(case):
        yield replace(event, what="attempt-unreachable")
    elif event.what.startswith("follow-up-"):
        offset = None if request.accepted_at is None else event.at - request.accepted_at
        yield replace(event, speaker="ourselves", offset=offset)
    elif event.what != "asked":
        yield event


def _led_nowhere(case: Case) -> bool:
    reason = case.outcome.void_reason
    return reason is not None and (reason.theirs or reason.ours)


def _has(case: Case, kind: MomentKind) -> bool:
    return any(moment.kind is kind for moment in case.moments)


def _step(case: Case, moment: Moment, hide: Blot, cut: Cut) -> Event:
    saw = cut(hide(_SOMEBODY.sub(SIGN, moment.saw) if moment.kind in _SEEN else moment.saw))
    ours = moment.kind is MomentKind.SUBMITTED
    note = moment.kind is MomentKind.NOTICE and case.request.origin is Origin.RECORDED  # by whoever kept the time
    return Event(
        at=moment.at,
        what="note" if note else f"moment-{moment.kind}",
        offset=None if case.request.accepted_at is None else moment.at - case.request.accepted_at,
        clock=moment.clock,
        earlier=moment.earlier,
        later=moment.later,
        detail=saw if moment.kind in _SEEN else "",
        excerpt=cut(hide(case.request.text.body)) if ours else saw if moment.kind in _LINES else "",
        speaker="ourselves" if ours or note else "page" if moment.kind in _LINES and saw else "",
    )


def _with_sights(case: Case, events: Sequence[Event], hide: Blot) -> list[Event]:
    """Return the events with what the page looked like at each; what belongs to none of them stands by itself."""
    found = list(events)
    for sight in _sights(case.exhibits, hide):
        near = [place for place, event in enumerate(found) if _shows(sight, event)]
        if near:
            place = min(near, key=lambda one: abs(found[one].at - sight.at))
            found[place] = replace(found[place], sights=(*found[place].sights, sight))
        else:
            found.append(Event(at=sight.at, what="sight", sights=(sight,)))
    return sorted(found, key=lambda event: event.at)


def _shows(sight: Sight, event: Event) -> bool:
    if sight.moment is MomentKind.FIRST_ANSWER:
        return event.role in {"first", "both"}
    return event.what == f"moment-{sight.moment}" and abs(event.at - sight.at) <= NEAR


def _sights(kept: Sequence[Kept], hide: Blot) -> Iterator[Sight]:
    """Yield what there is to see of each moment, a picture together with the page in words that was kept with it.

    What else was kept, a document or a recording, is as good as a picture that is left out.
    """
    pictures = [one for one in kept if not one.media.startswith("text/")]
    words = [one for one in kept if one.media.startswith("text/") and one.raw]
    for one in pictures:
        shown = picture(one.raw, one.media) if one.raw is not None else None
        beside = [other for other in words if other.moment is one.moment and abs(other.at - one.at) <= TOGETHER]
        for other in beside[:1]:
            words.remove(other)
        text = _text(beside[0], hide) if beside else ""
        yield Sight(moment=one.moment, at=one.at, picture=shown, words=text, left_out=shown is None)
    for one in words:
        yield Sight(moment=one.moment, at=one.at, words=_text(one, hide))


def _text(kept: Kept, hide: Blot) -> str:
    text = hide((kept.raw or b"").decode("utf-8", "replace")).strip()
    return text if len(text) <= WORDS_MAX else f"{text[:WORDS_MAX]} …"


def _shortened(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events, of many steps alike in a row only the first and the last."""
    for _, run in groupby(events, key=_alike):
        alike = list(run)
        if len(alike) <= ALIKE_MAX:
            yield from alike
        else:
            yield replace(alike[0], skipped=len(alike) - 2)
            yield alike[-1]


def _alike(event: Event) -> object:
    """Return what steps in a row share; a line, and whatever has something to see, is like nothing else."""
    if not event.what.startswith("moment-") or event.sights or event.excerpt:
        return id(event)
    return _FAMILY.get(event.what, event.what)
