"""Reads what a mail says of itself. Whatever bytes come in, it neither raises nor hangs, and it judges nothing.

Built on the old e-mail policy (compat32): the modern one recurses on "To: ((((" and takes 25 s for long References.
"""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from slawatch.deadline import DeadlineError, within
from slawatch.mail.cut import Parts, cut, from_html
from slawatch.model import Facts, Report

RAW_MAX = 524_288  # octets that are parsed; letters and reports stand in front of any attachment
TEXT_MAX = 65_536  # characters of text that are kept
SECONDS_MAX = 10.0  # of processor time; the worst bomb known takes a third of one (benchmarks/fuzz.py)
_HEAD_MAX = 16_384  # octets

# What the standard library raises on hostile mail: nesting, unknown character sets, impossible dates, headers turned
# objects. MessageError is the root of its own errors.
_BROKEN = (
    RecursionError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    AssertionError,
    MessageError,
)

Headers = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Body:
    """What was gathered from the parts of a message while walking through them."""

    plain: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)


def facts(raw: bytes) -> Facts:
    """Return the facts of one message. `readable` is False where only its header, or nothing at all, could be read.

    Each way of reading has `SECONDS_MAX`; what cannot be read in any of them has arrived all the same.
    """
    for read in (_whole, _beginning, _head):
        try:
            with within(SECONDS_MAX):
                return read(raw)
        except (*_BROKEN, DeadlineError):
            continue
    return Facts(readable=False)


def _whole(raw: bytes) -> Facts:
    message = email.message_from_bytes(_tamed(raw))
    return _assembled(_headers(message), _body(message), _trace(message), readable=True)


def _beginning(raw: bytes) -> Facts:
    """Read the header, and take whatever stands behind it for text."""
    head, _, rest = _tamed(raw).replace(b"\r\n", b"\n").partition(b"\n\n")
    message = BytesHeaderParser().parsebytes(head)
    body = _Body(plain=[_decoded(rest[:TEXT_MAX], "")])
    return _assembled(_headers(message), body, _trace(message), readable=False)


def _head(raw: bytes) -> Facts:
    """Read the beginning of the header alone."""
    head = raw[:_HEAD_MAX].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    message = BytesHeaderParser().parsebytes(head)
    return _assembled(_headers(message), _Body(), _trace(message), readable=False)


def moment(value: str) -> datetime | None:
    """Return the instant of a date header in UTC, None for an impossible one.

    "-0000" (a quarter of all mails in the SpamAssassin corpus) means UTC with the sender's own zone unsaid; the
    standard library makes it a time without zone.
    """
    try:
        found = parsedate_to_datetime(value[:_DATE_MAX])
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except _BROKEN:
        return None


# --- before parsing ---

_LINES_MAX = 20_000
_LINE_TESTS_MAX = 1_000_000  # the parser tries every open boundary on every line: 250 levels once took 18 s
_LONG_FIELD = re.compile(
    rb"^(content-[a-z-]{1,40}:[^\n]{0,4000})[^\n]*((?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_FIELD_REST_MAX = 4000
_DATE_MAX = 100


def _tamed(raw: bytes) -> bytes:
    """Return the beginning of the mail in a form that the standard library reads in a fraction of a second."""
    raw = raw[:RAW_MAX]
    boundaries = max(1, raw.lower().count(b"boundary"))
    lines_max = min(_LINES_MAX, _LINE_TESTS_MAX // boundaries)
    if raw.count(b"\n") + raw.count(b"\r") > lines_max:
        raw = b"".join(raw.splitlines(keepends=True)[:lines_max])
    # Parameters are split by counting quotation marks anew at every semicolon.
    return _LONG_FIELD.sub(lambda match: match[1] + match[2][:_FIELD_REST_MAX], raw)


# --- headers ---

_HEADERS_MAX = 1000
_VALUE_MAX = 8192  # characters of one header that are kept
_LIST_MAX = 262_144  # characters of the lists of addresses and ids that are searched

_ID_HEADERS = (
    "in-reply-to",
    "references",
    "x-ms-exchange-parent-message-id",  # Exchange's mailbox rules answer with this alone
    "original-message-id",
    "x-original-message-id",
    "x-ms-exchange-original-message-id",
)
_ADDED_ON_DELIVERY = (
    "delivered-to",
    "x-original-to",
    "x-forwarded-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
)
_ADDRESSED = ("to", "cc", "resent-to", "apparently-to")
_TRACE = ("received", "authentication-results")
_RECEIVED_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,320})>")


