"""A mailed report on its way and at its end: through Postfix into Dovecot, and held against what mail programs show."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.report.build import build
from slawatch.report.mail import Sending, mail
from slawatch.store import LetterState
from slawatch.usecases.collect import collect
from slawatch.usecases.mailing import SINCE, mail_due, troubles
from tests.report_sample import four_weeks
from tests.servers import asking
from tests.servers.mail import Mailbox
from tests.servers.needs import ROOT, give_up, program
from tests.unit.test_report_mail import PNG, breaks_a_rule

pytestmark = pytest.mark.server

PACKAGES = ROOT / ".make" / "caniemail"
# As check.mjs takes them, program and where it runs.
PROGRAMS = """
aol.android aol.desktop-webmail aol.ios apple-mail.ios apple-mail.macos fastmail.desktop-webmail gmail.android
gmail.desktop-webmail gmail.ios gmail.mobile-webmail gmx.android gmx.desktop-webmail gmx.ios hey.desktop-webmail
mail-ru.desktop-webmail orange.android orange.desktop-webmail orange.ios outlook.android outlook.ios outlook.macos
outlook.outlook-com outlook.windows outlook.windows-mail protonmail.android protonmail.desktop-webmail protonmail.ios
samsung-email.android sfr.desktop-webmail t-online-de.desktop-webmail thunderbird.macos web-de.android
web-de.desktop-webmail web-de.ios yahoo.android yahoo.desktop-webmail yahoo.ios
""".split()  # noqa: SIM905 - for people to read
PROGRAMS_MIN = 25
# Without the language and the roles a screen reader says less; a body that becomes a div looks the same.
HARMLESS = {"lang attribute", "role attribute", "<body> element"}
# In one there are no bars, but every figure stands beside its bar in words; in another the address has to be typed; in
# a third the line for lists of mails is not hidden, but one pixel high and of the colour of what it stands on.
BORNE = {
    "error: display:none: gmail.mobile-webmail",
    "error: height attribute: hey.desktop-webmail",
    "error: width attribute: hey.desktop-webmail",
    "error: mailto: links: orange.ios",
}


def unsupported(html: str) -> set[str]:
    """Return what some mail program does not support of it, but for what is harmless."""
    if not (PACKAGES / ".made").exists():
        give_up(f"{PACKAGES} is not there: make widgets")
    done = subprocess.run(
        [program("node"), "check.mjs", *PROGRAMS],
        cwd=PACKAGES,
        input=html,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    first, *lines = done.stdout.splitlines()
    assert int(first.removeprefix("programs: ")) >= PROGRAMS_MIN
    return {line for line in lines if line.split(": ")[1] not in HARMLESS} - BORNE


def test_mail_programs_support_all_that_a_report_is_made_of() -> None:
    assert unsupported('<p style="display:grid">x</p>') != set()
    book = build(replace(four_weeks(per_company=6), chain_head="9f" * 32))
    sending = Sending(
        name="weekly",
        sender="anna@example.org",
        to="lead@example.org",
        attached="report.html",
        logo=PNG,
        logo_media="image/png",
    )

    assert unsupported(mail(book, sending).html) == set()


def test_a_report_arrives_whole_with_its_file_and_its_copy_is_nobodys_reply(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    reader = mailbox.servers.mailbox()
    (tmp_path / "logo.png").write_bytes(PNG)
    config = tmp_path / "config.toml"
    config.write_text(
        asking.config(mailbox, {"shop": "service@shop.example"})
        + f'\n[[report]]\nevery = "day"\nat = "00:00"\nto = ["{reader.address}"]\nlogo = "logo.png"\nlanguage = "de"\n',
        encoding="utf-8",
    )
    with app.world(config, clock=SystemClock()) as world:
        world.store.set_meta(f"{SINCE}report", (datetime.now(UTC) - timedelta(days=3)).isoformat())

        (sent,) = mail_due(world).sent
        (raw,) = reader.wait_for(1).values()
        mailbox.wait_for(1)
        collect(world)
        (letter,) = world.store.letters()

        assert mail_due(world).sent == []
        assert (letter.state, letter.packed, troubles(world)) == (LetterState.SENT, None, [])
        assert world.store.waiting_for_review() == []
        page = next((world.config.out / "mailed").iterdir())

    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    text, html = found.get_body(("plain",)), found.get_body(("related",))
    assert text is not None
    assert html is not None
    shown = next(part for part in html.walk() if part.get_content_type() == "text/html").get_content()
    (attached,) = found.iter_attachments()
    assert str(found["Subject"]).startswith("slawatch: es wurde nichts gefragt")
    assert (found["To"], found["Auto-Submitted"]) == (reader.address, "auto-generated")
    assert str(found["Message-ID"]) == f"<{sent.message_id}>"
    assert str(found["List-Unsubscribe"]).startswith(f"<mailto:{mailbox.address}?subject=")
    assert found["Bcc"] is None
    assert breaks_a_rule(shown) == []
    assert "In diesen Zeitraum fällt keine Anfrage" in text.get_content()
    assert (attached.get_filename(), attached.get_payload(decode=True)) == (page.name, page.read_bytes())
