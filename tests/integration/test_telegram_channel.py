"""What the Telegram channel makes of the library's words, over a client made up for tests: never a proof of Telegram's.

The objects and errors are the library's own (tests/telegram_stage.py).
"""

from __future__ import annotations

import getpass
import json
import socket
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
from telethon import errors
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from slawatch.channels.base import Sent, Thread, Unknown
from slawatch.channels.telegram import TelegramChannel
from slawatch.channels.telegram.kept import keep_session
from slawatch.classify import classify
from slawatch.errors import (
    AccountHaltedError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.mail.tokens import place
from slawatch.model import (
    Attempt,
    Author,
    Delivery,
    FollowUp,
    Form,
    MessageKind,
    MomentKind,
    Origin,
    Purpose,
    Request,
    Text,
)
from slawatch.testing import FakeClock
from tests.telegram_stage import (
    CODE,
    PASSWORD,
    ROBOT,
    ROBOT_NAME,
    SHOP,
    SHOP_NAME,
    Channel,
    Telegram,
    channel,
    settings,
)


@pytest.fixture
def world() -> Telegram:
    return Telegram(FakeClock())


@pytest.fixture
def side(world: Telegram, tmp_path: Path) -> Iterator[Channel]:
    with channel(world, tmp_path) as made:
        yield made


def request(world: Telegram, number: int = 1, *, target: str = SHOP_NAME) -> Request:
    now = world.clock.now()
    body = f"How long does a delivery to Austria take? ({number})"
    return Request(
        id=number,
        public_id=f"R{number:04}",
        origin=Origin.SENT,
        company="shop",
        channel="telegram",
        target=target,
        account="main",
        text=Text(probe="delivery-time", lang="en", variant=0, subject="", body=body, form=Form.CHAT),
        token=f"token{number}",
        message_id=f"request-{number}@own.example",
        delivery=Delivery.SENDING,
        due_at=now,
        zone="Europe/Vienna",
        intended_at=now,
    )


def attempt(world: Telegram, number: int = 1) -> Attempt:
    return Attempt(id=number, request_id=1, number=number, envelope_id=f"e{number}", started_at=world.clock.now())


def thread(one: Request, sent: Sent | None = None) -> Thread:
    remote_id = sent.remote_id if sent else ""
    return Thread(remote_id=remote_id, target=one.target, asked_at=one.intended_at, message_id=one.message_id)


def follow_up(world: Telegram) -> FollowUp:
    return FollowUp(
        id=1,
        request_id=1,
        message_id=1,
        purpose=Purpose.REPLY,
        subject="",
        body="It is about one parcel.",
        own_id="follow-up-1@own.example",
        envelope_id="f1",
        delivery=Delivery.SENDING,
        intended_at=world.clock.now(),
    )


def wait(world: Telegram, seconds: float = 60) -> None:
    world.clock.forward(timedelta(seconds=seconds))


# --- asking ---


@pytest.mark.parametrize("in_full", [False, True])
def test_what_was_asked_is_named_and_stamped_as_the_server_has_it(
    world: Telegram, side: Channel, in_full: bool
) -> None:
    world.in_full = in_full
    one = request(world)

    sent = side.send(one, attempt(world))

    assert world.taken() == [one.text.body]
    assert sent.remote_id == f"telegram:{SHOP}/101"
    assert sent.accepted_at == world.clock.now().replace(microsecond=0)
    assert sent.uncertainty == timedelta(seconds=1)
    assert side.find(one) == sent


def test_a_lost_answer_is_uncertain_and_what_left_is_found(world: Telegram, side: Channel) -> None:
    world.loses = [ConnectionError("connection lost")]
    one = request(world)

    with pytest.raises(ChannelUncertainError):
        side.send(one, attempt(world))

    found = side.find(one)
    assert isinstance(found, Sent)
    assert side.send(one, attempt(world, 2)) == found
    assert len(world.taken()) == 1


def test_the_server_itself_refuses_the_same_line_twice(world: Telegram, side: Channel) -> None:
    one = request(world)
    sent = side.send(one, attempt(world))

    assert side.send(one, attempt(world)) == sent  # as if nobody had looked first

    assert len(world.taken()) == 1


def test_a_line_that_is_nowhere_proves_nothing(world: Telegram, side: Channel) -> None:
    assert side.find(request(world)) == Unknown()


def test_a_short_flood_wait_is_kept_and_a_long_one_is_for_a_person(world: Telegram, side: Channel) -> None:
    world.fails["send"] = [errors.FloodWaitError(None, 40), errors.FloodWaitError(None, 3 * 86_400)]
    one = request(world)

    with pytest.raises(ChannelUnavailableError, match="wait 40 s") as short:
        side.send(one, attempt(world))
    with pytest.raises(AccountHaltedError) as long:
        side.send(one, attempt(world, 2))

    assert not isinstance(short.value, AccountHaltedError)
    assert short.value.retry_at == world.clock.now() + timedelta(seconds=40)
    assert long.value.retry_at == world.clock.now() + timedelta(days=3)
    assert world.taken() == []


@pytest.mark.parametrize(
    ("error", "raised", "words"),
    [
        (errors.PeerFloodError(None), AccountHaltedError, "@SpamBot"),
        (errors.AuthKeyUnregisteredError(None), AccountHaltedError, "slawatch login main"),
        (errors.UserDeactivatedBanError(None), AccountHaltedError, "slawatch login main"),
        (errors.ApiIdInvalidError(None), AccountHaltedError, "api_id"),
        (errors.YouBlockedUserError(None), ChannelRefusedError, "refuses"),
        (errors.UserPrivacyRestrictedError(None), ChannelRefusedError, "refuses"),
        (errors.TypeNotFoundError(0xDEADBEEF, b""), ChannelUncertainError, "another layer"),
        (errors.ServerError(None, "HISTORY_GET_FAILED", 500), ChannelUncertainError, "did not answer"),
        (TimeoutError(), ChannelUncertainError, "did not answer"),
    ],
)
def test_each_refusal_says_whether_trying_again_can_help(
    world: Telegram, side: Channel, error: Exception, raised: type[Exception], words: str
) -> None:
    world.fails["send"] = [error]

    with pytest.raises(raised, match=words):
        side.send(request(world), attempt(world))


@pytest.mark.parametrize("what", ["connect", "get_me", "get_dialogs", "get_input_entity"])
def test_what_fails_before_sending_has_sent_nothing(world: Telegram, side: Channel, what: str) -> None:
    world.fails[what] = [ConnectionError("no route")]
    one = request(world)

    with pytest.raises(ChannelUnavailableError):
        side.send(one, attempt(world))
    assert world.taken() == []

    side.send(one, attempt(world))
    assert len(world.taken()) == 1


def test_nobody_of_that_name_is_refused_for_good(world: Telegram, side: Channel) -> None:
    with pytest.raises(ChannelRefusedError, match='nobody is called "@nobody_here"'):
        side.send(request(world, target="@nobody_here"), attempt(world))


# --- what comes back ---


def test_answers_are_collected_once_with_the_servers_stamps_however_late_we_look(
    world: Telegram, side: Channel
) -> None:
    world.says("Something said long before")
    wait(world)
    one = request(world)
    sent = side.send(one, attempt(world))
    wait(world, 90.7)
    world.says("Hi")
    said_at = world.clock.now()
    world.joined()
    wait(world)
    world.says("3 days", reply_to=102)
    wait(world, 86_400)

    batch = side.collect("", threads=lambda: [thread(one, sent)])

    assert [each.facts.text for each in batch.messages] == ["Hi", "3 days"]
    first, second = batch.messages
    assert first.stamps.at == said_at.replace(microsecond=0)
    assert first.stamps.at <= said_at <= first.stamps.at + first.stamps.later
    assert first.stamps.source == "platform"
    assert "whole seconds" in first.stamps.why
    assert second.facts.cited_ids == (sent.remote_id,)
    assert (first.facts.chat, first.facts.sender) == (SHOP_NAME, f"telegram:{SHOP}")
    assert batch.looked_until == world.clock.now()
    assert side.collect(batch.cursor).messages == ()
    assert side.collect("", threads=lambda: [thread(one, sent)]).messages == batch.messages


def test_a_page_ends_and_the_next_goes_on(world: Telegram, tmp_path: Path) -> None:
    with channel(world, tmp_path, page=2) as side:
        one = request(world)
        side.send(one, attempt(world))
        for number in range(5):
            world.says(f"line {number}")

        texts: list[str] = []
        cursor, more = "", True
        while more:
            batch = side.collect(cursor)
            assert len(batch.messages) <= 2
            assert (batch.looked_until is None) == batch.more
            texts += [each.facts.text for each in batch.messages]
            cursor, more = batch.cursor, batch.more

    assert texts == [f"line {number}" for number in range(5)]


def test_without_notes_of_its_own_a_channel_looks_since_the_question(
    world: Telegram, side: Channel, tmp_path: Path
) -> None:
    world.says("Something said long before")
    wait(world, 3600)
    one = request(world)
    sent = side.send(one, attempt(world))
    world.says("3 days")
    (tmp_path / "store.sqlite.main-telegram.json").unlink()

    with channel(world, tmp_path) as anew:
        known = anew.collect("", threads=lambda: [thread(one, sent)])
        unknown = anew.collect("", threads=lambda: [thread(one)])

    assert [each.facts.text for each in known.messages] == ["3 days"]
    assert [each.facts.text for each in unknown.messages] == ["3 days"]


def test_a_company_that_is_gone_keeps_nobody_else_from_being_read(world: Telegram, side: Channel) -> None:
    one = request(world)
    sent = side.send(one, attempt(world))
    gone = Thread(remote_id="", target="@gone_away", asked_at=one.intended_at, message_id="x@own.example")
    world.says("3 days")

    batch = side.collect("", threads=lambda: [gone, thread(one, sent)])

    assert len(batch.messages) == 1
    assert any("@gone_away" in note for note in batch.notes)


def test_a_server_of_another_layer_is_named_when_it_cannot_be_read(world: Telegram, side: Channel) -> None:
    one = request(world)
    side.send(one, attempt(world))
    world.fails["iter_messages"] = [errors.TypeNotFoundError(0x94345242, b"")]

    with pytest.raises(ChannelUnavailableError, match=r"another layer .* take another version"):
        side.collect("")


def test_a_flood_wait_while_looking_says_until_when(world: Telegram, side: Channel) -> None:
    side.send(request(world), attempt(world))
    world.fails["iter_messages"] = [errors.FloodWaitError(None, 12)]

    with pytest.raises(ChannelUnavailableError) as raised:
        side.collect("")

    assert raised.value.retry_at == world.clock.now() + timedelta(seconds=12)


# --- who wrote it ---


@pytest.mark.parametrize(
    ("marks", "author", "mark"),
    [
        ({}, Author.AGENT, "platform-flag: not bot, not offline"),
        ({"offline": True}, Author.BOT, "platform-flag: offline"),
        ({"via_business_bot_id": 9}, Author.BOT, "platform-flag: via_business_bot_id"),
        ({"by": ROBOT}, Author.BOT, "platform-flag: bot"),
        ({"via_bot_id": 9}, Author.UNKNOWN, ""),
    ],
)
def test_telegrams_own_marks_say_who_wrote(
    world: Telegram, side: Channel, marks: dict[str, Any], author: Author, mark: str
) -> None:
    one = request(world, target=ROBOT_NAME if "by" in marks else SHOP_NAME)
    side.send(one, attempt(world))
    world.says("It takes 3 to 5 days.", **marks)

    (message,) = side.collect("").messages

    assert (message.facts.author, message.facts.author_by) == (author, mark)
    assert TelegramChannel.read(message.raw) == message.facts


def test_an_away_message_is_a_machines_though_it_answers_at_once(world: Telegram, side: Channel) -> None:
    world.away = "We are closed, back on Monday. Delivery takes 3 days."
    one = request(world)
    side.send(one, attempt(world))
    wait(world, 120)
    world.says("3 days, 9 euros")

    away, answer = side.collect("").messages

    assert away.facts.author is Author.BOT
    assert classify(away.facts, asked=one.text, seconds_after=0).kind is MessageKind.OUT_OF_OFFICE
    assert classify(answer.facts, asked=one.text, seconds_after=120).kind is MessageKind.ANSWER


# --- steps ---


def test_typing_and_reading_are_steps_of_the_request_they_follow(world: Telegram, side: Channel) -> None:
    one = request(world)
    sent = side.send(one, attempt(world))
    wait(world)
    world.reads(101)
    world.types()
    wait(world, 5)
    world.types()

    moments = side.collect("", threads=lambda: [thread(one, sent)]).moments

    assert [each.kind for each in moments] == [MomentKind.READ, MomentKind.TYPING]
    assert {each.request for each in moments} == {one.message_id}
    assert {each.clock for each in moments} == {"local"}


def test_watching_rings_when_something_comes_and_stops_when_told(world: Telegram, side: Channel) -> None:
    stop = Event()
    side.send(request(world), attempt(world))
    later = Timer(0.3, lambda: world.says("Hi"))
    later.start()

    assert side.watch(stop, 20) is True
    later.join()
    assert side.watch(stop, 0.3) is False
    stop.set()
    assert side.watch(stop, 20) is False


# --- writing back ---


def test_a_reply_stands_under_their_question_and_is_found_again(world: Telegram, side: Channel) -> None:
    one = request(world)
    side.send(one, attempt(world))
    world.says("Which order?")
    (question,) = side.collect("").messages
    ours = follow_up(world)

    assert side.find_follow_up(ours) == Unknown()
    sent = side.send_follow_up(one, ours, question.facts)

    assert world.messages[-1].message == ours.body
    assert world.messages[-1].reply_to.reply_to_msg_id == 102
    assert side.find_follow_up(ours) == sent
    assert side.correspondent(question.facts) == SHOP_NAME
    assert side.find_by_hand(question.facts) == Unknown()  # ours is no person's


def test_what_a_person_writes_on_a_phone_is_seen(world: Telegram, side: Channel) -> None:
    one = request(world)
    side.send(one, attempt(world))
    world.says("Which order?")
    (question,) = side.collect("").messages

    assert side.find_by_hand(question.facts) == Unknown()
    theirs = world.by_hand("Number 12", reply_to=102)

    found = side.find_by_hand(question.facts)
    assert isinstance(found, Sent)
    assert found.remote_id == f"telegram:{SHOP}/{theirs.id}"


# --- logging in ---


def test_without_a_login_nothing_is_tried_and_the_cure_is_named(world: Telegram, tmp_path: Path) -> None:
    with channel(world, tmp_path, logged_in=False) as side:
        with pytest.raises(AccountHaltedError, match="run slawatch login main"):
            side.send(request(world), attempt(world))
        findings = side.check()

    assert world.clients == []
    assert [one.result for one in findings] == ["warning", "fault"]


def test_a_login_that_was_ended_on_a_phone_is_told(world: Telegram, side: Channel) -> None:
    world.logged_in = False

    with pytest.raises(AccountHaltedError, match="slawatch login main"):
        side.collect("")


def test_check_says_who_we_are_and_that_nobody_has_tried_this_with_telegram(side: Channel) -> None:
    unverified, login = side.check()

    assert (unverified.result, login.result) == ("warning", "ok")
    assert "unverified" in unverified.what
    assert "@robin" in login.what


@pytest.mark.parametrize("two_steps", [False, True])
def test_a_login_is_kept_for_its_owner_alone(
    world: Telegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_steps: bool
) -> None:
    world.two_steps = two_steps
    typed = iter([CODE, PASSWORD])
    told: list[str] = []
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(typed))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    with channel(world, tmp_path, logged_in=False) as side:
        done = side.login(told.append, port=0)
        side.send(request(world), attempt(world))

    kept = place(tmp_path / "store.sqlite", "main")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "session" in json.loads(kept.read_text())
    assert world.asked_for == ["+491700000000"]
    assert "unverified" in told[0]
    assert not any(secret in " ".join([done, *told]) for secret in (CODE, PASSWORD, "+491700000000", "a session"))


