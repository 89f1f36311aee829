"""What homeservers say in their own way, or in none: which of our errors it comes to, and that it ends in no other.

A real one is asked in tests/peers; this needs nothing that is not there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pytest

from slawatch.channels.base import Batch, Sent, Thread, Unknown
from slawatch.channels.matrix import Settings, library
from slawatch.channels.matrix.channel import MatrixChannel
from slawatch.channels.matrix.kept import folder_of
from slawatch.clock import SystemClock, from_micros
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.model import Attempt, Delivery, Facts, Form, MomentKind, Origin, Request, Text
from slawatch.secret import Secret
from tests.servers.told_homeserver import AGENT, CUT, ROOM, STAMP, US, Told, said, synced

T = TypeVar("T")
DATE = "2026-11-22T16:00:00+00:00"
HOSTILE: list[Any] = [
    b"",
    b"<html>",
    b"[" * 100_000,
    b"null",
    {},
    [],
    [7, None, {"type": 7, "content": []}],
    {"next_batch": 7, "rooms": 7, "chunk": 7, "event_id": [], "room_id": None, "joined_rooms": {}},
    {"next_batch": "s9", "rooms": {"join": 7, "leave": {"!x": 7}}},
    {
        "next_batch": "s9",
        "rooms": {"join": {ROOM: {"timeline": 7, "ephemeral": {"events": [7, {"type": "m.receipt"}]}}}},
    },
    {"chunk": [7, {"type": "m.room.message"}, {"sender": US, "origin_server_ts": "x", "content": 7}], "end": "e"},
]


@pytest.fixture
def server() -> Iterator[Told]:
    with Told() as ready:
        yield ready


@pytest.fixture
def here(server: Told, tmp_path: Path) -> Iterator[MatrixChannel]:
    made = Settings(
        user=US, homeserver=server.url, access_token=Secret("t0ken"), timeout=timedelta(seconds=10), name="Robin"
    )
    with MatrixChannel(made, account="main", clock=SystemClock(), store=tmp_path / "slawatch.db") as ready:
        yield ready


def ask(target: str = ROOM) -> tuple[Request, Attempt]:
    now = SystemClock().now()
    request = Request(
        id=1,
        public_id="R0001",
        origin=Origin.SENT,
        company="acme",
        channel="matrix",
        target=target,
        account="main",
        text=Text(probe="delivery-time", lang="de", variant=0, subject="", body="Wie lange?\n", form=Form.CHAT),
        token="t0ken",
        message_id="0123456789@localhost",
        delivery=Delivery.SENDING,
        due_at=now,
        zone="Europe/Berlin",
        intended_at=now,
    )
    return request, Attempt(id=1, request_id=1, number=1, envelope_id="envelope-1", started_at=now)


def refused(code: str, status: int = 403, **more: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    return status, {}, {"errcode": code, "error": "tried by a test", **more}


def whole_pass(channel: MatrixChannel, cursor: str = "") -> list[Batch]:
    batches = [channel.collect(cursor)]
    while batches[-1].more:
        assert len(batches) < 50
        batches.append(channel.collect(batches[-1].cursor))
    return batches


# --- saying ---


def test_a_line_bears_the_requests_name_and_the_servers_stamp(here: MatrixChannel, server: Told) -> None:
    sent = here.send(*ask())

    (put,) = [path for method, path, _ in server.asked if method == "PUT"]
    assert put.endswith(f"/rooms/{ROOM}/send/m.room.message/0123456789@localhost")
    assert (sent.remote_id, sent.accepted_at) == ("matrix:$asked", from_micros(STAMP * 1000))


def test_a_line_that_may_have_arrived_is_not_offered_again_by_anybody(here: MatrixChannel, server: Told) -> None:
    server.answers["send"] = CUT

    with pytest.raises(ChannelUncertainError):
        here.send(*ask())

    assert [method for method, _, _ in server.asked].count("PUT") == 1


def test_a_device_whose_keys_the_server_shows_and_we_have_not_is_never_used(here: MatrixChannel, server: Told) -> None:
    server.answers["whoami"] = {"user_id": US, "device_id": "DEVICE"}
    server.answers["query"] = {"device_keys": {US: {"DEVICE": {"keys": {"ed25519:DEVICE": "another's"}}}}}
    server.answers["upload"] = {"one_time_key_counts": {"signed_curve25519": 50}}

    with pytest.raises(AccountHaltedError, match="slawatch login main for a new device"):
        here.collect("")

    assert "sync" not in [path.rpartition("/")[2] for _, path, _ in server.asked]


def test_keys_that_the_server_has_not_seen_are_made_for_their_owner_alone(
    here: MatrixChannel, server: Told, tmp_path: Path
) -> None:
    server.answers["whoami"] = {"user_id": US, "device_id": "DEVICE"}
    server.answers["query"] = {"device_keys": {}}
    server.answers["upload"] = {"one_time_key_counts": {"signed_curve25519": 50}}

    here.send(*ask())
    here.collect("")

    kept = {one.name: one.stat().st_mode & 0o777 for one in folder_of(tmp_path / "slawatch.db", "main").iterdir()}
    names = ("lock", "DEVICE.keys", "DEVICE.secret", "rooms.json", "rooms.lock")
    assert kept == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused("M_FORBIDDEN"), ChannelRefusedError),
        (refused("M_TOO_LARGE", 413), ChannelRefusedError),
        (refused("M_LIMIT_EXCEEDED", 429, retry_after_ms=1500), ChannelUnavailableError),
        ((429, {"Retry-After": "7"}, b"slow down"), ChannelUnavailableError),
        (refused("M_UNKNOWN_TOKEN", 401), AccountHaltedError),
        (refused("M_USER_DEACTIVATED"), AccountHaltedError),
        ((403, {}, b"<html>a proxy's own word</html>"), ChannelUnavailableError),
        (refused("M_UNRECOGNIZED", 404), ChannelUnavailableError),
        ((502, {}, b"<html>"), ChannelUncertainError),
        (refused("M_UNKNOWN", 500), ChannelUncertainError),
        ((200, {}, b"<html>"), ChannelUncertainError),
        ((200, {}, {}), ChannelUncertainError),
        ((302, {"Location": "http://127.0.0.1:1/"}, {}), ChannelUncertainError),
    ],
)
def test_what_a_server_says_to_a_line_is_what_can_be_done_about_it(
    here: MatrixChannel, server: Told, answer: Any, error: type[ChannelError]
) -> None:
    server.answers["send"] = answer

    with pytest.raises(ChannelError) as caught:
        here.send(*ask())

    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refused("M_LIMIT_EXCEEDED", 429, retry_after_ms=327_586), 327),
        ((429, {"Retry-After": "7"}, {}), 7),
        (refused("M_LIMIT_EXCEEDED", 429, retry_after_ms=10**15), 86_400),
        (refused("M_LIMIT_EXCEEDED", 429, retry_after_ms="soon"), None),
    ],
)
def test_how_long_a_server_wants_us_to_wait_is_believed_for_a_day_at_most(
    here: MatrixChannel, server: Told, answer: Any, seconds: int | None
) -> None:
    server.answers["send"] = answer
    before = SystemClock().now()

    with pytest.raises(ChannelUnavailableError) as caught:
        here.send(*ask())

    at = caught.value.retry_at
    if seconds is None:
        assert at is None
    else:
        assert at is not None
        assert timedelta(0) <= at - before - timedelta(seconds=seconds) < timedelta(seconds=30)


def test_a_line_whose_own_stamp_cannot_be_read_has_left_all_the_same(here: MatrixChannel, server: Told) -> None:
    server.answers["event"] = refused("M_FORBIDDEN")
    before = SystemClock().now()

    sent = here.send(*ask())

    assert before <= sent.accepted_at <= SystemClock().now()
    assert sent.uncertainty >= timedelta(seconds=1)  # by our own clock, not the server's


def ended(work: Callable[[], T]) -> T | None:
    """Return what it came to, None for an error of ours; any other is the test's failure."""
    try:
        return work()
    except ChannelError as error:
        one_line = "\n" not in str(error)
    assert one_line
    return None


