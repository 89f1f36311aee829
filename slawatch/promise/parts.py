"""Parts of a day, German and English: "noon", "Vormittag", "by 5 pm", "close of business". Pure; knows no dates."""

from __future__ import annotations

import re
from datetime import time

from slawatch.promise.named import compiled, either, one_of

DAY_ENDS = time(23, 59, 59)
BUSINESS_ENDS = time(18)  # "close of business", "in the afternoon": nobody says when that is

_NOON = 12
_SMALL = 7  # "3 o'clock" in a business letter is in the afternoon

_CLOCK = either(
    r"(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))? ?"
    r"(?:(?P<pm>p\.?m\b\.?)|(?P<am>a\.?m\b\.?)|uhr\b|(?P<oclock>o'?clock\b)|h\b)",
    r"(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?! ?(?:uhr|[ap]\.?m))",
)
_FROM = (  # the earlier end of "between 8 am and 12 pm"
    r"(?:(?:zwischen |between |von |from )?[0-2]?\d(?:[:.][0-5]\d)? ?(?:uhr|[ap]\.?m\.?)? ?(?:-|und|and|bis|to) ?)?"
)
_NAMES = {
    "business_end": (
        either(
            r"cob|eob|close of (?:business|play|day)|end of play",
            r"end of (?:the )?(?:business|working|work|office|trading)(?:[ -]?(?:day|hours))?",
            r"dienstschluss|geschaeftsschluss|feierabend|betriebsschluss|bueroschluss|schluss der geschaeftszeit",
        ),
        BUSINESS_ENDS,
    ),
    "day_end": (
        r"eod|end of (?:the )?day|tagesende|ende des tages|abends?|evening|night|midnight|mitternacht",
        DAY_ENDS,
    ),
    "morning": (r"vormittags?|mornings?|frueh|morgens?|noon|midday|mittags?|first thing", time(_NOON)),
    "lunch": (r"lunch ?time|lunch|mittagszeit", time(13)),
    "afternoon": (r"nachmittags?|afternoon", BUSINESS_ENDS),
}
_PART = either(_FROM + _CLOCK, *(rf"(?P<{name}>{words})\b" for name, (words, _) in _NAMES.items()))

_LINK = one_of(
    "bis um gegen by at before vor spaetestens around about ca ca. circa zum am in the im laufe des until till no "
    "later than latest on or oder noch early late spaet spaeter first thing zur gleich direkt "
    "vormittag vormittags nachmittag nachmittags frueh abends"
)
_AFTER_A_DAY = rf"[, ]{{0,2}}(?:\(|- )?(?:{_LINK} ){{0,4}}{_PART}"
_TO_A_DAY = one_of("on of am des der the at by bis dem den this next cet est gmt")
_BEFORE_A_DAY = rf"(?<![\w:.]){_PART}[, ]{{1,2}}(?:{_TO_A_DAY}[ ,]){{0,3}}$"
_ENDS_WITH = one_of(
    "by until till before bis um at gegen spaetestens vor latest than zum laufe im the this course of am in zu "
    "zwischen between"
)
_ALONE = either(
    rf"\b{_ENDS_WITH} "
    rf"(?:des |the |this |heutigen |spaeten |fruehen |frueher |spaeter )?{_PART}",
    r"\b(?:eod|cob|eob)\b",
)


def after_a_day(sentence: str, end: int) -> re.Match[str] | None:
    """Return the part of the day named right after a day that ends there: "Thursday noon", "donnerstagmittag"."""
    return compiled(_AFTER_A_DAY).match(sentence, end)


def before_a_day(sentence: str, start: int) -> re.Match[str] | None:
    """Return the part of the day named right before a day that starts there: "by 5 pm on Thursday"."""
    return compiled(_BEFORE_A_DAY).search(sentence, max(0, start - 60), start)


def alone(sentence: str) -> list[re.Match[str]]:
    """Return the parts of a day that a word makes an end, wherever they stand: "by noon"."""
    return list(compiled(_ALONE).finditer(sentence))


def last_instant(found: re.Match[str]) -> time | None:
    """Return when the part of a day that was found is over; None for a time that no clock shows."""
    groups = found.groupdict()
    for name, (_, over) in _NAMES.items():
        if groups.get(name):
            return over
    hour = groups.get("hour") or groups.get("hour24")
    if hour is None:
        return DAY_ENDS if "eod" in found[0] else BUSINESS_ENDS
    return _o_clock(int(hour), int(groups.get("minute") or groups.get("minute24") or 0), groups)


def _o_clock(hour: int, minute: int, groups: dict[str, str | None]) -> time | None:
    afternoon = groups.get("pm") or (groups.get("oclock") and hour < _SMALL)
    if afternoon and hour < _NOON:
        hour += _NOON
    elif groups.get("am") and hour == _NOON:
        hour = 0
    if hour == 2 * _NOON:
        return None if minute else DAY_ENDS
    return time(hour, minute)
