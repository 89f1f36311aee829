"""What a recipe says: how a visitor opens one company's chat, where its lines stand and who wrote each of them.

Plain values and what follows from them alone; it opens no page. recipe_reading.py makes them from files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from slawatch.channels.webchat.recipe_stamps import Stamping

ENTER = "enter"  # how compose.send says that the key of that name sends


class Action(StrEnum):
    """What one step does in the page."""

    WAIT = "wait"  # until the element is visible
    CLICK = "click"
    DISPATCH = "dispatch"  # a click by script, for elements that lie behind others
    FILL = "fill"
    SELECT = "select"  # an entry of a list, by its value or its words
    CHECK = "check"  # a box, so that it is ticked
    PRESS = "press"  # a key, on an element where one is named


class Sender(StrEnum):
    """Who a rule says wrote a line."""

    VISITOR = "visitor"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"  # "Anna has joined": a notice, nobody's message
    UNKNOWN = "unknown"


class FlagName(StrEnum):
    """What a page shows beside its lines."""

    TYPING = "typing"
    QUEUE = "queue"
    AGENT_JOINED = "agent_joined"
    OFFLINE = "offline"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    CLOSED = "closed"


class OfflinePolicy(StrEnum):
    """What is done where nobody is there and the widget offers a form."""

    RECORD = "record"  # noted, and nothing is written into it
    SUBMIT_FORM = "submit_form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who fills in a form before the chat."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done in the page. `selector` is in Playwright's language, "" only where a key is pressed anywhere.

    `value` is what is filled in or selected, or the key. `place` says where it was written, for messages:
    `recipes/acme.toml:12: open.steps[2]`. An `optional` step whose element does not come within `timeout` is passed
    over; without a timeout of its own, any other step has as long as the whole opening may take. `frame` is the chain
    of iframes it lies in, the outermost first; None for the usual one: the page itself before and while the chat is
    opened, afterwards that of the chat.
    """

    action: Action
    selector: str
    value: str = ""
    optional: bool = False
    timeout: timedelta | None = None
    frame: tuple[str, ...] | None = None
    place: str = ""

    def filled(self, persona: Persona, text: str = "") -> str:
        """Return the value with its placeholders filled in; `text` is the request's, for an offline form."""
        values = {"{persona.name}": persona.name, "{persona.email}": persona.email, "{text}": text}
        # In one go: what is filled in may itself hold what looks like a placeholder.
        return _PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), self.value)

    @property
    def wants_email(self) -> bool:
        """Whether it can be done only where the persona has an address."""
        return "{persona.email}" in self.value

    def __str__(self) -> str:
        shown = f'{self.action} "{self.selector or self.value}"'
        return f'press "{self.value}" on "{self.selector}"' if self.action is Action.PRESS and self.selector else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to be seen in the page: an element (a CSS selector) whose text, where that is asked for, fits.

    `number` finds a figure in the text, by its first group: a place in a queue.
    """

    select: str
    pattern: re.Pattern[str] | None = None
    number: re.Pattern[str] | None = None

    def fits(self, text: str) -> bool:
        """Whether an element with this text is meant."""
        return self.pattern is None or self.pattern.search(text) is not None

    def figure(self, text: str) -> int | None:
        """Return the figure in the text, None where there is none."""
        found = self.number.search(text) if self.number else None
        digits = found[1] if found else None
        return int(digits) if digits and digits.isdecimal() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whose line an item is: it matches a CSS selector ("" for any) and, where that is asked for, its text fits."""

    sender: Sender
    match: str = ""
    pattern: re.Pattern[str] | None = None

    @property
    def by(self) -> str:
        """What fired, as `Facts.author_by` has it: a text pattern, or else a field of the vendor's."""
        return f"text: {self.pattern.pattern}" if self.pattern else f"vendor-field: {self.match}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How the widget is opened, and the chain of frames that all later selectors lie in, the outermost first."""

    steps: tuple[Step, ...] = ()
    frame: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """Where text is typed (Playwright's language), and what sends it: the key "enter", or an element's selector."""

    input: str
    send: str = ENTER

    @property
    def by_key(self) -> bool:
        """Whether a key sends it."""
        return self.send == ENTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Where the lines stand: CSS selectors, for the observer in the page reads them.

    `root` "" is the whole page, `key` "" says that items carry nothing they can be told apart by, `text` "" is the
    item itself. `poll` is how often the widget itself asks for news (zero: at once), `settle` how long a text must stay
    as it is before it counts as written.
    """

    item: str
    root: str = ""
    key: str = ""
    text: str = ""
    time: Stamping | None = None
    poll: timedelta = timedelta(0)
    settle: timedelta = timedelta(milliseconds=200)
    classify: tuple[Rule, ...] = ()
    unknown_is: Sender = Sender.UNKNOWN

    def sender(self, matching: Collection[int], text: str) -> tuple[Sender, str]:
        """Return whose line it is and which rule said so ("" for none); the first rule that fits wins.

        `matching` are the indices of those rules whose `match` the item fits; rules without one fit anyhow.
        """
        for index, rule in enumerate(self.classify):
            if (not rule.match or index in matching) and (rule.pattern is None or rule.pattern.search(text)):
                return rule.sender, rule.by
        return self.unknown_is, "" if self.unknown_is is Sender.UNKNOWN else "recipe: unknown_is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """What is done with the form that stands where the chat would; `done` and `failed` tell how that went."""

    policy: OfflinePolicy = OfflinePolicy.RECORD
    steps: tuple[Step, ...] = ()
    done: Mark | None = None
    failed: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things may take. `answer` None: as long as the request's window. `park_after` None: never parked."""

    open: timedelta = timedelta(seconds=30)
    answer: timedelta | None = None
    park_after: timedelta | None = timedelta(minutes=10)
    park_every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The vendor's recipe that this one is built on; `proven` where it was run against the vendor's software."""

    name: str
    proven: bool
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One company's chat. `digest` is of all that was read for it: evidence says by it which recipe was used."""

    name: str
    path: Path
    url: str
    compose: Compose
    transcript: Transcript
    base: Base | None = None
    locale: str = "en-US"
    timezone: str = "UTC"
    viewport: tuple[int, int] = (1280, 800)
    consent: tuple[Step, ...] = ()
    opening: Opening = Opening()
    prechat: tuple[Step, ...] = ()
    flags: Mapping[FlagName, Mark] = field(default_factory=dict)
    offline: Offline = Offline()
    end: tuple[Step, ...] = ()
    limits: Limits = Limits()
    digest: str = ""

    @property
    def unverified(self) -> bool:
        """Whether it rests on a vendor's recipe that nobody has run against that vendor's software yet."""
        return self.base is not None and not self.base.proven

    @property
    def wants_email(self) -> bool:
        """Whether a form that must be filled in asks for an address."""
        steps = (*self.prechat, *(self.offline.steps if self.offline.policy is OfflinePolicy.SUBMIT_FORM else ()))
        return any(step.wants_email and not step.optional for step in steps)


_PLACEHOLDER = re.compile(r"\{[a-z.]+\}")
