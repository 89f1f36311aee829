"""Badges: for each company and way one small picture, and the same for shields.io, of the wait for the first response.

Judges nothing and holds no words (reports/*.toml do). Green is only what is proven; what is not proven says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slawatch.clock import MICROSECOND
from slawatch.model import Measure, Proof
from slawatch.report.blame import templates_blamed
from slawatch.report.book import Book, Group
from slawatch.report.render import templates
from slawatch.report.sentences import Sentences
from slawatch.report.words import clean

# Dark enough for white letters: contrast 5.1 to 6.0, where WCAG 2.2 (1.4.3) asks for 4.5. Words say what colours do.
GREEN, GREY, RED = "#0a7d33", "#5f6368", "#b3400b"
_WORST_FIRST = (Proof.NOT_MET, Proof.NOT_PROVEN, Proof.MET)
_COLOURS = {Proof.MET: GREEN, Proof.NOT_PROVEN: GREY, Proof.NOT_MET: RED}
NAME_MAX = 60  # characters of a foreign name in the title
PADDING = 6
# Widths of letters of 11 px in Verdana, wider than what replaces it elsewhere. The picture stretches or presses
# its text to the width that was reckoned (textLength), so that a wrong guess costs looks and never letters.
_NARROW, _WIDE, _CAPITAL, _OTHER, _FULL = 4.5, 11.0, 8.5, 7.2, 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """One badge: the stem of its files' names, the picture, and what shields.io asks for as an "endpoint"."""

    stem: str
    svg: str
    endpoint: str


def badges(book: Book, *, lang: str, folder: Path | None = None) -> Iterator[Badge]:
    """Yield a badge for each company and way of a book, in the book's order.

    Raises:
        ConfigError: there are mistakes in words or a template in the user's folder.
        UsageError: there are no words for this language.
    """
    words = Sentences(lang, folder=folder, space=" ")
    with templates_blamed(folder):
        template = templates(folder, escape=True).get_template("badge.svg.j2")
    for group in book.groups:
        label, proof = words.say("badge.label", channel=words.group(group)), _proof(group)
        message, colour = _message(group, proof, words), GREY if proof is None else _COLOURS[proof]
        endpoint = {"schemaVersion": 1, "label": clean(label), "message": clean(message), "color": colour}
        with templates_blamed(folder):
            svg = template.render(
                label=label,
                message=message,
                colour=colour,
                lang=lang,
                title=_title(group, book, words, f"{label}: {message}"),
                left=width(label) + 2 * PADDING,
                right=width(message) + 2 * PADDING,
                padding=PADDING,
            )
        yield Badge(stem=stem(group), svg=svg, endpoint=json.dumps(endpoint, ensure_ascii=False, indent=2) + "\n")


def stem(group: Group) -> str:
    """Return a file's name without its ending: the same for the same company and way, of plain letters only."""
    key = group.company.key if group.company else ""
    plain = re.sub(r"[^a-z0-9]+", "-", f"{key}-{group.channel}".lower()).strip("-")
    # Keys in a config are plain; an imported company may be called anything, and two of them must not share a file.
    unlike = "" if re.fullmatch(r"[a-z0-9-]+", key) else "-" + hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{plain[:80]}{unlike}{'-observed' if group.observed else ''}"


def width(text: str) -> int:
    """Return the width of a text in pixels, reckoned generously."""
    return round(sum(_width(character) for character in clean(text)))


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return _FULL
    if character in " .,:;|!'ijltfrI()[]":
        return _NARROW
    if character in "mwMW%@–—≥":
        return _WIDE
    return _CAPITAL if character.isupper() else _OTHER


def _proof(group: Group) -> Proof | None:
    """Return what is proven of the wait for the first response, the worst of several objectives; None without any."""
    held = [one.judgement.proof for one in group.statements if one.objective.measure is Measure.FIRST_RESPONSE]
    return next((proof for proof in _WORST_FIRST if proof in held), None)


def _message(group: Group, proof: Proof | None, words: Sentences) -> str:
    first = group.first_response
    if not group.n:
        return words.say("badge.nothing")
    figure = words.say("badge.median", median=words.reached(first, first.median), n=group.n)
    if first.median is not None and first.median_low is not None:
        low = words.about(first.median_low)
        high = None if first.median_high is None else words.about(first.median_high, up=True)
        key = "format.or_more" if high is None else "format.range"
        span = words.say(key, low=low, high=high)
        figure = words.say("badge.median_with_range", median=words.about(first.median), range=span, n=group.n)
    if proof is None:
        return figure
    return words.say("badge.judged", proof=words.say(f"proof.{proof}").lower(), figure=figure)


def _title(group: Group, book: Book, words: Sentences, said: str) -> str:
    """Return what a screen reader says and a pointer shows: whose it is, what is said, and of which period."""
    zone = book.material.zone
    return words.say(
        "badge.title",
        company=group.company.name[:NAME_MAX] if group.company else "",
        said=said,
        since=words.date(book.material.since, zone),
        until=words.date(book.material.until - MICROSECOND, zone),
    )
