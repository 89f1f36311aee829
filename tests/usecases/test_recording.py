"""Contacts made by hand: what a person says stands like any evidence, silence ends where they stopped listening.

tests/contract does not run on this channel: it tries what a far side does to us (refuse, fail, swallow, come back), and
here there is none. What is left of the promise is tried at the end of this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from slawatch import config as config_room
from slawatch import probe as probe_room
from slawatch import resources
from slawatch.channels import BUILT_IN
from slawatch.channels.manual import ManualChannel, Settings, address_problem, form_of, network_of, standard_of
from slawatch.channels.manual.notes import read, write
from slawatch.config import Target
from slawatch.errors import ChannelRefusedError, ConfigError, UsageError
from slawatch.hours import ServiceHours
from slawatch.model import (
    Attempt,
    Author,
    Delivery,
    Form,
    MatchEvidence,
    MessageKind,
    Mode,
    MomentKind,
    Origin,
    PledgeState,
    Request,
    Verdict,
    VoidReason,
    Wait,
)
from slawatch.store import Store
from slawatch.testing import FakeClock
from slawatch.usecases import audit, by_hand, recorded, recording
from slawatch.usecases import review as reviewing
from slawatch.usecases.assisted import invitations, letter, skip, until
from slawatch.usecases.audit import start
from slawatch.usecases.recompute import recompute
from slawatch.usecases.recording import Instant
from slawatch.usecases.send import send_due
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from slawatch.usecases.world import News, World

CONFIG = """
timezone = "Europe/Berlin"

[account.hand]
channel = "manual"
name = "Robin Beispiel"

[company.shop]
name = "Shop"
relationship = "own"
language = "en"
[[company.shop.target]]
channel = "manual"
address = "phone:+49 30 1234567"
[[company.shop.target]]
channel = "manual"
address = "letter:Shop GmbH, Musterstr. 1, 10115 Berlin"

