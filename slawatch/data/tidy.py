"""The tidy schema: one row a request, instants and no durations. Reads and words single values; opens no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slawatch.model import Origin, Verdict, VoidReason

TEXTS = ("request", "company", "channel", "target", "probe", "lang", "origin")
INSTANTS = (
    *("sent_at", "accepted_at", "acknowledged_at", "first_response_at", "answered_at", "promised_at"),
    "observed_until",
)
COLUMNS = (*TEXTS, *INSTANTS, "verdict", "void_reason")
NEEDED = ("company", "channel", "sent_at")
TEXT_MAX = 1000  # characters; nothing that names a company or a request is longer
CHANNEL_MAX = 40
CLOCKS = timedelta(minutes=2)  # by so much two clocks may differ, so that a reply seems older than its request
AHEAD = timedelta(days=1)  # nobody has sent anything after tomorrow

_KNOWN = {
    name: tuple(str(one) for one in kind)
    for name, kind in (("origin", Origin), ("verdict", Verdict), ("void_reason", VoidReason))
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request. Texts are "" and instants None where nothing is known, or not yet; instants are aware, in UTC."""

    company: str
    channel: str
    sent_at: datetime
    request: str = ""
    target: str = ""
    probe: str = ""
    lang: str = ""
    origin: str = ""
    accepted_at: datetime | None = None
    acknowledged_at: datetime | None = None
    first_response_at: datetime | None = None
    answered_at: datetime | None = None
    promised_at: datetime | None = None
    observed_until: datetime | None = None
    verdict: str = ""
    void_reason: str = ""

    def values(self) -> list[str | datetime | None]:
        """Return the values in the order of COLUMNS."""
        return [getattr(self, name) for name in COLUMNS]

    def newest(self) -> datetime:
        """Return the newest instant at which something had happened by this row."""
        known = (self.sent_at, self.acknowledged_at, self.first_response_at, self.answered_at, self.observed_until)
        return max(one for one in known if one is not None)


assert {one.name for one in fields(Row)} == set(COLUMNS)  # noqa: S101  two lists of the same names


def shown(moment: datetime | None) -> str:
    """Return the instant as ISO 8601 in UTC, with microseconds where it has any; "" for none."""
    return "" if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(found: Mapping[str, object], *, now: datetime, zone: ZoneInfo | None = None) -> Row | list[str]:
    """Return the row that these values make, by column; all that is wrong with them where they make none.

    `zone` is what times without one are in; None refuses them.
    """
    problems: list[str] = []
    texts = {name: _text(name, found.get(name), problems) for name in (*TEXTS, "verdict", "void_reason")}
    times = {name: _instant(name, found.get(name), zone, problems) for name in INSTANTS}
    texts["channel"] = texts["channel"].lower()
    problems += _missing(found, texts, times)
    if len(texts["channel"]) > CHANNEL_MAX:
        problems.append(f'channel: "{texts["channel"][:CHANNEL_MAX]}…" is too long; at most {CHANNEL_MAX} characters')
    problems += _words(texts)
    sent_at = times.pop("sent_at")
    if sent_at is None or problems:
        return problems
    values: dict[str, Any] = {**texts, **times}
    row = Row(sent_at=sent_at, **values)
    return list(_contradictions(row, now)) or row


def _text(name: str, value: object, problems: list[str]) -> str:
    text = "" if value is None else str(value).strip()
    if len(text) > TEXT_MAX:
        problems.append(f'{name}: "{_plain(text[:20])}…" is {len(text)} characters long; at most {TEXT_MAX}')
        return ""
    if _CONTROL.search(text):
        what = "is not UTF-8" if re.search(r"[\ud800-\udfff]", text) else "holds control characters"
        problems.append(f'{name}: "{_plain(text)}" {what}; clean the file')
        return ""
    return text


def _instant(name: str, value: object, zone: ZoneInfo | None, problems: list[str]) -> datetime | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text)
        if moment.tzinfo is None:
            if zone is None:
                cure = "write it with Z or +01:00, or say --timezone Europe/Berlin"
                problems.append(f'{name}: "{_plain(text[:40])}" has no time zone; {cure}')
                return None
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        problems.append(f'{name}: "{_plain(text[:40])}" is not a time; write 2026-11-01T09:30:00Z')
        return None


def _missing(
    found: Mapping[str, object], texts: Mapping[str, str], times: Mapping[str, datetime | None]
) -> Iterator[str]:
    for name in NEEDED:
        # What stands there and cannot be read was told of already.
        if not (texts.get(name) or times.get(name) or str(found.get(name) or "").strip()):
            yield f"{name}: is empty; each row needs {', '.join(NEEDED)}"


def _words(texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what is none of the words a column takes."""
    for name, known in _KNOWN.items():
        if texts[name] and texts[name] not in known:
            yield f'{name}: "{_plain(texts[name][:40])}" is unknown; write one of {", ".join(known)}, or nothing'
    if texts["verdict"] == Verdict.VOID and not texts["void_reason"]:
        yield f"void_reason: is empty; a void request needs one of {', '.join(VoidReason)}"
    if texts["void_reason"] and texts["verdict"] not in {"", Verdict.VOID}:
        yield f'verdict: "{_plain(texts["verdict"][:40])}" stands beside a void_reason; only "void" can'


def _contradictions(row: Row, now: datetime) -> Iterator[str]:
    """Yield what cannot have been so."""
    if row.sent_at > now + AHEAD:
        yield f'sent_at: "{shown(row.sent_at)}" is in the future'
    if row.observed_until is not None and row.observed_until > now + AHEAD:
        yield f'observed_until: "{shown(row.observed_until)}" is in the future'
    for name in ("accepted_at", "acknowledged_at", "first_response_at", "answered_at"):
        moment = getattr(row, name)
        if moment is not None and moment < row.sent_at - CLOCKS:
            yield f'{name}: "{shown(moment)}" is before sent_at "{shown(row.sent_at)}"'
    first, answer = row.first_response_at, row.answered_at
    if first is not None and answer is not None and answer < first:
        yield f'answered_at: "{shown(answer)}" is before first_response_at "{shown(first)}"'
    came = (row.acknowledged_at, first, answer)
    if row.promised_at is not None and row.verdict != Verdict.VOID and not any(came):
        yield "promised_at: nothing came that could have promised it; give acknowledged_at or first_response_at"


def _plain(text: str) -> str:
    """Return the text as it can be printed anywhere."""
    return text.encode("unicode_escape", "surrogatepass").decode("ascii") if _CONTROL.search(text) else text
