"""What the rules of noticing are told, and what they return. Values without behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from slawatch.model import ZERO, Objective


class Kind(StrEnum):
    """What sort of trouble it is: the words of `on` in a table [[alert]]."""

    OBJECTIVE = "objective"
    PROMISE = "promise"
    BUDGET = "budget"
    ACCOUNT = "account"
    BLIND = "blind"
    RECEIPT = "receipt"
    SILENCE = "silence"
    REVIEW = "review"
    DISK = "disk"
    CANARY = "canary"


class Severity(StrEnum):
    """How soon somebody should look."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong now. `key` is the same as long as it is the same trouble.

    With `ours` the cause lies, or probably lies, on our side. One that is `passing` says of something over that it
    was; that it is not told any more is no news.
    """

    key: str
    kind: Kind
    severity: Severity
    words: str
    ours: bool
    passing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """How looking into an account goes. `failing_since` is None where the last look went well.

    `gaps` are stretches between looks in which nobody looked; `warning` is what the last look
    found that may soon keep answers from coming in.
    """

    name: str
    failing_since: datetime | None = None
    why: str = ""
    gaps: Sequence[tuple[datetime, datetime]] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """One request that left and is not void, with what came of it up to `waited` (service hours where they are known).

    `kept` says by objective whether it held, None where that is open. `receipt` is the wait for the machine's receipt,
    None for none. `heard` is whether anything at all came back, `patience` after which wait it is odd that nothing did.
    `name` is what people call it by (R1a2b3c4d).
    """

    company: str
    way: str
    account: str
    asked_at: datetime
    waited: timedelta
    heard: bool
    receipt: timedelta | None
    patience: timedelta = ZERO
    kept: Sequence[tuple[Objective, bool | None]] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFacts:
    """A promise of theirs that was broken. `key` is the same however often it is looked at."""

    key: str
    company: str
    way: str
    account: str
    due_at: datetime
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFacts:
    """An error budget that is used up, or near it. `period` names its period."""

    company: str
    way: str
    account: str
    objective: Objective
    used: int
    allowed: int
    used_up: bool
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """What is left, in bytes, where the store lies."""

    free: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryFacts:
    """How letters to ourselves fare. `lost_since` is when the first one left that should be back and is not.

    It is None as soon as a later one is back. `failing_since` is since when none leaves, and `why`.
    """

    account: str
    lost_since: datetime | None = None
    failing_since: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known at `now`. `requests` are in the order they were asked; names are for people, keys for keys.

    `zone` is the IANA name that times are told in.
    """

    now: datetime
    zone: str = "UTC"
    names: dict[str, str] = field(default_factory=dict)
    accounts: Sequence[AccountFacts] = ()
    requests: Sequence[RequestFacts] = ()
    promises: Sequence[PromiseFacts] = ()
    budgets: Sequence[BudgetFacts] = ()
    canaries: Sequence[CanaryFacts] = ()
    review: int = 0
    disk: DiskFacts | None = None
