"""Turns rows into the words of model.py and back. No statement, no decision."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from slawatch.clock import from_micros
from slawatch.model import (
    Attempt,
    AttemptOutcome,
    Campaign,
    Delivery,
    DeliveryProof,
    Form,
    MatchEvidence,
    Message,
    MessageKind,
    Moment,
    MomentKind,
    Origin,
    Promise,
    PromiseAbout,
    Reason,
    Reply,
    Request,
    Slot,
    SlotState,
    Stamps,
    Strength,
    Text,
    VoidReason,
    Writer,
    WrittenBy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request about to be made for a slot: who is asked what, under which names."""

    origin: Origin
    company: str
    channel: str
    target: str
    account: str
    text: Text
    token: str
    message_id: str
    public_id: str
    due_at: datetime
    zone: str
    campaign: int | None = None
    continues: int | None = None


class Look(NamedTuple):
    """A stretch of time in which we looked: complete passes close to each other, or failed ones for the same reason."""

    started_at: datetime
    ended_at: datetime
    ok: bool
    note: str = ""


class Shown(NamedTuple):
    """A picture, or the page in words, kept of a chat; `sha256` names its raw form."""

    moment: MomentKind
    at: datetime
    media: str
    name: str
    sha256: str


class Judgement(NamedTuple):
    """What was made of a message, whatever it is tied to."""

    kind: MessageKind
    because: tuple[Reason, ...]


class Event(NamedTuple):
    """Something a person may want to look up later; `ref` is the public id of what it is about."""

    at: datetime
    kind: str
    ref: str
    detail: str


def moment(micros: int | None) -> datetime | None:
    """Return the instant, None where there is none."""
    return None if micros is None else from_micros(micros)


def span(micros: int) -> timedelta:
    """Return the duration of so many microseconds."""
    return timedelta(microseconds=micros)


def slot_of(row: sqlite3.Row) -> Slot:
    """Return the slot of a row of table slot."""
    return Slot(
        key=row["key"],
        company=row["company"],
        channel=row["channel"],
        target=row["target"],
        account=row["account"],
        due_at=from_micros(row["due_at"]),
        zone=row["zone"],
        id=row["id"],
        state=SlotState(row["state"]),
        campaign=row["campaign"],
        put_off_until=from_micros(row["ready_at"]) if row["ready_at"] > row["due_at"] else None,
        why=row["why"],
        continues=row["continues"],
    )


def request_of(row: sqlite3.Row) -> Request:
    """Return the request of a row of table request."""
    return Request(
        id=row["id"],
        public_id=row["public_id"],
        origin=Origin(row["origin"]),
        company=row["company"],
        channel=row["channel"],
        target=row["target"],
        account=row["account"],
        text=Text(
            probe=row["probe"],
            lang=row["lang"],
            variant=row["variant"],
            subject=row["subject"],
            body=row["body"],
            form=Form(row["form"]),
        ),
        token=row["token"],
        message_id=row["message_id"],
        delivery=Delivery(row["delivery"]),
        due_at=from_micros(row["due_at"]),
        zone=row["zone"],
        intended_at=from_micros(row["intended_at"]),
        accepted_at=moment(row["accepted_at"]),
        accepted_uncertainty=span(row["accepted_uncertainty"]),
        submitted_at=moment(row["submitted_at"]),
        submitted_uncertainty=span(row["submitted_uncertainty"]),
        proof=DeliveryProof(row["proof"]),
        copy_received_at=moment(row["copy_received_at"]),
        void_reason=None if row["void_reason"] is None else VoidReason(row["void_reason"]),
        void_detail=row["void_detail"],
        next_attempt_at=moment(row["next_attempt_at"]),
        slot_id=row["slot_id"],
        campaign=row["campaign"],
        made_up=bool(row["made_up"]),
        remote_id=row["remote_id"],
        verified_at=moment(row["verified_at"]),
        asked_by=row["asked_by"],
        network=row["network"],
        continues=row["continues"],
        told_again=None if row["told_again"] is None else bool(row["told_again"]),
    )


