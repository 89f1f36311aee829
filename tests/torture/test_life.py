"""The life of requests under anything that may happen: Hypothesis plays, and a plain model keeps the truth.

Letters come twice, late and out of order; processes die at any look at the clock and begin again; servers are away;
people pause, opt out, correct and undo. After each step what slawatch says must follow from what really happened.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slawatch import app
from slawatch.model import Delivery, Outcome, Request, Verdict
from slawatch.store import Store
from slawatch.testing import FakeClock, MemoryChannel, MemoryWorld, read
from slawatch.usecases import chained, control, opting, recompute, review
from slawatch.usecases.outcomes import UNSENT, standing
from slawatch.usecases.review import Wish
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.stages import ACCOUNT, company

NAMES = ("alder", "birch", "cedar")
WINDOW = timedelta(days=7)
ANSWER = "Guten Tag,\n\ndas dauert in der Regel zwei bis drei Werktage, samstags ist offen.\n\nMaeve Doyle"
INTERIM = "Guten Tag,\n\nich kläre das mit der Technik und melde mich bis morgen bei Ihnen.\n\nMaeve Doyle"
QUESTION = "Guten Tag,\n\num welches Modell geht es Ihnen denn, und in welches Land sollen wir liefern?\n\nMaeve Doyle"
RECEIPT = "Ihre Anfrage ist bei uns eingegangen. Dies ist eine automatisch erzeugte Nachricht."
AUTOMATIC = {"auto-submitted": ("auto-replied",)}
PERSONS = {"answer": ANSWER, "interim": INTERIM, "question": QUESTION}
SPANS = [timedelta(minutes=20), timedelta(hours=1), timedelta(hours=7), timedelta(days=1), timedelta(days=3)]


class Death(BaseException):
    """The process is gone."""


class MortalClock(FakeClock):
    """Kills whoever looks at it once too often."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: int | None = None

    def now(self) -> datetime:
        if self.looks is not None:
            self.looks -= 1
            if self.looks < 0:
                raise Death
        return super().now()


