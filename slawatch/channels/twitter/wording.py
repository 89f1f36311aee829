"""How long X finds a text, what in it X takes for a web address, and X's own web pages. Asks nobody."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlencode, urlsplit

LENGTH_MAX = 280
URL_LENGTH = 23  # X shortens every address to this length

WEB = "https://x.com"
SITES = frozenset({"x.com", "twitter.com"})

# X counts these as one, everything else as two (configuration 3 of its published "twitter-text").
_SINGLE = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))

_URL = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_BARE = re.compile(r"(?<![@\w.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b(?:/[^\s]*)?", re.IGNORECASE)

_PICTURE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_MODIFIER = r"(?:\ufe0f|[\U0001f3fb-\U0001f3ff])*"
_EMOJI = re.compile(
    rf"[0-9#*]\ufe0f?\u20e3"  # keycaps
    rf"|[\U0001f1e6-\U0001f1ff]{{2}}"  # flags
    rf"|{_PICTURE}{_MODIFIER}[\U000e0020-\U000e007f]*(?:\u200d{_PICTURE}{_MODIFIER})*"
)

_STATUS = re.compile(r"/(?:[A-Za-z0-9_]{1,20}|i(?:/web)?)/status(?:es)?/([0-9]{1,19})(?:/.*)?")
_BARE_ID = re.compile(r"[0-9]{1,19}|dm-[0-9]{1,19}")


def length(text: str) -> int:
    """Return how many of its 280 units X counts a text for: an address is 23, an emoji 2 whatever it is made of."""
    text = unicodedata.normalize("NFC", text)
    text, addresses = _URL.subn("", text)
    counted = URL_LENGTH * addresses
    # What merely looks like an address may be none to X, so it counts for the longer of the two.
    counted += sum(max(0, URL_LENGTH - len(found[0])) for found in _BARE.finditer(text))
    counted += 2 * len(_EMOJI.findall(text))
    return counted + sum(1 if _is_single(letter) else 2 for letter in _EMOJI.sub("", text))


def has_url(text: str) -> bool:
    """Whether X takes anything in the text for a web address, which makes a post many times dearer."""
    return bool(_URL.search(text) or _BARE.search(text))


def compose_url(text: str, *, reply_to: str = "") -> str:
    """Return the link that opens X with a text ready to be posted."""
    return f"{WEB}/intent/post?{urlencode({'text': text, **({'in_reply_to': reply_to} if reply_to else {})})}"


def post_url(post_id: str, handle: str) -> str:
    """Return the public page of a post; X finds it by its id alone. A direct message has none."""
    return f"{WEB}/{handle or 'i'}/status/{post_id}" if post_id.isdigit() else ""


def post_id(url: str) -> str:
    """Return the id of the post that a link to X, or a bare id, names; "" where it names none."""
    url = url.strip()
    if _BARE_ID.fullmatch(url):
        return url
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if host.removeprefix("www.").removeprefix("mobile.") not in SITES:
        return ""
    found = _STATUS.fullmatch(parts.path)
    return found[1] if found else ""


def _is_single(letter: str) -> bool:
    return any(ord(letter) in some for some in _SINGLE)
