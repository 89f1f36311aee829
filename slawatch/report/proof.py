"""Puts a report's figures into its own file, for machines to read, with a digest of the file; and reads both back.

Inert: a template element that holds nothing but two attributes. Judges no figure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slawatch import rules
from slawatch.report.model import Material

FORMAT = 1
BLANK = "0" * 64
# Base64, because nothing in it can be taken for markup, whatever others wrote; compressed, because it is mailed.
ELEMENT = '<template id="slawatch-figures" data-format="1" data-figures="{packed}" data-sha256="{digest}"></template>\n'
_FOUND = re.compile(
    r'<template id="slawatch-figures" data-format="(\d+)" data-figures="([A-Za-z0-9+/=]*)"'
    r' data-sha256="([0-9a-f]{64})"></template>\n'
)
AT_ONCE = 1 << 20  # characters
UNPACKED_MAX = 256 * 2**20  # bytes; a file that claims to hold more was not made by us


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a report's file says of itself: `intact` where its digest is the file's, `page` without the element."""

    facts: Mapping[str, Any]
    intact: bool
    page: str


class NoProofError(ValueError):
    """The file holds no figures that we could read."""


def facts(material: Material, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the file is to say of itself beside its words: its figures, and from what they can be had again."""
    return {
        "asked": None if material.asked is None else dict(material.asked),
        "chain_head": material.chain_head,
        "rules": rules.ALL,
        "lang": material.lang,
        "figures": figures,
    }


def sealed(page: str, facts: Mapping[str, Any]) -> str:
    """Return the page with these facts at the end of its body, and the digest of the whole in its last attribute.

    The digest is the SHA-256 of the file in UTF-8 with 64 zeros in its own place.
    """
    packed = base64.b64encode(zlib.compress(json.dumps(facts, sort_keys=True).encode(), 6)).decode()
    end = page.rfind("</body>")
    at = end if end >= 0 else len(page)
    before, digest, after = ELEMENT.format(packed=packed, digest=f"\0{BLANK}\0").split("\0")
    whole = hashlib.sha256()
    for start in range(0, at, AT_ONCE):  # page and copies of it would be what a report takes most memory for
        whole.update(page[start : min(start + AT_ONCE, at)].encode("utf-8", "replace"))
    for piece in (before, digest, after, page[at:]):
        whole.update(piece.encode("utf-8", "replace"))
    return "".join((page[:at], before, whole.hexdigest(), after, page[at:]))


def opened(source: str) -> Sealed:
    """Return what the file says of itself.

    Raises:
        NoProofError: it says nothing, or says it in a form of another version.
    """
    found = list(_FOUND.finditer(source))
    if len(found) != 1:
        raise NoProofError("it holds no figures for machines, so it was not made by slawatch, or was cut")
    version, packed, digest = found[0].groups()
    if int(version) != FORMAT:
        raise NoProofError(f'its figures are in the form "{version}", we know "{FORMAT}": update slawatch')
    start, end = found[0].span()
    blank = source[: found[0].start(3)] + BLANK + source[found[0].end(3) :]
    return Sealed(facts=_unpacked(packed), intact=_sha256(blank) == digest, page=source[:start] + source[end:])


def _unpacked(packed: str) -> Mapping[str, Any]:
    try:
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(base64.b64decode(packed, validate=True), UNPACKED_MAX)
        found = json.loads(raw) if unpacking.eof else None
    except (binascii.Error, zlib.error, ValueError) as error:
        raise NoProofError(f"its figures cannot be read ({error})") from None
    if not isinstance(found, dict) or not isinstance(found.get("figures"), dict):
        raise NoProofError("its figures cannot be read")
    return found


def _sha256(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
