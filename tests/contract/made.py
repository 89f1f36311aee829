"""Slots, drafts and messages as the store's tests need them, and a second process at the same store. Tests nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from slawatch.channels.base import Batch
from slawatch.model import (
    Attempt,
    AttemptOutcome,
    Classification,
    Facts,
    Incoming,
    Match,
    MatchEvidence,
    Message,
    MessageKind,
    Origin,
    Reason,
    Request,
    Slot,
    Stamps,
    Strength,
    Text,
)
from slawatch.store import Draft, Store
from slawatch.testing import BEFORE_SUMMER_TIME

NOW = BEFORE_SUMMER_TIME
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEASE = 10 * MINUTE
WORKER = Path(__file__).with_name("worker.py")


def a_slot(key: str = "first", **other: object) -> Slot:
    values = {
        "company": "example-shop",
        "channel": "memory",
        "target": "service@shop.example",
        "account": "main",
        "due_at": NOW,
        "zone": "Europe/Berlin",
    }
    return Slot(key=key, **{**values, **other})  # type: ignore[arg-type]  # a test names only what it is about


def a_draft(slot: Slot, name: str = "") -> Draft:
    name = name or slot.key
    return Draft(
        origin=Origin.SENT,
        company=slot.company,
        channel=slot.channel,
        target=slot.target,
        account=slot.account,
        text=Text(probe="delivery-time", lang="de", variant=2, subject="Frage", body="Wie lange?"),
        token=f"token-{name}".lower(),
        message_id=f"{name}@own.example".lower(),
        public_id=f"R-{name}",
        due_at=slot.due_at,
        zone=slot.zone,
        campaign=slot.campaign,
    )


def planned(store: Store, key: str = "first", **other: object) -> Slot:
    store.add_slots([a_slot(key, **other)])
    return next(slot for slot in store.slots() if slot.key == key)


def intended(store: Store, key: str = "first", **other: object) -> Request:
    slot = planned(store, key, **other)
    request = store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: None)
    assert isinstance(request, Request)
    return request


def sending(store: Store, key: str = "first", **other: object) -> tuple[Request, Attempt]:
    request = intended(store, key, **other)
    attempt = start(store, request)
    assert attempt is not None
    return request, attempt


def start(store: Store, request: Request, worker: str = "w1") -> Attempt | None:
    number = len(store.attempts(request.id)) + 1
    return store.start_attempt(request.id, worker=worker, lease=LEASE, envelope_id=f"{request.public_id}-{number}")


def sent(store: Store, key: str = "first", **other: object) -> Request:
    request, attempt = sending(store, key, **other)
    assert store.finish_attempt(attempt, AttemptOutcome.SENT, detail="250 ok", accepted_at=NOW)
    return the(store, request)


def uncertain(store: Store, key: str = "first", **other: object) -> Request:
    request, attempt = sending(store, key, **other)
    assert store.finish_attempt(attempt, AttemptOutcome.UNCERTAIN, detail="the line broke")
    return the(store, request)


def the(store: Store, request: Request) -> Request:
    """Return the request as it stands now."""
    found = store.request(request.public_id)
    assert found is not None
    return found


def incoming(
    name: str = "1", *, raw: bytes | None = None, own_id: str = "", date: timedelta = timedelta(0)
) -> Incoming:
    return Incoming(
        remote_id=f"INBOX/1/{name}",
        folder="INBOX",
        raw=f"letter {name}".encode() if raw is None else raw,
        stamps=Stamps(at=NOW + HOUR, source="internaldate", later=timedelta(seconds=1), date_header_at=NOW + date),
        facts=Facts(sender="service@shop.example", subjects=(f"Re: {name}",), own_id=own_id),
    )


def received(store: Store, *letters: Incoming) -> list[Message]:
    cursor = f"after {letters[-1].remote_id}" if letters else store.cursor("main")
    return store.add_batch("main", "memory", Batch(messages=letters, cursor=cursor))


def judged(
    store: Store,
    message: Message,
    *requests: Request,
    kind: MessageKind = MessageKind.ANSWER,
    strength: Strength = Strength.CERTAIN,
    own: bool = False,
    rules: str = "rules-1",
) -> None:
    store.save_derived(
        message.id,
        match=Match(
            request_ids=tuple(request.id for request in requests),
            evidence=MatchEvidence.CITED_ID,
            strength=strength,
            saw="firs…",
        )
        if requests
        else None,
        own=own,
        classification=Classification(kind=kind, because=(Reason(rule="made", saw="so"),)),
        rules=rules,
    )


def second_process(*arguments: str) -> subprocess.Popen[str]:
    """Start worker.py with the same slawatch as this process has."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
