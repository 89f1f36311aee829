"""The daemon's story with a runner that does what a test says: failures, pauses, lines, leases, the clean end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from slawatch.engine import Trouble
from slawatch.errors import BusyError, ConfigError, StoreError
from slawatch.model import Delivery
from slawatch.usecases import audit, daemon, lock
from slawatch.usecases.daemon import Daemon, Outside, alone
from slawatch.usecases.faults import in_one_line
from slawatch.usecases.world import World
from tests.stages import Opening, Stage, company

MINUTE = timedelta(minutes=1)
Step = Callable[["Play"], object]


class Service:
    """Writes down what a service manager is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def ready(self) -> None:
        self.told.append("ready")

    def reloading(self) -> None:
        self.told.append("reloading")

    def stopping(self) -> None:
        self.told.append("stopping")

    def alive(self) -> None:
        pass


@dataclass
class Play:
    """A daemon on a stage whose runner does these steps, each followed by a pass, and then ends."""

    here: Stage
    steps: list[Step]
    lines: list[str] = field(default_factory=list)
    pauses: list[timedelta] = field(default_factory=list)
    load: Callable[[], Any] = lambda: None
    worlds: int = 0
    opened: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.service = Service()
        self.daemon = Daemon(
            Outside(
                load=lambda: self.load(),  # noqa: PLW0108  a step sets another one
                open=lambda _loaded: self._open(),
                runner=self._runner,
                service=self.service,
                log=lambda _event, line: self.lines.append(line),
            ),
            every=MINUTE,
        )

    @contextmanager
    def _open(self) -> Iterator[World]:
        self.worlds += 1
        self.opened()
        yield self.here.world

    def _runner(self, between: Callable[[], object], heard: Callable[[Trouble], object]) -> Any:
        play = self
        ended = False
        work: list[Callable[[], object]] = []

        def run() -> None:
            nonlocal ended
            while not ended and play.steps:
                between()
                if ended:
                    return
                play.steps.pop(0)(play)
                try:
                    work[0]()
                except Exception as error:  # noqa: BLE001 - as runners do
                    heard(Trouble(kind="pass", error=error))
                between()
            if not play.steps and not ended:
                signal.raise_signal(signal.SIGTERM)

        def end() -> None:
            nonlocal ended
            ended = True

        return SimpleNamespace(
            every=lambda _kind, _pause, what: work.append(what),
            wake=lambda _kind: None,
            put_off=lambda _kind, pause: play.pauses.append(pause),
            interrupt=lambda: None,
            end=end,
            run=run,
        )

    def serve(self) -> None:
        self.daemon.serve("loaded")


@pytest.fixture
def here(stage: Opening) -> Stage:
    here = stage(company("one"), company("two"), company("three"))
    targets = [target for one in here.world.config.companies.values() for target in one.targets]
    audit.start(here.world, targets, over=timedelta(0), until=None, name="all")
    return here


def nothing(_play: Play) -> None:
    pass


def test_it_asks_tells_who_watches_and_puts_signals_back(here: Stage) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)
    play = Play(here, [nothing])

    play.serve()

    assert {one.delivery for one in here.requests()} == {Delivery.SENT}
    assert play.service.told == ["ready", "stopping"]
    assert play.lines[-1] == "ended"
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == before


