"""Our own mail world for tests: Postfix, Dovecot, the companies' server beyond, and a mailbox for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid

from imapclient import IMAPClient  # type: ignore[import-untyped]

from tests.servers import authority
from tests.servers.companies import Companies, Letter, write
from tests.servers.dovecot import DOMAIN, MAILBOXES, PASSWORD, Dovecot
from tests.servers.local import eventually, folder
from tests.servers.outgoing import Outgoing
from tests.servers.policy import Policy
from tests.servers.postfix import Postfix


@dataclass(frozen=True)
class MailServers:
    """All servers of the run; tests share them and keep apart by their mailboxes."""

    dovecot: Dovecot
    postfix: Postfix
    companies: Companies
    policy: Policy
    unused: Iterator[str]

    @contextmanager
    def with_other_dovecot(self) -> Iterator[MailServers]:
        """Give the same world with a Dovecot that may be stopped and restarted.

        Not the shared one: Postfix keeps its connection to that for logins, and would answer the next test with a 454.
        """
        with folder("dovecot") as base:
            dovecot = Dovecot(base, self.dovecot.authority)
            try:
                dovecot.start()
                yield replace(self, dovecot=dovecot, unused=iter(MAILBOXES))
            finally:
                dovecot.stop()

    def mailbox(self) -> Mailbox:
        """Return a mailbox nobody has used, with a catch-all domain of its own."""
        return Mailbox(name=next(self.unused), servers=self)

    def reply(self, letter: Letter, text: str, *, to: str | None = None, **headers: str) -> EmailMessage:
        """Answer a letter as a person's mail program does, through Postfix; return what was sent."""
        asked = letter.message
        message = EmailMessage()
        message["From"] = f"Service <{letter.recipients[0]}>"
        message["To"] = to or str(asked["Reply-To"] or asked["From"])
        message["Subject"] = f"Re: {asked['Subject']}"
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = make_msgid(domain=letter.recipients[0].partition("@")[2])
        message["In-Reply-To"] = message["References"] = str(asked["Message-ID"])
        for name, value in headers.items():
            del message[name.replace("_", "-")]
            if value:
                message[name.replace("_", "-")] = value
        message.set_content(text)
        self.write(message, sender=letter.recipients[0], to=to or letter.sender)
        return message

    def write(self, message: EmailMessage, *, sender: str, to: str) -> None:
        """Hand a company's mail to our server as the outside world does."""
        write(message, sender=sender, to=[to], port=self.postfix.smtp)


@dataclass(frozen=True)
class Mailbox:
    """One test's own mailbox."""

    name: str
    servers: MailServers

    @property
    def address(self) -> str:
        """Its plain address, also its login."""
        return f"{self.name}@{DOMAIN}"

    @property
    def password(self) -> str:
        """What lets in, over IMAP and for submission."""
        return PASSWORD

    @property
    def catch_all_domain(self) -> str:
        """The domain of which every address arrives here."""
        return f"{self.name}.{DOMAIN}"

    def login(self) -> IMAPClient:
        """Return a client of the test's own."""
        return self.servers.dovecot.login(self.address)

    def messages(self, name: str = "INBOX") -> dict[int, bytes]:
        """Return the raw messages of a folder by UID, as they lie there now."""
        with self.login() as client:
            client.select_folder(name, readonly=True)
            uids = client.search("ALL")
            found = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
            return {uid: found[uid][b"BODY[]"] for uid in uids if uid in found}

    def wait_for(self, count: int, *, name: str = "INBOX", seconds: float = 30) -> dict[int, bytes]:
        """Wait until the folder holds `count` messages and return them."""

        def enough() -> dict[int, bytes] | None:
            found = self.messages(name)
            return found if len(found) >= count else None

        found = eventually(enough, what=f"{count} messages in {name} of {self.address}", seconds=seconds)
        assert found is not None
        return found


@contextmanager
def running() -> Iterator[MailServers]:
    """Start everything, and end it whatever happens."""
    with ExitStack() as stack:
        base = stack.enter_context(folder("mail"))
        (base / "dovecot").mkdir()
        (base / "postfix").mkdir()
        made = authority.make(base / "tls")
        outgoing = Outgoing()
        stack.callback(outgoing.stop)
        outgoing.start()
        dovecot = Dovecot(base / "dovecot", made, outgoing=outgoing.port)
        stack.callback(dovecot.stop)
        dovecot.start()
        companies = Companies()
        stack.callback(companies.stop)
        companies.start()
        policy = Policy()
        policy.start()
        stack.callback(policy.stop)
        postfix = Postfix(base / "postfix", made, dovecot, companies=companies.port, policy=policy.port)
        stack.callback(postfix.stop)
        postfix.start()
        outgoing.to = postfix.smtp
        yield MailServers(dovecot=dovecot, postfix=postfix, companies=companies, policy=policy, unused=iter(MAILBOXES))
