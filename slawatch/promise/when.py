"""The times a sentence names, German and English: amounts ("within 24 h") and dates ("by Thursday noon").

Pure. It does not ask whether anybody promises anything; sentence.py does. Sentences come folded (reading.fold).

What is unclear is read in the company's favour, as the later of what it may mean: the end of a range, Sunday for "this
week", the last day of a month. "Early" is the first third and "mid" the second (of a week: up to Tuesday and up to
Wednesday). Without a number there is no amount: "a few days", "a couple of days", "soon" are no times.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from slawatch.promise.words import MONTHS, NUMBERS, WEEKDAYS, any_of

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONTH = timedelta(days=31)  # "within a month": the longest
AMOUNT_MAX = timedelta(days=366)
PAST_OR_FUTURE = timedelta(days=183)  # a date without a year is the nearer one: it may lie behind us
DAY_ENDS = time(23, 59, 59)
BUSINESS_ENDS = time(18)  # "close of business", where nobody says when that is

_SUNDAY = 6
_SATURDAY = 5
_FRIDAY = 4
_EARLY, _MID = 1, 2  # Tuesday, Wednesday
_THIRD = 10  # days of a month
_MONTH_FIRST = ("America/", "US/", "Pacific/Honolulu", "Pacific/Guam")  # zones where "3/4" is the fourth of March


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """One time named in a sentence, at [start, end) of it; exactly one of the four amounts and dates is set.

    `by` is about when that is, only for comparing. `opens` is True where it is no end but a beginning ("from Monday").
    `until` is True where the sentence says "until" of it.
    """

    start: int
    end: int
    by: datetime
    within: timedelta | None = None
    business_days: int | None = None
    business_time: timedelta | None = None
    due: datetime | None = None
    opens: bool = False
    until: bool = False


def times(sentence: str, at: datetime) -> list[Time]:
    """Return the times that a folded sentence names, in reading order. `at` is when it was written, in local time.

    Left out: dates and times that are over at `at`, opening hours, and amounts that nothing introduces as an end
    ("3 days ago", "24-hour hotline").
    """
    masked = _expression(_NO_END).sub(lambda found: "#" * len(found[0]), sentence)
    found = [*_amounts(masked, at), *_ordinals(masked, at), *_days(masked, at)]
    apart: list[Time] = []
    for one in sorted(found, key=lambda time_: (time_.start, -time_.end)):
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return apart


@cache
def _expression(source: str) -> re.Pattern[str]:
    """Compile on first use: all patterns together take longer than an idle pass may."""
    return re.compile(source)


# --- what looks like an end and is none: opening hours and habits ---

_WEEKDAY_SHORT = r"(?:mo|di|mi|do|fr|sa|so|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)"
_WEEKDAY_LONG = any_of(name for name in WEEKDAYS if len(name) > 5)  # noqa: PLR2004 - "monday" and longer
_NO_END = "|".join(
    (
        rf"\b(?:von )?(?:{_WEEKDAY_LONG}|{_WEEKDAY_SHORT}\b\.?)s? ?(?:-|bis|to|through|thru|until|till|and|und|&|/) ?"
        rf"(?:{_WEEKDAY_LONG}|{_WEEKDAY_SHORT}\b\.?)s?(?=[^a-z])(?=.{{0,30}}\d ?(?:\d|uhr|h\b|am\b|pm\b|a\.m|p\.m|-))",
        rf"\b(?:from |von )(?:{_WEEKDAY_LONG}|{_WEEKDAY_SHORT}\.?) (?:bis|to|through|until) (?:{_WEEKDAY_LONG}"
        rf"|{_WEEKDAY_SHORT})\b",
        rf"\b{_WEEKDAY_LONG}s\b",
        r"\b24 ?/ ?7\b",
        r"\b24[- ](?:stunden|hour|h|std)[- ]?(?:service|hotline|notdienst|support|shop|line|helpline|dienst)\w*",
        r"\brund um die uhr\b|\bround the clock\b",
        r"\bguten morgen\b|\bgood (?:morning|afternoon|evening|day)\b|\bguten (?:tag|abend)\b|\bschoenen (?:tag"
        r"|abend)\b",
        r"\b(?:have|enjoy) (?:a|the|your) \w+ (?:day|week|weekend|evening)\b|\bthese days\b|\bheutzutage\b"
        r"|\bein schoenes wochenende\b",
        r"\b(?:jeden|jede|jeder|every|each) \w+",
        r"\b(?:von|from|between|zwischen) \d{1,2}(?:[:.]\d\d)? ?(?:uhr|am|pm|a\.m\.|p\.m\.)? ?(?:-|bis|to|until"
        r"|till|and|und) ?"
        r"\d{1,2}(?:[:.]\d\d)? ?(?:uhr|am\b|pm\b|a\.m\.|p\.m\.|h\b)(?= (?:erreichbar|geoeffnet|fuer sie da"
        r"|available|open))",
    )
)

# --- amounts ---

_NUMBER = rf"(?:\d{{1,3}}(?:[.,]\d{{1,2}})?|{any_of(NUMBERS)})"
_HOURS_OPEN = r"(?:opening|office|business|service|working|support)[ -]?(?:hours?|times?)"
_ZEITEN = r"(?:geschaefts|oeffnungs|service|buero|sprech|arbeits|betriebs)zeit(?:en)?"
_UNITS = (
    ("business_time", (
        r"(?:stunden?|std\.?|hours?|hrs?|h) (?:of |waehrend |innerhalb |during |within |in "
        rf"|zu )(?:\w+ ){{0,3}}?(?:{_HOURS_OPEN}|{_ZEITEN})"
        rf"|{_HOURS_OPEN}|(?:arbeits|geschaefts|service|buero|betriebs|oeffnungs)stunden?"
    )),
    ("business_days", (
        r"(?:bank|banken)?(?:arbeits|werk|geschaefts|bank|buero|wochen|boersen)tag(?:e[sn]?|s)?|(?:business"
        r"|working|work|banking|office|bank|week)[ -]?days?'?"
    )),
    ("quarter_hours", r"viertelstunden?|quarters? of an hour"),
    ("minutes", r"minuten?|minutes?|mins?\.?"),
    ("hours", r"stunden?|std\.?|hours?'?|hrs?\.?|h"),
    ("days", r"(?:kalender)?tag(?:e[sn]?|s)?|(?:calendar )?days?'?"),
    ("fortnights", r"fortnights?"),
    ("weeks", r"wochen?|weeks?'?|wks?"),
    ("months", r"monat(?:e[sn]?|s)?|months?'?"),
)  # fmt: skip
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS)
_SECONDS = {
    "quarter_hours": 900,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "fortnights": 14 * 86400,
    "weeks": 7 * 86400,
}
_SHORT_UNIT = (
    r"(?:minuten?|minutes?|mins?|stunden?|std\.?|hours?|hrs?|h|tag(?:e[sn]?)?|days?|wochen?|weeks?|werktag(?:e[sn]?)?)"
)
_AMOUNT = (
    rf"(?<![\w.,/:-])(?:{_NUMBER}(?: ?{_SHORT_UNIT})?(?: ?\([^)]{{1,15}}\))? ?(?:-|/|bis(?: zu)?|to|or|oder|und|and"
    r"|bis maximal)"
    rf"(?: maximal| hoechstens| up to| spaetestens| at most)? ?)?"
    rf"(?P<last>{_NUMBER})(?:[ -]?\([^)]{{1,15}}\))?[ -]?(?:(?:volle|ganze|weitere|full|whole|more|further"
    r"|additional|normale|regulaere|aufeinanderfolgende)[nrs]? )?"
    rf"(?:{_UNIT})(?![\w/]|-(?!\s))"
)
_INTRODUCED = (
    r"(?:\b(?:innerhalb|binnen|in|within|inside|nach|after|bis|up|laufe|over|for|allow|give us|geben sie uns"
    r"|gib uns|dauer(?:t|n|te)?|takes?|taking"
    r"|noch|another|further|weitere|betraegt|betragen|liegt|is|are|ist|sind|spaetestens|laengstens|hoechstens"
    r"|maximal|max\.?|maximum"
    r"|under|unter|less|weniger|more|laenger|later|at|about|around|rund|naechsten|kommenden|next|coming|following"
    r"|wait|warten)"
    r"|zeit(?:en)?|times?|frist|:|\()\s*"
    r"(?:(?:spaetestens|laengstens|hoechstens|maximal|max\.?|ca\.?|circa|etwa|ungefaehr|rund|about|around"
    r"|approx(?:imately|\.)?|roughly|up|to|bis|zu"
    r"|at|most|no|more|less|than|als|weniger|der|die|den|the|your|our|us|uns|naechsten|naechster|kommenden"
    r"|folgenden|next|following|coming|another|weiteren?|noch"
    r"|only|nur|just|gut|knapp|in|von|of|between|zwischen|a|maximum|currently|derzeit|aktuell|momentan|zurzeit|bei"
    r"|usually|normally"
    r"|regel|normalerweise|meist|typically|generally|voraussichtlich|leider|latest|first|ersten|please|bitte"
    r"|roundabout|sich|auch|etwas|mindestens|within|the"
    r"|day|tag|und|and|innerhalb|binnen|time|period|zeitraum|frame|einem|einer|space)\s+){0,7}$"
)
_NO_AMOUNT_AFTER = (
    r"\s*(?:ago|old|alt|frueher|earlier|vorher|zuvor|before|vor|prior|per|pro|am tag|taeglich|die woche|every"
    r"|rueckgabe\w*|widerruf\w*"
    r"|hotline|garantie\w*|warranty|trial|return\w*|money|frist|probezeit|lang geoeffnet|aufbewahr\w*|gueltig"
    r"|valid|kuendigung\w*)\b"
)


def _amounts(sentence: str, at: datetime) -> Iterator[Time]:
    for found in _expression(_AMOUNT).finditer(sentence):
        if not _expression(_INTRODUCED).search(sentence[max(0, found.start() - 70) : found.start()]):
            continue
        if _expression(_NO_AMOUNT_AFTER).match(sentence, found.end()):
            continue
        amount = _amount(found, at)
        if amount is not None and at < amount.by <= at + 2 * AMOUNT_MAX:
            yield amount


def _amount(found: re.Match[str], at: datetime) -> Time | None:
    unit = found.lastgroup or ""
    number = _number(found["last"])
    if not 0 < number <= AMOUNT_MAX.days * 24:
        return None
    start, end = found.span()
    if unit == "business_days":
        days = max(1, round(number + 0.001))
        return Time(start=start, end=end, by=at + days * 1.4 * DAY, business_days=days)
    if unit == "business_time":
        return Time(start=start, end=end, by=at + number * DAY / 8, business_time=timedelta(hours=number))
    length = number * MONTH if unit == "months" else timedelta(seconds=round(number * _SECONDS[unit]))
    return Time(start=start, end=end, by=at + length, within=length) if length <= AMOUNT_MAX else None


def _number(words: str) -> float:
    return NUMBERS[words] if words in NUMBERS else float(words.replace(",", "."))


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
    rf"\b(?P<which>{any_of(_ORDINALS)}|(?P<number>\d)(?:\.|st|nd|rd|th)) "
    r"(?:(?:arbeits|werk|geschaefts|bank|bankarbeits)tag(?:e?s)?|(?:business|working|work|banking|office)[ -]?day)\b"
)


def _ordinals(sentence: str, at: datetime) -> Iterator[Time]:
    """Yield "on the next business day"; "the same" is the day's end or, on a day off, that of the next one."""
    for found in _expression(_ORDINAL).finditer(sentence):
        days = int(found["number"]) if found["number"] else _ORDINALS[found["which"]]
        yield Time(start=found.start(), end=found.end(), by=at + (days + 0.5) * 1.4 * DAY, business_days=days)


