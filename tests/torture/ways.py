"""The far sides of every channel for the tests of endurance: who is asked there, what reached them, what they reply.

Each keeps the truth that slawatch is held against. Nothing of slawatch's own is used for that.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from slawatch.channels.xmpp import names
from slawatch.channels.xmpp.names import stanza_id
from slawatch.clock import Clock
from slawatch.model import Request
from slawatch.practice.x import X, XServer
from tests.servers import asking, mastodon, prosody, xmpp
from tests.servers.local import LOOPBACK
from tests.servers.mail import Mailbox
from tests.x_stage import ACCOUNT as X_ACCOUNT

MARK = re.compile(rb"mark-[a-z]+-\d{5}")
POSTS_MAX = 40  # what a Mastodon server lists at once

COMPANY = """
[company.{key}]
name = "{key}"
relationship = "own"
language = "de"

[[company.{key}.target]]
channel = "{channel}"
address = "{address}"
"""


@dataclass(frozen=True)
class Reply:
    """What a company said: its mark, and the question (as the far side calls it) that it belongs to."""

    mark: str
    question: str


class Way(Protocol):
    """One channel with its far side. `answer` says what there is to say to what came, each question once."""

    name: str
    channel: str
    account: str
    replies: list[Reply]

    def config(self) -> str: ...
    def targets(self) -> Sequence[tuple[str, str]]: ...
    def came(self) -> Counter[str]: ...
    def own_name(self, request: Request) -> str: ...
    def answer(self) -> None: ...
    def unanswered(self) -> list[str]: ...


@dataclass
class Far:
    """What all far sides have: marks that are there once, and who was replied to."""

    name: str
    channel: str
    account: str
    companies: int
    replies: list[Reply] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def key(self, number: int) -> str:
        return f"{self.name}{number}"

    def asked(self) -> str:
        """Return the part of the config that names its companies."""
        return "".join(
            COMPANY.format(key=key, channel=self.channel, address=address) for key, address in self.targets()
        )

    def targets(self) -> Sequence[tuple[str, str]]:
        """Return key and address of each company."""
        raise NotImplementedError

    def words(self, question: str) -> str:
        mark = f"mark-{self.name}-{len(self.replies):05}"
        self.replies.append(Reply(mark=mark, question=question))
        self.answered.add(question)
        return f"die Lieferung nach Wien dauert drei bis vier Werktage und kostet 6,90 Euro.\n{mark}"

    def came(self) -> Counter[str]:
        """Return how often each question reached its company."""
        raise NotImplementedError

    def unanswered(self) -> list[str]:
        return [one for one in self.came() if one not in self.answered]


@dataclass
class Mail(Far):
    """Letters, by Postfix and Dovecot."""

    mailbox: Mailbox = None  # type: ignore[assignment]  # always given

    def config(self) -> str:
        return asking.config(self.mailbox, dict(self.targets())).replace("per_minute = 60", "per_minute = 1000")

    def targets(self) -> Sequence[tuple[str, str]]:
        return [(self.key(n), f"{self.key(n)}-{self.mailbox.name}@shop.example") for n in range(self.companies)]

    def came(self) -> Counter[str]:
        companies = self.mailbox.servers.companies
        found = (one for _, address in self.targets() for one in companies.letters(address))
        return Counter(str(one.message["Message-ID"]).strip("<>") for one in found)

    def own_name(self, request: Request) -> str:
        return request.message_id

    def answer(self) -> None:
        companies = self.mailbox.servers.companies
        for _, address in self.targets():
            for letter in companies.letters(address):
                own = str(letter.message["Message-ID"]).strip("<>")
                if own not in self.answered:
                    self.mailbox.servers.reply(letter, f"Guten Tag,\n\n{self.words(own)}\n\nMaeve Doyle\n")


@dataclass
class Tweets(Far):
    """Posts, on the practice X."""

    x: X = None  # type: ignore[assignment]  # always given
    base: str = ""

    def __post_init__(self) -> None:
        self.us = self.x.person("robin_asks", "Robin")
        self.keys = self.x.oauth1(self.us)
        self.people = {key: self.x.person(key) for key, _ in self.targets()}

    def config(self) -> str:
        account = X_ACCOUNT.format(
            handle="robin_asks", base=self.base, keys=self.keys, per_minute=1000, per_day=100000, more=""
        ).replace('timezone = "Europe/Berlin"\n', "")
        return account + self.asked()

    def targets(self) -> Sequence[tuple[str, str]]:
        return [(self.key(n), f"@{self.key(n)}") for n in range(self.companies)]

    def came(self) -> Counter[str]:
        with self.x.lock:
            return Counter(post.id for post in self.x.posts.values() if post.author is self.us)

    def own_name(self, request: Request) -> str:
        return request.remote_id.removeprefix("twitter:")

    def answer(self) -> None:
        with self.x.lock:
            mine = {post.id: post for post in self.x.posts.values() if post.author is self.us}
        for own in mine.keys() - self.answered:
            whom = next(person for key, person in self.people.items() if f"@{key} " in f"{mine[own].text} ")
            self.x.post(whom, f"Hallo, {self.words(own)}", reply_to=mine[own])


@dataclass
class Toots(Far):
    """Posts, on a server that speaks Mastodon's API."""

    server: mastodon.MastodonServer = None  # type: ignore[assignment]  # always given

    def config(self) -> str:
        account = f"""
[account.{self.account}]
channel = "mastodon"
handle = "{mastodon.HANDLE}"
server = "{self.server.url}"
access_token_file = "toots-token"
per_minute = 1000
"""
        return account + self.asked()

    def targets(self) -> Sequence[tuple[str, str]]:
        known = ["@acme", "@service@shop.example", "@help@shop.example"]
        return [(self.key(n), address) for n, address in enumerate(known[: self.companies])]

    def posts(self) -> dict[str, str]:
        found = self.server.posts(mastodon.OURS)
        assert len(found) < POSTS_MAX
        return {one["id"]: one["mentions"][0]["acct"] for one in found}

    def came(self) -> Counter[str]:
        return Counter(list(self.posts()))

    def own_name(self, request: Request) -> str:
        return request.remote_id.removeprefix("mastodon:")

    def answer(self) -> None:
        posts = self.posts()
        for own in posts.keys() - self.answered:
            who = posts[own].partition("@")[0].lower()
            self.server.post(who, f"@{mastodon.OURS} Guten Tag, {self.words(own)}", reply_to=own)


