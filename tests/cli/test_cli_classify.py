"""`slawatch classify` as people call it: on files, folders and standard input, without any config."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from slawatch.mail.parse import RAW_MAX
from tests.cli.running import command, environment, run

RECEIPT = b"""\
From: Example Shop <service@shop.example>
To: anna@example.org
Subject: Automatic reply: Delivery time
Date: Mon, 16 Nov 2026 09:12:00 +0100
Auto-Submitted: auto-replied

We have received your request.
"""
ANSWER = b"""\
From: Jane White <jane@shop.example>
Subject: Re: Delivery time

Deliveries to Austria take three days.
"""
KEYS = ["file", "kind", "automatic", "because", "promise", "error"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mail" / "cur").mkdir(parents=True)
    (tmp_path / "mail" / "cur" / "1:2,S").write_bytes(RECEIPT)
    (tmp_path / "mail" / "answer.eml").write_bytes(ANSWER)
    (tmp_path / "mail" / ".hidden").write_bytes(ANSWER)
    return tmp_path


def test_each_message_is_one_line_of_json_in_the_documented_form(folder: Path) -> None:
    done = run("classify", "mail", "--json", cwd=folder)

    answer, receipt = (json.loads(line) for line in done.lines)
    assert (done.code, done.err) == (0, "")
    assert list(answer) == list(receipt) == KEYS
    assert answer == {
        "file": "mail/answer.eml",
        "kind": "answer",
        "automatic": False,
        "because": ["it deals with the matter: “Deliveries to Austria take three days.”"],
        "promise": None,
        "error": None,
    }
    assert (receipt["file"], receipt["kind"], receipt["automatic"]) == ("mail/cur/1:2,S", "acknowledgement", True)


def test_what_cannot_be_judged_is_named_and_the_others_are_judged(folder: Path) -> None:
    (folder / "notes.txt").write_text("Dear diary, today nobody wrote.")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00: not a header")
    (folder / "empty").touch()

    done = run("classify", "missing.eml", "notes.txt", "picture.png", "empty", "mail/answer.eml", "--json", cwd=folder)

    *failed, judged = (json.loads(line) for line in done.lines)
    assert done.code == 1
    assert [(one["kind"], one["automatic"], one["because"]) for one in failed] == [("unknown", None, [])] * 4
    assert [one["error"].split(":")[0] for one in failed] == ["cannot be read", "is no mail", "is no mail", "is empty"]
    assert (judged["kind"], judged["error"]) == ("answer", None)
    assert done.err == ""


def test_people_read_what_it_is_and_why(folder: Path) -> None:
    done = run("classify", "mail/answer.eml", "missing.eml", cwd=folder)

    assert done.lines == [
        "mail/answer.eml",
        "  kind        answer",
        "  automatic   a person wrote it",
        "  because     it deals with the matter: “Deliveries to Austria take three days.”",
        "",
        "missing.eml",
        "  error       cannot be read: No such file or directory",
        "",
    ]
    assert (done.code, done.err) == (1, "1 file could not be judged\n")


@pytest.mark.parametrize("raw", [RECEIPT, b"From bounce Mon Nov 16 09:12:00 2026\n" + RECEIPT, b"\r\n" + RECEIPT])
def test_a_message_may_come_through_a_pipe(raw: bytes, tmp_path: Path) -> None:
    done = subprocess.run(
        command("classify", "-", "--json"), cwd=tmp_path, env=environment(), input=raw, capture_output=True, check=True
    )

    found = json.loads(done.stdout)
    assert (found["file"], found["kind"]) == ("-", "acknowledgement")


@pytest.mark.parametrize(
    ("sentence", "understood", "key", "value"),
    [
        ("Ich melde mich bis Donnerstag, 19. November.", "by 2026-11-19T", "due_at", None),
        ("Wir antworten innerhalb von 24 Stunden.", "a reply within 1 d", "within_seconds", 86_400.0),
        ("Wir antworten innerhalb von 2 Werktagen.", "a reply within 2 business days", "business_days", 2),
    ],
)
def test_a_promise_is_shown_with_what_was_understood(
    sentence: str, understood: str, key: str, value: object, tmp_path: Path
) -> None:
    head = "From: a@shop.example\nDate: Mon, 16 Nov 2026 09:12:00 +0530\nContent-Type: text/plain; charset=utf-8"
    (tmp_path / "one.eml").write_text(f"{head}\n\n{sentence}\n", encoding="utf-8")

    promise = json.loads(run("classify", "one.eml", "--json", cwd=tmp_path).out)["promise"]
    lines = run("classify", "one.eml", cwd=tmp_path).lines

    assert list(promise) == ["quote", "about", "within_seconds", "business_days", "business_seconds", "due_at"]
    assert (promise["quote"], promise["about"]) == (sentence, "reply")
    assert [name for name in list(promise)[2:] if promise[name] is not None] == [key]
    assert promise[key] == value or promise[key].endswith("+05:30")
    assert f"  promises    “{sentence}”" in lines
    assert understood in lines[-2]


@pytest.mark.parametrize(
    "date", ["Mon, 16 Nov 2026 09:12:00 +9999", "x" * 100_000, "Mon, 99 Nov 2026", "=?utf-8?q?=00?="]
)
def test_an_impossible_date_costs_no_message_its_line(date: str, tmp_path: Path) -> None:
    arrived = "Received: from a by b; Mon, 16 Nov 2026 09:12:00 +0100"
    (tmp_path / "one.eml").write_text(f"{arrived}\nDate: {date}\n\nI'll get back to you by Thursday.\n")

    found = json.loads(run("classify", "one.eml", "--json", cwd=tmp_path).out)

    assert found["kind"] == "interim"
    assert found["promise"]["due_at"][:10] == "2026-11-19"


def test_hostile_messages_get_their_line_like_any_other(tmp_path: Path) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    (tmp_path / "1-nested.eml").write_bytes(b"From: a@b.example\n" + nested)
    (tmp_path / "2-brackets.eml").write_bytes(b"From: a@b.example\nTo: " + b"(" * 5000 + b"\n\nHello, it takes 3 days.")
    (tmp_path / "3-long.eml").write_bytes(b"Subject: long\n\n" + b"wir haben Ihre Anfrage " * (RAW_MAX // 10))
    (tmp_path / "4-\x1b[31mred.eml").write_bytes(b"Subject: \x1b[31mred\n\nIt takes \x1b[31m3\x1b[0m days to Austria.")

    done = run("classify", ".", "--json", cwd=tmp_path)

    found = [json.loads(line) for line in done.lines]
    assert (done.code, len(found), [one["error"] for one in found]) == (0, 4, [None] * 4)
    assert all(one["because"] for one in found)
    assert "\x1b" not in run("classify", ".", cwd=tmp_path).out


def test_progress_is_shown_beside_a_redirected_output_and_nowhere_else(folder: Path) -> None:
    master, slave = pty.openpty()
    words = command("classify", "mail", "--json")
    done = subprocess.run(words, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=slave, check=True)
    os.close(slave)
    shown = os.read(master, 65_536)
    os.close(master)

    assert b"2/2" in shown
    assert len(done.stdout.splitlines()) == 2
    assert run("classify", "mail", "--json", cwd=folder).err == ""