# --- parts of a day ---

_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))? ?(?:(?P<pm>p\.?m\b\.?)|(?P<am>a\.?m\b\.?)|uhr\b"
    r"|o'?clock\b|h\b)|(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?! ?(?:uhr|[ap]\.?m))"
)
_FROM_CLOCK = (
    r"(?:(?:zwischen |between |von |from )?[0-2]?\d(?:[:.][0-5]\d)? ?(?:uhr|[ap]\.?m\.?)? ?(?:-|und|and|bis|to) ?)?"
)
_BUSINESS_END = (
    r"cob|eob|close of (?:business|play|day)|end of (?:the )?(?:business|working|work|office"
    r"|trading)(?:[ -]?(?:day|hours))?|end of play|dienstschluss|geschaeftsschluss|feierabend|betriebsschluss"
    r"|buero(?:schluss)|schluss der geschaeftszeit"
)
_DAY_END = r"eod|end of (?:the )?day|tagesende|ende des tages|abends?|evening|night|midnight|mitternacht"
_NAMED_PARTS = (
    ("business_end", _BUSINESS_END, BUSINESS_ENDS),
    ("day_end", _DAY_END, DAY_ENDS),
    ("morning", r"vormittags?|mornings?|frueh|morgens?|noon|midday|mittags?", time(12)),
    ("lunch", r"lunch ?time|lunch|mittagszeit", time(13)),
    ("afternoon", r"nachmittags?|afternoon", BUSINESS_ENDS),
)  # fmt: skip
_PART = rf"(?:{_FROM_CLOCK}(?:{_CLOCK})|" + "|".join(rf"(?P<{name}>{words})\b" for name, words, _ in _NAMED_PARTS) + ")"
_LINK = (
    r"(?:(?:bis|um|gegen|by|at|before|vor|spaetestens|around|about|ca\.?|circa|zum|am|in|the|im|laufe|des|until"
    r"|till|no|later|than|latest|on|or|oder|noch|early|late|spaet|spaeter|first thing|zur|gleich|direkt)[ ]){0,4}"
)
_PART_AFTER = rf"[, ]{{0,2}}(?:\(|- )?{_LINK}{_PART}"
_PART_BEFORE = (
    rf"(?<![\w:.]){_PART}[, ]{{1,2}}(?:(?:on|of|am|des|der|the|at|by|bis|dem|den|this|next|local time|cet|est"
    rf"|gmt)[ ,]){{0,3}}$"
)
_PART_ALONE = (
    r"\b(?:by|until|till|before|bis|um|at|gegen|spaetestens|vor|latest|than|zum|laufe|im|the|this|course|of|am|in"
    r"|zu|nach|heutigen)[ ]"
    rf"(?:des |the |this |spaeten |fruehen |frueher |spaeter )?{_PART}"
    rf"|\b(?:eod|cob|eob)\b"
)


