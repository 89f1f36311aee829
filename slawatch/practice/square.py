"""The companies of the practice range where everybody can read along: an X of their own, on which each has its manner.

Plays the far side only. What slawatch measures of it comes over HTTP, as from X itself.
"""

from __future__ import annotations

import random
import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from types import TracebackType
from typing import Any, Self

from slawatch import token
from slawatch.channels.social.cursor import Cursor, Place
from slawatch.channels.social.platform import Feed
from slawatch.clock import Clock
from slawatch.config import Config, Target
from slawatch.model import Asked, Delivery, DeliveryProof, Form, Origin, Probe, Request
from slawatch.practice import shorts
from slawatch.practice.companies import COMPANIES, PracticeCompany, Step
from slawatch.practice.instants import WEEKS, instants, to_the_millisecond
from slawatch.practice.letters import Letters
from slawatch.practice.x import X, XServer
from slawatch.practice.x.ids import flake_at
from slawatch.practice.x.people import Direct, Person, Post

ACCOUNT = "public"
HANDLE = "robin_marten"
LONG = timedelta(days=1)
TRIES = 200
PASSERS_BY = ("zugvogel77", "harbour_rat", "lena_unterwegs", "mr_grumble")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCompany:
    """A company of the practice range on X. `helper` is another account of its, which does the answering.

    `steps` are what is posted to a question, each with its letter: "answer", "handoff", or "troll" by a passer-by.
    `deletes` is how often an answer is deleted again, in its history at `take_down`.
    """

    key: str
    handle: str
    manner: str
    steps: tuple[Step, ...] = ()
    helper: str = ""
    deletes: float = 0.0

    @property
    def company(self) -> PracticeCompany:
        """The company itself."""
        return next(one for one in COMPANIES if one.key == self.key)


def _minutes(median: float, spread: float, *, letter: str = "answer", chance: float = 1.0) -> Step:
    return Step(letter=letter, median=timedelta(minutes=median), spread=spread, chance=chance)


PUBLIC = (
    PublicCompany(key="morgentau-tee", handle="morgentau_tee", manner="prompt", steps=(_minutes(1.4, 0.4),)),
    PublicCompany(
        key="harbour-bikes",
        handle="harbourbikes",
        manner="another handle answers",
        steps=(_minutes(7, 0.7, chance=0.96),),
        helper="harbour_help",
    ),
    PublicCompany(
        key="copperfield-books",
        handle="copperfieldbook",
        manner="a passer-by is faster",
        steps=(_minutes(2, 0.5, letter="troll", chance=0.8), _minutes(24, 0.8, chance=0.9)),
    ),
    PublicCompany(
        key="waldhaus-moebel", handle="waldhausmoebel", manner="slow", steps=(_minutes(260, 0.7, chance=0.9),)
    ),
    PublicCompany(
        key="nordlicht-strom",
        handle="nordlichtstrom",
        manner='"please DM us"',
        steps=(_minutes(11, 0.6, letter="handoff", chance=0.95),),
    ),
    PublicCompany(
        key="brightwater-pools",
        handle="brightwaterpool",
        manner="deletes its answers",
        steps=(_minutes(35, 0.6, chance=0.85),),
        deletes=0.5,
    ),
    PublicCompany(key="silent-sofa", handle="silentsofa", manner="never"),
)


