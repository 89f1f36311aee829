"""Packs what a letter to the user holds: text, the same as HTML with its pictures, and files. Pure.

Never used for a request: a customer's mail has no HTML and no file. Every octet follows from what is given, so that a
letter that is tried again is the same letter.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

from slawatch.mail.compose import Content, text_content

_FILE_NAME = re.compile(r"[A-Za-z0-9._-]+")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class File(Protocol):
    """A file to be packed; one with a `content_id` is shown by the HTML as "cid:…"."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def media(self) -> str: ...  # noqa: D102

    @property
    def raw(self) -> bytes: ...  # noqa: D102

    @property
    def content_id(self) -> str: ...  # noqa: D102


def parcel(text: str, html: str, files: Sequence[File], *, seed: str) -> Content:
    """Return text and HTML as alternatives, the HTML with its pictures, and the other files behind them.

    RFC 2046, sections 5.1.3 and 5.1.4, and RFC 2387. `seed` makes the boundaries, which nothing packed can hold by
    accident; the same seed makes the same ones.

    Raises:
        ValueError: a file's name, kind or content id would not be safe in a header.
    """
    for one in files:
        if not _FILE_NAME.fullmatch(one.name) or not _MEDIA.fullmatch(one.media):
            raise ValueError(f'"{one.name}" ({one.media}) cannot be enclosed; name it with letters and digits only')
        if one.content_id and not _FILE_NAME.fullmatch(one.content_id):
            raise ValueError(f'"{one.content_id}" cannot be the id of a picture')
    pictures = [_file(one) for one in files if one.content_id]
    shown = text_content(html, "html")
    if pictures:
        shown = _multipart("related", [shown, *pictures], seed, '; type="text/html"')
    whole = _multipart("alternative", [text_content(text), shown], seed)
    enclosed = [_file(one) for one in files if not one.content_id]
    return _multipart("mixed", [whole, *enclosed], seed) if enclosed else whole


def _file(one: File) -> Content:
    where = "inline" if one.content_id else "attachment"
    headers = {
        "Content-Type": f'{one.media}; name="{one.name}"',
        "Content-Disposition": f'{where}; filename="{one.name}"',
        "Content-Transfer-Encoding": "base64",
    }
    if one.content_id:
        headers["Content-ID"] = f"<{one.content_id}>"
    return Content(headers, encodebytes(one.raw).replace(b"\n", b"\r\n"))


def _multipart(kind: str, parts: Sequence[Content], seed: str, more: str = "") -> Content:
    boundary = f"={kind}_{blake2b(f'{kind} {seed}'.encode(), digest_size=16).hexdigest()}"
    octets = b"".join(f"--{boundary}\r\n{_head(part)}\r\n".encode() + part.octets + b"\r\n" for part in parts)
    headers = {"Content-Type": f'multipart/{kind};\r\n boundary="{boundary}"{more}'}
    return Content(headers, octets + f"--{boundary}--\r\n".encode())


def _head(part: Content) -> str:
    return "".join(f"{key}: {value}\r\n" for key, value in part.headers.items())