class Life(RuleBasedStateMachine):
    """One installation and three companies."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        (self.folder / "config.toml").write_text(
            ACCOUNT + "".join(company(name, schedule='every = "2 d"') for name in NAMES), encoding="utf-8"
        )
        self.clock = MortalClock()
        self.far = MemoryWorld(clock=self.clock)
        self.by_person: dict[str, list[datetime]] = defaultdict(list)  # Message-ID of ours -> when a person wrote
        self.bounced: set[str] = set()
        self.read_until: datetime | None = None  # the last look that was whole
        self.silent: set[str] = set()  # companies that have opted out
        self.paused = False
        self.judged = False  # a person has changed what messages are
        self.store: Store | None = None
        self.reopen()

    def reopen(self) -> None:
        """Begin a new process."""
        self.clock.looks = None
        if self.store is not None:
            self.store.close()
        config, probes = app.load_config(self.folder / "config.toml")
        self.store = Store(config.store, clock=self.clock)
        self.store.open()
        channel = MemoryChannel(self.far)
        self.world = World(
            config=config,
            store=self.store,
            clock=self.clock,
            probes=probes,
            channel=lambda _account: channel,
            reader=lambda _channel: MemoryChannel.read,
        )

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.far.come_back()
            self.far.faults.clear()
            tick(self.world)
            before = {key: one.verdict for key, one in self.outcomes().items()}
            recompute.recompute(self.world)
            assert {key: one.verdict for key, one in self.outcomes().items()} == before
            assert chained.verify_chain(self.world).faults == ()
            assert chained.verify_judgements(self.world) == ()
        finally:
            if self.store is not None:
                self.store.close()
            self.stack.close()

    # --- what happens ---

    @rule(by=st.sampled_from(SPANS))
    def time_passes(self, by: timedelta) -> None:
        self.clock.forward(by)

    @rule()
    def a_pass(self) -> None:
        before = self.left()
        tick(self.world)
        if not self.far.away:
            self.read_until = self.clock.now()
            self.every_letter_is_there_once()
            self.every_person_who_was_read_is_counted()
        self.nobody_was_burdened(before)

    @rule(looks=st.integers(0, 160))
    def a_pass_that_dies(self, looks: int) -> None:
        before = self.left()
        self.clock.looks = looks
        try:
            tick(self.world)
        except Death:
            pass
        finally:
            self.reopen()
        self.nobody_was_burdened(before)

    @precondition(lambda self: self.far.departures)
    @rule(data=st.data(), kind=st.sampled_from(sorted(PERSONS)), ago=st.sampled_from([0, 0, 0, 5, 60]))
    def a_person_writes(self, data: st.DataObject, kind: str, ago: int) -> None:
        request = data.draw(st.sampled_from(self.asked()))
        at = self.clock.now() - timedelta(minutes=ago)
        sent = next(one for one in self.far.departures if one.own_id == request.message_id)
        if at <= sent.at + timedelta(minutes=10):  # so quick a letter may be taken for a machine's
            return
        self.far.answer(request, PERSONS[kind])
        newest = self.far.letters.pop()
        self.far.letters.append(type(newest)(folder=newest.folder, raw=newest.raw, at=at))
        self.by_person[request.message_id].append(at)

    @precondition(lambda self: self.far.departures)
    @rule(data=st.data())
    def a_machine_acknowledges(self, data: st.DataObject) -> None:
        self.far.answer(data.draw(st.sampled_from(self.asked())), RECEIPT, headers=AUTOMATIC)

    @precondition(lambda self: self.far.departures)
    @rule(data=st.data(), action=st.sampled_from(["delayed", "relayed", "delivered", "failed"]))
    def a_server_reports(self, data: st.DataObject, action: str) -> None:
        sent = data.draw(st.sampled_from([one for one in self.far.departures if one.own_id == one.request.message_id]))
        self.far.report(sent.request, sent.attempt, action)
        if action == "failed":
            self.bounced.add(sent.own_id)

    @precondition(lambda self: self.far.letters)
    @rule()
    def a_letter_comes_twice(self) -> None:
        self.far.deliver_again()

    @rule(fault=st.sampled_from(["fail", "lose", "swallow"]))
    def the_next_sending_goes_wrong(self, fault: str) -> None:
        self.far.faults.append(fault)

    @rule()
    def the_server_goes_or_comes_back(self) -> None:
        self.far.away = not self.far.away

    @rule(name=st.sampled_from(NAMES))
    def a_company_opts_out(self, name: str) -> None:
        opting.add(self.world, f"company:{name}", "by phone")
        self.silent.add(name)

    @rule()
    def everything_is_paused_or_goes_on(self) -> None:
        if self.paused:
            control.resume(self.world, control.EVERYTHING)
        else:
            control.pause(self.world, control.EVERYTHING, "holidays")
        self.paused = not self.paused

    @rule(data=st.data(), undo=st.booleans())
    def a_person_corrects(self, data: st.DataObject, *, undo: bool) -> None:
        assert self.store is not None
        tied = sorted(reply.message_id for some in self.store.replies().values() for reply in some)
        if not tied:
            return
        message = data.draw(st.sampled_from(tied))
        self.judged = True
        review.decide(
            self.world, message, Wish(kind=review.kind_of("acknowledgement")), who="Ann", reason="it is a receipt"
        )
        if undo:
            review.undo(self.world, message, who="Ann", reason="it is none")

    @rule()
    def all_is_judged_again(self) -> None:
        recompute.recompute(self.world)

    # --- what must hold ---

    def left(self) -> Counter[str]:
        return Counter(one.request.company for one in self.far.departures)

    def asked(self) -> list[Request]:
        """Return what really left, as requests."""
        return [one.request for one in self.far.departures if one.own_id == one.request.message_id]

    def outcomes(self) -> dict[int, Outcome]:
        assert self.store is not None
        return dict(standing(self.world, self.store.requests()))

    def nobody_was_burdened(self, before: Counter[str]) -> None:
        """Hold what has just left against the opt-outs, the pause and the cool-down of a week."""
        new = self.left() - before
        assert not (set(new) & self.silent)
        assert not (self.paused and new)
        for name in NAMES:
            times = sorted(
                one.at
                for one in self.far.departures
                if one.request.company == name and one.own_id == one.request.message_id
            )
            assert all(later - earlier >= timedelta(days=7) for earlier, later in pairwise(times))

    @invariant()
    def nothing_leaves_twice(self) -> None:
        if hasattr(self, "far"):
            assert all(count == 1 for count in Counter(one.own_id for one in self.far.departures).values())

    @invariant()
    def every_verdict_follows_from_what_happened(self) -> None:
        if not hasattr(self, "world"):
            return
        assert self.store is not None
        now = self.clock.now()
        requests = {one.id: one for one in self.store.requests()}
        outcomes = self.outcomes()
        assert outcomes.keys() == {one.id for one in requests.values() if one.delivery not in UNSENT}
        for number, outcome in outcomes.items():
            request = requests[number]
            wait = outcome.first_response
            assert (outcome.verdict is Verdict.VOID) == (wait is None) == (outcome.void_reason is not None)
            if wait is None:
                continue
            assert request.accepted_at is not None or request.delivery is not Delivery.SENT
            since = request.accepted_at or request.intended_at
            assert timedelta(0) <= wait.length <= now - since
            assert wait.ended == (outcome.verdict is Verdict.ANSWERED)
            if outcome.verdict is Verdict.MISSED:
                assert self.read_until is not None
                assert self.read_until >= since + WINDOW, "missed, though nobody looked"
            if outcome.verdict is Verdict.PENDING:
                assert wait.length < WINDOW
            if wait.ended and not self.judged:
                assert since + wait.length in self.by_person[request.message_id]

    def every_person_who_was_read_is_counted(self) -> None:
        if self.judged:
            return
        assert self.store is not None
        for request in self.store.requests():
            came = [at for at in self.by_person[request.message_id] if at <= self.clock.now()]
            if not came or request.void_reason or request.message_id in self.bounced or request.accepted_at is None:
                continue
            outcome = self.outcomes()[request.id]  # it has come, so it is past sending
            if min(came) - request.accepted_at < WINDOW:
                assert outcome.verdict is Verdict.ANSWERED, (outcome, came)
                assert outcome.first_response is not None
                assert request.accepted_at + outcome.first_response.length == min(came)

    def every_letter_is_there_once(self) -> None:
        assert self.store is not None
        stored = Counter(one.own_id for one in self.store.messages())
        assert all(count == 1 for count in stored.values())
        delivered = {read(one.raw).own_id for one in self.far.letters if one.at <= self.clock.now()}
        ours = {
            one.own_id for one in self.far.departures
        }  # of those that a pass sends, copies come after it has looked
        assert delivered - ours <= stored.keys()


@pytest.fixture
def steps(torture: str) -> dict[str, Any]:
    return {
        # The same lives each time: what a random one finds belongs to whoever asks for more of them.
        "short": {"max_examples": 25, "stateful_step_count": 30, "derandomize": True},
        "medium": {"max_examples": 60, "stateful_step_count": 40},
        "long": {"max_examples": 400, "stateful_step_count": 60},
    }[torture]


def test_a_requests_life_is_told_truly_whatever_happens(steps: dict[str, Any]) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, phases=[Phase.generate], **steps
        ),
    )
