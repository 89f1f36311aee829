"""A whole audit by the command, on Postfix and Dovecot: what it measures is held against what really happened."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers import asking
from tests.servers.companies import UNKNOWN_USER, Letter
from tests.servers.mail import Mailbox, MailServers

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]

ANSWER = "Guten Tag,\n\nwir liefern innerhalb von zwei Werktagen, und jedes Paket lässt sich verfolgen.\n\nJ. Ott\n"
INTERIM = "Guten Tag,\n\ndas muss ich erst im Lager erfragen. Ich melde mich bis morgen Mittag bei Ihnen.\n\nJ. Ott\n"
RECEIPT = "Ihre Nachricht ist bei uns eingegangen und wurde unter der Nummer 4711 registriert.\n"
UNTIL_SECONDS = 55
TOLERANCE_SECONDS = 2.5  # a second of each stamp, and what the servers themselves take


@dataclass(frozen=True)
class Deed:
    """What a company does so many seconds after the letter reached it."""

    after: float
    text: str
    headers: dict[str, str] = field(default_factory=dict)


COMPANIES: dict[str, tuple[Deed, ...]] = {
    "prompt": (Deed(after=22, text=ANSWER),),
    "receipt": (Deed(after=1, text=RECEIPT, headers={"Auto_Submitted": "auto-replied"}), Deed(after=28, text=ANSWER)),
    "interim": (Deed(after=24, text=INTERIM), Deed(after=35, text=ANSWER)),
    "thread": (Deed(after=26, text=ANSWER, headers={"In_Reply_To": "", "References": "", "Subject": "Ihre Anfrage"}),),
    "silent": (),
    "unknown": (),
}


@dataclass
class Truth:
    """What really happened, by the one clock of this machine: when letters arrived and when each was answered."""

    arrived: dict[str, datetime] = field(default_factory=dict)
    wrote: dict[str, list[datetime]] = field(default_factory=dict)


def play(servers: MailServers, address: Callable[[str], str], truth: Truth, stop: threading.Event) -> None:
    """Be the companies until told to stop."""
    due: list[tuple[float, str, Letter, Deed]] = []
    while not stop.wait(0.05):
        for key, deeds in COMPANIES.items():
            if key not in truth.arrived and (letters := servers.companies.letters(address(key))):
                truth.arrived[key] = datetime.now(UTC)
                due += [(time.monotonic() + deed.after, key, letters[0], deed) for deed in deeds]
        for one in [one for one in due if one[0] <= time.monotonic()]:
            due.remove(one)
            _, key, letter, deed = one
            servers.reply(letter, deed.text, **deed.headers)
            truth.wrote.setdefault(key, []).append(datetime.now(UTC))


@dataclass
class Audited:
    """A finished audit: its folder, what it printed, and the truth beside it."""

    config: Path
    mailbox: Mailbox
    printed: str
    truth: Truth

    def run(self, *arguments: str, code: int = 0) -> str:
        return slawatch_command(self.config, self.mailbox, *arguments, code=code)

    def request(self, company: str) -> dict[str, Any]:
        """Return what `explain --json` says of the company's request."""
        rows = [line.split() for line in self.printed.splitlines()]
        (public_id,) = [row[0] for row in rows if row[1:2] == [company] and not row[0].endswith(":")]
        found: dict[str, Any] = json.loads(self.run("explain", "--json", public_id))
        return found


