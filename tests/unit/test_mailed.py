"""[[report]] in a config that is right: what it comes to. What is wrong stands in tests/config/."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import mailed
from slawatch.config import Config
from slawatch.errors import ConfigError
from slawatch.mailed import MailedReport
from slawatch.periods import Unit
from slawatch.plan import Cron
from slawatch.rhythm import Calendar
from tests.unit.test_config import ACCOUNT, SHOP, TARGET, read

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
Load = Callable[[str], Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    (tmp_path / "logo.png").write_bytes(PNG)

    def write_and_read(text: str) -> Config:
        (tmp_path / "config.toml").write_text(ACCOUNT + SHOP + TARGET + text, encoding="utf-8")
        return read(tmp_path / "config.toml")

    return write_and_read


def test_a_small_report_gets_the_documented_defaults(load: Load) -> None:
    assert load('[[report]]\nevery = "month"\nto = ["lead@example.org"]\n').reports == (
        MailedReport(
            name="report",
            every=Calendar(Unit.MONTH, 0, 420),
            period=Unit.MONTH,
            to=("lead@example.org",),
            account="main",
            lang="en",
        ),
    )


def test_a_report_with_every_key_keeps_what_was_said_of_it(load: Load, tmp_path: Path) -> None:
    (made,) = load(
        '[[report]]\nname = "chief"\nevery = "week"\nat = "Tue 06:15"\nperiod = "28 d"\ncompanies = ["shop"]\n'
        'to = ["lead@example.org", "chief@example.org"]\nlanguage = "en"\nlogo = "logo.png"\naccount = "main"\n'
    ).reports

    assert made == MailedReport(
        name="chief",
        every=Calendar(Unit.WEEK, 1, 6 * 60 + 15),
        period=timedelta(days=28),
        to=("lead@example.org", "chief@example.org"),
        account="main",
        lang="en",
        companies=("shop",),
        logo=tmp_path / "logo.png",
    )


def test_it_may_be_due_as_cron_says_with_a_period_that_is_said_beside_it(load: Load) -> None:
    (made,) = load('[[report]]\nevery = "30 7 * * Mon"\nperiod = "week"\nto = ["lead@example.org"]\n').reports

    assert (made.every, made.period) == (Cron("30 7 * * Mon"), Unit.WEEK)


def test_a_logo_that_would_fill_mailboxes_is_refused(load: Load, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG + b"\0" * mailed.LOGO_MAX)

    with pytest.raises(
        ConfigError, match=r'logo: "logo.png" has 61 kB and goes with every letter; make it 60 kB at most'
    ):
        load('[[report]]\nevery = "week"\nto = ["lead@example.org"]\nlogo = "logo.png"\n')


def test_a_picture_that_may_hold_a_script_is_no_logo(load: Load, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")

    with pytest.raises(ConfigError, match=r'"logo.svg" is neither PNG nor JPEG'):
        load('[[report]]\nevery = "week"\nto = ["lead@example.org"]\nlogo = "logo.svg"\n')
