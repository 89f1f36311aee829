"""Turns the HTML of a post into the text its writer wrote. Never raises: what comes in may be anything at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "div", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
LINES = frozenset({"br", "li", "tr"})
UNSEEN = frozenset({"script", "style", "template"})
QUOTE_FALLBACK = "quote-inline"  # "RE: URL" for servers that cannot show a quoted post; its writer did not write it
LENGTH_MAX = 100_000  # of the HTML; two hundred times a post

# Servers let plain tags through, and nothing else that begins with "<". The parser would trip over sections of SGML,
# and go through the rest of the text anew for each tag that is never closed: a minute for 50,000 characters (3.11.7).
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain(html: str, names: Mapping[str, str]) -> str:
    """Return the text, an empty line between paragraphs. A link whose words hide where it leads has that behind it.

    `names` maps the addresses of people's pages to their handles: a post shows "@acme" where "@acme@shop.example" was
    written.
    """
    reader = _Reader(names)
    reader.feed(_NO_TAG.sub("&lt;", html[:LENGTH_MAX]))
    reader.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(reader.pieces).splitlines())
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Collects text. Tags that are never closed, or closed twice, cost nothing but the look of the text."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._names = names
        self._unseen = 0
        self._skipped = ""
        self._link: tuple[str, bool, int] | None = None  # its address, is it a mention, where its words begin

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "a":
            self._link = (given.get("href", ""), "mention" in classes, len(self.pieces))
        elif QUOTE_FALLBACK in classes and not self._skipped:
            self._skipped = tag
        self._break(tag)
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "a":
            self._end_link()
        if tag == self._skipped:
            self._skipped = ""
        if tag in BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen and not self._skipped:
            self.pieces.append(data)

    def _break(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n\n")
        elif tag in LINES:
            self.pieces.append("\n")

    def _end_link(self) -> None:
        if self._link is None:
            return
        (leads_to, mention, begins), self._link = self._link, None
        words = "".join(self.pieces[begins:])
        if mention:
            if leads_to in self._names:
                self.pieces[begins:] = [f"@{self._names[leads_to]}"]
        elif words.strip() and leads_to and words.strip() not in (leads_to, leads_to.removesuffix("/")):
            self.pieces.append(f" ({leads_to})")
