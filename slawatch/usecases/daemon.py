"""The daemon's story: pass after pass, doorbells, a reload of the config, a clean end. Each pass is `tick`'s.

It keeps no time itself (slawatch/runner does) and remembers nothing that the store does not: it may die at any instant.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from slawatch.durations import show
from slawatch.engine import Runner, Service, Trouble
from slawatch.errors import BusyError, ConfigError, SlawatchError, StoreError
from slawatch.jumps import Reading, between
from slawatch.usecases import clocks, lock
from slawatch.usecases.away import Away
from slawatch.usecases.faults import in_one_line
from slawatch.usecases.listen import ringing
from slawatch.usecases.tick import tick
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.channels.base import Channel
    from slawatch.config import Config

PASS = "pass"  # the one kind of work  # noqa: S105  no password
EVENT = "run"
WORKER = "run worker"  # meta: the daemon that worked last
SAME_SECONDS = 3600.0  # a line that says what it said before is not repeated for so long
SAME_MAX = 1000  # lines remembered for that
LONGEST_PAUSE = timedelta(minutes=15)  # between two passes that failed; room on a full disk is noticed within that
SLEPT_SECONDS = 10.0  # more than a busy machine's hiccup
ENDS = (signal.SIGTERM, signal.SIGINT)

Say = Callable[[str, str], object]  # an event's stable name, and a line
Loaded = Any  # what app.load_config returns; only app.world looks into it


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the daemon is handed. `load` reads the config anew and raises ConfigError; `open` opens what was read."""

    load: Callable[[], Loaded]
    open: Callable[[Loaded], AbstractContextManager[World]]
    runner: Callable[[Callable[[], object], Callable[[Trouble], object]], Runner]
    service: Service
    log: Say


@dataclass
class _Said:
    """Keeps a line from being printed again that was printed in the last hour: an outage is not news each minute."""

    log: Say
    at: dict[str, float] = field(default_factory=dict)

    def say(self, event: str, line: str) -> None:
        if self.is_new(line):
            self.log(event, line)

    def is_new(self, line: str) -> bool:
        now = time.monotonic()
        if now - self.at.get(line, -SAME_SECONDS) < SAME_SECONDS:
            return False
        self.at.pop(line, None)
        self.at[line] = now
        if len(self.at) > SAME_MAX:
            del self.at[next(iter(self.at))]
        return True


