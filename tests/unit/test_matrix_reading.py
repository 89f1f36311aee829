"""What lines, rooms and steps on Matrix say of themselves, and that nothing hostile breaks the reading of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.base import Thread
from slawatch.channels.matrix import moments, reading
from slawatch.channels.matrix.reading import Line
from slawatch.channels.matrix.rooms import Room, network_of, room_of
from slawatch.model import ZERO, Author, Facts, MomentKind

US = "@robin:matrix.example"
AGENT = "@anna:matrix.example"
AT = datetime(2026, 3, 28, 23, 30, 0, 250_000, tzinfo=UTC)
STAMP = round(AT.timestamp() * 1000)
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
KEYS = ("body", "msgtype", "m.relates_to", "event_id", "rel_type", "m.in_reply_to", "status", "user_ids", "membership")
HOSTILE = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5)


def event(content: Any = None, **other: Any) -> dict[str, Any]:
    said = {"msgtype": "m.text", "body": "Zwei Tage."} if content is None else content
    given = {"type": "m.room.message", "sender": AGENT, "event_id": "$answer", "origin_server_ts": STAMP, **other}
    return {**given, "content": said}


def line(content: Any = None, *, network: str = "", name: str = "", **other: Any) -> Line:
    return Line(event=event(content, **other), room="!r", chat="!R:x.example", us=US, network=network, name=name)


def thread(name: str = "asked", *, at: datetime = AT - SECOND, remote: str = "$asked") -> Thread:
    return Thread(remote_id=reading.named(remote), target="!R:x.example", asked_at=at, message_id=f"{name}@localhost")


def chat(*threads: Thread, bots: frozenset[str] = frozenset(), network: str = "") -> moments.Chat:
    return moments.Chat(threads=threads or (thread(),), us=US, bots=bots, network=network)


# --- lines ---


def test_a_line_says_who_said_what_to_whom_in_which_chat() -> None:
    facts = reading.read(reading.evidence(line(name="Anna")))

    assert facts == Facts(
        sender=f"matrix:{AGENT}",
        sender_name="Anna",
        recipients=(US,),
        own_id="matrix:$answer",
        headers={"msgtype": ("m.text",), "date": (AT.isoformat(),)},
        text="Zwei Tage.",
        platform="matrix",
        chat="!r:x.example",
        author=Author.AGENT,
        author_by="platform-flag: m.text",
    )


@pytest.mark.parametrize(
    ("content", "sender", "network", "author", "mark"),
    [
        ({"msgtype": "m.text", "body": "x"}, AGENT, "", Author.AGENT, "platform-flag: m.text"),
        ({"msgtype": "m.notice", "body": "x"}, AGENT, "", Author.BOT, "platform-flag: m.notice"),
        ({"msgtype": "m.image", "body": "x.png"}, AGENT, "", Author.AGENT, "platform-flag: m.image"),
        ({"msgtype": "com.example.card", "body": "x"}, AGENT, "", Author.UNKNOWN, ""),
        ({"body": "x"}, AGENT, "", Author.UNKNOWN, ""),
        ({"msgtype": "m.text", "body": "x"}, AGENT, "whatsapp", Author.UNKNOWN, ""),
        ({"msgtype": "m.notice", "body": "x"}, AGENT, "telegram", Author.BOT, "platform-flag: m.notice"),
        ({"msgtype": "m.text", "body": "x"}, US, "", Author.OURSELVES, f"platform-flag: sender {US}"),
    ],
)
def test_who_wrote_it_is_what_matrix_marks_and_no_more(
    content: dict[str, str], sender: str, network: str, author: Author, mark: str
) -> None:
    assert reading.author_of(line(content, sender=sender, network=network)) == (author, mark)


def test_a_reply_cites_its_line_and_repeats_no_words_of_it() -> None:
    body = "> <@robin:matrix.example> Wie lange?\n> Danke\n\nZwei Tage.\n> das ist von mir"
    facts = reading.facts(line({"body": body, "m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}}}))

    assert facts.cited_ids == ("matrix:$asked",)
    assert facts.text == "Zwei Tage.\n> das ist von mir"
    assert facts.quoted == "> <@robin:matrix.example> Wie lange?\n> Danke"


def test_a_line_that_replies_to_nothing_keeps_what_looks_like_a_quotation() -> None:
    assert reading.facts(line({"body": "> 3 Tage"})).text == "> 3 Tage"


def test_a_line_in_a_thread_cites_what_that_began_with_and_not_what_older_programs_are_told() -> None:
    relates = {
        "rel_type": "m.thread",
        "event_id": "$asked",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }

    assert reading.facts(line({"body": "x", "m.relates_to": relates})).cited_ids == ("matrix:$asked",)


def test_what_the_server_adds_for_the_moment_is_no_evidence() -> None:
    first = reading.evidence(line(unsigned={"age": 5}))

    assert first == reading.evidence(line(unsigned={"age": 70_000}))
    assert b"unsigned" not in first


def test_a_line_that_was_decrypted_keeps_both_and_one_that_was_not_is_unreadable() -> None:
    cipher = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "x",
        "m.relates_to": {"m.in_reply_to": {"event_id": "$q"}},
    }
    closed = line(cipher, type="m.room.encrypted")
    clear = {"type": "m.room.message", "content": {"msgtype": "m.notice", "body": "Danke"}, "keys": "secret"}
    opened = Line(event=closed.event, room="!r", chat="!R", us=US, clear=clear)

    read = reading.read(reading.evidence(opened))
    unread = reading.read(reading.evidence(closed))

    assert (read.text, read.author, read.cited_ids, read.readable) == ("Danke", Author.BOT, ("matrix:$q",), True)
    assert b"secret" not in reading.evidence(opened)
    assert (unread.readable, unread.author, unread.own_id) == (False, Author.UNKNOWN, "matrix:$answer")


def test_halves_of_characters_can_be_kept() -> None:
    facts = reading.read(reading.evidence(line({"msgtype": "m.text", "body": "a\ud800b"}, name="\udfff")))

    assert facts.text.encode()
    assert facts.sender_name.encode()


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b'{"event": 7}', b'{"event": {}, "clear": 7}', b"[" * 100_000, b"\xff", b'{"event": null}'],
)
def test_what_is_no_line_is_unreadable(raw: bytes) -> None:
    assert not reading.read(raw).readable


@given(content=HOSTILE, kind=st.sampled_from(["m.room.message", "m.room.encrypted", "m.sticker", "x"]), stamp=JSON)
def test_whatever_a_line_holds_it_is_read_and_reads_the_same_again(content: Any, kind: str, stamp: Any) -> None:
    made = line(content, type=kind, origin_server_ts=stamp)
    facts = reading.facts(made)

    assert reading.read(reading.evidence(made)) == facts
    assert facts.text.encode() is not None
    stamps = reading.stamps(made, seen_at=AT, looked_at=None)
    assert stamps.at <= AT + reading.APART
    assert min(stamps.earlier, stamps.later) >= ZERO


# --- stamps ---


def test_our_own_servers_clock_is_exact_to_its_millisecond() -> None:
    stamps = reading.stamps(line(), seen_at=AT + SECOND, looked_at=None)

    assert (stamps.at, stamps.earlier, stamps.later, stamps.source) == (
        AT,
        ZERO,
        MILLISECOND - timedelta(microseconds=1),
        "platform",
    )


def test_another_servers_clock_is_not_taken_for_our_own() -> None:
    stamps = reading.stamps(line(sender="@anna:shop.example"), seen_at=AT + SECOND, looked_at=None)

    assert (stamps.at, stamps.earlier) == (AT, SECOND)
    assert "shop.example" in stamps.why


@pytest.mark.parametrize("stamp", [None, -5, 0, "7", True, 10**30, 1.5, STAMP + 3_600_000])
def test_a_stamp_that_cannot_be_is_replaced_by_when_it_was_there(stamp: Any) -> None:
    stamps = reading.stamps(line(origin_server_ts=stamp), seen_at=AT, looked_at=AT - 5 * SECOND)

    assert (stamps.at, stamps.source, stamps.earlier) == (AT, "seen", 5 * SECOND)


# --- rooms ---


def test_a_room_is_what_its_state_says() -> None:
    room = room_of(
        "!r",
        [
            {"type": "m.room.member", "state_key": US, "content": {"membership": "join", "displayname": "Robin"}},
            {"type": "m.room.member", "state_key": AGENT, "content": {"membership": "invite"}},
            {"type": "m.room.member", "state_key": "@gone:x", "content": {"membership": "leave"}},
            {"type": "m.room.canonical_alias", "state_key": "", "content": {"alias": "#help:x"}},
            {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}},
        ],
    )

    assert room == Room(id="!r", members={US: "Robin", AGENT: ""}, alias="#help:x", encrypted=True)


@pytest.mark.parametrize("kind", ["m.bridge", "uk.half-shot.bridge"])
def test_a_bridge_names_its_network_and_its_bot_and_whoever_wrote_that_is_no_bot(kind: str) -> None:
    content = {"bridgebot": "@bot:x", "protocol": {"id": "WhatsApp", "displayname": "WhatsApp"}}
    room = room_of("!r", [{"type": kind, "state_key": "k", "sender": "@whatsapp_1:x", "content": content}])

    assert (room.network, room.bots) == ("whatsapp", frozenset({"@bot:x"}))


@pytest.mark.parametrize(
    ("content", "network"),
    [
        ({"protocol": {"id": "signal"}}, "signal"),
        ({"protocol": {"id": "instagramgo"}}, "instagram"),
        ({"network": {"id": "Telegram"}}, "telegram"),
        ({"protocol": {"id": 7}}, ""),
        ({"protocol": "whatsapp"}, ""),
        ({"protocol": {"id": "a\nb"}}, ""),
        ({}, ""),
    ],
)
def test_networks_are_called_by_their_protocol_in_small_letters(content: dict[str, Any], network: str) -> None:
    assert network_of(content) == network


@given(st.lists(st.dictionaries(st.sampled_from(["type", "state_key", "content", "sender"]), JSON)))
def test_whatever_a_rooms_state_holds_it_is_a_room(events: list[Any]) -> None:
    assert room_of("!r", [*events, *({**one, "type": "m.bridge"} for one in events), 7]).id == "!r"


# --- steps ---


def test_a_step_belongs_to_the_request_that_it_names() -> None:
    first, second = thread("first", at=AT - 9 * SECOND, remote="$1"), thread("second", at=AT - SECOND, remote="$2")
    made = line({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$1", "key": "+1"}}, type=moments.REACTION)

    step, _ = moments.of_line(made, chat(first, second))

    assert step is not None
    assert (step.request, step.kind, step.saw) == ("first@localhost", MomentKind.READ, "reaction +1")


def test_a_receipt_for_our_line_is_exact_and_one_for_a_later_line_says_only_by_then() -> None:
    content = {"$asked": {"m.read": {AGENT: {"ts": STAMP}}}, "$later": {"m.read": {"@ben:x": {"ts": STAMP + 500}}}}

    exact, later = moments.of_receipts(content, chat())

    assert (exact.kind, exact.at, exact.earlier) == (MomentKind.READ, AT, ZERO)
    assert later.earlier == SECOND + 500 * MILLISECOND


def test_neither_our_own_receipts_nor_those_before_we_asked_are_steps() -> None:
    early = {"ts": STAMP - 60_000}
    content = {"$asked": {"m.read": {US: {"ts": STAMP}}}, "$old": {"m.read": {AGENT: early}}}

    assert list(moments.of_receipts(content, chat())) == []


def test_typing_began_since_we_had_looked_or_asked_and_our_own_is_none() -> None:
    step = moments.typing([US, AGENT], chat(), now=AT, looked_at=AT - timedelta(minutes=5))

    assert step is not None
    assert (step.kind, step.at, step.earlier, step.clock) == (MomentKind.TYPING, AT, SECOND, "local")
    assert moments.typing([US], chat(), now=AT, looked_at=None) is None


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        ("invite", "join", MomentKind.AGENT_JOINED),
        ("", "join", MomentKind.AGENT_JOINED),
        ("join", "join", None),  # a new name
        ("join", "leave", MomentKind.AGENT_LEFT),
        ("join", "ban", MomentKind.AGENT_LEFT),
        ("leave", "invite", None),
    ],
)
def test_who_comes_and_goes_is_a_step_and_a_new_name_is_none(before: str, now: str, kind: MomentKind | None) -> None:
    unsigned = {"prev_content": {"membership": before}} if before else None
    made = line({"membership": now, "displayname": "Anna"}, type=moments.MEMBER, state_key=AGENT, unsigned=unsigned)

    step, _ = moments.of_line(made, chat())

    assert (step.kind if step else None) is kind


def test_a_status_for_a_line_that_is_not_ours_is_passed_over() -> None:
    content = {"status": "FAIL_PERMANENT", "m.relates_to": {"rel_type": "m.reference", "event_id": "$other"}}

    assert moments.of_line(line(content, type=reading.STATUS), chat()) == (None, "")


@given(
    content=HOSTILE,
    kind=st.sampled_from([*reading.MESSAGES, reading.STATUS, moments.REACTION, moments.MEMBER]),
    unsigned=JSON,
)
def test_whatever_an_event_holds_it_is_a_step_or_none(content: Any, kind: str, unsigned: Any) -> None:
    step, note = moments.of_line(line(content, type=kind, state_key=AGENT, unsigned=unsigned), chat())

    assert step is None or step.request == "asked@localhost"
    assert isinstance(note, str)


@given(receipts=JSON, users=JSON)
def test_whatever_receipts_and_typing_hold_they_are_steps_or_none(receipts: Any, users: Any) -> None:
    assert isinstance(list(moments.of_receipts(receipts, chat())), list)
    moments.typing(users, chat(), now=AT, looked_at=None)
    moments.typing([users], chat(), now=AT, looked_at=None)


def test_evidence_is_json_with_sorted_keys() -> None:
    told = json.loads(reading.evidence(line()))

    assert list(told) == sorted(told)
    assert (told["clock"], told["resolution_ms"], told["platform"]) == ("server", 1, "matrix")
