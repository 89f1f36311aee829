"""The mail about very many companies says in its subject what the one that lists them says."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta

from slawatch.clock import to_micros
from slawatch.report.mail import ROWS_MAX, Sending
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.usecases import mailing
from slawatch.usecases.report import Choice
from tests.stages import Opening, company
from tests.unit.test_report_mail import breaks_a_rule
from tests.usecases.test_wide import COMPANIES, SHARES, fill

CHOICE = Choice(since=NOW - timedelta(days=60), until=NOW + timedelta(days=1))
SENDING = Sending(name="weekly", sender="anna@example.org", to="lead@example.org", attached="report.html.zip")


def test_both_mails_have_one_verdict(stage: Opening) -> None:
    opened = stage(*COMPANIES)
    fill(opened, 80)

    wide = mailing._wide(opened.world, CHOICE)[3](SENDING)
    listed = mailing._listed(opened.world, CHOICE)[3](SENDING)

    assert wide.subject == listed.subject
    assert len(lines(wide.html)) > 2
    assert lines(wide.html) == lines(listed.html)
    assert breaks_a_rule(wide.html) == []
    assert wide.subject.removeprefix("slawatch: ").partition(" (")[0] in " ".join(wide.text.split())
    assert "report.html.zip" in wide.text


def lines(html: str) -> dict[str, list[str]]:
    """Return by objective the rows of its table in a mail, bars and all."""
    tables = [part.partition(">")[2].partition("</h2>")[::2] for part in html.split("<h2")[1:]]
    return {title: sorted(re.findall(r'<tr><th scope="row".*?</td></tr>\n', rows, re.DOTALL)) for title, rows in tables}


def test_of_very_many_those_are_shown_that_miss_most_surely_and_the_rest_is_counted(stage: Opening) -> None:
    opened = stage(*(company(f"c{number:02}", extra=SHARES) for number in range(90)))
    opened.world.store.open()
    since = to_micros(NOW - timedelta(days=30))
    db = sqlite3.connect(opened.world.config.store)
    db.execute("INSERT INTO inbox (account, observed_until) VALUES ('main', ?)", (to_micros(NOW),))
    asked = [f"c{number % 90:02}" for number in range(270)] + ["c07"] * 9
    db.executemany(
        "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant, subject,"
        " body, token, message_id, delivery, due_at, zone, intended_at, accepted_at)"
        " VALUES (?, 'R' || ?1, 'sent', ?, 'email', 'service@' || ?2 || '.example', 'main', 'made', 'en', 0, 'Q', 'Q',"
        " 't' || ?1, 'm' || ?1, 'sent', ?, 'UTC', ?3, ?3)",
        [(number, key, since) for number, key in enumerate(asked, 1)],
    )
    db.commit()
    db.close()

    made = mailing._wide(opened.world, CHOICE)[3](SENDING)

    shown = lines(made.html)
    names = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', made.html)
    assert sum(len(rows) + 2 for rows in shown.values()) <= ROWS_MAX
    assert names[:2] == ["c07", "c00"]
    for rows in shown.values():
        for part in (made.html, made.text):
            assert f"and {90 - len(rows)} more in the attachment" in part
    assert breaks_a_rule(made.html) == []
    assert len(made.html.encode()) < 100_000
