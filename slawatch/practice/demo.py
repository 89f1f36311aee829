"""The demo's story: post office, companies, four weeks of history, then an audit before your eyes.

Measures nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

from slawatch import app, resources
from slawatch import probe as probe_room
from slawatch.channels.base import Batch
from slawatch.errors import ChannelUnavailableError
from slawatch.model import Probe, Request
from slawatch.practice.clock import FastClock
from slawatch.practice.companies import COMPANIES, PracticeCompany
from slawatch.practice.history import History, make
from slawatch.practice.letters import Letters
from slawatch.practice.live import Companies
from slawatch.practice.lounge import Lounge
from slawatch.practice.post import ADDRESS, MX, NAME, PASSWORD, USER, PostOffice
from slawatch.practice.square import ACCOUNT, Square
from slawatch.usecases.report import MADE_UP
from slawatch.usecases.world import News, World

MAIL = "practice"  # the account that asks by mail
FACTOR = 600  # one second outside is ten minutes in the practice range, while it hurries
LOOK_EVERY = timedelta(minutes=10)
UNTIL = "made_up_until"  # meta: where the history ends; with the seed it gives the same history again

CONFIG = Template("""\
# Written by `slawatch demo`. Companies, history and clock of this folder are made up; the measuring is the real one.
# status, report and explain work on it. Its servers ended with the demo: nothing more can be asked or collected.
timezone = "Europe/Berlin"
language = "en"
store = "demo.db"
out = "out"

[account.practice]
channel = "email"
address = "$address"
name = "$name"
smtp_host = "127.0.0.1"
smtp_port = $smtp_port
smtp_security = "none"
imap_host = "127.0.0.1"
imap_port = $imap_port
imap_security = "none"
imap_user = "$user"
imap_password = "$password"
own_mx = "$mx"
per_minute = 600
per_day = 10000
""")

COMPANY = Template("""
[company.$key]
name = "$name"
relationship = "own"
domains = ["$domain"]
language = "$lang"
$more
[[company.$key.target]]
channel = "email"
address = "$address"
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A practice range that is running: what use cases work in, and the history that was laid into its mailbox."""

    world: World
    history: History
    square: Square
    lounge: Lounge
    clock: FastClock

    @property
    def requests(self) -> int:
        """How many requests the history holds."""
        return len(self.world.store.requests())


def wordings(probes: dict[str, Probe]) -> dict[str, str]:
    """Return all wordings of each probe as one text, by which the companies recognise what they are asked."""
    return {
        name: "\n".join(
            [
                *(f"{one.subject}\n{one.body}" for wording in probe.wordings.values() for one in wording.variants),
                *(wording.follow_up for wording in probe.wordings.values()),
                *(post for wording in probe.wordings.values() for post in wording.posts),
            ]
        )
        for name, probe in probes.items()
    }


def config_text(
    companies: tuple[PracticeCompany, ...],
    smtp_port: int,
    imap_port: int,
    square: Square | None = None,
    lounge: Lounge | None = None,
) -> str:
    """Return the config of the practice range, with the companies' accounts on X and their chats where these are."""
    handles = square.handles() if square else {}
    targets = square.targets() if square else {}
    chats = lounge.targets() if lounge else {}
    text = CONFIG.substitute(
        address=ADDRESS, name=NAME, smtp_port=smtp_port, imap_port=imap_port, user=USER, password=PASSWORD, mx=MX
    )
    text += (square.config() if square else "") + (lounge.config() if lounge else "")
    return text + "".join(
        COMPANY.substitute(
            key=company.key,
            name=company.name,
            domain=company.domain,
            lang=company.lang,
            address=company.address,
            more=handles.get(company.key, ""),
        )
        + targets.get(company.key, "")
        + chats.get(company.key, "")
        for company in companies
    )


def lay_out(world: World, square: Square, requests: Sequence[Request], *, until: datetime) -> None:
    """Keep these requests as asked in the past, and the account of the square as not having looked since then."""
    world.store.add_made_up(requests)
    world.store.add_batch(ACCOUNT, "twitter", Batch(messages=(), cursor=square.cursor(until)))


def browser_found() -> bool:
    """Whether a website can be shown here: there is a Chromium, and what drives one."""
    from slawatch.channels.webchat import browser  # noqa: PLC0415  only the demo asks

    try:
        browser.program("")
        browser.library()
    except ChannelUnavailableError:
        return False
    return True


@contextmanager
def practice_range(
    folder: Path,
    *,
    seed: str,
    live: timedelta,
    tell: Callable[[News], None],
    now: datetime | None = None,
    website: bool = True,
) -> Iterator[Range]:
    """Run the range in `folder`: servers up, history made and laid into the mailbox and the store, companies at work.

    The practice clock starts so long before the present (or `now`) that hurrying through `live` never leads into the
    future: figures from there would read as pending for hours in `slawatch status`. A `website` is there only where a
    browser can look at it.
    """
    folder.mkdir(parents=True, exist_ok=True)  # first: where it fails no server has begun
    clock = FastClock((now or datetime.now(UTC)) - live, FACTOR)
    began = clock.now()
    probes = dict(probe_room.load_all(resources.folders("probes", None)))
    letters = Letters(wordings(probes))
    companies = Companies(COMPANIES, letters, clock, seed)
    square = Square(clock, letters, seed)
    lounge = Lounge(clock, letters, seed, folder, browser=website and browser_found())
    addresses = [company.address for company in COMPANIES]
    with PostOffice(clock, addresses, companies.arrived) as post, square, lounge:
        path = folder / "config.toml"
        path.touch(mode=0o600)  # it holds a password, be it one of practice
        path.write_text(config_text(COMPANIES, post.smtp_port, post.imap_port, square, lounge), encoding="utf-8")
        lounge.lay_recipes(folder / "recipes")
        with app.world(path, clock=clock, tell=tell) as world:
            history = make(world.config, probes, COMPANIES, letters, world.channel("practice"), until=began, seed=seed)
            world.store.set_meta(MADE_UP, seed)
            world.store.set_meta(UNTIL, began.isoformat())
            in_public = square.make(world.config, probes, until=began)
            lay_out(world, square, [*history.requests, *in_public], until=began)
            lounge.lay_out(world.store, lounge.make(world.config, probes, until=began))
            post.put(history.arrived)
            companies.expect(history.to_come)
            with companies.work_at(post):
                yield Range(world=world, history=history, square=square, lounge=lounge, clock=clock)
        if companies.failed:
            raise RuntimeError("; ".join(companies.failed))