def _part(found: re.Match[str]) -> time | None:
    """Return the last instant of the part of a day that was found, None for a time no clock shows."""
    groups = found.groupdict()
    for name, _, until in _NAMED_PARTS:
        if groups.get(name):
            return until
    hour = int(groups.get("hour") or groups.get("hour24") or -1)
    minute = int(groups.get("minute") or groups.get("minute24") or 0)
    if hour < 0:
        return DAY_ENDS if "eod" in found[0] else BUSINESS_ENDS
    if groups.get("pm") and hour < 12:  # noqa: PLR2004 - hours of half a day
        hour += 12
    elif groups.get("am") and hour == 12:  # noqa: PLR2004 - 12 am is midnight
        hour = 0
    return time(hour, minute) if hour < 24 else DAY_ENDS if minute == 0 else None  # noqa: PLR2004 - hours of a day


# --- days ---


@dataclass(frozen=True, slots=True)
class _Days:
    """What a name of days means: from `first` to `last`, the end of which is meant; `first` is what "before" is before."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Around:
    """What the words before a name of days are, and whether the writer's country puts the month before the day."""

    before: str
    month_first: bool


def _one(day: date | None) -> _Days | None:
    return None if day is None else _Days(day, day)


def _end(day: date) -> _Days:
    """Return "the end of …": before it is still that day."""
    return _Days(day + DAY, day)


