"""A letter as plain sentences: folded for comparing, cut where sentences and clauses end. Knows nothing of time.

Pure and linear in the text: nothing here looks further than a bounded number of characters ahead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from slawatch.promise.named import one_of

LETTER_MAX = 50_000  # characters read; no letter of a help desk is longer, and the rest is left unread
SENTENCE_MAX = 500  # characters; more without a full stop is a table or a list of terms
SENTENCES_MAX = 400
BLOCK_MAX = 10_000  # characters of lines joined to one; 20 000 lines of one letter each took minutes
DATE_END = 6  # characters of "14. 12", the longest that the end of a sentence is taken for
BLOCK_END = 4  # of them, where a day may stand that the next line's month belongs to

_WRAPPED = 45  # characters; a shorter line without a full stop ends on purpose (a heading, a line of a list)
_FOLDS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "’": "'",
        "\u2018": "'",
        "\u00b4": "'",
        "–": "-",
        "—": " - ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2212": "-",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "½": ",5",
    }
)
_SHORT = one_of(
    "z b bzw ca circa max min spaet nr tel std inkl evtl ggf vsl vorauss voraussichtl approx dr mr mrs ms st prof d h "
    "u a i e g p m am pm no dept ext usw mo di mi do fr sa so mon tue tues wed thu thur thurs fri sat sun jan feb mrz "
    "maer apr jun jul aug sep sept okt oct nov dez dec werkt arb"
)
# A run of full stops is tried from its first only: 50 000 exclamation marks once took a minute.
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"')\]]*\s+(?=[\"'(\[*•-]?\s?(?P<next>[^\W_]+))")
_COUNTED = re.compile(
    r"(?:januar|jaenner|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"january|february|march|may|june|july|october|december|jan|feb|mrz|apr|jun|jul|aug|sept?|okt|oct|nov|dez|dec|"
    r"werktag\w*|arbeitstag\w*|geschaeftstag\w*|bankarbeitstag\w*|tag\w*|stock|quartal\w*|kalenderwoche|kw|\d{1,4})$"
)
_DAY_AT_END = re.compile(r"\b\d{1,2}\.$")
_LAST_WORD = re.compile(r"([^\W_]+)$")
_DATE = re.compile(r"\d{1,2}\. ?\d{1,2}$")
_BEGINNINGS = one_of(
    "wir ich sie die der das bitte mit vielen bis falls wenn unser unsere ihr ihre danach dann in bei es ab am"
)


def fold(text: str) -> str:
    """Return the text in lower case, with umlauts written out and one form of dashes, quotation marks and spaces."""
    return " ".join(unicodedata.normalize("NFC", text).lower().translate(_FOLDS).split())


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences as written, spaces made single. Lines that repeat a letter ("> …") are left out."""
    found = 0
    for block in _blocks(text[:LETTER_MAX]):
        for sentence in _split(block):
            if found == SENTENCES_MAX:
                return
            found += 1
            yield sentence[:SENTENCE_MAX]


def _blocks(text: str) -> Iterator[str]:
    """Yield lines, those that a mail program wrapped joined again."""
    block = ""
    for raw in text.splitlines():
        line = " ".join(raw.split())
        if line.startswith((">", "|")):
            line = ""
        if block and line and len(block) < BLOCK_MAX and _was_one(block, line):
            block = f"{block} {line}"
            continue
        if block:
            yield block
        block = line
    if block:
        yield block


def _was_one(block: str, line: str) -> bool:
    """Whether a mail program broke the line here: too long, within a sentence or within "14. August"."""
    if _DAY_AT_END.search(block[-BLOCK_END:]):
        return bool(_COUNTED.match(fold(line.split(maxsplit=1)[0])))
    return block[-1] not in ".!?:" and (len(block) >= _WRAPPED or line[0].islower())


def _split(block: str) -> Iterator[str]:
    """Yield the sentences of a line; "14. August", "ca. 3" and "p.m." end none."""
    start = 0
    for end in _END.finditer(block):
        if _goes_on(block[start : end.start()], end):
            continue
        yield block[start : end.end()].strip()
        start = end.end()
    if block[start:].strip():
        yield block[start:].strip()


def _goes_on(before: str, end: re.Match[str]) -> bool:
    following = fold(end["next"])
    if end[0].strip().rstrip("\"')]") != ".":
        return False  # an exclamation or question mark ends a sentence whatever follows
    if end["next"][0].islower():
        return True
    if _DATE.search(before[-DATE_END:]):
        return not re.fullmatch(_BEGINNINGS, following)  # "bis 06.01. Betriebsferien"
    last = _LAST_WORD.search(before[-20:])
    word = fold(last[1]) if last else ""
    if word.isdecimal() and len(word) <= 2:  # noqa: PLR2004 - a day or a month: "14. August"
        return bool(_COUNTED.match(following))
    return re.fullmatch(_SHORT, word) is not None
