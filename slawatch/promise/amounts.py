"""Amounts of time, German and English: "within 24 h", "binnen zweier Wochen", "on the next business day".

Pure. An amount counts only where a word before it makes it an end: "3 days ago" and "a 24-hour hotline" have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from slawatch.promise.named import DAY, Time, compiled, either, one_of
from slawatch.promise.words import NUMBERS, any_of

MONTH = timedelta(days=31)  # "within a month": the longest
AMOUNT_MAX = timedelta(days=366)  # what lasts longer is a warranty, no promise

_BEFORE_MAX = 70  # characters looked at for the word that makes an amount an end
_WORKING_WEEK = 1.4  # days by the clock for a business day, about
_WORKING_DAYS = 1 / 8  # of an hour that is worked, about

_THE_HOUR = r"(?<=within )the(?= hour\b)"
_NUMBER = rf"(?:\d{{1,3}}(?:[.,]\d{{1,2}})?|{_THE_HOUR}|{any_of(NUMBERS)})"
_IN_BRACKETS = r"(?: ?\([^)]{1,15}\))?"  # "two (2) days"
_OPEN_HOURS = either(
    r"(?:opening|office|business|service|working|support)[ -]?(?:hours?|times?)",
    r"(?:geschaefts|oeffnungs|service|buero|sprech|arbeits|betriebs)zeit(?:en)?",
)
_UNITS = {
    "business_time": either(
        (
            r"(?:stunden?|std\.?|hours?|hrs?|h) (?:(?:of|waehrend|innerhalb|during|within|in"
            rf"|zu) )?(?:\w+ ){{0,3}}?{_OPEN_HOURS}"
        ),
        r"(?:opening|office|business|service|working|support)[ -]?hours?",
        r"(?:arbeits|geschaefts|service|buero|betriebs|oeffnungs)stunden?",
    ),
    "business_days": either(
        r"(?:bankarbeits|arbeits|werk|geschaefts|bank|buero|wochen|boersen)tag(?:e[sn]?|s)?",
        r"(?:business|working|work|banking|office|bank|week)[ -]?days?'?",
    ),
    "quarter_hours": r"viertelstunden?|quarters? of an hour",
    "minutes": r"minuten?|minutes?|mins?\.?",
    "hours": r"stunden?|std\.?|hours?'?|hrs?\.?|h",
    "days": r"(?:kalender)?tag(?:e[sn]?|s)?|(?:calendar )?days?'?",
    "fortnights": r"fortnights?",
    "weeks": r"wochen?|weeks?'?|wks?",
    "months": r"monat(?:e[sn]?|s)?|months?'?",
}
_SECONDS = {
    "quarter_hours": 900,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "fortnights": 14 * 86400,
    "weeks": 7 * 86400,
}
_UNIT = either(*(f"(?P<{name}>{words})" for name, words in _UNITS.items()))
_TO = rf"(?:-|/|,|{one_of('bis to or oder und and')}(?: zu| maximal)?)"
_FIRST = (  # of a range; its own unit may stand with it: "24 hours to 48 hours"
    rf"(?:{_NUMBER}(?: ?{either(*_UNITS.values())})?{_IN_BRACKETS} ?{_TO}"
    r"(?: (?:maximal|hoechstens|up to|at most))? ?)?"
)
_KIND = r"(?:(?:voll|ganz|weiter|full|whole|more|further|additional|normal|regulaer)(?:e[nrs]?)? )?"
_AMOUNT = rf"(?<![\w.,/:-]){_FIRST}(?P<last>{_NUMBER}){_IN_BRACKETS}[ -]?{_KIND}{_UNIT}(?![\w/]|-(?!\s))"

_MAKES_AN_END = either(
    rf"\b{one_of('innerhalb binnen in within inside nach after bis up laufe over for allow dauert dauern take takes')}",
    rf"\b{one_of('taking noch another further weitere betraegt betragen')}",
    rf"\b{one_of('liegt is are ist sind spaetestens laengstens')}",
    rf"\b{one_of('hoechstens maximal max maximum under unter less weniger laenger later at about around rund')}",
    rf"\b{one_of('naechsten kommenden next coming following wait warten need needs brauche brauchen braucht')}",
    r"\b(?:give|geben sie|gib|gebt) (?:us|me|uns|mir)",
    r"(?:zeit(?:en)?|time|frist|:|\()",
)
_BETWEEN = one_of(
    "spaetestens laengstens hoechstens maximal max max. maximum ca ca. circa etwa ungefaehr rund about around roughly "
    "approx approx. approximately up to bis zu at most no more less than als weniger der die den the your our us uns "
    "mir me naechsten naechster kommenden folgenden next following coming another weitere weiteren noch only nur just "
    "gut knapp in von of between zwischen a currently derzeit aktuell momentan zurzeit bei usually normally regel "
    "normalerweise meist typically generally voraussichtlich leider latest first ersten please bitte sich auch etwas "
    "mindestens within dafuer day tag und and innerhalb binnen time period zeitraum frame einem einer space"
)
_INTRODUCED = rf"{_MAKES_AN_END}\.?\s*(?:{_BETWEEN}\s+){{0,7}}$"
_UNDONE = (  # by what comes after it
    r"\s*"
    + either(
        one_of("ago old alt frueher earlier vorher zuvor before vor prior per pro taeglich every hotline trial money"),
        one_of("frist probezeit gueltig valid warranty"),
        r"am tag|die woche|lang geoeffnet",
        r"(?:rueckgabe|widerruf|garantie|return|aufbewahr|kuendigung)\w*",
    )
    + r"\b"
)

_ORDINALS = {
    **dict.fromkeys(("selben", "gleichen", "same", "heutigen", "current"), 0),
    **dict.fromkeys(("naechsten", "naechster", "naechste", "next", "ersten", "first", "folgenden", "folgender"), 1),
    **dict.fromkeys(("darauffolgenden", "nachfolgenden", "following", "kommenden", "kommender"), 1),
    **dict.fromkeys(("uebernaechsten", "uebernaechster", "uebernaechste", "zweiten", "zweite", "second"), 2),
    **dict.fromkeys(("dritten", "dritte", "third"), 3),
    **dict.fromkeys(("vierten", "fourth"), 4),
    **dict.fromkeys(("fuenften", "fifth"), 5),
}
_ORDINAL = (
    rf"\b(?P<which>{any_of(_ORDINALS)}|(?P<number>[1-9])(?:\.|st|nd|rd|th)) "
    r"(?:(?:arbeits|werk|geschaefts|bank|bankarbeits)tag(?:e?s)?|(?:business|working|work|banking|office)[ -]?day)\b"
)


def amounts(sentence: str, at: datetime) -> Iterator[Time]:
    """Yield the amounts of a folded sentence; of a range its later end, one month as 31 days."""
    for found in compiled(_AMOUNT).finditer(sentence):
        before = sentence[max(0, found.start() - _BEFORE_MAX) : found.start()]
        if compiled(_INTRODUCED).search(before) and not compiled(_UNDONE).match(sentence, found.end()):
            amount = _amount(found, at)
            if amount is not None:
                yield amount


def ordinals(sentence: str, at: datetime) -> Iterator[Time]:
    """Yield "on the next business day"; "the same" is this day or, where that is none, the next one."""
    for found in compiled(_ORDINAL).finditer(sentence):
        days = int(found["number"]) if found["number"] else _ORDINALS[found["which"]]
        by = at + (days + 0.5) * _WORKING_WEEK * DAY
        yield Time(start=found.start(), end=found.end(), by=by, business_days=days)


def _amount(found: re.Match[str], at: datetime) -> Time | None:
    """Return what was found as a time, None for nothing at all and for more than a year."""
    unit = found.lastgroup or ""
    words = found["last"]
    number = 1 if words == "the" else NUMBERS[words] if words in NUMBERS else float(words.replace(",", "."))
    start, end = found.span()
    if unit == "business_days":
        days = -int(-number // 1)  # half a business day ends with the day
        by = at + days * _WORKING_WEEK * DAY
        return Time(start=start, end=end, by=by, business_days=days) if 0 < days <= AMOUNT_MAX.days else None
    if unit == "business_time":
        length = timedelta(hours=number)
        by = at + number * _WORKING_DAYS * DAY
        return Time(start=start, end=end, by=by, business_time=length) if length else None
    length = number * MONTH if unit == "months" else timedelta(seconds=round(number * _SECONDS[unit]))
    return Time(start=start, end=end, by=at + length, within=length) if timedelta(0) < length <= AMOUNT_MAX else None