_MONTH = any_of(MONTHS)
_REL_NEXT = r"naechste[nrsm]?|kommende[nrsm]?|folgende[nrsm]?|next|the coming|coming|the following|following"
_REL_THIS = r"diese[nrsm]?|dieses|this|laufende[nrsm]?|the current|current|the"
_REL = rf"(?:(?P<next>{_REL_NEXT})|(?P<after_next>uebernaechste[nrsm]?|the week after next)|(?P<this>{_REL_THIS}))"
_REL_ALONE = (
    rf"(?:(?P<next_alone>{_REL_NEXT})|(?P<after_alone>uebernaechste[nrsm]?|the week after next)"
    rf"|(?:{_REL_THIS.removesuffix('|the')}))"
)
_EDGE = (
    r"(?:(?P<early>anfang|zu beginn|beginn|early(?: in)?|(?:the )?(?:start|beginning) of|at the start of)"
    r"|(?P<mid>mitte|mid(?:dle)?(?: of)?|in the middle of)"
    r"|(?P<late>ende|late(?: in)?|(?:the )?end of|auslaufende[nr]?)|(?P<course>(?:im )?(?:ver)?laufe?|(?:in |over "
    r"|during )?the course of|later|noch))"
)


def _today(_: re.Match[str], today: date, __: Around) -> _Days:
    return _Days(today, today)


def _tomorrow(found: re.Match[str], today: date, _: Around) -> _Days | None:
    return _one(today + (2 if found["after"] else 1) * DAY)