def _headers(message: Message) -> Headers:
    found: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:_HEADERS_MAX]:
        lower = _clean(name).lower()
        limit = _LIST_MAX if lower in {*_ID_HEADERS, *_ADDED_ON_DELIVERY, *_ADDRESSED} else _VALUE_MAX
        found.setdefault(lower, []).append(_clean(_repaired_bytes(str(value)[:limit])).strip())
    return {name: tuple(values) for name, values in found.items()}


def _trace(message: Message) -> tuple[tuple[str, str], ...]:
    """Return the trace fields as they stand on top of each other (RFC 5322, section 3.6.7), unfolded."""
    return tuple(
        (name.lower(), _unfolded(_clean(_repaired_bytes(str(value)[:_VALUE_MAX]))))
        for name, value in list(message.raw_items())[:_HEADERS_MAX]
        if name.lower() in _TRACE
    )


def _repaired_bytes(text: str) -> str:
    """Return a header with its raw eight-bit octets read as UTF-8, else as Windows-1252."""
    if text.isascii():
        return text
    return _decoded(text.encode("utf-8", "surrogateescape"), "")


def _subjects(headers: Headers) -> tuple[str, ...]:
    """Return every plausible reading of the subject: decoded, as it came, freed of up to two mistaken decodings."""
    return subject_readings(next(iter(headers.get("subject", ("",))), ""))


def subject_readings(text: str) -> tuple[str, ...]:
    """Return every plausible reading of a subject line, the best first; ("",) for none."""
    raw = _unfolded(text)
    decoded = _unfolded(_words(raw))
    readings = [decoded, raw]
    once = decoded
    for _ in range(2):
        once = _unmangled(once)
        readings.append(once)
    return tuple(dict.fromkeys(reading for reading in readings if reading)) or ("",)


def _unmangled(text: str) -> str:
    """Return text whose UTF-8 was read as Windows-1252 or Latin-1 ("fÃ¼r") in its right form, else unchanged."""
    for charset in ("cp1252", "latin-1"):
        try:
            return text.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _words(text: str) -> str:
    """Return a header with its encoded words (RFC 2047) decoded; as it stands where they are malformed."""
    if "=?" not in text:
        return text
    try:
        return _clean(
            "".join(
                chunk if isinstance(chunk, str) else _decoded(chunk, charset or "")
                for chunk, charset in decode_header(text)
            )
        )
    except _BROKEN:
        return text


def _unfolded(text: str) -> str:
    return " ".join(text.split())


def _sender(headers: Headers) -> tuple[str, str]:
    """Return the address and the shown name of the writer.

    The address in angle brackets counts: the name before it may hold another one.
    """
    value = next(iter(headers.get("from", ())), "")
    before, bracket, after = value.rpartition("<")
    if bracket and (found := _addresses([after.partition(">")[0]])):
        return found[0], _unfolded(_words(_unfolded(before))).strip("\"' ")
    return next(iter(_addresses([value])), ""), ""


def correspondent(letter: Facts) -> str:
    """Return the address a reply to the letter goes to: of Reply-To the first, else that of From, "" where none is."""
    return _sender({"from": letter.headers.get("reply-to", ())})[0] or letter.sender


