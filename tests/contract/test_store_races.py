"""Two at the same store: exactly one wins, and whoever dies in the midst leaves nothing half done."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slawatch.model import (
    Asked,
    Attempt,
    AttemptOutcome,
    Delivery,
    Request,
    SlotState,
    VoidReason,
)
from slawatch.store import Store
from slawatch.testing import FakeClock
from tests.contract.made import LEASE, MINUTE, NOW, a_draft, a_slot, intended, planned, second_process, start

THREADS = 6
MANY = 25


def all_at_once(work: Callable[[int], object]) -> list[object]:
    """Return what each of THREADS threads got that did the work at the same time."""
    barrier = Barrier(THREADS)

    def run(number: int) -> object:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def processes_at_once(task: str, path: Path, names: list[str]) -> list[list[str]]:
    """Return the lines that each of several processes printed which did the task at the same time."""
    running = [second_process(task, str(path), name) for name in names]
    try:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        ended = [one.communicate(timeout=60) for one in running]
    finally:
        for one in running:
            one.kill()
            one.wait()
    assert [(one.returncode, errors) for one, (_, errors) in zip(running, ended, strict=True)] == [(0, "")] * len(names)
    return [out.splitlines() for out, _ in ended]


class TestTwoAtOnce:
    def test_of_threads_that_claim_one_slot_exactly_one_gets_it(self, tmp_path: Path) -> None:
        with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
            for round_ in range(MANY):
                slot = planned(store, f"slot-{round_}")

                got = all_at_once(
                    lambda number, slot=slot: store.claim(  # type: ignore[misc]  # a default binds the slot of this round
                        slot, a_draft(slot, f"{slot.key}-{number}"), worker=f"w{number}", guard=lambda history: None
                    )
                )

                assert Counter(type(one) for one in got) == {Request: 1, type(None): THREADS - 1}
            assert len(store.requests()) == MANY

    def test_of_threads_that_start_one_request_exactly_one_sends_it(self, tmp_path: Path) -> None:
        with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
            for round_ in range(MANY):
                request = intended(store, f"slot-{round_}")

                got = all_at_once(
                    lambda number, request=request: store.start_attempt(  # type: ignore[misc]  # as above
                        request.id, worker=f"w{number}", lease=LEASE, envelope_id=f"{request.public_id}-{number}"
                    )
                )

                assert Counter(type(one) for one in got) == {Attempt: 1, type(None): THREADS - 1}
                assert len(store.attempts(request.id)) == 1

    def test_threads_at_different_slots_together_keep_to_one_open_request(self, tmp_path: Path) -> None:
        def one_open(history: list[Asked]) -> str | None:
            return "one is open" if any(asked.open for asked in history) else None

        with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
            for company in (f"company-{round_}" for round_ in range(MANY)):
                slots = [a_slot(f"{company}-{number}", company=company) for number in range(THREADS)]
                store.add_slots(slots)
                slots = [slot for slot in store.slots(state=SlotState.PLANNED) if slot.company == company]

                got = all_at_once(
                    lambda number, slots=slots: store.claim(  # type: ignore[misc]  # mypy knows no type of a default
                        slots[number], a_draft(slots[number]), worker=f"w{number}", guard=one_open
                    )
                )

                assert sorted(type(one).__name__ for one in got) == ["Request"] + ["str"] * (THREADS - 1)
            assert len(store.slots(state=SlotState.PLANNED)) == MANY * (THREADS - 1)

    def test_of_threads_that_take_an_inbox_exactly_one_has_it(self, tmp_path: Path) -> None:
        with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
            for round_ in range(MANY):
                got = all_at_once(
                    lambda number, account=f"account-{round_}": store.take_inbox(account, f"w{number}", LEASE)  # type: ignore[misc]  # as above
                )

                assert got.count(True) == 1

    @pytest.mark.parametrize("task", ["claim", "start"])
    def test_of_two_processes_exactly_one_gets_each(self, tmp_path: Path, task: str) -> None:
        path = tmp_path / "slawatch.db"
        with Store(path, clock=FakeClock()) as store:
            store.add_slots([a_slot(f"slot-{number}") for number in range(MANY)])
            if task == "start":
                for slot in store.slots():
                    store.claim(slot, a_draft(slot), worker="w0", guard=lambda history: None)

            first, second = processes_at_once(task, path, ["w1", "w2"])

            assert len(first) + len(second) == len({*first, *second}) == MANY
            requests = store.requests()
            assert len({request.slot_id for request in requests}) == len(requests) == MANY
            assert [len(store.attempts(request.id)) for request in requests] == [1 if task == "start" else 0] * MANY

    def test_processes_that_make_the_store_at_the_same_time_all_succeed(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "slawatch.db"

        processes_at_once("make", path, ["w1", "w2", "w3", "w4"])

        with Store(path, clock=FakeClock()) as store:
            assert sorted(event.ref for event in store.events(NOW)) == ["w1", "w2", "w3", "w4"]


class TestKilled:
    def test_a_process_killed_at_any_statement_leaves_whole_transactions_only(self, tmp_path: Path) -> None:
        fresh = tmp_path / "fresh.db"
        with Store(fresh, clock=FakeClock()):
            pass
        worker = second_process("die-everywhere", str(fresh), "")
        out, errors = worker.communicate(timeout=60)
        assert (worker.returncode, errors) == (0, "")
        died_at = out.splitlines()

        stages = []
        for count in range(1, len(died_at) + 2):
            with Store(tmp_path / f"killed-{count}.db", clock=FakeClock()) as store:
                stages.append(whole(store))
                recovers(store)

        # Each of the five transactions was cut at its begin, at its end and, what matters, in between.
        assert died_at.count("BEGIN") == died_at.count("COMMIT") == 5
        assert died_at.count("INSERT") >= 8
        assert list(dict.fromkeys(stages)) == ["nothing", "planned", "claimed", "started", "sent", "collected"]


def whole(store: Store) -> str:
    """Return how far the worker's life got; AssertionError where a transaction was torn."""
    slots, requests, messages = store.slots(), store.requests(), store.messages()
    if not slots:
        assert requests == []
        return "nothing"
    assert [slot.key for slot in slots] == ["one", "two"]
    if not requests:
        assert [slot.state for slot in slots] == [SlotState.PLANNED] * 2
        return "planned"
    (request,) = requests
    attempts = [attempt.outcome for attempt in store.attempts(request.id)]
    state = (
        slots[0].state,
        request.delivery,
        attempts,
        len(messages),
        store.cursor("main"),
        store.observed_until("main"),
    )
    stages = {
        "claimed": (SlotState.CLAIMED, Delivery.INTENDED, [], 0, "", None),
        "started": (SlotState.CLAIMED, Delivery.SENDING, [AttemptOutcome.STARTED], 0, "", None),
        "sent": (SlotState.CLOSED, Delivery.SENT, [AttemptOutcome.SENT], 0, "", None),
        "collected": (SlotState.CLOSED, Delivery.SENT, [AttemptOutcome.SENT], 3, "after three", NOW),
    }
    matching = [name for name, stage in stages.items() if stage == state]
    assert len(matching) == 1, state
    assert len(store.messages(rules_before="rules-1")) == len(messages)
    assert [store.raw(message.sha256) for message in messages] == [
        f"letter {number}".encode() for number in (1, 2, 3)[: len(messages)]
    ]
    return matching[0]


