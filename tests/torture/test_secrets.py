"""Planted secrets are looked for wherever slawatch leaves a trace: what it prints, writes, keeps, and tells others."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

import slawatch
from slawatch.cli import COMMANDS
from slawatch.clock import SystemClock
from slawatch.model import Slot
from slawatch.store import Store
from tests.servers import echoing, imap, submission
from tests.servers.local import LOOPBACK
from tests.torture.bad_network import Said, Shell
from tests.torture.planted import BODY, TARGETS, Planted

PASSES = (401, 400, 500, 200)  # what the echo answers with, pass by pass
SHOWS_LETTERS = frozenset({"explain", "evidence", "report", "export", "review", "follow-up", "classify", "backup"})
DONE = {0, 1, 3, 4}
NOTHING_TO_DO = frozenset({"login", "follow-up"})  # these accounts and this request want none


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    """Have real servers for the main account, and echoes for all others."""
    with echoing.running() as echo, contextlib.ExitStack() as stack:
        here = Planted(tmp_path, echo, 1, 1)
        monkeypatch.setattr(imap, "PASSWORD", here.secrets["imap"])
        monkeypatch.setattr(submission, "PASSWORD", here.secrets["smtp"])
        mailbox = stack.enter_context(imap.running())
        taking = stack.enter_context(submission.running(None))
        text = here.config.read_text(encoding="utf-8")
        text = text.replace("smtp_port = 1\n", f"smtp_port = {taking.port}\n")
        here.config.write_text(text.replace("imap_port = 1\n", f"imap_port = {mailbox.port}\n"), encoding="utf-8")
        for name, value in here.environment.items():
            monkeypatch.setenv(name, value)

        def deliver(taken: submission.Taken) -> None:
            if any(one.endswith("@example.org") for one in taken.recipients):
                mailbox.append(taken.raw, datetime.now(UTC))
            if TARGETS["main"][1] in taken.recipients:
                mailbox.append(answered(taken.raw), datetime.now(UTC))

        taking.deliver = deliver
        yield here


def answered(raw: bytes) -> bytes:
    """Return an answer to the letter, which holds a word that stands in no other text."""
    head = raw.partition(b"\r\n\r\n")[0].decode()
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    reply = EmailMessage()
    reply["From"] = TARGETS["main"][1]
    reply["To"] = fields["From"]
    reply["Subject"] = "Re: Ihre Frage"
    reply["In-Reply-To"] = fields["Message-ID"]
    reply["Message-ID"] = "<answer@main.example>"
    reply.set_content(f"Guten Tag,\n\ndas regelt die {BODY}, und es dauert zwei Tage.\n\nViele Grüße\nAnna Muster\n")
    return reply.as_bytes()


def plan(here: Planted, number: int) -> None:
    """Let a request to everybody be due."""
    with Store(here.folder / "slawatch.db", clock=SystemClock()) as store:
        campaign = store.campaign(still_open=True) or store.add_campaign("secrets", None)
        store.add_slots(
            [
                Slot(
                    key=f"{account} {number}",
                    company=account,
                    channel=channel,
                    target=address,
                    account=account,
                    due_at=datetime.now(UTC) - timedelta(minutes=1),
                    zone="UTC",
                    campaign=campaign.id,
                )
                for account, (channel, address) in TARGETS.items()
            ]
        )


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def commands(here: Planted, request: str) -> list[list[str]]:
    """Return every command that needs no person, as people would type it."""
    return [
        ["check"],
        ["plan", "--json"],
        ["collect"],
        ["send"],
        ["status"],
        ["status", "--json"],
        ["report"],
        ["report", "--json"],
        ["badge"],
        ["explain", request],
        ["evidence", str(here.folder / "pack.zip")],
        ["follow-up", request],
        ["adopt"],
        ["review"],
        ["costs"],
        ["export"],
        ["verify"],
        ["recompute"],
        ["retention"],
        ["disclosure"],
        ["opt-out", "list"],
        ["audit-log"],
        ["login", "third"],
        ["login", "fifth"],
        ["login", "main"],
        ["backup", str(here.folder / "backup.db")],
        ["pause"],
        ["resume"],
        ["abort", "--all", "--yes"],
        ["tick", "-v"],
    ]


def test_no_command_shows_or_keeps_a_secret_whatever_servers_say(planted: Planted, shell: Shell) -> None:
    found: list[str] = []
    tried = set()

    def look(words: list[str], said: Said) -> None:
        text = f"{said.out}\n{said.err}"
        tried.add(words[0])
        if said.code not in DONE and words[0] not in NOTHING_TO_DO:
            found.append(f"{' '.join(words)}: ended with {said.code}: {text}")
        found.extend(f"{' '.join(words)}: printed {name}: {text}" for name in planted.spilled(text.encode()))
        if words[0] not in SHOWS_LETTERS and BODY in text:
            found.append(f"{' '.join(words)}: printed what stood in a letter: {text}")

    for number, status in enumerate(PASSES):
        planted.echo.status = status
        plan(planted, number)
        look(["resume"], shell.run(["resume"], config=planted.config))
        look(["tick"], shell.run(["tick"], config=planted.config))
    with Store(planted.folder / "slawatch.db", clock=SystemClock()) as store:
        (first, *_) = (one for one in store.requests() if one.company == "main")
        assert store.replies([first.id])  # the main account really works
        (raw,) = {
            store.raw(store.messages(ids=[one.message_id])[0].sha256) for one in store.replies([first.id])[first.id]
        }
        assert BODY.encode() in raw or b"=" in raw
    for words in commands(planted, first.public_id):
        look(words, shell.run(words, config=planted.config))

    assert found == [], "\n\n".join(found)
    assert {"check", "tick", "report", "evidence", "explain", "backup"} <= tried <= set(COMMANDS)
    kept = dict(planted.files())
    print(sorted(kept))
    assert {name: planted.spilled(raw) for name, raw in kept.items() if planted.spilled(raw)} == {}
    assert any(name.startswith("slawatch.db") for name in kept)


def test_the_search_finds_a_secret_in_every_disguise(planted: Planted) -> None:
    """Where something must not happen, the same arrangement first makes it happen."""
    secret = planted.secrets["smtp"]
    login = b64encode(f"\0anna@example.org\0{secret}".encode())
    for raw in (secret.encode(), login, b64encode(f"anna:{secret}".encode()), f"{secret}%".encode()):
        assert planted.spilled(b"before " + raw + b" behind") == ["smtp"]
    assert planted.spilled(b"nothing") == []


CRASHING = """
import sys
from slawatch import cli
from slawatch.mail import mailbox, submit
def broken(server, *given, **named):
    password = server.password
    raise RuntimeError(f"planted bug at {server!r} {given!r}"[:2000])
