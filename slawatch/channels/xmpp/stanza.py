"""Messages as XML: how ours are written, and what others say. Pure; trusts nothing that comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from slawatch.channels.xmpp import names
from slawatch.channels.xmpp.names import bare
from slawatch.clock import require_aware

XML_NS = "{http://www.w3.org/XML/1998/namespace}"
DEPTH_MAX = 30  # levels of a stanza that are kept; real ones have six
SECOND = timedelta(seconds=1)
ENCRYPTED = frozenset(
    {
        "{eu.siacs.conversations.axolotl}encrypted",
        "{urn:xmpp:omemo:2}encrypted",
        "{urn:xmpp:openpgp:0}openpgp",
        "{jabber:x:encrypted}x",
    }
)


def message(*, to: str, body: str, lang: str, name: str, thread: str, reply_to: str = "") -> ET.Element:
    """Return a message of ours: the line, its id, and the wish to hear that it was delivered and read.

    `reply_to` is the id of the line that it replies to (XEP-0461).
    """
    found = ET.Element(f"{names.CLIENT}message", {"to": to, "type": "chat", "id": name, f"{XML_NS}lang": lang})
    ET.SubElement(found, f"{names.CLIENT}body").text = body
    ET.SubElement(found, f"{names.CLIENT}thread").text = thread
    ET.SubElement(found, f"{names.CHAT_STATES}active")
    ET.SubElement(found, f"{names.RECEIPTS}request")
    ET.SubElement(found, f"{names.MARKERS}markable")
    ET.SubElement(found, f"{names.STABLE}origin-id", {"id": name})
    if reply_to:
        ET.SubElement(found, f"{names.REPLY}reply", {"to": to, "id": reply_to})
    return found


def written(one: ET.Element, *, within: str = "", depth: int = 0) -> str:
    """Return an element as XML: namespaces as default ones, attributes in order, nothing below DEPTH_MAX levels.

    Always the same for the same element, so that it can be compared and kept.
    """
    namespace, _, tag = one.tag.removeprefix("{").rpartition("}")
    attributes = {key.replace(XML_NS, "xml:"): value for key, value in sorted(one.attrib.items())}
    given = [f"{key}={quoteattr(value)}" for key, value in attributes.items() if not key.startswith("{")]
    if namespace != within:
        given.insert(0, f"xmlns={quoteattr(namespace)}")
    head = " ".join((tag, *given))
    inside = escape(one.text or "")
    if depth < DEPTH_MAX:
        inside += "".join(written(child, within=namespace, depth=depth + 1) + escape(child.tail or "") for child in one)
    return f"<{head}>{inside}</{tag}>" if inside else f"<{head}/>"


def parsed(text: str) -> ET.Element:
    """Return the element. Raises ValueError where the text is no XML."""
    try:
        return ET.fromstring(text)  # noqa: S314 - a stanza has no document type, hence no entities of its own
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message says. `mine` is from our own account, `partner` the other end of the chat.

    `name` is its sender's id for it, `archive_id` our own archive's. `delivered` and `read` are ids of ours that were.
    `error` is the condition where it came back, and `passing` whether it may go through another time. `delayed_at` is
    when a server had it that could not pass it on at once.
    """

    mine: bool
    partner: str
    sender: str
    name: str = ""
    archive_id: str = ""
    line: str | None = None
    reply_to: str = ""
    thread: str = ""
    quoted: str = ""
    encrypted: bool = False
    replaces: str = ""
    delivered: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    typing: bool = False
    error: str = ""
    error_text: str = ""
    passing: bool = False
    delayed_at: datetime | None = None
    delayed_grain: timedelta = SECOND

    @property
    def is_line(self) -> bool:
        """Whether somebody said something with it."""
        return not self.error and (self.line is not None or self.encrypted)