def recovers(store: Store) -> None:
    """Show that what the dead one left is either ours to send or uncertain, never both."""
    for request in store.requests():
        store._clock.forward(LEASE)  # type: ignore[attr-defined]  # it is the FakeClock given above
        expired = store.expire_leases()
        assert [one.id for one in expired] == ([request.id] if request.delivery is Delivery.SENDING else [])
        again = start(store, request, "w2")
        assert (again is not None) == (request.delivery is Delivery.INTENDED)


class Life(RuleBasedStateMachine):
    """Two workers, a clock and the worst of timing: whatever they do, nothing is sent that may have left before."""

    fresh: Path

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.held: list[Attempt] = []
        self.made = 0
        self.path = Life.fresh.with_name(f"{id(self)}.db")
        shutil.copy(Life.fresh, self.path)
        self.store = Store(self.path, clock=self.clock)
        self.store._connection().execute("PRAGMA synchronous = OFF")  # no power cut is tried here
        for number in range(2):
            intended(self.store, f"slot-{number}")

    def teardown(self) -> None:
        self.store.close()

    @rule(worker=st.sampled_from(["w1", "w2"]), pick=st.integers(0, 5))
    def claim(self, worker: str, pick: int) -> None:
        slots = self.store.slots()
        slot = slots[pick % len(slots)]
        self.made += 1
        self.store.claim(slot, a_draft(slot, f"request-{self.made}"), worker=worker, guard=lambda history: None)

    @rule(worker=st.sampled_from(["w1", "w2"]), pick=st.integers(0, 5))
    def start(self, worker: str, pick: int) -> None:
        requests = self.store.requests()
        attempt = start(self.store, requests[pick % len(requests)], worker)
        if attempt is not None:
            self.held.append(attempt)

    @precondition(lambda self: self.held)
    @rule(pick=st.integers(0, 5), outcome=st.sampled_from([one for one in AttemptOutcome if one != "started"]))
    def report(self, pick: int, outcome: AttemptOutcome) -> None:
        attempt = self.held.pop(pick % len(self.held))
        self.store.finish_attempt(
            attempt,
            outcome,
            detail=outcome.value,
            accepted_at=self.clock.now(),
            retry_at=self.clock.now() + MINUTE,
        )

    @rule(minutes=st.sampled_from([1, 5, 10]))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes * MINUTE)

    @rule()
    def expire(self) -> None:
        self.store.expire_leases()

    @precondition(lambda self: self.store.requests(delivery=Delivery.UNCERTAIN))
    @rule(pick=st.integers(0, 5), delivery=st.sampled_from(list(Delivery)), void=st.sampled_from([None, *VoidReason]))
    def settle(self, pick: int, delivery: Delivery, void: VoidReason | None) -> None:
        uncertain = self.store.requests(delivery=Delivery.UNCERTAIN)
        with suppress(ValueError):  # what is no settlement at all is refused
            self.store.settle(
                uncertain[pick % len(uncertain)].id,
                delivery=delivery,
                detail="settled",
                accepted_at=self.clock.now() if delivery is Delivery.SENT else None,
                void_reason=void,
                replan=void is not None,
            )

    @rule(pick=st.integers(0, 5), withdraw=st.booleans())
    def give_up(self, pick: int, withdraw: bool) -> None:
        requests = self.store.requests()
        chosen = requests[pick % len(requests)].id
        if withdraw:
            self.store.withdraw([chosen], "abort")
        else:
            self.store.settle(
                chosen,
                delivery=Delivery.WITHDRAWN,
                detail="given up",
                void_reason=VoidReason.NOT_SENT,
                replan=True,
            )

    @invariant()
    def no_attempt_follows_one_that_may_have_left(self) -> None:
        for request in self.store.requests():
            outcomes = [attempt.outcome for attempt in self.store.attempts(request.id)]
            assert set(outcomes[:-1]) <= {AttemptOutcome.UNAVAILABLE}, outcomes

    @invariant()
    def a_slot_is_asked_once_and_open_only_while_its_request_is(self) -> None:
        requests = {request.slot_id: request for request in self.store.requests()}
        assert len(requests) == len(self.store.requests())
        for slot in self.store.slots():
            request = requests.get(slot.id)
            if request is None:
                assert slot.state is SlotState.PLANNED
            elif request.delivery in (Delivery.INTENDED, Delivery.SENDING):
                assert slot.state is SlotState.CLAIMED
            elif request.delivery is Delivery.SENT or request.void_reason is not None:
                assert slot.state is SlotState.CLOSED


def test_no_order_of_events_sends_a_request_that_may_have_left(tmp_path: Path) -> None:
    Life.fresh = tmp_path / "fresh.db"
    with Store(Life.fresh, clock=FakeClock()):
        pass

    run_state_machine_as_test(Life, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