def slawatch_command(config: Path, mailbox: Mailbox, command: str, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "slawatch", command, "-c", str(config), *arguments],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=asking.environment(mailbox),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def audited(mail_servers: MailServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    mailbox = mail_servers.mailbox()

    def address(key: str) -> str:
        return f"{key}@{mailbox.name}.example"

    config = tmp_path_factory.mktemp("audit") / "config.toml"
    config.write_text(asking.config(mailbox, {key: address(key) for key in COMPANIES}), encoding="utf-8")

    mail_servers.companies.refuse(address("unknown"), UNKNOWN_USER)
    truth, stop = Truth(), threading.Event()
    companies = threading.Thread(target=play, args=(mail_servers, address, truth, stop), daemon=True)
    companies.start()
    try:
        printed = slawatch_command(
            config, mailbox, "audit", "--until", f"{UNTIL_SECONDS} s", "--look-every", "1 s", "--yes"
        )
        yield Audited(config=config, mailbox=mailbox, printed=printed, truth=truth)
    finally:
        stop.set()
        companies.join()


@pytest.mark.parametrize("company", ["prompt", "receipt", "interim", "thread"])
def test_the_measured_waits_are_the_true_ones(audited: Audited, company: str) -> None:
    found = audited.request(company)["outcome"]
    arrived, wrote = audited.truth.arrived[company], audited.truth.wrote[company]
    person_wrote = wrote[1] if company == "receipt" else wrote[0]
    rows = [
        ("first response", (person_wrote - arrived).total_seconds(), found["first_response"]),
        ("answer", (wrote[-1] - arrived).total_seconds(), found["answer"]),
    ]
    for name, true, measured in rows:
        print(f"{company:8} {name:14} true {true:7.3f} s  measured {measured['length']:7.3f} s", end="  ")
        print(f"-{measured['shorter']:.3f} +{measured['longer']:.3f}")
        assert measured["ended"]
        assert measured["length"] == pytest.approx(true, abs=TOLERANCE_SECONDS)
        assert measured["length"] - measured["shorter"] - 1 <= true <= measured["length"] + measured["longer"] + 1


def test_a_receipt_is_timed_and_ends_nothing(audited: Audited) -> None:
    found = audited.request("receipt")

    assert found["outcome"]["acknowledged"] == pytest.approx(1, abs=TOLERANCE_SECONDS)
    assert [reply["kind"] for reply in found["replies"]][-2:] == ["acknowledgement", "answer"]


def test_silence_is_an_open_wait_up_to_the_last_look(audited: Audited) -> None:
    found = audited.request("silent")["outcome"]

    assert found["verdict"] == "pending"
    assert not found["first_response"]["ended"]
    assert UNTIL_SECONDS - 15 <= found["first_response"]["length"] <= UNTIL_SECONDS + 5


def test_a_bounced_request_is_void(audited: Audited) -> None:
    found = audited.request("unknown")["outcome"]

    assert (found["verdict"], found["void_reason"]) == ("void", "bounced")


def test_the_servers_own_receipt_proves_delivery_and_gives_the_start(audited: Audited) -> None:
    found = audited.request("silent")

    assert found["request"]["proof"] == "proven"
    taken = datetime.fromisoformat(found["request"]["accepted_at"])
    assert abs((taken - audited.truth.arrived["silent"]).total_seconds()) <= TOLERANCE_SECONDS


def test_the_report_is_written_and_says_the_same_in_json(audited: Audited) -> None:
    path = Path(audited.printed.splitlines()[-1].removeprefix("report: file://"))
    assert "<script" not in path.read_text(encoding="utf-8")

    groups = {group["company"]: group for group in json.loads(audited.run("report", "--json"))["groups"]}

    assert {key: (groups[key]["answered"], groups[key]["pending"], groups[key]["void"]) for key in COMPANIES} == {
        "prompt": (1, 0, 0),
        "receipt": (1, 0, 0),
        "interim": (1, 0, 0),
        "thread": (1, 0, 0),
        "silent": (0, 1, 0),
        "unknown": (0, 0, 1),
    }
    assert (groups["*"]["n"], groups["*"]["void"]) == (5, 1)


def test_each_company_got_exactly_one_letter(audited: Audited, mail_servers: MailServers) -> None:
    for key in COMPANIES:
        found = audited.request(key)["request"]
        letters = mail_servers.companies.letters(found["target"])
        assert len(letters) == (0 if key == "unknown" else 1)
