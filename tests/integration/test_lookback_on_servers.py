"""`slawatch lookback --imap` on a real Dovecot: the truth comes out, and the mailbox is as it was before."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import past
from tests.cli.running import Done, run
from tests.servers import asking
from tests.servers.mail import Mailbox

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

QUESTIONS = 36


@pytest.fixture
def made(mailbox: Mailbox, tmp_path: Path) -> past.Past:
    """Fill the mailbox with a past, filed at the times when it happened, and write a config for it."""
    made = past.make(QUESTIONS)
    with mailbox.login() as client:
        for one in made.mails:
            flags = [b"\\Seen"] if one.folder == "sent" else []
            client.append("INBOX" if one.folder == "inbox" else "Sent", one.raw, flags, one.at)
    (tmp_path / "config.toml").write_text(asking.config(mailbox, {"shop0": "service@shop0.example"}), encoding="utf-8")
    return made


def lookback(mailbox: Mailbox, cwd: Path, *words: str) -> Done:
    return run("lookback", "--imap", *words, cwd=cwd, env={asking.PASSWORD_VARIABLE: mailbox.password})


def state(mailbox: Mailbox) -> dict[str, Any]:
    """Return all that a reader might have changed: folders, UIDs, flags, what is recent, times."""
    found: dict[str, Any] = {}
    with mailbox.login() as client:
        for _flags, _delimiter, name in client.list_folders():
            status = client.folder_status(name, ["MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN"])
            client.select_folder(name, readonly=True)
            uids = client.search("ALL")
            letters = client.fetch(uids, ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]) if uids else {}
            found[name] = (
                status,
                {uid: {key: parts[key] for key in parts if key != b"SEQ"} for uid, parts in letters.items()},
            )
    return found


def test_the_waits_are_the_true_ones(mailbox: Mailbox, made: past.Past, tmp_path: Path) -> None:
    done = lookback(mailbox, tmp_path, "--json", "--ours", past.ME)

    assert done.code == 0, done.err
    found = json.loads(done.out)
    groups = {group["company"]: group for group in found["groups"] if group["company"] != "*"}
    assert {group["origin"] for group in groups.values()} == {"imported"}
    for name in {name for name, _ in made.truth.first.values()}:
        key = "shop0" if name == "shop0.example" else name  # the config gives it that name
        waits = made.truth.of(name)
        answered = [wait for wait in waits if wait is not None and wait <= timedelta(days=7)]
        assert (groups[key]["n"], groups[key]["answered"]) == (len(waits), len(answered)), name
        if answered:
            mean = sum(answered, timedelta()) / len(answered)
            assert groups[key]["first_response"]["mean_of_answered"] == pytest.approx(mean.total_seconds(), abs=65)
    assert sum(group["void"] for group in groups.values()) == len(made.truth.bounced)


def test_nothing_in_the_mailbox_changes_and_nothing_is_stored(
    mailbox: Mailbox, made: past.Past, tmp_path: Path
) -> None:
    del made
    before = state(mailbox)

    assert lookback(mailbox, tmp_path, "--ours", past.ME).code == 0

    assert state(mailbox) == before
    assert before["INBOX"][0][b"UNSEEN"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "out"]


def test_a_folder_that_is_not_there_is_named_with_those_that_are(
    mailbox: Mailbox, made: past.Past, tmp_path: Path
) -> None:
    del made

    done = lookback(mailbox, tmp_path, "--folder", "Archiv")

    assert done.code == 2
    assert done.err == '--folder: there is no folder "Archiv" in main; there are: INBOX, Junk, Sent\n'


def test_a_mailbox_that_lets_nobody_in_is_a_fault_in_one_line(
    mailbox: Mailbox, made: past.Past, tmp_path: Path
) -> None:
    del made

    done = run("lookback", "--imap", cwd=tmp_path, env={asking.PASSWORD_VARIABLE: "wrong"})

    assert done.code == 1
    assert done.err.count("\n") == 1
    assert f'login as "{mailbox.address}" failed' in done.err