class Square:
    """An X with these companies on it, on a port of this machine. Use as a context manager."""

    def __init__(self, clock: Clock, letters: Letters, seed: str, companies: Sequence[PublicCompany] = PUBLIC) -> None:
        self.x = X(clock, seed=seed)
        self.x.keys.window = LONG  # in a hurry, a second between signing and looking is ten minutes
        self.posts = 0
        self._letters = letters
        self._texts: dict[str, Any] = tomllib.loads(files(__package__).joinpath("posts.toml").read_text("utf-8"))
        self._companies = companies
        self._dice = {one.key: random.Random(f"{seed}|square|{one.key}") for one in companies}
        self._said: set[str] = set()
        self._regretted: list[Post] = []
        self._lock = threading.Lock()
        self._people = {
            handle: self.x.person(handle, name, verified=verified)
            for handle, name, verified in (
                (HANDLE, "Robin Marten", "none"),
                *((one.handle, one.company.name, "business") for one in companies),
                *((one.helper, f"{one.company.name} Help", "business") for one in companies if one.helper),
                *((handle, handle, "none") for handle in PASSERS_BY),
            )
        }
        self._server = XServer(self.x)
        self.x.listeners.append(self._heard)

    @property
    def us(self) -> Person:
        """The account that asks."""
        return self._people[HANDLE]

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def config(self) -> str:
        """Return the account's part of a config."""
        keys = self.x.oauth1(self.us)
        return (
            f'\n[account.{ACCOUNT}]\nchannel = "twitter"\nhandle = "@{HANDLE}"\nname = "{self.us.name}"\n'
            f'api_base = "{self._server.base_url}"\nauth_base = "{self._server.base_url}"\n'
            f'consumer_key = "{keys.consumer_key}"\nconsumer_secret = "{keys.consumer_secret}"\n'
            f'access_token = "{keys.access_token}"\naccess_secret = "{keys.access_secret}"\n'
            "labelled = true\nper_minute = 600\nper_day = 10000\n"
        )

    def targets(self) -> Mapping[str, str]:
        """Return by company what its part of the config says of its handles."""
        return {
            one.key: f'\n[[company.{one.key}.target]]\nchannel = "twitter"\naddress = "@{one.handle}"\n'
            for one in self._companies
        }

    def handles(self) -> Mapping[str, str]:
        """Return by company what its part of the config says of accounts that help."""
        return {one.key: f'handles = {{ twitter = ["@{one.helper}"] }}\n' for one in self._companies if one.helper}

    def cursor(self, until: datetime) -> str:
        """Return where the account stands before its history is read: as if it had not looked since that began."""
        return Cursor(places={Feed.MENTIONS: Place(mark=str(flake_at(until - timedelta(weeks=WEEKS))))}).dump()

    def take_down(self) -> int:
        """Delete what companies come to regret, and return how many posts that were.

        Only now, as whoever looks every half a minute has read an answer before it is deleted hours later.
        """
        now = self.x.now()
        with self._lock:
            regretted = [post for post in self._regretted if post.at <= now]
            self._regretted = [post for post in self._regretted if post.at > now]
        for post in regretted:
            self.x.delete(post)
        return len(regretted)

    def make(self, config: Config, probes: Mapping[str, Probe], *, until: datetime) -> list[Request]:
        """Post four weeks of questions up to `until`, each answered by its company's manner; return the requests."""
        requests = []
        for one in self._companies:
            dice = self._dice[one.key]
            target = next(each for each in config.companies[one.key].targets if each.channel == "twitter")
            before: list[Asked] = []
            requests += [self._ask(config, probes, target, one, before, at) for at in instants(until, dice)]
        return sorted(requests, key=lambda one: one.intended_at)

    def _ask(
        self,
        config: Config,
        probes: Mapping[str, Probe],
        target: Target,
        one: PublicCompany,
        before: list[Asked],
        at: datetime,
    ) -> Request:
        dice = self._dice[one.key]
        text = shorts.choose(config, probes, target, before, at, form=Form.POST)
        post = self.x.post(self.us, f"@{one.handle} {text.body.strip()}", at=at, lang=text.lang)
        return Request(
            id=0,
            public_id=f"P{dice.getrandbits(32):08x}",
            origin=Origin.SENT,
            company=one.key,
            channel=target.channel,
            target=target.address,
            account=target.account,
            text=text,
            token=token.new(dice.randbytes(8)),
            message_id=f"{dice.getrandbits(96):024x}@practice.example",
            delivery=Delivery.SENT,
            due_at=at,
            zone=target.zone,
            intended_at=at,
            accepted_at=to_the_millisecond(at),
            accepted_uncertainty=timedelta(milliseconds=1),
            proof=DeliveryProof.PROVEN,
            remote_id=f"twitter:{post.id}",
            made_up=True,
        )

    def _heard(self, said: Post | Direct) -> None:
        """Let the company that is asked do what it does, at once or later."""
        if not isinstance(said, Post):
            return
        self.posts += 1
        if said.author is not self.us or said.reply_to is not None:
            return
        for one in self._companies:
            if said.text.lower().startswith(f"@{one.handle.lower()} "):
                with self._lock:
                    self._react(one, said)

    def _react(self, one: PublicCompany, asked: Post) -> None:
        dice = self._dice[one.key]
        for step in one.steps:
            wait = step.wait(dice)
            if wait is None:
                continue
            author = one.helper or one.handle
            if step.letter == "troll":
                author = dice.choice(PASSERS_BY)
            text = self._text(one, step.letter, asked.text, dice)
            reply = self.x.post(self._people[author], text, reply_to=asked, at=asked.at + wait, lang=one.company.lang)
            if step.letter == "answer" and dice.random() < one.deletes:
                self._regretted.append(reply)

    def _text(self, one: PublicCompany, letter: str, asked: str, dice: random.Random) -> str:
        """Return what is posted, and never the same twice as long as there is anything else."""
        texts = self._texts[one.company.lang]
        agent = one.company.agent or "Alex Reimer"
        initials = "".join(part[0] for part in agent.split())[:2].upper()
        for _ in range(TRIES):
            if letter == "answer":
                cores = texts["answer"].get(self._letters.topic(asked)) or texts["answer"]["any"]
                opening, core, sign = (dice.choice(part) for part in (texts["openings"], cores, texts["signs"]))
                text = f"{opening} {core if opening.endswith((',', ':')) else core[0].upper() + core[1:]} {sign}"
            else:
                text = dice.choice(texts[letter])
            text = text.format(agent=agent.split()[0], initials=initials, company=one.handle)
            if f"{one.key} {text}" not in self._said:
                break
        self._said.add(f"{one.key} {text}")
        return text
