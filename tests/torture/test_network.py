"""A bad network before Postfix and Dovecot, at many octets of what passes: all comes back by itself, and is right.

One account lives through all of it, as one does: at each fault somebody is to be asked, and somebody's answer waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.mail import submit
from slawatch.model import Delivery, Request, Slot, Verdict, VoidReason
from slawatch.store import Store
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import tick
from tests.servers import asking
from tests.servers.mail import Mailbox, MailServers
from tests.servers.proxy import Fault, Proxy
from tests.torture.bad_network import Said, Shell, faults

pytestmark = pytest.mark.server

IMPATIENT, PATIENT = "0.4 s", "30 s"
ACCEPT = timedelta(seconds=0.8)
LATER = (0.5, 2, 3)  # hours: the lease runs out, evidence is looked for, the grace passes, the new slot is sent
LONG_AFTER = 24 * 30.0
COMPANIES = 2000
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class LaterClock(SystemClock):
    """The machine's clock, so many hours ahead: real servers stamp what they take with the real time."""

    def __init__(self) -> None:
        self.hours = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


@dataclass(frozen=True)
class Written:
    """A company's reply, and between which instants it was delivered."""

    company: str
    own_id: str
    since: datetime
    until: datetime


@dataclass
class Place:
    """A folder to work in, a mailbox, companies, and the two proxies on the way to our servers."""

    folder: Path
    mailbox: Mailbox
    smtp: Proxy
    imap: Proxy
    shell: Shell
    written: list[Written] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    clock: LaterClock = field(default_factory=LaterClock)
    patience: str = PATIENT
    told: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def target(self, company: str) -> str:
        """Return where the company is asked."""
        return f"{company}-{self.mailbox.name}@shop.example"

    def configure(self) -> None:
        """Write the config, on the way through the proxies."""
        servers = self.mailbox.servers
        text = asking.config(self.mailbox, {company: self.target(company) for company in self.asked})
        for port, proxy in ((servers.postfix.submission, self.smtp), (servers.dovecot.imaps, self.imap)):
            text = text.replace(f"_port = {port}\n", f"_port = {proxy.port}\n")
        text = text.replace("per_minute = 60", f'per_minute = {COMPANIES}\ntimeout = "{self.patience}"')
        self.config.write_text(text, encoding="utf-8")

    def store(self) -> Store:
        return Store(self.config.with_name("slawatch.db"), clock=self.clock)

    def plan(self) -> str:
        """Let a request to a new company be due now, and return the company."""
        company = f"company{len(self.asked)}"
        self.asked.append(company)
        self.configure()
        with self.store() as store:
            # A campaign's slots are not given by a schedule, and so not taken away for want of one.
            campaign = store.campaign(still_open=True) or store.add_campaign("bad network", None)
            slot = Slot(
                key=f"the slot of {company}",
                company=company,
                channel="email",
                target=self.target(company),
                account="main",
                due_at=self.clock.now() - timedelta(minutes=1),
                zone="Europe/Berlin",
                campaign=campaign.id,
            )
            store.add_slots([slot])
        return company

    def left(self, company: str) -> Counter[str]:
        """Return how often each Message-ID reached the company: the ground truth."""
        self.mailbox.servers.postfix.wait_until_empty()
        letters = self.mailbox.servers.companies.letters(self.target(company))
        return Counter(str(letter.message["Message-ID"]).strip("<>") for letter in letters)

    def answer(self, company: str) -> None:
        """Have the company answer the letter it got, and wait until the answer lies in our mailbox."""
        (letter,) = self.mailbox.servers.companies.letters(self.target(company))
        own_id = f"answer-of-{company}-{self.mailbox.name}@shop.example"
        reply = EmailMessage()
        reply["From"] = f"Anna Muster <{self.target(company)}>"
        reply["To"] = str(letter.message["From"])
        reply["Subject"] = f"Re: {letter.message['Subject']}"
        reply["In-Reply-To"] = str(letter.message["Message-ID"])
        reply["Message-ID"] = f"<{own_id}>"
        reply.set_content("Guten Tag, die Lieferung dauert zwei Werktage und kostet 4,90 Euro.\n\nAnna Muster\n")
        since = datetime.now(UTC)
        self.mailbox.servers.write(reply, sender=self.target(company), to=letter.sender)
        self.mailbox.servers.postfix.wait_until_empty()
        self.written.append(Written(company, own_id, since, datetime.now(UTC)))

    def tick(self, *hours: float) -> None:
        """Do passes, as a later process would, while the network is well."""
        with app.world(self.config, clock=self.clock) as world:
            for hour in hours:
                self.clock.hours = hour
                assert not tick(world).part_undone
        self.clock.hours = 0

    def through(self, proxy: Proxy, fault: Fault) -> Said:
        """Do a pass through the fault, with little patience, and return what it said."""
        self.patience = IMPATIENT
        self.configure()
        proxy.fault = fault
        try:
            said = self.shell.run(["tick"], config=self.config)
        finally:
            proxy.fault = None
            proxy.hang_up()
            self.patience = PATIENT
            self.configure()
        self.told.append(f"{fault}: {said.code} {said.out}{said.err}")
        return said


