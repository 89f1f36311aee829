"""What a person did by hand and heard: requests, replies, silence and evidence as they say it was, and the way back.

Each thing is kept when it is said, with what it was before, so that the last one can be taken back. Sends nothing.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slawatch import promise as promises
from slawatch.channels.base import Batch
from slawatch.channels.manual import notes
from slawatch.channels.manual.settings import network_of
from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import (
    ZERO,
    Delivery,
    Exhibit,
    Incoming,
    MessageKind,
    Moment,
    MomentKind,
    Origin,
    Reply,
    Request,
    Stamps,
    VoidReason,
)
from slawatch.usecases.by_hand import CHANNEL, request_of
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.collect import Collecting, derive
from slawatch.usecases.outcomes import GAVE_UP
from slawatch.usecases.recorded import heard, listening
from slawatch.usecases.world import World, keep_quiet

KEPT, BACK, REWORDED = "recorded", "taken-back", "reworded"  # events
AN_INSTANT = timedelta(microseconds=1)
EVIDENCE_MAX = 25_000_000  # octets of one file
STOPPED = "stopped listening"
REASON = "recorded by hand"  # of the review that says what kind it is
UNREACHED = (
    VoidReason.OFFLINE,
    VoidReason.BLOCKED,
    VoidReason.WIDGET_ABSENT,
    VoidReason.CAPTCHA,
    VoidReason.PROBE_ERROR,
)

_MEDIA = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".html": "text/html",
    ".json": "application/json",
    ".eml": "message/rfc822",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """When something happened: between `at` - `earlier` and `at` + `later`; `noted` says how that was taken."""

    at: datetime
    earlier: timedelta = ZERO
    later: timedelta = ZERO
    noted: str = ""


# --- what happened ---


def sent(world: World, request: Request, when: Instant, *, where: str = "--sent") -> Request:
    """Keep that a person asked it then: from now on their wait runs.

    Raises:
        UsageError: it lies in the future, or it was asked already.
    """
    _not_ahead(world, request, when, where)
    if request.delivery is Delivery.SENT:
        raise UsageError(
            f"{where}: {request.public_id} was asked already; if that was wrong: "
            f"slawatch record --undo {request.public_id}"
        )
    asked = replace(
        _tried(request, when),
        delivery=Delivery.SENT,
        accepted_at=when.at,
        accepted_uncertainty=max(when.earlier, when.later),
        void_reason=None,
        void_detail="",
    )
    with world.store.together():
        kept = _keep(world, request, asked, "sent")
        _listen(world, kept, when.at)
    return kept


def unreachable(
    world: World, request: Request, when: Instant, reason: VoidReason, why: str, *, where: str = "--unreachable"
) -> Request:
    """Keep that the way led to nobody, then and for that reason: nobody was asked, so nobody is silent.

    Raises:
        UsageError: it lies in the future, or somebody was reached after all.
    """
    _not_ahead(world, request, when, where)
    if request.delivery is Delivery.SENT and heard(world, request):
        raise UsageError(f"{where}: somebody was heard of in {request.public_id}, so it was reached")
    failed = replace(
        _tried(request, when),
        delivery=Delivery.REFUSED,
        accepted_at=None,
        accepted_uncertainty=ZERO,
        void_reason=reason,
        void_detail=why,
    )
    with world.store.together():
        return _keep(world, request, failed, "unreachable")


def said(
    world: World, request: Request, kind: MessageKind, when: Instant, *, text: str = "", who: str, where: str
) -> None:
    """Keep what came back, as the person says it is; their word stands as a review's does.

    Raises:
        UsageError: nothing was asked so far, or it lies in the future or before the question.
    """
    _not_ahead(world, request, when, where)
    if request.delivery is not Delivery.SENT or request.accepted_at is None:
        raise UsageError(f"{where}: {request.public_id} was not asked so far; say when with --sent")
    if when.at + when.later < request.accepted_at - (request.accepted_uncertainty if not when.later else ZERO):
        asked_at = _local(request.accepted_at, request.zone)
        raise UsageError(
            f'{where}: "{_local(when.at, request.zone)}" is before it was asked, at {asked_at}; correct one'
        )
    with world.store.together():
        message = _add_note(world, request, kind, when, text=text, who=who)
        _journal(world, request, what="said", message=message, kind=kind.value)
        _listen(world, request, when.at)
    _derive(world, request)


def listened(world: World, request: Request, when: Instant, *, gave_up: bool, where: str) -> None:
    """Keep until when the person would have noticed an answer, and whether they wait for one any longer.

    Raises:
        UsageError: nothing was asked so far, it lies in the future, or something came later.
    """
    _not_ahead(world, request, when, where)
    if request.accepted_at is None:
        raise UsageError(f"{where}: {request.public_id} was not asked so far; say when with --sent")
    last = max([request.accepted_at, *(reply.stamps.at for reply in heard(world, request))])
    if when.at + when.later < last:
        raise UsageError(
            f'{where}: "{_local(when.at, request.zone)}" is before what was recorded last, '
            f"at {_local(last, request.zone)}; correct one"
        )
    before = listening(world, request)
    with world.store.together():
        _journal(
            world,
            request,
            what="listened",
            before=None if before is None else [before.at.isoformat(), before.saw],
            why=GAVE_UP if gave_up else STOPPED,
        )
        _set_listening(world, request, max(when.at, last + AN_INSTANT), GAVE_UP if gave_up else STOPPED)


def told_again(world: World, request: Request, *, again_: bool) -> Request:
    """Keep whether everything had to be told once more, in a request that takes up another.

    Raises:
        UsageError: it takes up none.
    """
    if request.continues is None:
        raise UsageError(f"--told-again: {request.public_id} takes up no other request; name it with --continues")
    with world.store.together():
        _journal(world, request, what="told-again", before=request.told_again)
        noted = replace(request, told_again=again_)
        world.store.keep_recorded(noted, KEPT)
    return noted


def continued(world: World, request: Request, public_id: str) -> Request:
    """Keep whose matter a recorded request takes up.

    Raises:
        UsageError: that is none of this company's, or this one itself.
    """
    target = world.target(request.company, request.channel, request.target)
    before = world.store.request(public_id)
    if before is None or before.company != request.company or before.id == request.id or target is None:
        raise UsageError(f'--continues: "{public_id}" is no other request to {request.company}')
    noted = replace(request, continues=before.id)
    world.store.keep_recorded(noted, KEPT)
    return noted


def add(
    world: World, request: Request, *, files: Sequence[Path], note: str, at: datetime, kind: MessageKind | None
) -> None:
    """Keep files with the request, untouched (a photograph of a letter, a picture of a screen), and a remark.

    `kind` is what the reply was that they show, None for what we asked. They change no figure.

    Raises:
        UsageError: one cannot be read, or is larger than a store should hold.
    """
    moment = MomentKind.SUBMITTED if kind is None else MomentKind.FIRST_ANSWER if kind.by_person else MomentKind.NOTICE
    taken = len(world.store.exhibits([request.id]).get(request.id, ()))
    exhibits = tuple(
        Exhibit(
            request=request.message_id,
            moment=moment,
            at=at + AN_INSTANT * (taken + number),  # two of one kind at one time would be taken for the same
            media=_MEDIA.get(path.suffix.lower(), "application/octet-stream"),
            raw=_bytes(path),
            name=path.name,
        )
        for number, path in enumerate(files)
    )
    remark = (Moment(request=request.message_id, kind=MomentKind.NOTICE, at=at, saw=note.strip()),) if note else ()
    if exhibits or remark:
        _hand_over(world, request, moments=remark, exhibits=exhibits)


def joined(words: str, promise: str) -> str:
    """Return what was said and what was promised as two sentences: each is read for itself."""
    said_first = f"{words}." if words and promise and words[-1] not in ".!?…" else words
    return f"{said_first}\n{promise}".strip()


def promised(world: World, target: Target | Request, words: str, at: datetime) -> None:
    """Raise UsageError where nobody could tell by these words when a promise is due."""
    address = target.address if isinstance(target, Target) else target.target
    zone = calendar_of(world, target.company, target.channel, address).zone
    if not promises.find(words, at=at, zone=zone):
        raise UsageError(
            f'--promise: "{words}" names no time by which something comes; write it like '
            '"we call back by tomorrow noon" or "you get an answer within 2 days"'
        )


def reword(world: World, request: Request, reply: Reply, text: str, *, who: str) -> None:
    """Keep what they said in a reply that was stamped without words. The bare stamp stays in the history."""
    (message,) = world.store.messages(ids=[reply.message_id])
    stamps = message.stamps
    when = Instant(at=stamps.at, earlier=stamps.earlier, later=stamps.later, noted=stamps.why)
    with world.store.together():
        world.store.add_review(
            message.id, who=who, reason="it was noted again, with what they said", request_ids=(), was=REASON
        )
        new = _add_note(world, request, reply.kind, when, text=text, who=who)
        detail = json.dumps({"from": message.id, "to": new}, sort_keys=True)
        world.store.event(REWORDED, request.public_id, detail)
    _derive(world, request)


# --- the way back ---


def take_back(world: World, public_id: str, *, who: str) -> str:
    """Take back what was recorded last, and say what that was; it stays in the history, and can be recorded anew.

    Raises:
        UsageError: nothing is left to be taken back.
    """
    request = request_of(world, public_id)
    stack = _done(world, request)
    if not stack:
        raise UsageError(f"--undo: nothing recorded in {public_id} is left to be taken back")
    last = stack[-1]
    what = str(last["what"])
    with world.store.together():
        words = _undo(world, request, last, who)
        world.store.event(BACK, public_id, json.dumps({"what": what, "who": who}, sort_keys=True))
    if what == "said":
        _derive(world, request)
        _listen_to_the_last(world, request)
    return words


def _undo(world: World, request: Request, last: Mapping[str, Any], who: str) -> str:
    before = last.get("before")
    if last["what"] == "said":
        world.store.add_review(
            int(last["message"]), who=who, reason="taken back: it was recorded by mistake", request_ids=(), was=REASON
        )
        return str(last["kind"]).replace("-", " ")
    if last["what"] == "listened":
        if before is None:
            world.store.forget_listening(request.id)
        else:
            _set_listening(world, request, datetime.fromisoformat(before[0]), before[1])
        return str(last["why"])
    if last["what"] == "told-again":
        world.store.keep_recorded(replace(request, told_again=before), BACK)
        return "whether all had to be told again"
    # Nobody was asked, so nothing is void; what a schedule had prepared waits again.
    stood = before or {"origin": Origin.RECORDED, "delivery": Delivery.SKIPPED}
    accepted_at = stood.get("accepted_at")
    world.store.keep_recorded(
        replace(
            request,
            origin=Origin(stood["origin"]),
            delivery=Delivery(stood["delivery"]),
            accepted_at=datetime.fromisoformat(accepted_at) if accepted_at else None,
            accepted_uncertainty=timedelta(seconds=float(stood.get("uncertainty", 0))),
            void_reason=None,
            void_detail="" if before else "taken back",
        ),
        BACK,
    )
    if not accepted_at:
        world.store.forget_listening(request.id)
    return "that it was asked" if last["what"] == "sent" else "that nobody was reached"


def _done(world: World, request: Request) -> list[dict[str, Any]]:
    """Return what was recorded and not taken back, the last one last."""
    stack: list[dict[str, Any]] = []
    for event in world.store.events(min(request.intended_at, request.accepted_at or request.intended_at)):
        if event.ref == request.public_id and event.kind == KEPT:
            stack.append(json.loads(event.detail))
        elif event.ref == request.public_id and event.kind == BACK and stack:
            stack.pop()
        elif event.ref == request.public_id and event.kind == REWORDED:
            ids = json.loads(event.detail)
            stack = [one | {"message": ids["to"]} if one.get("message") == ids["from"] else one for one in stack]
    return stack


# --- listening ---


def _listen(world: World, request: Request, at: datetime) -> None:
    """Let the person have listened until that instant at least: what they noted then they were there for."""
    before = listening(world, request)
    if before is None or before.at <= at:
        _set_listening(world, request, at + AN_INSTANT, "")


def _listen_to_the_last(world: World, request: Request) -> None:
    """Let the person have listened to what is left, unless they said until when they did."""
    left = listening(world, request)
    if left is not None and not left.saw and request.accepted_at is not None:
        last = max([request.accepted_at, *(reply.stamps.at for reply in heard(world, request))])
        _set_listening(world, request, last + AN_INSTANT, "")


def _set_listening(world: World, request: Request, at: datetime, why: str) -> None:
    world.store.forget_listening(request.id)
    _hand_over(world, request, moments=(Moment(request=request.message_id, kind=MomentKind.LEFT, at=at, saw=why),))


# --- keeping ---


def _keep(world: World, request: Request, asked: Request, what: str) -> Request:
    """Keep how it stands now, and in the journal how it stood; returns it with its id."""
    before = None
    if request.id:
        before = {
            "origin": request.origin,
            "delivery": request.delivery,
            "accepted_at": request.accepted_at.isoformat() if request.accepted_at else None,
            "uncertainty": request.accepted_uncertainty.total_seconds(),
        }
        if not world.store.keep_recorded(asked, what):
            raise UsageError(f"record: {request.public_id} is {request.delivery.value}; it cannot be asked by hand")
        kept = asked
    else:
        kept = world.store.add_recorded(asked)
    _journal(world, kept, what=what, before=before)
    return kept


def _tried(request: Request, when: Instant) -> Request:
    """Return the request as one that a person tried then; one that nothing had prepared was due then."""
    tried = replace(request, origin=Origin.RECORDED, network=network_of(request.target))
    return tried if request.id else replace(tried, due_at=when.at, intended_at=when.at)


def _journal(world: World, request: Request, **entry: object) -> None:
    world.store.event(KEPT, request.public_id, json.dumps(entry, sort_keys=True))


def _add_note(world: World, request: Request, kind: MessageKind, when: Instant, *, text: str, who: str) -> int:
    """Keep a note as a message, and that whoever noted it says what it is; returns the message's id."""
    number = secrets.token_hex(10)
    raw = notes.write(
        number=number,
        target=request.target,
        request=request.message_id,
        kind=kind,
        text=text,
        who=who,
        noted=when.noted,
        stamp={
            "at": when.at.isoformat(),
            "earliest": (when.at - when.earlier).isoformat(),
            "latest": (when.at + when.later).isoformat(),
        },
    )
    incoming = Incoming(
        remote_id=f"{CHANNEL}:{number}",
        folder="",
        raw=raw,
        stamps=Stamps(at=when.at, source="seen", why=when.noted, earlier=when.earlier, later=when.later),
        facts=notes.read(raw),
    )
    (message,) = _hand_over(world, request, messages=(incoming,))
    world.store.add_review(message, who=who, reason=REASON, kind=kind)
    return message


def _hand_over(
    world: World,
    request: Request,
    *,
    messages: tuple[Incoming, ...] = (),
    moments: tuple[Moment, ...] = (),
    exhibits: tuple[Exhibit, ...] = (),
) -> list[int]:
    """Give the store what a look would have brought; returns the ids of its messages."""
    batch = Batch(messages=messages, cursor="", looked_until=world.clock.now(), moments=moments, exhibits=exhibits)
    return [one.id for one in world.store.add_batch(request.account, CHANNEL, batch)]


def _derive(world: World, request: Request) -> None:
    derive(replace(world, tell=keep_quiet), request.account, world.channel(request.account), Collecting())


def _not_ahead(world: World, request: Request, when: Instant, where: str) -> None:
    now = world.clock.now()
    if when.at > now:
        raise UsageError(
            f'{where}: "{_local(when.at, request.zone)}" is still to come in {request.zone}; '
            "record it when it has happened"
        )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > EVIDENCE_MAX:
            raise UsageError(f'--evidence: "{path}" is larger than {EVIDENCE_MAX // 10**6} MB; keep it smaller')
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f'--evidence: "{path}" cannot be read: {error.strerror}') from None


def _local(instant: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  only a mistake needs it

    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