submit.submit = broken
mailbox._connect = broken
from slawatch.channels.email import channel, sender
for module in (channel, sender):
    for name in ("submit", "_connect"):
        if hasattr(module, name) and callable(getattr(module, name)):
            setattr(module, name, broken)
cli.main()
"""


def environment(here: Planted) -> dict[str, str]:
    return {**os.environ, **here.environment, "PYTHONPATH": str(Path(slawatch.__file__).parents[1])}


def test_a_traceback_of_a_bug_holds_no_secret(planted: Planted) -> None:
    plan(planted, 0)

    done = subprocess.run(
        [sys.executable, "-c", CRASHING, "tick", "-c", str(planted.config)],
        env=environment(planted),
        capture_output=True,
        check=False,
    )

    assert b"planted bug" in done.stderr
    assert b"Traceback" in done.stderr
    assert planted.spilled(done.stdout + done.stderr) == []


@pytest.mark.parametrize("command", ["tick", "run"])
def test_a_process_shows_no_secret_to_others_nor_when_it_is_told_to_end(planted: Planted, command: str) -> None:
    plan(planted, 0)
    with socket.create_server((LOOPBACK, 0)) as silent:  # takes connections and says nothing, so that the pass waits
        text = planted.config.read_text(encoding="utf-8")
        port = f"imap_port = {silent.getsockname()[1]}\nimap_security"
        head, _, rest = text.partition("imap_port = ")
        planted.config.write_text(f"{head}{port}{rest.partition('imap_security')[2]}", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "slawatch", command, "-c", str(planted.config)],
            env=environment(planted),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            silent.settimeout(60)
            client, _ = silent.accept()
            with client:
                told = b"".join(Path(f"/proc/{one}/cmdline").read_bytes() for one in family(process.pid))
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()

    assert b"slawatch" in told
    assert planted.spilled(told + out + err) == []
    assert b"Traceback" not in err
    assert {name for name, raw in planted.files() if planted.spilled(raw)} == set()


def family(pid: int) -> list[int]:
    """Return the process and all its children."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii").split())
    return found
