"""What 10,000 open questions on one account at X cost in calls and dollars, and what a pass over them costs here.

    python -m benchmarks.twitter [HOURS] [OPEN]

A fifth of the open questions is new every day; three of four are answered, and others join in: 1.5 mentions each. The
store holds them all, X (slawatch.practice.x) too, and of those of a week ago what was said. Then some hours pass with a
look every 30 seconds, and what happened is scaled to a day. The floor is arithmetic on X's prices alone: a poll every
30 seconds, $0.015 a post, $0.001 a mention. Processor time is that of slawatch's own thread.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.measure import table
from slawatch import app, rules
from slawatch.clock import to_micros
from slawatch.practice.x import OAuth1, X, XServer
from slawatch.practice.x.people import Direct, Person, Post
from slawatch.testing import FakeClock
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World

HOURS, OPEN = 1.0, 10_000
DAY = timedelta(days=1)
WINDOW = 5  # days that a question stands open
POLL = timedelta(seconds=30)
A_DAY_EACH = 4  # questions to one company
ANSWERED, OTHERS = 0.75, 0.75
FLOOR_POST, FLOOR_MENTION = 0.015, 0.001
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own in there, where no commit waits for a disk
CONFIG = """
[account.main]
channel = "twitter"
handle = "@asks"
api_base = "{base}"
auth_base = "{base}"
consumer_key = "{keys.consumer_key}"
consumer_secret = "{keys.consumer_secret}"
access_token = "{keys.access_token}"
access_secret = "{keys.access_secret}"
per_minute = 1000
per_day = 100000
month_max = 0
poll = "30 s"
poll_idle = "30 s"
"""
COMPANY = """
[company.{key}]
name = "{key}"
relationship = "own"
language = "en"
[[company.{key}.target]]
channel = "twitter"
address = "@{key}"
every = "{every} min"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A question of the past and what was said to it, by whom and whether it was the company."""

    post: Post
    company: str
    said: list[tuple[Post, bool]]


class Town:
    """Companies on X that are asked, answer or do not, and others who join in."""

    def __init__(self, x: X, us: Person, companies: int) -> None:
        self._x = x
        self._us = us
        self._dice = random.Random(1)
        self._companies = [x.person(f"shop_{number}") for number in range(companies)]
        self._crowd = [x.person(f"passer_{number}") for number in range(50)]
        self._number = 0

    def past(self, number: int, since: datetime, until: datetime) -> list[Past]:
        """Return so many questions, asked one after the other."""
        step = (until - since) / number
        found = []
        for serial in range(number):
            company = self._companies[serial % len(self._companies)]
            post = self._x.post(self._us, f"@{company.handle} Question {serial}?", at=since + serial * step)
            found.append(Past(post=post, company=company.handle, said=self.reactions(post, company)))
        return found

    def heard(self, one: Post | Direct) -> None:
        """React to what we have just asked."""
        if isinstance(one, Post) and one.author is self._us and one.reply_to is None:
            self.reactions(one, next(person for person in self._companies if one.mentioned(person)))

    def reactions(self, post: Post, company: Person) -> list[tuple[Post, bool]]:
        """Have a question answered within days, mostly within hours, and others join in."""
        found = []
        if self._dice.random() < ANSWERED:
            found.append((self._reply(post, company, "It takes {n} days and costs 4.90 EUR. ^JK"), True))
        if self._dice.random() < OTHERS:
            found.append((self._reply(post, self._dice.choice(self._crowd), "I wonder as well, number {n}"), False))
        return found

    def _reply(self, to: Post, by: Person, wording: str) -> Post:
        self._number += 1
        after = timedelta(minutes=2) + min(self._dice.expovariate(1 / 6), 110) * timedelta(hours=1)
        return self._x.post(by, wording.format(n=self._number), reply_to=to, at=to.at + after)


def lay_in(world: World, past: list[Past], now: datetime) -> None:
    """Lay the past into the store, as far as it had been read by now."""
    connection = world.store._connection()  # noqa: SLF001 - asking 10,000 questions one by one takes many minutes
    connection.execute("BEGIN")
    messages = 0
    for number, one in enumerate(past, start=1):
        at = to_micros(one.post.at)
        ended = one.post.at < now - WINDOW * DAY
        connection.execute(
            "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant,"
            " subject, body, form, token, message_id, delivery, due_at, zone, intended_at, accepted_at, remote_id,"
            " verified_at) VALUES (?, ?, 'sent', ?, 'twitter', ?, 'main', 'bench', 'en', 0, '', ?, 'post', ?, ?,"
            " 'sent', ?, 'UTC', ?, ?, ?, ?)",
            (
                *(number, f"R{number}", one.company, f"@{one.company}", one.post.text, f"token{number}"),
                *(f"{number}@own.example", at, at, at, f"twitter:{one.post.id}"),
                to_micros(one.post.at + WINDOW * DAY) if ended else None,
            ),
        )
        for said, theirs in one.said:
            if said.at >= now:
                continue
            messages += 1
            came = to_micros(said.at)
            connection.execute("INSERT INTO blob VALUES (?, 'zlib', 0, x'')", (str(messages),))
            connection.execute(
                "INSERT INTO message (id, account, channel, remote_id, folder, sha256, own_id, sender, subject,"
                " stamp_at, stamp_source, stamp_earlier, stamp_later, seen_at)"
                " VALUES (?, 'main', 'twitter', ?, 'mentions', ?, ?, ?, '', ?, 'snowflake', 0, 0, ?)",
                (messages, f"twitter:{said.id}", str(messages), f"twitter:{said.id}", said.author.id, came, came),
            )
            kind = "answer" if theirs else "unknown"
            connection.execute(
                "INSERT INTO derived (message_id, rules, kind) VALUES (?, ?, ?)", (messages, rules.ALL, kind)
            )
            connection.execute(
                "INSERT INTO reply (message_id, request_id, evidence, strength, writer)"
                " VALUES (?, ?, 'conversation', 'certain', ?)",
                (messages, number, "company" if theirs else "bystander"),
            )
    connection.execute("COMMIT")


def config(base: str, keys: OAuth1, companies: int) -> str:
    """Return a config with so many companies, each asked a few times a day."""
    every = 24 * 60 // A_DAY_EACH
    return CONFIG.format(base=base, keys=keys) + "".join(
        COMPANY.format(key=f"shop_{number}", every=every) for number in range(companies)
    )


def run(world: World, x: X, clock: FakeClock, hours: float, open_: int) -> None:
    """Let the hours pass and print what they cost."""
    start = clock.now()
    passes: list[tuple[float, float]] = []
    calls, billed, noted = Counter(x.calls), x.bill.total, ledger(world, start)
    asked = len(world.store.requests(since=start))
    while clock.now() < start + timedelta(hours=hours):
        clock.forward(POLL)
        began = time.perf_counter(), time.thread_time()
        tick(world)
        passes.append((time.perf_counter() - began[0], time.thread_time() - began[1]))
    asked = len(world.store.requests(since=start)) - asked
    made, spent = x.calls - calls, ledger(world, start) - noted
    scale = timedelta(hours=24) / timedelta(hours=hours)
    new = open_ / WINDOW
    print(f"{hours:g} hours, {len(passes)} passes, {asked} new questions; a day has {new:g}\n")
    rows = [[route, f"{made[route]}", f"{made[route] * scale:.0f}"] for route in sorted(made)]
    table(["calls", "counted", "a day"], rows)
    print()
    total = sum(spent.values()) * scale / 1e6
    rows = [[kind, f"{spent[kind] / 1e6:.3f}", f"{spent[kind] * scale / 1e6:.2f}"] for kind in sorted(spent)]
    table(["dollars", "counted", "a day"], [*rows, ["all", f"{sum(spent.values()) / 1e6:.3f}", f"{total:.2f}"]])
    floor = new * FLOOR_POST + new * 1.5 * FLOOR_MENTION
    print(f"\nfloor: 2880 calls, ${floor:.2f} a day; ours is {total / floor:.2f} of that")
    print(f"X's bill says ${(x.bill.total - billed) / 1e6:.3f} where our ledger says ${spent.total() / 1e6:.3f}")
    wall, cpu = sorted(one for one, _ in passes), sorted(one for _, one in passes)
    rows = [[name, f"{median(one):.3f}", f"{one[-1]:.3f}"] for name, one in (("wall", wall), ("processor", cpu))]
    print()
    table(["a pass, seconds", "median", "longest"], rows)


def ledger(world: World, since: datetime) -> Counter[str]:
    """Return what the store says was spent on that day and since, in millionths, by kind."""
    spent: Counter[str] = Counter()
    for one in world.store.charges("main", since):
        spent[one.what] += one.micros
    return spent


def main() -> None:
    """Set everything up and run."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    open_ = int(sys.argv[2]) if len(sys.argv) > 2 else OPEN  # noqa: PLR2004 - the second argument
    clock = FakeClock()
    clock.forward(timedelta(hours=8))
    x = X(clock, seed="bench")
    us = x.person("asks")
    keys = x.oauth1(us)
    a_day = open_ // WINDOW
    companies = max(1, a_day // A_DAY_EACH)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, XServer(x) as server:
        path = Path(folder) / "config.toml"
        path.write_text(config(server.base_url, keys, companies), encoding="utf-8")
        path.chmod(0o600)
        town, now = Town(x, us, companies), clock.now()
        past = town.past(a_day, now - 8 * DAY, now - 7 * DAY) + town.past(open_ + a_day, now - (WINDOW + 1) * DAY, now)
        x.listeners.append(town.heard)
        with app.world(path, clock=clock) as world:
            lay_in(world, past, now)
            for _ in range(2):  # who everybody is, and the mentions of the last day, are looked up once
                clock.forward(POLL)
                tick(world)
            run(world, x, clock, hours, open_)


if __name__ == "__main__":
    main()
