"""Words one plain letter: the address its reply comes back to, its headers, its body; all of it to the last byte.

Adds nothing a customer's mail would not have: no HTML, no tracking, no word on the software, true or untrue.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.utils import format_datetime
from itertools import groupby, repeat
from urllib.parse import quote

from slawatch.mail.wire import one_line

LOCAL_PART_MAX = 64  # octets; RFC 5321, section 4.5.3.1.1
FOLD_AT = 76  # letters; RFC 2047, section 2, for lines that hold an encoded word
ENCODED_WORD_MAX = 75  # same
LINE_MAX = 998  # octets without CRLF; RFC 5322, section 2.1.1
CITED_MAX = 20  # ids in References; where a thread is longer the first and the newest are kept
_CITED_ID = re.compile(r"<([!-;=?A-~]{1,120}@[!-;=?A-~]{1,120})>")  # printable ASCII without "<", ">" and "@"

_UTF_8 = Charset("utf-8")
_UTF_8.header_encoding = QP  # not the shorter of two, so that most of a subject can be read as it is


def ascii_domain(address: str) -> str:
    """Return the address with its domain as it goes over the wire: lower case, labels beyond ASCII as "xn--…".

    Not Python's "idna" codec: that keeps to the rules of 2003 and turns "straße.example" into "strasse.example", which
    is somebody else's domain (RFC 5892 keeps the ß).

    Raises:
        ValueError: there is no part before or after the "@", or it holds blanks, commas or control characters.
    """
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(letter in " ,;<>" or not letter.isprintable() for letter in address):
        raise ValueError(f'"{one_line(address)}" is not an e-mail address; write it like "service@shop.example"')
    return f"{local}@{'.'.join(_ascii_label(label) for label in domain.split('.'))}"


def _ascii_label(label: str) -> str:
    label = unicodedata.normalize("NFKC", label.lower())
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def reply_address(address: str, token: str, *, catch_all_domain: str = "") -> str:
    """Return the address a reply to this request comes back to.

    shop@example.org and k7f3 give shop+k7f3@example.org; with catch_all_domain = "in.example.org" it is
    k7f3@in.example.org, for forms that refuse a "+". The token is how a reply is recognised even where the company's
    software drops In-Reply-To (django-helpdesk's answers carry neither that nor References, measured 2026-11-22).

    Raises:
        ValueError: the part before the @ would be longer than mail servers must accept.
    """
    if catch_all_domain:
        return ascii_domain(f"{token}@{catch_all_domain}")
    local, _, domain = address.rpartition("@")
    tagged = f"{local}+{token}"
    if len(tagged.encode()) > LOCAL_PART_MAX:
        room = LOCAL_PART_MAX - len(token) - 1
        raise ValueError(f'"{address}" has no room for "+{token}": at most {room} letters may stand before the "@"')
    return ascii_domain(f"{tagged}@{domain}")


def compose(
    *,
    sender: str,
    name: str,
    recipient: str,
    subject: str,
    body: str,
    message_id: str,
    written_at: datetime,
    lang: str = "",
    cites: Sequence[str] = (),
    automatic: bool = False,
    content: Content | None = None,
    unsubscribe: str = "",
) -> bytes:
    """Return the letter with CRLF line ends, as it is to be submitted.

    `cites` makes it a reply: the ids of the thread in its order, the one replied to last, without angle brackets.
    `automatic` says that a program wrote it (RFC 3834), so that no absence notice comes back; never of a request.
    `content` takes the place of the body (parcel.py). With `unsubscribe` whoever wants no more of them is offered to
    write that subject to us (RFC 2369, section 3.2).

    From and Reply-To are both `sender`: software answers to the one or the other. `written_at` becomes `Date:` in its
    own zone. Blanks in a row become one in the subject; its words within ASCII are never encoded, so that a token in it
    survives software that cannot decode. A body beyond ASCII goes as quoted-printable, which every server passes on.

    Raises:
        ValueError: an address is none, or a header would hold a line break or another control character.
    """
    for value in (name, subject, message_id, lang, unsubscribe):
        if any(map(_is_control, value)):
            raise ValueError(f"{value!r} holds a line break or control character; remove it")
    headers = {
        "Date": format_datetime(written_at),
        "From": _mailbox(name, sender),
        "Reply-To": ascii_domain(sender),
        "To": ascii_domain(recipient),
        "Subject": _subject(subject),
        "Message-ID": f"<{message_id}>",
        "MIME-Version": "1.0",
    }
    if cites:
        kept = [f"<{one}>" for one in (cites if len(cites) <= CITED_MAX else (cites[0], *cites[1 - CITED_MAX :]))]
        headers |= {"In-Reply-To": kept[-1], "References": _folded("References", kept)}
    if lang:
        headers["Content-Language"] = lang
    if automatic:
        headers["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<mailto:{quote(ascii_domain(sender), safe='@')}?subject={quote(unsubscribe)}>"
    content = content or text_content(body)
    head = "".join(f"{key}: {value}\r\n" for key, value in (headers | content.headers).items())
    return head.encode() + b"\r\n" + content.octets


@dataclass(frozen=True, slots=True)
class Content:
    """What stands behind a letter's headers, or in a part of it: its own headers, and octets with CRLF line ends."""

    headers: dict[str, str]
    octets: bytes


def text_content(text: str, subtype: str = "plain") -> Content:
    """Return text as content; beyond ASCII, or with long lines, as quoted-printable, which every server passes on."""
    encoding, charset, octets = _body(text)
    return Content(
        {"Content-Type": f"text/{subtype}; charset={charset}", "Content-Transfer-Encoding": encoding}, octets
    )


def thread(headers: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the ids that a reply to a letter with these headers cites, the letter's own last; () where it has none.

    As RFC 5322, section 3.6.4, has it: what the letter refers to, else what it replies to, and its own. Written as they
    stand there, for some software heeds upper and lower case. What is no id is left out: it comes from outside.
    """
    own = _cited(headers.get("message-id", ()))
    if not own:
        return ()
    before = _cited(headers.get("references", ())) or _cited(headers.get("in-reply-to", ()))[:1]
    return tuple(dict.fromkeys((*(one for one in before if one != own[0]), own[0])))


def _cited(values: Sequence[str]) -> list[str]:
    return [found for value in values for found in _CITED_ID.findall(value)]


def _mailbox(name: str, address: str) -> str:
    address = ascii_domain(address)
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    # All of it, for a bare word beside an encoded one must not hold a comma or a full stop (RFC 5322, section 3.2.5).
    return _folded("From", [*_encoded_words(name), f"<{address}>"])


def _subject(text: str) -> str:
    given = [word for word in text.split(" ") if word]  # folding could not keep several blanks in a row
    if "=?" in text:  # which could be taken for an encoded word
        return _folded("Subject", _encoded_words(" ".join(given)))
    words: list[str] = []
    for within_ascii, some in groupby(given, key=str.isascii):
        run = list(some)
        # Blanks between two encoded words vanish in reading (RFC 2047, section 6.2), so neighbours are one run.
        words += run if within_ascii else _encoded_words(" ".join(run))
    return _folded("Subject", words)


def _encoded_words(text: str) -> list[str]:
    return [word for word in _UTF_8.header_encode_lines(text, repeat(ENCODED_WORD_MAX)) if word]


def _folded(key: str, words: Sequence[str]) -> str:
    """Join the words by single blanks, each line as long as it may be."""
    lines = [""]
    left = FOLD_AT - len(key) - len(": ")
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > left:
            lines.append(word)
            left = FOLD_AT - 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _is_control(letter: str) -> bool:
    """Whether it could end a line somewhere, or be no text at all."""
    return unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}


def _body(text: str) -> tuple[str, str, bytes]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    raw = "".join(f"{line}\r\n" for line in lines).encode()
    if raw.isascii() and all(len(line) <= LINE_MAX for line in lines) and b"\0" not in raw:
        return "7bit", "us-ascii", raw
    return "quoted-printable", "utf-8", b2a_qp(raw, istext=True)