def test_a_wrong_code_keeps_nothing(world: Telegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "99999")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    with channel(world, tmp_path, logged_in=False) as side, pytest.raises(ChannelUnavailableError, match="not right"):
        side.login(lambda _words: None, port=0)

    assert not place(tmp_path / "store.sqlite", "main").exists()


def test_a_code_is_asked_for_in_a_terminal_only(
    world: Telegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)

    with channel(world, tmp_path, logged_in=False) as side, pytest.raises(ChannelUnavailableError, match="terminal"):
        side.login(lambda _words: None, port=0)


def test_the_librarys_own_client_is_made_of_the_settings(tmp_path: Path) -> None:
    own = settings(dc_host="127.0.0.1", dc_port=9)
    client = TelegramChannel(own, account="main", clock=FakeClock(), store=tmp_path / "s").make_client("")

    assert (client.session.dc_id, client.session.server_address, client.session.port) == (2, "127.0.0.1", 9)
    assert client.flood_sleep_threshold == 0


def test_the_librarys_own_client_says_when_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    own, store = settings(dc_host="127.0.0.1", dc_port=port), tmp_path / "store.sqlite"
    session = StringSession()
    session.set_dc(2, "127.0.0.1", port)
    session.auth_key = AuthKey(bytes(256))
    keep_session(own, "main", store, session.save())

    with TelegramChannel(own, account="main", clock=FakeClock(), store=store) as side:
        with pytest.raises(ChannelUnavailableError, match="did not answer"):
            side.collect("")
        assert [one.result for one in side.check()] == ["warning", "fault"]


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    own = settings(dc_host="127.0.0.1", dc_port=9, public_key=tmp_path / "nothing.pem")

    with pytest.raises(ChannelUnavailableError, match=r"nothing\.pem cannot be read"):
        TelegramChannel(own, account="main", clock=FakeClock(), store=tmp_path / "s").make_client("")


def test_a_missing_library_is_named_with_its_cure(side: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "telethon", None)

    (finding,) = side.check()

    assert not finding.ok
    assert finding.cure == 'run: pip install "slawatch[telegram]"'
    with pytest.raises(ChannelUnavailableError, match=r"slawatch\[telegram\]"):
        side.collect("")
