"""Every error slawatch raises on purpose. Each message is one line: where, what, the offending value, what to do.

Anything else that escapes is a bug and shows its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class SlawatchError(Exception):
    """The root of all errors that a user can do something about; `exit_code` is the command's."""

    exit_code = 1


class UsageError(SlawatchError):
    """A command was asked for something that does not exist or cannot be."""

    exit_code = 2


class ConfigError(UsageError):
    """One or more mistakes in files the user wrote; `problems` holds one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StoreError(SlawatchError):
    """The store cannot be read or written: wrong version, no permission, disk full."""


class LockedError(StoreError):
    """Raw evidence is encrypted, and there is no key for it. Figures need none."""


class OutputError(SlawatchError):
    """A file that was asked for cannot be written: no permission, no such folder, disk full."""


class EvidenceError(SlawatchError):
    """The evidence is not what somebody was once given a head of."""


class BusyError(SlawatchError):
    """Another process is at the same work; nothing was done and nothing is wrong."""


class ChannelError(SlawatchError):
    """A channel could not do what it was asked; the subclass says whether trying again can help."""


class ChannelRefusedError(ChannelError):
    """The far side refused for good (unknown address, blocked account); trying again is useless."""


class ChannelUnreachableError(ChannelRefusedError):
    """The way is advertised, and led to nobody this time; `reason` is the VoidReason that says how far it led."""

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class ChannelUnavailableError(ChannelError):
    """Nothing left our hands and another attempt later may succeed: time-out, greylisting, rate limit.

    `retry_at` is set where the far side has said when, by our clock.
    """

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        self.retry_at = retry_at
        super().__init__(message)


class AccountHaltedError(ChannelUnavailableError):
    """The account can do nothing until a person acts: out of credits, over the month's budget, locked."""


class ChannelUncertainError(ChannelError):
    """The message may or may not have left; it must never be sent again blindly."""


class AlreadyThereError(ChannelUncertainError):
    """The platform says it has this very text of ours already: whether it is this request's, its own timeline tells."""