def said(one: ET.Element, me: str) -> Said | None:
    """Return what a message to or from the account `me` (bare) says; None where it is not part of a chat of two."""
    kind = one.get("type", "normal")
    if one.tag != f"{names.CLIENT}message" or kind in {"groupchat", "headline"}:
        return None
    sender = bare(one.get("from", "") or me)
    mine = sender == me
    partner = bare(one.get("to", "")) if mine else sender
    name = one.get("id", "")
    if kind == "error":
        condition, text, passing = _error(one)
        return Said(
            mine=mine, partner=partner, sender=sender, name=name, archive_id=_archive_id(one, me),
            error=condition, error_text=text, passing=passing,
        )  # fmt: skip
    line, quoted = _line(one)
    delayed_at, delayed_grain = stamp(_attribute(one, f"{names.DELAY}delay", "stamp"))
    return Said(
        mine=mine,
        partner=partner,
        sender=sender,
        name=_attribute(one, f"{names.STABLE}origin-id", "id") or name,
        archive_id=_archive_id(one, me),
        line=line,
        quoted=quoted,
        reply_to=_attribute(one, f"{names.REPLY}reply", "id"),
        thread=(one.findtext(f"{names.CLIENT}thread") or "").strip(),
        encrypted=any(child.tag in ENCRYPTED for child in one),
        replaces=_attribute(one, f"{names.CORRECT}replace", "id"),
        delivered=_ids(one, f"{names.RECEIPTS}received"),
        read=_ids(one, f"{names.MARKERS}displayed"),
        typing=one.find(f"{names.CHAT_STATES}composing") is not None,
        delayed_at=delayed_at,
        delayed_grain=delayed_grain,
    )


def unwrapped(one: ET.Element, me: str) -> ET.Element:
    """Return what a carbon copies (XEP-0280), else the message itself.

    A copy that anybody but our own account sends is forged (CVE-2017-5589), and is not looked into.
    """
    if bare(one.get("from", "") or me) != me:
        return one
    for which in ("received", "sent"):
        inner = one.find(f"{names.CARBONS}{which}/{names.FORWARD}forwarded/{names.CLIENT}message")
        if inner is not None:
            return inner
    return one


def stamp(text: str) -> tuple[datetime | None, timedelta]:
    """Return the instant that an XMPP date means (XEP-0082), None where it means none, and how finely it counts."""
    fraction = text.rpartition(".")[2] if "." in text else ""
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    try:
        at = require_aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None, SECOND
    return at, max(SECOND / 10 ** min(digits, 6), timedelta(microseconds=1))


def _line(one: ET.Element) -> tuple[str | None, str]:
    """Return what was written anew, None where nothing was, and what is repeated for old messengers (XEP-0428)."""
    body = one.findtext(f"{names.CLIENT}body")
    if body is None:
        return None, ""
    for fallback in one.iterfind(f"{names.FALLBACK}fallback"):
        if fallback.get("for") != names.REPLY.strip("{}"):
            continue
        part = fallback.find(f"{names.FALLBACK}body")
        start, end = ("", "") if part is None else (part.get("start", ""), part.get("end", ""))
        if start.isascii() and start.isdigit() and end.isascii() and end.isdigit():
            first, last = int(start[:9]), int(end[:9])
            return (body[:first] + body[last:]).strip(), body[first:last].strip()
    return body.strip(), ""


def _error(one: ET.Element) -> tuple[str, str, bool]:
    error = one.find(f"{names.CLIENT}error")
    if error is None:
        return "undefined-condition", "", False
    conditions = [child for child in error if child.tag.startswith(names.STANZA_ERRORS)]
    condition = next((child.tag.rpartition("}")[2] for child in conditions if not child.tag.endswith("}text")), "")
    text = next((child.text or "" for child in conditions if child.tag.endswith("}text")), "")
    return condition or "undefined-condition", text.strip(), error.get("type") == "wait"


def _archive_id(one: ET.Element, me: str) -> str:
    """Return our own archive's id for it (XEP-0359); what others claim to be one is nothing to us."""
    ids = (child.get("id", "") for child in one.iterfind(f"{names.STABLE}stanza-id") if bare(child.get("by", "")) == me)
    return next(ids, "")


def _attribute(one: ET.Element, path: str, key: str) -> str:
    found = one.find(path)
    return "" if found is None else found.get(key, "")


def _ids(one: ET.Element, path: str) -> tuple[str, ...]:
    return tuple(name for child in one.iterfind(path) if (name := child.get("id", "")))
