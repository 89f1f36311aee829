"""The mail about very many companies says in its subject what the one that lists them says."""

from __future__ import annotations

from datetime import timedelta

from slawatch.report.mail import Sending
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.usecases import mailing
from slawatch.usecases.report import Choice
from tests.stages import Opening
from tests.unit.test_report_mail import breaks_a_rule
from tests.usecases.test_wide import COMPANIES, fill

CHOICE = Choice(since=NOW - timedelta(days=60), until=NOW + timedelta(days=1))
SENDING = Sending(name="weekly", sender="anna@example.org", to="lead@example.org", attached="report.html.zip")


def test_both_mails_have_one_verdict(stage: Opening) -> None:
    opened = stage(*COMPANIES)
    fill(opened, 80)

    wide = mailing._wide(opened.world, CHOICE)[3](SENDING)
    listed = mailing._listed(opened.world, CHOICE)[3](SENDING)

    assert wide.subject == listed.subject
    assert breaks_a_rule(wide.html) == []
    assert wide.subject.removeprefix("slawatch: ").partition(" (")[0] in " ".join(wide.text.split())
    assert "report.html.zip" in wide.text