class Daemon:
    """One daemon. `serve` returns when a signal has asked for the end."""

    def __init__(self, outside: Outside, *, every: timedelta) -> None:
        self._outside = outside
        self._every = every
        self._said = _Said(outside.log)
        self._ended = False
        self._reload = False
        self._failed = 0  # passes in a row
        self._late = False
        self._read: tuple[Reading, float] | None = None
        self._next: Loaded | None = None
        self._runner: Runner | None = None
        self._world: World | None = None
        self.world: World | None = None  # the latest, open or not
        self._away = Away(every)

    def serve(self, loaded: Loaded) -> None:
        """Work until SIGTERM or SIGINT; SIGHUP reads the config anew.

        Raises:
            StoreError: the store cannot be opened.
        """
        with self._signals():
            while not self._ended:
                self._next = None
                with self._outside.open(loaded) as world:
                    self._with(world)
                loaded = self._next or loaded
            self._outside.service.stopping()
        self._outside.log("ended", "ended")

    # --- one config ---

    def _with(self, world: World) -> None:
        """Work with this world until the end, or until another config is to be worked with."""
        self.world = self._world = world = replace(world, stays=True, ending=self._ending)
        runner = self._runner = self._outside.runner(self._between, self._trouble)
        runner.every(PASS, self._every, self._pass)
        self._away = Away(self._every)
        some, accounts = len(world.config.companies), len(world.config.accounts)
        companies = f"{some} compan{'y' if some == 1 else 'ies'}"
        self._outside.log(
            "works", f"works with {world.config.path}: {companies}, {accounts} account{'s' * (accounts != 1)}"
        )
        self._take_over(world)
        with self._bells(world, runner):
            self._outside.service.ready()
            runner.run()
        self._world = self._runner = None

    def _take_over(self, world: World) -> None:
        """End what the daemon before us had leased: we have its lock, so it is dead, and nobody need wait for it."""
        before = world.store.meta(WORKER)
        with world.store.together():
            if before and before != world.worker:
                world.store.end_leases(before)
            world.store.set_meta(WORKER, world.worker)

    def _pass(self) -> None:
        """Do one pass, unless another process is doing one: it does the same."""
        world = self._world
        if world is None or self._ending():
            return
        if self._failed:
            world.store.end_leases(world.worker)  # nobody else sends in our name, and we do not: what we held is over
        tried = self._away.worth_a_try(world.config.accounts, world.clock.now())
        try:
            done = tick(world, accounts=tried)
        except BusyError:
            return
        self._away.note(tried, done.collecting, world.clock.now())
        if self._failed:
            self._failed = 0
            self._outside.log("recovered", "passes succeed again")
            with suppress(StoreError):
                world.store.event(EVENT, PASS, "passes succeed again")
        self._late = False
        for why in done.sending.halted:
            if not self._ended:
                self._said.say("halted", f"not sent: {why}")

    def _between(self) -> None:
        """Do what is due between two pieces of work."""
        self._outside.service.alive()
        if self._ended and self._runner is not None:
            self._runner.end()  # the signal came before there was a runner to tell
            return
        self._look_at_clocks()
        if self._reload and not self._ended:
            self._reload = False
            self._read_anew()

    def _trouble(self, trouble: Trouble) -> None:
        """Say in one line what went wrong, keep it, and let passes that fail come ever more rarely."""
        if trouble.error is None:
            if not self._late:
                self._late = True
                self._outside.log("late", f"a pass takes longer than {self._every}; the next one follows it")
            return
        self._failed += 1
        pause = min(self._every * (1 << min(self._failed, 20)), max(LONGEST_PAUSE, self._every))
        line = in_one_line(trouble.error)
        self._said.say("failed", f"pass failed: {line}")
        if self._runner is not None:
            self._runner.put_off(PASS, pause)
        if self._world is not None:
            with suppress(SlawatchError):  # where the store itself is the trouble, the log has it
                self._world.store.event(EVENT, PASS, line)

    def _look_at_clocks(self) -> None:
        """Do a pass now where the clock was set, which APScheduler goes by, or where the machine has slept."""
        world, runner = self._world, self._runner
        now = None if world is None else clocks.reading(world)
        awake, before = time.monotonic(), self._read
        self._read = None if now is None else (now, awake)
        if now is None or before is None or runner is None:
            return
        asleep = (now.up - before[0].up).total_seconds() - (awake - before[1])
        if asleep > SLEPT_SECONDS:
            self._keep_note(f"the machine slept for {show(timedelta(seconds=int(asleep)))}", "clock")
        if asleep > SLEPT_SECONDS or between(before[0], now):
            self._away.forget()
            runner.wake(PASS)

    # --- signals ---

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """End cleanly at the first signal; at a second one the system ends us at once, as a crash would."""
        hangup = signal.getsignal(signal.SIGHUP)
        before = {number: signal.getsignal(number) for number in ENDS}

        def end(_number: int, _frame: FrameType | None) -> None:
            self._ended = True
            for number in ENDS:
                signal.signal(number, signal.SIG_DFL)
            if self._runner is not None:
                self._runner.end()

        def read_anew(_number: int, _frame: FrameType | None) -> None:
            self._reload = True
            if self._runner is not None:
                self._runner.interrupt()

        for number in ENDS:
            signal.signal(number, end)
        if hangup is not signal.SIG_IGN:  # nohup's daemon must outlive its terminal
            signal.signal(signal.SIGHUP, read_anew)
        try:
            yield
        finally:
            for number, handler in [*before.items(), (signal.SIGHUP, hangup)]:
                signal.signal(number, handler)

    def _ending(self) -> bool:
        self._outside.service.alive()  # asked before each request: a long pass is no hanging one
        return self._ended

    def _read_anew(self) -> None:
        """Read the config anew; one with mistakes, or that nothing can be done with, leaves the old one in force."""
        service = self._outside.service
        service.reloading()
        try:
            loaded = self._outside.load()
            self._require_same_store(loaded[0])
        except ConfigError as error:
            count = len(error.problems)
            mistakes = f"{count} mistake{'s' * (count != 1)}"
            self._keep_note(f"config not taken over, the old one stays ({mistakes}): {'; '.join(error.problems)}")
            service.ready()
            return
        self._keep_note("config read anew")
        self._next = loaded
        if self._runner is not None:
            self._runner.end()

    def _require_same_store(self, config: Config) -> None:
        """Raise ConfigError where the store is another: what keeps a second daemon away lies beside the old one."""
        now = self._world.config if self._world is not None else config
        if now.store != config.store:
            raise ConfigError([f'{config.path.name}: store: "{config.store}" is another one; restart slawatch run'])

    def _keep_note(self, line: str, about: str = "reload") -> None:
        self._outside.log(about, line)
        if self._world is not None:
            with suppress(SlawatchError):
                self._world.store.event(EVENT, about, line)

    # --- doorbells ---

    @contextmanager
    def _bells(self, world: World, runner: Runner) -> Iterator[None]:
        """Let every account's doorbell wake the next pass. One that cannot be opened does not ring; passes say why."""

        def ring(account: str) -> None:
            self._away.forget(account)
            runner.wake(PASS)

        def failed(account: str, error: Exception) -> None:
            self._said.say("doorbell", f"{account}: its doorbell failed: {in_one_line(error)}")

        channels: dict[str, Channel] = {}
        for account in world.config.accounts:
            with suppress(SlawatchError):
                channels[account] = world.channel(account)
        with ExitStack() as stack:
            stack.enter_context(ringing(channels, ring, failed))
            yield

    def tell(self, news: News, how: Callable[[News], object]) -> None:
        """Tell a piece of news, unless it said the same a short while ago."""
        if self._said.is_new(f"{news.ref} {news.words}"):
            how(news)


def alone(store: Path) -> AbstractContextManager[None]:
    """Be the only daemon on this store. Raises BusyError where another one is at work."""
    return lock.held(
        store, lock.RUN, f'another slawatch run is at work on "{store.name}"; end it first, or see: slawatch status'
    )
