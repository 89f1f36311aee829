"""Rounds of kill -9 at random instants over the daemon, each settled and judged: what test_kills.py shares with others.

Each request leaves once, or is void with its reason and its slot planned anew; no reply is lost or counted twice.
"""

from __future__ import annotations

import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.model import Delivery, Request, Slot, SlotState, VoidReason
from slawatch.store import Store
from slawatch.usecases import chained
from slawatch.usecases.tick import tick
from tests.integration.copies import Copies
from tests.servers.local import eventually
from tests.torture.ways import MARK, Answering, Way

A_ROUND = 50  # kills; then everything is settled and judged, so that a fault is near its cause
LIVES = (0.03, 0.9)  # seconds that a daemon lives, drawn evenly: it starts, asks, reads, settles and idles in that time
LATER = (0.0, 0.6, 2.0, 3.5, 3.6)  # hours: leases run out, evidence is looked for, the grace passes, slots come again
PASSES = 20  # until every reply is read


class LaterClock(SystemClock):
    """The machine's clock, so many hours ahead: real servers stamp what they take with the real time."""

    def __init__(self) -> None:
        self.hours = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


@dataclass
class Tally:
    """What is printed in the end."""

    kills: int = 0
    at_work: int = 0
    requests: int = 0
    sent: int = 0
    void: Counter[str] = field(default_factory=Counter)
    replies: int = 0


@dataclass
class Place:
    """One folder, its accounts, and who is asked from it."""

    config: Path
    ways: Sequence[Way]
    clock: LaterClock
    slots: int = 0

    def store(self) -> Store:
        return Store(self.config.with_name("slawatch.db"), clock=self.clock)

    def plan(self, seconds: float) -> None:
        """Let everybody be asked within the next so many seconds, one after the other."""
        with self.store() as store:
            campaign = store.add_campaign("kills", None)
            pairs = [(way, key, address) for way in self.ways for key, address in way.targets()]
            now = self.clock.now()
            slots = [
                Slot(
                    key=f"the slot of {key}",
                    company=key,
                    channel=way.channel,
                    target=address,
                    account=way.account,
                    due_at=now + timedelta(seconds=seconds * (number * 7 % len(pairs)) / len(pairs)),
                    zone="Europe/Berlin",
                    campaign=campaign.id,
                )
                for number, (way, key, address) in enumerate(pairs)
            ]
            self.slots = store.add_slots(slots)

    def settle(self) -> None:
        """Do what the passes of the next hours do."""
        with app.world(self.config, clock=self.clock) as world:
            for hour in LATER:
                self.clock.hours = hour
                tick(world)
                eventually(lambda: not any(way.unanswered() for way in self.ways), what="a reply to each question")
            for _ in range(PASSES):
                tick(world)
                if not self.missing():
                    break
                self.clock.hours += 0.1  # networks are read no more often than their budget allows
            assert self.missing() == [], "replies that were never read"
            faults = (*chained.verify_chain(world).faults, *chained.verify_judgements(world))
        assert not faults, faults

    def missing(self) -> list[str]:
        """Return the marks of replies that have not been read."""
        read = set(self.marks())
        return [one.mark for way in self.ways for one in way.replies if one.mark not in read]

    def marks(self) -> dict[str, list[int]]:
        """Return which messages of the store hold each reply; copies of one letter are left out."""
        found: dict[str, list[int]] = {}
        with self.store() as store:
            for one in store.messages():
                for mark in set(MARK.findall(store.raw(one.sha256))) if one.duplicate_of is None else ():
                    found.setdefault(mark.decode(), []).append(one.id)
        return found


def one_round(
    folder: Path, ways: Sequence[Way], clock: LaterClock, daemons: Copies, lives: Sequence[float], tally: Tally
) -> None:
    """Ask everybody once while one daemon after the other is killed at the end of its life, in seconds; then judge."""
    config = folder / "config.toml"
    config.write_text("".join(way.config() for way in ways), encoding="utf-8")
    config.chmod(0o600)
    place = Place(config=config, ways=ways, clock=clock)
    place.plan(sum(lives))
    with Answering(ways):
        for life in lives:
            done = daemons.run(folder, str(config), kill_after=life)
            assert done.returncode == -signal.SIGKILL, (done.returncode, done.stdout, done.stderr)
            assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
            tally.kills += 1
            tally.at_work += "works with" in done.stdout + done.stderr
        place.settle()
    judge(place, tally)


def drawn(dice: random.Random, count: int) -> list[float]:
    """Return so many lives."""
    return [dice.uniform(*LIVES) for _ in range(count)]


def judge(place: Place, tally: Tally) -> None:
    """Hold what slawatch believes against what the far sides know."""
    with place.store() as store:
        requests = store.requests()
        marks = place.marks()
        tied_to = store.replies_of([one for some in marks.values() for one in some])
        by_id = {one.id: one for one in requests}
        open_slots = [one for one in store.slots() if one.state is not SlotState.CLOSED]
    with closing(sqlite3.connect(place.config.with_name("slawatch.db"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert open_slots == [], open_slots
    for way in place.ways:
        of_way = [one for one in requests if one.account == way.account]
        came = way.came()
        sent = {way.own_name(one): one for one in of_way if is_sent(one)}
        assert set(came) == set(sent), (way.name, "what reached them and what is believed to have")
        assert set(came.values()) <= {1}, (way.name, came)
        assert len(sent) == len(way.targets()), (way.name, "somebody was not asked, or twice", of_way)
        for one in of_way:
            if not is_sent(one):
                assert one.void_reason in {VoidReason.UNCERTAIN, VoidReason.NOT_SENT}, one
                tally.void[f"{way.name}: {one.void_reason}"] += 1
        for reply in way.replies:
            assert len(marks.get(reply.mark, [])) == 1, (way.name, reply, marks)
            tied = tied_to[marks[reply.mark][0]]
            assert [way.own_name(by_id[one.request_id]) for one in tied] == [reply.question], (way.name, reply)
        assert len(way.replies) == len(sent), way.name
        tally.requests += len(of_way)
        tally.sent += len(sent)
        tally.replies += len(way.replies)


def is_sent(request: Request) -> bool:
    return request.delivery is Delivery.SENT and request.void_reason is None
