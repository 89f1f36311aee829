"""What an answer of X's that is no success means: which error of ours, and what to do about it. Asks nobody.

X answers in problem objects, in its old {"errors": [{"code", "message"}]}, with both inside a success, with HTML, or
with nothing at all; and its edge answers for it with whatever it likes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.mail.wire import one_line

OK = range(200, 300)
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429
BAD_REQUEST, REQUEST_TIMEOUT, SERVER_ERROR = 400, 408, 500
REDIRECT = range(300, 400)

LEGACY = {  # X's old error codes, where the number says more than the status that comes with it
    **dict.fromkeys((32, 89, 99, 135, 215), UNAUTHORIZED),
    **dict.fromkeys((88, 185, 344), TOO_MANY),
    **dict.fromkeys((63, 64, 87, 93, 150, 151, 179, 187, 226, 261, 326, 349, 385, 433, 453), FORBIDDEN),
    **dict.fromkeys((130, 131), 503),
    **dict.fromkeys((17, 34, 50, 144), NOT_FOUND),
}
DUPLICATE = 187
OURS = frozenset({64, 87, 93, 226, 261, 326, 453})  # about this account or its app, whatever it was about to do

_DUPLICATE = re.compile(r"duplicate (?:content|tweet|post)|already (?:said|posted|sent)", re.IGNORECASE)
_OURS = re.compile(
    r"client[- ](?:forbidden|not-enrolled)|oauth1-permissions|unsupported-authentication|oauth2? ?(?:app )?permissions?"
    r"|your account (?:is|has been) (?:suspended|locked|restricted)|temporarily locked|access level"
    r"|might be automated|\bscopes?\b|write (?:operations|permission)|when authenticating requests|usage-capped",
    re.IGNORECASE,
)

SOON = timedelta(minutes=1)  # after too many calls, where X does not say until when; doubled each time
LATEST_SOON = timedelta(minutes=15)  # its limits hold for so long
LATEST = timedelta(hours=25)  # and the longest of them for a day


class BadRequestError(ChannelUnavailableError):
    """X does not understand the question; `problem` is its own words, for who can ask in another way."""

    def __init__(self, message: str, problem: Problem) -> None:
        self.problem = problem
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` have lower-case names; `document` is None where the body is no JSON object."""

    status: int
    document: dict[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)
    start: str = ""  # of a body that is no JSON object, for the message

    @property
    def date(self) -> datetime | None:
        """When X's server sent it, by its own clock; floored to the second."""
        return _date(self.headers.get("date", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What X says is wrong: `status` is what it comes to, `said` its words on one line."""

    status: int
    said: str
    codes: frozenset[int] = frozenset()
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return an answer as it came."""
    document, start = None, ""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        start = "an empty body" if not body.strip() else f'"{one_line(body)[:60]}"'
    if document is not None and not isinstance(document, dict):
        document, start = None, f"{type(document).__name__} instead of a JSON object"
    lower = {name.lower(): value for name, value in headers.items()}
    return Answer(status=status, document=document, headers=lower, start=start)


def problem(came: Answer) -> Problem | None:
    """Return what is wrong with an answer, None for a success, be it one in parts."""
    document = came.document or {}
    listed = [one for one in _list(document.get("errors")) if isinstance(one, dict)]
    codes = frozenset(code for one in listed if isinstance(code := one.get("code"), int))
    whole = not any(document.get(key) for key in ("data", "meta", "includes"))
    if came.status in OK and not (whole and codes):
        return None
    # The old form comes with whatever status, even with that of a success.
    status = next((LEGACY[code] for code in sorted(codes) if code in LEGACY), came.status)
    if status in OK:
        status = SERVER_ERROR  # an error that we know nothing of
    parameters: dict[str, tuple[str, ...]] = {}
    for one in listed:
        named = one.get("parameters")
        for name, values in named.items() if isinstance(named, dict) else ():
            parameters[str(name)] = tuple(str(value) for value in _list(values))
    return Problem(status=status, said=_said(document, listed) or came.start, codes=codes, parameters=parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, as far as it decides what an error means. `account` begins every message.

    `skew` is how far X's clock is known to be ahead of ours; `failures` counts how often in a row it was asked too
    often.
    """

    account: str
    writes: bool
    now: datetime
    skew: timedelta = timedelta(0)
    failures: int = 0


def error(came: Answer, asked: Asked) -> ChannelError | None:
    """Return the error that an answer is, None for a success. A writing that is a success names what was made."""
    wrong = problem(came)
    if wrong is None:
        return _of_success(came, asked)
    said = f": {wrong.said}" if wrong.said else ""
    what = f"{asked.account}: X refused (HTTP {came.status}{said})"
    found: ChannelError
    match wrong.status:
        case 402:
            found = AccountHaltedError(f"{what}; the app is out of credits: buy some in X's developer portal")
        case 401:
            found = AccountHaltedError(what)  # who asked knows the cure, and has tried once more before
        case 429:
            words = f"{asked.account}: X was asked too often (HTTP {came.status}{said}); slawatch goes on by itself"
            found = ChannelUnavailableError(words, retry_at=retry_at(came, asked))
        case 403 if came.document is None:
            found = ChannelUnavailableError(f"{what}; X's edge turned us away, this usually passes")
        case 403:
            found = _forbidden(wrong, what, asked)
        case status if _is_garbage(status, silent=came.document is None):
            found = unclear(asked, f"HTTP {came.status}{said}")
        case _ if asked.writes:
            found = ChannelRefusedError(what)
        case 400:
            found = BadRequestError(f"{what}; check that slawatch is up to date", wrong)
        case _:
            found = ChannelUnavailableError(f"{what}; this usually passes")
    return found


def unclear(asked: Asked, what: str) -> ChannelError:
    """Return the error for an answer that tells nothing; what was written may stand there or not."""
    if asked.writes:
        return ChannelUncertainError(f"{asked.account}: X may have taken the post or not ({what}); look for it")
    return ChannelUnavailableError(f"{asked.account}: X gave no answer that can be read ({what}); this usually passes")


def retry_at(came: Answer, asked: Asked) -> datetime:
    """Return when to ask again, by our clock: X's limits end by its own, which may be ahead or behind."""
    theirs = came.date or asked.now + asked.skew
    ends = []
    for name, value in came.headers.items():
        stem, is_reset, _ = name.rpartition("-reset")
        used_up = came.headers.get(f"{stem}-remaining", "0").strip() == "0"
        if is_reset and "limit" in stem and used_up and (end := _instant(value)):
            ends.append(end)
    after = came.headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit() and len(after) < len("1000000"):
        ends.append(theirs + timedelta(seconds=int(after)))
    elif after and (end := _date(after)):
        ends.append(end)
    wait = max(ends, default=theirs) - theirs
    if wait <= timedelta(0):
        wait = min(SOON * 2 ** min(asked.failures, 10), LATEST_SOON)
    return asked.now + min(wait, LATEST) + timedelta(seconds=1)  # its Date is floored


def _of_success(came: Answer, asked: Asked) -> ChannelError | None:
    document = came.document
    if document is None:
        return unclear(asked, f"HTTP {came.status} with {came.start}")
    if asked.writes:
        data = document.get("data")
        made = isinstance(data, dict) and any(data.get(key) for key in ("id", "dm_event_id"))
        return None if made else unclear(asked, f"HTTP {came.status}, but it names nothing that was made")
    # Nothing found is said so; an answer that says nothing must not be taken for that.
    if not any(key in document for key in ("data", "meta", "errors")):
        return unclear(asked, f"HTTP {came.status} with neither data nor a count")
    meta = document.get("meta")
    count = meta.get("result_count") if isinstance(meta, dict) else 0
    if isinstance(count, int) and count > 0 and not document.get("data"):
        return unclear(asked, f"HTTP {came.status} with a count of {count}, and no data")
    return None


def _forbidden(wrong: Problem, what: str, asked: Asked) -> ChannelError:
    if asked.writes and (DUPLICATE in wrong.codes or _DUPLICATE.search(wrong.said)):
        return AlreadyThereError(f"{what}; look for it in the account's own posts")
    if wrong.codes & OURS or _OURS.search(wrong.said) or not asked.writes:
        cure = "see what the account and its app may do in X's developer portal"
        return AccountHaltedError(f"{what}; {cure}, then run: slawatch check")
    return ChannelRefusedError(what)


def _is_garbage(status: int, *, silent: bool) -> bool:
    """Whether a status says nothing of what became of the question; without words a "not found" is the edge's."""
    return (
        status >= SERVER_ERROR
        or status in REDIRECT
        or status == REQUEST_TIMEOUT
        or (silent and status in (BAD_REQUEST, NOT_FOUND))
    )


def _said(document: Mapping[str, Any], listed: list[dict[str, Any]]) -> str:
    """Return X's own words on one line, each of them once."""
    words: list[str] = []
    for one in (document, *listed):
        for key in ("title", "detail", "message", "reason", "error", "error_description"):
            value = one.get(key)
            if isinstance(value, str) and value and value not in words and value.rstrip(".") not in words:
                words.append(value)
        kind = one.get("type")
        if isinstance(kind, str) and (tail := kind.rpartition("/")[2]) not in ("", "blank", "about:blank", *words):
            words.append(tail)
    return one_line(", ".join(words)).replace('"', "'")


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _instant(value: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
