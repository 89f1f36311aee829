"""Two companies asked over XMPP on a real server, from the config to the verdict: one answers, one never does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.channels.xmpp.names import stanza_id
from slawatch.classify import FASTEST_PERSON_SECONDS
from slawatch.model import DeliveryProof, MessageKind, MomentKind, Request, Verdict, Writer
from slawatch.usecases import audit
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.servers.local import LOOPBACK
from tests.servers.prosody import DOMAIN, PASSWORD, Prosody, running
from tests.servers.xmpp import Person

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

CONFIG = """
timezone = "Europe/Berlin"

[account.chat]
channel = "xmpp"
jid = "asks@shop.test"
password_file = "password"
host = "{host}"
port = {port}
ca_file = "{ca}"
per_minute = 60

[company.shop]
name = "Shop"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.shop.target]]
channel = "xmpp"
address = "Service@shop.test"

[company.acme]
name = "Acme"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.acme.target]]
channel = "xmpp"
address = "acme@shop.test"
"""
ANSWER = "Die Lieferung dauert drei bis fünf Werktage."
LATER = timedelta(seconds=FASTEST_PERSON_SECONDS + 1)  # by our clock the answer comes that much after the question
SLACK = timedelta(milliseconds=200)  # until the question is with them
RECEIPT = '<received xmlns="urn:xmpp:receipts" id="{}"/>'


class Ahead:
    """The real time, and later where a test says so."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by

    def sleep(self, seconds: float) -> None:
        self.by += timedelta(seconds=seconds)

    def when(self, machine: datetime) -> datetime:
        return machine + self.by


@dataclass
class Scene:
    world: World
    server: Prosody
    clock: Ahead
    shop: Person
    acme: Person

    def requests(self) -> dict[str, Request]:
        return {request.company: request for request in self.world.store.requests()}

    def asked(self, who: Person, company: str) -> str:
        """Return the id of the question, once it is there."""
        name = stanza_id(self.requests()[company].message_id)
        who.heard_at(name)
        return name


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock = Ahead()
    with running() as server:
        for name in ("asks", "service", "acme"):
            server.user(name)
        config = tmp_path / "config.toml"
        config.write_text(CONFIG.format(host=LOOPBACK, port=server.c2s, ca=server.ca), encoding="utf-8")
        (tmp_path / "password").write_text(PASSWORD)
        (tmp_path / "password").chmod(0o600)
        with (
            Person(server, f"service@{DOMAIN}") as shop,
            Person(server, f"acme@{DOMAIN}") as acme,
            app.world(config, clock=clock) as world,
        ):
            targets = [target for company in world.config.companies.values() for target in company.targets]
            audit.start(world, targets, over=timedelta(0), until=None, name="whole")
            tick(world)
            yield Scene(world=world, server=server, clock=clock, shop=shop, acme=acme)


def test_the_one_that_answers_is_timed_to_milliseconds_and_the_other_has_missed(scene: Scene) -> None:
    asked = scene.asked(scene.shop, "shop")
    scene.shop.tell(f"asks@{DOMAIN}", RECEIPT.format(asked))
    scene.acme.tell(f"asks@{DOMAIN}", RECEIPT.format(scene.asked(scene.acme, "acme")))
    heard_at = scene.shop.heard_at(asked)
    scene.clock.by = LATER
    before = datetime.now(UTC)
    scene.shop.say(f"asks@{DOMAIN}", ANSWER, reply_to=asked)
    after = datetime.now(UTC)
    tick(scene.world)
    scene.clock.by += timedelta(hours=2)
    tick(scene.world)

    requests = scene.requests()
    outcomes = {name: standing(scene.world, [request])[request.id] for name, request in requests.items()}
    assert {name: one.verdict for name, one in outcomes.items()} == {"shop": Verdict.ANSWERED, "acme": Verdict.MISSED}
    [reply] = scene.world.store.replies([requests["shop"].id])[requests["shop"].id]
    assert (reply.kind, reply.written_by.writer) == (MessageKind.ANSWER, Writer.COMPANY)
    wait = outcomes["shop"].first_response
    assert wait is not None
    assert LATER + before - heard_at - wait.shorter <= wait.length <= LATER + after - heard_at + wait.longer + SLACK
    assert wait.shorter + wait.longer < timedelta(seconds=1)
    steps = scene.world.store.moments([request.id for request in requests.values()])
    assert {one.kind for of_one in steps.values() for one in of_one} == {MomentKind.DELIVERED}
    assert all(outcome.proof is DeliveryProof.PROVEN for outcome in outcomes.values())