@pytest.mark.parametrize("path", ["whoami", "state", "joined_rooms", "send", "event", "m.direct", "createRoom"])
def test_whatever_a_server_answers_saying_ends_in_an_error_of_ours_or_well(
    here: MatrixChannel, server: Told, path: str
) -> None:
    request, attempt = ask(AGENT if path in ("m.direct", "createRoom") else ROOM)

    for answer in HOSTILE:
        server.answers[path] = (200, {}, answer)
        assert isinstance(ended(lambda: here.send(request, attempt)), Sent | None)


@pytest.mark.parametrize("path", ["state", "messages", "joined_rooms"])
def test_whatever_a_server_answers_looking_proves_nothing(here: MatrixChannel, server: Told, path: str) -> None:
    request, _ = ask()
    letter = Facts(platform="matrix", chat=ROOM.lower(), own_id="matrix:$answer", headers={"date": (DATE,)})

    for answer in HOSTILE:
        server.answers[path] = (200, {}, answer)
        assert isinstance(ended(lambda: here.find(request)), Unknown | None)
        assert isinstance(ended(lambda: here.find_by_hand(letter)), Unknown | None)


# --- reading ---


def test_what_a_sync_left_out_is_read_page_by_page_back_to_the_token(here: MatrixChannel, server: Told) -> None:
    server.answers["sync"] = [
        {"next_batch": "s1"},
        {"next_batch": "s1"},
        synced(said("drei", event="$3"), limited=True, prev_batch="p3"),
        {"next_batch": "s2"},
    ]
    server.answers["messages"] = [
        {"chunk": [said("zwei", event="$2")], "end": "p2"},
        {"chunk": [said("eins", event="$1")], "end": "p1"},
        {"chunk": []},
    ]
    cursor = whole_pass(here)[-1].cursor

    batches = whole_pass(here, cursor)

    assert [one.facts.text for batch in batches for one in batch.messages] == ["drei", "zwei", "eins"]
    pages = [query for _, path, query in server.asked if path.endswith("/messages")]
    assert [(one["from"], one["to"], one["dir"]) for one in pages] == [([p], ["s1"], ["b"]) for p in ("p3", "p2", "p1")]
    assert [batch.looked_until is not None for batch in batches] == [False] * (len(batches) - 1) + [True]


