"""A call as it came in and who makes it, with its parameters read and checked. The endpoints work on this."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slawatch.clock import require_aware
from slawatch.practice.x import problems
from slawatch.practice.x.keys import Caller
from slawatch.practice.x.people import Person
from slawatch.practice.x.problems import RefusedError
from slawatch.practice.x.world import X

IDS_MAX = 100
DIGITS_MAX = 19  # of an id: 63 bits
MARK = "p:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came over the line, before anybody knows whose it is. `url` is the whole address, as signed."""

    method: str
    path: str
    query: Mapping[str, str]
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True, kw_only=True)
class Call:
    """A call of somebody who was let in. `arg` is the variable part of the path, `body` what came as JSON."""

    x: X
    route: str
    arg: str
    params: Mapping[str, str]
    body: Mapping[str, Any]
    caller: Caller

    @property
    def viewer(self) -> Person | None:
        """Whose eyes see the answer."""
        return self.caller.person

    @property
    def person(self) -> Person:
        """The person who acts. Raises RefusedError for an app by itself."""
        if self.caller.person is None:
            raise RefusedError(problems.unsupported())
        return self.caller.person

    def pay(self, micros: int) -> None:
        """Take a price from the app's credits, where it has a limit."""
        app = self.caller.app
        if app.credits is not None:
            app.credits -= micros

    def wrote(self, kind: str) -> None:
        """Charge something that was done."""
        app = self.caller.app.name
        self.pay(self.x.bill.wrote(kind, app=app, route=self.route, at=self.x.now()))

    def read(self, kind: str, ids: list[str]) -> None:
        """Charge what is handed out."""
        app = self.caller.app.name
        self.pay(self.x.bill.read(kind, ids, app=app, route=self.route, at=self.x.now()))

    def number(self, name: str) -> int | None:
        """Return a parameter that is an id, None where it is not given."""
        text = self.params.get(name)
        if text is None:
            return None
        if not text.isdecimal() or len(text) > DIGITS_MAX:
            raise problems.invalid(name, text, f"The `{name}` query parameter value [{text}] is not valid")
        return int(text)

    def size(self, least: int, most: int, default: int) -> int:
        """Return how many results are wanted on a page."""
        text = self.params.get("max_results", str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise problems.invalid(
                "max_results",
                text,
                f"The `max_results` query parameter value [{text}] is not between {least} and {most}",
            )
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """Return a parameter that is an instant, None where it is not given."""
        text = self.params.get(name)
        if text is None:
            return None
        try:
            return require_aware(datetime.fromisoformat(text))
        except ValueError:
            raise problems.invalid(name, text, f"The `{name}` query parameter value [{text}] is not valid") from None

    def many(self, name: str) -> list[str]:
        """Return a parameter that lists up to a hundred things."""
        found = [one for one in self.params.get(name, "").split(",") if one]
        if not 1 <= len(found) <= IDS_MAX:
            text = self.params.get(name, "")
            raise problems.invalid(name, text, f"size must be between 1 and {IDS_MAX}")
        return list(dict.fromkeys(found))

    def page(self, name: str) -> int | None:
        """Return the id before which the wanted page begins, None for the first page."""
        text = self.params.get(name)
        if text is None:
            return None
        try:
            mark = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode()
        except ValueError:
            mark = ""
        if not mark.startswith(MARK) or not mark[len(MARK) :].isdecimal():
            raise problems.invalid(name, text, f"The `{name}` query parameter value [{text}] is not valid")
        return int(mark[len(MARK) :])


def token(number: int) -> str:
    """Return what leads to the page after this id."""
    return urlsafe_b64encode(f"{MARK}{number}".encode()).rstrip(b"=").decode()