def _addresses(values: Iterable[str]) -> tuple[str, ...]:
    words = (word for value in values for word in re.split(r"[\s<>\"',;:()\[\]]+", value))
    return tuple(dict.fromkeys(word.lower() for word in words if "@" in word[1:-1]))


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    """Return the Message-IDs in header values: in brackets, folded or bare, in lower case without brackets."""
    found: list[str] = []
    for value in values:
        pieces = value.replace(">", "<").split("<")
        found += ["".join(piece.split()) for piece in pieces[1::2]]
        found += [word for piece in pieces[::2] for word in re.split(r"[\s,;\"]+", piece)]
    return tuple(dict.fromkeys(one.lower() for one in found if "@" in one[1:-1]))


# --- body ---

_PARTS_MAX = 500
_STUB = 40  # characters; a shorter plain part beside a page is "your program cannot show HTML"
_REPORTS = {
    "delivery-status": "delivery-status",
    "global-delivery-status": "delivery-status",
    "disposition-notification": "disposition-notification",
    "global-disposition-notification": "disposition-notification",
    "feedback-report": "feedback-report",
}
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.{0,2000})$")
_ID_LINE = re.compile(
    r"^[ \t>|]{0,20}(?:x-)?(?:original-)?message-id:[ \t]{0,20}\n?[ \t]{0,20}<?([^<>\s]{1,998})>?",
    re.IGNORECASE | re.MULTILINE,
)


def _body(message: Message) -> _Body:
    body = _Body()
    for part, main, kind in _leaves(message):
        if main == "message" and kind in _REPORTS:
            body.reports += _reports(_REPORTS[kind], _blocks(part))
            body.embedded += [one for block in _blocks(part) for one in _ids([block.get("original-message-id", "")])]
        elif kind in {"rfc822", "rfc822-headers", "global", "global-headers"}:
            body.embedded += _original_ids(part)
        elif main in {"text", "multipart"} and not part.get_filename():
            text = _content(part)  # of a "multipart" whose boundary never came: all of it is text
            if kind == "html":
                body.pages.append(text)
            else:
                body.plain.append(text)
    body.embedded += [one for text in body.plain for found in _ID_LINE.findall(text) for one in _ids([found])]
    return body


def _leaves(message: Message) -> Iterator[tuple[Message, str, str]]:
    """Yield the parts in reading order with their types, without descending into mails that are enclosed."""
    waiting: list[Message] = [message]
    for _ in range(_PARTS_MAX):
        if not waiting:
            return
        part = waiting.pop()
        inside = part.get_payload()
        main, _, kind = part.get_content_type().partition("/")  # found anew each time it is asked for
        if main == "multipart" and isinstance(inside, list):
            waiting += reversed([each for each in inside if isinstance(each, Message)])
        else:
            yield part, main, kind


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return _clean(_decoded(payload, str(part.get_content_charset() or "")))


def _original_ids(part: Message) -> list[str]:
    """Return the Message-ID of an enclosed mail, or of its header given as text."""
    inside = part.get_payload()
    if isinstance(inside, list):
        originals = [each for each in inside[:1] if isinstance(each, Message)]
    else:
        originals = [BytesHeaderParser().parsebytes(_content(part).lstrip().encode())]
    return [one for each in originals for one in _ids(_headers(each).get("message-id", ()))]


def _blocks(part: Message) -> list[dict[str, str]]:
    """Return the groups of fields of a report, as `name: value` with names in lower case."""
    inside = part.get_payload()
    if isinstance(inside, list):
        groups = [each for each in inside[:_PARTS_MAX] if isinstance(each, Message)]
        found = [{name: values[0] for name, values in _headers(each).items()} for each in groups]
        rest = "\n\n".join(text for each in groups if isinstance(text := each.get_payload(), str))
    else:
        found, rest = [], _content(part)
    for group in rest.replace("\r\n", "\n").split("\n\n")[:_PARTS_MAX]:
        unfolded = group.replace("\n ", " ").replace("\n\t", " ")
        found.append(
            {match[1].lower(): match[2].strip() for line in unfolded.split("\n") if (match := _FIELD.match(line))}
        )
    return [block for block in found if block]