@dataclass
class Lines(Far):
    """Lines in a messenger, on Prosody."""

    server: prosody.Prosody = None  # type: ignore[assignment]  # always given
    people: list[xmpp.Person] = field(default_factory=list)

    def config(self) -> str:
        account = f"""
[account.{self.account}]
channel = "xmpp"
jid = "asks@{prosody.DOMAIN}"
password_file = "lines-password"
host = "{LOOPBACK}"
port = {self.server.c2s}
ca_file = "{self.server.ca}"
per_minute = 1000
"""
        return account + self.asked()

    def targets(self) -> Sequence[tuple[str, str]]:
        return [(self.key(n), f"{self.key(n)}@{prosody.DOMAIN}") for n in range(self.companies)]

    def heard(self) -> Iterator[tuple[xmpp.Person, str]]:
        for person in self.people:
            for one in person.heard():
                if one.find(f"{names.CLIENT}body") is not None:
                    yield person, one.get("id", "")

    def came(self) -> Counter[str]:
        return Counter(own for _, own in self.heard())

    def own_name(self, request: Request) -> str:
        return stanza_id(request.message_id)

    def answer(self) -> None:
        for person, own in list(self.heard()):
            if own not in self.answered:
                person.say(f"asks@{prosody.DOMAIN}", f"Guten Tag, {self.words(own)}", reply_to=own)


@dataclass
class Answering:
    """Lets every company answer what came, from enter to exit. What goes wrong there is raised at exit."""

    ways: Sequence[Way]
    failed: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._answer, args=(way,), daemon=True) for way in self.ways]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.failed:
            raise self.failed[0] from error

    def _answer(self, way: Way) -> None:
        while not self._stop.wait(0.1):
            try:
                way.answer()
            except BaseException as error:  # noqa: BLE001  raised where the test is
                self.failed.append(error)
                return


@contextmanager
def all_ways(folder: Path, mailbox: Mailbox, clock: Clock, *, each: Mapping[str, int]) -> Iterator[list[Way]]:
    """Start the servers, write the secrets into the folder; `each` companies on each channel."""
    with ExitStack() as stack:
        x = X(clock, seed="kills")
        x_server = stack.enter_context(XServer(x))
        jabber = stack.enter_context(prosody.running())
        toots = stack.enter_context(mastodon.running())
        lines = Lines(name="lines", channel="xmpp", account="chat", companies=each["lines"], server=jabber)
        for user in ("asks", *(key for key, _ in lines.targets())):
            jabber.user(user)
        lines.people += [stack.enter_context(_person(jabber, address)) for _, address in lines.targets()]
        for name, secret in (("lines-password", prosody.PASSWORD), ("toots-token", f"token-of-{mastodon.OURS}")):
            (folder / name).write_text(secret)
            (folder / name).chmod(0o600)
        yield [
            Mail(name="mail", channel="email", account="main", companies=each["mail"], mailbox=mailbox),
            Tweets(
                name="tweets", channel="twitter", account="robin", companies=each["tweets"], x=x, base=x_server.base_url
            ),
            Toots(name="toots", channel="mastodon", account="masto", companies=each["toots"], server=toots),
            lines,
        ]


def _person(server: prosody.Prosody, address: str) -> AbstractContextManager[xmpp.Person]:
    return xmpp.Person(server, address)