def columns_of(request: Request) -> dict[str, Any]:
    """Return the values of table request for a request whose id is not given yet; keys are looked up in lower case."""
    return {
        "public_id": request.public_id,
        "origin": request.origin,
        "company": request.company,
        "channel": request.channel,
        "target": request.target,
        "account": request.account,
        "probe": request.text.probe,
        "lang": request.text.lang,
        "variant": request.text.variant,
        "subject": request.text.subject,
        "body": request.text.body,
        "token": request.token.lower(),
        "message_id": request.message_id.lower(),
        "delivery": request.delivery,
        "due_at": request.due_at,
        "zone": request.zone,
        "intended_at": request.intended_at,
        "accepted_at": request.accepted_at,
        "accepted_uncertainty": request.accepted_uncertainty,
        "submitted_at": request.submitted_at,
        "submitted_uncertainty": request.submitted_uncertainty,
        "proof": request.proof,
        "copy_received_at": request.copy_received_at,
        "void_reason": request.void_reason,
        "void_detail": request.void_detail,
        "slot_id": request.slot_id,
        "campaign": request.campaign,
        "made_up": request.made_up,
        "form": request.text.form,
        "remote_id": request.remote_id,
        "asked_by": request.asked_by,
        "network": request.network,
        "continues": request.continues,
        "told_again": request.told_again,
    }


def attempt_of(row: sqlite3.Row) -> Attempt:
    """Return the attempt of a row of table attempt."""
    return Attempt(
        id=row["id"],
        request_id=row["request_id"],
        number=row["number"],
        envelope_id=row["envelope_id"],
        started_at=from_micros(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        outcome=AttemptOutcome(row["outcome"]),
        detail=row["detail"],
    )


def stamps_of(row: sqlite3.Row) -> Stamps:
    """Return the stamps of a row that holds those of table message."""
    return Stamps(
        at=from_micros(row["stamp_at"]),
        source=row["stamp_source"],
        why=row["stamp_why"],
        earlier=span(row["stamp_earlier"]),
        later=span(row["stamp_later"]),
        internal_at=moment(row["internal_at"]),
        date_header_at=moment(row["date_header_at"]),
    )


def message_of(row: sqlite3.Row) -> Message:
    """Return the message of a row of table message."""
    return Message(
        id=row["id"],
        account=row["account"],
        channel=row["channel"],
        remote_id=row["remote_id"],
        folder=row["folder"],
        sha256=row["sha256"],
        own_id=row["own_id"],
        sender=row["sender"],
        subject=row["subject"],
        stamps=stamps_of(row),
        seen_at=from_micros(row["seen_at"]),
        duplicate_of=row["duplicate_of"],
        gone_at=moment(row["gone_at"]),
        purged_at=moment(row["purged_at"]),
    )


def promise_of(row: sqlite3.Row) -> Promise:
    """Return the promise of a row of table promise."""
    return Promise(
        quote=row["quote"],
        about=PromiseAbout(row["about"]),
        within=None if row["within"] is None else span(row["within"]),
        business_days=row["business_days"],
        business_time=None if row["business_time"] is None else span(row["business_time"]),
        due_at=moment(row["due_at"]),
    )


def reply_of(row: sqlite3.Row, promises: tuple[Promise, ...] = ()) -> Reply:
    """Return the reply of a row of the statement "replies", with what its message promises."""
    return Reply(
        message_id=row["message_id"],
        request_id=row["request_id"],
        kind=MessageKind(row["kind"]),
        stamps=stamps_of(row),
        evidence=MatchEvidence(row["evidence"]),
        strength=Strength(row["strength"]),
        because=reasons_of(row["because"]),
        how_long=None if row["how_long"] is None else bool(row["how_long"]),
        why=None if row["why"] is None else bool(row["why"]),
        sender=row["sender"],
        subject=row["subject"],
        saw=row["saw"],
        written_by=WrittenBy(writer=Writer(row["writer"]), saw=row["writer_saw"]),
        complete=None if row["complete"] is None else bool(row["complete"]),
        promises=promises,
        settled=bool(row["settled"]),
        says_machine=None if row["says_machine"] is None else bool(row["says_machine"]),
    )


def moment_of(row: sqlite3.Row) -> Moment:
    """Return the moment of a row of the statement "moments"."""
    return Moment(
        request=row["message_id"],
        kind=MomentKind(row["kind"]),
        at=from_micros(row["at"]),
        earlier=span(row["earlier"]),
        later=span(row["later"]),
        clock=row["clock"],
        saw="" if row["saw_sha256"] else row["saw"],
    )


def reasons_of(kept: str) -> tuple[Reason, ...]:
    """Return the reasons that `reasons` wrote."""
    return tuple(Reason(rule=rule, saw=saw) for rule, saw in json.loads(kept))


def reasons(because: Sequence[Reason]) -> str:
    """Return the reasons as `reasons_of` reads them."""
    return json.dumps([[reason.rule, reason.saw] for reason in because])


def campaign_of(row: sqlite3.Row) -> Campaign:
    """Return the campaign of a row of table campaign."""
    return Campaign(
        id=row["id"],
        name=row["name"],
        started_at=from_micros(row["started_at"]),
        until=moment(row["until"]),
        ended_at=moment(row["ended_at"]),
    )
