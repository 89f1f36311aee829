"""Looks at the form of selectors before a browser does: what cannot be meant is told with its line in the recipe.

It knows no page. A selector that passes here may still find nothing; `slawatch recipe check` tells that.
"""

from __future__ import annotations

import re
from typing import Any

from slawatch.tomlfile import quoted, unknown
from slawatch.values import MistakeError, text

ENGINES = ("css", "xpath", "text", "role", "id", "data-testid", "data-test-id", "data-test")  # Playwright 1.65's own
_WORDS = frozenset({"text", "id", "data-testid", "data-test-id", "data-test"})  # what follows these is taken literally

_ENGINE = re.compile(r"\s*([A-Za-z][\w-]*)=")
_OURS = re.compile(r":(has-text|text|text-is|text-matches|visible|nth-match|above|below|left-of|right-of|near)\b")
_OPENS = {"(": ")", "[": "]"}
_NAMELESS = re.compile(r"[.#](?![\w\\-]|[^\x00-\x7f])")
_DANGLING = re.compile(r"^\s*[,>+~]|[,>+~]\s*$|,\s*,|[>+~]\s*[>+~,]")


def playwright(value: Any) -> str:
    """Return a selector for things done in the page: CSS, or role=, text= and the other engines of Playwright."""
    selector = text(value).strip()
    for part in _parts(selector):
        if not part.strip():
            raise MistakeError(f'{quoted(selector)} has nothing on one side of ">>"; write a selector there')
        engine = _ENGINE.match(part)
        if engine is None:
            if not part.lstrip().startswith(("//", "..")):
                _css(selector, part)
            continue
        if engine[1] not in ENGINES:
            raise MistakeError(unknown("kind of selector", f"{engine[1]}=", [f"{one}=" for one in ENGINES]))
        rest = part[engine.end() :]
        if not rest.strip():
            raise MistakeError(f'{quoted(selector)} has nothing after "{engine[1]}="; write what to find')
        if engine[1] == "css":
            _css(selector, rest)
        elif engine[1] == "role" or rest.lstrip().startswith(('"', "'", "/")) or engine[1] not in _WORDS:
            _bare(selector, rest)
    return selector


def css(value: Any) -> str:
    """Return a CSS selector: what is looked for by the page itself, which knows no other."""
    selector = text(value).strip()
    engine = _ENGINE.match(selector)
    if engine or ">>" in selector or selector.startswith("//"):
        raise MistakeError(f"{quoted(selector)} is none that the page itself knows; write CSS here")
    own = _OURS.search(_css(selector, selector))
    if own:
        raise MistakeError(f'{quoted(selector)}: no CSS has ":{own[1]}"; write plain CSS, and a pattern for its text')
    return selector


def css_or_empty(value: Any) -> str:
    """Return a CSS selector, or "" where that has a meaning of its own."""
    return "" if value == "" else css(value)


def attribute(value: Any) -> str:
    """Return the name of an attribute, without brackets."""
    name = text(value).strip()
    if not re.fullmatch(r"[A-Za-z_:][\w:.-]*", name):
        raise MistakeError(f'{quoted(name)} is no attribute; write its name alone, like "data-id"')
    return name


def _css(selector: str, part: str) -> str:
    """Return the part without what stands in quotes and brackets; raises MistakeError where its form is wrong."""
    bare = _bare(selector, part)
    if _NAMELESS.search(bare):
        raise MistakeError(f'{quoted(selector)} has a "." or "#" without a name; write ".name" or "#name"')
    if _DANGLING.search(bare):
        raise MistakeError(f'{quoted(selector)} has nothing on one side of "," or ">"; write a selector there')
    return bare


def _bare(selector: str, part: str) -> str:
    """Return the part with what stands in quotes, square brackets and after backslashes left out.

    Raises:
        MistakeError: a bracket or a quote is not closed.
    """
    waiting: list[str] = []
    kept = ""
    at = 0
    while at < len(part):
        char = part[at]
        if char == "\\":
            kept += "x"
            at += 2
            continue
        ends = at
        if char in "\"'" or (char == "/" and part[:at].rstrip().endswith("=")):
            ends = _closing(part, at)
            if ends < 0:
                raise MistakeError(f"{quoted(selector)} has a {quoted(char)} that is not closed; close it")
        elif char in _OPENS:
            waiting.append(_OPENS[char])
        elif char in _OPENS.values() and (not waiting or waiting.pop() != char):
            raise MistakeError(f'{quoted(selector)} has a "{char}" too much; remove it or open it')
        if "]" not in waiting or char == "[":
            kept += "x" if ends > at else char
        at = ends + 1
    if waiting:
        raise MistakeError(f'{quoted(selector)} lacks a "{waiting[-1]}"; close the bracket')
    return kept


def _closing(part: str, at: int) -> int:
    """Return where the quote or slash that opens at `at` is closed, -1 where nowhere."""
    found = re.compile(rf"(?:\\.|[^\\{part[at]}])*{re.escape(part[at])}").match(part, at + 1)
    return found.end() - 1 if found else -1


def _parts(selector: str) -> list[str]:
    """Return what stands between the ">>" of a selector; those in quotes are text."""
    parts = [""]
    at = 0
    while at < len(selector):
        end = at + 1
        if selector.startswith(">>", at):
            parts.append("")
            at += 2
            continue
        if selector[at] == "\\":
            end = at + 2
        elif selector[at] in "\"'":
            end = max(_closing(selector, at), at) + 1
        parts[-1] += selector[at:end]
        at = end
    return parts
