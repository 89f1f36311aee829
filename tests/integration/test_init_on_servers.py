"""`slawatch init --email` on Postfix and Dovecot: from an address alone to a report, with no file edited by hand."""

from __future__ import annotations

import json
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

import pytest

from slawatch.clock import SystemClock
from slawatch.mail.discover import spots
from slawatch.secret import Secret
from slawatch.usecases import setup
from tests.cli.running import Done, run, terminal
from tests.servers import names
from tests.servers.mail import Mailbox
from tests.servers.names import Names

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

PASSWORD_VARIABLE = "SLAWATCH_TEST_PASSWORD"
ANSWER = (
    "Good morning,\n\nyes: we deliver within two working days, vouchers are valid for three years, the shop is open on "
    "weekdays until six, and you can pay by card or by invoice.\n\nKind regards\nAnna\n"
)


def servers_of(mailbox: Mailbox) -> list[str]:
    servers = mailbox.servers
    return [
        *("--imap", f"localhost:{servers.dovecot.imaps}", "--smtp", f"localhost:{servers.postfix.submission}"),
        *("--ca-file", str(servers.dovecot.authority.ca)),
    ]


def typed(mailbox: Mailbox, cwd: Path, *passwords: str) -> Done:
    """Run init in a terminal and type these passwords, one after the other."""
    with terminal("init", "--email", mailbox.address, *servers_of(mailbox), "me", cwd=cwd) as shown:
        for number, password in enumerate(passwords, 1):
            shown.until(lambda text, number=number: text.count("Password of") >= number)  # type: ignore[misc]
            shown.press(f"{password}\n".encode())
        return shown.end()


def answer_by_hand(mailbox: Mailbox, stop: threading.Event) -> None:
    """Be the person: wait for the question in the inbox, think for half a minute, reply as a mail program does."""
    servers = mailbox.servers
    while not stop.wait(0.5):
        for raw in mailbox.messages().values():
            asked = message_from_bytes(raw)
            if "slawatch init" in str(asked["Subject"]) or asked["In-Reply-To"]:
                continue
            if stop.wait(22):  # sooner it would be held for a machine's
                return
            reply = EmailMessage()
            reply["From"], reply["To"] = mailbox.address, str(asked["Reply-To"])
            reply["Subject"] = f"Re: {asked['Subject']}"
            reply["Date"], reply["Message-ID"] = format_datetime(localtime()), make_msgid(domain="lab.example")
            reply["In-Reply-To"] = reply["References"] = str(asked["Message-ID"])
            reply.set_content(ANSWER)
            context = ssl.create_default_context(cafile=str(servers.dovecot.authority.ca))
            with smtplib.SMTP("localhost", servers.postfix.submission) as smtp:
                smtp.starttls(context=context)
                smtp.login(mailbox.address, mailbox.password)
                smtp.send_message(reply)
            return


