"""kill -9 at random instants over a daemon that asks on a homeserver of Matrix and on a whole network of Bluesky."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from slawatch.model import Request
from tests.integration.copies import Copies
from tests.peers.at_bluesky import answered, somebody
from tests.servers import bluesky, synapse
from tests.torture.killing import A_ROUND, LaterClock, Tally, drawn, one_round
from tests.torture.ways import Far

pytestmark = pytest.mark.timeout(0)

KILLS = 15
COMPANIES = 5


@dataclass
class Rooms(Far):
    """Rooms of two, on Synapse."""

    server: synapse.Homeserver = None  # type: ignore[assignment]  # always given
    people: list[synapse.Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.me = self.server.person("asks")
        self.people = [self.server.person(f"company{n}") for n in range(self.companies)]

    def config(self) -> str:
        return f"""
[account.{self.account}]
channel = "matrix"
user = "{self.me.id}"
homeserver = "{self.server.url}"
access_token_file = "rooms-token"
per_minute = 1000
""" + self.asked()

    def targets(self) -> Sequence[tuple[str, str]]:
        return [(self.key(n), person.id) for n, person in enumerate(self.people)]

    def questions(self) -> list[tuple[synapse.Person, str, str]]:
        """Return who was asked what in which room, as the server has it."""
        rooms = self.me.call("GET", "joined_rooms")["joined_rooms"]
        found = []
        for room in rooms:
            members = self.me.call("GET", "rooms", room, "members")["chunk"]
            them = {one["state_key"] for one in members} - {self.me.id}
            # A room that is being made has nobody in it yet.
            for person in [one for one in self.people if one.id in them]:
                found += [(person, room, one["event_id"]) for one in self.me.lines(room, by=self.me.id)]
        return found

    def came(self) -> Counter[str]:
        return Counter(event for _, _, event in self.questions())

    def own_name(self, request: Request) -> str:
        return request.remote_id.removeprefix("matrix:")

    def answer(self) -> None:
        for person, room, event in self.questions():
            if event not in self.answered:
                person.join(room)
                person.say(room, f"Guten Tag, {self.words(event)}", reply_to=event)


@dataclass
class Skeets(Far):
    """Posts, on the programs that run Bluesky."""

    network: bluesky.Network = None  # type: ignore[assignment]  # always given
    people: list[bluesky.Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.me = somebody(self.network, "asks")
        self.people = [somebody(self.network, "service") for _ in range(self.companies)]

    def config(self) -> str:
        return f"""
[account.{self.account}]
channel = "bluesky"
handle = "@{self.me.handle}"
service = "{self.network.pds}"
password_file = "skeets-password"
timeout = "20 s"
per_minute = 1000
""" + self.asked()

    def targets(self) -> Sequence[tuple[str, str]]:
        return [(self.key(n), f"@{person.handle}") for n, person in enumerate(self.people)]

    def came(self) -> Counter[str]:
        return Counter(one["uri"] for one in self.me.posts())

    def own_name(self, request: Request) -> str:
        return request.remote_id.removeprefix("bluesky:")

    def answer(self) -> None:
        for post in self.me.posts():
            if post["uri"] not in self.answered:
                whom = next(one for one in self.people if f"@{one.handle} " in f"{post['value']['text']} ")
                answered(self.network, whom, self.me, self.words(post["uri"]), under=post["uri"])


def test_killed_at_any_instant_nobody_is_asked_twice_on_these_networks_either(
    network: bluesky.Network, homeserver: synapse.Homeserver, tmp_path: Path
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(10**6))  # noqa: S311 - no secret
    dice = random.Random(seed)  # noqa: S311 - no secret
    tally = Tally()
    print(f"SEED={seed}")
    with Copies("tests.torture.one_daemon", dict(os.environ)) as daemons:
        for number, left in enumerate(range(int(os.environ.get("KILLS") or KILLS), 0, -A_ROUND)):
            folder = tmp_path / f"round{number}"
            folder.mkdir()
            rooms = Rooms(name="rooms", channel="matrix", account="rooms", companies=COMPANIES, server=homeserver)
            skeets = Skeets(name="skeets", channel="bluesky", account="skeets", companies=COMPANIES, network=network)
            for name, secret in (("rooms-token", rooms.me.token), ("skeets-password", bluesky.PASSWORD)):
                (folder / name).write_text(secret)
                (folder / name).chmod(0o600)
            one_round(folder, [rooms, skeets], LaterClock(), daemons, drawn(dice, min(A_ROUND, left)), tally)
            print(tally)  # pytest -rA shows it
