"""Words one plain letter: the address its reply comes back to, its headers, its body; all of it to the last byte.

Adds nothing a customer's mail would not have: no HTML, no tracking, no word on the software, true or untrue.
"""

from __future__ import annotations

import unicodedata
from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from slawatch.mail.wire import one_line

LOCAL_PART_MAX = 64  # octets; RFC 5321, section 4.5.3.1.1
LINE_MAX = 998  # octets without CRLF; RFC 5322, section 2.1.1


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
) -> bytes:
    """Return the letter with CRLF line ends, as it is to be submitted.

    From and Reply-To are both `sender`: software answers to the one or the other. `written_at` becomes `Date:` in its
    own zone. Words of the subject within ASCII are never encoded, so that a token survives software that cannot decode.
    A body within ASCII goes as it is, any other as quoted-printable, which every server passes unchanged.

    Raises:
        ValueError: an address is none, or a header would hold a line break or another control character.
    """
    recipient = ascii_domain(recipient)
    headers = {
        "Date": format_datetime(written_at),
        "From": _mailbox(name, sender),
        "Reply-To": ascii_domain(sender),
        "To": recipient,
        "Subject": _encoded("Subject", subject),
        "Message-ID": f"<{message_id}>",
        "MIME-Version": "1.0",
    }
    if lang:
        headers["Content-Language"] = lang
    encoding, charset, content = _body(body)
    headers |= {"Content-Type": f"text/plain; charset={charset}", "Content-Transfer-Encoding": encoding}
    for key, value in headers.items():
        if any(not letter.isprintable() for letter in value.replace("\r\n ", "")):
            raise ValueError(f"{key}: {value!r} holds a line break or control character; remove it")
    head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    return head.encode() + b"\r\n" + content


def _mailbox(name: str, address: str) -> str:
    address = ascii_domain(address)
    if not name:
        return address
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_encoded('From', name)} <{address}>"


def _encoded(key: str, text: str) -> str:
    """Return the text for a header, folded. Only the words beyond ASCII become encoded words (RFC 2047)."""
    if any(not letter.isprintable() for letter in text):
        raise ValueError(f"{key}: {text!r} holds a line break or control character; remove it")
    plain = "=?" not in text  # or the text itself could be taken for an encoded word
    header = Header(header_name=key, maxlinelen=76)
    for chunk, within_ascii in _runs(text.split(" ")):
        header.append(chunk, "us-ascii" if within_ascii and plain else "utf-8")
    return header.encode(linesep="\r\n")


def _runs(words: list[str]) -> list[tuple[str, bool]]:
    """Join neighbours that are alike: blanks between two encoded words vanish in reading, so each run is one."""
    runs: list[tuple[str, bool]] = []
    for word in words:
        within_ascii = word.isascii() and word != ""
        if runs and runs[-1][1] is within_ascii:
            runs[-1] = (f"{runs[-1][0]} {word}", within_ascii)
        else:
            runs.append((word, within_ascii))
    return runs


def _body(text: str) -> tuple[str, str, bytes]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    raw = "".join(f"{line}\r\n" for line in lines).encode()
    if raw.isascii() and all(len(line) <= LINE_MAX for line in lines) and b"\0" not in raw:
        return "7bit", "us-ascii", raw
    return "quoted-printable", "utf-8", b2a_qp(raw, istext=True)