def _reports(kind: str, blocks: list[dict[str, str]]) -> list[Report]:
    """Return one report per recipient. Fields about the whole message stand in the first block, or in the only one."""
    whole = {name: value for block in reversed(blocks) for name, value in block.items()}
    about = [block for block in blocks if {"final-recipient", "original-recipient", "action"} & block.keys()]
    return [_report(kind, {**_only(whole, _WHOLE), **block}) for block in about or blocks[:1]]


_WHOLE = frozenset({"original-envelope-id", "feedback-type", "disposition"})


def _only(block: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in block.items() if name in names}


def _report(kind: str, block: Mapping[str, str]) -> Report:
    action = block.get("action") or block.get("feedback-type") or block.get("disposition", "").rpartition(";")[2]
    recipient = block.get("original-recipient") or block.get("final-recipient", "")
    return Report(
        type=kind,
        action=_first_word(action),
        status=_first_word(block.get("status", "")),
        recipient=next(iter(_addresses([recipient.partition(";")[2] or recipient])), ""),
        remote_mta=block.get("remote-mta", "").partition(";")[2].strip(),
        diagnostic=block.get("diagnostic-code", ""),
        envelope_id=block.get("original-envelope-id", "").strip("<> ").lower(),
        # Never Arrival-Date: that is when the reporting server got the letter, hours earlier where it was put off.
        at=moment(block.get("last-attempt-date", "")),
    )


def _first_word(text: str) -> str:
    return next(iter(re.split(r"[\s(/;,]+", text.strip())), "").lower()


# --- text ---

_TEXT_CODECS = re.compile(
    r"(?:utf|ascii|iso|cp\d|koi8|gb|big5|shift|euc|mac|latin|tis|hz|johab|ptcp|kz1048|viscii)[a-z0-9_-]*$"
)


def _decoded(octets: bytes, charset: str) -> str:
    """Return octets as text: in the charset they name if it is one, else as UTF-8, else as Windows-1252.

    Python counts "zlib", "idna" and "punycode" among its codecs too; the last takes quadratic time.
    """
    try:
        known = codecs.lookup(charset).name
    except (LookupError, ValueError):
        known = ""
    if known and _TEXT_CODECS.match(known):
        return octets.decode(known, "replace")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _clean(text: str) -> str:
    """Return text without NULs and lone surrogates, which no database and no page can hold."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _assembled(headers: Headers, body: _Body, trace: tuple[tuple[str, str], ...], *, readable: bool) -> Facts:
    parts = _letter(body)
    sender, name = _sender(headers)
    received_for = [found for value in headers.get("received", ()) for found in _RECEIVED_FOR.findall(value)]
    return Facts(
        sender=sender,
        sender_name=name,
        recipients=_addresses(_values(headers, _ADDRESSED)),
        delivered_to=_addresses([*_values(headers, _ADDED_ON_DELIVERY), *received_for]),
        subjects=_subjects(headers),
        own_id=next(iter(_ids(headers.get("message-id", ()))), ""),
        cited_ids=_ids(_values(headers, _ID_HEADERS)),
        embedded_ids=tuple(dict.fromkeys(body.embedded)),
        reports=tuple(body.reports),
        headers=headers,
        trace=trace,
        text=parts.text[:TEXT_MAX],
        signature=parts.signature[:TEXT_MAX],
        quoted=parts.quoted[:TEXT_MAX],
        readable=readable,
    )


def _letter(body: _Body) -> Parts:
    """Return the parts of the letter, from its plain text unless that only says to look at the page."""
    if not body.plain and not body.pages:
        return Parts("", "", "")
    plain = "\n".join(body.plain)
    if body.pages and len(plain.strip()) < _STUB:
        page = from_html("\n".join(body.pages))
        plain = page if len(page) > len(plain.strip()) else plain
    return cut(plain[: 2 * TEXT_MAX])


def _values(headers: Headers, names: Iterable[str]) -> Iterator[str]:
    return (value for name in names for value in headers.get(name, ()))
