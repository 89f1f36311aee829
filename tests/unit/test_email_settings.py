"""What is wrong with an e-mail account is said before anything is sent, and a config with one is read at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from slawatch.channels.email import Settings
from slawatch.errors import ChannelUnavailableError
from slawatch.secret import Secret, Source

GOOD = Settings(
    address="anna@example.org",
    smtp_host="smtp.example.org",
    imap_host="imap.example.org",
    smtp_password=Secret("secret"),
)


def test_a_plain_account_has_no_problems() -> None:
    assert GOOD.problems() == []


def test_plain_addressing_asks_from_the_address_itself_and_leaves_it_as_it_is() -> None:
    plain = replace(GOOD, address="anna+shop@example.org", addressing="plain")

    assert plain.problems() == []
    assert plain.reply_address("05s8z6rj4rgd") == "anna+shop@example.org"
    assert GOOD.reply_address("05s8z6rj4rgd") == "anna+05s8z6rj4rgd@example.org"


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"address": "anna"}, "address", '"anna" has no "@"; write it like "service@shop.example"'),
        ({"address": "änna@example.org"}, "address", '"änna@example.org" is not ASCII'),
        ({"address": f"{'a' * 52}@example.org"}, "address", "leaves no room for a +tag; at most 51 letters"),
        (
            {"address": "anna+x@example.org"},
            "address",
            '"anna+x@example.org" has a +tag already; write the plain address',
        ),
        ({"addressing": "catch-all"}, "addressing", 'write catch_all_domain = "in.example.org"'),
        ({"name": "Anna\nBcc: x@evil.example"}, "name", "holds a line break or control character; remove it"),
        (
            {"smtp_security": "none"},
            "smtp_security",
            '"none" would send the password in the clear to "smtp.example.org"',
        ),
        (
            {"imap_security": "none"},
            "imap_security",
            '"none" would send the password in the clear to "imap.example.org"',
        ),
        ({"smtp_password": None}, "imap_password", "no password is given; write smtp_password_env"),
        ({"batch": 0}, "batch", '"0" letters can never be read; write 500'),
    ],
)
def test_each_problem_is_said_of_its_field(change: dict[str, Any], field: str, message: str) -> None:
    ((where, what),) = replace(GOOD, **change).problems()

    assert where == field
    assert message in what


def test_on_this_machine_no_encryption_is_needed() -> None:
    for host in ("localhost", "127.0.0.1", "::1"):
        local = replace(GOOD, smtp_host=host, imap_host=host, smtp_security="none", imap_security="none")
        assert local.problems() == []


def test_a_name_that_only_looks_like_this_machine_gets_no_password_in_the_clear() -> None:
    for host in ("127.evil.example", "127.0.0.1.shop.example", "localhost.shop.example"):
        assert replace(GOOD, smtp_host=host, smtp_security="none").problems(), host


def test_every_field_has_its_help() -> None:
    assert [field.name for field in fields(Settings) if not field.metadata.get("help")] == []


def test_one_password_and_one_user_do_for_both_servers() -> None:
    assert (GOOD.smtp().user, GOOD.smtp().password) == ("anna@example.org", "secret")
    assert (GOOD.imap().user, GOOD.imap().password) == ("anna@example.org", "secret")


def test_both_servers_may_have_their_own() -> None:
    its = replace(GOOD, smtp_user="out", imap_user="in", imap_password=Secret("other"))

    assert (its.smtp().user, its.smtp().password) == ("out", "secret")
    assert (its.imap().user, its.imap().password) == ("in", "other")


def test_a_cure_can_name_the_key_that_gives_the_password() -> None:
    shared = replace(GOOD, smtp_password=Secret("echo x", Source.COMMAND))
    own = replace(shared, imap_password=Secret("x"))

    assert (GOOD.smtp().password_key, GOOD.imap().password_key) == ("smtp_password", "smtp_password")
    assert (shared.smtp().password_key, shared.imap().password_key) == ("smtp_password_command",) * 2
    assert own.imap().password_key == "imap_password"


def test_without_a_password_for_sending_nobody_logs_in_there() -> None:
    assert replace(GOOD, smtp_password=None, imap_password=Secret("x")).smtp().user == ""


def test_a_password_that_cannot_be_had_stops_this_account_only() -> None:
    its = replace(GOOD, smtp_password=Secret("SLAWATCH_NO_SUCH_VARIABLE", Source.ENVIRONMENT))

    with pytest.raises(ChannelUnavailableError, match='"SLAWATCH_NO_SUCH_VARIABLE" is not set'):
        its.smtp()


def test_no_password_is_ever_shown() -> None:
    its = replace(GOOD, smtp_password=Secret("hunter2"))

    assert its.smtp().password == "hunter2"
    assert "hunter2" not in repr(its) + repr(its.smtp()) + repr(its.imap())


def test_a_folder_is_read_back_to_the_last_complete_look_but_at_least_so_far() -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    its = replace(GOOD, history=timedelta(days=35))

    assert its.oldest(now=now, looked_until=None) == date(2026, 2, 21)
    assert its.oldest(now=now, looked_until=now - timedelta(hours=1)) == date(2026, 2, 21)
    assert its.oldest(now=now, looked_until=now - timedelta(days=50)) == date(2026, 2, 6)


def test_settings_load_no_mail_library() -> None:
    script = "import sys, slawatch.channels.email as e; e.Settings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "slawatch.channels.email.settings" in loaded
    assert not loaded & {"imapclient", "smtplib", "email", "ssl", "socket", "slawatch.mail.wire"}
