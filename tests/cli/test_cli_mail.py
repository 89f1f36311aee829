"""`slawatch report --mail`, `tick` and `status` about reports by e-mail, as somebody types them."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from slawatch.practice.post import ADDRESS
from tests.cli.conftest import Call
from tests.cli.town import Town
from tests.stages import ACCOUNT, company

REPORT = '\n[[report]]\nname = "{name}"\nevery = "week"\nto = ["lead@example.org"]\n'


def config_of(folder: Path, *reports: str) -> Path:
    path = folder / "config.toml"
    more = "".join(REPORT.format(name=name) for name in reports)
    path.write_text(ACCOUNT + company("shop") + more, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("reports", "words", "message"),
    [
        ((), ("--mail",), "has no [[report]]; add one, or say who gets this one: --to me@example.org"),
        (("a", "b"), ("--mail",), "it is not clear which report; name one of: a, b"),
        (("a",), ("--mail", "weekly"), 'there is no report "weekly" in config.toml; known are: a'),
        (("a",), ("--mail", "--to", "nobody"), '"nobody" is not an e-mail address; write it like "me@example.org"'),
        (("a",), ("--mail", "--check"), '--check: says what a report holds, and "--mail" sends one; give one of them'),
        (("a",), ("--to", "me@example.org"), 'says who gets a mail; give "--mail" as well'),
    ],
)
def test_what_is_not_clear_is_asked_for_in_one_line(
    tmp_path: Path, call: Call, reports: tuple[str, ...], words: tuple[str, ...], message: str
) -> None:
    done = call("report", "-c", config_of(tmp_path, *reports), *words)

    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_another_period_never_tells_the_readers_of_one_company_about_others(tmp_path: Path, call: Call) -> None:
    config = config_of(tmp_path, "weekly")
    for_shop = f'{ACCOUNT}smtp_port = 1\n{company("shop")}{company("bakery")}{REPORT}companies = ["shop"]\n'
    config.write_text(for_shop.format(name="weekly"), encoding="utf-8")

    def told(*words: str) -> str:
        call("report", "-c", config, "--mail", *words)
        with sqlite3.connect(tmp_path / "slawatch.db") as store:
            (scope,) = store.execute("SELECT scope FROM report ORDER BY id DESC LIMIT 1").fetchone()
        store.close()
        return str(scope)

    assert "shop" in told()
    assert "shop" in told("--period", "2026-01")
    assert "bakery" in told("--company", "bakery", "--to", "me@example.org")
    refused = call("report", "-c", config, "--mail", "--company", "bakery")
    assert refused.code == 2
    assert refused.err.startswith(
        '--company: the report "weekly" is about shop, and its readers would get "bakery"; say'
    )


def test_a_report_is_mailed_at_will_and_what_left_is_printed(town: Town, call: Call) -> None:
    done = call("report", "-c", town.config, "--mail", "--to", ADDRESS)

    assert done.code == 0, done.out + done.err
    assert re.fullmatch(rf'sent to {re.escape(ADDRESS)}: "slawatch: nothing was asked \(.*\)"\n', done.out)
    assert json.loads(call("status", "-c", town.config, "--json").out)["not_mailed"] == []


def test_who_is_refused_is_named_and_the_others_get_theirs(town: Town, call: Call) -> None:
    done = call("report", "-c", town.config, "--mail", "--to", "lead@example.org", "--to", ADDRESS)

    assert done.code == 1
    assert re.match(r"report report to lead@example\.org: refused: .*550 5\.1\.1", done.lines[0])
    assert done.lines[1].startswith(f"sent to {ADDRESS}")
    (said,) = json.loads(call("status", "-c", town.config, "--json").out)["not_mailed"]
    assert "lead@example.org: refused" in said


def test_a_report_that_cannot_leave_is_said_at_once_and_in_status(tmp_path: Path, call: Call) -> None:
    config = config_of(tmp_path, "weekly")
    config.write_text(
        config.read_text("utf-8").replace('smtp_host = "localhost"', 'smtp_host = "localhost"\nsmtp_port = 1')
    )

    done = call("report", "-c", config, "--mail")

    assert done.code == 1
    assert done.out.startswith("report weekly to lead@example.org: not sent yet, will be tried again: ")
    assert "report weekly to lead@example.org: not sent yet" in call("status", "-c", config).out
