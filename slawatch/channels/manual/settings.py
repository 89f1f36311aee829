"""What asking by hand is: the keys of the config, how an address names its way, and what each way is held to.

Loaded with every config, so it must load nothing that takes time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from slawatch.channels.chat.settings import STANDARD
from slawatch.channels.email.settings import address_problem as mail_problem
from slawatch.inheritance import STANDARD as OF_LETTERS
from slawatch.model import Form, Measure, Objective, ObjectiveKind, Standard

__all__ = ["STANDARD", "Settings", "address_problem", "form_of", "network_of", "place_of", "standard_of"]

LONG = frozenset({"form", "letter"})
"""Ways by which a whole letter goes; on all others a person says one short question."""

# Paper takes three working days each way for 95 of 100 letters (PostG of 2024, section 18), so that what comes back
# within two weeks was written within one.
_BY_POST = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=timedelta(days=14), at_least=0.9),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(days=14), at_least=0.9),
    ),
    window=timedelta(days=28),
    late=timedelta(days=60),
)

_ADDRESS = re.compile(r"([a-z][a-z0-9-]*)\s*:\s*(\S.*)", re.IGNORECASE | re.DOTALL)


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target; None where it names a way and a place."""
    like = 'write the way first, like "phone:+49 30 1234567", "threema:ABCD1234" or "form:https://shop.example/contact"'
    if any(not letter.isprintable() for letter in address):
        return f"{address!r} holds a line break or control character; remove it"
    found = _ADDRESS.fullmatch(address)
    if found is None or found[1].lower() in {"http", "https"}:
        return f'"{address}" does not say by which way; {like}'
    return None


def network_of(address: str) -> str:
    """Return the way an address names, in lower case, like "phone" or "letter"."""
    return address.partition(":")[0].strip().lower()


def place_of(address: str) -> str:
    """Return what stands behind the way: the number to call, the page with the form, the street."""
    return address.partition(":")[2].strip()


def form_of(address: str) -> Form:
    """Return in which form is asked there."""
    return Form.LETTER if network_of(address) in LONG else Form.CHAT


def standard_of(address: str) -> Standard:
    """Return what is promised by nobody but expected of such a way, where the config says nothing.

    Who fills in a form waits as for e-mail, and who posts a letter until the post has come back. On the phone, at the
    counter and in messengers somebody sits there and waits, as in chats.
    """
    network = network_of(address)
    if network == "letter":
        return _BY_POST
    return OF_LETTERS if network == "form" else STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    name: str = field(metadata={"help": "who asks: what letters are signed with"})
    notify: str = field(default="", metadata={"help": "who is told by e-mail of what is to be asked"})
    notify_from: str = field(
        default="", metadata={"help": "by which e-mail account; only needed where there are several"}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        found = []
        if any(not letter.isprintable() for letter in self.name):
            found.append(("name", f"{self.name!r} holds a line break or control character; remove it"))
        unheard = mail_problem(self.notify) if self.notify else None
        if unheard:
            found.append(("notify", unheard))
        return found
