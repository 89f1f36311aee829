"""An archive of chats as XMPP hands it out, page by page (XEP-0313, XEP-0059). Holds and sends nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from slawatch.channels.xmpp import names, stanza

PAGE_MAX = 50


class RefusedError(Exception):
    """What is asked for is not there; the message is XMPP's word for how (RFC 6120, section 8.3.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A message in somebody's archive. Names grow in the order of arrival."""

    name: str
    at: datetime
    partner: str
    message: ET.Element


def page(archive: Sequence[Filed], asked: ET.Element, *, me: str, device: str) -> tuple[list[ET.Element], ET.Element]:
    """Return the messages that a question for a page is answered with, and what says where the next one begins.

    Raises:
        RefusedError: the archive does not hold the message after which it shall begin.
    """
    given = {one.get("var"): one.findtext(f"{names.FORM}value") or "" for one in asked.iter(f"{names.FORM}field")}
    since, _ = stanza.stamp(given.get("start", ""))
    found = [
        one for one in archive if given.get("with", one.partner) == one.partner and (since is None or one.at >= since)
    ]
    after = asked.findtext(f"{names.RSM}set/{names.RSM}after")
    if after:
        if after not in {one.name for one in archive}:
            raise RefusedError("item-not-found")
        found = [one for one in found if one.name > after]
    size = asked.findtext(f"{names.RSM}set/{names.RSM}max") or ""
    shown = found[: min(int(size), PAGE_MAX) if size.isascii() and size.isdigit() else PAGE_MAX]
    fin = ET.Element(f"{names.MAM}fin", {} if len(shown) < len(found) else {"complete": "true"})
    places = ET.SubElement(fin, f"{names.RSM}set")
    if shown:
        ET.SubElement(places, f"{names.RSM}first").text = shown[0].name
        ET.SubElement(places, f"{names.RSM}last").text = shown[-1].name
    return [_wrapped(one, asked.get("queryid", ""), me=me, device=device) for one in shown], fin


def written(at: datetime) -> str:
    """Return an instant to the microsecond: the demo's clock hurries, and whole seconds would be minutes there."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def _wrapped(one: Filed, query: str, *, me: str, device: str) -> ET.Element:
    outer = ET.Element(f"{names.CLIENT}message", {"to": device, "from": me})
    result = ET.SubElement(outer, f"{names.MAM}result", {"queryid": query, "id": one.name})
    forwarded = ET.SubElement(result, f"{names.FORWARD}forwarded")
    ET.SubElement(forwarded, f"{names.DELAY}delay", {"stamp": written(one.at)})
    forwarded.append(one.message)
    return outer