@contextmanager
def person(mailbox: Mailbox) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=answer_by_hand, args=(mailbox, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_from_an_address_to_a_report_without_editing_a_file(mailbox: Mailbox, tmp_path: Path) -> None:
    done = typed(mailbox, tmp_path, "wrong", mailbox.password)

    assert done.code == 0, done.out
    assert f'login as "{mailbox.address}" failed' in done.out
    assert "check --user and the password" in done.out
    assert "came back into INBOX" in done.out
    assert mailbox.password not in done.out.replace(mailbox.address, "")

    with person(mailbox):
        audit = run("audit", "-c", "me/config.toml", "--look-every", "1 s", "--until", "90 s", "--yes", cwd=tmp_path)

    assert audit.code == 0, audit.out + audit.err
    assert audit.lines[-1].startswith("report: file://")
    report = json.loads(run("report", "-c", "me/config.toml", "--json", cwd=tmp_path).out)
    (group,) = [group for group in report["groups"] if group["company"] == "me"]
    assert (group["n"], group["answered"]) == (1, 1)
    assert 20 <= group["first_response"]["mean_of_answered"] <= 60


def test_the_files_are_the_owners_alone_and_the_password_stands_in_one_of_its_own(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    assert typed(mailbox, tmp_path, mailbox.password).code == 0

    folder = tmp_path / "me"
    config = (folder / "config.toml").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "config.toml", "password.txt"]
    assert {(folder / name).stat().st_mode & 0o777 for name in ("config.toml", "password.txt")} == {0o600}
    assert (folder / "password.txt").read_text() == f"{mailbox.password}\n"
    assert 'smtp_password_file = "password.txt"' in config
    assert "password.txt" in (folder / ".gitignore").read_text().splitlines()
    assert run("check", "-c", "me/config.toml", cwd=tmp_path).code == 0


def test_nothing_is_left_behind_where_no_password_lets_in(mailbox: Mailbox, tmp_path: Path) -> None:
    done = typed(mailbox, tmp_path, "wrong", "wrong again", "wrong for good")

    assert done.code == 1
    assert list(tmp_path.iterdir()) == []


def test_unattended_it_takes_the_password_from_a_variable_and_keeps_none(mailbox: Mailbox, tmp_path: Path) -> None:
    done = run(
        *(
            "init",
            "--email",
            mailbox.address,
            *servers_of(mailbox),
            "--password-env",
            PASSWORD_VARIABLE,
            "--lang",
            "de",
        ),
        cwd=tmp_path,
        env={PASSWORD_VARIABLE: mailbox.password},
    )

    assert (done.code, done.err) == (0, "")
    config = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert f'smtp_password_env = "{PASSWORD_VARIABLE}"' in config
    assert 'language = "de"' in config
    assert not (tmp_path / "password.txt").exists()


def test_the_servers_are_found_where_the_domain_publishes_them(mailbox: Mailbox, tmp_path: Path) -> None:
    servers = mailbox.servers
    with names.running() as dns:
        published(dns, servers.dovecot.imaps, servers.postfix.submissions)
        given = {PASSWORD_VARIABLE: mailbox.password, "SLAWATCH_NAMESERVER": dns.where}
        words = ("init", "--email", mailbox.address, "--password-env", PASSWORD_VARIABLE, *servers_of(mailbox)[-2:])

        refused = run(*words, cwd=tmp_path, env=given)
        taken = run(*words, "--yes", cwd=tmp_path, env=given)

    assert refused.code == 2
    assert refused.err.startswith('init: "localhost" is not a host of lab.example')
    assert (taken.code, taken.err) == (0, "")
    assert f"reading: localhost:{servers.dovecot.imaps} (tls), as lab.example publishes it" in taken.out
    assert f"smtp_port = {servers.postfix.submissions}" in (tmp_path / "config.toml").read_text(encoding="utf-8")


def published(dns: Names, imaps: int, submissions: int) -> None:
    dns.add("_imaps._tcp.lab.example", "SRV", f"0 1 {imaps} localhost.")
    dns.add("_submissions._tcp.lab.example", "SRV", f"0 1 {submissions} localhost.")


def test_what_is_there_already_is_left_as_it_is(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mine")

    done = run("init", "--email", mailbox.address, "--password-env", "HOME", cwd=tmp_path)

    assert done.code == 2
    assert "exists already and is left as it is" in done.err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@dataclass
class Tried:
    """What `prove` is given, and what it told."""

    mailbox: Mailbox
    told: list[str] = field(default_factory=list)

    def prove(self, *, address: str = "", wait_seconds: tuple[int, int] = (3, 30)) -> setup.Proven:
        servers = self.mailbox.servers
        found = setup.Servers(
            imap=spots(f"localhost:{servers.dovecot.imaps}", "imap")[0],
            smtp=spots(f"localhost:{servers.postfix.submissions}", "smtp")[0],
            provider=None,
        )
        wish = setup.Wish(
            address=address or self.mailbox.address,
            user=self.mailbox.address,
            ca_file=str(servers.dovecot.authority.ca),
        )
        secret = Secret(self.mailbox.password)
        return setup.prove(
            wish,
            found,
            secret,
            clock=SystemClock(),
            tell=lambda news: self.told.append(news.words),
            wait_seconds=wait_seconds,
        )


@pytest.fixture
def tried(mailbox: Mailbox) -> Tried:
    return Tried(mailbox)


@pytest.mark.parametrize("action", ["REJECT 5.1.1 no such user", "DISCARD"])
def test_where_the_provider_knows_no_plus_replies_are_told_apart_without(tried: Tried, action: str) -> None:
    tried.mailbox.servers.policy.add(
        tried.mailbox.address, lambda said: action if "+" in said.get("recipient", "") else None
    )

    proven = tried.prove()

    assert proven.settings.addressing == "plain"
    assert proven.settings.reply_address("05s8z6rj4rgd") == tried.mailbox.address
    assert tried.told[-1] == 'this provider knows no "+"; replies are told apart by what they cite'


def test_a_letter_that_comes_into_the_junk_folder_is_found_there(tried: Tried) -> None:
    tried.mailbox.servers.policy.add(tried.mailbox.address, lambda _said: "PREPEND X-Spam-Flag: YES")

    proven = tried.prove()

    assert proven.came_into == "Junk"
    assert any('slawatch reads "Junk", look there for the question' in words for words in tried.told)


def test_a_letter_that_never_comes_back_is_a_fault_with_its_cure(tried: Tried) -> None:
    neighbour = f"other-{tried.mailbox.address}"  # the letter goes to them

    with pytest.raises(setup.SetupError, match="did not come back within 1 s; look into other folders"):
        tried.prove(address=neighbour, wait_seconds=(1, 1))

    assert any('trying without the "+"' in words for words in tried.told)