def _weekday(found: re.Match[str], today: date, _: Around) -> _Days | None:
    number = WEEKDAYS[found["weekday"]]
    monday = today - today.weekday() * DAY
    if found["after_next_before"] or found["week_after"]:
        return _one(monday + WEEK * (2 if found["after_next_before"] else 1) + number * DAY)
    if found["next_before"] and found["next_before"] in {"next", "naechsten", "naechster", "naechste", "naechstem"}:
        return _one(monday + WEEK + number * DAY)
    if found["today"]:
        return _one(today if today.weekday() == number else None)
    ahead = (number - today.weekday()) % 7
    if found["this_before"]:
        return _one(today + ahead * DAY)
    return _one(today + (ahead or 7) * DAY)


def _weeks(found: re.Match[str], today: date, _: Around) -> _Days:
    ahead = 1 if found["next"] or found["next_alone"] or found["next_too"] else 0
    if found["after_next"] or found["after_alone"]:
        ahead = 2
    monday = today - today.weekday() * DAY + ahead * WEEK
    if found["early"]:
        return _Days(monday, monday + _EARLY * DAY)
    if found["mid"]:
        return _Days(monday + DAY, monday + _MID * DAY)
    if found["late"]:
        return _end(monday + _SUNDAY * DAY)
    return _Days(monday, monday + _SUNDAY * DAY)


def _weekend(found: re.Match[str], today: date, around: Around) -> _Days:
    saturday = today + ((_SATURDAY - today.weekday()) % 7) * DAY
    if found["next"] and today.weekday() < _FRIDAY:
        saturday += WEEK
    if today.weekday() == _SUNDAY:
        saturday = today - DAY + (WEEK if found["next"] else timedelta(0))
    if re.search(r"\b(?:bis|by|until|till)(?: zum| the)? $", around.before):
        return _Days(saturday, saturday - DAY)
    return _Days(saturday, saturday + DAY)


def _calendar_week(found: re.Match[str], today: date, _: Around) -> _Days | None:
    for year in (today.year, today.year + 1):
        try:
            monday = date.fromisocalendar(year, int(found["kw"]), 1)
        except ValueError:
            continue
        if today - WEEK < monday <= today + PAST_OR_FUTURE:
            return _Days(monday, monday + _SUNDAY * DAY)
    return None


def _month(found: re.Match[str], today: date, _: Around) -> _Days | None:
    if found["month"]:
        first = _named_month(MONTHS[found["month"]], found["month_year"], today)
    else:
        ahead = 1 if found["month_next"] else 0
        first = _add_months(today.replace(day=1), ahead)
    if first is None:
        return None
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if found["early"]:
        return _Days(first, first.replace(day=_THIRD))
    if found["mid"]:
        return _Days(first.replace(day=_THIRD), first.replace(day=2 * _THIRD))
    return _end(last) if found["late"] or found["month_end"] else _Days(first, last)


def _named_month(number: int, year: str | None, today: date) -> date | None:
    if year:
        return date(int(year), number, 1)
    first = date(today.year + (number < today.month), number, 1)
    return first if first <= today + PAST_OR_FUTURE + MONTH else None


