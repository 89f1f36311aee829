"""What every channel promises (channels/base.py), tried on each of them. Nothing here knows which channel it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slawatch.channels.base import Batch, Channel, NotSent, Sent
from slawatch.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.model import Facts, Incoming, Request
from slawatch.store import Store
from tests.contract.benches import BATCH, Bench
from tests.contract.registry import BENCHES

ZERO = timedelta(0)


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with BENCHES[request.param]() as ready:
        yield ready


@pytest.fixture
def channel(bench: Bench) -> Iterator[Channel]:
    with bench.channel() as ready:
        yield ready


def one_line(error: ChannelError) -> bool:
    return bool(str(error)) and "\n" not in str(error)


def whole_pass(channel: Channel, cursor: str = "") -> list[Batch]:
    """Collect until nothing is left; a pass that never ends is a fault of the channel."""
    batches = []
    for _ in range(100):
        batches.append(channel.collect(cursor))
        if not batches[-1].more:
            return batches
        cursor = batches[-1].cursor
    raise AssertionError("the pass has no end")


def messages(batches: list[Batch]) -> list[Incoming]:
    return [message for batch in batches for message in batch.messages]


def holding(batches: list[Batch], words: str) -> list[Incoming]:
    return [message for message in messages(batches) if words in message.facts.text]


class TestSending:
    def test_what_was_sent_arrives_once_and_exactly_as_prepared(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()

        channel.send(asked, attempt)

        assert bench.arrived(asked) == [channel.prepare(asked, attempt)]

    def test_the_far_side_took_it_over_while_we_were_sending(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        before = bench.clock.now()

        sent = channel.send(asked, attempt)

        assert sent.uncertainty >= ZERO
        assert sent.accepted_at.tzinfo is not None
        assert before <= sent.accepted_at <= bench.clock.now()

    def test_preparing_needs_no_far_side_and_always_gives_the_same_bytes(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        first = channel.prepare(asked, attempt)
        bench.go_away()

        assert first
        assert channel.prepare(asked, attempt) == first
        assert bench.arrived(asked) == []

    def test_what_we_send_can_be_read_as_what_was_asked(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()

        sent = channel.send(asked, attempt)
        facts = channel.read(bench.seen_of(asked))

        assert facts.readable
        assert facts.own_id == sent.remote_id
        assert facts.subject == asked.text.subject
        assert "wie lange dauert die Lieferung nach Köln?" in facts.text

    def test_a_wrong_address_is_refused_for_good_and_nothing_arrives(self, bench: Bench, channel: Channel) -> None:
        wrong = bench.target.replace("service", "nobody")
        bench.refuse(wrong)
        asked, attempt = bench.ask(target=wrong)

        with pytest.raises(ChannelRefusedError) as caught:
            channel.send(asked, attempt)

        assert one_line(caught.value)
        assert bench.arrived(asked) == []

    def test_one_refused_address_leaves_the_others_reachable(self, bench: Bench, channel: Channel) -> None:
        wrong = bench.target.replace("service", "nobody")
        bench.refuse(wrong)
        with pytest.raises(ChannelRefusedError):
            channel.send(*bench.ask(target=wrong))
        asked, attempt = bench.ask()

        channel.send(asked, attempt)

        assert len(bench.arrived(asked)) == 1

    def test_a_far_side_that_is_busy_gets_nothing_now_and_one_copy_later(self, bench: Bench, channel: Channel) -> None:
        bench.fail_once()
        asked, attempt = bench.ask()

        with pytest.raises(ChannelUnavailableError) as caught:
            channel.send(asked, attempt)

        assert one_line(caught.value)
        assert bench.arrived(asked) == []
        assert not isinstance(channel.find(asked), Sent)
        channel.send(asked, attempt)
        assert len(bench.arrived(asked)) == 1

    def test_a_far_side_that_is_away_gets_nothing_and_can_be_tried_again(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        bench.go_away()

        with pytest.raises(ChannelUnavailableError) as caught:
            channel.send(asked, attempt)

        assert one_line(caught.value)
        bench.come_back()
        assert bench.arrived(asked) == []
        channel.send(asked, attempt)
        assert len(bench.arrived(asked)) == 1

    def test_as_many_threads_may_send_at_once_as_it_says(self, bench: Bench, channel: Channel) -> None:
        several = [bench.ask() for _ in range(2 * channel.capabilities.parallel)]

        with ThreadPoolExecutor(channel.capabilities.parallel) as pool:
            list(pool.map(lambda one: channel.send(*one), several))

        assert [len(bench.arrived(asked)) for asked, _ in several] == [1] * len(several)


class TestUncertainty:
    def test_a_lost_acknowledgement_is_uncertain_and_then_found_as_sent(self, bench: Bench, channel: Channel) -> None:
        bench.lose_acknowledgement()
        asked, attempt = bench.ask()
        before = bench.clock.now()

        with pytest.raises(ChannelUncertainError) as caught:
            channel.send(asked, attempt)

        assert one_line(caught.value)
        found = channel.find(asked)
        assert isinstance(found, Sent)
        assert found.accepted_at + found.uncertainty >= before
        assert len(bench.arrived(asked)) == 1

    def test_what_was_swallowed_is_uncertain_and_never_found_as_sent(self, bench: Bench, channel: Channel) -> None:
        bench.swallow_once()
        asked, attempt = bench.ask()

        with pytest.raises(ChannelUncertainError):
            channel.send(asked, attempt)

        assert not isinstance(channel.find(asked), Sent)
        assert bench.arrived(asked) == []

    def test_what_was_never_sent_is_never_found_as_sent(self, bench: Bench, channel: Channel) -> None:
        channel.send(*bench.ask())
        never, _ = bench.ask()

        assert not isinstance(channel.find(never), Sent)

    def test_an_answer_to_another_request_is_no_trace_of_this_one(self, bench: Bench, channel: Channel) -> None:
        other, attempt = bench.ask()
        channel.send(other, attempt)
        bench.answer(other, "Zwei Tage.")
        never, _ = bench.ask()

        assert not isinstance(channel.find(never), Sent)

    def test_while_the_far_side_is_away_nothing_is_proven(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        bench.go_away()

        with suppress(ChannelUnavailableError):
            assert not isinstance(channel.find(asked), NotSent)

    def test_after_an_uncertain_sending_the_channel_still_works(self, bench: Bench, channel: Channel) -> None:
        bench.lose_acknowledgement()
        with pytest.raises(ChannelUncertainError):
            channel.send(*bench.ask())
        asked, attempt = bench.ask()

        channel.send(asked, attempt)

        assert len(bench.arrived(asked)) == 1


class TestWritingBack:
    """The reply to a letter of the company: held to what is promised of requests."""

    @pytest.fixture
    def asked(self, bench: Bench, channel: Channel) -> Request:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        return asked

    @pytest.fixture
    def question(self, bench: Bench, channel: Channel, asked: Request) -> Facts:
        bench.answer(asked, "Um welchen Artikel geht es Ihnen?")
        (found,) = holding(whole_pass(channel), "welchen Artikel")
        return found.facts

    def test_it_arrives_once_exactly_as_prepared_where_the_letter_wants_it(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)

        channel.send_follow_up(asked, reply, question)

        assert channel.correspondent(question) == bench.reached_at(asked.target)
        assert bench.arrived_after(asked, reply) == [channel.prepare_follow_up(asked, reply, question)]
        assert len(bench.arrived(asked)) == 1

    def test_it_says_what_was_kept_and_cites_the_letter(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)

        sent = channel.send_follow_up(asked, reply, question)
        facts = channel.read(bench.seen_of(asked, reply))

        assert (facts.own_id, facts.subject) == (sent.remote_id, reply.subject)
        assert "allgemein um die Lieferzeit nach Köln" in facts.text
        assert question.own_id in facts.cited_ids
        assert facts.sender == channel.read(bench.seen_of(asked)).sender

    def test_the_far_side_took_it_over_while_we_were_sending(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        before = bench.clock.now()

        sent = channel.send_follow_up(asked, bench.follow(asked), question)

        assert sent.uncertainty >= ZERO
        assert before <= sent.accepted_at <= bench.clock.now()

    def test_a_far_side_that_is_busy_gets_nothing_now_and_one_copy_later(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)
        bench.fail_once()

        with pytest.raises(ChannelUnavailableError) as caught:
            channel.send_follow_up(asked, reply, question)

        assert one_line(caught.value)
        assert bench.arrived_after(asked, reply) == []
        assert not isinstance(channel.find_follow_up(reply), Sent)
        channel.send_follow_up(asked, reply, question)
        assert len(bench.arrived_after(asked, reply)) == 1

    def test_an_address_that_is_gone_is_refused_for_good(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)
        bench.refuse(asked.target)

        with pytest.raises(ChannelRefusedError) as caught:
            channel.send_follow_up(asked, reply, question)

        assert one_line(caught.value)
        assert bench.arrived_after(asked, reply) == []

    def test_a_lost_acknowledgement_is_uncertain_and_then_found_as_sent(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)
        bench.lose_acknowledgement()
        before = bench.clock.now()

        with pytest.raises(ChannelUncertainError):
            channel.send_follow_up(asked, reply, question)

        found = channel.find_follow_up(reply)
        assert isinstance(found, Sent)
        assert found.accepted_at + found.uncertainty >= before
        assert len(bench.arrived_after(asked, reply)) == 1

    def test_what_was_swallowed_is_uncertain_and_never_found_as_sent(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        reply = bench.follow(asked)
        bench.swallow_once()

        with pytest.raises(ChannelUncertainError):
            channel.send_follow_up(asked, reply, question)

        assert not isinstance(channel.find_follow_up(reply), Sent)
        assert bench.arrived_after(asked, reply) == []

    def test_a_reply_by_other_means_is_found_by_the_letter_it_cites(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        assert not isinstance(channel.find_by_hand(question), Sent)
        before = bench.clock.now()

        bench.reply_by_hand(question, "Es geht mir allgemein darum.")

        found = channel.find_by_hand(question)
        assert isinstance(found, Sent)
        assert found.remote_id not in {"", question.own_id}
        assert found.accepted_at + found.uncertainty >= before - timedelta(seconds=1)

    def test_a_reply_to_another_letter_is_none_to_this_one(
        self, bench: Bench, channel: Channel, asked: Request, question: Facts
    ) -> None:
        bench.answer(asked, "Und in welches Land?")
        (other,) = holding(whole_pass(channel), "welches Land")

        bench.reply_by_hand(other.facts, "Nach Frankreich.")

        assert not isinstance(channel.find_by_hand(question), Sent)

    @pytest.mark.parametrize("hostile", ["", '"', "a b", "\u00fc@x", "x" * 5000, "@"])
    def test_whatever_id_a_letter_claims_nothing_is_found_by_it(
        self, bench: Bench, channel: Channel, question: Facts, hostile: str
    ) -> None:
        bench.reply_by_hand(question, "Es geht mir allgemein darum.")

        assert not isinstance(channel.find_by_hand(Facts(own_id=hostile)), Sent)


class TestCollecting:
    def test_an_answer_is_collected_with_what_ties_it_to_its_request(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        before = bench.clock.now()
        bench.answer(asked, "Die Lieferung dauert zwei Tage.")
        after = bench.clock.now()

        (answer,) = holding(whole_pass(channel), "zwei Tage")

        facts = answer.facts
        assert bench.ties(asked, facts)
        assert facts.sender == bench.known_as(asked.target)
        assert answer.stamps.at.tzinfo is not None
        assert answer.stamps.source
        assert answer.stamps.earlier >= ZERO
        assert answer.stamps.later >= ZERO
        assert answer.stamps.at - answer.stamps.earlier <= after
        assert answer.stamps.at + answer.stamps.later >= before

    def test_the_raw_evidence_says_what_the_message_said(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        bench.answer(asked, "Die Lieferung dauert zwei Tage.")

        (answer,) = holding(whole_pass(channel), "zwei Tage")

        assert channel.read(answer.raw) == answer.facts

    def test_an_answer_sorted_out_as_junk_is_collected_as_well(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        bench.answer(asked, "Die Lieferung dauert zwei Tage.", junk=True)

        assert len(holding(whole_pass(channel), "zwei Tage")) == 1

    def test_collecting_twice_from_the_same_cursor_gives_the_same(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        for number in range(2 * BATCH):
            bench.answer(asked, f"Antwort {number}", junk=number % 2 == 1)

        first = whole_pass(channel)
        second = whole_pass(channel)

        assert [(m.remote_id, m.raw) for m in messages(first)] == [(m.remote_id, m.raw) for m in messages(second)]

    def test_a_pass_after_the_last_cursor_brings_only_what_is_new(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        bench.answer(asked, "die erste")
        cursor = whole_pass(channel)[-1].cursor
        assert messages(whole_pass(channel, cursor)) == []
        bench.answer(asked, "die zweite")

        (new,) = messages(whole_pass(channel, cursor))

        assert "die zweite" in new.facts.text

    def test_batches_are_bounded_and_together_complete(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        for number in range(3 * BATCH + 1):
            bench.answer(asked, f"Antwort {number}.", junk=number % 3 == 2)

        batches = whole_pass(channel)

        assert max(len(batch.messages) for batch in batches) <= BATCH
        assert len({message.remote_id for message in messages(batches)}) == len(messages(batches))
        assert all(len(holding(batches, f"Antwort {number}.")) == 1 for number in range(3 * BATCH + 1))

    def test_a_pass_broken_off_is_taken_up_by_another_process_without_loss(self, bench: Bench) -> None:
        asked, _ = bench.ask()
        for number in range(2 * BATCH + 1):
            bench.answer(asked, f"Antwort {number}.", junk=number % 3 == 2)
        with bench.channel() as first:
            begun = first.collect("")
        assert begun.more

        with bench.channel() as second:
            rest = whole_pass(second, begun.cursor)

        assert all(holding([begun, *rest], f"Antwort {number}.") for number in range(2 * BATCH + 1))

    def test_what_arrives_during_a_pass_is_in_this_one_or_the_next(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        for number in range(BATCH + 1):
            bench.answer(asked, f"Antwort {number}.", junk=True)
        begun = channel.collect("")
        bench.let_time_pass()
        bench.answer(asked, "mitten darin")

        this = whole_pass(channel, begun.cursor)
        following = whole_pass(channel, this[-1].cursor)

        assert begun.more
        assert len(holding([*this, *following], "mitten darin")) == 1

    def test_a_letter_delivered_twice_is_one_message_to_the_store(
        self, bench: Bench, channel: Channel, tmp_path: Path
    ) -> None:
        asked, _ = bench.ask()
        bench.answer(asked, "Die Lieferung dauert zwei Tage.")
        bench.duplicate()
        batches = whole_pass(channel)
        both = [message.remote_id for message in holding(batches, "zwei Tage")]
        assert len(set(both)) == bench.copies

        with Store(tmp_path / "slawatch.db", clock=bench.clock) as store:
            new = [message for batch in batches for message in store.add_batch("main", bench.name, batch)]

        # A report of the delivery may lie beside them, by then or not.
        assert [message.remote_id for message in new if message.remote_id in both] == both[:1]

    def test_while_the_far_side_is_away_collecting_says_so_in_one_line(self, bench: Bench, channel: Channel) -> None:
        bench.go_away()

        with pytest.raises(ChannelUnavailableError) as caught:
            whole_pass(channel)

        assert one_line(caught.value)

    def test_an_outage_loses_nothing_where_history_is_durable(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        cursor = whole_pass(channel)[-1].cursor
        bench.answer(asked, "während des Ausfalls")
        bench.go_away()
        with pytest.raises(ChannelUnavailableError):
            whole_pass(channel, cursor)
        bench.come_back()

        late = whole_pass(channel, cursor)

        assert len(holding(late, "während des Ausfalls")) == (1 if channel.capabilities.durable_history else 0)


class TestLookedUntil:
    def test_it_stands_on_the_last_step_of_a_complete_pass_only(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        for number in range(2 * BATCH + 1):
            bench.answer(asked, f"Antwort {number}.")

        batches = whole_pass(channel)

        assert len(batches) > 1
        assert [batch.looked_until is not None for batch in batches] == [False] * (len(batches) - 1) + [True]

    def test_it_is_no_later_than_the_start_of_the_pass(self, bench: Bench, channel: Channel) -> None:
        asked, _ = bench.ask()
        for number in range(2 * BATCH + 1):
            bench.answer(asked, f"Antwort {number}.")
        before = bench.clock.now()
        first = channel.collect("")
        began_until = bench.clock.now()
        bench.let_time_pass()

        looked_until = whole_pass(channel, first.cursor)[-1].looked_until

        assert first.more
        assert looked_until is not None
        assert before - bench.lag <= looked_until <= began_until

    def test_each_pass_looks_further_than_the_one_before(self, bench: Bench, channel: Channel) -> None:
        first = whole_pass(channel)[-1]
        bench.let_time_pass()

        second = whole_pass(channel, first.cursor)[-1]

        assert first.looked_until is not None
        assert second.looked_until is not None
        assert second.looked_until > first.looked_until


class TestReading:
    @settings(
        # The suite runs once for each peer in one process, each time as another class.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
        deadline=None,
        max_examples=150,
    )
    @given(raw=st.binary(max_size=2000))
    @example(raw=b"")
    @example(raw=b"\x00" * 100)
    @example(raw=b"[" * 100_000)
    @example(raw=b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 5000)
    @example(raw=b"Subject: =?utf-8?B?//8=?= \xff\xfe\r\nDate: Mon, 99 Foo 99999 99:99:99 -0000\r\n\r\n\xed\xa0\x80")
    def test_hostile_evidence_gives_facts_and_never_raises(self, bench: Bench, raw: bytes) -> None:
        channel = bench.channel()

        assert isinstance(channel.read(raw), Facts)

    def test_a_damaged_answer_is_still_read(self, bench: Bench, channel: Channel) -> None:
        asked, attempt = bench.ask()
        whole = channel.prepare(asked, attempt)

        for end in range(0, len(whole), 7):
            assert isinstance(channel.read(whole[:end]), Facts)


class TestLife:
    def test_closing_twice_is_safe(self, bench: Bench) -> None:
        channel = bench.channel()
        channel.open()
        channel.collect("")

        channel.close()
        channel.close()

    def test_a_channel_that_was_never_used_can_be_closed(self, bench: Bench) -> None:
        bench.channel().close()

    def test_opening_needs_no_far_side(self, bench: Bench) -> None:
        bench.go_away()

        with bench.channel():
            pass

    def test_the_doorbell_falls_silent_when_told_to_stop(self, bench: Bench, channel: Channel) -> None:
        stop = Event()
        stop.set()
        bench.answer(bench.ask()[0], "Zwei Tage.")

        assert channel.watch(stop, 3600) is False

    def test_the_doorbell_rings_when_something_came_and_is_silent_else(self, bench: Bench, channel: Channel) -> None:
        looked = whole_pass(channel)[-1].cursor
        for _ in range(5):  # it may ring for nothing, as when it has just begun to listen
            if not channel.watch(Event(), 0.2):
                break
        assert not channel.watch(Event(), 0.2)

        bench.answer(bench.ask()[0], "Zwei Tage.")

        assert channel.watch(Event(), 30)
        assert holding(whole_pass(channel, looked), "Zwei Tage.")

    def test_a_doorbell_without_a_far_side_waits_and_raises_nothing(self, bench: Bench, channel: Channel) -> None:
        bench.go_away()

        assert channel.watch(Event(), 0.2) in {True, False}

    def test_the_check_finds_nothing_wrong_where_all_is_well(self, bench: Bench, channel: Channel) -> None:
        findings = channel.check()

        assert findings
        assert [finding.what for finding in findings if not finding.ok] == []

    def test_the_check_names_a_fault_with_its_cure(self, bench: Bench, channel: Channel) -> None:
        bench.go_away()

        faults = [finding for finding in channel.check() if not finding.ok]

        assert faults
        assert all(finding.cure and not re.search(r"[\r\n]", finding.what + finding.cure) for finding in faults)
