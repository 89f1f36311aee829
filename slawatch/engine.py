"""The promises of whatever calls work again and again, and of whoever started us and watches. No behaviour.

Around callables alone: knows no request, no store and no channel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What went wrong with the work of that kind: it raised `error`, or (None) was due again before it was done."""

    kind: str
    error: BaseException | None = None


class Runner(Protocol):
    """What calls work. All but `every` and `run` may be called from any thread.

    `interrupt` and `end` may be called in a signal handler, too. What it forgets when it dies it need not have known.
    """

    def every(self, kind: str, pause: timedelta, work: Callable[[], object]) -> None:
        """Call the work at once and then with that pause; one kind is never at work twice at the same time."""
        ...

    def wake(self, kind: str) -> None:
        """Call the work of that kind soon: now, or once more where it is being done; not while it rests."""
        ...

    def put_off(self, kind: str, pause: timedelta) -> None:
        """Let the work of that kind rest for so long, whatever rings."""
        ...

    def interrupt(self) -> None:
        """Have what stands between two pieces of work done soon."""
        ...

    def end(self) -> None:
        """Call nothing any more; what is being done is done to its end."""
        ...

    def run(self) -> None:
        """Work until the end."""
        ...


class Service(Protocol):
    """Whoever started us and wants to know how we stand: systemd, or nobody."""

    def ready(self) -> None:
        """Say that we work, or work again after a reload."""
        ...

    def reloading(self) -> None:
        """Say that the config is being read anew."""
        ...

    def stopping(self) -> None:
        """Say that we are about to end."""
        ...

    def alive(self) -> None:
        """Show that we go on."""
        ...
