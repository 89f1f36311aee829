"""Tells whether two letters are the same text. A machine answers different questions with one; a person seldom does."""

from __future__ import annotations

import re
from hashlib import sha256

from slawatch.classify.pattern import folded
from slawatch.classify.phrases import GREETING_CLAUSE
from slawatch.model import Facts

WORDS_MIN = 6  # fewer in common may be chance: "ja, das ist bei uns möglich"
_TEXT_MAX = 4000  # characters of a letter
_SUBJECT_MIN = 8  # characters; a shorter subject may stand in a sentence by chance
_DIGITS = 16  # of the hash in hexadecimal: among a million texts two coincide once in 37 million tries

_WORD = re.compile(r"[^\W_][^\s<>\"„“”«»,;!?()\[\]|]*")
_PASSAGE = re.compile(r"[\"„“”«»][^\"„“”«»\n]{3,300}[\"„“”«»]")
_PREFIX = re.compile(r"^\s*(?:(?:re|aw|antw|fw|fwd|wg|sv)\s*:|\[[^\]]{0,80}\])\s*", re.IGNORECASE)
_CLOCK = frozenset({"am", "pm", "uhr"})


def fingerprint(facts: Facts) -> str:
    """Return what is the same for two letters from one template, "" where a letter holds too few words of its own.

    What a template fills in is left out: numbers and whatever holds one (tickets, dates, prices), addresses, names, our
    subject and other quotations. Names are told by their capitals, and so the German nouns go with them, and the first
    word of every sentence: what stays is the run of little words, which no two letters written apart share.
    """
    text = _PASSAGE.sub(" ", facts.text[:_TEXT_MAX])
    for subject in _subjects(facts):
        text = _without(subject, text)
    words = [word for line in text.split("\n") for word in _kept(line)]
    if len(words) < WORDS_MIN:
        return ""
    return sha256(" ".join(words).encode()).hexdigest()[:_DIGITS]


def _without(part: str, text: str) -> str:
    """Return the text without every place of that part, in upper or lower case. A pattern would be made for one use."""
    lower, sought = folded(text), folded(part)
    while (at := lower.find(sought)) >= 0:
        text, lower = (f"{one[:at]} {one[at + len(sought) :]}" for one in (text, lower))
    return text


def _kept(line: str) -> list[str]:
    rest = GREETING_CLAUSE.cut_off(line.strip())
    words = (word.rstrip(".:-…'’*_") for word in _WORD.findall(rest))
    return [word for word in words if word and word == folded(word) and word not in _CLOCK and not _filled_in(word)]


def _filled_in(word: str) -> bool:
    return any(letter.isdigit() or letter in "@/_" for letter in word) or "." in word


def _subjects(facts: Facts) -> list[str]:
    """Return the subject and each of its ends: help desks put a number and their own words before ours."""
    found: list[str] = []
    for subject in facts.subjects:
        while len(subject) >= _SUBJECT_MIN:
            found.append(subject)
            shorter = _PREFIX.sub("", subject, count=1)
            if shorter == subject:
                _, _, shorter = subject.partition(": ")
            subject = shorter  # noqa: PLW2901 - what is left of it is looked at next
    return sorted(dict.fromkeys(found), key=len, reverse=True)