[company.other]
name = "Other"
relationship = "own"
language = "en"
[[company.other.target]]
channel = "manual"
address = "Threema:ABCD1234"
"""
MINUTE = timedelta(minutes=1)
PHONE = "phone:+49 30 1234567"


@dataclass
class Hand:
    world: World
    clock: FakeClock
    news: list[News]

    def forward(self, **span: float) -> None:
        self.clock.forward(timedelta(**span))

    def now(self, **margin: float) -> Instant:
        return Instant(at=self.clock.now(), noted="by a test")

    def asked(self, where: str = "shop/phone", *, continues: str = "") -> Request:
        """Ask now, and let a minute pass."""
        request = by_hand.prepare(self.world, by_hand.target_of(self.world, where), continues=continues)
        kept = recording.sent(self.world, request, self.now())
        self.forward(minutes=1)
        return kept

    def says(self, request: Request, kind: MessageKind, text: str = "") -> None:
        recording.said(self.world, request, kind, self.now(), text=text, who="robin", where="test")

    def stands(self, request: Request) -> recorded.Recorded:
        return recorded.shown(self.world, request)


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    clock = FakeClock()
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    probes = probe_room.load_all(resources.folders("probes", None), judge=False)
    config = config_room.load(path, registry=BUILT_IN, probes=probes)
    news: list[News] = []
    with Store(config.store, clock=clock) as store:
        channel = ManualChannel(config.accounts["hand"].settings, account="hand", clock=clock, store=config.store)
        yield Hand(
            World(
                config=config,
                store=store,
                clock=clock,
                probes=probes,
                channel=lambda _account: channel,
                reader=lambda _channel: ManualChannel.read,
                tell=news.append,
            ),
            clock,
            news,
        )


# --- what is asked and heard ---


def test_a_call_is_asked_by_phone_and_reported_as_that(hand: Hand) -> None:
    request = hand.stands(hand.asked()).request

    assert (request.origin, request.delivery) == (Origin.RECORDED, Delivery.SENT)
    assert (request.channel, request.network, request.way) == ("manual", "phone", "phone")


def test_what_the_person_says_it_is_that_is_it(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.BOT, "This is a person answering: delivery takes three days.")
    hand.forward(minutes=4)
    hand.says(request, MessageKind.ANSWER, "mumble")

    found = hand.stands(request)

    assert [reply.kind for reply in found.replies] == [MessageKind.BOT, MessageKind.ANSWER]
    assert all(reply.settled and reply.evidence is MatchEvidence.CONVERSATION for reply in found.replies)
    assert found.outcome is not None
    assert found.outcome.verdict is Verdict.ANSWERED
    assert found.outcome.first_response == Wait(length=5 * MINUTE, ended=True)


def test_new_rules_leave_the_persons_word_alone(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.HANDOFF, "We received your message.")
    before = hand.stands(request)

    done = recompute(hand.world)

    assert (done.judged, done.decided, done.requests) == (1, 1, ())
    assert hand.stands(request).replies == before.replies


def test_a_review_can_say_otherwise_and_be_undone(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.ANSWER, "three days")
    (reply,) = hand.stands(request).replies
    wish = reviewing.Wish(kind=MessageKind.INTERIM)

    reviewing.decide(hand.world, reply.message_id, wish, who="anna", reason="heard the tape")

    (now,) = hand.stands(request).replies
    assert now.kind is MessageKind.INTERIM


def test_margins_widen_the_wait(hand: Hand) -> None:
    request = by_hand.prepare(hand.world, by_hand.target_of(hand.world, PHONE))
    at = hand.clock.now()
    hand.forward(minutes=10)
    minute = MINUTE - timedelta(microseconds=1)
    kept = recording.sent(hand.world, request, Instant(at=at, later=minute))
    recording.said(
        hand.world,
        kept,
        MessageKind.ANSWER,
        Instant(at=at + 3 * MINUTE, later=minute),
        text="",
        who="robin",
        where="test",
    )

    outcome = hand.stands(kept).outcome

    assert outcome is not None
    assert outcome.first_response == Wait(length=3 * MINUTE, ended=True, shorter=minute, longer=2 * minute)


# --- silence ---


def test_silence_counts_as_long_as_somebody_listened(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.BOT)
    hand.forward(hours=5)
    tick(hand.world)

    outcome = hand.stands(request).outcome

    assert outcome is not None
    assert outcome.verdict is Verdict.PENDING  # a window of half an hour is long over, but nobody says it was watched
    assert outcome.first_response is not None
    assert timedelta(0) <= outcome.first_response.length - MINUTE <= timedelta(seconds=1)
    assert not outcome.first_response.ended


def test_who_says_no_more_than_that_they_asked_has_heard_no_silence(hand: Hand) -> None:
    request = hand.asked()
    hand.forward(hours=5)
    tick(hand.world)

    outcome = hand.stands(request).outcome

    assert outcome is not None
    assert outcome.verdict is Verdict.PENDING
    assert outcome.first_response is not None
    assert outcome.first_response.length < timedelta(seconds=1)


def test_the_letter_to_whoever_asks_says_what_and_how(hand: Hand) -> None:
    (waits,) = invitations(hand.world, [due(hand)], by_hand=True)

    words = letter(hand.world, waits)

    assert words.startswith(f"Please ask Shop by {PHONE},\nuntil Sunday 2026-03-29 05:30 (Europe/Berlin):\n")
    assert waits.text in words
    assert f"    slawatch record {waits.request.public_id} --live\n" in words
    assert "Please post" not in words


def test_who_listened_to_the_end_of_the_window_has_seen_a_miss(hand: Hand) -> None:
    request = hand.asked()
    hand.forward(minutes=31)

    recording.listened(hand.world, request, hand.now(), gave_up=False, where="test")

    outcome = hand.stands(request).outcome
    assert outcome is not None
    assert outcome.verdict is Verdict.MISSED


def test_giving_up_ends_it_and_a_call_back_takes_it_up_again(hand: Hand) -> None:
    request = hand.asked()
    hand.forward(minutes=11)
    recording.listened(hand.world, request, hand.now(), gave_up=True, where="test")

    found = hand.stands(request)
    assert found.outcome is not None
    assert found.outcome.verdict is Verdict.PENDING
    assert found.outcome.first_response == Wait(length=12 * MINUTE, ended=False)
    assert status(hand.world).open == ()

    hand.forward(minutes=8)
    hand.says(request, MessageKind.ANSWER)

    found = hand.stands(request)
    assert not found.given_up
    assert found.outcome is not None
    assert found.outcome.first_response == Wait(length=20 * MINUTE, ended=True)


def test_a_way_that_leads_to_nobody_is_void_and_theirs(hand: Hand) -> None:
    request = by_hand.prepare(hand.world, by_hand.target_of(hand.world, PHONE))

    kept = recording.unreachable(hand.world, request, hand.now(), VoidReason.OFFLINE, "nobody picked up")

    found = hand.stands(kept)
    assert found.outcome is not None
    assert (found.outcome.verdict, found.outcome.void_reason) == (Verdict.VOID, VoidReason.OFFLINE)
    assert found.request.void_detail == "nobody picked up"


# --- promises ---


def test_a_promised_call_back_runs_until_somebody_says_what_came(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.INTERIM, "We call you back within 2 hours.")
    hand.forward(hours=30)
    tick(hand.world)

    found = hand.stands(request)
    assert found.outcome is not None
    assert [one.state for one in found.outcome.pledges] == [PledgeState.RUNNING]

    hand.says(request, MessageKind.ANSWER)

    found = hand.stands(request)
    assert found.outcome is not None
    assert [one.state for one in found.outcome.pledges] == [PledgeState.BROKEN]


def test_a_call_back_in_time_keeps_it(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.INTERIM, "We call you back within 2 hours.")
    hand.forward(hours=1)
    hand.says(request, MessageKind.ANSWER)

    found = hand.stands(request)

    assert found.outcome is not None
    assert [one.state for one in found.outcome.pledges] == [PledgeState.KEPT]


def test_a_promise_without_a_time_is_refused(hand: Hand) -> None:
    with pytest.raises(UsageError, match=r'--promise: "soon" names no time'):
        recording.promised(hand.world, hand.asked(), "soon", hand.clock.now())


def test_words_said_before_a_promise_are_no_part_of_it() -> None:
    assert recording.joined("I look it up", "we call back today") == "I look it up.\nwe call back today"
    assert recording.joined("", "we call back today") == "we call back today"


# --- the way back ---


def test_what_was_recorded_last_is_taken_back_one_by_one(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.INTERIM)
    hand.forward(minutes=2)
    hand.says(request, MessageKind.ANSWER)
    hand.forward(minutes=2)
    recording.listened(hand.world, request, hand.now(), gave_up=False, where="test")

    def back() -> str:
        return recording.take_back(hand.world, request.public_id, who="robin")

    assert back() == "stopped listening"
    assert back() == "answer"
    found = hand.stands(request)
    assert [reply.kind for reply in found.replies] == [MessageKind.INTERIM]
    assert found.outcome is not None
    assert found.outcome.answer is not None
    assert found.outcome.answer.length < 2 * MINUTE  # nobody says any more that they listened until the answer
    assert back() == "interim"
    assert back() == "that it was asked"
    assert hand.stands(request).outcome is None
    assert hand.stands(request).request.delivery is Delivery.SKIPPED
    with pytest.raises(UsageError, match="left to be taken back"):
        back()


def test_what_was_taken_back_stays_in_the_history(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.ANSWER, "three days")
    (reply,) = hand.stands(request).replies

    recording.take_back(hand.world, request.public_id, who="anna")

    look = reviewing.look(hand.world, reply.message_id)
    assert look.text == "three days"
    assert [past.who for past in look.history] == ["robin", "anna"]


def test_what_was_taken_back_can_be_recorded_anew(hand: Hand) -> None:
    request = hand.asked()
    recording.take_back(hand.world, request.public_id, who="robin")

    again = recording.sent(hand.world, by_hand.request_of(hand.world, request.public_id), hand.now())

    assert hand.stands(again).request.accepted_at == hand.clock.now()


def test_an_unreachable_one_taken_back_stands_as_before(hand: Hand) -> None:
    request = hand.asked()
    recording.unreachable(hand.world, request, hand.now(), VoidReason.BLOCKED, "busy")

    recording.take_back(hand.world, request.public_id, who="robin")

    now = hand.stands(request).request
    assert (now.delivery, now.accepted_at, now.void_reason) == (Delivery.SENT, request.accepted_at, None)


def test_words_for_a_stamp_keep_its_time(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.INTERIM)
    (bare,) = hand.stands(request).replies

    recording.reword(hand.world, request, bare, "We call you back within 2 hours.", who="robin")

    (reply,) = hand.stands(request).replies
    assert (reply.stamps, reply.kind) == (bare.stamps, bare.kind)
    assert len(reply.promises) == 1
    assert recording.take_back(hand.world, request.public_id, who="robin") == "interim"
    assert hand.stands(request).replies == ()


# --- what cannot be ---


def test_what_is_still_to_come_is_refused(hand: Hand) -> None:
    request = hand.asked()
    later = Instant(at=hand.clock.now() + MINUTE)

    with pytest.raises(UsageError, match=r"--answer: .* is still to come"):
        recording.said(hand.world, request, MessageKind.ANSWER, later, who="robin", where="--answer")


def test_an_answer_before_the_question_is_refused(hand: Hand) -> None:
    request = hand.asked()
    before = Instant(at=hand.clock.now() - 2 * MINUTE)

    with pytest.raises(UsageError, match=r"--answer: .* is before it was asked"):
        recording.said(hand.world, request, MessageKind.ANSWER, before, who="robin", where="--answer")


def test_nobody_listened_only_until_before_what_they_heard(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.BOT)
    before = Instant(at=hand.clock.now() - MINUTE)

    with pytest.raises(UsageError, match="is before what was recorded last"):
        recording.listened(hand.world, request, before, gave_up=True, where="--given-up")


def test_nothing_is_asked_twice(hand: Hand) -> None:
    request = hand.asked()

    with pytest.raises(UsageError, match="was asked already"):
        recording.sent(hand.world, request, hand.now())


def test_who_was_heard_of_was_reached(hand: Hand) -> None:
    request = hand.asked()
    hand.says(request, MessageKind.BOT)

    with pytest.raises(UsageError, match="was reached"):
        recording.unreachable(hand.world, request, hand.now(), VoidReason.OFFLINE, "hung up")


# --- evidence ---


def test_files_are_kept_untouched_even_two_of_a_kind(hand: Hand, tmp_path: Path) -> None:
    request = hand.asked()
    files = [tmp_path / name for name in ("one.jpg", "two.jpg", "call.unknown")]
    for path in files:
        path.write_bytes(path.name.encode())

    recording.add(hand.world, request, files=files, note="a friendly man", at=hand.clock.now(), kind=MessageKind.ANSWER)

    kept = hand.world.store.exhibits([request.id])[request.id]
    assert [hand.world.store.raw(one.sha256) for one in kept] == [path.name.encode() for path in files]
    assert [one.media for one in kept] == ["image/jpeg", "image/jpeg", "application/octet-stream"]
    notes = [one.saw for one in hand.world.store.moments([request.id])[request.id] if one.kind is MomentKind.NOTICE]
    assert notes == ["a friendly man"]


def test_a_file_that_is_not_there_is_named(hand: Hand, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'--evidence: ".*/no\.jpg" cannot be read: No such file'):
        recording.add(hand.world, hand.asked(), files=[tmp_path / "no.jpg"], note="", at=hand.clock.now(), kind=None)


# --- on another way ---


def test_a_request_that_takes_up_another_notes_whether_all_was_told_again(hand: Hand) -> None:
    first = hand.asked()
    second = hand.asked("shop/letter", continues=first.public_id)

    noted = recording.told_again(hand.world, second, again_=True)

    now = hand.stands(noted).request
    assert (now.continues, now.told_again) == (first.id, True)
    assert recording.take_back(hand.world, second.public_id, who="robin") == "whether all had to be told again"
    assert hand.stands(second).request.told_again is None


def test_only_the_same_companys_request_is_taken_up(hand: Hand) -> None:
    first = hand.asked()

    with pytest.raises(UsageError, match=f"--continues: {first.public_id} was put to shop, not to other"):
        hand.asked("other", continues=first.public_id)
    with pytest.raises(UsageError, match="takes up no other request"):
        recording.told_again(hand.world, first, again_=True)


def test_the_companys_own_number_is_handed_out(hand: Hand) -> None:
    first = hand.asked()
    hand.says(first, MessageKind.ACKNOWLEDGEMENT, "Your ticket number is SRV-471122.")
    target = by_hand.target_of(hand.world, "shop/letter")

    again = by_hand.prepare(hand.world, target, continues=first.public_id, hand_out=True)

    assert by_hand.ticket_of(hand.world, again) == "SRV-471122"
    assert "SRV-471122" in again.text.body


# --- what is due ---


def due(hand: Hand, where: str = "shop/phone") -> Request:
    """Let an audit prepare a question for a person, and go on to its end only by hand."""
    target = by_hand.target_of(hand.world, where)
    start(hand.world, [target], over=timedelta(0), until=None, name="test")
    tick(hand.world)
    (request,) = [one for one in hand.world.store.requests() if one.delivery is Delivery.INTENDED]
    return request


def test_what_is_due_waits_for_a_person_and_is_told(hand: Hand) -> None:
    request = due(hand)

    assert hand.world.store.attempts(request.id) == []
    (waits,) = status(hand.world).to_ask
    assert waits.request == request
    assert status(hand.world).to_post == ()
    assert [one.words for one in hand.news if one.what == "please-post"] == [
        f"please ask by {PHONE}: slawatch record {request.public_id} --live"
    ]


def test_what_is_due_is_recorded_as_asked_by_hand(hand: Hand) -> None:
    request = due(hand)
    hand.forward(minutes=20)

    assert by_hand.waiting_for(hand.world, by_hand.target_of(hand.world, PHONE)) == request
    recording.sent(hand.world, request, hand.now())

    now = hand.stands(request).request
    assert (now.origin, now.delivery, now.slot_id) == (Origin.RECORDED, Delivery.SENT, request.slot_id)
    assert status(hand.world).to_ask == ()


def test_what_nobody_asks_is_skipped_and_counts_nowhere(hand: Hand) -> None:
    request = due(hand)
    hand.forward(hours=3, minutes=1)

    tick(hand.world)

    now = hand.stands(request)
    assert now.request.delivery is Delivery.SKIPPED
    assert now.outcome is None
    assert "nobody asked it in time" in now.request.void_detail


def test_a_letter_may_be_written_days_later(hand: Hand) -> None:
    request = due(hand, "shop/letter")

    assert request.text.form is Form.LETTER
    assert until(request) - request.due_at == timedelta(days=3)


def test_what_is_due_can_be_skipped_at_once(hand: Hand) -> None:
    request = skip(hand.world, due(hand).public_id)

    assert request.delivery is Delivery.SKIPPED
    assert request.void_detail == "a person chose not to ask it"


def test_one_that_was_prepared_waits_again_when_its_stamp_is_taken_back(hand: Hand) -> None:
    request = due(hand)
    recording.sent(hand.world, request, hand.now())

    recording.take_back(hand.world, request.public_id, who="robin")

    (waits,) = invitations(hand.world, hand.world.store.requests(), by_hand=True)
    assert waits.request.public_id == request.public_id


def test_an_audit_waits_for_whoever_asks_and_ends_when_they_wait_no_more(hand: Hand) -> None:
    request = due(hand)
    asked = recording.sent(hand.world, request, hand.now())
    hand.forward(minutes=2)
    assert not audit.finished(asked, hand.stands(asked).outcome)  # the telephone is still ringing

    recording.listened(hand.world, asked, hand.now(), gave_up=False, where="test")
    assert not audit.finished(asked, hand.stands(asked).outcome)  # they may call back

    recording.listened(hand.world, asked, hand.now(), gave_up=True, where="test")
    assert audit.finished(asked, hand.stands(asked).outcome)


def test_an_audit_ends_with_the_answer_that_a_person_records(hand: Hand) -> None:
    request = due(hand)
    campaign = hand.world.store.campaign(still_open=True)
    assert campaign is not None
    asked = recording.sent(hand.world, request, hand.now())
    hand.forward(minutes=2)
    hand.says(asked, MessageKind.ANSWER)

    assert audit.run(hand.world, campaign, show=lambda _progress: None).settled


def test_a_pass_never_sends_what_a_person_asks(hand: Hand) -> None:
    request = due(hand)

    done = send_due(hand.world)

    assert (done.sent, done.refused) == ([], [])
    attempt = Attempt(id=1, request_id=request.id, number=1, envelope_id="e", started_at=hand.clock.now())
    with pytest.raises(ChannelRefusedError, match=f"slawatch record {request.public_id}"):
        hand.world.channel("hand").send(request, attempt)


# --- who is meant ---


@pytest.mark.parametrize("words", ["other", "Threema:ABCD1234", "threema:abcd1234", "other/threema"])
def test_a_target_is_meant_by_its_address_company_or_way(hand: Hand, words: str) -> None:
    assert by_hand.target_of(hand.world, words).address == "Threema:ABCD1234"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("shop", 'record: "shop" has several ways: "phone:'),
        ("shop/fax", "record: Shop is asked nowhere by hand"),
        ("nobody", 'record: there is no "nobody" by hand in config.toml; there are: "phone:'),
    ],
)
def test_who_is_not_clear_is_asked_for(hand: Hand, words: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        by_hand.target_of(hand.world, words)

    assert str(refused.value).startswith(why)


# --- the channel ---


def test_a_way_decides_how_long_the_text_is_and_what_is_expected(hand: Hand) -> None:
    phone, letter = hand.world.config.companies["shop"].targets

    assert (phone.mode, letter.mode) == (Mode.ASSISTED, Mode.ASSISTED)
    assert (phone.form, letter.form) == (Form.CHAT, Form.LETTER)
    assert (phone.standard.window, letter.standard.window) == (timedelta(minutes=30), timedelta(days=28))
    assert form_of("form:https://shop.example/contact") is Form.LETTER
    assert standard_of("form:https://shop.example/contact").window == timedelta(days=7)
    assert network_of("Visit: Musterstr. 1") == "visit"
    assert phone.hours == ServiceHours()


@pytest.mark.parametrize("address", ["+49 30 1234567", "https://shop.example", "phone:", "phone:1\n2"])
def test_an_address_that_names_no_way_is_refused(address: str) -> None:
    assert address_problem(address)


def test_an_account_needs_a_name(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[account.hand]\nchannel = "manual"\nnotify = "nobody"\n', encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        config_room.load(path, registry=BUILT_IN, probes={})

    assert 'account.hand: "name" is missing; write name = "..."' in str(refused.value)


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"[]", b"{}", b"1", b'{"target": 1}', b"[" * 100_000])
def test_a_note_that_is_none_is_unreadable_and_raises_nothing(raw: bytes) -> None:
    assert not read(raw).readable


def test_a_note_says_again_what_was_noted() -> None:
    raw = write(
        number="17",
        target="Threema:ABCD1234",
        request="R@localhost",
        kind=MessageKind.BOT,
        text="Hallo",
        who="robin",
        noted="by a key",
        stamp={"at": "2026-11-22T10:00:00+00:00"},
    )

    facts = read(raw)

    assert json.loads(raw)["who"] == "robin"
    assert (facts.chat, facts.conversation, facts.own_id) == ("threema:abcd1234", "r@localhost", "manual:17")
    assert (facts.author, facts.text, facts.network) == (Author.BOT, "Hallo", "threema")


def test_looking_again_brings_nothing_and_sees_up_to_now(hand: Hand) -> None:
    channel = ManualChannel(Settings(name="Robin"), account="hand", clock=hand.clock, store=Path("none"))

    with channel:
        first, second = channel.collect(""), channel.collect("")

        assert first == second
        assert (first.messages, first.looked_until) == ((), hand.clock.now())
        assert not channel.watch(Event(), 0)
        assert [one.result for one in channel.check()] == ["ok"]


def test_targets_keep_their_capitals(hand: Hand) -> None:
    (target,) = hand.world.config.companies["other"].targets

    assert isinstance(target, Target)
    assert target.address == "Threema:ABCD1234"
