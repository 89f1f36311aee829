"""Names of days in a sentence, German and English, with the part of the day beside them. Pure.

What a name means is for dates.py to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import NamedTuple, TypeAlias

from slawatch.promise import dates, parts
from slawatch.promise.dates import Days
from slawatch.promise.named import DAY, Time, compiled, either, has, one_of
from slawatch.promise.words import MONTHS, WEEKDAYS, any_of

_MONTH_FIRST = ("America/", "US/", "Pacific/Honolulu", "Pacific/Guam")  # zones where "3/4" is the fourth of March
_BEFORE_MAX = 40  # characters looked at for "before", "from" and "until"

WEEKDAY = any_of(name for name in WEEKDAYS if name.endswith(("day", "tag", "woch", "abend")))
SHORT_WEEKDAY = any_of(name for name in WEEKDAYS if not name.endswith(("day", "tag", "woch", "abend")))

_Meaning: TypeAlias = Callable[[re.Match[str], date, str], Days | None]
"""What is meant by a find, seen from a day, with the words before it in the sentence."""

_MONTH = any_of(MONTHS)
_YEAR = r"(?P<year>20\d\d)"
_NEXT = r"(?:naechste[nrsm]?|kommende[nrsm]?|folgende[nrsm]?|(?:the )?(?:next|coming|following))"
_AFTER_NEXT = r"uebernaechste[nrsm]?"
_THIS = r"(?:diese[nrsm]?|laufende[nrsm]?|this|(?:the )?current)"
_EDGE = (
    r"(?:(?P<early>anfang|(?:zu )?beginn|early|(?:the |at the )?(?:start|beginning) of)|(?P<mid>mitte|mid"
    r"|(?:in )?(?:the )?middle of)"
    r"|(?P<late>ende|ablauf|late|(?:the )?end of)|(?:im )?(?:ver)?laufe?|(?:in |over |during )?the course of|later"
    r"|within|innerhalb|binnen|noch)"
)
_OF = rf"(?:{one_of('in der the des of im zum zur')} ){{0,2}}"


def _edge(found: re.Match[str]) -> str:
    return next((name for name in ("early", "mid", "late") if found[name]), "")


def _weekday(found: re.Match[str], today: date, before: str) -> Days | None:
    number = WEEKDAYS[found["weekday"]]
    groups = found.groupdict()
    if has(rf"\b{_AFTER_NEXT}[, ]+$", before):
        weeks: int | None = 2
    elif groups["week_after"] or has(r"\b(?:next|naechste[nrm]?)[, ]+$", before):
        weeks = 1
    else:
        weeks = None
    this = has(r"\b(?:diese[nrm]?|this|heute|today)[, ]+$", before)
    return dates.weekday(number, today, weeks=weeks, this=this)


def _week(found: re.Match[str], today: date, _: str) -> Days:
    weeks = 2 if found["after_next"] else 1 if found["next"] or found["next_week"] else 0
    return dates.week(today, weeks=weeks, edge=_edge(found))


def _weekend(found: re.Match[str], today: date, before: str) -> Days:
    up_to = has(r"\b(?:bis|by|until|till)(?: zum| the)? $", before)
    return dates.weekend(today, following=bool(found["next"]), up_to=up_to)


def _month(found: re.Match[str], today: date, _: str) -> Days:
    groups = found.groupdict()
    if groups.get("named"):
        first = dates.named_month(MONTHS[found["named"]], int(found["year"]) if found["year"] else None, today)
        return dates.month(first, _edge(found))
    if groups.get("end"):
        return dates.month(dates.add_months(today, 0), "late")
    return dates.month(dates.add_months(today, 1 if found["next"] else 0), _edge(found))


def _year(found: re.Match[str], today: date, _: str) -> Days:
    if found["new"]:
        return Days(date(today.year + 1, 1, 1), date(today.year + 1, 1, 31))
    return dates.end_of(date(today.year + bool(found["next"]), 12, 31))


def _dated(found: re.Match[str], today: date, _: str) -> Days | None:
    number = MONTHS[found["name"]] if "name" in found.groupdict() else int(found["month"])
    return dates.dated(int(found["day"]), number, int(found["year"]) if found["year"] else None, today)


def _quarter(found: re.Match[str], today: date, _: str) -> Days:
    number, year = found["quarter"], found["year"]
    return dates.quarter(int(number) if number else None, int(year) if year else None, today)


def _slashed(found: re.Match[str], today: date, *, month_first: bool) -> Days | None:
    year = int(found["year"]) if found["year"] else None
    return dates.slashed((int(found["one"]), int(found["other"])), year, today, month_first=month_first)


_DIGITS = tuple("0123456789")
_MONTHS = tuple({name[:3] for name in MONTHS})
_SHORT_NAMES = tuple(f" {name}" for name in WEEKDAYS if not name.endswith(("day", "tag", "woch", "abend")))


class _Name(NamedTuple):
    """A way to name days. `hints` are words of which a sentence must hold one before it is worth a closer look."""

    hints: tuple[str, ...]
    source: str
    meaning: _Meaning


_DATE_FOLLOWS = (  # "Friday, 27 November" is one date, told by its number
    rf",? (?:de[nmr] |the )?(?:\d{{1,2}}(?:st|nd|rd|th|\.(?! ?\d\d ?uhr))|\d{{1,2}} (?:of )?{_MONTH}\b"
    rf"|{_MONTH}\.? (?:the )?\d)"
)
_SLASHED = (
    rf"(?:\b{one_of('by on until till before than for am bis zum den dem from ab latest vom since')} "
    r"(?:(?:the|dem|den) )?(?:\w+,? )?|(?=\d\d?/\d\d?/))(?<![\d/.,-])"
    r"(?P<one>\d{1,2})/(?P<other>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?(?![\d/]| ?(?:h|hrs?|hours?|stunden|std"
    r"|days?|tage)\b)"
)
_NAMES = (
    _Name(_DIGITS, rf"(?<![\d./-]){_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?![\d/-])", _dated),
    _Name(
        _DIGITS,
        (
            r"(?<![\d.,/-])(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\."
            r"(?:(?P<year>(?: ?20|)\d\d)(?![\d:.]| ?uhr))?(?![\d/-])"
        ),
        _dated,
    ),
    _Name(
        _DIGITS,
        r"\b(?:zum|am|bis|den|dem) (?P<day>\d{1,2})\.(?P<month>\d{2})(?P<year>)(?![\d.,:]| ?(?:uhr|eur|€|h\b))",
        _dated,
    ),
    _Name(
        _MONTHS,
        rf"(?<![\w./-])(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?(?: of)? ?(?P<name>{_MONTH})\b\.?(?:,? {_YEAR})?",
        _dated,
    ),
    _Name(
        _MONTHS,
        (
            rf"\b(?P<name>{_MONTH})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
            rf"(?!\d|[:.]\d| ?(?:uhr|am\b|pm\b|%|h\b|hours|days|tage|stunden))(?:,? {_YEAR})?"
        ),
        _dated,
    ),
    _Name(
        _DIGITS,
        (
            r"\b(?:zum|am|den|dem|the) (?P<day>\d{1,2})(?:\.|st\b|nd\b|rd\b|th\b)"
            rf"(?! ?(?:\d|werk|arbeits|geschaefts|bank|tag|quartal|stock|kw|kalender|etage|mal|business|working|floor"
            rf"|quarter|day|week|{_MONTH}\b))"
        ),
        lambda found, today, _: dates.of_month(int(found["day"]), today),
    ),
    _Name(
        ("day", "tag", "mittwoch", "sonnabend"),
        (
            rf"\b(?P<weekday>{WEEKDAY})(?!{_DATE_FOLLOWS})(?:\b|(?=vormittag|nachmittag|mittag|abend|morgen|frueh))"
            rf"(?P<week_after>,? (?:in einer woche|(?:(?:of|der|in|in der) )?{_NEXT} (?:week|woche)))?"
        ),
        _weekday,
    ),
    _Name(
        _SHORT_NAMES,
        (
            rf"\b{one_of('by on until till before cob eob eod than latest or to of early late next this')} "
            rf"(?P<weekday>{SHORT_WEEKDAY})\b\.?(?P<week_after> next week)?"
        ),
        _weekday,
    ),
    _Name(
        ("woche", "week"),
        (
            rf"\b(?:{_EDGE} {_OF}|(?={_NEXT} |{_AFTER_NEXT} |{_THIS} |folgewoche))(?:(?P<next>{_NEXT})"
            rf"|(?P<after_next>{_AFTER_NEXT})|{_THIS})? ?(?:(?P<next_week>folgewoche)|(?:arbeits|kalender)?woche"
            r"|(?:working |business )?week)\b"
        ),
        _week,
    ),
    _Name(("wochenende", "weekend"), rf"\b(?:(?P<next>{_NEXT}) |{_THIS} )?(?:wochenende|weekend)\b", _weekend),
    _Name(
        ("kw", "kalenderwoche", "calendar week"),
        r"\b(?:kw|kalenderwoche|calendar week) ?(?P<number>\d{1,2})\b",
        lambda found, today, _: dates.calendar_week(int(found["number"]), today),
    ),
    _Name(
        _MONTHS,
        (
            rf"\b(?:(?:{_EDGE}|{one_of('in im until till by bis before vor during')}) {_OF})(?P<named>{_MONTH})\b\.?"
            rf"(?: {_YEAR})?"
        ),
        _month,
    ),
    _Name(
        ("monat", "month"),
        rf"\b(?:{_EDGE} {_OF})?(?:(?P<next>{_NEXT}) |{_THIS} |(?<=des )|(?<=the ))(?:monats?|month)\b",
        _month,
    ),
    _Name(("monat", "month"), r"\b(?P<end>monatsende|month'?s? ?-?end)\b", _month),
    _Name(
        ("quart", "q1", "q2", "q3", "q4"),
        (
            r"\b(?:ende|end of|bis|by|laufe|in|im) (?:(?:des|the|this|zum|of) )?"
            rf"(?:(?:laufenden |current )?(?:quartals?(?:ende)?|quarter)|q(?P<quarter>[1-4])(?: {_YEAR})?)\b"
        ),
        _quarter,
    ),
    _Name(
        ("jahr", "year"),
        either(
            r"\b(?P<new>(?:anfang|zu beginn|early|beginning of|start of) (?:des |the |in the )?"
            r"(?:naechsten jahres|kommenden jahres|next year|new year|neuen jahres))\b",
            r"\b(?P<next>(?:naechstes|kommendes|naechsten|kommenden|next) (?:jahre?s?|year))\b",
            r"\bjahresende\b|\bende des jahres\b|\byear'?s? ?-?end\b|\bend of (?:the |this )?year\b",
            r"\b(?:in diesem|dieses|this) (?:jahre?s?|year)\b",
        ),
        _year,
    ),
    _Name(
        (
            "jahr",
            "year",
            "christmas",
            "xmas",
            "heilig",
            "weihnacht",
            "silvester",
            "fest",
            "oster",
            "easter",
            "pfing",
            "whit",
            "pente",
            "feier",
            "holiday",
        ),
        either(
            r"\bzwischen den jahren\b|\bbetween christmas and new year(?:'?s)?\b",
            r"\b(?P<christmas_eve>heiligabend|heilig abend|christmas eve)\b",
            r"\b(?P<new_years_eve>silvester|new year'?s eve)\b",
            r"\b(?P<christmas>weihnacht(?:en|sfest|sfeiertagen?)?|christmas(?: day)?|xmas|dem fest)\b",
            r"\b(?P<new_year>neujahr|(?:zum )?jahreswechsel|the new year|new year'?s?(?: day)?|turn of the year)\b",
            r"\b(?P<easter>oster(?:n|feiertagen?)|easter)\b|\b(?P<whitsun>pfingsten|whitsun|pentecost)\b",
            r"\b(?P<holidays>feiertagen?|the holidays|the holiday season|the festive (?:season|days))\b",
        ),
        lambda found, today, _: dates.feast(found.lastgroup or "new_years_eve", today),
    ),
    _Name(
        ("morg", "morrow", "tag", "day"),
        either(
            r"\b(?P<after>ueber|(?:the )?day after )?(?<!guten )(?<!am )(?<!jeden )(?<!heute )(?<!tag )(?<!och )"
            r"(?<!diesen )(?:morgen|tomorrow)\b",
            r"\bmorgigen? ?(?:tag(?:es)?)?\b",
            r"\b(?:am |des |the )?(?:naechsten|folgenden|darauffolgenden|next|following) (?:tag(?:es)?|day)\b",
        ),
        lambda found, today, _: dates.only(today + (2 if found["after"] else 1) * DAY),
    ),
    _Name(
        ("heut", "today", "tonight", "tag", "day", "this "),
        either(
            r"\b(?:heute|heutigen? ?(?:tag(?:es)?)?|today|tonight|this (?=morning|afternoon|evening))\b",
            r"\b(?:laufe?|verlauf|im) des tages\b|\bim tagesverlauf\b|\b(?:selben|gleichen) tag\b|\bsame[- ]day\b",
            r"\b(?:during|in|over|throughout|through) (?:the course of )?the day\b|\blater (?:on )?the same day\b",
        ),
        lambda _, today, __: dates.only(today),
    ),
)

_BEFORE = rf"\b(?:vor|before|prior to|ahead of) (?:{one_of('dem den der the')} |{WEEKDAY},? )*$"
_OPENS = (
    r"\b(?:ab|seit|since|from|starting|as of|beginning|after|nach|following|vom|dated|fruehestens|earlier than"
    r"|sooner than"
    r"|not until|schreiben von|(?:letter|mail|message|request|order|inquiry|enquiry|call|anfrage|nachricht) of) "
    rf"(?:{one_of('dem den der the zum am on ab etwa ca. about approximately einschliesslich')} |{WEEKDAY},? )*$"
)
_UNTIL = (
    r"\b(?:bis|until|till|through|til|by) "
    rf"(?:{one_of('zum zur einschliesslich einschl. inklusive inkl. and including mindestens at least the am')} "
    rf"|{WEEKDAY},? )*$|\bfrom .{{4,30}} (?:to|through|-) (?:{WEEKDAY},? )?$"
)


def days(sentence: str, at: datetime) -> Iterator[Time]:
    """Yield the days of a folded sentence that are not over, each with a part of it that stands beside it.

    Then parts of a day that stand alone: of this day or, where they are over, of the next.
    """
    taken: list[tuple[int, int]] = []
    for name in (*_NAMES, _Name(("/",), _SLASHED, _slashed_in(at))):
        if not any(hint in sentence for hint in name.hints):
            continue
        for found in compiled(name.source).finditer(sentence):
            start, end = found.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue  # part of a date
            meant = name.meaning(found, at.date(), sentence[:start])
            part, start, end = _with_part(sentence, start, end)
            taken.append((start, end))
            one = _time(sentence, start, end, meant, part, at) if meant is not None else None
            if one is not None and one.by >= at:
                yield one
    for found in parts.alone(sentence):
        if not any(found.start() < end and start < found.end() for start, end in taken):
            over = parts.last_instant(found)
            if over is not None:
                today = datetime.combine(at.date(), over, at.tzinfo)
                due = today if today > at else today + DAY
                yield Time(start=found.start(), end=found.end(), by=due, due=due)


def _slashed_in(at: datetime) -> _Meaning:
    month_first = str(at.tzinfo).startswith(_MONTH_FIRST)
    return lambda found, today, _: _slashed(found, today, month_first=month_first)


def _with_part(sentence: str, start: int, end: int) -> tuple[time | None, int, int]:
    """Return the end of the part of the day that stands beside a day, None for none, and where both lie."""
    if after := parts.after_a_day(sentence, end):
        return parts.last_instant(after), start, after.end()
    if before := parts.before_a_day(sentence, start):
        return parts.last_instant(before), before.start(), end
    return None, start, end


def _time(sentence: str, start: int, end: int, meant: Days, part: time | None, at: datetime) -> Time:
    ahead = sentence[max(0, start - _BEFORE_MAX) : start]
    last = meant.first - DAY if part is None and has(_BEFORE, ahead) else meant.last
    due = datetime.combine(last, part or parts.DAY_ENDS, at.tzinfo)
    if part == parts.BUSINESS_ENDS and due <= at and last == at.date():
        due = datetime.combine(last, parts.DAY_ENDS, at.tzinfo)  # "by close of business today", written in the evening
    return Time(start=start, end=end, by=due, due=due, opens=has(_OPENS, ahead), until=has(_UNTIL, ahead))
