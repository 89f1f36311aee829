"""Companies with real software: a German help desk and an out-of-office note. Each mail finds its own request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from slawatch import app
from slawatch.classify import FASTEST_PERSON_SECONDS
from slawatch.model import MessageKind, Reply, Request, Verdict
from slawatch.usecases import audit
from slawatch.usecases.collect import collect
from slawatch.usecases.outcomes import standing
from slawatch.usecases.send import send_due
from slawatch.usecases.world import World
from tests.servers import asking
from tests.servers.desk import Desk, Ticket
from tests.servers.local import eventually
from tests.servers.mail import MailServers

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]

_NO_TIME = timedelta(0)
ASKED = ("service", "info", "bestellung")
# Each in words of its own: one text that answers several requests earns no credit as a person's.
ANSWERS = {
    "service": "die Lieferung nach Österreich dauert drei bis fünf Werktage und kostet 6,90 Euro.",
    "info": "ins Ausland versenden wir Pakete bis 10 kg für 14,50 Euro, in die Schweiz leider nicht.",
    "bestellung": "laut Lager geht der Versand in alle Länder der EU, das Porto beträgt pauschal 12 Euro.",
}
INTERIM = "das muss ich im Lager erfragen. Ich melde mich bis Freitag bei Ihnen."
AWAY = "Ich bin bis zum 31. Dezember im Urlaub. Ihre Nachricht wird nicht weitergeleitet."

CONFIG = """
[company.desk]
name = "Schreibwaren Kern"
relationship = "own"
language = "de"
domains = ["{domain}"]
probes = ["shipping-abroad"]
"""
TARGET = """
[[company.desk.target]]
channel = "email"
address = "{address}"
"""
ALONE = """
[company.away]
name = "Ein-Mann-Betrieb"
relationship = "own"
language = "de"
[[company.away.target]]
channel = "email"
address = "{address}"
"""


@dataclass
class Scene:
    """What was asked, the desk it was asked of, and the world that measures."""

    world: World
    desk: Desk

    def requests(self) -> dict[str, Request]:
        """Return the requests by the name before the @ of whom they went to."""
        return {request.target.partition("@")[0]: request for request in self.world.store.requests()}

    def tickets(self) -> dict[str, Ticket]:
        """Return the desk's tickets by the request they are about: the desk says whom it will answer."""
        by_token = {request.token: name for name, request in self.requests().items()}
        return {by_token[ticket.sender.partition("@")[0].partition("+")[2]]: ticket for ticket in self.desk.fetch()}

    def replies(self, name: str) -> list[Reply]:
        request = self.requests()[name]
        return self.world.store.replies([request.id]).get(request.id, [])

    def wait_until_a_person_could_have_written(self) -> None:
        """Wait as long as no person answers within: what comes earlier is never taken for a person's."""
        asked_at = max(request.accepted_at for request in self.requests().values() if request.accepted_at)
        soonest = asked_at + timedelta(seconds=FASTEST_PERSON_SECONDS + 2)
        eventually(lambda: datetime.now(UTC) > soonest, what="time for a person to write", seconds=60)

    def wait_for(self, name: str, kind: MessageKind) -> Reply:
        """Collect until the request has a reply of that kind; return it."""

        def look() -> list[Reply]:
            collect(self.world)
            return [reply for reply in self.replies(name) if reply.kind is kind]

        found = eventually(look, what=f"{kind.value} for {name}: {[r.kind for r in self.replies(name)]}", seconds=60)
        return found[0]


@pytest.fixture(scope="module")
def scene(mail_servers: MailServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Ask one help desk at three addresses, and a company that is away, all at once."""
    folder = tmp_path_factory.mktemp("software")
    ours, theirs, away = (mail_servers.mailbox() for _ in range(3))
    desk = Desk(mailbox=theirs, folder=folder)
    desk.open()
    alone = f"kontakt@{away.catch_all_domain}"
    mail_servers.dovecot.be_away(away.name, address=alone, subject="Abwesenheitsnotiz", text=AWAY)
    config = folder / "config.toml"
    config.write_text(
        asking.config(ours, {})
        + CONFIG.format(domain=desk.domain)
        + "".join(TARGET.format(address=f"{name}@{desk.domain}") for name in ASKED)
        + ALONE.format(address=alone),
        encoding="utf-8",
    )
    os.environ[asking.PASSWORD_VARIABLE] = ours.password
    with app.world(config) as world:
        targets = [target for company in world.config.companies.values() for target in company.targets]
        campaign = audit.start(world, targets, over=_NO_TIME, until=None, name="software")
        send_due(world, campaign=campaign.id)
        yield Scene(world=world, desk=desk)


def test_a_receipt_of_the_desk_is_one_and_ends_no_wait(scene: Scene) -> None:
    eventually(lambda: len(scene.tickets()) == len(ASKED), what="a ticket for each request", seconds=60)

    for name in ASKED:
        receipt = scene.wait_for(name, MessageKind.ACKNOWLEDGEMENT)
        assert not receipt.in_review
    outcomes = standing(scene.world, [scene.requests()[name] for name in ASKED])
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.PENDING}
    assert all(outcome.acknowledged is not None for outcome in outcomes.values())


def test_what_its_agent_writes_in_any_order_finds_the_request_it_is_about(scene: Scene) -> None:
    eventually(lambda: len(scene.tickets()) == len(ASKED), what="a ticket for each request", seconds=60)
    tickets = scene.tickets()
    scene.wait_until_a_person_could_have_written()
    scene.desk.comment(tickets["bestellung"], INTERIM)
    scene.desk.comment(tickets["info"], ANSWERS["info"])
    scene.desk.resolve(tickets["service"], ANSWERS["service"])

    interim = scene.wait_for("bestellung", MessageKind.INTERIM)
    scene.desk.comment(tickets["bestellung"], ANSWERS["bestellung"])
    answers = {name: scene.wait_for(name, MessageKind.ANSWER) for name in ASKED}

    for name, answer in answers.items():
        assert f"[service-{tickets[name].id}]" in answer.subject
        assert not answer.in_review
    assert (interim.how_long, interim.why) == (True, True)
    written = {reply.message_id for name in ASKED for reply in scene.replies(name) if reply.kind.by_person}
    assert len(written) == 4, "one mail for each thing the agent wrote, none on two requests"
    outcomes = standing(scene.world, list(scene.requests().values()))
    for name in ASKED:
        assert outcomes[scene.requests()[name].id].verdict is Verdict.ANSWERED


def test_an_out_of_office_note_ends_no_wait(scene: Scene) -> None:
    note = scene.wait_for("kontakt", MessageKind.OUT_OF_OFFICE)

    (outcome,) = standing(scene.world, [scene.requests()["kontakt"]]).values()
    assert outcome.verdict is Verdict.PENDING
    assert note.subject.startswith("Abwesenheitsnotiz")