@pytest.fixture(scope="module")
def proxies(mail_servers: MailServers) -> Iterator[tuple[Proxy, Proxy]]:
    with Proxy(mail_servers.postfix.submission) as smtp, Proxy(mail_servers.dovecot.imaps) as imap:
        yield smtp, imap


@pytest.fixture
def place(
    mailbox: Mailbox,
    proxies: tuple[Proxy, Proxy],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Place:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    # Postfix has taken a letter over within milliseconds, and a dead line is not to be waited for five minutes.
    assert submit.submit.__kwdefaults__ is not None
    monkeypatch.setitem(submit.submit.__kwdefaults__, "accept_timeout", ACCEPT)
    smtp, imap = proxies
    return Place(tmp_path, mailbox, smtp, imap, Shell(monkeypatch, capsys))


@pytest.mark.parametrize("service", ["imap", "smtp"])
def test_whatever_the_network_does_all_comes_back_and_is_right(service: str, place: Place, positions_max: int) -> None:
    proxy: Proxy = getattr(place, service)
    company = place.plan()
    place.tick(0)  # so that we know how much a connection carries
    before = proxy.struck
    wrong = []
    for fault in list(faults(proxy, positions_max)):
        if place.left(company) and company not in {one.company for one in place.written}:
            place.answer(company)
        company = place.plan()
        said = place.through(proxy, fault)
        for rule in (Said.in_order, lambda said: looks_are_honest(place, blind=said.blind)):
            try:
                rule(said)
            except AssertionError as error:
                wrong.append(f"{fault}: {error}")
        place.tick(0)
    place.tick(*LATER)
    wrong += [f"{company}: {why}" for company in place.asked for why in judged(place, company)]

    print(*place.told, sep="")
    assert wrong == []
    assert proxy.struck - before >= positions_max
    assert len(place.written) >= positions_max


def looks_are_honest(place: Place, *, blind: bool) -> None:
    """Assert that a look that did not see everything is on record as one, and lets nobody be blamed."""
    with app.world(place.config, clock=place.clock) as world:
        last, until = world.store.looks("main", LONG_AGO)[-1], world.store.observed_until("main")
        assert last.ok is not blind
        assert until is not None
        if blind:
            assert until <= last.started_at
            assert last.note
            place.clock.hours = LONG_AFTER
            outcomes = standing(world, world.store.requests())
            place.clock.hours = 0
            assert Verdict.MISSED not in {one.verdict for one in outcomes.values()}


def judged(place: Place, company: str) -> Iterator[str]:
    """Yield what slawatch believes and what is not so."""
    left = place.left(company)
    with place.store() as store:
        requests = [one for one in store.requests() if one.company == company]
        for request in requests:
            if left.pop(request.message_id, 0) != is_sent(request):
                yield f"{request.public_id} is {request.delivery}, {request.void_reason}"
            if not is_sent(request) and request.void_reason not in {VoidReason.UNCERTAIN, VoidReason.NOT_SENT}:
                yield f"{request.public_id} was not sent and is not void"
        if left:
            yield f"got letters that nobody knows of: {left}"
        if not requests or not is_sent(requests[-1]):
            yield "its slot was not planned anew"
        for written in place.written:
            if written.company == company:
                yield from found_once(store, requests[0], written)


def found_once(store: Store, request: Request, written: Written) -> Iterator[str]:
    """Yield what is wrong unless the reply belongs to its request, once, and its stamps hold its arrival."""
    found = store.replies([request.id]).get(request.id, [])
    letters = {one.id: one for one in store.messages(ids=[reply.message_id for reply in found])}
    replies = [one for one in found if letters[one.message_id].own_id == written.own_id]
    if len(replies) != 1:
        yield f"its reply was found {len(replies)} times"
    for reply in replies:
        stamps = reply.stamps
        if not (stamps.at - stamps.earlier <= written.until and stamps.at + stamps.later >= written.since):
            yield f"its reply is stamped {stamps}, and came between {written.since} and {written.until}"


def is_sent(request: Request) -> bool:
    return request.delivery is Delivery.SENT and request.void_reason is None