@pytest.mark.timeout(30)  # a daemon that does not end
def test_a_signal_in_the_midst_ends_it_after_the_request_that_is_on_its_way(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = here.world.channel("main")
    send = channel.send

    def interrupted(*given: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)
        return send(*given)

    monkeypatch.setattr(channel, "send", interrupted)
    play = Play(here, [nothing, nothing])

    play.serve()

    assert [one.delivery for one in here.requests()] == [Delivery.SENT]
    assert len(here.far.departures) == 1
    assert play.lines[-1] == "ended"


@pytest.mark.timeout(30)  # a daemon that does not end
def test_a_signal_while_it_is_still_starting_ends_it_before_it_asks_anybody(here: Stage) -> None:
    play = Play(here, [nothing, nothing], opened=lambda: signal.raise_signal(signal.SIGTERM))

    play.serve()

    assert here.requests() == []
    assert len(play.steps) == 2
    assert play.lines[-1] == "ended"


def test_a_second_signal_ends_it_as_a_crash_would(here: Stage) -> None:
    found = []

    def ask_twice(_play: Play) -> None:
        signal.raise_signal(signal.SIGTERM)
        found.append(signal.getsignal(signal.SIGTERM))

    Play(here, [ask_twice]).serve()

    assert found == [signal.SIG_DFL]


def test_passes_that_fail_come_ever_more_rarely_are_told_once_and_go_on(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("store: the disk is full")

    def fail(_play: Play) -> None:
        monkeypatch.setattr(daemon, "tick", full)

    def heal(_play: Play) -> None:
        monkeypatch.undo()

    play = Play(here, [fail, nothing, nothing, nothing, nothing, heal])

    play.serve()

    assert play.pauses == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE, 15 * MINUTE]
    assert play.lines.count("pass failed: store: the disk is full") == 1
    assert "passes succeed again" in play.lines
    assert len(here.requests()) == 3
    kept = [one.detail for one in here.world.store.events(here.clock.now()) if one.kind == "run"]
    assert kept == 5 * ["store: the disk is full"] + ["passes succeed again"]


def test_a_bug_is_one_line_that_quotes_nothing(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise LookupError("Dear Anna, your password is sesame")

    monkeypatch.setattr(daemon, "tick", bug)
    play = Play(here, [nothing])

    play.serve()

    (line,) = [one for one in play.lines if one.startswith("pass failed")]
    assert "a bug in slawatch: LookupError in " in line
    assert "slawatch/usecases/daemon.py:" in line
    assert "sesame" not in line


def test_what_the_machine_refuses_is_no_bug() -> None:
    assert (
        in_one_line(OSError(28, "No space left on device", "/var/x.lock")) == '"/var/x.lock": No space left on device'
    )


def test_a_bad_config_is_one_line_and_changes_nothing_and_a_good_one_opens_all_anew(here: Stage) -> None:
    def bad(play: Play) -> None:
        def load() -> Any:
            raise ConfigError(["config.toml:3: no", "config.toml:9: nor that"])

        play.load = load
        signal.raise_signal(signal.SIGHUP)

    def good(play: Play) -> None:
        play.load = lambda: (here.world.config, {})
        signal.raise_signal(signal.SIGHUP)

    def another_store(play: Play) -> None:
        play.load = lambda: (
            SimpleNamespace(store=here.world.config.store.with_name("b"), path=here.world.config.path),
            {},
        )
        signal.raise_signal(signal.SIGHUP)

    play = Play(here, [bad, another_store, good, nothing])

    play.serve()

    wrong, store, read = [one for one in play.lines if one.startswith("config ")]
    assert wrong == (
        "config not taken over, the old one stays (2 mistakes): config.toml:3: no; config.toml:9: nor that"
    )
    assert "restart slawatch run" in store
    assert read == "config read anew"
    assert play.worlds == 2
    assert play.service.told == ["ready", "reloading", "ready", "reloading", "ready", "reloading", "ready", "stopping"]


def test_another_process_at_work_is_left_to_it_in_silence(here: Stage) -> None:
    with lock.held(here.world.config.store, lock.TICK, ""):
        play = Play(here, [nothing])
        play.serve()

    assert here.requests() == []
    assert [one for one in play.lines if "pass" in one] == []


def test_there_is_one_daemon_to_a_store(here: Stage) -> None:
    store = here.world.config.store
    with alone(store), pytest.raises(BusyError, match="another slawatch run is at work"), alone(store):
        pass


def test_what_the_daemon_before_had_in_its_hands_when_it_was_killed_is_free_at_once(here: Stage) -> None:
    store = here.world.store
    store.set_meta(daemon.WORKER, "the one before")
    assert store.take_inbox("main", "the one before", timedelta(minutes=10))

    Play(here, [nothing]).serve()

    assert store.observed_until("main") is not None
    assert store.meta(daemon.WORKER) == here.world.worker