def _add_months(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _quarter(found: re.Match[str], today: date, _: Around) -> _Days | None:
    number = int(found["q"]) if found["q"] else (today.month - 1) // 3 + 1
    year = int(found["q_year"]) if found["q_year"] else today.year + (number < (today.month - 1) // 3 + 1)
    after = _add_months(date(year, 1, 1), number * 3)
    return _end(after - DAY)


def _year(found: re.Match[str], today: date, _: Around) -> _Days:
    if found["year_early"]:
        return _Days(date(today.year + 1, 1, 1), date(today.year + 1, 1, 31))
    if found["year_next"]:
        return _Days(date(today.year + 1, 1, 1), date(today.year + 1, 12, 31))
    return _end(date(today.year, 12, 31))


def _feast(found: re.Match[str], today: date, _: Around) -> _Days | None:
    """Return the day before the feast for what is due by or before it, and the day itself of the two that are eves."""
    for year in (today.year, today.year + 1):
        day = _feast_day(found.lastgroup or "", year)
        if day >= today:
            break
    else:
        return None
    if found.lastgroup in {"christmas_eve", "new_years_eve"}:
        return _one(day)
    if found.lastgroup == "between_years":
        return _Days(day - WEEK, day - DAY)
    if found.lastgroup == "feasts" and today.month < 11:  # noqa: PLR2004 - "the holidays" of November and December
        return None
    return _Days(day, day - DAY)


def _feast_day(name: str, year: int) -> date:
    if name in {"easter", "whitsun"}:
        return _easter(year) + (49 * DAY if name == "whitsun" else timedelta(0))
    if name == "between_years":
        return date(year + 1, 1, 1)
    return {
        "christmas_eve": date(year, 12, 24),
        "christmas": date(year, 12, 25),
        "feasts": date(year, 12, 25),
        "new_years_eve": date(year, 12, 31),
    }.get(name, date(year, 1, 1))


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Gauss, with the corrections of 1816)."""
    a, century, k = year % 19, year // 100, year % 100
    moon = (19 * a + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (k // 4) - moon - k % 4) % 7
    shift = (a + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _numeric(found: re.Match[str], today: date, _: Around) -> _Days | None:
    return _one(_dated(int(found["m"]), int(found["d"]), found["y"], today))


def _slashed(found: re.Match[str], today: date, around: Around) -> _Days | None:
    """Return "8/14" and "14/8" as they must be read, "3/4" as the company's zone reads it."""
    first, second = int(found["a"]), int(found["b"])
    month_first = second > 12 or (first <= 12 and around.month_first)  # noqa: PLR2004 - months
    return _one(_dated(*((first, second) if month_first else (second, first)), found["y"], today))


def _named(found: re.Match[str], today: date, _: Around) -> _Days | None:
    return _one(_dated(MONTHS[found["mon"]], int(found["d"]), found["y"], today))


def _of_month(found: re.Match[str], today: date, _: Around) -> _Days | None:
    day = int(found["d"])
    for ahead in (0, 1, 2):
        first = _add_months(today.replace(day=1), ahead)
        if day <= monthrange(first.year, first.month)[1] and first.replace(day=max(day, 1)) >= today:
            return _one(first.replace(day=day)) if day else None
    return None


def _dated(month: int, day: int, year: str | None, today: date) -> date | None:
    """Return the date; without a year the one nearer to today. None where there is no such day."""
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004 - "26" for 2026
        near = [date(y, month, day) for y in (today.year, today.year + 1) if not (month == 2 and day == 29) or _leap(y)]  # noqa: PLR2004 - 29 February
    except ValueError:
        return None
    coming = next((one for one in near if one >= today), None)
    return coming if coming is not None and coming - today <= PAST_OR_FUTURE else None


def _leap(year: int) -> bool:
    return monthrange(year, 2)[1] == 29  # noqa: PLR2004 - days


_Y = r"(?P<y>20\d\d)"
_PREP = (
    r"(?:by|on|until|till|before|than|for|am|bis|zum|den|dem|from|ab|to|latest|vor|vom|since|und|and|or|oder"
    r"|zwischen|between)"
)
_SHORT_DAY = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
_BEFORE_DAY = (
    rf"(?:(?P<next_before>{_REL_NEXT})|(?P<after_next_before>uebernaechste[nrsm]?)|(?P<this_before>diese[nrsm]?"
    rf"|this)|(?P<today>heute|today))[, ]{{1,2}}"
)

_DAYS: tuple[tuple[str, Callable[[re.Match[str], date, Around], _Days | None]], ...] = (
    (
        rf"(?:\b{_PREP} (?:(?:the|dem|den) )?(?:\w+,? )?"
        rf"|(?=\d\d?/\d\d?/))(?<![\d/.,-])(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})(?:/(?P<y>(?:20)?\d\d))?(?![\d/]| ?(?:h"
        r"|hrs?|hours?|stunden|std|days?|tage)\b)",
        _slashed,
    ),
    (rf"(?<![\d./-]){_Y}[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?![\d/-])", _numeric),
    (
        r"(?<![\d.,/-])(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\.(?: ?(?P<y>20\d\d)|(?P<yy>\d\d)(?![\d:.]| ?uhr))?(?![\d/-])",
        lambda found, today, _: _one(_dated(int(found["m"]), int(found["d"]), found["y"] or found["yy"], today)),
    ),
    (
        rf"\b(?:zum|am|bis|den|dem) (?P<d>\d{{1,2}})\.(?P<m>\d{{2}})(?P<y>)(?![\d.,:]| ?(?:uhr|eur|€|h\b))",
        lambda found, today, _: _one(_dated(int(found["m"]), int(found["d"]), None, today)),
    ),
    (
        rf"(?<![\w./-])(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?(?: of)? ?(?P<mon>{_MONTH})\b\.?(?:,? {_Y})?",
        _named,
    ),
    ((
        rf"\b(?P<mon>{_MONTH})\.? (?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d| ?(?:uhr|am\b|pm\b"
        rf"|%))(?:,? {_Y})?"
    ), _named),
    (
        rf"\b(?:zum|am|den|dem|the) (?P<d>\d{{1,2}})(?:\.|st\b|nd\b|rd\b|th\b)(?! ?(?:\d|werk|arbeits|geschaefts"
        r"|bank|tag|quartal|stock|kw|kalender"
        rf"|etage|mal|business|working|floor|quarter|day|week|{_MONTH}\b|of (?!the month|this month|next)))",
        _of_month,
    ),
    (
        rf"\b(?:(?:{_EDGE} (?:(?:in|der|the|des|of) ){{0,2}})(?:{_REL} )?|{_REL_ALONE} |(?=folgewoche))"
        r"(?:(?P<next_too>folgewoche)|(?:arbeits|kalender)?woche|(?:working |business )?week)\b",
        _weeks,
    ),
    (rf"\b(?:{_REL} )?(?:wochenende|weekend)\b", _weekend),
    (r"\b(?:kw|kalenderwoche|calendar week) ?(?P<kw>\d{1,2})\b", _calendar_week),
    (
        rf"\b(?:(?:{_EDGE} |(?:in|im|until|till|by|bis|before|vor|during) )(?:(?:in|des|of|der|the|im|zum"
        rf"|zur) ){{0,2}})?"
        rf"(?:(?P<month_end>monatsende|month'?s? ?-?end)|(?:(?P<month_next>{_REL_NEXT})|{_REL_THIS}|des) (?:monats?"
        r"|month)\b"
        rf"|(?<=[a-z] )(?P<month>{_MONTH})\b\.?(?: (?P<month_year>20\d\d))?)",
        _month,
    ),
    ((
        r"\b(?:(?:ende|end of|bis|by|im laufe|laufe|in|im) (?:(?:des|the|this|zum|of) )?)(?:(?:laufenden |current "
        r"|naechsten )?(?:quartals?(?:ende)?|quarter)|q(?P<q>[1-4])(?: (?P<q_year>20\d\d))?)\b"
    ), _quarter),
    (
        r"\b(?:(?P<year_early>(?:anfang|zu beginn|early|beginning of|the start of|start of) (?:des "
        r"|the )?(?:naechsten jahres|kommenden jahres|next year|new year|neuen jahres|2\d\d\d))"
        r"|(?P<year_next>(?:naechstes|kommendes|naechsten|kommenden|next) (?:jahre?s?|year))|jahresende"
        r"|ende des jahres|year'?s? ?-?end|end of (?:the |this )?year"
        r"|(?:in diesem|dieses|this) (?:jahre?s?|year))\b",
        _year,
    ),
    (
        r"\b(?:(?P<between_years>zwischen den jahren|between christmas and new year(?:'?s)?)"
        r"|(?P<christmas_eve>heiligabend|heilig abend|christmas eve)"
        r"|(?P<christmas>weihnacht(?:en|sfest|sfeiertage[n]?)?(?: \d{4})?|christmas(?: day)?|xmas|fest\b)"
        r"|(?P<new_years_eve>silvester|new year'?s eve)"
        r"|(?P<new_year>neujahr|jahreswechsel|the new year|new year'?s?(?: day)?|turn of the year)"
        r"|(?P<easter>ostern|easter|osterfeiertage[n]?)"
        r"|(?P<whitsun>pfingsten|whitsun|pentecost)|(?P<feasts>feiertage[n]?|the holidays|the festive (?:season"
        r"|days)|the holiday season))\b",
        _feast,
    ),
    (
        rf"\b(?:{_BEFORE_DAY})?(?:(?<=\w )|\b)(?P<weekday>{_WEEKDAY_LONG})(?:\b|(?=vormittag|nachmittag|mittag"
        r"|abend|morgen|frueh))"
        r"(?P<week_after>,? (?:in (?:einer|der (?:naechsten|kommenden)) woche|(?:of |der |in )?(?:next"
        r"|naechste[rn]?|kommende[rn]?) (?:week|woche)))?"
        rf"(?:,? (?:de[nmr]|the)? ?(?=\d|{_MONTH} \d))?",
        _weekday,
    ),
    (
        rf"\b(?:{_BEFORE_DAY}|(?:by|on|until|till|before|cob|eob|eod|than|latest|or|to|end of|early"
        rf"|late) )(?P<weekday>{_SHORT_DAY})\b\.?(?P<week_after> next week)?(?:,? (?=\d|{_MONTH} \d))?",
        _weekday,
    ),
    ((
        r"\b(?P<after>ueber(?=morgen)|(?:the )?day after (?=tomorrow))?"
        r"(?:(?<!guten )(?<!am )(?<!jeden )(?<!heute )(?<!tag )(?<!och )(?<!diesen )morgen\b|tomorrow\b"
        r"|morgigen? ?(?:tag(?:es)?)?\b|(?:am |des |the )(?:naechsten|folgenden|darauffolgenden|next|following) tag(?:es)?\b"
        r"|(?:the )?(?:next|following) day\b)"
    ), _tomorrow),
    (
        r"\b(?:heute|heutigen? ?(?:tag(?:es)?)?|today|tonight|this (?=morning|afternoon|evening)|(?:lauf|laufe"
        r"|verlauf|im) des tages|im tagesverlauf|(?:during|in|over|throughout|through) (?:the course of )?the day"
        r"|(?:later|on) the same day|am selben tag|same[- ]day|noch am gleichen tag)\b",
        _today,
    ),
)  # fmt: skip

_OPENS = (
    r"\b(?:ab|seit|since|from|starting|as of|beginning|after|nach|following|vom|dated|fruehestens|earlier than"
    r"|sooner than|not until"
    r"|(?:letter|mail|message|request|order|inquiry|enquiry|call|anfrage|nachricht) of|schreiben von)[ ](?:(?:dem"
    r"|den|der|the|zum|am|on|ab|etwa|ca\.?|about|approximately|einschliesslich)[ ])*$"
)
_BEFORE = r"\b(?:vor|before|prior to|ahead of)[ ](?:(?:dem|den|der|the)[ ])*$"
_UNTIL = (
    r"\b(?:bis|until|till|through|til|by)[ ](?:(?:zum|zur|einschliesslich|einschl\.?|inklusive|inkl\.?"
    r"|and including|mindestens|at least|the|ende|including|voraussichtlich|am)[ ])*$"
)


def _days(sentence: str, at: datetime) -> Iterator[Time]:
    """Yield the days named, with the part of the day beside them; then parts of a day that stand alone."""
    taken: list[tuple[int, int]] = []
    month_first = str(at.tzinfo).startswith(_MONTH_FIRST)
    for source, meaning in _DAYS:
        for found in _expression(source).finditer(sentence):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            days = meaning(found, at.date(), Around(sentence[: found.start()], month_first))
            if days is None:
                taken.append(found.span())  # a past date stays one: its parts are no dates of their own
                continue
            one = _day(sentence, found, days, at)
            taken.append((one.start, one.end))
            if one.by >= at:
                yield one
    for found in _expression(_PART_ALONE).finditer(sentence):
        if not any(found.start() < end and start < found.end() for start, end in taken):
            part = _part(found)
            if part is not None:
                today = datetime.combine(at.date(), part, at.tzinfo)
                due = today if today > at else today + DAY
                yield Time(start=found.start(), end=found.end(), by=due, due=due)


def _day(sentence: str, found: re.Match[str], days: _Days, at: datetime) -> Time:
    start, end = found.span()
    part = None
    after = _expression(_PART_AFTER).match(sentence, end)
    before = _expression(_PART_BEFORE).search(sentence, max(0, start - 60), start)
    if after and not sentence[end : after.start() + 1].isdigit():
        part, end = _part(after), after.end()
    elif before:
        part, start = _part(before), before.start()
    ahead = sentence[max(0, start - 40) : start]
    last = days.last
    if part is None and _expression(_BEFORE).search(ahead):
        last = days.first - DAY
    due = datetime.combine(last, part or DAY_ENDS, at.tzinfo)
    if part == BUSINESS_ENDS and last == at.date() and due <= at:
        due = datetime.combine(last, DAY_ENDS, at.tzinfo)  # "by close of business today", written in the evening
    return Time(
        start=start,
        end=end,
        by=due,
        due=due,
        opens=bool(_expression(_OPENS).search(ahead)),
        until=bool(_expression(_UNTIL).search(ahead)),
    )