def test_a_server_whose_pages_never_end_does_not_hold_us(here: MatrixChannel, server: Told) -> None:
    server.answers["sync"] = [synced(said("x"), limited=True, prev_batch="p"), {"next_batch": "s3"}]
    server.answers["messages"] = {"chunk": [said("y")], "end": "p"}

    assert not whole_pass(here)[-1].more


def test_no_answer_is_older_than_the_question_it_could_be_to(here: MatrixChannel, server: Told) -> None:
    at = from_micros(STAMP * 1000)
    old, new = said("alt", event="$old", stamp=STAMP - 3_600_000), said("neu", event="$new", stamp=STAMP + 5000)
    server.answers["sync"] = [synced(old, new), {"next_batch": "s3"}]
    standing = Thread(remote_id="matrix:$asked", target=ROOM, asked_at=at, message_id="asked@localhost")

    batch = here.collect("", threads=lambda: [standing])

    assert [one.facts.text for one in batch.messages] == ["neu"]


def test_a_room_that_nobody_was_asked_in_is_not_read(here: MatrixChannel, server: Told) -> None:
    server.answers["sync"] = [synced(said("privat")), {"next_batch": "s3"}]

    private = here.collect("", senders=lambda: frozenset({"@acme:hs.test"}))
    server.answers["sync"] = [synced(said("gefragt")), {"next_batch": "s3"}]
    asked = here.collect("", senders=lambda: frozenset({ROOM.lower()}))

    assert [one.facts.text for batch in (private, asked) for one in batch.messages] == ["gefragt"]


def test_what_is_encrypted_to_an_account_without_keys_is_kept_at_once(here: MatrixChannel, server: Told) -> None:
    closed = {**said(""), "type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    server.answers["sync"] = [synced(closed), {"next_batch": "s3"}]

    (batch, *_) = whole_pass(here)

    (kept,) = batch.messages
    assert not kept.facts.readable
    assert "no keys" in batch.notes[0]


def test_a_room_that_turned_out_encrypted_is_not_asked_in_the_clear(here: MatrixChannel, server: Told) -> None:
    encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    server.answers["state"] = [*server.answers["state"], encryption]

    with pytest.raises(AccountHaltedError, match="we have no keys"):
        here.send(*ask())

    assert [path for method, path, _ in server.asked if method == "PUT"] == []


@pytest.mark.parametrize("path", ["sync", "state", "messages", "m.direct"])
def test_whatever_a_server_answers_reading_ends_in_an_error_of_ours_or_well(
    here: MatrixChannel, server: Told, path: str
) -> None:
    for answer in HOSTILE:
        server.answers["sync"] = [synced(said("x"), limited=True, prev_batch="p"), {"next_batch": "s3"}]
        server.answers[path] = (200, {}, answer)
        batches = ended(lambda: whole_pass(here))
        assert batches is None or json.loads(batches[-1].cursor)


@pytest.mark.parametrize("key", ["timeline", "ephemeral"])
@pytest.mark.parametrize("kind", ["m.typing", "m.receipt", "m.reaction", "m.room.member", "m.room.message"])
def test_whatever_an_event_is_the_others_are_read(here: MatrixChannel, server: Told, key: str, kind: str) -> None:
    contents: tuple[Any, ...] = (7, None, [], {}, {"user_ids": [[]]}, {"$asked": 7}, {"$asked": {"m.read": 7}})
    bad = [
        {"type": kind, "content": one, "sender": AGENT, "event_id": "$bad", "origin_server_ts": STAMP}
        for one in contents
    ]
    sync = synced(said("gut"))
    its = sync["rooms"]["join"][ROOM]
    its[key] = {"events": [*bad, *its.get(key, {}).get("events", ())]}
    server.answers["sync"] = [sync, {"next_batch": "s3"}]
    at = from_micros(STAMP * 1000) - timedelta(seconds=1)
    standing = Thread(remote_id="matrix:$asked", target=ROOM, asked_at=at, message_id="asked@localhost")

    batch = here.collect("", threads=lambda: [standing])

    assert "gut" in [one.facts.text for one in batch.messages]
    assert {one.kind for one in batch.moments} <= {MomentKind.AGENT_JOINED, MomentKind.AGENT_LEFT}


def test_the_doorbell_of_a_server_that_talks_nonsense_waits_and_raises_nothing(
    here: MatrixChannel, server: Told
) -> None:
    here.collect("")
    whole_pass(here)
    server.answers["sync"] = (500, {}, b"<html>")

    assert here.watch(Event(), 0.3) is False


# --- the library ---


def test_without_the_library_the_check_says_how_to_get_it_and_so_does_everything_else(
    here: MatrixChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vodozemac", None)

    (finding,) = here.check()
    with pytest.raises(ChannelUnavailableError, match="pip install"):
        here.send(*ask())

    assert not finding.ok
    assert finding.cure == library.INSTALL
    assert "vodozemac" in finding.what
